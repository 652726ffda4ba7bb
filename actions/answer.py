"""The one action that answers questions from knowledge/, and its follow-up."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import (
    circumstances,
    latest_intent,
    latest_text,
    named_product,
    previous_action,
    say,
    topic_buttons,
)
from xieshang.knowledge import current_knowledge, product_name

# "那借呗呢", "换成花呗的话", "借呗也一样吗": nothing is said but another product.
_ONLY_A_PRODUCT = re.compile(
    r"(?:那么?|如果|要是|换成?|换做|若是|我?问的?是|说的是|是|至于|再说|还有)*"
    r"(?:(?:蚂蚁)?(?:花呗|借呗)(?:和|跟|与)?)+"
    r"(?:呢|的话|的呢|的|怎么样|又怎么样|怎么办|咋样|又?咋说|又?咋办|又?咋整|也是|也一样|一样|吗|么|嘛|那边|这边|又|啊|呀|这样)*"
)


def is_product_follow_up(text: str) -> bool:
    """Whether a sentence only names another product for the same question."""
    return bool(_ONLY_A_PRODUCT.fullmatch(re.sub(r"[\s，。？！,.?!]", "", text)))


class ActionAnswer(Action):
    """Answers the intent of the last message with its entry."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_answer"

    def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> list[dict[str, Any]]:
        """Say the entry; remember product and topic."""
        knowledge = current_knowledge()
        known = circumstances(tracker)
        topic = latest_intent(tracker)
        last_topic = tracker.get_slot("last_topic")
        follows_up = named_product(tracker) and is_product_follow_up(
            latest_text(tracker)
        )
        if follows_up and last_topic in knowledge.entries:
            topic = last_topic
        entry = knowledge.entries[topic]
        messages = knowledge.answer(topic, known)
        if follows_up and topic == last_topic and not entry.depends_on_product:
            messages[0] = (
                knowledge.phrase(
                    "same_for_product", product=product_name(known.product)
                )
                + messages[0]
            )
        say(dispatcher, messages, topic_buttons(knowledge, entry.next))
        remembered = entry.intent if entry.offer else last_topic
        return [SlotSet("product", known.product), SlotSet("last_topic", remembered)]


class ActionOfferTopics(Action):
    """Offers the likeliest topics when a message was not understood."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_offer_topics"

    def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> list[dict[str, Any]]:
        """Ask which topic is meant; the second time name a person to ask as well."""
        knowledge = current_knowledge()
        if is_product_follow_up(latest_text(tracker)) and tracker.get_slot(
            "last_topic"
        ):
            return ActionAnswer().run(dispatcher, tracker, domain)
        ranking = tracker.latest_message.get("intent_ranking") or ()
        likely = [
            ranked["name"]
            for ranked in ranking
            if ranked["name"] in knowledge.entries
            and knowledge.entries[ranked["name"]].offer
        ][:3]
        again = previous_action(tracker) == self.name()
        phrase = "not_understood_again" if again else "not_understood"
        offered = [*likely, "request_handoff"]
        say(
            dispatcher,
            [knowledge.phrase(phrase)],
            topic_buttons(knowledge, list(dict.fromkeys(offered))),
        )
        return []

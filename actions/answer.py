"""The one action that answers questions from knowledge/, and its follow-up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.cases import draft_of, heard
from actions.conversation import (
    circumstances,
    is_nod_after_crisis,
    latest_intent,
    latest_text,
    named_product,
    previous_intent,
    question_of,
    say,
    topic_buttons,
)
from actions.desk import attend
from actions.returning import welcome_back
from xieshang.case.steering import goes_on
from xieshang.knowledge import Entry, Knowledge, current_knowledge, product_name
from xieshang.language.normalize import normalizer

NOT_UNDERSTOOD = ("nlu_fallback", "out_of_scope_other")

# "那借呗呢", "换成花呗的话", "借呗也一样吗": nothing is said but another product.
_ONLY_A_PRODUCT = re.compile(
    r"(?:我|那么?|如果|要是|换成?|换做|若是|我?问的?是|说的是|是|至于|再说|还有)*"
    r"(?:(?:蚂蚁)?(?:花呗|借呗|信用购|信用贷)(?:和|跟|与)?)+"
    r"(?:呢|的话|的呢|的|怎么样|又怎么样|怎么办|咋样|又?咋说|又?咋办|又?咋整|也是|也一样|一样|吗|么|嘛|那边|这边|又|啊|呀|哈|哦|喔|这样)*"
)


def is_product_follow_up(text: str, lenders: Iterable[str] = ()) -> bool:
    """Whether a sentence only names another product or lender for the same question.

    Args:
        text: what the person wrote.
        lenders: patterns of the names of other lenders.
    """
    bare = re.sub(r"\W", "", normalizer().normalize(text))
    for pattern in lenders:
        bare = re.sub(pattern, "花呗", bare)
    return bool(_ONLY_A_PRODUCT.fullmatch(bare))


def follow_up_topic(tracker: Tracker, knowledge: Knowledge) -> str | None:
    """The topic to answer again because the message only names another product."""
    last_topic = tracker.get_slot("last_topic")
    if last_topic in knowledge.entries and _names_only_a_product(tracker, knowledge):
        return str(last_topic)
    return None


def _names_only_a_product(tracker: Tracker, knowledge: Knowledge) -> bool:
    lenders = knowledge.tables["lenders"].values()
    return is_product_follow_up(latest_text(tracker), lenders)


def _is_unclear_again(tracker: Tracker, knowledge: Knowledge) -> bool:
    return (
        latest_intent(tracker) in NOT_UNDERSTOOD
        and previous_intent(tracker) in NOT_UNDERSTOOD
        and not _names_only_a_product(tracker, knowledge)
    )


def _lender_note(knowledge: Knowledge, said: str, answer: Sequence[str]) -> list[str]:
    """What to add when another lender is named and the answer does not speak of it."""
    return [
        knowledge.phrase("other_lender", lender=lender)
        for lender, pattern in knowledge.tables["lenders"].items()
        if re.search(pattern, said) and not re.search(pattern, "".join(answer))
    ][:1]


@dataclass(frozen=True)
class Answer:
    """What the knowledge answers to a message.

    Attributes:
        messages: what is said, in order.
        entry: where it is written.
        product: what the question is about.
    """

    messages: list[str]
    entry: Entry
    product: str | None


def answer_to(tracker: Tracker, knowledge: Knowledge) -> Answer:
    """The written answer to the last message.

    Args:
        tracker: the conversation.
        knowledge: the written answers.
    """
    known = circumstances(tracker)
    repeated = follow_up_topic(tracker, knowledge)
    if repeated:
        known = replace(known, said=question_of(tracker, repeated))
    # A product alone that was not understood is a fact about the person.
    asked = repeated or latest_intent(tracker)
    entry = knowledge.entries.get(asked) or knowledge.entries["inform"]
    messages = knowledge.answer(entry.intent, known)
    if repeated and named_product(tracker) and not entry.depends_on_product:
        product = product_name(known.product)
        messages[0] = (
            knowledge.phrase("same_for_product", product=product) + messages[0]
        )
    if entry.sources:
        messages += _lender_note(knowledge, latest_text(tracker), messages)
    return Answer(messages, entry, known.product)


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
        """Say the entry, or what the person's case answers; remember the topic."""
        knowledge = current_knowledge()
        if is_nod_after_crisis(tracker) and not goes_on(heard(tracker)):
            say(dispatcher, [knowledge.phrase("still_here")])
            return []
        attended = attend(dispatcher, tracker, knowledge)
        if attended is not None:
            return attended
        if _is_unclear_again(tracker, knowledge):
            return ActionOfferTopics().run(dispatcher, tracker, domain)
        answer = answer_to(tracker, knowledge)
        entry = answer.entry
        say(dispatcher, answer.messages, topic_buttons(knowledge, entry.next))
        remembered = entry.intent if entry.offer else tracker.get_slot("last_topic")
        events = [SlotSet("last_topic", remembered)]
        if not draft_of(tracker).consent:
            # Later the product is one of the values of the case.
            events.append(SlotSet("product", answer.product))
        return [*events, *welcome_back(dispatcher, tracker, knowledge)]


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
        if is_nod_after_crisis(tracker) and not goes_on(heard(tracker)):
            say(dispatcher, [knowledge.phrase("still_here")])
            return []
        attended = attend(dispatcher, tracker, knowledge)
        if attended is not None:
            return attended
        if _names_only_a_product(tracker, knowledge):
            return ActionAnswer().run(dispatcher, tracker, domain)
        ranking = tracker.latest_message.get("intent_ranking") or ()
        likely = [
            ranked["name"]
            for ranked in ranking
            if ranked["name"] in knowledge.entries
            and knowledge.entries[ranked["name"]].offer
        ][:3]
        again = previous_intent(tracker) in NOT_UNDERSTOOD
        phrase = "not_understood_again" if again else "not_understood"
        offered = [*likely, "request_handoff"]
        say(
            dispatcher,
            [knowledge.phrase(phrase)],
            topic_buttons(knowledge, list(dict.fromkeys(offered))),
        )
        return []

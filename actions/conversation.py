"""What the actions read from a conversation, and how they say something."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from xieshang.knowledge import Circumstances, Knowledge
from xieshang.language.normalize import normalizer

PRODUCTS = ("huabei", "jiebei")
CARE = "self_harm_risk"
# Messages that say nothing new: after a crisis they are met with care, not with topics.
NODS = frozenset(
    {"affirm", "deny", "thank", "goodbye", "greet", "stop", "skip", "nlu_fallback"}
)
BETWEEN_TURNS = ("action_listen", "action_extract_slots", "action_session_start")


def latest_text(tracker: Tracker) -> str:
    """What the person wrote last; the payload when a button was pressed."""
    return str(tracker.latest_message.get("text") or "")


def latest_intent(tracker: Tracker) -> str:
    """The intent of the last message."""
    return str(tracker.latest_message.get("intent", {}).get("name") or "")


def _values(entities: Iterable[dict[str, Any]], name: str) -> list[str]:
    return [str(found["value"]) for found in entities if found["entity"] == name]


def latest_values(tracker: Tracker, entity: str) -> list[str]:
    """The values of an entity in the last message, in order."""
    return _values(tracker.latest_message.get("entities") or (), entity)


def named_product(tracker: Tracker) -> str | None:
    """The product that the last message names: huabei, jiebei, both or None."""
    named = set(latest_values(tracker, "product"))
    if named >= set(PRODUCTS):
        return "both"
    return named.pop() if named else None


def _user_turns(tracker: Tracker) -> list[dict[str, Any]]:
    """The person's messages, the last one first."""
    return [event for event in reversed(tracker.events) if event.get("event") == "user"]


def _named_hardship(tracker: Tracker) -> str | None:
    """The hardship that the latest message to name one named first.

    Looked up among the messages instead of kept in a slot: before consent only the
    product is remembered. A vague one does not replace a plain one.
    """
    named = [
        value
        for event in _user_turns(tracker)
        for value in _values(
            event.get("parse_data", {}).get("entities") or (), "hardship"
        )
    ]
    plain = [value for value in named if value != "other"]
    return next(iter(plain or named), None)


def question_of(tracker: Tracker, intent: str) -> str:
    """The sentence that asked a question last; empty when it was a button."""
    for event in _user_turns(tracker):
        if event.get("parse_data", {}).get("intent", {}).get("name") == intent:
            return normalizer().normalize(str(event.get("text") or ""))
    return ""


def previous_intent(tracker: Tracker) -> str | None:
    """The intent of the message before the last one."""
    turns = _user_turns(tracker)[1:2]
    return next(
        (turn.get("parse_data", {}).get("intent", {}).get("name") for turn in turns),
        None,
    )


def previous_action(tracker: Tracker) -> str | None:
    """The action that answered the turn before this one."""
    names = [
        event["name"]
        for event in tracker.events
        if event.get("event") == "action" and event["name"] not in BETWEEN_TURNS
    ]
    return names[-1] if names else None


def circumstances(tracker: Tracker) -> Circumstances:
    """What is known about the person at this turn."""
    channels = latest_values(tracker, "contact_channel")
    return Circumstances(
        said=normalizer().normalize(latest_text(tracker)),
        product=named_product(tracker) or tracker.get_slot("product"),
        hardship=_named_hardship(tracker),
        contact_channel=channels[0] if len(set(channels)) == 1 else None,
    )


def is_nod_after_crisis(tracker: Tracker) -> bool:
    """Whether nothing but nods was said since the person was in danger."""
    intents = [
        event.get("parse_data", {}).get("intent", {}).get("name")
        for event in _user_turns(tracker)
    ]
    since = next((n for n, intent in enumerate(intents) if intent == CARE), 0)
    return since > 0 and NODS.issuperset(intents[:since])


def topic_buttons(knowledge: Knowledge, intents: Sequence[str]) -> list[dict[str, str]]:
    """Buttons that ask the questions of these intents."""
    return [
        {"title": knowledge.entries[intent].title, "payload": f"/{intent}"}
        for intent in intents
    ]


def say(
    dispatcher: CollectingDispatcher,
    messages: Sequence[str],
    buttons: Sequence[dict[str, str]] = (),
    custom: dict[str, Any] | None = None,
) -> None:
    """Say messages in order; buttons stand under the last one.

    Args:
        dispatcher: takes the messages.
        messages: what every channel shows.
        buttons: of the last message.
        custom: what the web shows with the last message; its text says the same.
    """
    for message in messages[:-1]:
        dispatcher.utter_message(text=message)
    dispatcher.utter_message(
        text=messages[-1], buttons=list(buttons) or None, json_message=custom
    )

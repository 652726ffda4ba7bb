"""The store of cases, and a conversation's registration, as the actions use them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import say
from xieshang.case.contacts import ContactEntry
from xieshang.case.draft import Draft
from xieshang.case.heard import STATEMENTS, Heard
from xieshang.case.record import Case
from xieshang.case.voice import Reply, Voice
from xieshang.clock import now, today
from xieshang.documents.chat import chat_section
from xieshang.documents.content import action_plan
from xieshang.knowledge import Knowledge
from xieshang.language.entities import Entity
from xieshang.settings import read_settings
from xieshang.storage import current_store
from xieshang.storage.cases import StoredCase
from xieshang.storage.tables import SESSION_CONTINUES

FORM = "case_form"
RECENT_MESSAGES = 20
# Offered after the plan; each is a section of xieshang.documents.
OFFERED_SECTIONS = ("script", "comparison", "proofs", "agreement")
# The phrase that says what a document is, and its file.
LINKS = (
    ("done_page", "plan.html"),
    ("done_statement", "statement.docx"),
    ("done_calendar", "reminders.ics"),
    ("done_export", "data.json"),
)


def draft_of(tracker: Tracker) -> Draft:
    """The registration as the slots hold it."""
    return Draft.from_slots(tracker.slots)


def changed_slots(tracker: Tracker, draft: Draft) -> list[dict[str, Any]]:
    """The slots that a draft changes."""
    return [
        SlotSet(name, value)
        for name, value in draft.to_slots().items()
        if tracker.slots.get(name) != value
    ]


def _user_events(tracker: Tracker) -> list[dict[str, Any]]:
    return [event for event in tracker.events if event.get("event") == "user"]


def _heard(event: dict[str, Any]) -> Heard:
    """A message as the case reads it."""
    written = str(event.get("text") or "")
    parsed = event.get("parse_data") or {}
    return Heard(
        # The places of the entities count the characters of this spelling.
        text=str(parsed.get("text") or written),
        written=written,
        intent=str((parsed.get("intent") or {}).get("name") or ""),
        entities=tuple(
            Entity(
                found["entity"],
                found["start"],
                found["end"],
                found["value"],
                found.get("role"),
                bool(found.get("approx")),
            )
            for found in parsed.get("entities") or ()
            if "start" in found
        ),
        today=today(),
        masked=bool((event.get("metadata") or {}).get("sensitive")),
    )


def heard(tracker: Tracker) -> Heard:
    """The last message as the case reads it."""
    return _heard(_user_events(tracker)[-1])


def recent_messages(tracker: Tracker) -> list[Heard]:
    """The messages of this talk before the last one, oldest first."""
    return [_heard(event) for event in _user_events(tracker)[:-1][-RECENT_MESSAGES:]]


def stated_before(tracker: Tracker) -> list[Heard]:
    """What was stated in this talk before the last message, oldest first."""
    return [told for told in recent_messages(tracker) if told.intent in STATEMENTS]


def is_first_turn(tracker: Tracker) -> bool:
    """Whether the last message opened a session: an earlier one is over."""
    said = 0
    # The turn that opens a session still carries the events of the one before.
    for event in reversed(tracker.events):
        if event.get("event") == "session_started" and not _continues(event):
            break
        said += event.get("event") == "user"
    return said == 1


def _continues(started: dict[str, Any]) -> bool:
    """Whether a session began in the middle of a talk."""
    return bool((started.get("metadata") or {}).get(SESSION_CONTINUES))


def say_replies(dispatcher: CollectingDispatcher, replies: Sequence[Reply]) -> None:
    """Say replies; a button sends its title."""
    for reply in replies:
        custom = None
        if reply.progress:
            rank, count = reply.progress
            custom = {"type": "progress", "rank": rank, "count": count}
        say(dispatcher, [reply.text], text_buttons(reply.buttons), custom)


def text_buttons(titles: Sequence[str]) -> list[dict[str, str]]:
    """Buttons that say their title."""
    return [{"title": title, "payload": title} for title in titles]


def confirm_case(conversation_id: str, case: Case) -> StoredCase:
    """Keep a confirmed case; the same values again make no new version.

    Args:
        conversation_id: whose it is.
        case: the values.
    """
    store = current_store()
    latest = store.latest(conversation_id)
    version = 1
    if latest:
        version = latest.version if latest.case == case else latest.version + 1
    return store.confirm(conversation_id, version, case, now())


def section_messages(
    case: Case,
    section: str,
    knowledge: Knowledge,
    contacts: Sequence[ContactEntry] = (),
) -> list[str]:
    """A section of the plan for the chat."""
    return chat_section(action_plan(case, today(), knowledge, contacts), section)


def urgent_messages(case: Case, knowledge: Knowledge) -> list[str]:
    """What comes before any offer: a hearing, a debt past its time.

    That nothing is left to pay with is not among them: the offer says that.
    """
    rest = case.with_values(monthly_income=None)
    return list(action_plan(rest, today(), knowledge).urgent)


def file_url(token: str, name: str) -> str:
    """The address of a document."""
    return f"{read_settings().public_url}/files/{token}/{name}"


def hand_over(
    dispatcher: CollectingDispatcher,
    conversation_id: str,
    case: Case,
    knowledge: Knowledge,
) -> None:
    """Say the offer, where the documents are, and which sections can be read here.

    Args:
        dispatcher: takes the messages.
        conversation_id: whose case it is; it is stored.
        case: the confirmed values.
        knowledge: the written texts.
    """
    voice = Voice(knowledge)
    days = read_settings().link_days
    token = current_store().issue_link(conversation_id, now(), days)
    links = "\n".join(
        voice.phrase(phrase, url=file_url(token, name)) for phrase, name in LINKS
    )
    done = voice.phrase("done", days=days)
    # The web shows a card instead of the links, with the picture of the plans.
    card = {
        "type": "documents",
        "text": done,
        "items": [
            {
                "title": voice.phrase(phrase, url="").rstrip("：:"),
                "url": file_url(token, name),
                "name": name,
            }
            for phrase, name in LINKS
        ],
        "image": file_url(token, "plans.png"),
    }
    titles = [
        knowledge.tables["documents"]["sections"][key] for key in OFFERED_SECTIONS
    ]
    say(dispatcher, voice.first_offer(case))
    say(dispatcher, [f"{done}\n{links}"], custom=card)
    is_sharp = case.priority_payments is not None and case.other_debts
    more = [] if is_sharp else [voice.phrase("sharper")]
    say(dispatcher, [*more, voice.phrase("next")], text_buttons(titles))

"""The plan of a confirmed case in the chat, section by section."""

from __future__ import annotations

import re

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.cases import draft_of, section_messages, text_buttons
from actions.conversation import say
from actions.reminders import plan_reminders, reminder_choice
from xieshang.case.heard import Heard
from xieshang.case.voice import Voice
from xieshang.knowledge import Knowledge
from xieshang.storage import current_store

LOG = "contact_log"
REMINDERS = "reminders"
# Questions that the plan of a confirmed case answers.
SECTION_OF = {
    "ask_what_to_say": "script",
    "what_proof": "proofs",
    "ask_agreement": "agreement",
    "ask_refused": "refused",
    "set_reminder": REMINDERS,
}
# Asked for in words that other questions share.
_BY_WORDS = {
    LOG: re.compile("(?:沟通|联系|通话)的?记录"),
    "budget": re.compile(
        r"(?:能|该|应该|最多|可以)(?:还|报|出|给)(?:他们|客服|对方)?多少(?!期|年|次|天)"
        r"|报多少|还多少(?:合适|才)"
    ),
}


def pressed_section(message: Heard, knowledge: Knowledge) -> str | None:
    """The section whose title was pressed or typed."""
    titles: dict[str, str] = knowledge.tables["documents"]["sections"]
    return next(
        (key for key, title in titles.items() if title == message.own_words), None
    )


def asked_section(message: Heard) -> str | None:
    """The section that answers a question."""
    by_words = [key for key, words in _BY_WORDS.items() if words.search(message.text)]
    return next(iter(by_words), SECTION_OF.get(message.intent))


def say_section(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    knowledge: Knowledge,
    section: str,
    offers: bool = True,
) -> None:
    """Say a section, and offer others.

    Args:
        dispatcher: takes the messages.
        tracker: the conversation, its case complete.
        knowledge: the written texts.
        section: its key in the table documents.
        offers: whether other sections are offered by buttons.
    """
    titles = knowledge.tables["documents"]["sections"]
    others = [titles[key] for key in titles if key in SECTION_OF.values()]
    contacts = current_store().contacts(tracker.sender_id) if section == LOG else ()
    case = draft_of(tracker).case
    messages = section_messages(case, section, knowledge, contacts)
    buttons = [title for title in others if title != titles[section]][:4]
    if section == REMINDERS:
        choice = reminder_choice(tracker.sender_id, Voice(knowledge))
        if choice:
            messages = [*messages, choice[0]]
            buttons = [choice[1], *buttons[:3]]
    if section == "proofs":
        buttons = [Voice(knowledge).phrase("have_proofs"), *buttons[:3]]
    say(dispatcher, messages, text_buttons(buttons) if offers else ())


def say_asked(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    knowledge: Knowledge,
    section: str,
) -> None:
    """Say a section that was asked for in words; who asks to be reminded, is.

    The arguments are those of `say_section`.
    """
    if section == REMINDERS:
        plan_reminders(tracker.sender_id, draft_of(tracker).case, knowledge)
    say_section(dispatcher, tracker, knowledge, section)

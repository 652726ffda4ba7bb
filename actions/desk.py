"""What a registered case adds to a talk outside of the form.

Offers and contacts that are told, and sections of the plan that are asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.cases import (
    FORM,
    draft_of,
    hand_over,
    heard,
    recent_messages,
    say_replies,
    section_messages,
)
from actions.conversation import say
from actions.offers import offers_told
from actions.plan import asked_section, pressed_section, say_asked, say_section
from actions.reminders import choose_reminders
from actions.returning import SAFETY, how_it_went
from xieshang.case.contacts import (
    AGREED,
    CLOSED,
    CONTACTED,
    REFUSED,
    Contact,
    contact_key,
    is_concluded,
    is_not_yet,
    is_paid,
    read_contact,
)
from xieshang.case.draft import CONFIRMED, OPEN, Draft
from xieshang.case.heard import Heard
from xieshang.case.interview import Interview
from xieshang.case.offers import tells_steps
from xieshang.case.steering import goes_on, starts
from xieshang.case.voice import Voice
from xieshang.clock import now
from xieshang.documents.checkup import TABLE, Checkup
from xieshang.knowledge import Knowledge
from xieshang.settings import read_settings
from xieshang.storage import current_reminders, current_store
from xieshang.storage.cases import StoredCase

WHOLE_PLAN = ("ask_summary", "ask_case_status")
STATUS_OF = {"returning_agreed": AGREED, "returning_refused": REFUSED}
SECTIONS_AFTER = {AGREED: ("agreement", "reminders"), REFUSED: ("refused",)}

Events = list[dict[str, Any]]


def attend(
    dispatcher: CollectingDispatcher, tracker: Tracker, knowledge: Knowledge
) -> Events | None:
    """Answer what is about the person's own case.

    Args:
        dispatcher: takes the messages.
        tracker: the conversation.
        knowledge: the written texts.

    Returns:
        The events of the turn, None when the message is not about the case.
    """
    message = heard(tracker)
    entry = knowledge.entries.get(message.intent)
    if entry and entry.topic == SAFETY:
        return None
    desk = _Desk(dispatcher, tracker, knowledge, message)
    return _first(
        desk.chose_reminders,
        desk.told_status,
        desk.pressed_section,
        desk.told_offer,
        desk.told_contact,
        desk.told_paid,
        desk.told_values,
        desk.asked_section,
        desk.goes_on,
    )


def attend_report(
    dispatcher: CollectingDispatcher, tracker: Tracker, knowledge: Knowledge
) -> Events | None:
    """Take what is no answer to a question of the registration, else None.

    An offer or a contact that is told, or that no reminders are wanted.
    """
    message = heard(tracker)
    entry = knowledge.entries.get(message.intent)
    if entry and entry.topic == SAFETY:
        return None
    desk = _Desk(dispatcher, tracker, knowledge, message)
    return _first(desk.chose_reminders, desk.told_offer, desk.told_contact)


def _first(*steps: Callable[[], Events | None]) -> Events | None:
    """The events of the first step that takes the message."""
    return next((taken for step in steps if (taken := step()) is not None), None)


class _Desk:
    """One message outside of the form."""

    def __init__(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        knowledge: Knowledge,
        message: Heard,
    ) -> None:
        self._dispatcher = dispatcher
        self._tracker = tracker
        self._knowledge = knowledge
        self._message = message
        self._voice = Voice(knowledge)
        self._draft: Draft = draft_of(tracker)

    @property
    def _is_confirmed(self) -> bool:
        return self._draft.state == CONFIRMED

    @property
    def _plan(self) -> StoredCase | None:
        """The confirmed version, even if a later change waits for its yes."""
        if self._draft.state is None:
            return None
        return current_store().latest(self._tracker.sender_id)

    def chose_reminders(self) -> Events | None:
        """Start or stop the reminders that the bot sends."""
        return choose_reminders(self._dispatcher, self._tracker, self._knowledge)

    def told_offer(self) -> Events | None:
        """Examine the offers that the message tells, beside one told before."""
        if tells_steps(self._message.text, self._message.entities):
            say(self._dispatcher, [str(self._knowledge.tables[TABLE]["stepped"])])
            return self._note_contact(Contact(self._message.own_words, None), CONTACTED)
        offers = offers_told(
            self._message, recent_messages(self._tracker), self._draft, self._knowledge
        )
        if not offers:
            return None
        case = self._draft.case
        checkup = Checkup(self._knowledge, case, self._message.today)
        say(self._dispatcher, checkup.messages(offers))
        told = read_contact(self._message)
        agreed = is_concluded(told) or (
            told and told.status == AGREED and offers[-1].kind == "extension"
        )
        # What was refused is another plan: an offer is there.
        status = AGREED if agreed else CONTACTED
        contact = Contact(self._message.own_words, None, told.day if told else None)
        events = self._note_contact(contact, status)
        if agreed and events:
            self._advise(AGREED)
        return events

    def told_contact(self) -> Events | None:
        """Keep what the person tells of a talk with customer service."""
        contact = read_contact(self._message)
        plan = self._plan if contact else None
        if contact is None or plan is None:
            return None
        # Word of what was agreed to ends no agreement.
        status = contact.status or (AGREED if plan.status == AGREED else CONTACTED)
        events = self._note_contact(contact, status)
        day = self._voice.value("due_date", contact.day or self._message.today)
        noted = self._voice.phrase("contact_noted", day=day, text=contact.text)
        say(self._dispatcher, [noted])
        if contact.status:
            self._advise(contact.status)
        else:
            say(self._dispatcher, [self._voice.phrase("contact_advice")])
        return events

    def told_paid(self) -> Events | None:
        """Close the case when the person tells that the debt is paid."""
        if not is_paid(self._message, self._draft.case) or self._plan is None:
            return None
        current_store().set_status(self._tracker.sender_id, CLOSED, now())
        current_reminders().drop(self._tracker.sender_id)
        say(self._dispatcher, [self._voice.phrase("closed_noted")])
        return []

    def _note_contact(self, contact: Contact, status: str) -> Events:
        if self._plan is None:
            return []
        sender, store = self._tracker.sender_id, current_store()
        day = contact.day or self._message.today
        store.log_contact(sender, contact_key(contact, day), contact.text, day, now())
        store.set_status(sender, status, now())
        return [SlotSet("contacted", contact.text)]

    def told_status(self) -> Events | None:
        """Take the answer to how the talk went."""
        if not self._is_confirmed:
            return None
        for phrase, status in STATUS_OF.items():
            if self._message.own_words == self._voice.phrase(phrase):
                current_store().set_status(self._tracker.sender_id, status, now())
                self._advise(status)
                return []
        not_yet = self._voice.phrase("returning_not_yet")
        if self._message.own_words == not_yet or is_not_yet(self._message):
            self._say_section("script")
            return []
        return None

    def _advise(self, status: str) -> None:
        say(self._dispatcher, [self._voice.phrase(f"{status}_advice")])
        *before, last = SECTIONS_AFTER[status]
        for section in before:
            self._say_section(section, offers=False)
        self._say_section(last)

    def pressed_section(self) -> Events | None:
        """Say the section of the plan whose title was pressed or typed."""
        if not self._is_confirmed:
            return None
        section = pressed_section(self._message, self._knowledge)
        if section is None:
            return None
        self._say_section(section)
        return []

    def asked_section(self) -> Events | None:
        """Say a section of the plan, or hand all of it over."""
        if not self._is_confirmed:
            return None
        section = asked_section(self._message)
        if section:
            say_asked(self._dispatcher, self._tracker, self._knowledge, section)
            return []
        if self._message.intent in WHOLE_PLAN:
            say(
                self._dispatcher,
                section_messages(self._draft.case, "summary", self._knowledge),
            )
            hand_over(
                self._dispatcher,
                self._tracker.sender_id,
                self._draft.case,
                self._knowledge,
            )
            return []
        return None

    def _say_section(self, section: str, offers: bool = True) -> None:
        say_section(self._dispatcher, self._tracker, self._knowledge, section, offers)

    def told_values(self) -> Events | None:
        """Go on with the registration when the message adds to it or corrects it."""
        if not self._draft.consent:
            return None
        interview = Interview(self._knowledge, read_settings().retention_days)
        adds = interview.adds(self._draft, self._message)
        return [ActiveLoop(FORM)] if adds else None

    def goes_on(self) -> Events | None:
        """Go on with the registration when the message asks for it."""
        text = self._message.own_words
        names = (
            "start",
            "resume_yes",
            # Buttons from further up are pressed as well.
            "consent_full",
            "consent_quick",
            "quick_more",
            *(("have_proofs",) if self._is_confirmed else ()),
        )
        wanted = {self._voice.phrase(name) for name in names}
        continues = self._draft.state == OPEN and goes_on(self._message)
        if text in wanted or continues or starts(self._message):
            return [ActiveLoop(FORM)]
        if not self._draft.consent:
            return None
        if self._draft.state == OPEN and self._message.intent in (
            "greet",
            *WHOLE_PLAN,
        ):
            return [ActiveLoop(FORM)]
        if self._is_confirmed and self._message.intent == "greet":
            replies = how_it_went(self._tracker.sender_id, self._knowledge)
            say_replies(self._dispatcher, replies)
            return [] if replies else None
        return None

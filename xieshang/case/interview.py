"""The registration as a talk: a message and a draft give replies and a new draft.

Plain Python: Rasa's side is actions/case.py. One question at a time; everything a
message tells is taken, whatever was asked; a question in between is left to be answered
by the caller, then the registration goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from xieshang.case.asker import Asker
from xieshang.case.draft import CONFIRMED, CONSENT, OPEN, Draft
from xieshang.case.fields import MONEY, RATES, odd_values
from xieshang.case.heard import STATEMENTS, Heard
from xieshang.case.steering import Steering
from xieshang.case.taking import Taking
from xieshang.case.turn import Outcome, Turn
from xieshang.case.voice import Reply, Voice
from xieshang.case.yes_no import says_no, says_plain_yes, says_yes
from xieshang.knowledge import Knowledge

CARE = "self_harm_risk"
RESTART = "restart"
# Values that a message tells by name: they need no other sign of being meant.
PLAIN = MONEY | RATES | {"other_debts", "lawsuit_date"}
# What waits for a yes and cannot be taken back.
FINAL = frozenset({"delete", "restart"})
_GOES_ON = re.compile("继续|接着|往下")
_QUICK = re.compile("先算|粗算|快|算一下")
# A choice without the word for it is no consent, and no question either.
_CHOOSES = re.compile(
    r"(?:先|要|选|就|登记)*(?:粗算|算|完整方案)(?:一下|登记|吧|的|\W)*"
)


class Interview:
    """Asks for the case.

    Args:
        knowledge: texts, and which questions have an answer.
        retention_days: how long a case is kept, for the consent.
    """

    def __init__(self, knowledge: Knowledge, retention_days: int) -> None:
        self._days = retention_days
        self.voice = Voice(knowledge)
        self._asker = Asker(self.voice)
        self._steering = Steering(self._asker, knowledge)
        self._taking = Taking(self._asker, self._steering)

    def begin(self, draft: Draft, heard: Heard) -> Turn:
        """Start a registration, or take one up that was left or confirmed.

        Args:
            draft: what is there from before.
            heard: the message that led here.
        """
        if not draft.consent:
            asked = draft.but(asked=CONSENT, failures=0)
            return Turn(asked, (self._consent_question(),))
        return self._take_up(draft.left(), heard)

    def _take_up(self, draft: Draft, heard: Heard) -> Turn:
        if heard.intent == RESTART:
            return self._steering.ask_restart(draft)
        if heard.text == self.voice.phrase("have_proofs"):
            return self._asker.ask(draft, "available_proofs")
        told = self._taking.told(draft, heard)
        if told:
            return told
        goes_on = bool(_GOES_ON.search(heard.text))
        if draft.state == OPEN and not goes_on:
            exported = self._steering.exported(draft, heard)
            return self._asker.ask_resume(draft, [exported] if exported else ())
        if goes_on and draft.quick and draft.next_question is None:
            # The first offer was given: what goes on is the whole.
            return self._asker.next(draft.but(quick=False, pending=None))
        return self._asker.ask_again(draft)

    def step(self, draft: Draft, heard: Heard, earlier: Iterable[Heard] = ()) -> Turn:
        """Take a message.

        Args:
            draft: the registration so far.
            heard: the message.
            earlier: what was stated before consent was given, oldest first.
        """
        if heard.intent == CARE and not self._steering.skips_in_words(heard):
            return Turn(draft, (), Outcome.CARE, ends=True)
        if (draft.pending or {}).get("kind") in FINAL:
            return self._settled(draft, heard, earlier)
        if draft.asked == CONSENT:
            return self._consent(draft, heard, earlier)
        if heard.intent == RESTART and not self._is_odd_no(draft, heard):
            return self._steering.ask_restart(draft)
        return self._taken(draft, heard) or self._asker.explain(draft)

    def _taken(self, draft: Draft, heard: Heard) -> Turn | None:
        return (
            self._confirmed_odd(draft, heard)
            or self._taking.told(draft, heard)
            or self._resolve(draft, heard)
            or self._steering.take(draft, heard)
        )

    def again(self, draft: Draft) -> Turn:
        """Ask what was asked once more, after something in between."""
        if (draft.pending or {}).get("kind") in FINAL:
            draft = draft.but(pending=None)
        if draft.asked == CONSENT:
            return Turn(draft, (self._consent_question(),))
        return self._asker.ask_again(draft)

    def adds(self, draft: Draft, heard: Heard) -> bool:
        """Whether a message states something new, or corrects what was told.

        Args:
            draft: a registration that was left or confirmed.
            heard: the message.
        """
        reading = self._taking.read(draft.but(asked=None), heard)
        new = {n: v for n, v in reading.values.items() if getattr(draft.case, n) != v}
        if heard.intent in STATEMENTS or heard.corrects:
            return bool(new or reading.refused or reading.named)
        # "借呗是一万二" says it by name, whatever it was taken for.
        return not heard.asks and any(name in PLAIN for name in new)

    # consent

    def _consent_question(self) -> Reply:
        titles = tuple(
            self.voice.phrase(name)
            for name in ("consent_full", "consent_quick", "consent_no")
        )
        return Reply(self.voice.phrase("consent", days=self._days), titles)

    def _consent(self, draft: Draft, heard: Heard, earlier: Iterable[Heard]) -> Turn:
        steered = self._steering.leave(draft, heard)
        if steered:
            return steered
        if says_no(heard):
            refused = Reply(self.voice.phrase("consent_refused"))
            return Turn(draft.but(asked=None), (refused,), ends=True)
        if not says_yes(heard):
            return self._consent_again(draft, heard)
        agreed = draft.but(
            consent=True,
            asked=None,
            state=OPEN,
            quick=bool(_QUICK.search(heard.text)),
        )
        told: dict[str, Any] = {}
        odd: dict[str, Any] = {}
        for message in (*earlier, heard):
            values = self._taking.read(agreed, message).values
            odd = {n: v for n, v in odd.items() if n not in values}
            odd.update(odd_values(values, agreed.case))
            sure = {n: v for n, v in values.items() if n not in odd}
            agreed = self._taking.with_values(agreed, sure, message)
            told.update(sure)
        replies = []
        if told:
            noted = self.voice.phrase("noted", values=self.voice.values(told))
            replies.append(Reply(noted))
        elif len(agreed.case.products) == 1:
            product = self.voice.value("product", agreed.case.product)
            replies.append(Reply(self.voice.phrase("by_product", product=product)))
        if odd:
            return Turn(agreed.doubting(odd), (*replies, self._asker.odd_question(odd)))
        return self._asker.next(agreed, replies)

    def _consent_again(self, draft: Draft, heard: Heard) -> Turn:
        question = self._consent_question()
        if self._steering.is_about_question(CONSENT, heard):
            return Turn(draft, (question,))
        if self._steering.has_answer(heard) and not _CHOOSES.fullmatch(heard.text):
            return Turn(draft, (question,), Outcome.ANSWER)
        unclear = Reply(self.voice.phrase("consent_unclear"), question.buttons)
        return Turn(draft, (unclear,))

    # what waits for a yes

    def _settled(self, draft: Draft, heard: Heard, earlier: Iterable[Heard]) -> Turn:
        """A plain yes deletes or empties; whatever else is said, nothing is lost."""
        waiting = draft.pending or {}
        rest = draft.but(pending=None, failures=0)
        if says_plain_yes(heard):
            return self._agreed(rest, waiting["kind"])
        kept = Reply(self.voice.phrase("kept"))
        if draft.asked == CONSENT:
            if says_no(heard):
                return Turn(rest, (kept, self._consent_question()))
            return self._consent(rest, heard, earlier)
        if says_no(heard):
            # A mere no is about the pending question and no answer to the one before.
            told = self._taking.told(rest.but(asked=None), heard)
            return told or self._kept(rest, kept)
        if heard.intent == RESTART:
            return self._steering.ask_restart(rest)
        return self._taken(rest, heard) or self._kept(rest, kept)

    def _kept(self, draft: Draft, kept: Reply) -> Turn:
        """Nothing was lost: go on with what was asked, if anything was."""
        if draft.state == CONFIRMED:
            return Turn(draft, (kept,), ends=True)
        return self._asker.ask_again(draft, [kept])

    def _confirmed_odd(self, draft: Draft, heard: Heard) -> Turn | None:
        """A yes to an odd value, even when it says the value once more."""
        told = draft.doubted
        if not told or not says_yes(heard):
            return None
        said = self._taking.read(draft, heard).values
        if any(said.get(name, value) != value for name, value in told.items()):
            return None
        noted = Reply(self.voice.phrase("noted", values=self.voice.values(told)))
        settled = draft.but(pending=None, failures=0)
        return self._asker.next(self._taking.with_values(settled, told, heard), [noted])

    def _resolve(self, draft: Draft, heard: Heard) -> Turn | None:
        """Take a yes or no to what was asked; None when the message is neither."""
        if not draft.pending:
            return None
        settled = draft.but(pending=None, failures=0)
        if self._steering.leaves_it_open(draft, heard):
            return None
        if says_yes(heard):
            return self._agreed(settled, draft.pending["kind"])
        if says_no(heard):
            return self._denied(settled, draft.pending)
        return None

    def _agreed(self, draft: Draft, kind: str) -> Turn:
        if kind == "submit":
            return Turn(draft.but(state=CONFIRMED), (), Outcome.CONFIRM, ends=True)
        if kind == "delete":
            return Turn(draft, (), Outcome.DELETE, ends=True)
        if kind == "restart":
            return self._asker.next(Draft(consent=True, state=OPEN))
        return self._asker.next(draft.but(quick=False))

    def _denied(self, draft: Draft, pending: Mapping[str, Any]) -> Turn:
        kind = pending["kind"]
        if kind == "submit":
            what = Reply(self.voice.phrase("what_to_change"))
            return Turn(draft.but(pending=pending), (what,))
        if kind in ("more", "resume"):
            return self._steering.stop(draft)
        dropped = Reply(self.voice.phrase("odd_dropped"))
        return self._asker.ask(draft, next(iter(pending["values"])), replies=[dropped])

    def _is_odd_no(self, draft: Draft, heard: Heard) -> bool:
        """Whether a message is the button that says no to odd values."""
        title = re.sub(r"\W", "", self.voice.phrase("odd_no"))
        return bool(draft.doubted) and re.sub(r"\W", "", heard.text) == title

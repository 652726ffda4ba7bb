"""Asking: the next question, the summary, what was asked once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from xieshang.case.draft import Draft
from xieshang.case.fields import is_answered
from xieshang.case.turn import Outcome, Turn
from xieshang.case.voice import Reply, Voice

SUBMIT = {"kind": "submit"}


class Asker:
    """Asks the questions of a registration.

    Args:
        voice: its texts.
    """

    def __init__(self, voice: Voice) -> None:
        self.voice = voice

    def next(
        self,
        draft: Draft,
        replies: Sequence[Reply] = (),
        outcome: Outcome = Outcome.GO_ON,
    ) -> Turn:
        """Ask the next question, or for the summary to be confirmed."""
        name = draft.next_question
        if name:
            return self.ask(draft, name, replies=replies, outcome=outcome)
        draft = draft.but(asked=None)
        if draft.quick:
            return self._quick_offer(draft, replies, outcome)
        summary = Reply(self.voice.summary(draft.case, draft.questions))
        submit = draft.but(pending=dict(SUBMIT))
        question = self._summary_question("summary_ask")
        return Turn(submit, (*replies, summary, question), outcome)

    def _summary_question(self, phrase: str) -> Reply:
        buttons = self._buttons("summary_yes", "summary_no")
        return Reply(self.voice.phrase(phrase), buttons)

    def _quick_offer(
        self, draft: Draft, replies: Sequence[Reply], outcome: Outcome
    ) -> Turn:
        offer = [Reply(line) for line in self.voice.first_offer(draft.case)]
        more = Reply(
            self.voice.phrase("quick_done"),
            self._buttons("quick_more", "quick_enough"),
        )
        asks = draft.but(pending={"kind": "more"})
        return Turn(asks, (*replies, *offer, more), outcome)

    def ask(
        self,
        draft: Draft,
        name: str,
        phrase: str | None = None,
        replies: Sequence[Reply] = (),
        outcome: Outcome = Outcome.GO_ON,
    ) -> Turn:
        """Ask for one field.

        Args:
            draft: the registration so far.
            name: of the field.
            phrase: said before, with the field's label.
            replies: said before that.
            outcome: of the turn.
        """
        said = list(replies)
        if phrase:
            said.append(Reply(self.voice.phrase(phrase, label=self.voice.label(name))))
        question = self.voice.question(name, draft.case, draft.place_of(name))
        asked = draft.but(asked=name, failures=0)
        return Turn(asked, (*said, question), outcome)

    def odd_question(self, values: Mapping[str, Any]) -> Reply:
        """Whether unlikely values are meant."""
        asked = self.voice.phrase("odd", values=self.voice.values(values))
        return Reply(asked, self._buttons("odd_yes", "odd_no"))

    def _buttons(self, *phrases: str) -> tuple[str, ...]:
        return tuple(self.voice.phrase(phrase) for phrase in phrases)

    def ask_resume(self, draft: Draft, replies: Sequence[Reply] = ()) -> Turn:
        """Whether to go on with what was left, and what is there."""
        told = [name for name in draft.questions if is_answered(draft.case, name)]
        there = [Reply(self.voice.summary(draft.case, told, "status_head"))]
        asked = Reply(
            self.voice.phrase("resume"),
            self._buttons("resume_yes", "resume_over", "resume_no"),
        )
        return Turn(
            draft.but(pending={"kind": "resume"}),
            (*replies, *(there if told else ()), asked),
        )

    def ask_again(self, draft: Draft, replies: Sequence[Reply] = ()) -> Turn:
        """What was asked, once more: the pending yes or no, else the question."""
        pending = draft.pending or {}
        if draft.doubted:
            return Turn(draft, (*replies, self.odd_question(draft.doubted)))
        if pending.get("kind") == "resume":
            return self.ask_resume(draft, replies)
        if draft.asked:
            return self.ask(draft, draft.asked, replies=replies)
        if pending == SUBMIT:
            # The summary stands above; all of it after each question tires.
            return Turn(draft, (*replies, self._summary_question("summary_again")))
        return self.next(draft.but(pending=None), replies)

    def explain(self, draft: Draft) -> Turn:
        """Put the question in other words: the answer was of no use."""
        failures = draft.failures + 1
        failed = draft.but(failures=failures)
        if draft.pending:
            again = Reply(self.voice.phrase("confirm_again"))
            return self.ask_again(failed, [again])
        if not draft.asked:
            return self.next(failed)
        explained = self.voice.explanation(draft.asked, failures)
        place = draft.place_of(draft.asked)
        return Turn(failed, (replace(explained, progress=place),))

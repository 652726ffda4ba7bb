"""Taking the values of a message into a registration, and saying what was noted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from xieshang.case import expenses
from xieshang.case.asker import Asker
from xieshang.case.corrected import finds_wrong
from xieshang.case.draft import OPEN, Draft
from xieshang.case.fields import odd_values
from xieshang.case.heard import Heard
from xieshang.case.intake import Reading, read_values
from xieshang.case.record import MONEY_FIELDS
from xieshang.case.revision import revised
from xieshang.case.steering import Steering
from xieshang.case.turn import Outcome, Turn
from xieshang.case.voice import Reply

# Told along with another field: a correction is about that one.
ADDITIONS = frozenset({"expense_items", "priority_items"})
BESIDES = frozenset({"product", "overdue"})


class Taking:
    """Takes values.

    Args:
        asker: asks what comes next.
        steering: knows whether a message asks something as well.
    """

    def __init__(self, asker: Asker, steering: Steering) -> None:
        self._asker = asker
        self._voice = asker.voice
        self._steering = steering

    def read(self, draft: Draft, heard: Heard) -> Reading:
        """What a message says about the case."""
        doubted = next(iter(draft.doubted), None)
        asked, last = doubted or draft.asked, doubted or draft.last
        words = self._voice.words(draft.case)
        return read_values(heard, asked, last, draft.case, words)

    def told(self, draft: Draft, heard: Heard) -> Turn | None:
        """Take the values of a message, or ask for the one it wants to correct."""
        reading = self.read(draft, heard)
        if reading.other_period and draft.asked:
            monthly = [Reply(self._voice.phrase("by_month"))]
            if not reading.values:
                return self._asker.ask(draft, draft.asked, replies=monthly)
            taken = self._take(draft, heard, reading)
            return replace(taken, replies=(*monthly, *taken.replies))
        if reading.values or reading.refused:
            return self._take(draft, heard, reading)
        if reading.named:
            # What is wrong as well is asked for next.
            unknown = {name: None for name in reading.wrong}
            case = revised(draft.case, unknown, heard.today)
            asked = draft.but(pending=None, case=case)
            return self._asker.ask(asked, reading.named, "change_named")
        waits = draft.pending or not draft.asked or heard.masked
        if finds_wrong(heard) and draft.last and not waits:
            return self._asker.ask(draft, draft.last, "change_named")
        return None

    def with_values(self, draft: Draft, values: dict[str, Any], heard: Heard) -> Draft:
        """The draft with values taken."""
        if not values:
            return draft
        told = [name for name in values if name not in ADDITIONS]
        told = [name for name in told if name not in BESIDES] or told
        last = next((name for name in reversed(told) if name in MONEY_FIELDS), None)
        return draft.but(
            case=revised(draft.case, values, heard.today),
            last=last or next(reversed(told), draft.last),
            state=OPEN,
            skipped=tuple(name for name in draft.skipped if name not in values),
        )

    def _take(self, draft: Draft, heard: Heard, reading: Reading) -> Turn:
        # What waits for a yes goes on waiting when something else is told.
        values = {**draft.doubted, **reading.values}
        odd = odd_values(values, draft.case)
        sure = {n: v for n, v in values.items() if n not in odd}
        before = draft.case
        taken = self.with_values(draft.but(failures=0), sure, heard)
        replies = [*self._noted(before, sure)]
        replies += self._voice.refusals(reading.refused, heard.today)
        outcome = Outcome.ANSWER if self._steering.also_asks(heard) else Outcome.GO_ON
        if odd:
            asked = taken.doubting(odd)
            return Turn(asked, (*replies, self._asker.odd_question(odd)), outcome)
        taken = taken.but(pending=None)
        if draft.asked in reading.refused:
            return self._asker.ask(
                taken, str(draft.asked), replies=replies, outcome=outcome
            )
        return self._asker.next(taken, replies, outcome)

    def _noted(self, before: Any, values: dict[str, Any]) -> list[Reply]:
        parts = values.get(expenses.ITEMS)
        if parts and expenses.NAME not in values:
            told = self._voice.items(parts)
            return [
                Reply(self._voice.phrase("noted", values=told)),
                *self._noted(before, {**values, expenses.ITEMS: ()}),
            ]
        shown = {n: v for n, v in values.items() if n not in ADDITIONS}
        if len(shown) > 1 and shown.get("overdue") == before.overdue:
            # "逾期45天" says once more what is known.
            shown.pop("overdue", None)
        changed = {
            name: value
            for name, value in shown.items()
            if getattr(before, name) not in (None, (), value)
        }
        new = {name: value for name, value in shown.items() if name not in changed}
        return [
            Reply(self._voice.phrase(phrase, values=self._voice.values(told)))
            for phrase, told in (("changed", changed), ("noted", new))
            if self._voice.values(told)
        ]

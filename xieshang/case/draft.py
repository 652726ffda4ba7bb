"""The state of a registration between two messages, as it stands in the slots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from xieshang.case.fields import is_answered, questions_of
from xieshang.case.record import Case

CONSENT = "consent"
# A draft is open until the person confirms the summary.
OPEN, CONFIRMED = "open", "confirmed"
# The kind of what is pending when unlikely values wait for a yes.
ODD = "odd"


@dataclass(frozen=True)
class Draft:
    """What was told, what is being asked, and what waits for a yes.

    Attributes:
        case: the values so far.
        consent: whether keeping them was agreed to.
        state: open, confirmed or None before anything was told.
        asked: the field that is asked for, or consent.
        last: the field that was told last.
        pending: what a yes or no is about: kind, and values for odd ones.
        failures: how many answers to the present question were of no use.
        skipped: questions that were skipped.
        quick: whether only a first offer is wanted.
    """

    case: Case = field(default_factory=Case)
    consent: bool = False
    state: str | None = None
    asked: str | None = None
    last: str | None = None
    pending: Mapping[str, Any] | None = None
    failures: int = 0
    skipped: tuple[str, ...] = ()
    quick: bool = False

    def but(self, **changes: Any) -> Draft:
        """The draft with some attributes changed."""
        return replace(self, **changes)

    @property
    def doubted(self) -> dict[str, Any]:
        """The odd values that wait for a yes."""
        pending = self.pending or {}
        if pending.get("kind") != ODD:
            return {}
        case = Case.from_slots(pending["values"])
        return {name: getattr(case, name) for name in pending["values"]}

    def doubting(self, values: Mapping[str, Any]) -> Draft:
        """The draft with odd values that wait for a yes."""
        slots = self.case.with_values(**values).to_slots()
        waiting = {name: slots[name] for name in values}
        return self.but(pending={"kind": ODD, "values": waiting})

    def left(self) -> Draft:
        """The draft while nothing is asked; odd values go on waiting."""
        pending = self.pending if self.doubted else None
        return self.but(asked=None, pending=pending, failures=0)

    @property
    def questions(self) -> tuple[str, ...]:
        """The questions of this registration, in order."""
        return questions_of(self.case, self.quick)

    @property
    def next_question(self) -> str | None:
        """The first question that is neither answered nor skipped."""
        return next(
            (
                name
                for name in self.questions
                if not is_answered(self.case, name) and name not in self.skipped
            ),
            None,
        )

    @property
    def question_before(self) -> str | None:
        """The question before the one that is asked, or comes next."""
        names = self.questions
        asked = self.asked if self.asked in names else self.next_question
        if asked is None:
            return names[-1]
        place = names.index(asked)
        return names[place - 1] if place else None

    def place_of(self, name: str) -> tuple[int, int] | None:
        """Rank of a question and how many there are, None for one asked besides."""
        names = self.questions
        return (names.index(name) + 1, len(names)) if name in names else None

    def to_slots(self) -> dict[str, Any]:
        """Every slot of a registration."""
        return {
            **{
                name: value or None if value == [] else value
                for name, value in self.case.to_slots().items()
            },
            "consent": self.consent or None,
            "requested_slot": self.asked,
            "case_state": self.state,
            "case_last": self.last,
            "case_pending": dict(self.pending) if self.pending else None,
            "case_failures": self.failures or None,
            "case_skipped": list(self.skipped) or None,
            "case_quick": self.quick or None,
        }

    @classmethod
    def from_slots(cls, slots: Mapping[str, Any]) -> Draft:
        """The draft that the slots hold.

        Args:
            slots: of the conversation.

        Raises:
            ValueError: a slot with a value that no field can have.
        """
        return cls(
            case=Case.from_slots(slots),
            consent=bool(slots.get("consent")),
            state=slots.get("case_state"),
            asked=slots.get("requested_slot"),
            last=slots.get("case_last"),
            pending=slots.get("case_pending"),
            failures=int(slots.get("case_failures") or 0),
            skipped=tuple(slots.get("case_skipped") or ()),
            quick=bool(slots.get("case_quick")),
        )


CASE_SLOTS = tuple(Draft().to_slots())

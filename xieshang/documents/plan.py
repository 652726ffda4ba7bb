"""What is handed over, already worded: the outputs only lay it out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

BlockKind = Literal[
    "text", "list", "steps", "facts", "table", "checks", "speech", "form"
]
SECTIONS = (
    "summary",
    "budget",
    "comparison",
    "script",
    "statement",
    "proofs",
    "agreement",
    "reminders",
    "refused",
    "contact_log",
)


@dataclass(frozen=True)
class Block:
    """A part of a section.

    Attributes:
        kind: text (paragraphs), list, steps (a numbered list), speech (sentences to
            say or copy) and checks (things to tick off) hold `lines`; facts holds
            `rows` of label and value; table holds `rows` under a `head`; form is a
            `head` to fill in.
        title: its heading, or "".
        lines: paragraphs or items.
        head: the names of a table's columns.
        rows: a table's cells; for checks the state of each line, if there is one.
    """

    kind: BlockKind
    title: str = ""
    lines: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Section:
    """A chapter of the plan; `key` is one of `SECTIONS`."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Statement:
    """The hardship statement, its name, signature and date left to the person."""

    title: str
    addressee: str
    paragraphs: tuple[str, ...]
    attachments_title: str
    attachments: tuple[str, ...]
    blanks: tuple[str, ...]
    footer: str


@dataclass(frozen=True)
class Reminder:
    """An entry of the calendar.

    Attributes:
        uid: the same for the same reminder of the same case, so that a calendar
            replaces it when the file is opened again.
        day: the day, or the first one of a monthly reminder.
        title: what the calendar shows.
        text: what to do.
        monthly: whether it comes back every month.
    """

    uid: str
    day: date
    title: str
    text: str
    monthly: bool = False


@dataclass(frozen=True)
class Point:
    """A bar of the picture: instalments, yuan a month, whether they are affordable."""

    periods: int
    monthly: Decimal
    affordable: bool


@dataclass(frozen=True)
class Panel:
    """One product in the picture.

    Attributes:
        title: product, balance and rate.
        points: the lengths of the comparison.
        share: the most to be paid a month in yuan, None when it is not known.
        share_label: what is written at the line of the share.
    """

    title: str
    points: tuple[Point, ...]
    share: Decimal | None
    share_label: str


@dataclass(frozen=True)
class Picture:
    """What the picture shows; without panels only the note."""

    title: str
    x_label: str
    mark: str
    note: str
    alternative: str
    panels: tuple[Panel, ...] = ()


@dataclass(frozen=True)
class ActionPlan:
    """Everything a person takes to the talk with customer service.

    Attributes:
        title: heading of the whole.
        made_on: the day of the calculation.
        made_on_text: that day as it is shown.
        marks: what it is not: an estimate, no legal advice, not the platform's.
        disclaimer: the same in sentences.
        zero_surplus: whether the income leaves nothing to pay with.
        urgent: what is said before everything else.
        missing: values that are not known, and what cannot be told without them.
        sections: one for each of `SECTIONS`, in their order.
        statement: the hardship statement.
        calendar_name: name of the calendar.
        reminders: entries of the calendar.
        picture: the comparison as a picture.
    """

    title: str
    made_on: date
    made_on_text: str
    marks: tuple[str, ...]
    disclaimer: str
    zero_surplus: bool
    urgent: tuple[str, ...]
    missing: tuple[str, ...]
    sections: tuple[Section, ...]
    statement: Statement
    calendar_name: str
    reminders: tuple[Reminder, ...]
    picture: Picture

    @property
    def marks_line(self) -> str:
        """The marks in one line, as every document bears them."""
        return " · ".join(self.marks)

    def section(self, key: str) -> Section:
        """The section of a key.

        Raises:
            KeyError: no section has that key.
        """
        for section in self.sections:
            if section.key == key:
                return section
        raise KeyError(f"no section {key!r}; there are {', '.join(SECTIONS)}")

"""When to be reminded of what."""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from xieshang.documents.figures import Figures
from xieshang.documents.plan import Block, Reminder
from xieshang.documents.words import Words

DAYS_BEFORE_PAYMENT = 3
DAYS_BEFORE_COURT = 7
# Every month has it.
LAST_COMMON_DAY = 28


def reminders(figures: Figures, words: Words) -> tuple[Reminder, ...]:
    """The entries of the calendar, the earliest first.

    Three days before the next payment (the day of the month of a due date in the
    past), a week before a court date, and a report every month.
    """
    entries = [*_court(figures, words), *_payment(figures, words)]
    entries.append(_report(figures, words))
    return tuple(sorted(entries, key=lambda entry: entry.day))


def reminder_blocks(
    entries: tuple[Reminder, ...], figures: Figures, words: Words
) -> Iterator[Block]:
    """The section that shows the reminders."""
    lines = tuple(
        words.text(
            "reminders.monthly" if entry.monthly else "reminders.line",
            date=words.day(entry.day),
            day=entry.day.day,
            title=entry.title,
            text=entry.text,
        )
        for entry in entries
    )
    yield Block("list", lines=lines)
    notes = [words.text("reminders.change")]
    if figures.case.due_date is None:
        notes.append(words.text("reminders.no_due_date"))
    notes.append(words.text("reminders.how"))
    yield Block("text", lines=tuple(notes))


def next_month(day: date, day_of_month: int) -> date:
    """A day of the month after, or that month's last when it is shorter.

    Args:
        day: any day of the month before.
        day_of_month: 1 to 31.
    """
    first = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    return _in_month(first, day_of_month)


def next_payment(due: date, today: date) -> date:
    """The due date when it lies ahead, else its day of the month from today on.

    Args:
        due: a day on which a payment is or was due.
        today: the day from which it is seen.
    """
    if due >= today:
        return due
    this_month = _in_month(today, due.day)
    return this_month if this_month >= today else next_month(today, due.day)


def _in_month(month: date, day: int) -> date:
    length = monthrange(month.year, month.month)[1]
    return month.replace(day=min(day, length))


def _payment(figures: Figures, words: Words) -> Iterator[Reminder]:
    # Days that were told ("about 45") are no day of the month to count on.
    due = figures.case.due_date
    if due is None:
        return
    payment = next_payment(due, figures.today)
    warning = payment - timedelta(days=DAYS_BEFORE_PAYMENT)
    place = "reminders.payment.text" if payment == due else "reminders.payment.derived"
    yield Reminder(
        uid=_uid("payment", figures),
        day=max(warning, figures.today),
        title=words.text("reminders.payment.title"),
        text=words.text(place, date=words.day(payment)),
    )


def _report(figures: Figures, words: Words) -> Reminder:
    due = figures.case.due_date
    day = due.day + 1 if due else figures.today.day
    first = next_month(figures.today, min(day, LAST_COMMON_DAY))
    return Reminder(
        uid=_uid("report", figures),
        day=first,
        title=words.text("reminders.report.title"),
        text=words.text("reminders.report.text"),
        monthly=True,
    )


def _court(figures: Figures, words: Words) -> Iterator[Reminder]:
    court = figures.case.lawsuit_date
    if court is None or court < figures.today:
        return
    yield Reminder(
        uid=_uid("court", figures),
        day=max(court - timedelta(days=DAYS_BEFORE_COURT), figures.today),
        title=words.text("reminders.court.title"),
        text=words.text("reminders.court.text", date=words.day(court)),
    )


def _uid(kind: str, figures: Figures) -> str:
    recorded = figures.case.recorded_on or ""
    products = " ".join(figures.products)
    content = f"{kind} {products} {recorded}".encode()
    return f"{hashlib.sha256(content).hexdigest()[:32]}@xieshang"

"""What the registration says: the texts of knowledge/questions.yml, filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from xieshang.case.affordability import budget_of, shares_of
from xieshang.case.fields import CHOICES, MONEY, RATES, bounds_of, is_answered
from xieshang.case.intake import Words
from xieshang.case.money import yuan
from xieshang.case.record import Case
from xieshang.knowledge import PRODUCT_NAMES, Knowledge

TABLE = "questions"


@dataclass(frozen=True)
class Reply:
    """A message, the titles of its buttons, and its rank and number of questions."""

    text: str
    buttons: tuple[str, ...] = ()
    progress: tuple[int, int] | None = None


class Voice:
    """The texts of the registration.

    Args:
        knowledge: where they are written.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._fields: Mapping[str, Mapping[str, Any]] = knowledge.tables[TABLE][
            "fields"
        ]
        self._phrases: Mapping[str, str] = knowledge.tables[TABLE]["phrases"]
        self._proofs = knowledge.tables["proofs"]
        self._lenders = knowledge.tables["lenders"]

    def phrase(self, key: str, /, **values: object) -> str:
        """One of the phrases, filled in.

        Raises:
            KeyError: no such phrase.
        """
        text = self._phrases[key]
        for placeholder, value in values.items():
            text = text.replace(f"{{{placeholder}}}", str(value))
        return text

    def label(self, name: str) -> str:
        """What a field is called."""
        return str(self._fields[name]["label"])

    def words(self, case: Case) -> Words:
        """The words by which the intake knows fields, choices and lenders."""
        return Words(
            choices={
                name: {c["value"]: c["match"] for c in self._fields[name]["choices"]}
                for name in CHOICES
            },
            named={name: texts["named"] for name, texts in self._fields.items()},
            debts=self._debts(),
            proofs=self.proofs(case),
        )

    def _debts(self) -> list[str]:
        return [name for names in self._lenders.values() for name in names.split("|")]

    def proofs(self, case: Case) -> tuple[str, ...]:
        """The proofs for a case's hardship and the general ones, in order."""
        kinds = [case.hardship, "general"] if case.hardship else ["general"]
        return tuple(item for kind in kinds for item in self._proofs[kind]["items"])

    def titles(self, name: str) -> tuple[str, ...]:
        """The titles of a field's choices."""
        return tuple(c["title"] for c in self._fields[name].get("choices", ()))

    def value(self, name: str, value: Any) -> str:
        """A value as a person reads it."""
        if value in (None, ()):
            return self.phrase("unknown")
        if name in CHOICES:
            titles = {c["value"]: c["title"] for c in self._fields[name]["choices"]}
            return str(titles[value])
        if name == "other_debts":
            return "、".join(f"{d.name} {self._figure(name, d.balance)}" for d in value)
        if isinstance(value, tuple):
            return "、".join(value)
        return self._figure(name, value)

    def _figure(self, name: str, value: Any) -> str:
        if name in RATES:
            number = f"{value * 100:f}".rstrip("0").rstrip(".")
            return self.phrase("percent", number=number)
        if isinstance(value, Decimal):
            return self.phrase("money", amount=yuan(value))
        if isinstance(value, date):
            return self.phrase(
                "date", year=value.year, month=value.month, day=value.day
            )
        if name == "days_overdue":
            return self.phrase("days", days=value)
        return str(value)

    def items(self, items: Iterable[tuple[str, Decimal]]) -> str:
        """Sums one by one, in one line."""
        return "、".join(
            self.phrase("value", label=label, value=self._figure(label, value))
            for label, value in items
        )

    def values(self, values: Mapping[str, Any]) -> str:
        """Several values in one line."""
        return "；".join(
            self.phrase("value", label=self.label(name), value=self.value(name, value))
            for name, value in values.items()
            if name in self._fields
            and not (name == "overdue" and "days_overdue" in values)
        )

    def question(self, name: str, case: Case, place: tuple[int, int] | None) -> Reply:
        """The question for a field.

        Args:
            name: of the field.
            case: a value that is there already is shown.
            place: rank and number of questions, None outside of their row.
        """
        texts = self._fields[name]
        progress = (
            self.phrase("progress", rank=place[0], count=place[1]) if place else ""
        )
        choices = self.titles(name)
        example = "" if choices else texts["example"]
        lines = [
            progress
            + self.phrase(
                "question", ask=texts["ask"], why=texts["why"], example=example
            )
        ]
        if name == "available_proofs":
            lines += [f"{n}. {item}" for n, item in enumerate(self.proofs(case), 1)]
        if name == "essential_expenses" and case.essential_expenses is None:
            known = self.items(case.expense_items)
            lines += [self.phrase("items_known", items=known)] if known else []
        if is_answered(case, name) and getattr(case, name) is not None:
            old = self.value(name, getattr(case, name))
            lines.append(self.phrase("old_value", old=old))
        return Reply("\n".join(lines), choices, place)

    def about(self, name: str, sums: bool) -> str:
        """What to say to who asks about a question.

        Args:
            name: of the field that is asked for.
            sums: whether it is about what a sum holds.
        """
        counts = self._fields[name].get("counts") if sums else None
        return str(counts or self.phrase("about_question"))

    def explanation(self, name: str, failures: int) -> Reply:
        """The question in other words after an answer that was of no use.

        Args:
            name: of the field.
            failures: how many answers were of no use so far.
        """
        texts = self._fields[name]
        phrase = "explain" if failures < 2 else "explain_again"  # noqa: PLR2004
        text = self.phrase(
            phrase, ask=texts["ask"], why=texts["why"], example=texts["example"]
        )
        return Reply(text, self.titles(name))

    def refusals(self, refused: Mapping[str, Any], today: date) -> list[Reply]:
        """That values are out of their bounds, and what these are."""
        replies = []
        for name, value in refused.items():
            bounds = bounds_of(name, today)
            if bounds is None:
                raise ValueError(f"{name} has no bounds")
            if name in MONEY:
                text = self.phrase(
                    "refused_money",
                    label=self.label(name),
                    least=yuan(bounds.least),
                    most=yuan(bounds.most),
                    value=self.value(name, value),
                )
            else:
                kind = {"days_overdue": "refused_days"}.get(
                    name, "refused_rate" if name in RATES else "refused_date"
                )
                text = self.phrase(
                    kind,
                    least=self._shown_bound(name, bounds.least),
                    most=self._shown_bound(name, bounds.most),
                    value=self.value(name, value),
                )
            replies.append(Reply(text))
        return replies

    def _shown_bound(self, name: str, bound: Any) -> str:
        return str(bound) if name == "days_overdue" else self.value(name, bound)

    def summary(
        self, case: Case, questions: Iterable[str], head: str = "summary_head"
    ) -> str:
        """Every value that was asked for or told, a line each.

        Args:
            case: the values.
            questions: the fields that are shown even when they are not known.
            head: the phrase above them.
        """
        asked = set(questions)
        lines = [self.phrase(head)]
        for name, value in case:
            if name not in self._fields or (value in (None, ()) and name not in asked):
                continue
            if value is None and is_answered(case, name):
                continue
            lines.append(
                self.phrase(
                    "summary_line",
                    label=self.label(name),
                    value=self.value(name, value),
                )
            )
        return "\n".join(lines)

    def first_offer(self, case: Case) -> list[str]:
        """What can be offered a month, and how it is shared."""
        budget = budget_of(case)
        if budget is None:
            return [self.phrase("budget_missing")]
        if not budget.affordable:
            gap = (
                self.phrase("budget_gap", shortfall=yuan(budget.shortfall))
                if budget.shortfall
                else self.phrase("budget_even")
            )
            return [self.phrase("budget_zero", gap=gap)]
        priority = (
            self.phrase("budget_priority", amount=yuan(budget.priority))
            if budget.priority
            else ""
        )
        lines = [
            self.phrase(
                "budget",
                income=yuan(budget.income),
                essentials=yuan(budget.essentials),
                priority=priority,
                affordable=yuan(budget.affordable),
                offer=yuan(budget.offer),
            )
        ]
        shares = shares_of(case)
        if len(shares) > 1:
            each = "；".join(
                self.phrase(
                    "share",
                    name=PRODUCT_NAMES.get(share.name_key, share.name_key),
                    amount=yuan(share.amount),
                )
                for share in shares
            )
            lines.append(self.phrase("shares", shares=each))
        return lines

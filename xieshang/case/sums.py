"""Sums of money and rates in a message, each given to the field it is for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from xieshang.case import expenses, rates
from xieshang.case.fields import BALANCES, MAY_BE_ZERO, MONEY
from xieshang.case.heard import Heard
from xieshang.case.record import Case, OtherDebt
from xieshang.language.entities import Entity

# Several sums without a name, in answer to these, are parts of the whole.
SUMMED = frozenset({"monthly_income", "essential_expenses", "priority_payments"})

_PRINCIPAL = re.compile(r"本金[^，,。\d一二两三四五六七八九]{0,4}$")
_NO_INCOME = re.compile(
    r"(?:没有?|无|零)(?:了|任何|固定|啥|什么)?收入|收入(?:现在)?(?:是|为)?(?:0|零|没有)"
)
_NOTHING = re.compile(
    r"(?:现在|目前|暂时)?(?:没有?(?:了)?|无|零|0元?|一分(?:钱)?(?:都|也)?没有?(?:了)?)"
)
_NO_EXPENSES = re.compile(
    r"(?:我|平时|每个?月|一个月|基本上?|几乎|现在|目前|暂时)*没有?(?:什么|啥|任何)?(?:必要|生活|日常)?的?"
    r"(?:开支|开销|花销|支出|花费|要花钱?的?|花钱?的?)(?:地方)?"
)
_NO_PRIORITY = re.compile(r"没有?(?:房贷|车贷|抚养费)")
# Who lends without being a lender: "还找朋友借了5000".
_PRIVATE = re.compile(
    r"(?:找|跟|向|问|从|管|欠)(?:我的?)?(?:朋友|亲戚|同事|同学|家人|家里|邻居|熟人|爸妈|父母|[表堂大小二]?[哥姐弟妹舅姑叔姨])"
    r".{0,4}(?:借|拿|欠)了?$"
)
_BEFORE_NAME = re.compile(
    r"^(?:我|还|也|又|另外?|外加|再加上?|加上|有|欠着?了?|找|跟|向|问|从|管|一个|其中)+"
)
_AFTER_NAME = re.compile(
    r"(?:那里|那边|那儿|这边|借了?|拿了?|欠着?了?|要还|待还|一共|总共|大概|大约|差不多|还|有|是|的|约|共)+$"
)
_LONGEST_NAME = 8
_UNNAMED = "其他欠款"
_A_MONTH = re.compile(r"(?:每个?月|一个?月)[^，,。；;]{0,6}$")
_MINUS = re.compile(r"^\s*[-－−—]\s*$|负$")
# An answer that is a number, also one that elsewhere would be a hotline: 10000.
_SUM_ALONE = re.compile(
    r"(?:我|花呗|借呗|账单上?|大概|大约|约|差不多|一?共|总共|欠了?|还[有剩欠]|剩|[是有就要]"
    r"|到手|工资|收入|每个?月|一个月|加起来|开销|\s)*"
    r"(?P<sum>\d{1,3}(?:,\d{3})+|\d{1,7})(?:左右|没还|[吧呢啊了的]|\W)*"
)


def read(
    heard: Heard, asked: str | None, case: Case, debts: Sequence[str]
) -> dict[str, Any]:
    """The sums and rates of a message by field.

    Args:
        heard: the message.
        asked: the field that a sum without a name answers.
        case: what is known.
        debts: names of other lenders.
    """
    told = [e for e in heard.stated if e.entity == "money"]
    found: dict[str, Any] = {}
    spent = expenses.Expenses()
    others: list[OtherDebt] = []
    begins = 0
    for entity in told:
        before = heard.text[begins : entity.start]
        begins = entity.end
        value = _signed(Decimal(str(entity.value)), before)
        name = _field_of(entity, before, asked, case)
        if name and not entity.role and not heard.answers_with(entity):
            continue
        if name == "other_debts":
            others.append(OtherDebt(_lender(before, debts), value))
        elif name == expenses.NAME:
            spent.add(before, value, entity.role is not None)
        elif name in SUMMED and name in found:
            found[name] += value
        elif name and name not in found:
            found[name] = value
    total = case.essential_expenses
    # "不对，房租是1600" is a part of the total that was told.
    answers = asked == expenses.NAME and not (heard.corrects and total is not None)
    found.update(spent.values(case.expense_items, total, answers))
    if others:
        found["other_debts"] = _merged(case.other_debts, others)
    found = {**_nothing(heard, asked, told), **found}
    if asked in MONEY and not told:
        alone = _SUM_ALONE.fullmatch(heard.text)
        if alone:
            found.setdefault(asked, Decimal(alone["sum"].replace(",", "")))
    found.update(rates.read(heard, asked, case))
    return found


def _field_of(entity: Entity, before: str, asked: str | None, case: Case) -> str | None:
    role = entity.role
    if role in (None, "monthly_income") and expenses.speaks_of_spending(before):
        return expenses.NAME
    if role is None and _PRIVATE.search(before):
        return "other_debts"
    if _PRINCIPAL.search(before):
        product = next((p for p, b in BALANCES.items() if b == role), None)
        product = product or (case.products[0] if len(case.products) == 1 else None)
        return f"{product}_principal" if product else None
    if role in MONEY or role == "other_debts":
        return role
    if asked in BALANCES.values() and _A_MONTH.search(before):
        # "一个月也就四千" owes nothing.
        return None
    return asked if role is None and asked in MONEY else None


def _signed(value: Decimal, before: str) -> Decimal:
    """The sum as it was written: -500, 负500."""
    return -value if _MINUS.search(before) else value


def _lender(before: str, debts: Sequence[str]) -> str:
    """The name of a lender, else the person's words: 朋友, 我哥, 招行."""
    known = [name for name in debts if name in before]
    said = re.split(r"[^\u4e00-\u9fa5]", before)[-1]
    own = _AFTER_NAME.sub("", _BEFORE_NAME.sub("", said))[-_LONGEST_NAME:]
    return max(known, key=len, default=own or _UNNAMED)


def _merged(
    known: Sequence[OtherDebt], told: Sequence[OtherDebt]
) -> tuple[OtherDebt, ...]:
    """The debts by name; what the last message told holds."""
    by_name = {debt.name: debt.balance for debt in known}
    now: dict[str, Decimal] = {}
    for debt in told:
        # Two cards told in one message are two debts.
        now[debt.name] = now.get(debt.name, Decimal(0)) + debt.balance
    return tuple(OtherDebt(*one) for one in {**by_name, **now}.items())


def says_no_income(heard: Heard) -> bool:
    """Whether a message says that there is no income."""
    return bool(_NO_INCOME.search(heard.statement))


def _nothing(heard: Heard, asked: str | None, told: Sequence[Entity]) -> dict[str, Any]:
    """Zero, said in words."""
    found: dict[str, Any] = {}
    bare = re.sub(r"[\s，,。.！!吧呢啊呀哦的]+", "", heard.answer)
    if says_no_income(heard):
        found["monthly_income"] = Decimal(0)
    if _NO_PRIORITY.search(heard.statement) and not told:
        found["priority_payments"] = Decimal(0)
    if asked in MAY_BE_ZERO and _NOTHING.fullmatch(bare):
        found[asked] = Decimal(0)
    if asked == expenses.NAME and _NO_EXPENSES.fullmatch(bare):
        found[asked] = Decimal(0)
    return found

"""Sums of money and rates in a message, each given to the field it is for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from xieshang.case import expenses, priorities, rates
from xieshang.case.fields import BALANCES, MAY_BE_ZERO, MONEY
from xieshang.case.heard import Heard
from xieshang.case.record import Case, OtherDebt
from xieshang.language.entities import Entity

# Several sums of it, or in answer to it, are parts of the whole.
INCOME = "monthly_income"

_PRINCIPAL = re.compile(r"本金[^，,。\d一二两三四五六七八九]{0,4}$")
_NO_INCOME = re.compile(
    r"(?:没有?|无|零)(?:了|任何|啥|什么)?收入|收入(?:现在)?(?:是|为)?(?:0|零|没有(?![\d一二两三四五六七八九十]))"
)
_NOTHING = re.compile(
    r"(?:现在|目前|暂时)?(?:没有?(?:了)?|无|零|0元?|一分(?:钱)?(?:都|也)?没有?(?:了)?)(?:靠.{1,8})?"
)
# What is not earned any more, or not all one's own: 以前8000现在3000, 税前6000到手5000.
_FORMER = re.compile(
    r"(?:以前|原来|之前|本来|原先|过去|去年|税前|应发|从)[^，,。；;\d]{0,6}$"
)
_LAST_MONTH = re.compile(r"上个?月[^，,。；;\d]{0,6}$")
# What is earned besides, without a name: 工资6000老婆3000.
_ALSO_EARNED = re.compile(
    r"(?:老婆|老公|爱人|对象|妻子|丈夫|媳妇|[他她]|爸|妈|父母|儿子|女儿|孩子"
    r"|兼职|副业|另外|外加|加上|还有|奖金|提成|补贴|低保)[^，,。；;\d]{0,4}$"
)
# "每天200", "150一天", "一年5万"
_PERIOD = (
    r"(?:每天|一天|每日|一日|日结|日薪|每个?小时|一个?小时|时薪|每年|一年(?!半)"
    r"|年薪|年收入)"
)
_NUMERAL = r"[\d一二两三四五六七八九十百千]"
_OTHER_PERIOD = re.compile(
    rf"{_PERIOD}[^，,。；;\d]{{0,4}}{_NUMERAL}|{_NUMERAL}[万千百多几]*(?:块钱?|元)?{_PERIOD}"
)
# Of a debt: what is not all of it, what is, and parts that make it up.
_NOT_OWED = re.compile(
    r"(?:最低(?:还款?|应还)?|额度|利息|罚息|违约金|手续费|每期|每月|月供)[^，,。；;\d]{0,4}$"
)
_IN_ALL = re.compile(r"(?:[总一]?共|合计|加起来|全部|总的?|用了)[^，,。；;\d]{0,4}$")
_BILL = re.compile(r"[期月笔][^，,。；;\d]{0,3}$")
# Said of what one earns; what one lives on comes from others.
_NO_WORK = re.compile(
    r"(?:我|还|现在|目前|暂时|都|一直)*没(?:有)?(?:去)?(?:上班|工作|活干?|活儿|事做|开工|找到工作|进账)"
)
# "一个月她给我3000"
_GIVEN = re.compile(r"[给帮]我(?:打|转|寄)?(?:了|过来)?$")
_NOTHING_ELSE = re.compile(
    r"(?:就|只有?)(?:这|那)(?:些|个|一?项|一?样)?|没(?:有)?(?:别的|其他|什么别)(?:开支|支出|花销)?"
)
_NO_EXPENSES = re.compile(
    r"(?:我|平时|每个?月|一个月|基本上?|几乎|现在|目前|暂时)*没有?(?:什么|啥|任何)?(?:必要|生活|日常)?的?"
    r"(?:开支|开销|花销|支出|花费|要花钱?的?|花钱?的?)(?:地方)?"
)
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
    sums = _Sums(debts)
    begins = 0
    for entity in told:
        before = heard.text[begins : entity.start]
        begins = entity.end
        name = _field_of(entity, before, asked, case)
        if name and (entity.role or heard.answers_with(entity)):
            value = _signed(Decimal(str(entity.value)), before)
            sums.add(name, before, value, entity.role is not None)
    found = {**_nothing(heard, asked, case), **sums.values(heard, asked, case)}
    if asked in MONEY and not told:
        alone = _SUM_ALONE.fullmatch(heard.text)
        if alone:
            found.setdefault(asked, Decimal(alone["sum"].replace(",", "")))
    found.update(rates.read(heard, asked, case))
    return found


class _Sums:
    """The sums of a message, each taken for its field.

    Args:
        debts: names of other lenders.
    """

    def __init__(self, debts: Sequence[str]) -> None:
        self._debts = debts
        self._named: dict[str, list[tuple[str, Decimal]]] = {}
        self._unnamed: dict[str, list[tuple[str, Decimal]]] = {}
        self._spent = expenses.Expenses()
        self._first = priorities.Priorities()
        self._others: list[OtherDebt] = []

    def add(self, name: str, before: str, value: Decimal, named: bool) -> None:
        """Take a sum.

        Args:
            name: of the field.
            before: the words between the sum before and this one.
            value: yuan.
            named: whether the words say what it is for.
        """
        if name == "other_debts":
            self._others.append(OtherDebt(_lender(before, self._debts), value))
        elif name == expenses.NAME:
            self._spent.add(before, value, named)
        elif name == priorities.NAME:
            self._first.add(before, value)
        elif named:
            self._named.setdefault(name, []).append((before, value))
        else:
            self._unnamed.setdefault(name, []).append((before, value))

    def values(self, heard: Heard, asked: str | None, case: Case) -> dict[str, Any]:
        """The fields that the message tells.

        Args:
            heard: the message.
            asked: the field that was asked for.
            case: what is known.
        """
        total = case.essential_expenses
        # "不对，房租是1600" is a part of the total that was told.
        answers = asked == expenses.NAME and not (heard.corrects and total is not None)
        found: dict[str, Any] = {
            **self._values(),
            **self._spent.values(case.expense_items, total, answers),
            **self._first.values(
                case.priority_items, case.priority_payments, asked == priorities.NAME
            ),
        }
        if self._others:
            found["other_debts"] = _merged(case.other_debts, self._others)
        return found

    def _values(self) -> dict[str, Decimal]:
        """The fields that hold one sum; the sums that say what they are for win."""
        found = {}
        for name in (*self._unnamed, *self._named):
            told = self._named.get(name) or self._unnamed[name]
            if name == INCOME:
                parts = [one for one in self._unnamed.get(name, ()) if one not in told]
                others = [one for one in parts if _ALSO_EARNED.search(one[0])]
                values = _earned([*told, *others])
            elif name in self._named:
                values = [value for _, value in told]
            else:
                values = _owed(told)
            if values:
                found[name] = sum(values, Decimal(0)) if name == INCOME else values[0]
        return found


Told = Sequence[tuple[str, Decimal]]


def _earned(told: Told) -> list[Decimal]:
    """What is earned now, one or several sums, of those that were told.

    Args:
        told: the words before each of them, and yuan.
    """
    now = [(before, value) for before, value in told if not _FORMER.search(before)]
    this_month = [value for before, value in now if not _LAST_MONTH.search(before)]
    return this_month or [value for _, value in now]


def _owed(told: Told) -> list[Decimal]:
    """The whole of a debt, or nothing when it is not clear which of the sums it is.

    Args:
        told: the words before each of them, and yuan.
    """
    likely = [(before, value) for before, value in told if not _NOT_OWED.search(before)]
    whole = [value for before, value in likely if _IN_ALL.search(before)]
    if whole or len(likely) == 1:
        return (whole or [value for _, value in likely])[:1]
    if likely and all(_BILL.search(before) for before, _ in likely):
        return [sum((value for _, value in likely), Decimal(0))]
    return []


def _field_of(entity: Entity, before: str, asked: str | None, case: Case) -> str | None:
    role = entity.role
    received = role == priorities.NAME and priorities.is_received(before)
    if received or (asked == INCOME and _GIVEN.search(before)):
        return INCOME
    if role in (None, INCOME) and expenses.speaks_of_spending(before):
        return expenses.NAME
    if _PRINCIPAL.search(before):
        product = next((p for p, b in BALANCES.items() if b == role), None)
        product = product or (case.products[0] if len(case.products) == 1 else None)
        return f"{product}_principal" if product else None
    if role in MONEY or role == "other_debts":
        return role
    return _field_without_name(before, asked) if role is None else None


def _field_without_name(before: str, asked: str | None) -> str | None:
    if priorities.speaks_of_them(before):
        return priorities.NAME
    if _PRIVATE.search(before):
        return "other_debts"
    # "一个月也就四千" owes nothing.
    owes_nothing = asked in BALANCES.values() and _A_MONTH.search(before)
    return asked if asked in MONEY and not owes_nothing else None


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


def is_of_another_period(heard: Heard) -> bool:
    """Whether a message tells what a day, an hour or a year brings or costs.

    Args:
        heard: the message.
    """
    return bool(_OTHER_PERIOD.search(heard.statement))


def says_no_income(heard: Heard) -> bool:
    """Whether a message says that there is no income."""
    return bool(_NO_INCOME.search(heard.statement))


def _nothing(heard: Heard, asked: str | None, case: Case) -> dict[str, Any]:
    """Zero, said in words."""
    found: dict[str, Any] = {}
    bare = re.sub(r"[\s，,。.！!吧呢啊呀哦的]+", "", heard.answer)
    if says_no_income(heard):
        found[INCOME] = Decimal(0)
    gone = priorities.gone_kinds(heard.statement)
    if gone:
        left = {n: v for n, v in case.priority_items if n not in gone}
        found.update(priorities.of_items(left))
    if asked == INCOME and _NO_WORK.fullmatch(bare):
        found[asked] = Decimal(0)
    parts = case.expense_items if asked == expenses.NAME else ()
    if parts and (_NOTHING.fullmatch(bare) or _NOTHING_ELSE.fullmatch(bare)):
        # Of what was told so far.
        return {**found, **expenses.of_items(parts)}
    if asked in MAY_BE_ZERO and _NOTHING.fullmatch(bare):
        found[asked] = Decimal(0)
    if asked == expenses.NAME and _NO_EXPENSES.fullmatch(bare):
        found[asked] = Decimal(0)
    return found

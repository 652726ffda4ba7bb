"""Essential expenses: told as a total, by category, or one category corrected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

NAME, ITEMS = "essential_expenses", "expense_items"
Item = tuple[str, Decimal]

_OTHER = "其他"
_LONGEST_LABEL = 8
_SPENT = r"(?:开支|支出|开销|花销|花费)"
# Northerners call their payday 开支: "15号开支5000" is income.
_SPENDS = re.compile(rf"(?<![号日])(?<!厂里)(?<!公司){_SPENT}[^，,。；;\d]{{0,6}}$")
_WHOLE = re.compile(
    rf"(?:我|每个?月|一个月|的|现在|目前|必要|生活|日常|固定|基本|这些|那些|就|大概|是|全部|加起来|[，,\s])*"
    rf"(?:{_SPENT}|一共|总共|合计|共计|总数|总计|加起来|加一起|全部|总的)"
    r"(?:一共|总共|大概|大约|差不多|左右|每个?月|一个月|都|就|要|得|有|算|在|也|应该|其实|不?是|改成|改为"
    r"|[说填写报]|的|了|[，,\s])*"
)
# One of these alone is a part of what a month costs, and not all of it.
_CATEGORY = (
    r"(?:孩子|小孩|娃|老人|父母|爸妈)?的?(?:房租|租房|租金|合租|水电煤?气?|水费|电费|燃气|煤气|物业"
    r"|话费|电话|网费|宽带|交通|通勤|油费|加油|停车|打车|[吃买]?药|医药|看病|治疗|透析|住院|康复|学费|学杂|上学"
    r"|补[课习]班?|辅导班?|培训班?|兴趣班|幼儿园|托[班管]|奶粉|尿布|尿不湿|保姆|社保|医保|保险|吃饭|吃的|伙食|买菜"
    r"|孩子|老人|养孩子|养老人|给父母|给爸妈|赡养)(?:费|钱)?"
)
_PART = re.compile(rf"(?:我|光|就)*{_CATEGORY}")
_LAST_CATEGORY = re.compile(rf"(?P<other>.+?)(?P<category>{_CATEGORY})")
# "还有孩子学费800" comes on top of what was told.
ADDS = re.compile(r"还有|还要|另外|再加上?|外加|加上|此外")
_CORRECTING = re.compile(
    r"不是[^，,。；;]*|说错了?|搞错了?|记错了?|算错了?|错了|不对|应该|其实|改成|改为|更正一?下?"
)
_FILLING = re.compile(
    r"[^\u4e00-\u9fa5]|^(?:和|跟|与|还|有|每个?月|一个月|[吧呢啊呀嘛了])+"
    r"|[要得花还就都也是每月一个大概约差不多]+$"
)
_COMMON = frozenset("费钱用品的")


def speaks_of_spending(before: str) -> bool:
    """Whether the words before a sum say that it is spent.

    Args:
        before: the words between the sum before and this one.
    """
    return bool(_SPENDS.search(before))


@dataclass
class Expenses:
    """The expenses of a message, sum by sum.

    Attributes:
        items: what for and how much, in order.
        whole: a sum that is all of them.
        named: whether any of the items says what it is for.
        adds: whether they come on top of what was told before.
    """

    items: list[Item] = field(default_factory=list)
    whole: Decimal | None = None
    named: bool = False
    adds: bool = False

    def add(self, before: str, value: Decimal, named: bool) -> None:
        """Take a sum.

        Args:
            before: the words between the sum before and this one.
            value: yuan.
            named: whether the words say that it is an expense.
        """
        said = ADDS.sub("", _CORRECTING.sub("", before))
        self.adds = self.adds or bool(ADDS.search(before))
        if self.whole is None and _WHOLE.fullmatch(said):
            self.whole = value
            return
        self.named = self.named or named
        self.items.append((_label(said), value))

    def values(
        self, known: Sequence[Item], total: Decimal | None, asked: bool
    ) -> dict[str, Any]:
        """The fields that the message tells.

        Args:
            known: the items told before.
            total: what was told before as all of them.
            asked: whether the expenses were asked for.
        """
        items = list(self.items)
        parts = sum((value for _, value in items), Decimal(0))
        if self.whole is not None and self.whole >= parts:
            shown = tuple(items) if parts == self.whole and len(items) > 1 else ()
            return {NAME: self.whole, ITEMS: shown}
        if self.whole is not None:
            items.append((_OTHER, self.whole))
        if not items:
            return {}
        if self.adds and total is not None and not known:
            # Its parts are not known: only the sum grows.
            return {NAME: total + parts, ITEMS: ()}
        few = len(items) < max(len(known), 2)
        if known and self.named and (self.adds or total is None or few):
            items = _merged(known, items)
        elif not asked and len(items) == 1 and _is_part(items[0][0]):
            # The rent alone leaves the question open, and a total as it is.
            return {ITEMS: tuple(items)} if total is None else {}
        whole = sum((value for _, value in items), Decimal(0))
        keeps = self.named and (len(items) > 1 or _is_part(items[0][0]))
        return {NAME: whole, ITEMS: tuple(items) if keeps else ()}


def of_items(items: Sequence[Item]) -> dict[str, Any]:
    """The fields when these are all of the expenses.

    Args:
        items: what for and how much.
    """
    whole = sum((value for _, value in items), Decimal(0))
    return {NAME: whole, ITEMS: tuple(items)}


def _label(before: str) -> str:
    """What an expense is for, in the person's words."""
    clauses = [part for part in re.split(r"[，,。；;！!？?\s]", before) if part]
    said = clauses[-1] if clauses else ""
    label = _FILLING.sub("", said)
    named = _LAST_CATEGORY.fullmatch(label)
    if named and not re.search(_CATEGORY, named["other"]):
        # "我还失业了房租 1500"
        label = named["category"]
    return label[-_LONGEST_LABEL:] or _OTHER


def _is_part(label: str) -> bool:
    return bool(_PART.fullmatch(label))


def _merged(known: Sequence[Item], told: Sequence[Item]) -> list[Item]:
    """What was told before with what is told now: 房租 is 租房."""
    merged = list(known)
    for label, value in told:
        place = next(
            (
                place
                for place, (name, _) in enumerate(merged)
                if name == label or (set(name) & set(label)) - _COMMON
            ),
            None,
        )
        if place is None:
            merged.append((label, value))
        else:
            merged[place] = (merged[place][0], value)
    return merged

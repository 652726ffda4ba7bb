"""What is paid before the other debts: mortgage, car loan, maintenance, one by one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from xieshang.case.expenses import ADDS, Item

NAME, ITEMS = "priority_payments", "priority_items"

_KINDS = {
    "房贷": r"房贷|按揭|住房贷款|公积金贷款|房子(?:月供|贷款|每月)|供房|供楼|房供",
    "车贷": r"车贷|车子贷款|供车",
    "抚养费": r"抚养费|赡养费",
}
_ANY = "|".join(_KINDS.values())
_GONE = re.compile(rf"没有?(?:了)?(?:(?:{_ANY})(?:[和跟与、，,也]|没有?)*)+")
# "前夫给抚养费1000" comes in.
_RECEIVED = re.compile(
    r"(?:前夫|前妻|孩子(?:他|她)?[爸妈]|男方|女方|他|她|对方)"
    r"(?:每个?月|一个?月|现在|[会也都要])*(?:[给付出打寄]|转)(?:我|的|了|过来)*(?:抚养费|赡养费)"
    r"[^，,。；;\d]{0,6}$"
)


def speaks_of_them(before: str) -> bool:
    """Whether the words before a sum say that it is such a payment.

    Args:
        before: the words between the sum before and this one.
    """
    return bool(_kinds_in(before))


def is_received(before: str) -> bool:
    """Whether the words before a sum say that maintenance comes in.

    Args:
        before: the words between the sum before and this one.
    """
    return bool(_RECEIVED.search(before))


def gone_kinds(statement: str) -> tuple[str, ...]:
    """The kinds of which a message says that there are none: 没有房贷.

    Args:
        statement: what the message states.
    """
    return tuple(kind for said in _GONE.findall(statement) for kind in _kinds_in(said))


@dataclass
class Priorities:
    """The payments of a message, sum by sum.

    Attributes:
        items: which one and how much, in order.
        is_whole: whether a sum is of several, or of nothing named.
        adds: whether they come on top of what was told before.
    """

    items: list[Item] = field(default_factory=list)
    is_whole: bool = False
    adds: bool = False

    def add(self, before: str, value: Decimal) -> None:
        """Take a sum.

        Args:
            before: the words between the sum before and this one.
            value: yuan a month.
        """
        kinds = _kinds_in(before)
        self.is_whole = self.is_whole or len(kinds) != 1
        self.adds = self.adds or bool(ADDS.search(before))
        self.items.append((kinds[0] if kinds else "", value))

    def values(
        self, known: Sequence[Item], total: Decimal | None, asked: bool
    ) -> dict[str, Any]:
        """The fields that the message tells.

        Args:
            known: the payments told before.
            total: what was told before as all of them.
            asked: whether they were asked for.
        """
        if not self.items:
            return {}
        told = sum((value for _, value in self.items), Decimal(0))
        if known and not self.is_whole:
            return of_items({**dict(known), **dict(self.items)})
        if total and not known and not asked:
            # Of a sum of several one alone says nothing, unless it comes on top.
            return {NAME: total + told, ITEMS: ()} if self.adds else {}
        if self.is_whole:
            return {NAME: told, ITEMS: ()}
        return of_items(dict(self.items))


def of_items(items: dict[str, Decimal]) -> dict[str, Any]:
    """The fields of payments that are known one by one.

    Args:
        items: yuan a month by kind.
    """
    return {NAME: sum(items.values(), Decimal(0)), ITEMS: tuple(items.items())}


def _kinds_in(words: str) -> tuple[str, ...]:
    return tuple(kind for kind, names in _KINDS.items() if re.search(names, words))

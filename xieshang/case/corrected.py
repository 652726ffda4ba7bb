"""Which field a message is about when it takes something back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from xieshang.case.fields import BALANCES, MONEY, is_answered, questions_of
from xieshang.case.heard import Heard
from xieshang.case.record import Case
from xieshang.language.amounts import find_amounts
from xieshang.language.durations import find_durations
from xieshang.language.spans import fold

# "应该是5500吧" may as well answer what is asked.
_IS_PRODUCT = re.compile(
    r"产品|不是|(?:是|只有|就|改成|换成)(?:欠|的|蚂蚁)?[花借]呗|[花借]呗[的了吧啊呀\W]*$"
)
_WRONG = re.compile(r"不对|错|更正|纠正|改一下|改下|重新?填")
_TAKES_BACK = re.compile(r"不对|不是|错|更正|纠正|改成|改为|改一下|改下|重新填")
_KINDS: Mapping[str, frozenset[str]] = {
    "money": MONEY,
    "days": frozenset({"days_overdue", "due_date", "overdue"}),
    "date": frozenset({"due_date", "days_overdue"}),
    "product": frozenset({"product"}),
    "hardship": frozenset({"hardship"}),
    "goal": frozenset({"goal"}),
}


def named_fields(heard: Heard, named: Mapping[str, str], case: Case) -> tuple[str, ...]:
    """The fields that a message speaks of by their names.

    Args:
        heard: the message.
        named: field -> pattern of its name.
        case: a balance is one of its products, unless another product is named.
    """
    said = {str(e.value) for e in heard.entities if e.entity == "product"}
    products = said or set(case.products)
    return tuple(
        name
        for name, pattern in named.items()
        if not (products and name.partition("_")[0] in {*BALANCES} - products)
        and re.search(pattern, heard.text)
    )


def finds_wrong(heard: Heard) -> bool:
    """Whether a message says that what was told is wrong: 刚才说错了."""
    return heard.corrects and not heard.asks and bool(_WRONG.search(heard.text))


def says_product(heard: Heard) -> bool:
    """Whether a correction says which product it is, and not what is wrong with it.

    Args:
        heard: a message that names a product and no sum.
    """
    return bool(_IS_PRODUCT.search(heard.text))


def target_of(
    heard: Heard,
    asked: str | None,
    last: str | None,
    case: Case,
    named: Mapping[str, str],
) -> str | None:
    """The field that a value without a name is for.

    Args:
        heard: the message.
        asked: the field that was asked for.
        last: the field that was told last.
        case: what is known.
        named: field -> pattern of its name.
    """
    if not heard.corrects:
        return asked
    by_name = named_fields(heard, named, case)
    if by_name:
        return by_name[0]
    kind = _kind(heard)
    rejected = _rejected(heard, case, last)
    if rejected:
        return rejected
    if kind is None or (asked in _KINDS[kind] and not _TAKES_BACK.search(heard.text)):
        return asked
    told = _told_before(asked, last, case)
    return next((name for name in told if name in _KINDS[kind]), asked)


def _kind(heard: Heard) -> str | None:
    """What kind of value a message tells without saying what for."""
    entities = heard.stated
    sums = [e for e in entities if e.entity == "money"]
    if sums:
        return "money" if any(e.role is None for e in sums) else None
    if any(e.entity == "overdue_days" for e in entities) or find_durations(
        fold(heard.statement)
    ):
        return "days"
    kinds = ("date", "product", "hardship", "goal")
    kind = next((k for k in kinds if any(e.entity == k for e in entities)), None)
    return None if kind == "product" and not says_product(heard) else kind


def _told_before(asked: str | None, last: str | None, case: Case) -> Iterator[str]:
    """The fields that have a value, those first that are more likely meant."""
    questions = [name for name in questions_of(case) if is_answered(case, name)]
    if asked in questions:
        yield str(asked)
    if last:
        yield last
    before = questions_of(case)
    if asked in before:
        before = before[: before.index(asked)]
    yield from (name for name in reversed(before) if name in questions)
    yield from questions


def _rejected(heard: Heard, case: Case, last: str | None) -> str | None:
    """The field that has the value that is taken back: 不是8千是9千."""
    text = fold(heard.text)
    durations = find_durations(text)
    kept = [(entity.start, entity.end) for entity in heard.entities]

    def is_gone(start: int, end: int) -> bool:
        return not any(begin < end and start < stop for begin, stop in kept)

    gone = {
        Decimal(amount.value)
        for amount in find_amounts(text, [(d.start, d.end) for d in durations])
        if is_gone(amount.start, amount.end)
    }
    sums = sorted(MONEY, key=lambda name: name != last)
    by_sum = next((n for n in sums if gone and getattr(case, n) in gone), None)
    if by_sum:
        return by_sum
    days = {d.days for d in durations if is_gone(d.start, d.end)}
    return "days_overdue" if case.days_overdue in days else None

"""Sums of money in a sentence, in all the ways people write them.

Numbers that are no money are left alone (see not_money.py); what dates and durations
hold is handed in as taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from xieshang.language.not_money import is_counted, is_no_money
from xieshang.language.numerals import ARABIC, CHINESE, DIGITS, UNITS, read_number
from xieshang.language.spans import clause_before, is_taken

SMALL = 100

_UNIT = "[万千百亿佰仟wk]"
_MORE = "(?:多|来|几|余)"
_TAIL = rf"(?:零?(?:{ARABIC}|[{DIGITS}])(?:[千百k](?![a-z]))?)"
_NUMBER = (
    rf"(?:(?:{ARABIC})\s?{_UNIT}(?![a-z]){_TAIL}*(?![\d.])"
    rf"|(?:{ARABIC})\s?{_UNIT}(?![a-z])|(?:{ARABIC})|{CHINESE})"
)
_SIGN = r"(?:[¥$]|rmb|人民币)\s?"
_CURRENCY = r"(?:元整?|块钱?|圆整?|整(?![个天月年])|蚊|rmb|人民币|r(?![a-z]))"
_NOT_COUNTED = rf"(?![\d.{DIGITS}十百千万期天号月年次个])"
_AMOUNT = re.compile(
    rf"(?P<sign>{_SIGN})?(?P<number>{_NUMBER})"
    rf"(?:(?P<more>{_MORE})(?:(?P<unit>{_UNIT})|(?!自)))?"
    rf"(?:(?<=多)一?点[点儿]?(?=[，。！？、；\s吧了啊呢的]|$))?\s?"
    rf"(?P<currency>{_CURRENCY})?"
    rf"(?P<change>(?<=[块元])[\d{DIGITS}](?:[毛角][\d{DIGITS}]?分?|{_NOT_COUNTED}))?"
    rf"(?P<rest>(?<=[块元钱])多(?![少久了给出]))?"
)
_END = rf"\d[\d,]*(?:\.\d+)?{_UNIT}?|{CHINESE}"
_SPAN = re.compile(
    rf"(?P<low>{_END})(?:块钱?|元)?\s?(?:[-~－—–]+|到|至|、(?=[\d{DIGITS}]{_UNIT}))\s?"
    rf"(?P<high>{_END}){_CURRENCY}?"
)
_JIAO = re.compile(
    rf"(?<![\d.{DIGITS}十百块元])[\d{DIGITS}][毛角](?:钱|[\d{DIGITS}]分?)?(?![钱也都]{{0,2}}[没不])"
)
_ROUGH = {
    "万儿?八千": 8000,
    "千儿?八百": 800,
    "百八十(?=块|元|的|[，。]|$)": 80,
    "[上过近破]百万": 1_000_000,
    "[上过近破]十万": 100_000,
    "[上过近破][万w]|万把": 10_000,
    "[上过近破]千|千把": 1000,
    "[上近]百(?!度)|百把": 100,
}
_ROUGH_AMOUNTS = [
    (re.compile(rf"(?<![{DIGITS}十百千万\d])(?:{words})(?:{_CURRENCY})?"), value)
    for words, value in _ROUGH.items()
]
_ZERO = re.compile(
    rf"(?<![{DIGITS}\d十百千万个])零(?:(?P<unit>元(?!购)|块钱?)|(?=收入|[，。！？、；\s啊吧了]|$))"
)
_UNIT_COUNTED = re.compile(rf"(?P<number>\d+|[{DIGITS}十]+)个(?P<unit>[w万])(?!一)")
_APPROX_BEFORE = re.compile(
    r"(?:大概|大约|约莫|(?<![合节预])约|差不多|将近|接近|估计|估摸|目测|(?<!不)(?<!别)(?<!能)超过|不到"
    r"|(?<![赶尽很更不])快(?:要|有|到)?|(?<![最附])近|(?<![大最减缩很])小(?=$))"
    r"[^，。,\d]{0,3}$"
)
_APPROX_AFTER = re.compile(
    r"钱?(?:\+(?=[，。！？,、；;的块元\s]|$)|左右|上下|出头|以上|开外|有余|好几|之间|的样子|不到(?=[，。]|$))"
)


@dataclass(frozen=True)
class Amount:
    """A sum of money.

    Attributes:
        start: place of its first character.
        end: place after its last character.
        value: yuan.
        approx: whether it was said as an approximate value.
        sure: whether sign, unit or size say that it is money.
    """

    start: int
    end: int
    value: Decimal
    approx: bool
    sure: bool


def _change(written: str) -> Decimal:
    """The part after 块, in yuan: 3, 三毛, 8毛5."""
    digits = [read_number(char).value for char in written if char not in "毛角分钱"]
    return sum(
        (digit / 10**place for place, digit in enumerate(digits, start=1)), Decimal(0)
    )


def _with_context(text: str, amount: Amount) -> Amount:
    """Add what the words around say: 大概, 将近, 左右, 出头, +."""
    start, end, approx = amount.start, amount.end, amount.approx
    if after := _APPROX_AFTER.match(text, end):
        approx, end = True, after.end()
    if before := _APPROX_BEFORE.search(clause_before(text, start)):
        approx = True
        start -= before.group() == "小"
    return Amount(start, end, amount.value, approx, amount.sure)


def _read(match: re.Match[str]) -> Amount | None:
    written = match["number"].replace(" ", "")
    number = read_number(written)
    value = number.value * (UNITS[match["unit"]] if match["unit"] else 1)
    if match["change"]:
        value += _change(match["change"])
    unit = bool(match["currency"] or match["sign"])
    sized = bool(re.search(_UNIT, written + (match["unit"] or "")))
    chinese = not re.search(r"\d", written)
    if not unit and not sized and chinese and (match["more"] or len(written) == 1):
        return None
    approx = number.approx or bool(match["more"] or match["rest"])
    sure = unit or sized or (not chinese and value >= SMALL)
    end = match.start() + len(match.group().rstrip())
    return Amount(match.start(), end, value, approx, sure)


def _single(text: str, taken: Sequence[tuple[int, int]]) -> Iterator[Amount]:
    """The sums that are one number, in the gaps between the taken pieces."""
    begin = 0
    for start, end in [*sorted(taken), (len(text), len(text))]:
        for match in _AMOUNT.finditer(text, begin, max(begin, start)):
            if is_no_money(match, text):
                continue
            try:
                amount = _read(match)
            except ValueError:
                continue
            if amount:
                yield _with_context(text, amount)
        begin = max(begin, end)


def _spans(text: str) -> Iterator[Amount]:
    """2000-3000, 1-2万, 两千到三千: the lower end."""
    for match in _SPAN.finditer(text):
        try:
            low, high = (
                read_number(match["low"]).value,
                read_number(match["high"]).value,
            )
        except ValueError:
            continue
        unit = re.search(rf"{_UNIT}$", match["high"])
        if unit and low < SMALL and not re.search(_UNIT, match["low"]):
            low *= UNITS[unit.group()]
        if SMALL <= low < high and not is_counted(text, match.end()):
            yield _with_context(text, Amount(*match.span(), low, True, True))


def _without_numeral(text: str) -> Iterator[Amount]:
    """上万, 万把块, 千儿八百, 3个w, 零元, 三毛."""
    for pattern, value in _ROUGH_AMOUNTS:
        for match in pattern.finditer(text):
            if not is_counted(text, match.end()):
                yield _with_context(
                    text, Amount(*match.span(), Decimal(value), True, True)
                )
    for match in _UNIT_COUNTED.finditer(text):
        counted = read_number(match["number"]).value * UNITS[match["unit"]]
        yield _with_context(text, Amount(*match.span(), counted, False, True))
    for match in _ZERO.finditer(text):
        yield Amount(*match.span(), Decimal(0), False, bool(match["unit"]))
    for match in _JIAO.finditer(text):
        yield Amount(*match.span(), _change(match.group()), False, True)


def find_amounts(text: str, taken: Sequence[tuple[int, int]] = ()) -> list[Amount]:
    """Find the sums of money of a sentence, in order.

    Args:
        text: a folded sentence.
        taken: pieces that are dates, durations or other numbers.
    """
    found: list[Amount] = []
    pieces = list(taken)

    def add(amount: Amount) -> None:
        if not is_taken(amount.start, amount.end, pieces):
            found.append(amount)
            pieces.append((amount.start, amount.end))

    for amount in chain(_spans(text), _without_numeral(text)):
        add(amount)
    for amount in _single(text, list(pieces)):
        add(amount)
    return sorted(found, key=lambda amount: amount.start)

"""Identity, card and phone numbers in a text, however their digits are grouped.

Checks that keep ordinary numbers alone: the check digit of GB 11643-1999 for identity
numbers (python-stdnum), Luhn for bank cards (ISO/IEC 7812, python-stdnum), the
numbering plan for fixed and foreign telephones (phonenumbers), and for groups of
digits that they do not look like a list of sums.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import phonenumbers
from stdnum import luhn
from stdnum.cn import ric

from xieshang.privacy.folding import NOTHING
from xieshang.privacy.spans import Span

# GB 11643-1999, the number before it, and the lengths of ISO/IEC 7812 cards.
ID_LENGTH = 18
OLD_ID_LENGTH = 15
CARD_LENGTHS = range(13, 20)
CARD_LENGTHS_IN_CHINA = range(15, 20)
MONEY_LENGTH = 15  # no sum has more digits
SUM_LENGTH = 3  # of the shortest group that looks like a sum
PRINTED_GROUP = 4  # how a card's digits stand on it
PRINTED_MOBILE = [3, 4, 4]
MOST_FIXED_GROUPS = 3  # area and the two halves of the number
LONGEST = 19
CONTEXT_LENGTH = 12

_SEPARATOR = (
    rf"(?:[ \t\r\n\-‐‑‒–—―−_.·•*~,、/\\|()+{NOTHING}]"
    "|空格|横杠|横线|短线|下划线|减号|逗号|杠|然后|接着|再)"
)
_RUN = re.compile(
    rf"\d(?:{_SEPARATOR}{{0,3}}\d)*(?:{_SEPARATOR}{{0,3}}[Xx](?![A-Za-z]))?"
)
_GROUP = re.compile(r"\d+[Xx]?|[Xx]")
# Separates sums, and the whole of a sum from its cents.
_SUM_MARKS = re.compile("[,、.]")

_ID_WORD = re.compile("身份证|身份證|证件号|id ?card", re.IGNORECASE)
_CARD_WORD = re.compile("银行卡|储蓄卡|信用卡|工资卡|借记卡|卡号|账号|帐号|账户|卡")
_PHONE_WORD = re.compile("手机|电话|号码|联系|微信|tel|phone", re.IGNORECASE)
_MATTER_WORD = re.compile(
    "(?:订单|工单|流水|受理|投诉|回执|案件|合同|借据|凭证|交易|单|编|案)"
    "(?:编?号码?)?(?:是|为|[:#\\s])*$"
)
_MONEY = re.compile("\\s*(?:元|块|万|亿|[wk](?![a-z]))", re.IGNORECASE)
# The provinces of GB/T 2260: all that an identity number may begin with.
_PROVINCE = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_MOBILE = re.compile(r"(?:0086|86|0)?(1[3-9]\d{9})")
_FIXED = re.compile(r"0\d{9,11}")
_AREA = re.compile(r"0\d{2,3}|0\d{9,11}")
_LOCAL = re.compile(
    r"(?:座机|固话|固定电话|电话|tel)(?:号码?|是|为|:|\s)*"
    r"([2-8]\d{6,7}|[2-8]\d{2,3}-\d{4})(?![\d.])(?!\s*(?:元|块|万|次|个))",
    re.IGNORECASE,
)
_MOMENT = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d*")
_EMAIL = re.compile(
    r"[A-Za-z0-9][\w.+-]{0,63}\s?@\s?[A-Za-z0-9-]{1,63}(?:\s?\.\s?[A-Za-z]{2,24})+",
    re.ASCII,
)


@dataclass(frozen=True)
class _Group:
    """Digits without anything between them; `mark` is what stands before them."""

    start: int
    end: int
    digits: str
    mark: str


@dataclass(frozen=True)
class _Candidate:
    """Groups that may be one number, with what stands before and behind them."""

    groups: Sequence[_Group]
    before: str
    behind: str

    @property
    def digits(self) -> str:
        return "".join(group.digits for group in self.groups).upper()

    @property
    def lengths(self) -> tuple[int, ...]:
        return tuple(len(group.digits) for group in self.groups)

    @property
    def is_short_grouped(self) -> bool:
        """Whether it is told digit by digit or in pairs."""
        return max(self.lengths) < SUM_LENGTH

    @property
    def has_sum_marks(self) -> bool:
        return any(_SUM_MARKS.search(group.mark) for group in self.groups[1:])

    @property
    def looks_like_sums(self) -> bool:
        """Whether these are round sums one after another."""
        long = [g.digits for g in self.groups if len(g.digits) >= SUM_LENGTH]
        return (
            len(self.groups) > 1
            and bool(long)
            and not any(g.digits.startswith("0") for g in self.groups)
            and all(digits[-1] in "05" for digits in long)
        )

    def is_beside(self, word: re.Pattern[str]) -> bool:
        return bool(word.search(self.before))


def _is_date(year: int, month: str, day: str) -> bool:
    try:
        date(year, int(month), int(day))
    except ValueError:
        return False
    return True


def _is_id_card(found: _Candidate) -> bool:
    digits = found.digits
    if len(digits) == ID_LENGTH:
        if found.is_beside(_ID_WORD):
            return True
        return bool(
            _PROVINCE.match(digits)
            and ric.calc_check_digit(digits) == digits[-1]
            and _is_date(int(digits[6:10]), digits[10:12], digits[12:14])
        )
    if len(digits) != OLD_ID_LENGTH or not digits.isdecimal():
        return False
    if found.is_beside(_ID_WORD):
        return True
    # The number of before 1999 has no check digit: its date must be one.
    return bool(
        _PROVINCE.match(digits)
        and _is_date(1900 + int(digits[6:8]), digits[8:10], digits[10:12])
        and not found.looks_like_sums
        and not found.has_sum_marks
        and (
            found.lengths[0] in (6, OLD_ID_LENGTH)
            or max(found.lengths) <= PRINTED_GROUP
        )
    )


def _is_bank_card(found: _Candidate) -> bool:
    digits = found.digits
    if len(digits) not in CARD_LENGTHS or not digits.isdecimal():
        return False
    is_named = found.is_beside(_CARD_WORD)
    is_valid = bool(luhn.is_valid(digits))
    if len(found.groups) == 1:
        if is_named and len(digits) in CARD_LENGTHS_IN_CHINA:
            return True  # also one that was mistyped
        is_money = len(digits) <= MONEY_LENGTH and _MONEY.match(found.behind)
        return (
            is_valid
            and not is_money
            and not found.is_beside(_MATTER_WORD)
            and not _MOMENT.fullmatch(digits)
        )
    # UnionPay's, which nearly every card in China has.
    is_likely = is_named or digits.startswith("62")
    is_usual = found.is_short_grouped or (
        all(length == PRINTED_GROUP for length in found.lengths[:-1])
        and found.lengths[-1] <= PRINTED_GROUP
    )
    holds_phone = any(_MOBILE.fullmatch(group.digits) for group in found.groups)
    return (
        is_valid
        and not found.looks_like_sums
        and not holds_phone
        and (is_likely or (is_usual and not found.has_sum_marks))
    )


def _is_mobile(found: _Candidate) -> bool:
    match = _MOBILE.fullmatch(found.digits)
    if not match:
        return False
    left = len(found.digits) - len(match[1])
    lengths = list(found.lengths)
    while left and lengths:
        taken = min(left, lengths[0])
        left -= taken
        lengths[0] -= taken
        if not lengths[0]:
            del lengths[0]
    if lengths == [len(match[1])] or found.is_short_grouped:
        return True
    if found.has_sum_marks:
        return lengths == PRINTED_MOBILE and not found.looks_like_sums
    if lengths == PRINTED_MOBILE or found.is_beside(_PHONE_WORD):
        return True
    return not found.looks_like_sums


def _is_fixed_line(found: _Candidate) -> bool:
    if not _FIXED.fullmatch(found.digits) or found.is_beside(_MATTER_WORD):
        return False
    if len(found.groups) > MOST_FIXED_GROUPS or not _AREA.fullmatch(
        found.groups[0].digits
    ):
        return False
    return phonenumbers.is_valid_number(phonenumbers.parse(found.digits, "CN"))


_KINDS: tuple[tuple[str, Callable[[_Candidate], bool]], ...] = (
    ("id_card", _is_id_card),
    ("bank_card", _is_bank_card),
    ("phone", _is_mobile),
    ("phone", _is_fixed_line),
)


def _groups(text: str, run: re.Match[str]) -> list[_Group]:
    groups: list[_Group] = []
    end = run.start()
    for found in _GROUP.finditer(run.group()):
        start = run.start() + found.start()
        groups.append(
            _Group(start, run.start() + found.end(), found[0], text[end:start])
        )
        end = groups[-1].end
    return groups


def _in_groups(text: str, groups: Sequence[_Group]) -> Iterator[Span]:
    first = 0
    while first < len(groups):
        before = text[
            max(0, groups[first].start - CONTEXT_LENGTH) : groups[first].start
        ]
        last, length = first, 0
        candidates: list[_Candidate] = []
        while last < len(groups) and length + len(groups[last].digits) <= LONGEST:
            length += len(groups[last].digits)
            behind = text[groups[last].end :][:CONTEXT_LENGTH]
            last += 1
            candidates.append(_Candidate(groups[first:last], before, behind))
        found = next(
            (
                Span(groups[first].start, candidate.groups[-1].end, kind)
                for candidate in reversed(candidates)
                for kind, is_it in _KINDS
                if is_it(candidate)
            ),
            None,
        )
        if found:
            yield found
            first = next(
                (n for n, group in enumerate(groups) if group.start >= found.end),
                len(groups),
            )
        else:
            first += 1


def find_numbers(text: str) -> list[Span]:
    """Identity, card and phone numbers, and e-mail addresses.

    Args:
        text: from `fold`.
    """
    spans = [
        Span(found.start(), found.end(), "email") for found in _EMAIL.finditer(text)
    ]
    for run in _RUN.finditer(text):
        spans += _in_groups(text, _groups(text, run))
    spans += [
        Span(found.start(1), found.end(1), "phone")
        for found in _LOCAL.finditer(text)
        if not _MOMENT.fullmatch(found[1])
    ]
    if "+" in text:
        spans += [
            Span(found.start, found.end, "phone")
            for found in phonenumbers.PhoneNumberMatcher(text, None)
        ]
    return spans

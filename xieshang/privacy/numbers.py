"""Identity, card and phone numbers in a text, however their digits are grouped.

Checks that keep ordinary numbers alone: the check digit of GB 11643-1999 for identity
numbers (python-stdnum), Luhn for bank cards (ISO/IEC 7812, python-stdnum), the
numbering plan for fixed telephones (phonenumbers), and for groups of
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
AREA_LENGTH = 6  # of the place in an identity number
PRINTED_GROUP = 4  # how a card's digits stand on it
MOBILE_LENGTH = 11
PRINTED_MOBILE = [3, 4, 4]
PRINTED_OLD_ID = (AREA_LENGTH, 6, 3)
MOST_FIXED_GROUPS = 3  # area and the two halves of the number
LONGEST = 19
CONTEXT_LENGTH = 12

# Whatever is no letter may stand between the digits of one number.
_SEPARATOR = r"(?:[\W_]|空格|横杠|横线|短线|下划线|减号|逗号|杠|然后|接着|再)"
_RUN = re.compile(
    rf"\d(?:{_SEPARATOR}{{0,3}}\d)*(?:{_SEPARATOR}{{0,3}}[Xx](?![A-Za-z]))?"
)
_GROUP = re.compile(r"\d+[Xx]?|[Xx]")
# All but what numbers are usually printed with separates sums as well: the comma of a
# list, the point before the cents, the colon of a time.
_SUM_MARKS = re.compile(rf"[^\w\s\-‐‑‒–—―−·•*~/\\|()+{NOTHING}]")

_ID_WORD = re.compile("身份证|身份證|证件号|驾驶证|驾照|id ?card", re.IGNORECASE)
_CARD_WORD = re.compile("银行卡|储蓄卡|信用卡|工资卡|借记卡|卡号|账号|帐号|账户|卡")
_PHONE_WORD = re.compile("手机|电话|号码|联系|微信|tel|phone", re.IGNORECASE)
_MATTER_WORD = re.compile(
    "(?:订单|工单|流水|受理|投诉|回执|案件|合同|借据|凭证|交易|单|编|案)"
    "(?:编?号码?)?(?:是|为|[:#\\s])*$"
)
_MONEY = re.compile("\\s*(?:元|块|万|亿|[wk](?![a-z]))", re.IGNORECASE)
# The provinces of GB/T 2260: all that an identity number may begin with.
_PROVINCE = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
# UnionPay's and those of before it: nearly every card in China.
_CHINESE_CARD = re.compile("62|9558|4367|4563|6013")
_MOBILE = re.compile(r"(?:0086|86|0)?(1[3-9]\d{9})")
_FIXED = re.compile(r"0\d{9,11}")
_AREA = re.compile(r"0\d{2,3}|0\d{9,11}")
_MOMENT = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d*")


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
        """Whether it is told digit by digit or in pairs, and is no list of times."""
        is_time = any(":" in group.mark for group in self.groups[1:])
        return max(self.lengths) < SUM_LENGTH and not is_time

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
            and not any(g.digits[0] == "0" != g.digits for g in self.groups)
            and all(digits[-1] in "05" for digits in long)
        )

    @property
    def is_one(self) -> bool:
        return len(self.groups) == 1

    @property
    def is_cut_like_an_id(self) -> bool:
        return self.lengths[0] == AREA_LENGTH or self.is_one or self.is_short_grouped

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
    is_named = found.is_beside(_ID_WORD) and found.is_cut_like_an_id
    if len(digits) == ID_LENGTH:
        return is_named or bool(
            _PROVINCE.match(digits)
            and ric.calc_check_digit(digits) == digits[-1]
            and _is_date(int(digits[6:10]), digits[10:12], digits[12:14])
        )
    if len(digits) != OLD_ID_LENGTH or not digits.isdecimal():
        return False
    # The number of before 1999 has no check digit: its date must be one.
    return is_named or bool(
        _PROVINCE.match(digits)
        and _is_date(1900 + int(digits[6:8]), digits[8:10], digits[10:12])
        and (not found.has_sum_marks or found.lengths == PRINTED_OLD_ID)
        and (
            found.is_cut_like_an_id
            or (max(found.lengths) <= PRINTED_GROUP and not found.looks_like_sums)
        )
    )


def _is_bank_card(found: _Candidate) -> bool:
    digits = found.digits
    if len(digits) not in CARD_LENGTHS or not digits.isdecimal():
        return False
    is_named = found.is_beside(_CARD_WORD)
    is_valid = bool(luhn.is_valid(digits))
    if found.is_one:
        if found.is_beside(_MATTER_WORD):
            return False
        if is_named and len(digits) in CARD_LENGTHS_IN_CHINA:
            return True  # also one that was mistyped
        is_money = len(digits) <= MONEY_LENGTH and _MONEY.match(found.behind)
        return is_valid and not is_money and not _MOMENT.fullmatch(digits)
    is_usual = found.is_short_grouped or (
        all(length == PRINTED_GROUP for length in found.lengths[:-1])
        and found.lengths[-1] <= PRINTED_GROUP
    )
    holds_phone = any(_MOBILE.fullmatch(group.digits) for group in found.groups)
    return (
        is_valid
        and not found.looks_like_sums
        and not holds_phone
        and (
            bool(_CHINESE_CARD.match(digits))
            or (is_usual and (is_named or not found.has_sum_marks))
        )
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
        is_list = found.looks_like_sums and not found.is_beside(_PHONE_WORD)
        return lengths == PRINTED_MOBILE and not is_list
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


def _is_certain(found: _Candidate) -> bool:
    """Whether it is what it seems to be, whatever stands before it."""
    return found.digits[0] != "0" and (
        len(found.digits) == ID_LENGTH
        or bool(_CHINESE_CARD.match(found.digits))
        or found.lengths in ((MOBILE_LENGTH,), tuple(PRINTED_MOBILE))
    )


_KINDS: tuple[tuple[str, Callable[[_Candidate], bool]], ...] = (
    ("id_card", _is_id_card),
    ("phone", _is_mobile),
    ("bank_card", _is_bank_card),
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


def _candidates(text: str, groups: Sequence[_Group]) -> Iterator[_Candidate]:
    """What begins with the first of the groups, the longest first."""
    before = text[max(0, groups[0].start - CONTEXT_LENGTH) : groups[0].start]
    count = length = 0
    for group in groups:
        length += len(group.digits)
        if length > LONGEST:
            break
        count += 1
    for last in range(count, 0, -1):
        behind = text[groups[last - 1].end :][:CONTEXT_LENGTH]
        yield _Candidate(groups[:last], before, behind)


def _in_groups(
    text: str, groups: Sequence[_Group], admits: Callable[[_Candidate], bool]
) -> Iterator[tuple[int, int, str]]:
    """Ranges of the groups that are numbers, and their kinds."""
    first = 0
    while first < len(groups):
        found = next(
            (
                (first, first + len(candidate.groups), kind)
                for candidate in _candidates(text, groups[first : first + LONGEST])
                for kind, is_it in _KINDS
                if is_it(candidate) and admits(candidate)
            ),
            None,
        )
        if found:
            yield found
        first = found[1] if found else first + 1


def _in_run(text: str, groups: Sequence[_Group]) -> Iterator[Span]:
    """What is certain first: a sum before a card would else take its first digits."""
    done = 0
    certain = [*_in_groups(text, groups, _is_certain), (len(groups), len(groups), "")]
    for start, end, kind in certain:
        between = groups[done:start]
        for first, last, rest in _in_groups(text, between, lambda _: True):
            yield Span(between[first].start, between[last - 1].end, rest)
        if kind:
            yield Span(groups[start].start, groups[end - 1].end, kind)
        done = end


def find_numbers(text: str) -> list[Span]:
    """Identity, card and telephone numbers.

    Args:
        text: from `fold`.
    """
    return [
        span
        for run in _RUN.finditer(text)
        for span in _in_run(text, _groups(text, run))
    ]

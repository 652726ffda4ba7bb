"""Durations: how long a payment is late already, and over how many months to repay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from xieshang.language.numerals import read_number
from xieshang.language.spans import Found, clause_after, clause_before

MOST_INSTALMENTS = 120
MONTHS_A_YEAR = 12
_DAYS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30, "年": 365}

_D = "[一二两三四五六七八九]"
_TENS = f"(?:{_D}?十{_D}?|廿{_D}?)"
HALF = Fraction(1, 2)
_SLANG = {
    "俩": (Fraction(2), False),
    "仨": (Fraction(3), False),
    "个把": (Fraction(1), True),
    "半拉": (HALF, False),
}
_PAIR = "一两|一二|两三|二三|三四|三五|四五|五六|六七|七八|八九"
_COUNT = (
    rf"(?:(?<![\d.])\d+(?:\.\d+)?(?:\s?[-~到至]\s?\d+)?"
    rf"|{_D}百(?:零{_D}|{_TENS})?|{_TENS}|(?:{_PAIR})|{_D})"
)
_DURATION = re.compile(
    rf"(?<!第)(?:(?P<count>{_COUNT})\s?(?P<more>[多来几])?"
    r"(?:(?P<each>个)(?P<more2>[多来])?(?P<half>半)?(?P<unit>月|星期|礼拜)"
    r"|(?P<unit2>天|周(?![一二三四五六日天末转])|星期|礼拜|年(?!底|末|前|利|化|级|代))"
    r"|(?P<unit3>日)(?=[未没冇])|(?P<unit4>月)(?=分|还清))"
    r"(?P<more3>[多来](?!少)|半(?!夜|天))?"
    r"|[小大]?半(?:个)?(?P<half_more>[多来])?(?P<half_unit>月|年(?!底|末))"
    r"|(?P<slang>俩|仨|个把|半拉)个?(?P<slang_unit>月|星期|礼拜))"
)
_INSTALMENTS = re.compile(rf"(?<![第\d.])(?P<count>{_COUNT})个?期(?![货间限末望盼])")

# What joins the parts of a duration: 两个月零五天, 一年又三个月.
_AND = re.compile("[零又]?")
_ABOUT = r"大概|大约|差不多|将近|快|约|近"
_APPROX_BEFORE = re.compile(rf"(?:{_ABOUT})(?:有|要|到|了)?$")
_APPROX_AFTER = re.compile(r"左右|上下|出头|的样子|以上")
_FILLER = (
    rf"(?:了|咗|已经|已|都|有|得有|也就|才|刚|整整|足足|到|到现在|时间|天数|是|的|第|我|满打满算"
    rf"|超|超过|不到|:|：|，|\s|{_ABOUT})*"
)
_OVERDUE = re.compile(
    rf"(?:逾期|愈期|(?<![a-z])(?:yq|yuqi)|过期|超期|断供|到期|到期日|还款日){_FILLER}(?:过了?)?{_FILLER}$"
)
# 预期 is 逾期 misspelt where it has days behind it, and no plan.
_MISSPELT = re.compile(r"(?<!我)(?<!我的)[预遇余][期其](?:了|已经|都|有|\s)*$")
_PLANNED = re.compile(r"(?:之?内|以内|能|可以|就|才|后|还[清完])")
_LATE = re.compile(
    rf"(?:晚|迟|拖欠|拖|超|断|延迟|欠)(?:还|交|欠|着)?(?:了|咗|有){_FILLER}$"
)
_LATE_SO_FAR = re.compile(rf"(?:晚|迟|拖)(?:还|交)?{_FILLER}$")
_OWED = re.compile(rf"欠[^，。]{{0,6}}(?:了|咗){_FILLER}$")
_UNPAID = re.compile(
    r"(?:了|都|也|就|还|仍|已经|以来|多|左右|的?钱?)*(?:没|未|冇)(?:有|能|法)?(?:按时)?(?:还|缴|交)(?!房|完)"
)
_OVERDUE_AFTER = re.compile(r"了?的?逾期")
_SUPPOSED = re.compile(
    r"如果|要是|万一|假如|假设|会不会|(?<!哪)(?<!恐)怕|担心|再(?:过|有)|听说|满$|还有|就算|(?<!快)要逾期|(?<!已经)超过$|多久"
)
_WAGES = re.compile(r"工资|薪|房租|公司|老板|货款|工程款|水电|物业|社保|学费")
_WHOLE = re.compile(
    rf"(?:{_FILLER}|有|吧|左右|多|了|。|嗯|呢|啊|呀|！|大概是|应该|是)*"
)

_OVER = re.compile(
    r"(?:分期?(?:还款?)?|分成|分作|分到|分摊|摊|拉|拉长|延长|办|做|搞|弄|分期付款)"
    r"(?:成|到|为|着|个|还|它|给我)?(?:最长|最多|大概|差不多|大约|个|:|：|\s)*$"
)
_CLEARED = re.compile(
    r"(?:之?内|里|以内|的?时间|左右|的?分?期)?(?:能|可以|我|就|才|慢慢|全部?|一定|保证|都"
    r"|分(?:着|开|期|批|次))*(?:把[^，。]{0,6})?(?:还清|还完|还掉|还光|结清|清(?=[，。]|$|掉|了)|付清"
    r"|还(?=[，。！？?吗吧行可好]|$))"
)
_HOW_LONG = re.compile(r"分(?:期|成|到)?(?:几|多久|多长|多少)")
_DONE_BEFORE = re.compile(
    r"(?:还了|(?:才|刚|已经?|都)还|已还|还过|还完|前|最近|近|上|剩|剩下|还剩|剩余|还有|欠|欠了|扣了|交了|连续|头|每|逾期|逾期了"
    r"|断了|拖了|晚了|有)$"
)
_UNPAID_AFTER = re.compile(r"(?:都|也|账单|的)*(?:没|未|逾期|免息)(?:还|扣|交|缴|了)?")


@dataclass(frozen=True)
class Duration:
    """A duration that was named.

    Attributes:
        start: place of its first character.
        end: place after its last character.
        count: how many of the unit.
        unit: 天, 日, 周, 星期, 礼拜, 月 or 年.
        approx: whether it was said as an approximate value.
    """

    start: int
    end: int
    count: Fraction
    unit: str
    approx: bool

    @property
    def days(self) -> int:
        """Whole days: 365 for a year, 30 for a month."""
        if self.unit == "年":
            years = int(self.count)
            rest = (self.count - years) * MONTHS_A_YEAR
            return years * _DAYS["年"] + int(rest * _DAYS["月"])
        return int(self.count * _DAYS[self.unit])

    @property
    def months(self) -> int | None:
        """Whole months, or None for days and weeks."""
        per = {"月": 1, "年": MONTHS_A_YEAR}.get(self.unit)
        return None if per is None else int(self.count * per)

    @property
    def is_rough_in_days(self) -> bool:
        """Whether days can only be told roughly: months differ in length."""
        half_a_month = self.unit == "月" and self.count == HALF
        return self.approx or (self.unit in ("月", "年") and not half_a_month)


def _count(written: str) -> tuple[Fraction, bool]:
    """The number and whether it is a span: 两三, 3-4 (the lower end)."""
    low, *high = re.split(r"\s?[-~到至]\s?", written)
    if re.fullmatch(_PAIR, low):
        return Fraction(read_number(low[0]).value), True
    return Fraction(Decimal(read_number(low).value)), bool(high)


def _measure(match: re.Match[str]) -> tuple[Fraction, str, bool]:
    """How many of which unit, and whether it is approximate."""
    if match["half_unit"]:
        return HALF, match["half_unit"], bool(match["half_more"])
    if match["slang"]:
        count, approx = _SLANG[match["slang"]]
        return count, match["slang_unit"], approx
    unit = match["unit"] or match["unit2"] or match["unit3"] or match["unit4"]
    count, approx = _count(match["count"])
    if match["half"] or match["more3"] == "半":
        count += HALF
    extra = (match["more"], match["more2"], match["more3"])
    return count, unit, approx or any(part not in (None, "半") for part in extra)


def find_durations(text: str) -> list[Duration]:
    """Find all durations of a sentence, whatever they are for.

    Args:
        text: a folded sentence.
    """
    found: list[Duration] = []
    for match in _DURATION.finditer(text):
        count, unit, approx = _measure(match)
        start, end = match.span()
        approx = approx or bool(_APPROX_BEFORE.search(text[:start]))
        if after := _APPROX_AFTER.match(text, end):
            approx, end = True, after.end()
        one = Duration(start, end, count, unit, approx)
        if found and _AND.fullmatch(text, found[-1].end, start):
            one = _together(found[-1], one) or one
            found = found[:-1] if one.start < start else found
        found.append(one)
    return found


def _together(first: Duration, rest: Duration) -> Duration | None:
    """两个月零五天, 一年零三个月 as one; None when these are two."""
    approx = first.approx or rest.approx
    if first.unit == "年" and rest.unit == "月":
        months = first.count * MONTHS_A_YEAR + rest.count
        return Duration(first.start, rest.end, months, "月", approx)
    if first.unit in ("月", "周", "星期", "礼拜") and rest.unit == "天":
        days = Fraction(first.days + rest.days)
        return Duration(first.start, rest.end, days, "天", approx)
    return None


def _is_late(text: str, duration: Duration) -> bool:
    before = clause_before(text, duration.start)
    after = clause_after(text, duration.end)
    clause = before + after
    if _SUPPOSED.search(before) or (
        re.match(r"(?:后|之后|以后|之?内|前)", after) and not before.endswith("逾期")
    ):
        return False
    if _OVERDUE.search(before):
        return not re.search(r"(?:到期|还款日)$", before) or after.startswith(
            ("了", "还没")
        )
    if duration.unit == "天" and _MISSPELT.search(before):
        return not _PLANNED.match(after)
    if _OVERDUE_AFTER.match(after):
        return not re.search("[就会要]$", before)
    if _WAGES.search(clause):
        return False
    return bool(
        (
            _LATE.search(before)
            and not (
                re.search(r"(?<!拖)欠[^，。]*$", before) and not _UNPAID.match(after)
            )
        )
        or (_OWED.search(before) and _UNPAID.match(after))
        or (_LATE_SO_FAR.search(before) and re.match(r"了(?!吧)", after))
        or _UNPAID.match(after)
        or (re.search(r"(?:到期|还款日)[^，。]{0,4}过了?$", before))
    )


def find_overdue(text: str, durations: list[Duration]) -> list[Found]:
    """How long payments are late already, in days.

    Args:
        text: a folded sentence.
        durations: what find_durations found in it.
    """
    found = [
        Found(item.start, item.end, item.days, item.is_rough_in_days)
        for item in durations
        if _is_late(text, item)
    ]
    ordinal = re.finditer(
        rf"(?:逾期|拖|晚)(?:的|了|到|都|已经)*第(?P<count>{_COUNT})(?P<unit>天|周|个月)",
        text,
    )
    for match in ordinal:
        days = _count(match["count"])[0] * _DAYS[match["unit"][-1]]
        found.append(
            Found(match.start("count"), match.end(), int(days), "月" in match["unit"])
        )
    if not found and len(durations) == 1 and durations[0].unit != "年":
        item = durations[0]
        if _WHOLE.fullmatch(text[: item.start]) and _WHOLE.fullmatch(text[item.end :]):
            approx = item.is_rough_in_days or "多" in text[item.end :]
            found.append(Found(item.start, item.end, item.days, approx))
    return found


def instalment_counts(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """Every N期 of a sentence, also those that say no plan.

    Args:
        text: a folded sentence.
    """
    for match in _INSTALMENTS.finditer(text):
        yield match, int(_count(match["count"])[0])


def find_instalments(text: str, durations: list[Duration]) -> list[Found]:
    """Over how many months someone wants, or is offered, to repay.

    Args:
        text: a folded sentence.
        durations: what find_durations found in it.
    """
    found = []
    for match, count in instalment_counts(text):
        before, after = text[: match.start()], text[match.end() :]
        done = _DONE_BEFORE.search(before) or _UNPAID_AFTER.match(after)
        if 1 < count <= MOST_INSTALMENTS and not done:
            found.append(Found(*match.span(), count))
    for item in durations:
        if not item.months or _is_late(text, item):
            continue
        before = clause_before(text, item.start)
        if (
            _OVER.search(before)
            or (item.months > 1 and _CLEARED.match(text, item.end))
            or _HOW_LONG.search(text[: item.start])
        ):
            found.append(Found(item.start, item.end, item.months))
    if not found and len(durations) == 1 and durations[0].unit == "年":
        item = durations[0]
        if _WHOLE.fullmatch(text[: item.start]) and _WHOLE.fullmatch(text[item.end :]):
            found.append(Found(item.start, item.end, item.months or 0))
    # 五年60期 is one plan.
    plans = {one.value: one for one in sorted(found, key=lambda one: -one.start)}
    return sorted(plans.values(), key=lambda one: one.start)

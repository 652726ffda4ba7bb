"""Days that a sentence names, as ISO dates.

jionlp reads what hangs on today (下周三, 大前天, 10天前) and lunar days. Our own rules
read what it gets wrong: days without a year or month, 下下个月5号, ends of months. A
month or a year alone, 每个月10号 and 发工资那天 name no day.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta

from xieshang.language.days import (
    FUTURE,
    PAST,
    YEAR_WORD,
    around,
    by_library,
    nearest,
    year_of,
    years,
)
from xieshang.language.festivals import FESTIVAL, festival
from xieshang.language.numerals import read_number
from xieshang.language.spans import Found, is_taken

WEEK = timedelta(days=7)

_N = "[一二三四五六七八九]"
_DAY = rf"(?:3[01]|[12]\d|0?[1-9]|三十一?|二十{_N}?|廿{_N}?|十{_N}?|{_N})"
_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_NOT_IN_NUMBER = r"(?<![\d.个几多百千万第])"
_NO_DAY_AFTER = r"(?![\d.百千万十wk期天个块元条张次%多线楼栋])"
_PART = r"(?:月?(?:底|末)|初|中旬?|月中)"

_NUMERIC = re.compile(
    rf"(?<!\d)(20\d\d)\s?([-./])\s?({_MONTH})\2({_DAY})(?![\d])[日号]?"
)
_MONTH_DAY = re.compile(
    rf"{_NOT_IN_NUMBER}(?:(?P<year>20\d\d)年|(?P<word>{YEAR_WORD})的?)?(?P<month>{_MONTH})月份?的?"
    rf"(?:(?P<day>{_DAY}(?=[日号](?![码线]))|\d{{1,2}}{_NO_DAY_AFTER})[日号]?|(?P<part>{_PART}))"
)
_RELATIVE_MONTH = re.compile(
    rf"(?P<month>(?:上上|下下|上|下|这|本|当)个?月)(?:份)?的?"
    rf"(?:(?P<day>{_DAY}(?=[日号](?![码线]))|\d{{1,2}}{_NO_DAY_AFTER})[日号]?|(?P<part>{_PART}))"
)
_MONTH_PART = re.compile(
    r"(?<![\d个每上下这本当份一二三四五六七八九十])月(?P<part>底|末|初|中)"
)
_YEAR_END = re.compile(
    r"(?P<word>今年|明年|去年)?(?<!每)年(?:底|末)|(?P<end>今|明|去)年年?[底末]"
)
_DAY_ALONE = re.compile(
    rf"{_NOT_IN_NUMBER}(?<![月\-~到/])(?P<day>{_DAY})(?:号(?![码线楼院人房店机])|日(?![常元用子期均利后前内未没冇]))"
)
_POINT = re.compile(
    r"(?<![\d.:/])(?P<month>1[0-2]|0?[1-9])(?P<sep>[./])(?P<day>3[01]|[12]\d|0?[1-9])(?![\d.:/%]|\s?[万千百wk元块倍折折a-z个])"
)
_POINT_AFTER = re.compile(
    r"[日号]|\s?(?:到期|逾期|之?前|还款|还|就|给|才|才能|发|申请|开庭|那天|当天|的账单|起|开始|以后|之后|收到|晚上|号|截止)"
)
_MONEY_BEFORE = re.compile(
    r"(?:利息|罚息|欠|还了?|付|扣了?|交|收|剩|共|花了?|息|费|是|¥)\s?$"
)
_WEEKDAY = re.compile(
    r"(?P<which>(?:上上|下下|上|下|这|本)?个?)(?:周|星期|礼拜)(?P<day>[一二三四五六日天](?!天|次|个))"
)
_DAY_WORDS = {
    "大前天": "大前[天日]",
    "大后天": "大后[天日]",
    "前天": "前[天日晚]",
    "后天": "后[天日儿]",
    "昨天": "昨[天日晚儿个夜]|琴日|寻日",
    "今天": "今[天日晚早儿夜个朝]",
    "明天": "明[天日晚早儿个]|听日",
}
_RELATIVE_DAY = re.compile(
    "(?<![每说发声证表申文透])(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _DAY_WORDS.items())
    + ")(?![星几])"
)
_NO_TODAY = re.compile(r"(?:有|到|至|落到|走到|没想到|混到|搞成)$")
_AGO = re.compile(
    rf"(?<![\d.第])(?P<count>\d+|[一二两三四五六七八九]?十?{_N}?十?|[两半])(?P<unit>天|日|周|个?星期|个?礼拜|个月)(?P<way>之?前|以前|之?后|以后)(?![天面])"
)
_LATE_BEFORE = re.compile(r"(?:逾期|到期|还款日|账单日|过期|晚了?|迟了?|拖了?|逾期了)$")
_EVERY = re.compile(
    r"(?:每逢?|每个|每到|月月|逢|每年)(?:个?月|年|周|星期|礼拜)?(?:的|到)?$"
)


def _month_end(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _shift_month(today: date, months: int) -> tuple[int, int]:
    index = today.year * 12 + today.month - 1 + months
    return index // 12, index % 12 + 1


def _part_day(part: str, year: int, month: int) -> date:
    if part in ("初",):
        return date(year, month, 1)
    return date(year, month, 15 if "中" in part else _month_end(year, month))


def _number(written: str) -> int:
    return int(read_number(written).value)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _numeric(match: re.Match[str], today: date) -> date | None:
    return _date(int(match[1]), _number(match[3]), _number(match[4]))


def _month_day(match: re.Match[str], today: date) -> date | None:
    month = _number(match["month"])
    if match["part"]:
        days = [_part_day(match["part"], year, month) for year in years(match, today)]
        return nearest(days, today, around(match))
    day = _number(match["day"])
    return nearest(
        [_date(year, month, day) for year in years(match, today)],
        today,
        around(match),
    )


def _relative_month(match: re.Match[str], today: date) -> date | None:
    # jionlp knows no 下下个月.
    shift = match["month"].count("下") - match["month"].count("上")
    year, month = _shift_month(today, shift)
    if match["part"]:
        return _part_day(match["part"], year, month)
    return _date(year, month, _number(match["day"]))


def _month_part(match: re.Match[str], today: date) -> date | None:
    day = _part_day(match["part"], today.year, today.month)
    clause = around(match)
    if day < today and FUTURE.search(clause) and not PAST.search(clause):
        return _part_day(match["part"], *_shift_month(today, 1))
    return day


def _year_end(match: re.Match[str], today: date) -> date | None:
    word = match["word"] or (match["end"] or "今") + "年"
    return date(year_of(word, today), 12, 31)


def _day_alone(match: re.Match[str], today: date) -> date | None:
    day, clause = _number(match["day"]), around(match)
    past, future = bool(PAST.search(clause)), bool(FUTURE.search(clause))
    shift = 0
    if day < today.day and future and not past:
        shift = 1
    elif day > today.day and past and not future:
        shift = -1
    return _date(*_shift_month(today, shift), day)


def _point(match: re.Match[str], today: date) -> date | None:
    text = match.string
    before, after = text[: match.start()], text[match.end() :]
    fraction = match["sep"] == "/" and int(match["day"]) <= 12  # noqa: PLR2004
    if _MONEY_BEFORE.search(before) or (fraction and not _POINT_AFTER.match(after)):
        return None
    if not _POINT_AFTER.match(after) and not re.match(r"(?:[，。]|$)", after):
        return None
    return _month_day_of(int(match["month"]), int(match["day"]), today, around(match))


def _month_day_of(month: int, day: int, today: date, clause: str) -> date | None:
    years = (today.year - 1, today.year, today.year + 1)
    return nearest([_date(year, month, day) for year in years], today, clause)


def _weekday(match: re.Match[str], today: date) -> date | None:
    which = match["which"].replace("个", "").replace("这", "本")
    day = by_library(f"{which}周{match['day'].replace('天', '日')}", today)
    clause = around(match)
    if day and not which and day < today and not PAST.search(clause):
        return day + WEEK if FUTURE.search(clause) else day
    return day


def _relative_day(match: re.Match[str], today: date) -> date | None:
    word = str(match.lastgroup)
    if word == "今天" and _NO_TODAY.search(match.string[: match.start()]):
        return None
    return by_library(word, today)


def _ago(match: re.Match[str], today: date) -> date | None:
    if not match["count"] or _LATE_BEFORE.search(match.string[: match.start()]):
        return None
    forward = "后" in match["way"]
    if match["unit"] == "个月":
        if match["count"] == "半":
            return today + timedelta(days=15 if forward else -15)
        count = _number(match["count"])
        year, month = _shift_month(today, count if forward else -count)
        return date(year, month, min(today.day, _month_end(year, month)))
    if match["count"] == "半":
        return None
    if match["unit"] in ("天", "日"):
        way = "后" if forward else "前"
        return by_library(f"{_number(match['count'])}天{way}", today)
    return today + WEEK * _number(match["count"]) * (1 if forward else -1)


_RULES: tuple[
    tuple[re.Pattern[str], Callable[[re.Match[str], date], date | None]], ...
] = (
    (_NUMERIC, _numeric),
    (FESTIVAL, festival),
    (_RELATIVE_MONTH, _relative_month),
    (_MONTH_DAY, _month_day),
    (_YEAR_END, _year_end),
    (_MONTH_PART, _month_part),
    (_AGO, _ago),
    (_DAY_ALONE, _day_alone),
    (_POINT, _point),
    (_WEEKDAY, _weekday),
    (_RELATIVE_DAY, _relative_day),
)
# The characters of which every rule needs one: most sentences name no day.
_ANY = re.compile(
    r"[月号日周年底初节天前后旦诞夕清端秋阳元宵五六双晚早儿礼星昨今明过腊正听国]|\d\s?[-./]\s?\d|618"
)


def find_dates(text: str, today: date) -> tuple[list[Found], list[tuple[int, int]]]:
    """Find the days that a sentence names, in order.

    Args:
        text: a folded sentence.
        today: the day from which 明天 and the like are counted.

    Returns:
        The days, and the pieces that look like days but name none (每个月10号).
    """
    found: list[Found] = []
    taken: list[tuple[int, int]] = []
    if not _ANY.search(text):
        return [], []
    for pattern, rule in _RULES:
        for match in pattern.finditer(text):
            if is_taken(*match.span(), taken):
                continue
            if _EVERY.search(text[: match.start()]):
                taken.append(match.span())
                continue
            day = rule(match, today)
            if day:
                taken.append(match.span())
                approx = bool(re.match(r"左右|前后(?!脚)|上下", text[match.end() :]))
                found.append(Found(*match.span(), day.isoformat(), approx))
    found.sort(key=lambda one: one.start)
    spans = [(one.start, one.end) for one in found]
    return found, [span for span in taken if span not in spans]

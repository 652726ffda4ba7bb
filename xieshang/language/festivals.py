"""Festivals and days of the lunar calendar."""

from __future__ import annotations

import re
from datetime import date, timedelta

from xieshang.language.days import YEAR_WORD, around, by_library, nearest, years

_N = "[一二三四五六七八九]"
# month and day
_FIXED = {
    "元旦": (1, 1),
    "情人节": (2, 14),
    "妇女节": (3, 8),
    "劳动节": (5, 1),
    "五一": (5, 1),
    "儿童节": (6, 1),
    "六一": (6, 1),
    "618": (6, 18),
    "国庆": (10, 1),
    "双十一": (11, 11),
    "双11": (11, 11),
    "双十二": (12, 12),
    "双12": (12, 12),
    "平安夜": (12, 24),
    "圣诞": (12, 25),
    "跨年": (12, 31),
}
# Days from the Chinese new year; jionlp puts 除夕 into the wrong year.
_NEW_YEAR = {
    "春节": 0,
    "大年初一": 0,
    "正月初一": 0,
    "过年": 0,
    "大年三十": -1,
    "年三十": -1,
    "除夕": -1,
}
_LUNAR = ("清明", "端午", "中秋", "重阳", "元宵", "七夕")
_NAMES = sorted([*_FIXED, *_NEW_YEAR, *_LUNAR], key=len, reverse=True)
FESTIVAL = re.compile(
    rf"(?<!分之)(?:(?P<word>{YEAR_WORD})的?)?(?P<name>{'|'.join(_NAMES)}"
    rf"|(?:腊月|正月)(?:初{_N}|初十|二?十{_N}?|廿{_N}?|三十))节?"
)
# Words that mean a day only when something of time follows, or 到, 等 stands before.
_NUMBER_LIKE = re.compile(r"(?![千百万十\d个天年月次])")
_LOOSE = {
    "过年": re.compile(r"之?前|之?后|以前|以后|那天|再|就|才"),
    "跨年": re.compile(r"那天|夜|之?前|之?后"),
    "618": re.compile(r"那天|之?前|之?后|的时候|买|，|$"),
    "五一": _NUMBER_LIKE,
    "六一": _NUMBER_LIKE,
}
_UNTIL = re.compile(r"(?:到|等|今年|明年)$")


def festival(match: re.Match[str], today: date) -> date | None:
    """The day of a festival.

    Args:
        match: a find of FESTIVAL.
        today: the day from which to count.
    """
    name, text = match["name"], match.string
    loose = _LOOSE.get(name)
    if (
        loose
        and not loose.match(text, match.end())
        and not _UNTIL.search(text[: match.start("name")])
    ):
        return None
    days: list[date | None] = []
    for year in years(match, today):
        if name in _FIXED:
            days.append(date(year, *_FIXED[name]))
        elif name in _NEW_YEAR:
            first = by_library(f"{year}年春节", today)
            days.append(first and first + timedelta(days=_NEW_YEAR[name]))
        else:
            days.append(by_library(f"{year}年{name}", today))
    return nearest(days, today, around(match))

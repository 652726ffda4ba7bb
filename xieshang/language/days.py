"""Which day is meant: by jionlp, or the nearest of those that a word may mean."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache

from xieshang.language.spans import clause_after, clause_before

# A day so far away that the words around decide whether it was or will be.
FAR = timedelta(days=120)
YEAR_WORD = r"(?:今年|明年|去年|前年|后年|大前年)"
_YEARS_ON = {"大前年": -3, "前年": -2, "去年": -1, "今年": 0, "明年": 1, "后年": 2}
FUTURE = re.compile(
    r"才|能|会|再|等|之?前|以前|要|准备|打算|应该|可以|发|到账|开支|开庭|回款|有钱|出粮|想|推|延"
)
PAST = re.compile(
    r"逾期|已经|没还|没扣|就没|过了|从|自|借的|扣了|还了|申请了|被|收到|开始|起|失败"
)


@lru_cache(maxsize=1)
def _parser() -> Callable[..., dict[str, list[str]]]:
    # jionlp takes most of a second to import and greets on the console.
    silence = io.StringIO()
    with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence):
        import jionlp  # type: ignore[import-untyped]
    parse: Callable[..., dict[str, list[str]]] = jionlp.parse_time
    return parse


@lru_cache(maxsize=1024)
def by_library(words: str, today: date) -> date | None:
    """The day that jionlp reads, or None when it reads none.

    Args:
        words: the words of a day and nothing else, in standard Chinese.
        today: the day from which 明天 and the like are counted.
    """
    base = datetime(today.year, today.month, today.day)
    try:
        first, last = _parser()(words, time_base=base)["time"]
        begin, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
    except (ValueError, KeyError, TypeError):
        return None
    return begin.date() if begin.date() == end.date() else None


def around(match: re.Match[str]) -> str:
    """The rest of the clause in which something was found.

    Args:
        match: the find.
    """
    text = match.string
    return clause_before(text, match.start()) + clause_after(text, match.end())


def nearest(days: Iterable[date | None], today: date, words: str) -> date | None:
    """The nearest day; of far ones the side that the words speak of.

    Args:
        days: what may be meant.
        today: the day from which to count.
        words: the clause around.
    """
    known = [day for day in days if day]
    if not known:
        return None
    best = min(known, key=lambda day: abs(day - today))
    if abs(best - today) <= FAR:
        return best
    past, future = bool(PAST.search(words)), bool(FUTURE.search(words))
    if past != future:
        side = [day for day in known if (day < today) == past]
        best = min(side, key=lambda day: abs(day - today), default=best)
    return best


def year_of(word: str, today: date) -> int:
    """The year of 去年, 今年 and the like.

    Args:
        word: one of them.
        today: the day from which to count.
    """
    return today.year + _YEARS_ON[word]


def years(match: re.Match[str], today: date) -> list[int]:
    """The year that was said, or those around today.

    Args:
        match: a find with the groups year (digits) or word (去年).
        today: the day from which to count.
    """
    groups = match.groupdict()
    if groups.get("year"):
        return [int(groups["year"])]
    if groups.get("word"):
        return [year_of(groups["word"], today)]
    return [today.year - 1, today.year, today.year + 1]

"""Whether a payment is overdue, for how many days, and when it was or is due."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from xieshang.case.contacts import read_contact
from xieshang.case.heard import MOST_BESIDE, Heard, unhesitating
from xieshang.case.record import Case
from xieshang.language.amounts import find_amounts
from xieshang.language.dates import find_dates
from xieshang.language.durations import find_durations
from xieshang.language.spans import fold

DAYS_A_MONTH = 30
# So many characters behind a duration a sum is one for it: 一个月到手5500.
_BESIDE_A_SUM = 4
# The questions that a number of days, or a day without a word for it, answers.
_ASKS_FOR_DAYS = frozenset({"overdue", "days_overdue"})
_ASKS_FOR_A_DAY = frozenset({"days_overdue", "due_date"})
_ASKS_WHEN = _ASKS_FOR_DAYS | _ASKS_FOR_A_DAY

_NOT_OVERDUE = re.compile(
    r"(?:没有?|未|不|无)(?:曾|有)?(?:到期|逾期|过期|超期)|没到(?:还款)?(?:日|期|时间)"
)
_OVERDUE = re.compile(
    r"(?:逾期|过期|超期)(?!后|的话)|(?<![资薪水司位板])拖欠(?!工资|薪|我|货款)|拖了|过了(?:还款|到期)"
    r"|到期了?[也都]?(?:没|未)(?:能|法)?还|没(?:能)?按时还"
)
_SAYS_YES = re.compile(r"(?:嗯+|是|对|有|逾期|已经|是的|对的)(?:了|的|啊|呀|逾期|过)*")
_SAYS_NO = re.compile(r"(?:还|暂时|目前)?(?:没有?|不|没有逾期|否|无)(?:的|呢|啊|呀)?")
# "还没 这个月28号还", the space is gone
_NOT_YET = re.compile(
    r"(?:我|都|目前|暂时)*还?没有?(?=[这下本每今明后到\d]|还[差有剩]|再过)"
)
# "还差五天", "还有五天到期", but no days of which one has too few: 还差两千
_STILL = re.compile(
    r"(?<!逾期)(?:还[差有剩]|再过|(?<!还)[差剩])(?:下|大概|大约|差不多|个)*$"
)
_COURT = re.compile(r"开庭|传票|起诉|法院|应诉|被告")
_DUE = re.compile(
    r"到期|还款日|最后还款|该还|应还|要还|截止|账单日?|[号日天]就?(?:开始|已经)?逾期"
)
# The space behind it is gone in the one spelling: 下个月10号还 生病了.
_PAYS_ON = re.compile(r"[号日]就?[要该得]?还款?(?=$|[，,。；;\s])")
_CLAUSE_END = re.compile(r"[，,。；;！!？?\n\s]")
# Not of calls or yuan: "一天打我20个电话".
_WHOLE_NUMBER = re.compile(r"\D{0,8}(\d{1,4})[^\d个次通遍回元块月年]{0,6}")
_WISHES = re.compile("延|展期|宽限|缓|推迟|[再多]给|分|想|希望|能")
_MONEY_MARK = re.compile("[元块钱¥万wk]")
# "6.8万" is no day.
_MONTH_AND_DAY = re.compile(
    r"\D{0,4}?(\d{1,2})\s?[-/.]\s?(\d{1,2})[^\d万千百元块wk]{0,4}"
)
_SAYS_MONTH = re.compile(r"[月年前昨上]")
_EIGHT_DIGITS = re.compile(r"\D{0,4}?(20\d\d)([01]\d)([0-3]\d)\D{0,4}")
# "每月10号": the next one.
_EACH_MONTH = re.compile(r"每个?月(?:的|都是|是)?([0-3]?\d)[号日]?")
_DAY_ALONE = re.compile(r"\D{0,2}?([0-3]?\d|[一二三]?十?[一二三四五六七八九十])[吧的]?")


def read(heard: Heard, target: str | None, case: Case) -> dict[str, Any]:
    """What a message says of being overdue, by field.

    Args:
        heard: the message.
        target: the field that a value without a name is for.
        case: what is known.
    """
    found: dict[str, Any] = {}
    said = heard.statement
    if _NOT_OVERDUE.search(said):
        found["overdue"] = "no"
    elif _OVERDUE.search(said):
        found["overdue"] = "yes"
    elif target == "overdue" and not heard.asks:
        # "没有，12月8号到期"
        first = _CLAUSE_END.split(unhesitating(said.strip()))[0]
        first = first.rstrip("吧呢啊呀哦的了~～、")
        if _SAYS_NO.fullmatch(first) or _NOT_YET.match(first):
            found["overdue"] = "no"
        elif _SAYS_YES.fullmatch(first):
            found["overdue"] = "yes"
    if left := _days_left(heard, target):
        # They are days to go, not days overdue.
        due = heard.today + timedelta(days=left)
        return {"overdue": "no", "due_date": due}
    days = _days(heard, target)
    if days is not None and found.get("overdue") != "no":
        found["days_overdue"] = days
        if case.overdue != "yes":
            found["overdue"] = "yes"
    found.update(_dates(heard, target, found.get("overdue", case.overdue)))
    if target == "overdue" and "overdue" not in found and "due_date" in found:
        found["overdue"] = "yes" if found["due_date"] < heard.today else "no"
    return found


def _days(heard: Heard, target: str | None) -> int | None:
    told = [int(e.value) for e in heard.stated if e.entity == "overdue_days"]
    if told:
        return told[-1]
    if any(e.entity == "date" for e in heard.stated):
        return None
    if target in _ASKS_FOR_DAYS or (target == "due_date" and heard.corrects):
        durations = _durations(heard)
        if durations:
            return durations[0]
    return _bare_days(heard) if target == "days_overdue" else None


def _days_left(heard: Heard, target: str | None) -> int | None:
    """The days until a payment is due."""
    text = fold(heard.statement)
    if target not in _ASKS_WHEN and not _DUE.search(text):
        return None
    left = (o.days for o in find_durations(text) if _STILL.search(text[: o.start]))
    return next(left, None)


def _durations(heard: Heard) -> list[int]:
    """Durations in days: 45天 公司倒闭了; not of a story, 一个月5500, 想延期三个月."""
    text = fold(heard.statement)
    return [
        one.days
        for one in find_durations(text)
        if not _is_of_something_else(_CLAUSE_END.split(text[: one.start])[-1])
        and not _is_before_a_sum(text, one.end)
    ]


def _is_of_something_else(before: str) -> bool:
    return len(before) > MOST_BESIDE or bool(_WISHES.search(before))


def _is_before_a_sum(text: str, end: int) -> bool:
    rest = _CLAUSE_END.split(text[end:])[0]
    return any(amount.start <= _BESIDE_A_SUM for amount in find_amounts(rest))


def _bare_days(heard: Heard) -> int | None:
    """A number without a unit, in answer to how many days."""
    months = [int(e.value) for e in heard.stated if e.entity == "instalments"]
    if months:
        return months[-1] * DAYS_A_MONTH
    bare = [
        e.value
        for e in heard.stated
        if e.entity == "money"
        and not e.role
        and not _MONEY_MARK.search(heard.text[e.start : e.end])
    ]
    if bare and float(bare[0]).is_integer():
        return int(bare[0])
    has_role = any(e.entity == "money" and e.role for e in heard.stated)
    match = None if has_role else _WHOLE_NUMBER.fullmatch(heard.statement)
    return int(match.group(1)) if match else None


def _dates(heard: Heard, target: str | None, overdue: str | None) -> dict[str, Any]:
    dates = [
        date.fromisoformat(str(e.value)) for e in heard.stated if e.entity == "date"
    ]
    if not dates and target == "due_date":
        dates = _each_month(heard)
    if not dates and target in _ASKS_FOR_A_DAY:
        dates = _in_figures(heard, target)
    if not dates:
        return {}
    if _COURT.search(heard.text):
        return {"lawsuit_date": dates[-1]}
    # "昨天打了客服电话" tells of a call, not when a payment is due.
    answers = target in _ASKS_WHEN and not read_contact(heard)
    is_due = _DUE.search(heard.text) or _PAYS_ON.search(heard.own_words)
    if not answers and not is_due:
        return {}
    due = dates[-1]
    if overdue == "yes" and due > heard.today:
        # A day without a year is read as the next one; what is overdue was the last.
        due = _year_before(due)
    elif (
        overdue == "no"
        and due < heard.today
        and not _SAYS_MONTH.search(heard.statement)
    ):
        # "8号" of what is not overdue is the next one.
        due = _month_after(due)
    return {"due_date": due}


def _each_month(heard: Heard) -> list[date]:
    """The next day of those on which one pays each month."""
    match = _EACH_MONTH.search(heard.statement)
    day = int(match.group(1)) if match else 0
    if not day or day > monthrange(heard.today.year, heard.today.month)[1]:
        return []
    this_month = heard.today.replace(day=day)
    return [this_month if this_month >= heard.today else _month_after(this_month)]


def _in_figures(heard: Heard, target: str | None) -> list[date]:
    """A day in figures only: 12-08, 20261208, and 8 for a day due."""
    said = heard.statement.strip()
    words = ""
    if match := _EIGHT_DIGITS.fullmatch(said):
        words = "{}年{}月{}日".format(*match.groups())
    elif match := _MONTH_AND_DAY.fullmatch(said):
        words = "{}月{}日".format(*map(int, match.groups()))
    elif target == "due_date" and (match := _DAY_ALONE.fullmatch(said)):
        words = f"{match.group(1)}号"
    found, _ = find_dates(words, heard.today)
    return [date.fromisoformat(str(one.value)) for one in found]


def _month_after(day: date) -> date:
    """The same day of the next month, its last one when it is shorter."""
    first = (day.replace(day=1) + timedelta(days=DAYS_A_MONTH + 1)).replace(day=1)
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)

"""Days that sentences name, and the clock."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xieshang.clock import today
from xieshang.language.dates import find_dates
from xieshang.language.spans import fold
from xieshang.settings import SettingError

TODAY = date(2026, 11, 23)  # a Monday


def read(text: str, day: date = TODAY) -> list[str | int]:
    return [one.value for one in find_dates(fold(text), day)[0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今晚", "2026-11-23"),
        ("明儿个还", "2026-11-24"),
        ("大前天", "2026-11-20"),
        ("听日出粮", "2026-11-24"),
        ("下个月15号", "2026-12-15"),
        ("下下个月5号", "2027-01-05"),
        ("上个月9号", "2026-10-09"),
        ("上月底", "2026-10-31"),
        ("月底", "2026-11-30"),
        ("下个月初", "2026-12-01"),
        ("2月底发奖金", "2027-02-28"),
        ("年底前", "2026-12-31"),
        ("10月9日", "2026-10-09"),
        ("十二月十号", "2026-12-10"),
        ("1月10号", "2027-01-10"),
        ("去年6月18号", "2025-06-18"),
        ("5月20号借的", "2026-05-20"),
        ("2026/12/20", "2026-12-20"),
        ("2026.7.15", "2026-07-15"),
        ("11.20逾期的", "2026-11-20"),
        ("9/15就逾期了", "2026-09-15"),
        ("30号才开支", "2026-11-30"),
        ("我15号发工资", "2026-12-15"),
        ("28号就逾期了", "2026-10-28"),
        ("这周五", "2026-11-27"),
        ("下礼拜二", "2026-12-01"),
        ("上上周三", "2026-11-11"),
        ("星期四", "2026-11-26"),
        ("10天前", "2026-11-13"),
        ("两周后", "2026-12-07"),
        ("三个月后", "2027-02-23"),
        ("元旦", "2027-01-01"),
        ("春节前", "2027-02-06"),
        ("大年三十之前", "2027-02-05"),
        ("腊月初八", "2027-01-15"),
        ("双十二", "2026-12-12"),
        ("国庆的时候借的", "2026-10-01"),
    ],
)
def test_days(text: str, expected: str) -> None:
    assert read(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "每个月10号",
        "每月20日",
        "每周五",
        "发工资那天",
        "过几天",
        "24小时内",
        "三天两头",
        "还有三天到期",
        "下个月",
        "十月份",
        "没想到有今天",
        "3号线",
        "5号楼",
        "2月30号",
        "下个月一起",
        "万分之五一天",
        "利息11.20",
        "1/3",
        "还了2期",
        "年后",
    ],
)
def test_no_day(text: str) -> None:
    assert read(text) == []


def test_days_are_counted_from_the_given_one() -> None:
    new_year_eve = date(2027, 12, 31)
    assert read("明天", new_year_eve) == ["2028-01-01"]
    assert read("下个月5号", new_year_eve) == ["2028-01-05"]
    assert read("上周五", new_year_eve) == ["2027-12-24"]
    assert read("12月20号", date(2027, 1, 5)) == ["2026-12-20"]


def test_several_days() -> None:
    assert read("10月25日申请，11月3日驳回") == ["2026-10-25", "2026-11-03"]


@given(st.dates(date(2024, 1, 1), date(2029, 12, 31)))
def test_whole_dates(day: date) -> None:
    for written in (
        day.isoformat(),
        f"{day:%Y/%m/%d}",
        f"{day.year}年{day.month}月{day.day}号",
        f"{day.year}.{day.month}.{day.day}",
    ):
        assert read(f"我{written}到期") == [day.isoformat()]


@given(st.dates(date(2026, 8, 1), date(2027, 3, 1)))
def test_month_and_day_mean_the_nearest(day: date) -> None:
    assert read(f"{day.month}月{day.day}号") == [day.isoformat()]


def test_the_library_is_imported_late_and_silently() -> None:
    code = (
        "import sys; from datetime import date;"
        "from xieshang.language.dates import find_dates;"
        "day = date(2026, 11, 23);"
        "find_dates('花呗9800', day); assert 'jionlp' not in sys.modules;"
        "find_dates('明天', day); assert 'jionlp' in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""


def test_clock() -> None:
    assert today({"XIESHANG_TODAY": "2026-11-23"}) == TODAY
    assert abs((today({}) - date.today()).days) <= 1
    with pytest.raises(SettingError, match="2026-13-01"):
        today({"XIESHANG_TODAY": "2026-13-01"})

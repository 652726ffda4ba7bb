"""How long payments are late, and over how many months to repay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xieshang.language.durations import find_durations, find_instalments, find_overdue
from xieshang.language.spans import fold


def overdue(text: str) -> list[tuple[str | int, bool]]:
    text = fold(text)
    return [(one.value, one.approx) for one in find_overdue(text, find_durations(text))]


def instalments(text: str) -> list[str | int]:
    text = fold(text)
    return [one.value for one in find_instalments(text, find_durations(text))]


@pytest.mark.parametrize(
    ("text", "days", "approx"),
    [
        ("逾期45天", 45, False),
        ("逾期１８天", 18, False),
        ("逾期第12天", 12, False),
        ("逾期两个月", 60, True),
        ("逾期半个月", 15, False),
        ("逾期半个多月", 15, True),
        ("逾期一个半月", 45, True),
        ("逾期半年了", 180, True),
        ("逾期一年了", 365, True),
        ("拖了三个星期没还", 21, False),
        ("拖了快俩月", 60, True),
        ("逾期个把月了", 30, True),
        ("晚了有十几天", 10, True),
        ("逾期两三天", 2, True),
        ("逾期一百来天", 100, True),
        ("断了快90天", 90, True),
        ("借呗一个多星期没还", 7, True),
        ("已经遲咗14日未還", 14, False),
        ("到期都过了两天", 2, False),
        ("欠了三个月没还", 90, True),
        ("大概拖欠了2个月", 60, True),
        ("45天", 45, False),
    ],
)
def test_late(text: str, days: int, approx: bool) -> None:
    assert overdue(text) == [(days, approx)]


@pytest.mark.parametrize(
    "text",
    [
        "还有三天到期",
        "再过5天就逾期了",
        "如果逾期三个月会怎样",
        "听说满90天就不一样",
        "晚一个星期还可以吗",
        "失业三个月",
        "老婆住院一个多月了",
        "想缓三个月",
        "一天打我3次",
        "公司拖欠工资三个月",
        "以前从来没有逾期过",
        "三天两头",
        "逾期后3天内",
    ],
)
def test_not_late(text: str) -> None:
    assert overdue(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("分24期", [24]),
        ("分三年", [36]),
        ("一年半还完", [18]),
        ("分成两年半", [30]),
        ("分１８个月行么", [18]),
        ("分期半年", [6]),
        ("摊到36个月里", [36]),
        ("两年清", [24]),
        ("人家给6期，我想要48期", [6, 48]),
        ("五年60期", [60]),
        ("最长可以分几年？五年行吗", [60]),
        ("分了12期，前头已经还了5期", [12]),
        ("停息挂账六十期", [60]),
        ("已经还了3期，第4期卡住了", []),
        ("最近两期都没扣成功", []),
        ("一期还多少", []),
        ("还清后五年", []),
        ("延期两个月", []),
        ("3期免息券", []),
    ],
)
def test_instalments(text: str, expected: list[int]) -> None:
    assert instalments(text) == expected


@given(st.integers(1, 999))
def test_any_number_of_days(days: int) -> None:
    assert overdue(f"花呗逾期{days}天了") == [(days, False)]


@given(st.integers(2, 120))
def test_any_number_of_instalments(count: int) -> None:
    assert instalments(f"想分{count}期还") == [count]
    assert instalments(f"分{count}个月还清") == [count]

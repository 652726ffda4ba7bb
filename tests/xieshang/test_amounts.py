"""Amounts: written in all the ways people write them, read back."""

from __future__ import annotations

from decimal import Decimal

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xieshang.language.amounts import find_amounts
from xieshang.language.spans import fold

FULL_WIDTH = str.maketrans("0123456789.,", "０１２３４５６７８９．，")
TRADITIONAL = str.maketrans("万两贰陆", "萬兩貳陸")
NUMERALS = "零一二三四五六七八九"
yuan = st.integers(min_value=100, max_value=999_999)
# What stands around a sum in a sentence.
frames = st.sampled_from(
    ["{}", "我欠{}，怎么办", "花呗{}还不上", "工资{}房租另算", "一共{}。", "先还{}行吗"]
)


def read(text: str) -> list[tuple[Decimal, bool]]:
    return [(one.value, one.approx) for one in find_amounts(fold(text))]


def chinese(number: int) -> str:
    return str(cn2an.an2cn(str(number), "low"))


@given(
    yuan,
    frames,
    st.sampled_from(["{}", "{}元", "{}块", "{}块钱", "¥{}", "￥{}", "RMB {}"]),
)
def test_digits(number: int, frame: str, unit: str) -> None:
    for written in (f"{number}", f"{number:,}"):
        sum_ = unit.format(written)
        assert read(frame.format(sum_)) == [(number, False)]
        assert read(frame.format(sum_.translate(FULL_WIDTH))) == [(number, False)]


@given(st.integers(10_000, 99_999_999), frames)
def test_cents(cents: int, frame: str) -> None:
    number = Decimal(cents) / 100
    assert read(frame.format(f"{number:,.2f}元")) == [(number, False)]
    assert read(frame.format(f"¥{number:.2f}")) == [(number, False)]


@given(yuan, frames)
def test_chinese(number: int, frame: str) -> None:
    written = chinese(number)
    formal = str(cn2an.an2cn(str(number), "up"))
    spoken = written.replace("二万", "两万").replace("二千", "两千")
    for sum_ in (f"{written}元", f"{spoken}块钱", f"{formal}元整"):
        assert read(frame.format(sum_)) == [(number, False)]
        assert read(frame.format(sum_.translate(TRADITIONAL))) == [(number, False)]


@given(st.integers(1, 99), st.integers(1, 9), frames)
def test_tens_of_thousands(whole: int, rest: int, frame: str) -> None:
    number = whole * 10_000 + rest * 1000
    for unit in ("万", "w", "W"):
        for written in (
            f"{whole}{unit}{rest}",
            f"{whole}.{rest}{unit}",
            f"{whole}{unit}{rest}千",
            f"{whole}{unit}{rest}000",
        ):
            assert read(frame.format(written)) == [(number, False)]
    short = f"{chinese(whole)}万{NUMERALS[rest]}"
    assert read(frame.format(short)) == [(number, False)]
    assert read(frame.format(f"{whole}万零{rest}00")) == [
        (whole * 10_000 + rest * 100, False)
    ]


@given(st.integers(1, 9), st.integers(1, 9), frames)
def test_thousands_and_hundreds(whole: int, rest: int, frame: str) -> None:
    for written in (f"{whole}千{rest}", f"{whole}k{rest}", f"{whole}.{rest}K"):
        assert read(frame.format(written)) == [(whole * 1000 + rest * 100, False)]
    short = f"{NUMERALS[whole]}百{NUMERALS[rest]}块"
    assert read(frame.format(short)) == [(whole * 100 + rest * 10, False)]


@given(st.integers(1, 99), st.integers(1, 9), st.integers(1, 9), frames)
def test_small_change(whole: int, dimes: int, cents: int, frame: str) -> None:
    number = Decimal(whole) + Decimal(dimes) / 10
    for amount, tenth, hundredth in (
        (str(whole), str(dimes), str(cents)),
        (chinese(whole), NUMERALS[dimes], NUMERALS[cents]),
    ):
        for written in (f"{amount}块{tenth}毛", f"{amount}元{tenth}角"):
            assert read(frame.format(written)) == [(number, False)]
        assert read(f"{amount}块{tenth}，不多") == [(number, False)]
        exact = number + Decimal(cents) / 100
        assert read(frame.format(f"{amount}元{tenth}角{hundredth}分")) == [
            (exact, False)
        ]


@given(st.integers(1, 9), st.sampled_from("百千万"), frames)
def test_approximate(digit: int, unit: str, frame: str) -> None:
    number = digit * {"百": 100, "千": 1000, "万": 10_000}[unit]
    for base in (f"{digit}{unit}", f"{NUMERALS[digit]}{unit}"):
        for written in (
            f"{base}多",
            f"{base}来块",
            f"{base}多块钱",
            f"{base}左右",
            f"大概{base}",
            f"将近{base}",
            f"差不多{base}",
            f"{base}出头",
            f"{base}块上下",
            f"约{base}元",
        ):
            assert read(frame.format(written)) == [(number, True)], written


@given(st.integers(1, 8), st.sampled_from("百千万"), frames)
def test_lower_end(digit: int, unit: str, frame: str) -> None:
    size = {"百": 100, "千": 1000, "万": 10_000}[unit]
    low, high = NUMERALS[digit], NUMERALS[digit + 1]
    for written in (
        f"{low}{high}{unit}",
        f"{digit}-{digit + 1}{unit}",
        f"{low}{unit}到{high}{unit}",
        f"{digit * size}-{(digit + 1) * size}",
        f"{digit}{unit}~{digit + 1}{unit}",
    ):
        assert read(frame.format(written)) == [(digit * size, True)], written


@given(
    st.integers(1, 999_999),
    st.sampled_from(
        [
            "第{}次",
            "{}个人",
            "{}岁",
            "{}%",
            "尾号{}",
            "{}次",
            "{}小时",
            "百分之{}",
            "{}斤",
            "订单号{}",
        ]
    ),
)
def test_other_numbers(number: int, frame: str) -> None:
    assert read(frame.format(number)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("上万块", (10_000, True)),
        ("万把块钱", (10_000, True)),
        ("十来万", (100_000, True)),
        ("十几万", (100_000, True)),
        ("小一万", (10_000, True)),
        ("3w+", (30_000, True)),
        ("3个w", (30_000, False)),
        ("三千蚊", (3000, False)),
        ("三毛", (Decimal("0.3"), False)),
        ("两千零八块三毛", (Decimal("2008.3"), False)),
        ("不超过1000", (1000, False)),
    ],
)
def test_ways(text: str, expected: tuple[Decimal, bool]) -> None:
    assert read(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "千万别",
        "万一",
        "万分之五",
        "一天万五",
        "95188",
        "打12378",
        "芝麻分650",
        "我就是个二百五",
        "一万个不愿意",
        "十万火急",
        "世界500强",
        "尾号0019",
        "2单元301",
        "7×24小时",
        "12:30",
        "几千块",
        "一分钱没有",
        "一块钱都没有",
        "放一块说",
        "（2026）浙0106民初12345号",
        "iphone15",
        "千谢万谢",
        "手机号13900001234",
    ],
)
def test_no_money(text: str) -> None:
    assert [one for one in find_amounts(fold(text)) if one.sure] == []


LETTERS = "零一二两三五十百千万亿点0123456789.,，-到、块毛多来几wk个天 ¥大概左右"


@given(st.text(alphabet=LETTERS, max_size=25))
def test_never_fails(text: str) -> None:
    for one in find_amounts(fold(text)):
        assert 0 <= one.start < one.end <= len(text)
        assert one.value >= 0

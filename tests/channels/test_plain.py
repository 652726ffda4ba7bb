"""Plain text: Markdown away, choices numbered, parts that cut no character."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from rasa_ext.channels.plain import (
    joined,
    numbered,
    split,
    utf8_bytes,
    utf16_units,
    without_markdown,
)

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
FLAG = "🇨🇳"
ACCENT = "e\u0301"
THUMB = "👍🏽"
characters = st.one_of(
    st.sampled_from([FAMILY, FLAG, ACCENT, THUMB, "您", "。", "，", "\n", " ", "1. "]),
    st.characters(exclude_categories=["Cs"]),
)
texts = st.lists(characters, max_size=200).map("".join)
sizes = st.sampled_from([utf8_bytes, utf16_units, len])


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("**打95188**，再记工号", "打95188，再记工号"),
        ("看[方案](https://a.example/p)", "看方案：https://a.example/p"),
        ("- 一\n- 二", "- 一\n- 二"),
        ("2 * 3 ** 4", "2 * 3 ** 4"),
        ("[括号](不是 地址)", "[括号](不是 地址)"),
    ],
)
def test_markdown_is_taken_out(text: str, plain: str) -> None:
    assert without_markdown(text) == plain


def test_choices_are_counted_through() -> None:
    assert numbered(["花呗", "借呗"]) == "1. 花呗\n2. 借呗"
    assert numbered(["都有"], 3) == "3. 都有"


def test_a_list_that_goes_on_in_the_next_message_has_no_gap() -> None:
    assert joined(["要记下的：\n- 日期", "- 工号\n完", "谢谢"]) == (
        "要记下的：\n- 日期\n- 工号\n完\n\n谢谢"
    )
    assert joined(["- 一", "二"]) == "- 一\n\n二"
    assert joined([]) == ""


def test_sizes() -> None:
    assert [size("您👍") for size in (utf8_bytes, utf16_units, len)] == [7, 3, 2]


@settings(deadline=None)
@given(texts, st.integers(30, 200), sizes)
def test_parts_are_short_whole_and_cut_no_character(
    text: str, limit: int, size: Callable[[str], int]
) -> None:
    parts = split(text, limit, size)
    assert all(part and part == part.strip() and size(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
    # One that fits into a part stands whole in one.
    whole = [c for c in regex.findall(r"\X", text.strip()) if c.strip()]
    if all(size(cluster) <= limit for cluster in whole):
        again = [c for part in parts for c in regex.findall(r"\X", part) if c.strip()]
        assert [c.strip() for c in again] == [c.strip() for c in whole]


@settings(deadline=None)
@given(texts, st.integers(4, 12), sizes)
def test_a_limit_below_a_character_still_holds(
    text: str, limit: int, size: Callable[[str], int]
) -> None:
    parts = split(text, limit, size)
    assert all(part and size(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@settings(deadline=None)
@given(st.lists(st.integers(1, 30), min_size=2, max_size=30), st.integers(100, 300))
def test_a_line_that_fits_is_not_cut(lengths: list[int], limit: int) -> None:
    lines = [f"{rank}. {'项' * length}" for rank, length in enumerate(lengths)]
    parts = split("\n".join(lines), limit)
    assert [line for part in parts for line in part.split("\n")] == lines


@pytest.mark.parametrize("mark", ["- ", "• ", "1. ", "12、", "（一）", "（2）"])
def test_a_list_that_fits_is_not_cut(mark: str) -> None:
    listed = "\n".join(["打电话前请准备好：", *[f"{mark}身份证和流水"] * 6])
    before, after = "先说明情况。" * 8, "然后再打。"
    limit = utf8_bytes(listed) + utf8_bytes(after)
    for filling in range(utf8_bytes(before) // 18):
        text = f"{'先说明情况。' * filling}\n{listed}\n\n{after}"
        assert any(listed in part for part in split(text, limit))


def test_a_list_that_is_too_long_is_cut_between_its_items() -> None:
    items = [f"{rank}. 一件一件地记下来。" for rank in range(1, 9)]
    parts = split("\n".join(["清单：", *items, "完"]), 150)
    assert [line for part in parts for line in part.split("\n")] == [
        "清单：",
        *items,
        "完",
    ]
    assert parts[0].startswith("清单：\n1. ")


def test_a_sentence_is_not_cut_where_it_can_be_helped() -> None:
    sentences = ["先打客服电话说明情况。", "再问能不能延期？", "记下时间和工号！"]
    assert split("".join(sentences), 40) == sentences


def test_short_text_is_one_part_and_no_text_is_none() -> None:
    assert split(" 您好 \n", 100) == ["您好"]
    assert split(" \n ", 100) == []


def test_a_limit_must_hold_a_character() -> None:
    with pytest.raises(ValueError, match="below"):
        split("x", 3)

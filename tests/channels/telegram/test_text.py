"""What Telegram is given as text: well-formed HTML that is never too long."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from rasa_ext.channels.plain import utf16_units
from rasa_ext.channels.telegram_text import telegram_html
from tests.channels.telegram.bot_html import BadEntitiesError, shown_text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("花呗 & <b>借呗</b>", "花呗 &amp; &lt;b&gt;借呗&lt;/b&gt;"),
        ("**先**打 95188", "<b>先</b>打 95188"),
        ("**a<b**", "<b>a&lt;b</b>"),
        ("2 * 3 ** 4", "2 * 3 ** 4"),
        ("- 一\n* 二\n1. 三", "• 一\n• 二\n1. 三"),
        (
            '[看](https://e.org/?a=1&b="2")',
            '<a href="https://e.org/?a=1&amp;b=&quot;2&quot;">看</a>',
        ),
        ("[看](javascript:alert)", "[看](javascript:alert)"),
        ("[看](https://[)", "[看](https://[)"),
        ("  \n花\n\n", "花"),
        ("\ud83d花", "?花"),
    ],
)
def test_light_markdown_becomes_html(text: str, written: str) -> None:
    assert telegram_html(text) == [written]


@pytest.mark.parametrize("text", ["", " \n\t", "\u3000"])
def test_nothing_to_show_is_no_message(text: str) -> None:
    assert telegram_html(text) == []


def test_a_long_text_is_cut_after_a_line_or_a_sentence() -> None:
    line = "能还多少先算清楚。" * 30
    pieces = telegram_html("\n".join([line] * 30))
    assert len(pieces) > 1
    assert all(piece.endswith("。") for piece in pieces)
    assert "".join(pieces).replace("\n", "") == line * 30


def test_no_character_is_cut() -> None:
    for character in ("👨‍👩‍👧", "🇨🇳", "e\u0301", "😭", "花"):
        pieces = telegram_html(character * 5000)
        assert "".join(pieces) == character * 5000
        assert all(not len(piece) % len(character) for piece in pieces)


def test_a_character_without_end_is_cut_rather_than_lost() -> None:
    endless = "e" + "\u0301" * 9000
    pieces = telegram_html(endless)
    assert "".join(pieces) == endless
    assert all(utf16_units(piece) <= 4096 for piece in pieces)


def test_a_strong_text_is_strong_in_every_piece() -> None:
    pieces = telegram_html(f"**{'花' * 5000}**")
    assert [piece[:3] + piece[-4:] for piece in pieces] == ["<b></b>"] * 2


PIECES = st.sampled_from(
    ["**", "*", "[", "](https://e.org)", "<", "&amp;", "\n", "- ", "😭", "。", " "]
)


@given(
    st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=60).map("".join),
    st.integers(min_value=8, max_value=100),
)
def test_any_text_is_shown_whole_in_messages_that_fit(text: str, limit: int) -> None:
    pieces = telegram_html(text, limit)
    try:
        shown = [shown_text(piece) for piece in pieces]
    except BadEntitiesError as error:
        pytest.fail(str(error))
    assert all(0 < utf16_units(piece) <= limit for piece in shown)
    whole = [shown_text(piece) for piece in telegram_html(text, 10**6)]
    assert bare("".join(shown)) == bare("".join(whole))


def bare(text: str) -> str:
    return regex.sub(r"\s", "", text)

"""What counts as a yes or a no to a question of the registration."""

from __future__ import annotations

from datetime import date

import pytest

from xieshang.case.heard import Heard
from xieshang.case.yes_no import says_no, says_plain_yes, says_yes


def heard(text: str, intent: str = "nlu_fallback") -> Heard:
    return Heard(text, intent, (), date(2026, 11, 23))


@pytest.mark.parametrize(
    "text",
    (
        "对",
        "对的",
        "嗯嗯",
        "是的",
        "好的呀",
        "没错",
        "没问题",
        "没有要改的",
        "不用改了",
        "同意",
        "我同意",
        "同意，登记完整方案",
        "好的 开始吧",
        "行，你们帮我登记",
        "对，整理方案",
        "继续登记",
        "接着填完",
        "想继续填",
        "清空重来",
        "对，就是98万",
        "OK",
        "可以，欠花呗9800",
    ),
)
def test_yes(text: str) -> None:
    assert says_yes(heard(text))
    assert not says_no(heard(text))


@pytest.mark.parametrize(
    "text",
    (
        "不",
        "不同意",
        "不对",
        "算了",
        "先不登记",
        "有要改的",
        "别删",
        "要改收入",
        "错了",
        "有个地方错了",
        "算了，不登了可以吗",
    ),
)
def test_no(text: str) -> None:
    message = heard(text, "deny" if text == "不" else "nlu_fallback")
    assert says_no(message)
    assert not says_yes(message)


@pytest.mark.parametrize(
    "text",
    (
        "好久没还了",
        "好多钱",
        "对方老打电话",
        "对不起",
        "对了，我还有个问题",
        "想先了解一下",
        "我想想",
        "要还好多钱",
        "是我老婆借的",
        "行业不景气",
        "好烦",
        "可以的话我先问问",
        "先息后本行不行",
        "不同意会怎样",
        "对吗",
        "我算了一下",
        "别人也欠",
        "不好意思",
        "记得有点模糊",
        "登记",
        "5500",
    ),
)
def test_neither(text: str) -> None:
    assert not says_yes(heard(text))
    assert not says_no(heard(text))


def test_an_affirming_intent_is_a_yes_unless_its_words_are_not() -> None:
    assert says_yes(heard("妥妥滴", "affirm"))
    assert not says_yes(heard("记得不太准", "affirm"))
    assert not says_yes(heard("哦哦知道了", "affirm"))
    assert not says_yes(heard("对了 我还有个问题", "affirm"))


def test_what_cannot_be_taken_back_wants_a_yes_alone() -> None:
    assert says_plain_yes(heard("清空重来"))
    assert says_plain_yes(heard("确认删除"))
    assert not says_plain_yes(heard("好的，借呗2万"))

"""One spelling for what people type, and what is left as it is."""

from __future__ import annotations

import pytest

from xieshang.language.normalize import normalizer


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("花 呗 还不上！！！！", "花呗还不上!"),
        ("ｈｂ９８００", "花呗9800"),
        ("华呗帐单", "花呗账单"),
        ("花贝借贝都逾其三天", "花呗借呗都逾期三天"),
        ("接呗预期两天", "借呗逾期两天"),
        ("花被愈期会不会起素", "花呗逾期会不会起诉"),
        ("zfb里jb怎么还宽", "支付宝里借呗怎么还款"),
        ("花唄還不上怎麼辦", "花呗还不上怎么办"),
        ("😭花呗还不上😭", "花呗还不上"),
        ("打克服电话", "打客服电话"),
        ("分24其每其980,其中利息", "分24期每期980,其中利息"),
        ("最底还款", "最低还款"),
    ],
)
def test_brought_to_one_spelling(typed: str, meant: str) -> None:
    assert normalizer().normalize(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "华北地区天气",
        "语气不好",
        "我预期收入下降",
        "还款计划呗",
        "打电话呗",
        "我买了碎花被子",
        "月工资",
        "分七百",
        "拆迁款",
        "克服困难",
        "***元还款",
    ],
)
def test_left_as_it_is(text: str) -> None:
    assert normalizer().normalize(text) == text


def test_a_second_time_changes_nothing() -> None:
    once = normalizer().normalize("花 被愈期了！！ｈｂ９８００")
    assert normalizer().normalize(once) == once

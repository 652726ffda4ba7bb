"""What a sentence takes back is no entity, and what is meant has its role."""

from __future__ import annotations

import time
from datetime import date

import pytest

from xieshang.language.corrections import Piece, may_correct, without_rejected
from xieshang.language.entities import EntityReader
from xieshang.language.lexicon import Lexicon
from xieshang.settings import ROOT

TODAY = date(2026, 11, 23)
MOST_SECONDS = 2


@pytest.fixture(scope="module")
def reader() -> EntityReader:
    return EntityReader(Lexicon.read(ROOT / "data/lexicon"))


def read(reader: EntityReader, text: str) -> list[tuple[str, object, str | None]]:
    return [(one.entity, one.value, one.role) for one in reader.read(text, TODAY)]


@pytest.mark.parametrize(
    ("text", "sums"),
    [
        ("房租不是1200是1100", [(1100, "essential_expenses")]),
        ("房租1200，不对，1100", [(1100, "essential_expenses")]),
        ("房租1200说错了是1100", [(1100, "essential_expenses")]),
        ("房租是1100不是1200", [(1100, "essential_expenses")]),
        ("说错了，房租是1100，不是1200", [(1100, "essential_expenses")]),
        ("不是1200 是1100", [(1100, None)]),
        ("不是60，是90", [(90, None)]),
        ("工资不是6千", []),
        ("不是1200吗", [(1200, None)]),
        ("不是说1200吗", [(1200, None)]),
        ("是不是1200", [(1200, None)]),
        ("怎么不是1200", [(1200, None)]),
        ("不是1200，就是1300", [(1200, None), (1300, None)]),
        ("他们说1200，不对吧，该是1100", [(1200, None), (1100, None)]),
        ("9月我不是5000是4500", [(4500, None)]),
        (
            "花呗2千借呗3千，不对，花呗是4千",
            [(3000, "jiebei_balance"), (4000, "huabei_balance")],
        ),
        (
            "花呗2千，不对，工资3千",
            [(2000, "huabei_balance"), (3000, "monthly_income")],
        ),
    ],
)
def test_sums(reader: EntityReader, text: str, sums: list[object]) -> None:
    found = [
        (value, role) for kind, value, role in read(reader, text) if kind == "money"
    ]
    assert found == sums


@pytest.mark.parametrize(
    ("text", "entity", "values"),
    [
        ("逾期不是2天是22天", "overdue_days", [22]),
        ("逾期2天，错了，22天", "overdue_days", [22]),
        ("不是9期，是18期", "instalments", [18]),
        ("分9期，口误，分18期", "instalments", [18]),
        ("12月不是8号是18号", "date", ["2026-12-18"]),
        ("不是花呗是借呗", "product", ["jiebei"]),
        ("我问花呗，不对，借呗", "product", ["jiebei"]),
        ("我问的是花呗，不是借呗，逾期了", "product", ["huabei"]),
        ("不是花呗啊，是微粒贷", "product", []),
        ("花呗和借呗不是一样吗", "product", ["huabei", "jiebei"]),
        ("不是花呗就是借呗", "product", ["huabei", "jiebei"]),
        ("不是我不还花呗", "product", ["huabei"]),
    ],
)
def test_other_kinds(
    reader: EntityReader, text: str, entity: str, values: list[object]
) -> None:
    assert [value for kind, value, _ in read(reader, text) if kind == entity] == values


@pytest.mark.parametrize(
    ("text", "products"),
    [
        ("没欠花呗", []),
        ("没有花呗", []),
        ("花呗没有", []),
        ("花呗没欠", []),
        ("没用过花呗", []),
        ("没开通花呗，借呗2千", ["jiebei"]),
        ("花呗、借呗都没欠", []),
        ("有没有花呗", ["huabei"]),
        ("没还花呗", ["huabei"]),
        ("花呗没还", ["huabei"]),
        ("没有还借呗", ["jiebei"]),
        ("花呗没有逾期", ["huabei"]),
        ("没钱还借呗", ["jiebei"]),
        ("借呗没法还", ["jiebei"]),
        ("没有花呗账单", ["huabei"]),
        ("没欠花呗那么多", ["huabei"]),
        ("花呗怎么没有了", ["huabei"]),
    ],
)
def test_products_that_one_does_not_have(
    reader: EntityReader, text: str, products: list[str]
) -> None:
    found = [value for kind, value, _ in read(reader, text) if kind == "product"]
    assert found == products


def test_places_count_the_whole_sentence(reader: EntityReader) -> None:
    text = "花呗不是8千是9千，逾期3天"
    assert [text[one.start : one.end] for one in reader.read(text, TODAY)] == [
        "花呗",
        "9千",
        "3天",
    ]


def test_nothing_is_cut_from_other_sentences() -> None:
    assert not may_correct("花呗欠8千，逾期20天")
    assert without_rejected("错不了，8千", [Piece("money", 4, 6)]).text == "错不了，8千"


def test_long_messages(reader: EntityReader) -> None:
    begin = time.process_time()
    for words in ("不是8千是9千", "花呗不是", "8千，不对，"):
        reader.read(words * 200, TODAY)
    assert time.process_time() - begin < MOST_SECONDS

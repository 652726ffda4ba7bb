"""The table of utterances, written before the code, and what it does not cover."""

from __future__ import annotations

import json
import statistics
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pytest

from xieshang.language.entities import Entity, EntityReader, extract
from xieshang.language.lexicon import Lexicon, LexiconError
from xieshang.language.normalize import normalizer
from xieshang.settings import ROOT

TODAY = date(2026, 11, 23)
LEAST_RIGHT = 0.97
MOST_MILLISECONDS = 2
TABLE = [
    json.loads(line)
    for line in (ROOT / "tests/nlu/entities.jsonl").read_text("utf-8").splitlines()
]

ByKind = dict[str, list[tuple[Any, str | None, bool]]]


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.read(ROOT / "data/lexicon")


@pytest.fixture(scope="module")
def reader(lexicon: Lexicon) -> EntityReader:
    return EntityReader(lexicon)


def by_kind(entities: Iterable[Mapping[str, Any]]) -> ByKind:
    """Value, role and approximateness of each kind, in order of appearance."""
    kinds: ByKind = defaultdict(list)
    for one in entities:
        kinds[one["entity"]].append(
            (one["value"], one.get("role"), bool(one.get("approx")))
        )
    return dict(kinds)


def read(reader: EntityReader, text: str) -> ByKind:
    return by_kind([vars(entity) for entity in reader.read(text, TODAY)])


@pytest.mark.parametrize("normalized", [False, True])
def test_table(reader: EntityReader, normalized: bool) -> None:
    failures = []
    for row in TABLE:
        text = normalizer().normalize(row["text"]) if normalized else row["text"]
        expected, found = by_kind(row["entities"]), read(reader, text)
        if found != expected:
            failures.append(f"{text}\n  expected {expected}\n  found    {found}")
    right = 1 - len(failures) / len(TABLE)
    print(f"{right:.1%} of {len(TABLE)} fully right", *failures, sep="\n")
    assert right >= LEAST_RIGHT, "\n".join(failures)


def test_speed(reader: EntityReader) -> None:
    reader.read("明天还", TODAY)  # imports the library of dates
    taken = []
    for row in TABLE:
        begin = time.perf_counter()
        reader.read(row["text"], TODAY)
        taken.append((time.perf_counter() - begin) * 1000)
    assert statistics.median(taken) <= MOST_MILLISECONDS


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("9800", "money", 9800),
        ("两万", "money", 20000),
        ("5500", "money", 5500),
        ("50", "money", 50),
        ("0", "money", 0),
        ("45天", "overdue_days", 45),
        ("半个月吧", "overdue_days", 15),
        ("24期", "instalments", 24),
        ("花呗", "product", "huabei"),
        ("12月5号", "date", "2026-12-05"),
        ("电话", "contact_channel", "hotline"),
    ],
)
def test_fragments(reader: EntityReader, text: str, entity: str, value: object) -> None:
    assert [(one.entity, one.value) for one in reader.read(text, TODAY)] == [
        (entity, value)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "没有",
        "我没有失业，就是工资低",
        "如果我失业了怎么办",
        "邻居家着火了，我家没事",
        "公司要裁员，我担心",
        "客服工号10234",
        "他打了我十几个电话",
        "我是1998年出生的，今年28岁",
        "12306抢票抢不到",
        "十一点五十还行吗",
        "催收打电话到我公司",
        "先欠着，下个月一起给",
        "每月10号到15号之间",
        "再过5天就逾期了",
        "免息券怎么用",
        "***",
    ],
)
def test_nothing(reader: EntityReader, text: str) -> None:
    assert reader.read(text, TODAY) == []


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        (
            "花呗 8000 借呗 12000 工资 5000",
            ["huabei_balance", "jiebei_balance", "monthly_income"],
        ),
        ("借呗借了3万，已经还了1万2，还剩1万8", [None, None, "jiebei_balance"]),
        ("花呗借呗一共欠3万", [None]),
        ("花呗一共5680", ["huabei_balance"]),
        ("2000房租，5000工资", ["essential_expenses", "monthly_income"]),
        ("花呗原来欠1万，现在还剩6000", [None, "huabei_balance"]),
        ("月供能不能从2300降到1200", [None, "monthly_payment"]),
        ("欠我哥2万，欠信用卡15000", ["other_debts", "other_debts"]),
        ("信用卡每月还1200", ["monthly_payment"]),
        ("年薪10万，日薪200", [None, None]),
        ("先还500，剩下的下个月还", [None]),
    ],
)
def test_roles(reader: EntityReader, text: str, roles: list[str | None]) -> None:
    assert [
        one.role for one in reader.read(text, TODAY) if one.entity == "money"
    ] == roles


def test_places_count_the_characters_of_the_text(reader: EntityReader) -> None:
    text = "花唄欠１８，０００元，逾期３６天"
    assert [text[one.start : one.end] for one in reader.read(text, TODAY)] == [
        "花唄",
        "１８，０００元",
        "３６天",
    ]


def test_extract_keeps_its_reader(lexicon: Lexicon) -> None:
    assert extract("花呗", TODAY, lexicon) == [Entity("product", 0, 2, "huabei")]
    again = Lexicon.from_dict(json.loads(json.dumps(lexicon.to_dict())))
    assert extract("花呗", TODAY, again) == extract("花呗", TODAY, lexicon)


def test_incomplete_lexicon(tmp_path: Any) -> None:
    with pytest.raises(LexiconError, match="roles"):
        Lexicon.read(tmp_path)
    with pytest.raises(LexiconError, match="entities"):
        Lexicon.from_dict({})

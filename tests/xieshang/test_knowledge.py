"""What the written answers promise, name and cite."""

from __future__ import annotations

import re
from datetime import date
from itertools import chain
from pathlib import Path

import pytest
import yaml

from xieshang.knowledge import (
    Circumstances,
    KnowledgeError,
    Variant,
    current_knowledge,
    load_knowledge,
)
from xieshang.settings import ROOT

KNOWLEDGE = load_knowledge()
MAX_TITLE = 12
MAX_MESSAGE = 130
MAX_LIST = 280
# A promise, a threat or a certainty that no source gives.
FORBIDDEN = re.compile(
    r"(?<!不)(?<!不能)保证(?!金)|一定(?:能|可以|会)|肯定(?:能|可以|会)|(?<!要求对方)必须同意|有权要求分期|7\s*[x×*]\s*24|24\s*小时"
    r"|协商(?:后|了)?就?不上征信|不会上征信|不用还了|三年(?:后|就)不用还|(?<!“)包(?:过|成)"
)


def all_messages() -> list[tuple[str, str]]:
    return [
        (entry.intent, message)
        for entry in KNOWLEDGE.entries.values()
        for message in chain(entry.messages, *(v.messages for v in entry.variants))
    ]


def test_lengths_fit_a_phone() -> None:
    long = [
        (intent, len(message), message)
        for intent, message in all_messages()
        if len(message) > (MAX_LIST if "\n" in message else MAX_MESSAGE)
    ]
    assert not long
    assert not [e.title for e in KNOWLEDGE.entries.values() if len(e.title) > MAX_TITLE]


def test_nothing_is_promised() -> None:
    assert not [
        (intent, found.group(), message)
        for intent, message in all_messages()
        if (found := FORBIDDEN.search(message))
    ]


def test_every_number_to_dial_is_a_known_hotline() -> None:
    known = {line["number"] for line in KNOWLEDGE.tables["hotlines"].values()}
    named = {
        (intent, number)
        for intent, message in all_messages()
        for number in re.findall(r"(?<![\d-])\d{5}(?!\d)", message)
        if not re.search(rf"GB/T\s*{number}", message)
    }
    assert {number for _, number in named} <= known
    assert "95188" in known


def test_hours_and_paths_are_left_to_the_line_and_the_screen() -> None:
    for intent, message in all_messages():
        if "我的→" in message:
            together = "".join(m for i, m in all_messages() if i == intent)
            assert "以当前界面为准" in together, (intent, message)


def test_next_questions_exist_and_are_offered() -> None:
    for entry in KNOWLEDGE.entries.values():
        assert len(entry.next) <= 3
        assert set(entry.next) <= KNOWLEDGE.entries.keys(), entry.intent
        assert entry.intent not in entry.next


def test_answers_of_substance_have_sources_and_a_review_date() -> None:
    topics = {entry.topic for entry in KNOWLEDGE.entries.values()}
    for entry in KNOWLEDGE.entries.values():
        if entry.topic in topics - {"dialogue", "case", "scope"}:
            assert entry.sources, entry.intent
            assert isinstance(entry.review_by, date), entry.intent


def test_after_self_harm_nothing_else_is_offered() -> None:
    entry = KNOWLEDGE.entries["self_harm_risk"]
    assert not entry.next
    for variant in ((entry.messages), *(v.messages for v in entry.variants)):
        together = "".join(variant)
        assert "12356" in together
        assert "110" in together or "120" in together


def test_a_variant_needs_all_its_conditions() -> None:
    variant = Variant({"product": "jiebei", "said": "几天|多久"}, ("x",))
    assert variant.applies(Circumstances(said="要多久", product="jiebei"))
    assert not variant.applies(Circumstances(said="要多久", product="huabei"))
    assert not variant.applies(Circumstances(said="怎么办", product="jiebei"))


def test_proofs_follow_the_hardship() -> None:
    said = "".join(KNOWLEDGE.answer("what_proof", Circumstances(hardship="illness")))
    proofs = yaml.safe_load((ROOT / "knowledge/proofs.yml").read_text("utf-8"))
    for item in proofs["illness"]["items"]:
        assert item in said


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("- {intent: a, title: t}", "messages"),
        (
            "- {intent: a, title: t, messages: [m], variants: [{when: {colour: x},"
            " messages: [m]}]}",
            "colour",
        ),
        (
            "- {intent: a, title: t, messages: [m]}\n"
            "- {intent: a, title: t, messages: [m]}",
            "twice",
        ),
        ("- [", "YAML|topic"),
    ],
)
def test_a_faulty_file_is_named(tmp_path: Path, content: str, fault: str) -> None:
    (tmp_path / "topic.yml").write_text(content, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=fault) as raised:
        load_knowledge(tmp_path)
    assert "topic.yml" in str(raised.value)


def test_an_edit_that_cannot_be_used_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("xieshang.knowledge.KNOWLEDGE_DIR", tmp_path)
    phrases = tmp_path / "phrases.yml"
    phrases.write_text("busy: 系统忙", encoding="utf-8")
    assert current_knowledge().phrase("busy") == "系统忙"
    phrases.write_text("busy: [系统忙，请稍后", encoding="utf-8")
    assert current_knowledge().phrase("busy") == "系统忙"
    assert "phrases.yml" in caplog.text
    phrases.write_text("busy: 请稍后再发", encoding="utf-8")
    assert current_knowledge().phrase("busy") == "请稍后再发"

"""Training data, rules, titles and answers belong together; nothing is said twice."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from rasa_ext.commands.evaluate import BLIND_SET, DEV_QUESTIONS
from xieshang.knowledge import Circumstances, Knowledge, load_knowledge
from xieshang.settings import ROOT

MIN_EXAMPLES = 40
# What people ask most.
FREQUENT = {
    "out_of_scope_account": 400,
    "ask_recovery": 200,
    "ask_extension": 200,
    "ask_credit_report": 200,
    "ask_overdue_consequence": 200,
    "ask_overdue_cost": 200,
    "ask_overdue_cutoff": 200,
}
ANNOTATION = re.compile(r"\[([^\]]+)\](?:\{[^}]*\}|\([^)]*\))")


def plain(text: str) -> str:
    return ANNOTATION.sub(r"\1", text)


def bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())


def examples() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "data/nlu").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in block["examples"].splitlines():
                found[block["intent"]].append(plain(line.removeprefix("- ")))
    return found


def topics(folder: str) -> dict[str, set[str]]:
    """Intents per file of data/nlu or data/rules."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "data" / folder).glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        if folder == "nlu":
            found[path.stem] = {block["intent"] for block in content["nlu"]}
        else:
            found[path.stem] = {
                step["intent"]
                for rule in content["rules"]
                for step in rule["steps"]
                if "intent" in step
            } - {"nlu_fallback"}
    return found


DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
EXAMPLES = examples()


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


def test_every_intent_has_rule_title_answer_and_examples(knowledge: Knowledge) -> None:
    intents = set(DOMAIN["intents"])
    rules = set().union(*topics("rules").values())
    missing = [
        f"{intent}: {what}"
        for intent in sorted(intents | rules | set(EXAMPLES) | set(knowledge.entries))
        for what, there in (
            ("not in domain.yml", intent in intents),
            ("no rule in data/rules/", intent in rules),
            ("no entry in knowledge/", intent in knowledge.entries),
            (
                f"fewer than {FREQUENT.get(intent, MIN_EXAMPLES)} examples in data",
                len(EXAMPLES[intent]) >= FREQUENT.get(intent, MIN_EXAMPLES),
            ),
        )
        if not there
    ]
    assert not missing


def test_a_topic_has_the_same_name_everywhere(knowledge: Knowledge) -> None:
    answers: dict[str, set[str]] = defaultdict(set)
    for intent, entry in knowledge.entries.items():
        answers[entry.topic].add(intent)
    assert topics("nlu") == topics("rules") == dict(answers)


def test_no_example_stands_twice() -> None:
    intents_of: dict[str, list[str]] = defaultdict(list)
    for intent, sentences in EXAMPLES.items():
        for sentence in sentences:
            intents_of[bare(sentence)].append(f"{intent}: {sentence}")
    assert not [found for found in intents_of.values() if len(found) > 1]


@pytest.mark.parametrize("path", [BLIND_SET, DEV_QUESTIONS], ids=["blind", "dev"])
def test_no_measured_sentence_is_trained_on(path: Path) -> None:
    if not path.exists():
        pytest.skip(f"{path} is not there")
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        measured = {bare(row["text"]) for row in rows}
    trained = {bare(sentence) for found in EXAMPLES.values() for sentence in found}
    assert not measured & trained


def test_every_title_asks_its_own_question(knowledge: Knowledge, assistant) -> None:
    """A tapped title may also be typed: it must be understood as its own intent."""
    taken = {
        entry.title: assistant.parse(entry.title)["intent"]["name"]
        for entry in knowledge.entries.values()
        if entry.offer
    }
    wanted = {entry.title: entry.intent for entry in knowledge.entries.values()}
    assert {title: name for title, name in taken.items() if wanted[title] != name} == {}


def test_the_longest_word_wins(assistant) -> None:
    found = assistant.parse("蚂蚁花呗和支付宝借呗都逾期了")["entities"]
    assert [(e["value"], e["start"], e["end"]) for e in found] == [
        ("huabei", 0, 4),
        ("jiebei", 5, 10),
    ]


def annotated() -> list[tuple[str, list[tuple[str, str, str]]]]:
    found = []
    for path in sorted((ROOT / "data/nlu").glob("*.yml")):
        for line in path.read_text(encoding="utf-8").splitlines():
            marks = re.findall(
                r'\[([^\]]+)\]\{"entity": "([^"]+)", "value": "([^"]+)"\}', line
            )
            if marks:
                text = plain(line.strip().removeprefix("- "))
                found.append((text, [(e, v, word) for word, e, v in marks]))
    return found


def test_annotations_are_what_is_extracted(assistant) -> None:
    """An annotation that the extractor does not find misleads its reader."""
    assert len(annotated()) >= 20
    wrong = {}
    for text, wanted in annotated():
        parsed = assistant.parse(text)
        got = [
            (e["entity"], str(e["value"]), parsed["text"][e["start"] : e["end"]])
            for e in parsed["entities"]
        ]
        if not set(wanted) <= set(got):
            wrong[text] = (wanted, got)
    assert wrong == {}


def test_answers_are_written_for_every_product(knowledge: Knowledge) -> None:
    for intent in knowledge.entries:
        for product in (None, "huabei", "jiebei", "both"):
            for message in knowledge.answer(intent, Circumstances(product=product)):
                assert message.strip()
                assert "{" not in message

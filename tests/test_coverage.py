"""Every sentence of the article is said by an answer: docs/coverage.md, row by row."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from xieshang.knowledge import Circumstances, load_knowledge
from xieshang.settings import ROOT

KNOWLEDGE = load_knowledge()
ARTICLE = ROOT.parent / "shared/article"
DOCUMENT = (ROOT / "docs/coverage.md").read_text(encoding="utf-8")
NOBODY = Circumstances()
BEGINS = 4
# Longer runs of the article's own characters in the document would be a copy.
MAX_QUOTED = 12
MAX_ELSEWHERE = 0.1


@dataclass(frozen=True)
class Row:
    """One row of the document.

    Attributes:
        id: place of the sentence in the article, section[.part].sentence.
        begins: its first characters.
        paraphrase: what it says, in our words.
        intent: the entry that says it.
        reached: the circumstances that choose the answer, "name=value ...".
        pattern: a regex for the sentence's content in the answer.
        note: where the answer differs on purpose.
    """

    id: str
    begins: str
    paraphrase: str
    intent: str
    reached: str
    pattern: str
    note: str

    @property
    def known(self) -> Circumstances:
        """The circumstances of the `reached by` column."""
        return Circumstances(**dict(part.split("=") for part in self.reached.split()))


def read_row(line: str) -> Row:
    """The row of a table line, its pattern without backticks and escapes.

    Raises:
        TypeError: the line has too many or too few cells.
    """
    cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    cells[5] = cells[5].strip("`").replace(r"\|", "|")
    return Row(*cells)


ROWS = [read_row(line) for line in re.findall(r"^\| \d.*$", DOCUMENT, re.MULTILINE)]


def answer(intent: str, known: Circumstances) -> str:
    """All messages that answer an intent, joined by newlines."""
    return "\n".join(KNOWLEDGE.answer(intent, known))


def says(pattern: str, text: str) -> bool:
    """Whether a row's pattern occurs in an answer."""
    return re.search(pattern, text, re.DOTALL) is not None


def sentences() -> list[tuple[str, str]]:
    """The article's sentences in order, each as (id, text)."""
    (path,) = ARTICLE.glob("*.txt")
    text = path.read_text(encoding="utf-8")
    found: list[tuple[str, str]] = []
    section = part = number = 0
    for line in text[text.index("#") :].splitlines():
        if line.startswith("#### ") or line == "精彩评论":
            section, part, number = section + 1, 0, 0
        elif re.match(r"\d+\. |头像 ", line):
            part, number = part + 1, 0
        for sentence in re.findall(r"[^。！？?]+(?:[。！？?]|:$)", line):
            number += 1
            place = f"{section}.{part}.{number}" if part else f"{section}.{number}"
            found.append((place, sentence.removeprefix("- ").strip()))
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_answer_says_the_sentence(row: Row) -> None:
    text = answer(row.intent, row.known)
    assert says(row.pattern, text), f"{row.paraphrase}: {row.pattern} not in: {text}"
    assert row.paraphrase


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_pattern_tells_the_answer_from_others(row: Row) -> None:
    others = [intent for intent in KNOWLEDGE.entries if intent != row.intent]
    saying = [i for i in others if says(row.pattern, answer(i, NOBODY))]
    assert len(saying) <= MAX_ELSEWHERE * len(others), saying


@pytest.mark.parametrize("row", [r for r in ROWS if r.reached], ids=lambda row: row.id)
def test_the_circumstances_choose_the_answer(row: Row) -> None:
    assert answer(row.intent, row.known) != answer(row.intent, NOBODY)


@pytest.mark.skipif(
    not ARTICLE.is_dir(), reason="the article is not part of the project"
)
def test_every_sentence_of_the_article_has_its_row() -> None:
    assert [(row.id, row.begins) for row in ROWS] == [
        (place, sentence[:BEGINS].strip()) for place, sentence in sentences()
    ]


@pytest.mark.skipif(
    not ARTICLE.is_dir(), reason="the article is not part of the project"
)
def test_the_article_is_not_copied() -> None:
    assert not [
        (place, run)
        for place, sentence in sentences()
        for start in range(len(sentence) - MAX_QUOTED)
        if (run := sentence[start : start + MAX_QUOTED + 1]) in DOCUMENT
    ]

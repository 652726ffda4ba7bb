"""web/dist is what its sources make, small, and has its Chinese in one file."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

from rasa_ext.commands.widget import (
    DIGEST,
    WEB,
    WIDGET,
    build,
    run_npm,
    sources_digest,
)
from xieshang.knowledge import current_knowledge

MOST_BYTES = 50 * 1024


def test_the_committed_file_is_built_from_the_present_sources() -> None:
    built_from = DIGEST.read_text(encoding="ascii").strip()
    assert built_from == sources_digest(), "run `make widget` and commit web/dist"


def test_building_again_gives_the_same_bytes(packages: Path, tmp_path: Path) -> None:
    build(tmp_path / "dist")
    assert (tmp_path / "dist" / "widget.js").read_bytes() == WIDGET.read_bytes()


def test_types_and_unit_tests(packages: Path) -> None:
    run_npm("run", "check")


def test_the_widget_is_small() -> None:
    assert len(gzip.compress(WIDGET.read_bytes(), mtime=0)) <= MOST_BYTES


def test_the_texts_stand_in_one_file() -> None:
    for path in (WEB / "src").rglob("*.*"):
        code = re.sub(r"/\*.*?\*/|//.*", "", path.read_text("utf-8"), flags=re.DOTALL)
        # Units beside which a number is not dialled are a pattern, not a text.
        found = re.findall(r"[\u4e00-\u9fff]", code)
        assert not found or path.name == "links.ts", f"{path.name}: {found}"


def test_the_numbers_to_dial_are_the_known_hotlines() -> None:
    texts = json.loads((WEB / "texts.zh-CN.json").read_text("utf-8"))
    known = {line["number"] for line in current_knowledge().tables["hotlines"].values()}
    assert set(texts["dialNumbers"]) == known


def test_the_step_in_a_question_is_known() -> None:
    texts = json.loads((WEB / "texts.zh-CN.json").read_text("utf-8"))
    phrases = current_knowledge().tables["questions"]["phrases"]
    assert texts["progressPrefix"] == phrases["progress"].strip()


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((WEB / "package-lock.json").read_text("utf-8"))
    packages = [package for name, package in lock["packages"].items() if name]
    assert packages
    assert not [package for package in packages if "resolved" in package]
    assert all("integrity" in package for package in packages)

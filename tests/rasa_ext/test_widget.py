"""`make run` and the built widget: with Node, without Node, without a network."""

from __future__ import annotations

from pathlib import Path

import pytest

from rasa_ext.commands import widget


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A web/ of its own, built from its present sources; counts its builds."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.tsx").write_text("1")
    (tmp_path / "dist").mkdir()
    for name, path in (
        ("WEB", tmp_path),
        ("WIDGET", tmp_path / "dist" / "widget.js"),
        ("DIGEST", tmp_path / "dist" / "sources.sha256"),
    ):
        monkeypatch.setattr(widget, name, path)
    monkeypatch.setattr(widget, "build", build)
    has_node(monkeypatch, True)
    widget.ensure_widget()
    return tmp_path


def build(folder: Path) -> None:
    source = (folder.parent / "src" / "main.tsx").read_text()
    if source == "broken":
        raise widget.BuildError("npm error code E1\nnpm error no network\nmore")
    (folder / "widget.js").write_text(f"built from {source}")


def has_node(monkeypatch: pytest.MonkeyPatch, is_there: bool) -> None:
    monkeypatch.setattr(widget.shutil, "which", lambda name: name if is_there else None)


def test_a_stale_file_is_built_again(web: Path) -> None:
    assert (web / "dist" / "widget.js").read_text() == "built from 1"
    (web / "src" / "main.tsx").write_text("2")
    assert not widget.is_current()
    widget.ensure_widget()
    assert (web / "dist" / "widget.js").read_text() == "built from 2"
    assert widget.is_current()


def test_a_present_file_is_left_alone(web: Path) -> None:
    (web / "dist" / "widget.js").write_text("as it is")
    widget.ensure_widget()
    assert (web / "dist" / "widget.js").read_text() == "as it is"


def test_a_new_or_moved_source_makes_it_stale(web: Path) -> None:
    (web / "src" / "main.tsx").rename(web / "src" / "other.tsx")
    assert not widget.is_current()


@pytest.mark.parametrize("is_there", [True, False])
def test_the_old_file_serves_when_none_can_be_built(
    web: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    is_there: bool,
) -> None:
    (web / "src" / "main.tsx").write_text("broken")
    has_node(monkeypatch, is_there)
    widget.ensure_widget()
    said = capsys.readouterr().out.strip().splitlines()[-1]
    assert ("no network" if is_there else "Node") in said
    assert (web / "dist" / "widget.js").read_text() == "built from 1"
    assert not widget.is_current()


def test_without_any_file_it_is_one_clear_line(
    web: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (web / "dist" / "widget.js").unlink()
    has_node(monkeypatch, False)
    with pytest.raises(SystemExit, match="Node is not there"):
        widget.ensure_widget()

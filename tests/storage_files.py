"""Every byte that is kept in a data folder, and what of a text can be found in it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path


def files_of(folder: Path) -> dict[str, bytes]:
    """The content of every file below a folder, by its path in it."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def spellings(text: str) -> set[bytes]:
    """How a text may stand in a file: as it is, in UTF-16, escaped in JSON."""
    return {
        text.encode(),
        text.encode("utf-16-le"),
        json.dumps(text)[1:-1].encode(),
    }


def files_with(folder: Path, texts: Iterable[str]) -> list[tuple[str, str]]:
    """Which files hold which of the texts."""
    files = files_of(folder)
    return [
        (name, text)
        for text in texts
        for name, content in files.items()
        if any(spelling in content for spelling in spellings(text))
    ]

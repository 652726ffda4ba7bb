"""The secret that this installation signs with."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from xieshang.settings import Settings

SECRET_BYTES = 32
SECRET_FILE = "secret.key"  # noqa: S105 (a file name)


def read_secret(settings: Settings) -> str:
    """The secret of the settings, or the one of the data folder, made at first.

    Raises:
        OSError: the data folder cannot be used.
    """
    if settings.secret:
        return settings.secret
    path = settings.data_dir / SECRET_FILE
    if not path.exists():
        _make_secret(path)
    return path.read_text(encoding="ascii")


def _make_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all, and only the first of two processes; the mode is 0600.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=SECRET_FILE)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(SECRET_BYTES))
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()

"""The system's programs that tests of services need."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

# Debian's folders that are not on everybody's PATH.
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/sbin")


def program(name: str, package: str) -> str:
    """The path of a program, or a skipped test that says how to get it.

    In CI a skip is a failure: see tests/conftest.py.
    """
    found = shutil.which(name)
    if found:
        return found
    for place in PLACES:
        for path in sorted(Path("/").glob(f"{place[1:]}/{name}"), reverse=True):
            return str(path)
    pytest.skip(f"{name} is missing: apt-get install {package} (or see .ci/run)")

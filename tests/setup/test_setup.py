"""scripts/setup.sh on machines that differ: what it finds, and its one clear line."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from xieshang.settings import ROOT

TOOLS = (
    "sh",
    "dirname",
    "cat",
    "cksum",
    "df",
    "awk",
    "grep",
    "tail",
    "rm",
    "mkdir",
    "cp",
)


class Machine:
    """A checkout and a PATH that hold only what a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.bin = folder / "bin"
        self.checkout = folder / "checkout"
        for path in (self.home, self.bin, self.checkout / "scripts"):
            path.mkdir(parents=True)
        shutil.copy(ROOT / "scripts/setup.sh", self.checkout / "scripts")
        shutil.copytree(ROOT / "requirements", self.checkout / "requirements")
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found
            (self.bin / tool).symlink_to(found)

    def program(self, path: Path, script: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def python(self, path: Path, version: str) -> None:
        """A Python that tells its version and makes environments with a fake pip."""
        works = 0 if version == "3.10" else 1
        self.program(
            path,
            f"""case "$1" in
-c) exit {works} ;;
-m) if [ "$2" = venv ]; then
      mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; echo "{path}" >"$3/made-by"
    elif [ "$2" = pip ]; then
      printf '#!/bin/sh\\n{self.uv_answer}\\n' >"${{0%/*}}/uv"; chmod +x "${{0%/*}}/uv"
    fi ;;
esac""",
        )

    uv_answer = "exit 0"

    def setup(self, **environment: str) -> subprocess.CompletedProcess[str]:
        chmod = shutil.which("chmod")
        assert chmod
        if not (self.bin / "chmod").exists():
            (self.bin / "chmod").symlink_to(chmod)
        return subprocess.run(
            ["sh", "scripts/setup.sh"],
            cwd=self.checkout,
            env={"PATH": str(self.bin), "HOME": str(self.home), **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def made_by(self) -> str:
        return (self.checkout / ".venv/made-by").read_text().strip()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_python_310_on_path_is_taken(machine: Machine) -> None:
    machine.python(machine.bin / "python3", "3.12")
    machine.python(machine.bin / "python3.10", "3.10")
    assert machine.setup().returncode == 0
    assert machine.made_by == str(machine.bin / "python3.10")


def test_a_shim_that_does_not_work_is_passed_over_for_pyenvs_own(
    machine: Machine,
) -> None:
    machine.program(machine.bin / "python3.10", "echo 'pyenv: not found' >&2; exit 127")
    machine.python(machine.bin / "python3", "3.11")
    own = machine.home / ".pyenv/versions/3.10.13/bin/python"
    machine.python(own, "3.10")
    assert machine.setup().returncode == 0
    assert machine.made_by == str(own)


def test_uv_alone_downloads_python(machine: Machine, tmp_path: Path) -> None:
    downloaded = tmp_path / "uv-python/bin/python"
    machine.python(tmp_path / "real/python", "3.10")
    machine.program(
        machine.bin / "uv",
        f"""case "$*" in
--version) ;;
"python find 3.10") [ -x {downloaded} ] && echo {downloaded} ;;
"python install 3.10") mkdir -p {downloaded.parent}
  cp {tmp_path / "real/python"} {downloaded} ;;
esac""",
    )
    ended = machine.setup()
    assert ended.returncode == 0, ended.stderr
    assert "uv downloads Python 3.10" in ended.stderr
    assert (machine.checkout / ".venv/bin/python").exists()


def test_another_python_gets_uv_which_downloads(machine: Machine) -> None:
    real = machine.home / "python"
    machine.python(real, "3.10")
    machine.uv_answer = f'case "$*" in "python find 3.10") echo {real} ;; esac'
    machine.python(machine.bin / "python3", "3.12")
    ended = machine.setup()
    assert ended.returncode == 0, ended.stderr
    assert machine.made_by == str(real)


def test_nothing_found_is_one_clear_line(machine: Machine) -> None:
    ended = machine.setup()
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "Python 3.10 was not found" in ended.stderr


def test_a_wrong_python_by_hand_is_one_clear_line(machine: Machine) -> None:
    machine.python(machine.home / "python", "3.12")
    ended = machine.setup(XIESHANG_PYTHON=str(machine.home / "python"))
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "XIESHANG_PYTHON" in ended.stderr


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("error: Failed to connect: dns error", "package index cannot be reached"),
        ("error: No space left on device (os error 28)", "disk is full"),
        ("error: Hash mismatch for rasa", "Hash mismatch"),
    ],
)
def test_a_failed_installation_is_one_clear_line(
    machine: Machine, said: str, line: str
) -> None:
    machine.uv_answer = f'echo "{said}" >&2; exit 1'
    machine.python(machine.bin / "python3.10", "3.10")
    ended = machine.setup()
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1
    assert line in ended.stderr
    assert machine.setup().returncode == 1, "a failed set-up must not count as done"


def test_a_second_run_does_nothing_until_requirements_change(machine: Machine) -> None:
    machine.python(machine.bin / "python3.10", "3.10")
    assert machine.setup().stdout
    assert machine.setup().stdout == ""
    lock = machine.checkout / "requirements/runtime.txt"
    lock.write_text(lock.read_text() + "# changed\n")
    assert "Installing" in machine.setup().stdout


def test_the_locks_name_no_index_and_hash_everything() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert "://" not in text, path
        assert text.count("==") <= text.count("--hash=sha256:"), path


def test_make_help_lists_the_targets() -> None:
    listed = subprocess.run(
        ["make", "help"],
        cwd=ROOT,
        env={**os.environ, "MAKEFLAGS": ""},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for target in ("run", "shell", "train", "test", "ask", "lint", "evaluate"):
        assert f"make {target} " in listed

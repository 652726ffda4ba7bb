"""`make shell` and Rasa's own commands, as a person uses them in a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from tests.conftest import free_port
from xieshang.settings import ROOT

READY_SECONDS = 120


def test_a_talk_in_the_terminal(model: Path, tmp_path: Path) -> None:
    shell = pexpect.spawn(
        sys.executable,
        ["-m", "rasa_ext.commands.shell"],
        cwd=str(ROOT),
        env={
            **os.environ,
            "XIESHANG_DATA_DIR": str(tmp_path),
            "XIESHANG_ACTION_PORT": str(free_port()),
            "TERM": "dumb",
            "PROMPT_TOOLKIT_NO_CPR": "1",
        },
        encoding="utf-8",
        dimensions=(50, 200),
        timeout=READY_SECONDS,
    )
    try:
        shell.expect("/stop")
        shell.expect("您 >")
        shell.sendline("花呗还不上了怎么办")
        shell.expect("95188")
        shell.expect(r"1\. (\S+)\s")
        assert shell.match.group(1) == "怎么联系官方客服"
        shell.expect("您 >")
        shell.sendline("1")
        shell.expect("在线客服")
        shell.expect("您 >")
        shell.sendline("/restart")
        shell.expect("命令我不执行")
        shell.expect("您 >")
        shell.sendline("/stop")
        shell.expect(pexpect.EOF)
    finally:
        shell.close(force=True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["data", "validate", "--fail-on-warnings"],
        [
            "test",
            "core",
            "--stories",
            "tests/test_stories.yml",
            "--fail-on-prediction-errors",
        ],
    ],
    ids=["data validate", "test core"],
)
def test_rasas_own_commands_work(
    model: Path, tmp_path: Path, arguments: list[str]
) -> None:
    if arguments[0] == "test":
        arguments = [*arguments, "--model", str(model), "--out", str(tmp_path)]
    ended = subprocess.run(
        [sys.executable, "-m", "rasa", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]

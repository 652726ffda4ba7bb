"""A worker starts with what all workers share, or says what is missing."""

from __future__ import annotations

import pytest

from rasa_ext.commands.serve import usable_settings
from rasa_ext.commands.worker import require_shared
from xieshang.settings import read_settings

SHARED = {
    "XIESHANG_DATABASE_URL": "postgresql://nobody@127.0.0.1/none",
    "XIESHANG_REDIS_URL": "redis://127.0.0.1:1/0",
    "XIESHANG_SECRET": "x" * 32,
}


def test_with_everything_it_starts() -> None:
    require_shared(read_settings(SHARED))


@pytest.mark.parametrize("missing", SHARED)
def test_what_is_missing_is_named(missing: str) -> None:
    environment = {name: value for name, value in SHARED.items() if name != missing}
    with pytest.raises(SystemExit) as ended:
        require_shared(read_settings(environment))
    for name in SHARED:
        assert (name in str(ended.value)) == (name == missing)


def test_sqlite_is_not_shared() -> None:
    environment = {**SHARED, "XIESHANG_DATABASE_URL": "sqlite:////tmp/a.db"}
    with pytest.raises(SystemExit, match="a PostgreSQL"):
        require_shared(read_settings(environment))


def test_a_wrong_setting_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIESHANG_ACTIONS_URL", "actions:5055")
    with pytest.raises(SystemExit, match="XIESHANG_ACTIONS_URL='actions:5055' is no"):
        usable_settings()


def test_actions_are_on_this_machine_unless_told() -> None:
    settings = read_settings({"XIESHANG_PORT": "6000"})
    assert settings.actions_url == "http://127.0.0.1:6050"
    told = read_settings({"XIESHANG_ACTIONS_URL": "http://actions:5055/"})
    assert told.actions_url == "http://actions:5055"
    everywhere = read_settings({"XIESHANG_ACTION_HOST": "0.0.0.0"})
    assert everywhere.local_actions_url == "http://127.0.0.1:5055"

"""`make purge` and the daily purge of `make run`."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from rasa_ext.commands.storage import DAY_SECONDS, DailyPurge, prepare_database
from xieshang.case.record import Case
from xieshang.clock import now
from xieshang.settings import ROOT, read_settings
from xieshang.storage.cases import CaseStore
from xieshang.storage.database import migrate, open_database, writing
from xieshang.storage.tables import events

OLD = timedelta(days=200)


def purge(data_dir: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("XIESHANG_")
    }
    return subprocess.run(
        [sys.executable, "-m", "rasa_ext.commands.purge"],
        cwd=ROOT,
        env={**environment, "XIESHANG_DATA_DIR": str(data_dir), **settings},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CaseStore:
    """A store beside Rasa's real table, with an old and a new one of each."""
    monkeypatch.delenv("XIESHANG_DATABASE_URL", raising=False)
    monkeypatch.setenv("XIESHANG_DATA_DIR", str(tmp_path))
    engine = open_database(read_settings().database_url)
    migrate(engine)
    store = CaseStore(engine)
    for name, moment in (("old", now() - OLD), ("new", now())):
        store.confirm(name, 1, Case(product="huabei"), moment)
        add_event(engine, name, moment)
    return store


def add_event(engine: sa.engine.Engine, sender: str, moment: datetime) -> None:
    with writing(engine) as connection:
        connection.execute(
            sa.insert(events).values(
                sender_id=sender, type_name="user", timestamp=moment.timestamp()
            )
        )


def senders(data_dir: Path) -> list[str]:
    engine = open_database(f"sqlite:///{data_dir / 'xieshang.db'}")
    with engine.begin() as connection:
        return list(connection.scalars(sa.text("select sender_id from events")))


def test_make_purge_deletes_what_is_old_and_says_so(
    store: CaseStore, tmp_path: Path
) -> None:
    ended = purge(tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "180 days: 1 cases, 1 conversations" in ended.stdout
    assert store.latest("old") is None
    assert store.latest("new")
    assert senders(tmp_path) == ["new"]


def test_the_setting_decides(store: CaseStore, tmp_path: Path) -> None:
    ended = purge(tmp_path, XIESHANG_RETENTION_DAYS="365")
    assert "0 cases, 0 conversations" in ended.stdout
    assert store.latest("old")


def test_on_an_empty_folder(tmp_path: Path) -> None:
    ended = purge(tmp_path / "new")
    assert ended.returncode == 0, ended.stderr
    assert "0 cases" in ended.stdout


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("XIESHANG_RETENTION_DAYS", "0"),
        ("XIESHANG_TODAY", "tomorrow"),
        ("XIESHANG_DATABASE_URL", "no address with secret"),
        ("XIESHANG_DATABASE_URL", "nosuch://u:secret@h/d"),
        ("XIESHANG_DATABASE_URL", "postgresql://u:secret@127.0.0.1:1/d"),
        ("XIESHANG_DATABASE_URL", "sqlite:////proc/nowhere/x.db"),
    ],
)
def test_what_cannot_be_used_is_one_clear_line(
    tmp_path: Path, setting: str, value: str
) -> None:
    ended = purge(tmp_path, **{setting: value})
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr
    assert setting in ended.stderr
    assert "secret" not in ended.stderr


def test_it_purges_at_once_and_then_daily(store: CaseStore, tmp_path: Path) -> None:
    passed = [0.0]
    engine = prepare_database(read_settings())
    daily = DailyPurge(engine, 180, lambda: passed[0])
    assert store.latest("old")
    daily()
    assert store.latest("old") is None
    store.confirm("old", 1, Case(), now() - OLD)
    passed[0] = DAY_SECONDS - 1
    daily()
    assert store.latest("old")
    passed[0] = DAY_SECONDS
    daily()
    assert store.latest("old") is None


def test_a_purge_that_fails_stops_nothing(
    store: CaseStore, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = prepare_database(read_settings())
    with writing(engine):
        DailyPurge(engine, 180)()
    told = capsys.readouterr().err
    assert len(told.strip().splitlines()) == 1
    assert "locked" in told
    assert store.latest("old")

"""What is stored, encrypted with the operator's keys."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from tests.storage_files import files_of, files_with
from tests.tables import stored_rows
from xieshang.case.record import Case
from xieshang.settings import (
    ENCRYPTION_KEYS,
    ROOT,
    SettingError,
    encryption_keys,
    read_settings,
)
from xieshang.storage.cases import CaseStore
from xieshang.storage.database import migrate, open_database, writing
from xieshang.storage.entries import Entries
from xieshang.storage.entry import written
from xieshang.storage.keys import BATCH, admit_keys, rekey
from xieshang.storage.sealing import KeyMissingError
from xieshang.storage.tables import entries, events, keys

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
CASE = Case(product="huabei", huabei_balance=Decimal("9831.27"), hardship="illness")
SAID = "我上个月住院了"
PRESSED = "不方便说"
TOLD = "客服七三六零说三天内回复"
FIRST, SECOND, OTHER = (Fernet.generate_key().decode() for _ in range(3))
PLAIN_PARTS = (
    "9831.27",
    "illness",
    SAID,
    PRESSED,
    TOLD,
    "ask_waiver",
    "huabei_balance",
)


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("XIESHANG_DATABASE_URL", raising=False)
    monkeypatch.delenv(ENCRYPTION_KEYS, raising=False)
    monkeypatch.setenv("XIESHANG_DATA_DIR", str(tmp_path))
    return tmp_path


def use(monkeypatch: pytest.MonkeyPatch, *given: str) -> None:
    monkeypatch.setenv(ENCRYPTION_KEYS, ", ".join(given))


def opened() -> sa.engine.Engine:
    """The database as a server opens it."""
    engine = open_database(read_settings().database_url)
    migrate(engine)
    admit_keys(engine)
    return engine


def keep(engine: sa.engine.Engine, conversation: str) -> None:
    """One of everything that is sealed."""
    store = CaseStore(engine)
    store.confirm(conversation, 1, CASE, NOW)
    store.log_contact(conversation, "a", TOLD, date(2026, 11, 23), NOW)
    said = replace(written("m1", SAID, NOW), payload=PRESSED)
    Entries(lambda: engine).add(conversation, said)
    event: dict[str, Any] = {"event": "slot", "name": "huabei_balance", "text": SAID}
    with writing(engine) as connection:
        connection.execute(
            sa.insert(events).values(
                sender_id=conversation,
                type_name="slot",
                intent_name="ask_waiver",
                action_name="huabei_balance",
                data=json.dumps(event),
            )
        )


def assert_readable(engine: sa.engine.Engine, conversation: str) -> None:
    store = CaseStore(engine)
    stored = store.latest(conversation)
    assert stored
    assert stored.case == CASE
    assert [entry.text for entry in store.contacts(conversation)] == [TOLD]
    (entry,) = Entries(lambda: engine).history(conversation).entries
    assert (entry.text, entry.payload) == (SAID, PRESSED)
    with engine.begin() as connection:
        row = connection.execute(
            sa.select(events).where(events.c.sender_id == conversation)
        ).one()
    assert json.loads(row.data)["text"] == SAID
    assert (row.intent_name, row.action_name) == ("ask_waiver", "huabei_balance")


def test_without_keys_it_is_stored_as_it_is(data_dir: Path) -> None:
    engine = opened()
    keep(engine, "rest:a")
    assert_readable(engine, "rest:a")
    assert {text for _, text in files_with(data_dir, PLAIN_PARTS)} == set(PLAIN_PARTS)


def test_with_a_key_nothing_is_readable_in_any_file(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, FIRST)
    engine = opened()
    keep(engine, "rest:a")
    assert_readable(engine, "rest:a")
    assert b"rest:a" in b"".join(files_of(data_dir).values())
    assert files_with(data_dir, [*PLAIN_PARTS, FIRST]) == []
    engine.dispose()
    assert files_with(data_dir, [*PLAIN_PARTS, FIRST]) == []


def test_the_same_version_again_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use(monkeypatch, FIRST)
    engine = opened()
    keep(engine, "rest:a")
    later = NOW.replace(hour=13)
    assert CaseStore(engine).confirm("rest:a", 1, CASE, later).confirmed_at == NOW
    changed = CASE.with_values(huabei_balance=Decimal(1))
    assert CaseStore(engine).confirm("rest:a", 1, changed, later).confirmed_at == later


def test_switched_on_later_both_kinds_of_rows_are_read(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(opened(), "rest:old")
    use(monkeypatch, FIRST)
    engine = opened()
    keep(engine, "rest:new")
    assert_readable(engine, "rest:old")
    assert_readable(engine, "rest:new")
    assert files_with(data_dir, [SAID])
    assert rekey(engine) == 8
    for conversation in ("rest:old", "rest:new"):
        assert_readable(engine, conversation)
    # The old rows are overwritten, in the file and in its log.
    assert files_with(data_dir, PLAIN_PARTS) == []


def test_rotation(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, FIRST)
    keep(opened(), "rest:old")
    use(monkeypatch, SECOND, FIRST)
    engine = opened()
    keep(engine, "rest:new")
    assert_readable(engine, "rest:old")
    use(monkeypatch, SECOND)
    with pytest.raises(KeyMissingError):
        opened()
    use(monkeypatch, SECOND, FIRST)
    rekey(engine)
    use(monkeypatch, SECOND)
    engine = opened()
    for conversation in ("rest:old", "rest:new"):
        assert_readable(engine, conversation)
    with engine.begin() as connection:
        assert len(connection.execute(sa.select(keys)).all()) == 1
    # What the first key sealed is nowhere any more.
    use(monkeypatch, FIRST)
    with pytest.raises(KeyMissingError):
        CaseStore(engine).latest("rest:old")


def test_more_rows_than_one_transaction_takes(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opened()
    with writing(engine) as connection:
        connection.execute(
            sa.insert(events),
            [
                {"sender_id": "rest:a", "type_name": "user", "data": f"{SAID}{number}"}
                for number in range(BATCH * 2 + 7)
            ],
        )
    messages = Entries(lambda: engine)
    for number in range(BATCH + 3):
        messages.add(f"rest:{number % 3}", written(f"m{number}", SAID, NOW))
    use(monkeypatch, FIRST)
    assert rekey(opened()) == BATCH * 3 + 10
    assert files_with(data_dir, [SAID]) == []
    with engine.begin() as connection:
        told = list(connection.scalars(sa.select(events.c.data).order_by(events.c.id)))
        assert told == [f"{SAID}{number}" for number in range(BATCH * 2 + 7)]
        assert len(connection.execute(sa.select(entries)).all()) == BATCH + 3


@pytest.mark.parametrize("given", [(), (OTHER,), (OTHER, SECOND)])
def test_without_the_right_key_the_start_ends_with_one_line(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, given: tuple[str, ...]
) -> None:
    use(monkeypatch, FIRST)
    keep(opened(), "rest:a")
    for module in ("purge", "rekey"):
        if module == "rekey" and not given:
            continue
        said = run(module, data_dir, *given)
        assert said.returncode == 1
        (line,) = said.stderr.strip().splitlines()
        assert line.startswith(f"{ENCRYPTION_KEYS} lacks a key")
        assert not any(key in line for key in (FIRST, *given))
    use(monkeypatch, FIRST)
    assert_readable(opened(), "rest:a")


def test_the_command_rekeys(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(opened(), "rest:a")
    said = run("rekey", data_dir)
    assert said.returncode == 1
    assert said.stderr.strip().endswith("there is no key to encrypt with.")
    said = run("rekey", data_dir, FIRST)
    assert said.returncode == 0, said.stderr
    assert "Encrypted 4 rows" in said.stdout
    assert files_with(data_dir, PLAIN_PARTS) == []
    use(monkeypatch, FIRST)
    assert_readable(opened(), "rest:a")


def run(module: str, data_dir: Path, *given: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("XIESHANG_")
    }
    return subprocess.run(
        [sys.executable, "-m", f"rasa_ext.commands.{module}"],
        cwd=ROOT,
        env={
            **environment,
            "XIESHANG_DATA_DIR": str(data_dir),
            ENCRYPTION_KEYS: ",".join(given),
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "value", ["x", "a" * 44, FIRST + FIRST, f"{FIRST},x", "é" * 44]
)
def test_what_is_no_key_is_told_without_its_value(value: str) -> None:
    with pytest.raises(SettingError) as raised:
        encryption_keys({ENCRYPTION_KEYS: value})
    assert "make key" in str(raised.value)
    assert value not in str(raised.value)


def test_blanks_and_empty_parts_do_not_matter() -> None:
    assert encryption_keys({ENCRYPTION_KEYS: f" {FIRST} ,, {SECOND},"}) == (
        FIRST,
        SECOND,
    )
    assert encryption_keys({}) == ()


def test_nobody_can_write_what_looks_sealed() -> None:
    engine = opened()
    with pytest.raises(sa.exc.StatementError, match="control character"):
        CaseStore(engine).log_contact(
            "rest:a", "a", "\x02gAAAA", date(2026, 11, 23), NOW
        )
    assert stored_rows(read_settings())["case_contacts"] == []

"""Confirmed cases: whole or not at all, found by their link, gone when deleted."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from xieshang.case.record import Case, OtherDebt
from xieshang.settings import ROOT
from xieshang.storage import current_store, retention
from xieshang.storage.cases import STATUSES, CaseStore, NoCaseError
from xieshang.storage.database import (
    MIGRATIONS_DIR,
    migrate,
    open_database,
    writing,
)
from xieshang.storage.entries import Entries
from xieshang.storage.entry import written
from xieshang.storage.reminders import Reminder, Reminders
from xieshang.storage.retention import purge_outdated
from xieshang.storage.tables import metadata

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=timezone.utc)
DAY = timedelta(days=1)
CASE = Case(
    product="both",
    huabei_balance=Decimal("9800"),
    jiebei_balance=Decimal("20000.55"),
    overdue="yes",
    days_overdue=45,
    due_date=date(2026, 10, 9),
    hardship="unemployment",
    monthly_income=Decimal("5500"),
    essential_expenses=Decimal("4100"),
    expense_items=(("住房", Decimal("1500")), ("食品", Decimal("1200.50"))),
    goal="lower_payment",
    priority_payments=Decimal("0"),
    other_debts=(OtherDebt("信用卡", Decimal("6200")),),
    available_proofs=("解除劳动合同",),
    jiebei_rate=Decimal("0.18"),
    lender="重庆蚂蚁消费金融",
    lawsuit_date=date(2026, 12, 1),
    contacted="他们说三天内回复",
    recorded_on=date(2026, 11, 23),
)
OTHER = replace(CASE, jiebei_balance=Decimal("12000"))
TABLES = {
    "encryption_keys",
    "cases",
    "case_versions",
    "case_contacts",
    "case_links",
    "events",
    "entries",
    "reminders",
}
# SQLite's own, with the highest id of each table.
SEQUENCES = "sqlite_sequence"
# What Rasa's own tracker store leaves behind.
TABLE_OF_RASA = (
    "create table events (id integer not null primary key,"
    " sender_id varchar(255) not null, type_name varchar(255) not null,"
    " timestamp float, intent_name varchar(255), action_name varchar(255), data text)",
    "create index ix_events_sender_id on events (sender_id)",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres").new_database())
    return f"sqlite:///{tmp_path / 'data' / 'xieshang.db'}"


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_database(url)
    migrate(engine)
    yield engine
    engine.dispose()


# What is of a file is not tested twice.
on_sqlite = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@pytest.fixture
def store(engine: Engine) -> CaseStore:
    return CaseStore(engine)


def tables(engine: Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names()) - {SEQUENCES}


def differences(engine: Engine) -> list[Any]:
    """What of the tables is not as the model has it."""
    with engine.begin() as connection:
        options = {
            "compare_type": True,
            "version_table": "xieshang_alembic",
            "include_name": lambda name, *_: name != SEQUENCES,
        }
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, metadata))


def run_python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


class TestDatabase:
    def test_migrations_make_the_tables_of_the_model(self, engine: Engine) -> None:
        assert tables(engine) == TABLES | {"xieshang_alembic"}
        assert differences(engine) == []

    def test_migrating_again_keeps_what_is_there(
        self, engine: Engine, store: CaseStore
    ) -> None:
        store.confirm("rest:a", 1, CASE, NOW)
        migrate(engine)
        assert store.latest("rest:a")
        with engine.begin() as connection:
            rows = connection.execute(sa.text("select * from xieshang_alembic")).all()
        assert len(rows) == 1

    def test_what_was_said_before_the_renaming_is_still_there(
        self, engine: Engine
    ) -> None:
        store = Entries(lambda: engine)
        asked = store.add("web:a", written("m1", "问", NOW))
        store.answer("web:a", asked, [{"kind": "text", "text": "答"}], NOW)
        before = store.history("web:a")
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS_DIR))
        with writing(engine) as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0002")
        assert "web_entries" in tables(engine)
        assert "entries" not in tables(engine)
        migrate(engine)
        assert store.history("web:a") == before
        with pytest.raises(sa.exc.IntegrityError):
            store.add("web:a", written("m1", "再问", NOW))

    def test_rasas_own_table_is_taken_over(self, url: str) -> None:
        engine = open_database(url)
        with writing(engine) as connection:
            for statement in TABLE_OF_RASA:
                connection.exec_driver_sql(statement)
            connection.exec_driver_sql(
                "insert into events values"
                " (7, 'b', 'user', 2.5, 'greet', null, '{}'),"
                " (3, 'a', 'action', 1.5, null, 'action_listen', '{}')"
            )
        migrate(engine)
        assert tables(engine) == TABLES | {"xieshang_alembic"}
        with engine.begin() as connection:
            rows = connection.exec_driver_sql(
                "select sender_id, type_name, timestamp, data from events order by id"
            ).all()
        assert differences(engine) == []
        assert [tuple(row) for row in rows] == [
            ("a", "action", 1.5, "{}"),
            ("b", "user", 2.5, "{}"),
        ]

    def test_processes_may_migrate_at_once(self, url: str) -> None:
        code = (
            "import sys; from xieshang.storage.database import *;"
            "migrate(open_database(sys.argv[1]))"
        )
        running = [run_python(code, url) for _ in range(4)]
        ended = [(process.communicate()[0], process.returncode) for process in running]
        assert ended == [("", 0)] * 4
        assert tables(open_database(url)) >= TABLES

    def test_a_failed_migration_leaves_nothing(self, url: str) -> None:
        engine = open_database(url)
        with writing(engine) as connection:
            connection.execute(sa.text("create table case_links (id int)"))
        with pytest.raises(DBAPIError, match="case_links"):
            migrate(engine)
        assert tables(engine) == {"case_links"}

    @on_sqlite
    def test_sqlite_is_durable_and_for_this_user_only(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        wanted = {
            "journal_mode": "wal",
            "synchronous": 2,
            "busy_timeout": 2000,
            "foreign_keys": 1,
            "secure_delete": 1,
        }
        with engine.begin() as connection:
            found = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in wanted
            }
        assert found == wanted
        file = tmp_path / "data" / "xieshang.db"
        assert file.parent.stat().st_mode & 0o777 == 0o700
        assert file.stat().st_mode & 0o777 == 0o600

    @on_sqlite
    def test_what_is_deleted_leaves_the_log_at_once(
        self, engine: Engine, store: CaseStore, tmp_path: Path
    ) -> None:
        store.confirm("rest:a", 1, replace(CASE, lender="lender of rest:a"), NOW)
        other = open_database(str(engine.url))
        with other.connect():
            store.delete("rest:a")
            files = [file.read_bytes() for file in (tmp_path / "data").iterdir()]
        assert len(files) == 3
        assert b"lender of rest:a" not in b"".join(files)

    @on_sqlite
    def test_nothing_is_written_to_a_file_that_is_gone(
        self, engine: Engine, store: CaseStore, tmp_path: Path
    ) -> None:
        store.confirm("rest:a", 1, CASE, NOW)
        for file in (tmp_path / "data").iterdir():
            file.unlink()
        with pytest.raises(DBAPIError, match="no such table"):
            store.confirm("rest:a", 2, CASE, NOW)
        migrate(engine)
        store.confirm("rest:b", 1, CASE, NOW)
        assert store.latest("rest:a") is None
        assert CaseStore(open_database(str(engine.url))).latest("rest:b")

    def test_a_folder_that_is_there_keeps_its_rights(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o755)
        open_database(f"sqlite:///{tmp_path / 'x.db'}")
        assert tmp_path.stat().st_mode & 0o777 == 0o755

    def test_postgresql_is_asked_for_with_a_time_limit(self) -> None:
        engine = open_database("postgresql://nobody@127.0.0.1:1/none")
        started = time.monotonic()
        with pytest.raises(OperationalError):
            engine.connect()
        assert time.monotonic() - started < 5

    def test_a_busy_database_is_an_error_after_two_seconds(
        self, engine: Engine, store: CaseStore
    ) -> None:
        with writing(engine) as connection:
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql("lock table cases in exclusive mode")
            started = time.monotonic()
            with pytest.raises(OperationalError):
                store.confirm("rest:a", 1, CASE, NOW)
            assert 1 < time.monotonic() - started < 5
            assert store.latest("rest:a") is None  # readers do not wait
        store.confirm("rest:a", 1, CASE, NOW)

    def test_the_store_of_the_settings_is_ready_and_opened_once(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("XIESHANG_DATABASE_URL", raising=False)
        monkeypatch.setenv("XIESHANG_DATA_DIR", str(tmp_path / "here"))
        current_store().confirm("rest:a", 1, CASE, NOW)
        assert current_store() is current_store()
        monkeypatch.setenv("XIESHANG_DATA_DIR", str(tmp_path / "there"))
        assert current_store().latest("rest:a") is None


class TestConfirm:
    def test_every_value_comes_back(self, store: CaseStore) -> None:
        stored = store.confirm("rest:a", 1, CASE, NOW)
        assert stored == store.latest("rest:a")
        assert stored.case == CASE
        assert stored.version == 1
        assert stored.status == "confirmed"
        assert stored.confirmed_at == stored.status_at == NOW

    def test_unknown_values_stay_unknown(self, store: CaseStore) -> None:
        assert store.confirm("rest:a", 1, Case(), NOW).case == Case()

    def test_again_with_the_same_values_changes_nothing(self, store: CaseStore) -> None:
        first = store.confirm("rest:a", 1, CASE, NOW)
        store.set_status("rest:a", "agreed", NOW + DAY)
        again = store.confirm("rest:a", 1, CASE, NOW + 2 * DAY)
        assert again.confirmed_at == first.confirmed_at
        assert again.status == "agreed"
        assert again.status_at == NOW + DAY
        assert len(store.versions("rest:a")) == 1

    def test_again_with_other_values_replaces_the_version(
        self, store: CaseStore
    ) -> None:
        store.confirm("rest:a", 1, CASE, NOW)
        replaced = store.confirm("rest:a", 1, OTHER, NOW + DAY)
        assert replaced.case == OTHER
        assert replaced.confirmed_at == NOW + DAY
        assert store.versions("rest:a") == [replaced]

    def test_versions_are_kept_in_order(self, store: CaseStore) -> None:
        store.confirm("rest:a", 2, OTHER, NOW + DAY)
        store.confirm("rest:a", 1, CASE, NOW + 2 * DAY)  # a retry that came late
        assert [one.version for one in store.versions("rest:a")] == [1, 2]
        latest = store.latest("rest:a")
        assert latest is not None
        assert (latest.version, latest.case) == (2, OTHER)

    def test_a_new_version_is_a_new_plan(self, store: CaseStore) -> None:
        store.confirm("rest:a", 1, CASE, NOW)
        store.set_status("rest:a", "refused", NOW)
        assert store.confirm("rest:a", 2, OTHER, NOW + DAY).status == "confirmed"

    def test_conversations_are_apart(self, store: CaseStore) -> None:
        store.confirm("rest:a", 1, CASE, NOW)
        store.confirm("rest:b", 1, OTHER, NOW)
        store.set_status("rest:b", "agreed", NOW)
        latest = store.latest("rest:a")
        assert latest is not None
        assert (latest.case, latest.status) == (CASE, "confirmed")
        assert store.latest("rest:c") is None

    @pytest.mark.parametrize("version", [0, -1])
    def test_versions_count_from_one(self, store: CaseStore, version: int) -> None:
        with pytest.raises(ValueError, match="version"):
            store.confirm("rest:a", version, CASE, NOW)

    def test_a_time_without_zone_is_refused(self, store: CaseStore) -> None:
        with pytest.raises(ValueError, match="time zone"):
            store.confirm("rest:a", 1, CASE, NOW.replace(tzinfo=None))
        assert store.latest("rest:a") is None

    def test_times_of_other_zones_are_the_same_moment(self, store: CaseStore) -> None:
        china = NOW.astimezone(timezone(timedelta(hours=8)))
        assert store.confirm("rest:a", 1, CASE, china).confirmed_at == NOW

    def test_hostile_text_is_only_text(self, store: CaseStore, engine: Engine) -> None:
        hostile = "'; drop table cases; --"
        case = replace(CASE, lender=hostile)
        assert store.confirm(hostile, 1, case, NOW).case == case
        store.log_contact(hostile, hostile, hostile, NOW.date(), NOW)
        assert store.contacts(hostile)[0].text == hostile
        assert tables(engine) >= TABLES


class TestAtOnce:
    def at_once(self, count: int, work: Callable[[int], None]) -> None:
        barrier = threading.Barrier(count)
        errors: list[Exception] = []

        def run(number: int) -> None:
            barrier.wait()
            try:
                work(number)
            except Exception as error:
                errors.append(error)

        threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []

    def test_the_same_version_twice(self, store: CaseStore) -> None:
        self.at_once(2, lambda number: store.confirm("rest:a", 1, CASE, NOW) and None)
        assert [one.case for one in store.versions("rest:a")] == [CASE]

    def test_other_values_for_one_version(self, store: CaseStore) -> None:
        given = (CASE, OTHER)
        self.at_once(
            2, lambda number: store.confirm("rest:a", 1, given[number], NOW) and None
        )
        kept = store.versions("rest:a")
        assert len(kept) == 1
        assert kept[0].case in given

    def test_many_versions_and_conversations(self, store: CaseStore) -> None:
        self.at_once(
            8,
            lambda number: (
                store.confirm(f"rest:{number % 2}", number // 2 + 1, CASE, NOW) and None
            ),
        )
        for name in ("rest:0", "rest:1"):
            assert [one.version for one in store.versions(name)] == [1, 2, 3, 4]


KILLED = """
import os, sys
import sqlalchemy as sa
from datetime import datetime, timezone
from xieshang.case.record import Case
from xieshang.storage.cases import CaseStore
from xieshang.storage.database import open_database

engine = open_database(sys.argv[1])
moment = sys.argv[2]

@sa.event.listens_for(engine, "after_cursor_execute")
def after(connection, cursor, statement, *rest):
    if moment and moment in statement:
        os._exit(9)

@sa.event.listens_for(engine, "commit")
def before_commit(connection):
    if moment == "COMMIT":
        os._exit(9)

store = CaseStore(engine)
store.confirm("rest:a", 2, Case(product="huabei"), datetime.now(timezone.utc))
os._exit(7)
"""


class TestKilled:
    @pytest.mark.parametrize(
        "moment",
        ["INSERT INTO cases", "INSERT INTO case_versions", "UPDATE cases", "COMMIT"],
    )
    def test_in_the_middle_nothing_is_half_written(
        self, url: str, store: CaseStore, moment: str
    ) -> None:
        first = store.confirm("rest:a", 1, CASE, NOW)
        store.set_status("rest:a", "refused", NOW)
        process = run_python(KILLED, url, moment)
        output, _ = process.communicate()
        assert process.returncode == 9, output
        kept = store.versions("rest:a")
        assert [(one.version, one.case) for one in kept] == [(1, first.case)]
        assert kept[0].status == "refused"
        again = store.confirm("rest:a", 2, Case(product="huabei"), NOW)
        assert store.latest("rest:a") == again

    def test_what_was_confirmed_is_there_after_a_kill(
        self, url: str, store: CaseStore
    ) -> None:
        process = run_python(KILLED, url, "")
        output, _ = process.communicate()
        assert process.returncode == 7, output
        latest = store.latest("rest:a")
        assert latest is not None
        assert latest.case == Case(product="huabei")


class TestStatusAndContacts:
    @pytest.mark.parametrize("status", STATUSES)
    def test_status(self, store: CaseStore, status: str) -> None:
        store.confirm("rest:a", 1, CASE, NOW)
        store.set_status("rest:a", status, NOW + DAY)
        latest = store.latest("rest:a")
        assert latest is not None
        assert latest.status == status
        assert latest.status_at == (NOW if status == "confirmed" else NOW + DAY)

    def test_another_status_is_refused(self, store: CaseStore) -> None:
        store.confirm("rest:a", 1, CASE, NOW)
        with pytest.raises(ValueError, match="paid"):
            store.set_status("rest:a", "paid", NOW)

    def test_no_case_no_status_and_no_trace(
        self, store: CaseStore, engine: Engine
    ) -> None:
        with pytest.raises(NoCaseError):
            store.set_status("rest:a", "agreed", NOW)
        with pytest.raises(NoCaseError):
            store.issue_link("rest:a", NOW, 7)
        with engine.begin() as connection:
            assert connection.execute(sa.text("select * from cases")).all() == []

    def test_contacts_by_day_each_message_once(self, store: CaseStore) -> None:
        today, yesterday = date(2026, 11, 23), date(2026, 11, 22)
        store.log_contact("rest:a", "m1", "打了95188", today, NOW)
        store.log_contact("rest:a", "m1", "打了95188", today, NOW + DAY)
        store.log_contact("rest:a", "m2", "没接通", yesterday, NOW)
        store.log_contact("rest:b", "m1", "别人的", today, NOW)
        assert [(entry.day, entry.text) for entry in store.contacts("rest:a")] == [
            (yesterday, "没接通"),
            (today, "打了95188"),
        ]

    def test_a_contact_before_there_is_a_case(self, store: CaseStore) -> None:
        store.log_contact("rest:a", "m1", "打了95188", NOW.date(), NOW)
        assert store.latest("rest:a") is None
        assert store.export("rest:a")["status"] is None
        assert store.confirm("rest:a", 1, CASE, NOW).status == "confirmed"
        assert len(store.contacts("rest:a")) == 1


class TestLinks:
    def test_a_link_opens_the_newest_case_until_it_expires(
        self, store: CaseStore
    ) -> None:
        store.confirm("rest:a", 1, CASE, NOW)
        token = store.issue_link("rest:a", NOW, 7)
        newest = store.confirm("rest:a", 2, OTHER, NOW + DAY)
        assert store.case_of_link(token, NOW + 7 * DAY - DAY / 24) == newest
        assert store.case_of_link(token, NOW + 7 * DAY) is None

    def test_tokens_are_long_differ_and_are_not_kept(
        self, store: CaseStore, engine: Engine
    ) -> None:
        store.confirm("rest:a", 1, CASE, NOW)
        tokens = {store.issue_link("rest:a", NOW, 7) for _ in range(20)}
        assert len(tokens) == 20
        assert all(len(token) == 32 for token in tokens)
        with engine.begin() as connection:
            kept = str(connection.execute(sa.text("select * from case_links")).all())
        for token in tokens:
            assert token not in kept
            assert hashlib.sha256(token.encode()).hexdigest() in kept

    @pytest.mark.parametrize("token", ["", "x", "x" * 5000, "%", "中文", "\x00"])
    def test_unknown_tokens_open_nothing(self, store: CaseStore, token: str) -> None:
        store.confirm("rest:a", 1, CASE, NOW)
        store.issue_link("rest:a", NOW, 7)
        assert store.case_of_link(token, NOW) is None


class TestExportAndDelete:
    def test_export_is_json_with_everything_told(self, store: CaseStore) -> None:
        store.confirm("rest:a", 1, CASE, NOW)
        store.confirm("rest:a", 2, OTHER, NOW + DAY)
        store.log_contact("rest:a", "m1", "打了95188", NOW.date(), NOW)
        exported = json.loads(json.dumps(store.export("rest:a")))
        assert [one["version"] for one in exported["versions"]] == [1, 2]
        assert Case.from_slots(exported["versions"][0]["values"]) == CASE
        assert exported["versions"][0]["confirmed_at"] == "2026-11-23T02:30:00+00:00"
        assert exported["contacts"] == [{"day": "2026-11-23", "text": "打了95188"}]
        assert exported["status"] == "confirmed"

    def test_export_of_nobody_is_empty(self, store: CaseStore) -> None:
        exported = store.export("rest:a")
        assert exported["versions"] == exported["contacts"] == []

    def test_delete_leaves_nothing_of_this_conversation_only(
        self, store: CaseStore, engine: Engine
    ) -> None:
        for name in ("rest:a", "rest:b"):
            store.confirm(name, 1, replace(CASE, lender=f"lender of {name}"), NOW)
            store.log_contact(name, "m1", f"contact of {name}", NOW.date(), NOW)
            Entries(lambda: engine).add(name, written("m1", f"said of {name}", NOW))
            planned = Reminder("payment", NOW.date(), "", f"reminder of {name}", 1)
            Reminders(lambda: engine).plan(name, [planned], NOW)
        gone, kept = (store.issue_link(name, NOW, 7) for name in ("rest:a", "rest:b"))
        store.delete("rest:a")
        store.delete("rest:a")
        assert store.latest("rest:a") is None
        assert store.versions("rest:a") == store.contacts("rest:a") == []
        assert store.case_of_link(gone, NOW) is None
        assert store.case_of_link(kept, NOW)
        with engine.begin() as connection:
            for table in TABLES - {"events", "encryption_keys"}:
                rows = connection.execute(sa.text(f"select * from {table}")).all()
                assert len(rows) == 1, table

    @on_sqlite
    def test_delete_overwrites_what_was_in_the_file(
        self, store: CaseStore, engine: Engine, tmp_path: Path
    ) -> None:
        for name in ("rest:a", "rest:b"):
            store.confirm(name, 1, replace(CASE, lender=f"lender of {name}"), NOW)
            store.log_contact(name, "m1", f"contact of {name}", NOW.date(), NOW)
            Entries(lambda: engine).add(name, written("m1", f"said of {name}", NOW))
        store.delete("rest:a")
        engine.dispose()
        files = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir())
        assert b"of rest:b" in files
        assert b"of rest:a" not in files

    def test_a_case_deleted_can_be_confirmed_anew(self, store: CaseStore) -> None:
        store.confirm("rest:a", 3, CASE, NOW)
        store.set_status("rest:a", "agreed", NOW)
        store.delete("rest:a")
        assert store.confirm("rest:a", 1, OTHER, NOW).status == "confirmed"


class TestRetention:
    def add_events(self, engine: Engine, *events: tuple[str, datetime]) -> None:
        with writing(engine) as connection:
            for sender, moment in events:
                connection.execute(
                    sa.insert(metadata.tables["events"]).values(
                        sender_id=sender,
                        type_name="user",
                        timestamp=moment.timestamp(),
                    )
                )

    def senders(self, engine: Engine) -> list[str]:
        with engine.begin() as connection:
            return [
                row.sender_id
                for row in connection.execute(
                    sa.text("select sender_id from events order by id")
                )
            ]

    def test_cases_untouched_for_long_go_with_all_they_have(
        self, store: CaseStore, engine: Engine
    ) -> None:
        for name in ("old", "status", "contact", "link"):
            store.confirm(name, 1, CASE, NOW - 181 * DAY)
        store.log_contact("old", "m", "x", NOW.date(), NOW - 181 * DAY)
        store.issue_link("old", NOW - 181 * DAY, 365)
        store.set_status("status", "agreed", NOW - 179 * DAY)
        store.log_contact("contact", "m", "x", NOW.date(), NOW - 179 * DAY)
        store.issue_link("link", NOW - 179 * DAY, 7)
        assert purge_outdated(engine, NOW, 180).cases == 1
        assert store.latest("old") is None
        assert store.contacts("old") == []
        for name in ("status", "contact", "link"):
            assert store.latest(name), name
        with engine.begin() as connection:
            links = connection.execute(sa.text("select * from case_links")).all()
        assert links == []  # the expired one of "link" is gone too
        assert purge_outdated(engine, NOW, 180).cases == 0

    def test_conversations_silent_for_long_go_whole(self, engine: Engine) -> None:
        self.add_events(
            engine,
            ("old", NOW - 200 * DAY),
            ("old", NOW - 181 * DAY),
            ("woken", NOW - 200 * DAY),
            ("woken", NOW - 179 * DAY),
            ("new", NOW),
        )
        assert purge_outdated(engine, NOW, 180).conversations == 1
        assert self.senders(engine) == ["woken", "woken", "new"]

    def test_who_writes_while_it_purges_is_kept(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.add_events(engine, ("old", NOW - 200 * DAY), ("woken", NOW - 200 * DAY))

        def written_to_just_before(engine: Engine) -> Any:
            self.add_events(engine, ("woken", NOW))
            return writing(engine)

        monkeypatch.setattr(retention, "writing", written_to_just_before)
        retention._purge_conversations(engine, NOW - 180 * DAY)
        assert self.senders(engine) == ["woken", "woken"]

    def test_whose_time_is_over_goes_whole_unless_they_wrote(
        self, store: CaseStore, engine: Engine
    ) -> None:
        self.add_events(engine, ("over", NOW), ("back", NOW), ("later", NOW))
        entries = Entries(lambda: engine)
        for name in ("over", "back", "later"):
            store.confirm(name, 1, CASE, NOW)
            entries.add(name, written("m1", "问", NOW))
            store.expire(name, NOW + (31 if name == "later" else 30) * DAY)
        store.expire("nobody", NOW)
        entries.add("back", written("m2", "又问", NOW + DAY))
        purged = purge_outdated(engine, NOW + 29 * DAY, 180)
        assert (purged.cases, purged.conversations) == (0, 0)
        purged = purge_outdated(engine, NOW + 30 * DAY, 180)
        assert (purged.cases, purged.conversations) == (1, 1)
        assert self.senders(engine) == ["back", "later"]
        assert store.latest("over") is None
        assert entries.history("over").sequence == 0
        assert store.latest("back")

    def test_many_conversations(self, engine: Engine) -> None:
        old = [(f"old{number}", NOW - 200 * DAY) for number in range(250)]
        self.add_events(engine, *old, ("new", NOW))
        assert purge_outdated(engine, NOW, 180).conversations == 250
        assert self.senders(engine) == ["new"]

    def test_without_conversations(self, engine: Engine) -> None:
        assert purge_outdated(engine, NOW, 180).conversations == 0

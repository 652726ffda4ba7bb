"""Backup and restore as docs/operations.md says, while the database is in use."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

import sqlalchemy as sa

from tests.services.postgres_server import PACKAGE, PostgresServer
from tests.services.programs import program
from xieshang.case.record import Case
from xieshang.settings import ROOT
from xieshang.storage.cases import CaseStore
from xieshang.storage.database import migrate, open_database, writing

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=timezone.utc)
DOCUMENT = (ROOT / "docs/operations.md").read_text(encoding="utf-8")


def versions_of(url: str) -> int:
    engine = open_database(url)
    migrate(engine)
    store = CaseStore(engine)
    count = len(store.versions("rest:a"))
    store.confirm("rest:a", 9, Case(product="both"), NOW)
    engine.dispose()
    return count


def test_a_postgresql_is_dumped_and_restored(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    file, url = tmp_path / "xieshang.dump", postgres.new_database()
    engine = open_database(url)
    migrate(engine)
    CaseStore(engine).confirm("rest:a", 1, Case(product="huabei"), NOW)
    dump = ["--format=custom", f"--file={file}", url]
    assert "pg_dump --format=custom --file=" in DOCUMENT
    with writing(engine) as connection:
        connection.execute(sa.text("update cases set status = 'agreed'"))
        subprocess.run([program("pg_dump", PACKAGE), *dump], check=True)
    engine.dispose()
    options = ["--clean", "--if-exists", "--no-owner"]
    assert f"pg_restore {' '.join(options)} --dbname=" in DOCUMENT
    for target in (postgres.new_database(), url):
        command = [program("pg_restore", PACKAGE), *options]
        subprocess.run([*command, f"--dbname={target}", str(file)], check=True)
        assert versions_of(target) == 1


def test_an_sqlite_is_copied_with_what_is_in_its_log(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'xieshang.db'}")
    migrate(engine)
    CaseStore(engine).confirm("rest:a", 1, Case(product="huabei"), NOW)
    assert "VACUUM INTO '" in DOCUMENT
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(tmp_path / "xieshang.db")) as other:
        other.execute(f"VACUUM INTO '{copy}'")
    engine.dispose()
    assert versions_of(f"sqlite:///{copy}") == 1

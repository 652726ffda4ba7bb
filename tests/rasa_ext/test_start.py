"""What cannot be used ends the start, with one clear line."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.fernet import Fernet

from tests.conftest import Assistant, free_port
from xieshang.language import days, normalize, safety
from xieshang.settings import ROOT
from xieshang.storage.database import migrate, open_database
from xieshang.storage.keys import admit_keys

START_SECONDS = 120
ENDPOINTS = (ROOT / "endpoints.yml").read_text(encoding="utf-8")
CREDENTIALS = (ROOT / "credentials.yml").read_text(encoding="utf-8")
STORE = "rasa_ext.stores.tracker.ConversationStore"
LOCKS = "rasa_ext.stores.lock.ConversationLocks"


def start(
    tmp_path: Path,
    model: Path,
    endpoints: str = ENDPOINTS,
    credentials: str = CREDENTIALS,
    **settings: str,
) -> str:
    """Start Rasa, which must end by itself; its last words."""
    (tmp_path / "endpoints.yml").write_text(endpoints, encoding="utf-8")
    (tmp_path / "credentials.yml").write_text(credentials, encoding="utf-8")
    arguments = ["--model", str(model), "-i", "127.0.0.1", "-p", str(free_port())]
    for name in ("endpoints", "credentials"):
        arguments += [f"--{name}", str(tmp_path / f"{name}.yml")]
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("XIESHANG_")
    }
    ended = subprocess.run(
        [sys.executable, "-m", "rasa_ext.launch", "run", *arguments],
        cwd=ROOT,
        env={**environment, "XIESHANG_DATA_DIR": str(tmp_path / "data"), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    assert ended.returncode == 1
    lines = ended.stdout.strip().splitlines()
    assert len(lines) == 1, ended.stdout
    return lines[0]


def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    bad = tmp_path / "bad.tar.gz"
    bad.write_bytes(b"no model")
    said = start(tmp_path, bad)
    assert str(bad) in said
    assert "cannot be loaded" in said


def test_a_model_with_a_component_that_is_gone(tmp_path: Path, model: Path) -> None:
    unpacked, changed = tmp_path / "unpacked", tmp_path / "changed.tar.gz"
    with tarfile.open(model) as archive:
        archive.extractall(unpacked)
    for file in unpacked.rglob("metadata.json"):
        text = file.read_text(encoding="utf-8")
        assert "TextNormalizer" in text
        file.write_text(text.replace("TextNormalizer", "Vanished"), encoding="utf-8")
    with tarfile.open(changed, "w:gz") as archive:
        for file in unpacked.iterdir():
            archive.add(file, file.name)
    said = start(tmp_path, changed)
    assert "Vanished" in said


@pytest.mark.parametrize("name", [STORE, LOCKS])
def test_a_store_that_is_not_there(tmp_path: Path, model: Path, name: str) -> None:
    said = start(tmp_path, model, endpoints=ENDPOINTS.replace(name, f"{name}s"))
    assert f"{name}s" in said
    assert "cannot be imported" in said


def test_a_channel_that_is_not_there(tmp_path: Path, model: Path) -> None:
    named = "rasa_ext.channels.rest.RestChannel"
    said = start(tmp_path, model, credentials=CREDENTIALS.replace(named, f"{named}s"))
    assert f"{named}s" in said


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("XIESHANG_DATABASE_URL", "postgresql://u:secret@127.0.0.1:1/d"),
        ("XIESHANG_DATABASE_URL", "sqlite:////proc/nowhere/secret.db"),
        ("XIESHANG_REDIS_URL", "redis://:secret@127.0.0.1:1/0"),
    ],
)
def test_a_store_that_cannot_be_reached(
    tmp_path: Path, model: Path, setting: str, value: str
) -> None:
    said = start(tmp_path, model, **{setting: value})
    assert "cannot be used" in said
    assert "secret" not in said


def test_the_first_message_does_not_load_what_it_needs(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the time a turn has went by while dictionaries were loaded."""
    from rasa.core.utils import AvailableEndpoints

    from rasa_ext import start as starting

    async def loaded(**_: object) -> object:
        return assistant.agent

    app = SimpleNamespace(ctx=SimpleNamespace())
    monkeypatch.setattr(starting, "load_agent", loaded)
    monkeypatch.setattr(starting, "keep_words_out_of_logs", lambda: None)
    monkeypatch.setattr(assistant.agent, "load_model", lambda _: None)
    loaders = (days._parser, safety.safety_patterns, normalize.normalizer)
    for loader in (*loaders, days.by_library):
        loader.cache_clear()
    starting_up = starting.load_or_stop("", AvailableEndpoints(), None, app, None)
    assert assistant.run(starting_up) is app.ctx.agent is assistant.agent
    assert [loader.cache_info().currsize for loader in loaders] == [1, 1, 1]


def test_data_that_is_encrypted_with_another_key(tmp_path: Path, model: Path) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XIESHANG_ENCRYPTION_KEYS", old)
        engine = open_database(f"sqlite:///{tmp_path / 'data' / 'xieshang.db'}")
        migrate(engine)
        admit_keys(engine)
        engine.dispose()
    said = start(tmp_path, model, XIESHANG_ENCRYPTION_KEYS=new)
    assert said.startswith("XIESHANG_ENCRYPTION_KEYS lacks a key")
    assert not any(key in said for key in (old, new))

"""Settings of the assistant, all of them optional environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
ANY_HOSTS = frozenset({"0.0.0.0", "::"})  # noqa: S104 (recognised, never bound)
DEFAULT_PORT = 5005
MAX_PORT = 65535
# Rasa and its SDK use 5005 and 5055: the action server keeps that distance.
ACTION_PORT_OFFSET = 50


class SettingError(ValueError):
    """A setting that cannot be used; the text names variable, value and remedy."""


@dataclass(frozen=True)
class Settings:
    """The settings as they were read from the environment.

    Attributes:
        host: address the assistant binds to.
        port: TCP port of the assistant.
        action_port: TCP port of the action server, always on loopback.
        data_dir: folder of everything that is written at run time.
        database_url: SQLAlchemy address of the database.
        api_token: when set, Rasa's HTTP API answers with this token.
        rest_token: when set, the REST channel asks for it as a bearer token.
    """

    host: str
    port: int
    action_port: int
    data_dir: Path
    database_url: str
    api_token: str | None
    rest_token: str | None

    @property
    def is_public(self) -> bool:
        """Whether other machines can reach the assistant."""
        return self.host not in LOOPBACK_HOSTS

    @property
    def local_url(self) -> str:
        """Where this machine itself reaches the assistant."""
        host = "127.0.0.1" if self.host in ANY_HOSTS else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name) or str(default)
    if not value.isdecimal() or not 1 <= int(value) <= MAX_PORT:
        raise SettingError(
            f"{name}={value!r} is no port: give a number from 1 to 65535"
        )
    return int(value)


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Args:
        environment: the variables to read; the process's own by default.

    Raises:
        SettingError: a value that cannot be used.
    """
    env = os.environ if environment is None else environment
    port = _port(env, "XIESHANG_PORT", DEFAULT_PORT)
    data_dir = Path(env.get("XIESHANG_DATA_DIR") or ROOT / "var").resolve()
    return Settings(
        host=env.get("XIESHANG_HOST") or "127.0.0.1",
        port=port,
        action_port=_port(
            env, "XIESHANG_ACTION_PORT", min(port + ACTION_PORT_OFFSET, MAX_PORT)
        ),
        data_dir=data_dir,
        database_url=env.get("XIESHANG_DATABASE_URL")
        or f"sqlite:///{data_dir / 'xieshang.db'}",
        api_token=env.get("XIESHANG_API_TOKEN") or None,
        rest_token=env.get("XIESHANG_REST_TOKEN") or None,
    )

"""Settings of the assistant, all of them optional environment variables."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
ANY_HOSTS = frozenset({"0.0.0.0", "::"})  # noqa: S104 (recognised, never bound)
DEFAULT_PORT = 5005
MAX_PORT = 65535
# Rasa and its SDK use 5005 and 5055: the action server keeps that distance.
ACTION_PORT_OFFSET = 50
RETENTION_DAYS = 180
LINK_DAYS = 7
MAX_DAYS = 36500
# For back ends that pass on what many people write.
REST_PER_SENDER = 3_000
REST_PER_ADDRESS = 12_000
MAX_RATE = 1_000_000
REDIS_SCHEMES = ("redis://", "rediss://", "unix://")
# As long as the digest that a session is signed with.
MIN_SECRET_LENGTH = 32
ENCRYPTION_KEYS = "XIESHANG_ENCRYPTION_KEYS"
# 32 bytes in the base64 of addresses.
_FERNET_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")

Network = IPv4Network | IPv6Network


class SettingError(ValueError):
    """A setting that cannot be used; the text names variable, value and remedy."""


@dataclass(frozen=True)
class Settings:
    """The settings as they were read from the environment.

    Attributes:
        host: address the assistant binds to.
        port: TCP port of the assistant.
        action_host: address the action server binds to.
        action_port: TCP port of the action server.
        actions_url: where Rasa reaches the action servers, without a slash at the end.
        data_dir: folder of everything that is written at run time.
        database_url: SQLAlchemy address of the database.
        redis_url: address of the Redis that several processes share; None: there is
            one process.
        api_token: when set, Rasa's HTTP API answers with this token.
        rest_token: when set, the REST channel asks for it as a bearer token.
        public_url: where people reach the assistant, without a slash at the end.
        retention_days: what nobody has touched for so many days is deleted.
        link_days: how many days a link to documents works.
        secret: signs the sessions of the web; None: one is made in the data folder.
        web_origins: other sites that may show the widget, like https://example.org.
        metrics_token: when set, the metrics ask for it as a bearer token; None: they
            are for this machine only.
        trusted_proxies: networks of the proxies whose X-Forwarded-For is believed.
        rest_per_sender: how many REST messages a minute a sender may send.
        rest_per_address: how many REST messages a minute may come from an address.
        operator: who runs the assistant and how to reach them, for the privacy page.
        encryption_keys: what is stored is encrypted with the first and decrypted with
            any of them; empty: it is stored as it is.
    """

    host: str
    port: int
    action_host: str
    action_port: int
    actions_url: str
    data_dir: Path
    database_url: str
    redis_url: str | None
    api_token: str | None
    rest_token: str | None
    public_url: str
    retention_days: int
    link_days: int
    secret: str | None
    web_origins: frozenset[str]
    metrics_token: str | None
    trusted_proxies: frozenset[Network]
    rest_per_sender: int
    rest_per_address: int
    operator: str | None
    encryption_keys: tuple[str, ...]

    @property
    def is_public(self) -> bool:
        """Whether other machines can reach the assistant."""
        return self.host not in LOOPBACK_HOSTS

    @property
    def local_url(self) -> str:
        """Where this machine itself reaches the assistant."""
        return _local_url(self.host, self.port)

    @property
    def local_actions_url(self) -> str:
        """Where this machine itself reaches its own action server."""
        return _local_url(self.action_host, self.action_port)


def _local_url(host: str, port: int) -> str:
    reached = "127.0.0.1" if host in ANY_HOSTS else host
    return f"http://{f'[{reached}]' if ':' in reached else reached}:{port}"


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name) or str(default)
    if not value.isdecimal() or not 1 <= int(value) <= MAX_PORT:
        raise SettingError(
            f"{name}={value!r} is no port: give a number from 1 to 65535"
        )
    return int(value)


def _days(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name) or str(default)
    if not value.isdecimal() or not 1 <= int(value) <= MAX_DAYS:
        raise SettingError(
            f"{name}={value!r} is no number of days: give one from 1 to {MAX_DAYS}"
        )
    return int(value)


def _rate(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name) or str(default)
    if not value.isdecimal() or not 1 <= int(value) <= MAX_RATE:
        raise SettingError(
            f"{name}={value!r} is no number of messages a minute: "
            f"give one from 1 to {MAX_RATE}"
        )
    return int(value)


def _networks(environment: Mapping[str, str], name: str) -> frozenset[Network]:
    given = [part.strip() for part in (environment.get(name) or "").split(",")]
    try:
        return frozenset(ip_network(part, strict=False) for part in given if part)
    except ValueError as error:
        raise SettingError(
            f"{name}={environment[name]!r} is no list of addresses: "
            "give some like 127.0.0.1, 10.0.0.0/8"
        ) from error


def web_address(environment: Mapping[str, str], name: str, default: str) -> str:
    value = (environment.get(name) or default).rstrip("/")
    try:
        parts = urlsplit(value)
        is_usable = bool(
            parts.scheme in {"http", "https"}
            and parts.hostname
            and parts.port != 0  # raises when it is no port
            and not (parts.query or parts.fragment or " " in value)
        )
    except ValueError:
        is_usable = False
    if not is_usable:
        raise SettingError(
            f"{name}={value!r} is no web address: give one like https://example.org"
        )
    return value


def _redis_url(environment: Mapping[str, str], name: str) -> str | None:
    value = environment.get(name) or None
    if value and not value.startswith(REDIS_SCHEMES):
        # The value stays unsaid: it can hold a password.
        raise SettingError(
            f"{name} is no address of Redis: give one like redis://127.0.0.1:6379/0"
        )
    return value


def _secret(environment: Mapping[str, str], name: str) -> str | None:
    value = environment.get(name) or None
    if value and len(value) < MIN_SECRET_LENGTH:
        # The value stays unsaid.
        raise SettingError(
            f"{name} is too short: give at least {MIN_SECRET_LENGTH} random characters"
        )
    return value


def _origins(environment: Mapping[str, str], name: str) -> frozenset[str]:
    given = [part.strip() for part in (environment.get(name) or "").split(",")]
    origins = frozenset(
        web_address({name: part.lower()}, name, "") for part in given if part
    )
    for origin in origins:
        if urlsplit(origin).path:
            raise SettingError(
                f"{name}={origin!r} is an address with a path: "
                "give sites like https://example.org"
            )
    return origins


def encryption_keys(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The keys that what is stored is encrypted with, the first one first.

    Args:
        environment: the variables to read.

    Raises:
        SettingError: something in it is no Fernet key.
    """
    given = (environment.get(ENCRYPTION_KEYS) or "").split(",")
    keys = tuple(part.strip() for part in given if part.strip())
    for rank, key in enumerate(keys, start=1):
        if not _FERNET_KEY.fullmatch(key):
            # The value stays unsaid.
            raise SettingError(
                f"{ENCRYPTION_KEYS}: number {rank} is no key: make one with `make key`"
            )
    return keys


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Args:
        environment: the variables to read; the process's own by default.

    Raises:
        SettingError: a value that cannot be used.
    """
    env = os.environ if environment is None else environment
    host = env.get("XIESHANG_HOST") or "127.0.0.1"
    port = _port(env, "XIESHANG_PORT", DEFAULT_PORT)
    action_host = env.get("XIESHANG_ACTION_HOST") or "127.0.0.1"
    action_port = _port(
        env, "XIESHANG_ACTION_PORT", min(port + ACTION_PORT_OFFSET, MAX_PORT)
    )
    data_dir = Path(env.get("XIESHANG_DATA_DIR") or ROOT / "var").resolve()
    return Settings(
        host=host,
        port=port,
        action_host=action_host,
        action_port=action_port,
        actions_url=web_address(
            env, "XIESHANG_ACTIONS_URL", _local_url(action_host, action_port)
        ),
        data_dir=data_dir,
        database_url=env.get("XIESHANG_DATABASE_URL")
        or f"sqlite:///{data_dir / 'xieshang.db'}",
        redis_url=_redis_url(env, "XIESHANG_REDIS_URL"),
        api_token=env.get("XIESHANG_API_TOKEN") or None,
        rest_token=env.get("XIESHANG_REST_TOKEN") or None,
        public_url=web_address(env, "XIESHANG_PUBLIC_URL", _local_url(host, port)),
        retention_days=_days(env, "XIESHANG_RETENTION_DAYS", RETENTION_DAYS),
        link_days=_days(env, "XIESHANG_LINK_DAYS", LINK_DAYS),
        secret=_secret(env, "XIESHANG_SECRET"),
        web_origins=_origins(env, "XIESHANG_WEB_ORIGINS"),
        metrics_token=env.get("XIESHANG_METRICS_TOKEN") or None,
        trusted_proxies=_networks(env, "XIESHANG_TRUSTED_PROXIES"),
        rest_per_sender=_rate(env, "XIESHANG_REST_PER_SENDER", REST_PER_SENDER),
        rest_per_address=_rate(env, "XIESHANG_REST_PER_ADDRESS", REST_PER_ADDRESS),
        operator=(env.get("XIESHANG_OPERATOR") or "").strip() or None,
        encryption_keys=encryption_keys(env),
    )

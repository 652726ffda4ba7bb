"""Who writes on the web: signed sessions, allowed origins, addresses.

A session is a token over a random conversation id. The server alone makes it: who has
none, or one that it did not sign, gets a new conversation and never another's.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Collection
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt

from xieshang.settings import Settings

PREFIX = "web:"
ID_BYTES = 16
SECRET_BYTES = 32
SECRET_FILE = "secret.key"  # noqa: S105 (a file name)
ALGORITHM = "HS256"
AUDIENCE = "web session"
MAX_TOKEN_LENGTH = 1000
DEFAULT_PORTS = {"http": 80, "https": 443}


def new_conversation_id() -> str:
    """A conversation id that nobody can guess."""
    return PREFIX + secrets.token_hex(ID_BYTES)


def read_secret(settings: Settings) -> str:
    """The secret of the settings, or the one of the data folder, made at first.

    Raises:
        OSError: the data folder cannot be used.
    """
    if settings.secret:
        return settings.secret
    path = settings.data_dir / SECRET_FILE
    if not path.exists():
        _make_secret(path)
    return path.read_text(encoding="ascii")


def _make_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all, and only the first of two processes; the mode is 0600.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=SECRET_FILE)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(SECRET_BYTES))
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()


class Sessions:
    """Issues and reads the tokens.

    Args:
        secret: what they are signed with, at least 32 characters.
        days: how many days a token holds; each connection gets a new one.
    """

    def __init__(self, secret: str, days: int) -> None:
        self._secret = secret
        self._lifetime = timedelta(days=days)

    def issue(self, conversation_id: str) -> str:
        """A token for a conversation."""
        claims = {
            "sub": conversation_id,
            "aud": AUDIENCE,
            "exp": datetime.now(timezone.utc) + self._lifetime,
        }
        return jwt.encode(claims, self._secret, ALGORITHM)

    def conversation_of(self, token: object) -> str | None:
        """The conversation of a token; None when it is not ours or has expired.

        Args:
            token: what a client sent, of any type.
        """
        if not isinstance(token, str) or len(token) > MAX_TOKEN_LENGTH:
            return None
        try:
            claims = jwt.decode(
                token,
                self._secret,
                [ALGORITHM],
                audience=AUDIENCE,
                options={"require": ["sub", "aud", "exp"]},
            )
        except (jwt.PyJWTError, ValueError):
            return None
        return str(claims["sub"])


def _site(address: str) -> str | None:
    """Host and port of an address, without a default port; None: no such address."""
    try:
        parts = urlsplit(address.lower())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        return None
    if port in (None, DEFAULT_PORTS[parts.scheme]):
        return parts.hostname
    return f"{parts.hostname}:{port}"


def is_allowed_origin(origin: str | None, host: str, allowed: Collection[str]) -> bool:
    """Whether a page may connect.

    Args:
        origin: the Origin header; a browser leaves it out for the same origin only.
        host: the Host header. The scheme is not compared: a proxy may end TLS.
        allowed: other origins, in small letters.
    """
    if origin is None or origin.lower() in allowed:
        return True
    scheme = origin.partition("://")[0]
    site = _site(origin)
    return site is not None and site == _site(f"{scheme}://{host}")


def address_of(request: Any) -> str:
    """The address that a request comes from.

    Args:
        request: of Sanic. A proxy of one's own network is believed what it says.
    """
    peer = str(request.ip or "")
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    try:
        if forwarded and ip_address(peer).is_private:
            return str(ip_address(forwarded))
    except ValueError:
        return peer
    return peer

"""Who writes on the web: signed sessions.

A session is a token over a random conversation id. The server alone makes it: who has
none, or one that it did not sign, gets a new conversation and never another's.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta, timezone

import jwt

PREFIX = "web:"
ID_BYTES = 16
ALGORITHM = "HS256"
AUDIENCE = "web session"
MAX_TOKEN_LENGTH = 1000


def new_conversation_id() -> str:
    """A conversation id that nobody can guess."""
    return PREFIX + secrets.token_hex(ID_BYTES)


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

"""Encryption of what people said and of their cases, when the operator gives keys.

Fernet (AES-128-CBC with HMAC-SHA256) of the library cryptography; the first key of
XIESHANG_ENCRYPTION_KEYS seals, every one opens. What was stored before there were keys
is read as it stands, until `make rekey` seals it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy.types import TypeDecorator

from xieshang.settings import ENCRYPTION_KEYS, SettingError, encryption_keys

# A control character, which no message keeps: nobody can write what looks sealed.
MARK = "\x02"
FINGERPRINT_LENGTH = 16


class KeyMissingError(SettingError):
    """Something is sealed with a key that the settings do not give."""

    def __init__(self, fingerprint: str = "") -> None:
        named = f" (its fingerprint is {fingerprint})" if fingerprint else ""
        super().__init__(
            f"{ENCRYPTION_KEYS} lacks a key that stored data is encrypted with{named}: "
            "add it behind the others"
        )


class Sealer:
    """Seals with the first key, opens with any.

    Args:
        keys: from `encryption_keys`, at least one.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        # Tells keys apart without telling them.
        self.fingerprints = [
            hashlib.sha256(key.encode()).hexdigest()[:FINGERPRINT_LENGTH]
            for key in keys
        ]

    def seal(self, text: str) -> str:
        """The text as it is stored."""
        return MARK + self._fernet.encrypt(text.encode()).decode()

    def open(self, stored: str) -> str:
        """The text of what `seal` returned.

        Raises:
            KeyMissingError: none of the keys opens it.
        """
        try:
            return self._fernet.decrypt(stored.removeprefix(MARK)).decode()
        except InvalidToken:
            raise KeyMissingError from None


def current_sealer() -> Sealer | None:
    """The sealer of the settings, None when they give no keys.

    Raises:
        SettingError: something in them is no key.
    """
    return _sealer_of(os.environ.get(ENCRYPTION_KEYS) or "")


@lru_cache(maxsize=4)
def _sealer_of(value: str) -> Sealer | None:
    keys = encryption_keys({ENCRYPTION_KEYS: value})
    return Sealer(keys) if keys else None


class Sealed(TypeDecorator):
    """A text that is stored encrypted when there are keys."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """Seal it.

        Raises:
            ValueError: a text that would be taken for a sealed one.
        """
        if value is None:
            return None
        if value.startswith(MARK):
            raise ValueError("a text to store begins with a control character")
        sealer = current_sealer()
        return sealer.seal(value) if sealer else value

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:
        """Open it.

        Raises:
            KeyMissingError: no key opens it.
        """
        if value is None or not value.startswith(MARK):
            return value
        sealer = current_sealer()
        if sealer is None:
            raise KeyMissingError
        return sealer.open(value)


class SealedName(Sealed):
    """As `Sealed`, for a short name in a column of limited length."""

    impl = sa.String
    cache_ok = True

"""Settings of the Telegram channel, environment variables like the others."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from xieshang.settings import (
    MIN_SECRET_LENGTH,
    SettingError,
    read_settings,
    web_address,
)

TOKEN = "XIESHANG_TELEGRAM_TOKEN"  # noqa: S105 (the name of a variable)
MODE = "XIESHANG_TELEGRAM_MODE"
SECRET = "XIESHANG_TELEGRAM_SECRET"  # noqa: S105
API = "XIESHANG_TELEGRAM_API"
PUBLIC_URL = "XIESHANG_PUBLIC_URL"
# Where Telegram sends updates, below the public address.
SERVER_PATH = "/webhooks/telegram/webhook"
DEFAULT_API = "https://api.telegram.org"
POLLING, WEBHOOK = "polling", "webhook"

# As BotFather writes it; the number is the bot's.
_TOKEN = re.compile(r"\d{1,20}:[\w-]{20,100}", re.ASCII)
# What setWebhook takes as a secret and where it sends to:
# https://core.telegram.org/bots/api#setwebhook
_SECRET = re.compile(rf"[\w-]{{{MIN_SECRET_LENGTH},256}}", re.ASCII)
_PORTS = frozenset({443, 80, 88, 8443})


@dataclass(frozen=True)
class TelegramSettings:
    """How the bot is reached.

    Attributes:
        token: the bot's; whoever has it is the bot.
        webhook: where Telegram sends updates; "": the bot asks for them (polling).
        secret: what Telegram says with each update that it sends.
        api: address of the Bot API server, without a slash at the end.
    """

    token: str = field(repr=False)
    webhook: str = ""
    secret: str = field(default="", repr=False)
    api: str = DEFAULT_API


def read_telegram_settings(
    environment: Mapping[str, str] | None = None,
) -> TelegramSettings | None:
    """Read the settings; None: the channel is off, as there is no token.

    Args:
        environment: the variables to read; the process's own by default.

    Raises:
        SettingError: a value that cannot be used, or one that needs another. Secrets
            stay unsaid.
    """
    env = os.environ if environment is None else environment
    mode = env.get(MODE) or POLLING
    if mode not in (POLLING, WEBHOOK):
        raise SettingError(f"{MODE}={mode!r} is no mode: give {POLLING} or {WEBHOOK}")
    api = web_address(env, API, DEFAULT_API)
    token = env.get(TOKEN)
    if not token:
        return None
    if not _TOKEN.fullmatch(token):
        raise SettingError(
            f"{TOKEN} is no token: give the one of BotFather, like 123456789:AAE…"
        )
    if mode == POLLING:
        return TelegramSettings(token, api=api)
    return TelegramSettings(token, _webhook(env), _secret(env), api)


def _secret(environment: Mapping[str, str]) -> str:
    value = environment.get(SECRET) or ""
    if not _SECRET.fullmatch(value):
        raise SettingError(
            f"{SECRET} cannot be used: the webhook needs {MIN_SECRET_LENGTH} to 256 "
            "random letters, digits, _ and -"
        )
    return value


def _webhook(environment: Mapping[str, str]) -> str:
    url = read_settings(environment).public_url
    parts = urlsplit(url)
    if parts.scheme != "https" or (parts.port or 443) not in _PORTS:
        ports = ", ".join(map(str, sorted(_PORTS)))
        raise SettingError(
            f"{PUBLIC_URL}={url!r} can be no webhook: give an https address with port "
            f"{ports}, or set {MODE} to {POLLING}"
        )
    return f"{url}{SERVER_PATH}"

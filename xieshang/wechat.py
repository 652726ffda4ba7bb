"""Settings of the WeChat channel, environment variables like the others."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from xieshang.settings import SettingError, web_address

TOKEN = "XIESHANG_WECHAT_TOKEN"  # noqa: S105 (the name of a variable)
APP_ID = "XIESHANG_WECHAT_APP_ID"
APP_SECRET = "XIESHANG_WECHAT_APP_SECRET"  # noqa: S105
AES_KEY = "XIESHANG_WECHAT_AES_KEY"
CERTIFIED = "XIESHANG_WECHAT_CERTIFIED"
API_URL = "XIESHANG_WECHAT_API_URL"
# Where the platform sends what people write, below the public address.
SERVER_PATH = "/wechat"
DEFAULT_API_URL = "https://api.weixin.qq.com"

# As the platform's page for the server configuration takes them; its AppIDs and
# AppSecrets have these shapes.
_SHAPES = {
    TOKEN: ("[A-Za-z0-9]{3,32}", "3 to 32 letters and digits"),
    APP_ID: ("[A-Za-z0-9_]{6,32}", "the account's AppID, like wx0123456789abcdef"),
    APP_SECRET: ("[A-Za-z0-9]{32}", "the 32 characters of the AppSecret"),
    AES_KEY: ("[A-Za-z0-9]{43}", "the 43 characters of the EncodingAESKey"),
}
_YES = {"1", "true", "yes"}
_NO = {"0", "false", "no"}


@dataclass(frozen=True)
class WechatSettings:
    """How the official account is connected.

    Attributes:
        token: signs what the platform sends.
        app_id: of the account.
        app_secret: opens the platform's API.
        aes_key: encrypts messages, in the platform's compatible and safe mode.
        is_certified: whether the account may send customer service messages.
        api_url: of the platform's API, without a slash at the end.
    """

    token: str = field(repr=False)
    app_id: str = ""
    app_secret: str = field(default="", repr=False)
    aes_key: str = field(default="", repr=False)
    is_certified: bool = False
    api_url: str = DEFAULT_API_URL


def read_wechat_settings(
    environment: Mapping[str, str] | None = None,
) -> WechatSettings | None:
    """Read the settings; None: the channel is off, as there is no token.

    Args:
        environment: the variables to read; the process's own by default.

    Raises:
        SettingError: a value that cannot be used, or one that needs another. Secrets
            stay unsaid.
    """
    env = os.environ if environment is None else environment
    values = {name: _shaped(env, name) for name in _SHAPES}
    is_certified = _is_yes(env, CERTIFIED)
    needed = [
        (AES_KEY, bool(values[AES_KEY]), (APP_ID,)),
        (CERTIFIED, is_certified, (APP_ID, APP_SECRET)),
        *((name, bool(values[name]), (TOKEN,)) for name in _SHAPES),
        (CERTIFIED, is_certified, (TOKEN,)),
    ]
    for name, is_set, others in needed:
        for other in others:
            if is_set and not values[other]:
                raise SettingError(f"{name} is set without {other}: set both")
    if not values[TOKEN]:
        return None
    return WechatSettings(
        token=values[TOKEN],
        app_id=values[APP_ID],
        app_secret=values[APP_SECRET],
        aes_key=values[AES_KEY],
        is_certified=is_certified,
        api_url=web_address(env, API_URL, DEFAULT_API_URL),
    )


def _shaped(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name) or ""
    pattern, remedy = _SHAPES[name]
    if value and not re.fullmatch(pattern, value, re.ASCII):
        raise SettingError(f"{name} cannot be used: give {remedy}")
    return value


def _is_yes(environment: Mapping[str, str], name: str) -> bool:
    value = environment.get(name) or "0"
    if value.lower() not in _YES | _NO:
        raise SettingError(f"{name}={value!r} is neither yes nor no: give 1 or 0")
    return value.lower() in _YES

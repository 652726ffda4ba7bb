"""The channels that need settings: which are on, and the file that tells Rasa so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from xieshang.settings import ROOT, Settings
from xieshang.telegram import TOKEN as TELEGRAM_TOKEN
from xieshang.telegram import read_telegram_settings
from xieshang.wechat import CERTIFIED, SERVER_PATH, TOKEN, read_wechat_settings

CREDENTIALS = ROOT / "credentials.yml"
# Named, not imported: that would import Rasa.
TELEGRAM = "rasa_ext.channels.telegram.TelegramChannel"
WECHAT = "rasa_ext.channels.wechat.WechatChannel"


@dataclass(frozen=True)
class ChannelState:
    """A channel that is off without its settings.

    Attributes:
        name: of the platform.
        channel: path of the class, as credentials.yml names it.
        is_on: whether it is connected.
        note: how it is connected, or what is missing.
    """

    name: str
    channel: str
    is_on: bool
    note: str

    @property
    def line(self) -> str:
        """What `make run` says of it."""
        return f"{self.name} is {'on' if self.is_on else 'off'}: {self.note}"


def _wechat(settings: Settings) -> ChannelState:
    wechat = read_wechat_settings()
    if wechat is None:
        note = f"{TOKEN} is not set (docs/channels/wechat.md)"
        return ChannelState("WeChat", WECHAT, is_on=False, note=note)
    mode = "encrypted" if wechat.aes_key else "in clear"
    sends = "sends by itself" if wechat.is_certified else f"only replies ({CERTIFIED})"
    note = f"{settings.public_url}{SERVER_PATH}, {mode}, {sends}"
    return ChannelState("WeChat", WECHAT, is_on=True, note=note)


def _telegram(settings: Settings) -> ChannelState:
    telegram = read_telegram_settings()
    if telegram is None:
        note = f"{TELEGRAM_TOKEN} is not set (docs/channels/telegram.md)"
        return ChannelState("Telegram", TELEGRAM, is_on=False, note=note)
    note = telegram.webhook or "polling, no public address needed"
    return ChannelState("Telegram", TELEGRAM, is_on=True, note=note)


OPTIONAL: Sequence[Callable[[Settings], ChannelState]] = (_telegram, _wechat)


def channel_states(settings: Settings) -> list[ChannelState]:
    """Which channels are on and why the others are off.

    Raises:
        SettingError: a setting of a channel that cannot be used.
    """
    return [state(settings) for state in OPTIONAL]


def write_credentials(settings: Settings) -> Path:
    """credentials.yml with the channels that are on besides.

    Raises:
        SettingError: as `channel_states`.
    """
    text = CREDENTIALS.read_text(encoding="utf-8")
    lines = [f"{one.channel}: {{}}\n" for one in channel_states(settings) if one.is_on]
    path = settings.data_dir / "credentials.yml"
    path.write_text(text + "".join(lines), encoding="utf-8")
    return path

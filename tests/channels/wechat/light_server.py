"""The channel before a bot that repeats what it is told, and how often it was."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from typing import Any

from sanic import Sanic

from rasa_ext.channels.limits import Limit, MessengerLimits
from rasa_ext.channels.wechat import WechatChannel
from xieshang.storage import current_store
from xieshang.wechat import read_wechat_settings

LONG, SLOW, BROKEN, ERASE, BUTTONS = "long", "slow", "broken", "erase", "buttons"
PICTURE = "picture"
PARAGRAPH = "第{}段：先打客服电话说明情况，再问能不能延期，记下时间和工号。"
OFFERED = [{"title": "花呗", "payload": "/one"}, {"title": "借呗", "payload": "/two"}]


def said_to(text: str, count: int) -> list[dict[str, Any]]:
    """What is answered to a text that was told so often."""
    if text == BUTTONS:
        return [{"text": "欠哪个？"}, {"text": "请选", "buttons": OFFERED}]
    if text.startswith(LONG):
        lines = [PARAGRAPH.format(n) for n in range(int(text.split()[1]))]
        return [{"text": "\n".join(lines)}, {"text": "完"}]
    if text == PICTURE:
        custom = {"type": "documents", "text": "好了", "items": []}
        return [{"text": "x", "custom": {**custom, "image": "https://a.example/p.png"}}]
    return [{"text": f"{text} #{count}"}]


def main(port: int, generation: int) -> None:
    """Serve until killed."""
    told: Counter[tuple[str, str]] = Counter()

    async def answer(message: Any) -> None:
        key = (message.sender_id, message.message_id)
        told[key] += 1
        if message.text == BROKEN:
            raise RuntimeError(message.text)
        if message.text.startswith(SLOW):
            # Told again after a crash it is quick.
            await asyncio.sleep(
                float(message.text.split()[1]) if generation == 1 else 0
            )
        if message.text == ERASE:
            await asyncio.to_thread(current_store().delete, message.sender_id)
            await asyncio.sleep(0.1)
        for said in said_to(message.text, told[key]):
            await message.output_channel.send_response(message.sender_id, said)

    settings = read_wechat_settings()
    assert settings is not None
    app = Sanic("light")
    app.config.RESPONSE_TIMEOUT = 3600
    free = (Limit(1_000_000, 1),)
    channel = WechatChannel(settings, MessengerLimits(free, free))
    app.blueprint(channel.blueprint(answer), url_prefix=channel.url_prefix())
    app.run("127.0.0.1", port, access_log=False)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

"""The web channel before a bot that repeats what it is told, and how often it was."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from typing import Any

from sanic import Sanic

from rasa_ext.channels.limits import Limit
from rasa_ext.channels.web import WebChannel
from xieshang.settings import read_settings

# Long enough for a connection to be lost while the bot thinks.
THINKING_SECONDS = 0.01
# What it takes long to answer when it has never been killed, and what it fails at.
SLOW, SLOW_SECONDS = "slow", 60
PAUSE, PAUSE_SECONDS = "pause", 1
BROKEN = "broken"
MOST_PER_ADDRESS = 200


def main(port: int, generation: int) -> None:
    """Serve until killed."""
    told: Counter[tuple[str, str]] = Counter()

    async def echo(message: Any) -> None:
        told[message.sender_id, message.message_id] += 1
        if message.text == BROKEN:
            raise RuntimeError(message.text)
        is_slow = message.text.startswith(SLOW) and generation == 1
        if message.text == PAUSE:
            await asyncio.sleep(PAUSE_SECONDS)
        await asyncio.sleep(SLOW_SECONDS if is_slow else THINKING_SECONDS)
        count = told[message.sender_id, message.message_id]
        answer = {"text": f"{message.text} #{count}"}
        await message.output_channel.send_response(message.sender_id, answer)

    app = Sanic("echo")
    app.config.RESPONSE_TIMEOUT = 3600
    per_address = (Limit(MOST_PER_ADDRESS, 600),)
    channel = WebChannel(read_settings(), (Limit(1_000_000, 1),), per_address)
    app.blueprint(channel.blueprint(echo), url_prefix=channel.url_prefix())
    app.run("127.0.0.1", port, access_log=False)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

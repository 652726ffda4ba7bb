"""How long WeChat waits for the reply to a request, people writing at the same time.

    .venv/bin/python -m benchmarks.wechat_passive [people] [messages each] [seconds]

Starts the real assistant with data of its own, as an account in the safe mode, and has
everybody ask, read the answer for so many seconds and ask again. The default is the
pace that the limits allow for long: 120 messages in ten minutes.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import sys
import tempfile
from pathlib import Path

from rasa_ext.commands.model import current_model
from tests.channels.servers import real_server
from tests.channels.wechat.platform import Platform

QUESTIONS = (
    "花呗还不上了怎么办",
    "借呗逾期了会上征信吗",
    "怎么联系官方客服",
    "需要准备什么证明",
    "能减免利息吗",
    "他们说分24期每期980",
    "我没钱了",
    "谢谢",
)
PAUSE_SECONDS = 5


async def _talk(account: Platform, person: str, messages: int, pause: float) -> None:
    # Nobody starts at the same moment.
    await asyncio.sleep(random.uniform(0, pause))  # noqa: S311
    for number in range(messages):
        reply = await account.say(person, QUESTIONS[number % len(QUESTIONS)])
        if not reply:
            raise SystemExit(f"no reply to message {number}")
        await asyncio.sleep(pause)


async def _measure(account: Platform, people: int, messages: int, pause: float) -> None:
    await account.say("warm", QUESTIONS[0])
    account.seconds.clear()
    await asyncio.gather(
        *(_talk(account, f"p{number}", messages, pause) for number in range(people))
    )
    await account.close()


def main(people: int = 20, messages: int = 15, pause: float = PAUSE_SECONDS) -> None:
    """Measure and print the quantiles in milliseconds."""
    account = Platform("safe")
    account.api.start()
    os.environ.update(account.environment(certified=False))
    with (
        tempfile.TemporaryDirectory() as folder,
        real_server(current_model(), Path(folder) / "data") as server,
    ):
        account.url = server.url
        asyncio.run(_measure(account, people, messages, pause))
    account.api.stop()
    cuts = statistics.quantiles([s * 1000 for s in account.seconds], n=100)
    print(
        f"{people} people, {len(account.seconds)} replies: p50 {cuts[49]:.0f} ms, "
        f"p95 {cuts[94]:.0f} ms, p99 {cuts[98]:.0f} ms, "
        f"longest {max(account.seconds) * 1000:.0f} ms"
    )


if __name__ == "__main__":
    given = sys.argv[1:]
    main(*map(int, given[:2]), *map(float, given[2:]))

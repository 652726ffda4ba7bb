"""Talks with the assistant in a process of its own, with our patches or without them.

`python -m tests.rasa_ext.recorder plain|patched`: prints replies and events as JSON.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from typing import Any

TALKS = {
    "guidance": [
        "你好",
        "花呗还不上了怎么办",
        "能减免利息吗",
        "要准备什么证明",
        "借呗逾期30天，失业了，客服电话多少",
        "今天天气怎么样",
        "啦啦啦啦",
        "谢谢",
        "再见",
    ],
    "case": [
        "开始登记",
        "同意",
        "花呗借呗都有",
        "9831",
        "两万零四百一十七",
        "会起诉吗",
        "已经逾期了",
        "45天",
        "失业",
        "5563",
        "房租1500吃饭1200别的1429",
        "填到哪了",
        "说错了，收入是6000",
        "延期",
        "对",
        "看看我的材料",
    ],
    "in one go": [
        "我花呗欠了12800，逾期47天，失业了，每月收入3000，开销2500，想延期",
        "同意",
        "没有借呗",
        "上一步",
        "停",
        "继续",
    ],
    "safety": [
        "开始登记",
        "不想活了",
        "花呗还不上了",
        "对方让我先交保证金",
        "气死我了",
    ],
    "start anew": [
        "开始登记",
        "同意",
        "重新开始",
        "确认",
        "删除我的数据",
        "不删",
        "花呗利息怎么算",
    ],
}
# Other at each run: the tokens of links, and what Rasa draws by lot or by the clock.
TOKEN = re.compile(r"/files/[^/]+/")
DRAWN = {"timestamp", "message_id"}


def same(value: Any) -> Any:
    """What may not differ between two runs."""
    if isinstance(value, dict):
        return {name: same(one) for name, one in value.items() if name not in DRAWN}
    if isinstance(value, list):
        return [same(one) for one in value]
    return TOKEN.sub("/files/token/", value) if isinstance(value, str) else value


async def record(agent: Any) -> dict[str, Any]:
    """Replies of each turn, and all events, by talk."""
    from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

    told = {}
    for name, texts in TALKS.items():
        replies = []
        for text in texts:
            output = CollectingOutputChannel()
            message = UserMessage(text, output, name, input_channel="test")
            await agent.handle_message(message)
            replies.append(output.messages)
        tracker = await agent.tracker_store.retrieve_full_tracker(name)
        events = [event.as_dict() for event in tracker.events]
        told[name] = {"replies": same(replies), "events": same(events)}
    return told


async def main(kind: str) -> None:
    """Load the assistant and talk with it."""
    if kind == "plain":
        from rasa_ext import patches

        patches.install = lambda: None
    else:
        from rasa_ext.no_tensorflow import leave_tensorflow_out

        leave_tensorflow_out()
    from rasa.core.agent import Agent, load_agent
    from rasa.core.utils import AvailableEndpoints

    from rasa_ext.commands.model import current_model
    from rasa_ext.commands.servers import Servers, write_endpoints
    from rasa_ext.commands.storage import prepare_database
    from rasa_ext.start import warm_up
    from xieshang.settings import read_settings

    settings = read_settings()
    (settings.data_dir / "logs").mkdir(parents=True)
    prepare_database(settings)
    with Servers(settings) as servers:
        servers.start_actions()
        endpoints = AvailableEndpoints.read_endpoints(str(write_endpoints(settings)))
        if kind == "plain":
            endpoints.tracker_store = endpoints.lock_store = None
        agent = await load_agent(str(current_model()), endpoints=endpoints)
        is_patched = Agent.handle_message.__module__.startswith("rasa_ext")
        assert is_patched == (kind == "patched")
        await warm_up(agent)
        servers.wait_until_healthy()
        print(json.dumps(await record(agent)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

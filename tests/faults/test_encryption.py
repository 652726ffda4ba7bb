"""The whole assistant with a key: it works, and no file tells what was said."""

from __future__ import annotations

import re
from pathlib import Path

from cryptography.fernet import Fernet

from tests.channels.servers import real_server
from tests.faults.talk import Talk, busy
from tests.storage_files import files_with

MARKS = ("9831.27", "20417", "摔断腿", "七三六零", "huabei_balance", "ask_waiver")
TOLD = (
    "花呗能减免利息吗",
    "开始登记",
    "同意",
    "花呗欠9831.27，借呗20417，逾期47天，上个月骑车摔断腿了",
    "每月收入5563，开支4129，想延期",
    "对",
)
# A line of the log names the intent of a turn, and a hash for whose it is.
LOGGED = ("logs/rasa.log", "ask_waiver")


def test_a_registration_is_readable_in_no_file(model: Path, tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    folder = tmp_path / "data"
    with real_server(model, folder, XIESHANG_ENCRYPTION_KEYS=key) as server:
        talk = Talk(server, "sealed")
        for text in TOLD:
            answer = talk.say(text)
            assert answer != busy(), text
        assert re.search(r"/files/[\w-]+/plan\.html", answer), answer
        talk.say("我今天打了95188,工号七三六零,说三天内回复")
        assert "20,417" in talk.say("看看我的材料")
        assert talk.turns() == 8
        assert files_with(folder, [*MARKS, key]) == [LOGGED]
        server.kill_rasa()
        server.start_rasa()
        assert "20,417" in talk.say("看看我的材料")
    # The log begins anew when the server does.
    assert files_with(folder, [*MARKS, key]) == []

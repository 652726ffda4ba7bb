"""Coming back after hours: asked how the talk went, or whether to go on."""

from __future__ import annotations

import pytest

from tests.conftest import Assistant
from xieshang.settings import read_settings
from xieshang.storage.cases import CaseStore
from xieshang.storage.database import open_database

REGISTERED = (
    "开始登记",
    "同意",
    "花呗9800 逾期45天 失业了 收入3000 房租吃饭要2500 想延期",
    "对",
)
LEFT = ("开始登记", "同意", "花呗9800 逾期45天")
HOW_IT_WENT = "谈得怎么样"
GO_ON = "要继续上次的登记吗"


def current_status(sender: str) -> str:
    engine = open_database(read_settings().database_url)
    stored = CaseStore(engine).latest(sender)
    engine.dispose()
    assert stored is not None
    return stored.status


def return_with(
    assistant: Assistant, sender: str, before: tuple[str, ...], said: str
) -> tuple[str, list[str]]:
    """What is answered, and the buttons, when the session before is over."""
    for text in before:
        assistant.say(sender, text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            assistant.agent.processor, "_has_session_expired", lambda tracker: True
        )
        answer = assistant.say(sender, said)
    texts = "\n".join(message.get("text", "") for message in answer)
    titles = [
        button["title"] for message in answer for button in message.get("buttons") or ()
    ]
    return texts, titles


@pytest.mark.parametrize("said", ["你好", "花呗会上征信吗", "谢谢", "在吗"])
def test_who_registered_is_asked_how_it_went(assistant: Assistant, said: str) -> None:
    texts, titles = return_with(assistant, f"return:{said}", REGISTERED, said)
    assert texts.count(HOW_IT_WENT) == 1
    assert {"谈成了", "没谈成", "还没联系"} <= set(titles)


def test_the_question_is_answered_first(assistant: Assistant) -> None:
    texts, _ = return_with(assistant, "return:first", REGISTERED, "能晚几天还吗")
    assert texts.index("延") < texts.index(HOW_IT_WENT)


def test_it_is_asked_once_a_session(assistant: Assistant) -> None:
    sender = "return:once"
    return_with(assistant, sender, REGISTERED, "花呗会上征信吗")
    again = assistant.say(sender, "能晚几天还吗")
    assert HOW_IT_WENT not in "".join(message.get("text", "") for message in again)


@pytest.mark.parametrize(
    ("told", "asked", "titles"),
    [
        ("我今天打了95188,他们说三天内回复", "对方答复了吗", ["谈成了", "没谈成"]),
        ("没谈成", "后来再谈过吗", ["谈成了", "没谈成", "还没联系"]),
        ("谈成了", "书面协议核对过了吗", ["协议核对表", "提醒", "对方不同意时"]),
    ],
)
def test_what_is_asked_follows_what_was_told(
    assistant: Assistant, told: str, asked: str, titles: list[str]
) -> None:
    sender = f"return:status:{told}"
    texts, offered = return_with(assistant, sender, (*REGISTERED, told), "你好")
    assert asked in texts
    assert offered == titles


def test_who_has_paid_is_not_asked_again(assistant: Assistant) -> None:
    sender = "return:paid"
    before = (*REGISTERED, "谈成了", "已经还清了，谢谢")
    texts, _ = return_with(assistant, sender, before, "你好")
    assert HOW_IT_WENT not in texts
    assert "协议" not in texts
    assert current_status(sender) == "closed"


def test_after_an_agreement_come_checklist_and_reminders(assistant: Assistant) -> None:
    sender = "return:agreed"
    for text in REGISTERED:
        assistant.say(sender, text)
    answer = assistant.say(sender, "谈成了")
    texts = "\n".join(message.get("text", "") for message in answer)
    assert "协议核对表" in texts
    assert "每月反馈" in texts
    assert current_status(sender) == "agreed"
    # Word of the agreement ends it no more than before; an offer begins anew.
    assistant.say(sender, "客服说明天把协议发给我")
    assert current_status(sender) == "agreed"
    assistant.say(sender, "他们说分12期每期300")
    assert current_status(sender) == "contacted"


@pytest.mark.parametrize("said", ["你好", "花呗会上征信吗"])
def test_who_left_is_asked_whether_to_go_on(assistant: Assistant, said: str) -> None:
    sender = f"return:left:{said}"
    texts, titles = return_with(assistant, sender, LEFT, said)
    assert GO_ON in texts
    assert "9,800 元" in texts
    assert "继续登记" in titles
    answer = assistant.say(sender, "继续登记")
    assert "什么原因" in "".join(message.get("text", "") for message in answer)
    assert assistant.tracker(sender).get_slot("days_overdue") == 45


@pytest.mark.parametrize("before", [REGISTERED, LEFT])
@pytest.mark.parametrize("said", ["我不想活了", "我被骗了两千块", "催收天天骂我"])
def test_danger_comes_before_the_case(
    assistant: Assistant, before: tuple[str, ...], said: str
) -> None:
    sender = f"return:{len(before)}:{said}"
    texts, _ = return_with(assistant, sender, before, said)
    assert HOW_IT_WENT not in texts
    assert GO_ON not in texts
    assert "110" in texts

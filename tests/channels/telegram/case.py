"""A whole case, told on Telegram."""

from __future__ import annotations

import io
import zipfile

from tests.channels.telegram.bot_api import PNG, Sent
from tests.channels.telegram.person import Person
from tests.channels.telegram.server import PUBLIC_URL

# One thing a message; pressed where it is a button's title at that moment.
ONE_BY_ONE = (
    "开始登记",
    "同意，登记完整方案",
    "两个都有",
    "9831.27",
    "20417",
    "已经逾期",
    "47天",
    "失业",
    "5563",
    "4129",
    "延期",
)
# As somebody writes who is in a hurry.
AT_ONCE = (
    "开始登记",
    "同意",
    "花呗欠9831.27，借呗20417",
    "逾期47天，失业了",
    "每月5563",
    "4129",
    "延期",
)
CONFIRMED = "对，整理方案"


def register_by_buttons(person: Person) -> list[Sent]:
    """Tell a case, pressing what can be pressed; what is handed over."""
    for told in (*ONE_BY_ONE, CONFIRMED):
        seen = person.seen()
        is_offered = bool(seen) and told in seen[-1].titles
        said = person.press(told) if is_offered else person.say(told)
    return said


def register(person: Person) -> list[Sent]:
    """Tell a case by typing; what is handed over."""
    for told in (*AT_ONCE, CONFIRMED):
        said = person.say(told)
    return said


def check_handed_over(said: list[Sent]) -> None:
    """The picture and the documents came as files, in order, with their links."""
    files = [sent for sent in said if sent.file]
    assert [sent.file[0] for sent in files if sent.file] == [
        "plans.png",
        "协商方案.html",
        "困难情况说明.docx",
        "还款提醒.ics",
    ]
    contents = [sent.file[2] for sent in files if sent.file]
    assert contents[0].startswith(PNG)
    assert "9,831.27" in contents[1].decode()
    with zipfile.ZipFile(io.BytesIO(contents[2])) as docx:
        assert "word/document.xml" in docx.namelist()
    assert contents[3].startswith(b"BEGIN:VCALENDAR")
    html = "".join(sent.html for sent in said)
    for name in ("plan.html", "statement.docx", "reminders.ics", "data.json"):
        assert f"/{name}" in html
    assert [sent.text for sent in files] == [
        "方案对比（估算）",
        "方案页",
        "困难情况说明（docx）",
        "日历提醒（ics）",
    ]
    for sent, name in zip(
        files,
        ("plans.png", "plan.html", "statement.docx", "reminders.ics"),
        strict=True,
    ):
        ((button,),) = sent.buttons
        assert button["url"].startswith(f"{PUBLIC_URL}/files/")
        assert button["url"].endswith(f"/{name}")

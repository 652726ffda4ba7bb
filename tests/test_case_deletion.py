"""A later change makes a new version; deletion leaves no row in any table."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from tests.conftest import Assistant
from tests.tables import stored_rows
from xieshang.clock import now
from xieshang.settings import Settings
from xieshang.storage.cases import CaseStore
from xieshang.storage.database import open_database

TABLES = {"cases", "case_versions", "case_contacts", "case_links", "events"}
# Figures and words that stand in nobody else's talk.
FILLED = (
    "开始登记",
    "同意",
    "花呗欠9831.27，借呗20417",
    "逾期47天，失业了",
    "每月5563",
    "4129",
    "延期",
)
CONTACT = "今天打了95188,工号七三六零,说三天内回复"
MARKS = ("9831.27", "20417", "5563", "4129", "七三六零")


def talk(assistant: Assistant, sender: str, *texts: str) -> str:
    """Say several things; what is answered to the last one."""
    said = [assistant.say(sender, text) for text in texts][-1]
    return "\n".join(message.get("text", "") for message in said)


def tables_with(settings: Settings, *marks: str) -> set[str]:
    """The tables with a row that holds one of the marks."""
    return {
        table
        for table, rows in stored_rows(settings).items()
        if any(mark in row for row in rows for mark in marks)
    }


def store_of(settings: Settings) -> CaseStore:
    return CaseStore(open_database(settings.database_url))


def register(assistant: Assistant, sender: str) -> str:
    """A confirmed case with a second version and a contact; the token of a link."""
    answer = talk(assistant, sender, *FILLED, "对")
    found = re.search(r"/files/([^/]+)/plan\.html", answer)
    assert found, answer
    talk(assistant, sender, CONTACT, "收入变成6000了", "对")
    return found[1]


def test_a_later_change_is_a_new_version(
    assistant: Assistant, settings: Settings
) -> None:
    sender = "versions:one"
    token = register(assistant, sender)
    store = store_of(settings)
    before, after = store.versions(sender)
    assert (before.version, after.version) == (1, 2)
    assert before.case.monthly_income == Decimal(5563)
    assert after.case.monthly_income == Decimal(6000)
    assert before.case.huabei_balance == after.case.huabei_balance
    opened = store.case_of_link(token, now())
    assert opened
    assert opened.version == 2
    talk(assistant, sender, "看看我的材料")
    assert len(store.versions(sender)) == 2
    talk(assistant, sender, "花呗是9000", "对")
    assert [stored.version for stored in store.versions(sender)] == [1, 2, 3]
    assert [entry.text for entry in store.contacts(sender)] == [CONTACT]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("我今天打了95188,他们说三天内回复", "contacted"),
        ("客服说花呗可以分24期每期980", "contacted"),
        ("客服答应花呗12期每期850", "contacted"),
        ("今天客服回电了，同意延期三个月", "agreed"),
        ("谈妥了 花呗分24期每期400", "agreed"),
        ("客服拒绝了", "refused"),
        ("他们不答应", "refused"),
        ("没谈成", "refused"),
        ("谈成了", "agreed"),
        ("万一他们不同意怎么办", "confirmed"),
        ("对方不同意时", "confirmed"),
        ("还没联系", "confirmed"),
        ("他们会同意吗", "confirmed"),
        ("我想分24期每期500行不行", "confirmed"),
    ],
)
def test_the_status_follows_what_is_told(
    assistant: Assistant, settings: Settings, said: str, status: str
) -> None:
    sender = f"status:{said}"
    talk(assistant, sender, *FILLED, "对", said)
    stored = store_of(settings).latest(sender)
    assert stored
    assert stored.status == status
    kept = store_of(settings).contacts(sender)
    assert bool(kept) == (status != "confirmed" and said not in ("谈成了", "没谈成"))


@pytest.mark.parametrize("yes", ["确认删除", "对", "是的 都删掉"])
def test_deletion_leaves_nothing(
    assistant: Assistant, settings: Settings, yes: str
) -> None:
    sender = f"deletion:{yes}"
    token = register(assistant, sender)
    assert tables_with(settings, sender) >= TABLES
    assert "确认删除吗" in talk(assistant, sender, "删除我的数据")
    assert "没有删除" in talk(assistant, sender, "不删了")
    assert store_of(settings).latest(sender)
    talk(assistant, sender, "删除我的数据")
    assert "已删除" in talk(assistant, sender, yes)
    assert tables_with(settings, sender) == set()
    assert assistant.tracker(sender) is None
    store = store_of(settings)
    assert store.latest(sender) is None
    assert store.contacts(sender) == []
    assert store.case_of_link(token, now()) is None
    answer = talk(assistant, sender, "看看我的材料")
    assert not any(mark in answer for mark in MARKS)


@pytest.mark.parametrize("told", range(1, len(FILLED) + 1))
def test_deletion_inside_the_form_leaves_nothing(
    assistant: Assistant, settings: Settings, told: int
) -> None:
    sender = f"deletion-in-form:{told}"
    talk(assistant, sender, *FILLED[:told])
    assert tables_with(settings, sender)
    assert "确认删除吗" in talk(assistant, sender, "删除我的数据")
    assert "已删除" in talk(assistant, sender, "确认删除")
    assert tables_with(settings, sender) == set()
    assert assistant.tracker(sender) is None


def test_deletion_after_a_change_that_is_not_confirmed(
    assistant: Assistant, settings: Settings
) -> None:
    sender = "deletion:open-change"
    register(assistant, sender)
    talk(assistant, sender, "借呗是一万二", "删除我的数据")
    assert store_of(settings).latest(sender)
    assert "已删除" in talk(assistant, sender, "确认删除")
    assert tables_with(settings, sender) == set()
    assert store_of(settings).latest(sender) is None


def test_deletion_leaves_others_alone(assistant: Assistant, settings: Settings) -> None:
    register(assistant, "deletion:kept-neighbour")
    register(assistant, "deletion:gone-neighbour")
    talk(assistant, "deletion:gone-neighbour", "删除我的数据", "确认删除")
    assert tables_with(settings, "deletion:gone-neighbour") == set()
    assert tables_with(settings, "deletion:kept-neighbour") >= TABLES
    stored = store_of(settings).latest("deletion:kept-neighbour")
    assert stored
    assert stored.case.monthly_income == Decimal(6000)

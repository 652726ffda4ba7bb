"""What the documents advise people in unlike situations: sentences they will act on."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.xieshang.test_documents import (
    KNOWLEDGE,
    ORACLE,
    TODAY,
    ZERO,
    all_said,
    docx_text,
    events_of,
    page_text,
    plan_of,
    said,
)
from xieshang.case.contacts import ContactEntry
from xieshang.case.record import OtherDebt
from xieshang.documents.chat import chat_section
from xieshang.documents.content import action_plan
from xieshang.documents.page import render_page

D = Decimal
MARKS = "估算 · 非法律意见 · 不代表平台"


def test_every_document_bears_its_marks() -> None:
    assert MARKS in page_text(ORACLE)
    assert MARKS in docx_text(ORACLE)
    assert plan_of(ORACLE).picture.mark == MARKS
    for event in events_of(ORACLE).values():
        assert event["DESCRIPTION"].endswith(MARKS)


def test_the_statement_names_the_share_of_every_debt() -> None:
    assert (
        "我每月最多能还 1,260 元，按各家欠款的比例分配："
        "花呗每月 343 元、借呗每月 700 元、信用卡每月 217 元。"
    ) in docx_text(ORACLE)


def test_one_small_debt_is_offered_no_more_than_it_is() -> None:
    case = ORACLE.with_values(
        product="huabei", huabei_balance=D(900), other_debts=(), jiebei_balance=None
    )
    assert "我每月最多能还 900 元。" in docx_text(case)


@pytest.mark.parametrize("missing", ["monthly_income", "essential_expenses"])
def test_what_is_known_of_the_budget_is_said(missing: str) -> None:
    case = ORACLE.with_values(**{missing: None})
    known, blank = ("必要开支 4,100 元", "收入 ____元")
    if missing == "essential_expenses":
        known, blank = ("收入 5,500 元", "必要开支 ____元")
    for text in (said(case, "script"), docx_text(case)):
        assert known in text
        assert blank in text
    assert "结余____元" in docx_text(case)


def test_days_of_two_debts_are_those_of_the_oldest() -> None:
    case = ORACLE.with_values(due_date=None, days_overdue=45)
    assert "逾期最久的一笔，到今天逾期 45 天" in said(case, "script")
    assert "其中逾期最久的一笔，截至2026年11月23日已逾期 45 天" in docx_text(case)
    single = case.with_values(product="huabei", jiebei_balance=None)
    assert "最久" not in said(single, "script") + docx_text(single)


def test_overdue_of_unknown_days_leaves_a_blank() -> None:
    case = ORACLE.with_values(due_date=None)
    assert "已逾期____天" in docx_text(case)


def test_without_surplus_nothing_is_to_be_paid_and_the_debts_are_named() -> None:
    assert "先还一部分" in said(ORACLE, "refused")
    assert "先还一部分" not in all_said(ZERO)
    assert "延期、减免" in said(ZERO, "refused")
    assert "花呗、借呗、信用卡：有结余以后再按比例还" in said(ZERO, "budget")


def test_a_plan_of_decades_is_called_long() -> None:
    debts = (OtherDebt("信用卡", D(350_000)), OtherDebt("网贷", D(270_000)))
    case = ORACLE.with_values(
        product="jiebei", huabei_balance=None, other_debts=debts
    ).with_values(monthly_income=D(6900))
    comparison = said(case, "comparison")
    assert "永远还不完" in comparison
    assert "最少 254 期" in comparison
    assert "期数很长，对方未必同意" in comparison
    (panel,) = plan_of(case).picture.panels
    assert panel.share_label == "每月最多给 78.75 元（都超出能力）"
    assert "绿色" in plan_of(ORACLE).picture.panels[0].share_label


def test_the_limit_is_of_all_debts_together() -> None:
    assert "各家合起来不要答应比 1,260 元更高" in said(ORACLE, "budget")
    single = ORACLE.with_values(product="jiebei", huabei_balance=None, other_debts=())
    assert "合起来" not in said(single, "budget")


def test_no_alternative_is_named_twice() -> None:
    for hardship in KNOWLEDGE.tables["proofs"].keys() - {"general"}:
        lines = said(ORACLE.with_values(hardship=hardship), "proofs").splitlines()
        items = [line for line in lines if line.startswith("- ")]
        assert len(items) == len(set(items))


@pytest.mark.parametrize(
    ("days", "expected"),
    [(10, "2026年12月3日，还有 10 天"), (1, "还有 1 天"), (0, "就是今天")],
)
def test_the_days_to_a_hearing_are_counted(days: int, expected: str) -> None:
    case = ORACLE.with_values(lawsuit_date=TODAY + timedelta(days))
    first = chat_section(plan_of(case), "summary")[0]
    assert expected in first
    assert "12348" in first


def logged(entries: list[tuple[date, str]]) -> Any:
    contacts = [ContactEntry(day, text) for day, text in entries]
    return action_plan(ORACLE, TODAY, KNOWLEDGE, contacts)


def test_contacts_that_were_kept_stand_in_the_log() -> None:
    plan = logged(
        [
            (date(2026, 11, 20), "打了95188,他们说三天内回复"),
            (date(2026, 11, 22), "<b>没同意</b>\x00" + "长" * 190),
        ]
    )
    page = render_page(plan)
    assert "2026年11月20日" in page
    assert "打了95188,他们说三天内回复" in page
    assert "&lt;b&gt;没同意&lt;/b&gt;" in page
    assert "长" * 190 in page
    together = "\n".join(chat_section(plan, "contact_log"))
    assert "2026年11月20日：打了95188,他们说三天内回复" in together
    assert "\x00" not in page + together
    assert "记过的" not in render_page(plan_of(ORACLE))

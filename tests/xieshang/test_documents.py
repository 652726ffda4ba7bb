"""The files and messages that are made of a case, value by value."""

from __future__ import annotations

import html
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import chain
from typing import Any

import pytest
from docx import Document
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from PIL import Image

from tests.xieshang.test_knowledge import FORBIDDEN
from xieshang.case.record import Case, OtherDebt
from xieshang.documents import FILES
from xieshang.documents.chat import chat_section
from xieshang.documents.content import action_plan
from xieshang.documents.dates import next_month, next_payment
from xieshang.documents.page import render_page
from xieshang.documents.picture import FONT, render_picture
from xieshang.documents.plan import SECTIONS, ActionPlan, Block, Panel
from xieshang.documents.reminders import render_calendar
from xieshang.documents.statement import render_statement
from xieshang.documents.words import LONGEST_NAME
from xieshang.knowledge import Knowledge, KnowledgeError, load_knowledge

KNOWLEDGE = load_knowledge()
TODAY = date(2026, 11, 23)
MOST_CHARACTERS = 200
ORACLE = Case(
    product="both",
    huabei_balance=Decimal(9800),
    jiebei_balance=Decimal(20000),
    overdue="yes",
    due_date=date(2026, 10, 9),
    hardship="unemployment",
    monthly_income=Decimal(5500),
    essential_expenses=Decimal(4100),
    expense_items=(
        ("房租", Decimal(1500)),
        ("吃饭", Decimal(1200)),
        ("水电通讯", Decimal(250)),
        ("交通", Decimal(200)),
        ("看病", Decimal(350)),
        ("赡养", Decimal(600)),
    ),
    goal="lower_payment",
    priority_payments=Decimal(0),
    other_debts=(OtherDebt("信用卡", Decimal(6200)),),
    available_proofs=("领取失业保险金的记录", "每月收支表", "辞退短信"),
    huabei_rate=Decimal("0.1825"),
    jiebei_rate=Decimal("0.18"),
    recorded_on=TODAY,
)
ZERO = ORACLE.with_values(
    monthly_income=Decimal(3000), essential_expenses=Decimal(3600), expense_items=()
)
# The oracle of reference/domain.md, D.
PLANS = [
    ("12 期", "1,833.60 元", "1,833.61 元", "22,003.21 元", "超出能力"),
    ("24 期", "998.48 元", "998.55 元", "23,963.59 元", "超出能力"),
    ("36 期", "723.05 元", "722.94 元", "26,029.69 元", "超出能力"),
    ("48 期", "587.50 元", "587.52 元", "28,200.02 元", "能负担"),
]
MONEY = ["9,800 元", "20,000 元", "6,200 元", "5,500 元", "4,100 元"]
ITEMS = ["1,500 元", "1,200 元", "250 元", "200 元", "350 元", "600 元"]
SHARES = ["343 元", "700 元", "217 元"]


def plan_of(case: Case, today: date = TODAY) -> ActionPlan:
    return action_plan(case, today, KNOWLEDGE)


def said(case: Case, section: str, today: date = TODAY) -> str:
    """A section as the chat shows it."""
    return "\n".join(chat_section(plan_of(case, today), section))


def all_said(case: Case, today: date = TODAY) -> str:
    plan = plan_of(case, today)
    return "\n".join("\n".join(chat_section(plan, key)) for key in SECTIONS)


def page_text(case: Case) -> str:
    """What a reader of the page reads."""
    body = render_page(plan_of(case)).split("<body>")[1]
    body = re.sub(r"<svg.*</svg>", "", body, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "\n", body))


def docx_text(case: Case) -> str:
    document = Document(BytesIO(render_statement(plan_of(case))))
    footer = document.sections[0].footer.paragraphs
    return "\n".join(one.text for one in chain(document.paragraphs, footer))


def texts_of(block: Block) -> list[str]:
    """Every text of a block."""
    return [block.title, *block.lines, *block.head, *chain(*block.rows)]


def table_of(case: Case, title: str) -> Block:
    blocks = plan_of(case).section("comparison").blocks
    return next(b for b in blocks if b.kind == "table" and title in b.title)


# The oracle, value by value


@pytest.mark.parametrize("show", [page_text, all_said])
@pytest.mark.parametrize(
    "value",
    [
        *MONEY,
        *ITEMS,
        *SHARES,
        "1,400 元",
        "140 元",
        "1,260 元",
        "2026年10月9日",
        "45 天",
        "220.50 元",
        "0.05%",
        "18.25%",
        "年利率 18%、每月还 700 元：最少 38 期",
        "每月还 700 元：最少 29 期，总额 20,000 元",
        "失业",
        "信用卡",
        "降低月供",
        "解除劳动合同的书面材料或离职证明",
        "辞退短信",
        "2026年12月6日",
        "2026年12月9日",
        "12378",
        *chain(*PLANS),
    ],
)
def test_page_and_chat_show_every_value(show: Any, value: str) -> None:
    assert value in show(ORACLE)


def test_the_comparison_is_the_oracles() -> None:
    assert list(table_of(ORACLE, "借呗").rows[:4]) == PLANS


@pytest.mark.parametrize(
    "value",
    [
        *MONEY,
        *ITEMS,
        "1,400 元",
        "1,260 元",
        "花呗每月 343 元",
        "借呗每月 700 元",
        "2026年10月9日",
        "2026年11月23日",
        "45 天",
        "因本人失业",
        "信用卡",
        "领取失业保险金的记录",
        "辞退短信",
        "不代表平台",
    ],
)
def test_the_statement_shows_every_value(value: str) -> None:
    assert value in docx_text(ORACLE)


def test_page_shows_everything_of_the_plan_and_its_marks() -> None:
    plan, shown = plan_of(ORACLE), page_text(ORACLE)
    for section in plan.sections:
        for text in chain(*(texts_of(block) for block in section.blocks)):
            assert text in shown
    for text in (*plan.marks, plan.disclaimer, plan.title, plan.made_on_text):
        assert text in shown


def test_the_script_offers_the_shares_and_no_more() -> None:
    script = said(ORACLE, "script")
    assert "我每月最多能还：花呗 343 元、借呗 700 元。" in script
    assert "把每月金额降到这个数以内" in script
    assert "1,260" not in script
    assert "1,400" not in script


def test_proofs_at_hand_are_marked() -> None:
    proofs = said(ORACLE, "proofs")
    assert "- 领取失业保险金的记录（已有）" in proofs
    assert "- 辞退短信（已有）" in proofs
    assert "- 工资停发前后的银行流水（待备）" in proofs
    assert "社保停缴记录" in proofs


def test_no_alternatives_when_every_proof_is_there() -> None:
    table = KNOWLEDGE.tables["proofs"]
    items = (*table["illness"]["items"], *table["general"]["items"])
    case = ORACLE.with_values(hardship="illness", available_proofs=tuple(items))
    assert "待备" not in said(case, "proofs")
    assert "代替" not in said(case, "proofs")


# The aim decides what is asked for


@pytest.mark.parametrize(
    ("goal", "request_", "statement"),
    [
        ("extension", "还款日能往后推到哪天", "申请延期还款"),
        ("lower_payment", "拉长期数", "延长期数、降低每期金额"),
        ("waiver", "减免部分利息、罚息", "本金按我的还款能力分期"),
        ("unsure", "延期、分期，或减免", "延期、分期，或减免"),
        (None, "延期、分期，或减免", "延期、分期，或减免"),
    ],
)
def test_the_goal_decides(goal: str | None, request_: str, statement: str) -> None:
    case = ORACLE.with_values(goal=goal)
    assert request_ in said(case, "script")
    assert statement in docx_text(case)
    zero = ZERO.with_values(goal=goal)
    assert "暂时能还的是 0 元" in said(zero, "script")
    assert "能还的金额为 0 元" in docx_text(zero)


def test_before_the_due_date_an_extension_is_asked_for_in_time() -> None:
    case = ORACLE.with_values(
        overdue="no", due_date=date(2026, 12, 1), goal="extension"
    )
    assert "在到期前申请展期" in said(case, "script")
    assert "尚未逾期" in docx_text(case)
    assert "罚息估算" not in said(case, "comparison")


# Nothing to pay with


def test_zero_surplus_is_advice_of_its_own() -> None:
    plan = plan_of(ZERO)
    assert plan.zero_surplus
    assert not plan.picture.panels
    kinds = {block.kind for block in plan.section("comparison").blocks}
    assert "table" not in kinds
    together = all_said(ZERO) + page_text(ZERO) + docx_text(ZERO)
    assert "600 元" in together
    for number in ("95188", "12348", "12378", "12356"):
        assert number in said(ZERO, "budget")
    assert "吃饭、住、水电、看病" in said(ZERO, "budget")
    assert "失业保险金" in said(ZERO, "budget")
    assert "差 600 元" in chat_section(plan, "summary")[0]
    for sum_ in ("343 元", "700 元", "217 元", "月供 ", "降到这个数以内"):
        assert sum_ not in together


def test_income_that_is_just_enough_leaves_no_shortfall() -> None:
    case = ZERO.with_values(monthly_income=Decimal(3600))
    assert plan_of(case).zero_surplus
    assert "没有剩余" in chat_section(plan_of(case), "summary")[0]
    assert "差 0 元" not in all_said(case)
    assert "没有结余" in docx_text(case)


def test_priority_payments_come_off_first() -> None:
    case = ORACLE.with_values(priority_payments=Decimal(1400))
    assert plan_of(case).zero_surplus
    halved = ORACLE.with_values(priority_payments=Decimal(400))
    assert "每月最多能还：900 元" in said(halved, "budget")
    assert "房贷、车贷、抚养费等 400 元" in docx_text(halved)


# What is not known


def test_an_empty_case_assumes_nothing() -> None:
    together = all_said(Case()) + page_text(Case())
    assert "需要补充每月收入、每月必要开支，才能算每月能还多少" in together
    assert "未填" in together
    assert "我每月最多能还____元" in together
    assert not re.search(r"\d 元", together)
    assert "____元" in docx_text(Case())


def test_without_rate_the_interest_is_not_made_up() -> None:
    case = ORACLE.with_values(jiebei_rate=None)
    title = table_of(case, "借呗").title
    assert "按不计息估算，实际以页面为准" in title
    assert table_of(case, "借呗").rows[1] == (
        "24 期",
        "833.33 元",
        "833.41 元",
        "20,000 元",
        "超出能力",
    )
    assert "需要补充借呗年利率" in said(case, "summary")
    assert "如果逾期的是借呗" not in said(case, "comparison")


def test_a_missing_balance_gives_no_share_to_one_creditor() -> None:
    case = ORACLE.with_values(jiebei_balance=None)
    assert "我每月最多能还____元" in said(case, "script")
    assert "先不要把全部报给一家" in said(case, "script")
    assert "待算" in said(case, "comparison")
    assert "其中给贵机构每月____元" in docx_text(case)
    assert "各家合起来，每月金额不超过 1,260 元" in said(case, "agreement")


def test_one_debt_alone_gets_the_whole_offer() -> None:
    case = ORACLE.with_values(product="huabei", other_debts=())
    for balance in (None, Decimal(9800)):
        script = said(case.with_values(huabei_balance=balance), "script")
        assert "我每月最多能还 1,260 元。" in script
    assert "没有填其他欠款" in said(case, "budget")


def test_unknown_priority_payments_are_named() -> None:
    assert "先按 0 元算" in said(ORACLE.with_values(priority_payments=None), "budget")
    assert "先按 0 元算" not in said(ORACLE, "budget")


def test_days_that_were_told_make_no_date() -> None:
    case = ORACLE.with_values(due_date=None, days_overdue=40)
    later = TODAY + timedelta(days=5)
    together = all_said(case, later)
    assert "45 天" in together
    assert "10月14日" not in together
    assert "还款日提醒加不了" in said(case, "reminders")


def test_expenses_that_do_not_add_up_are_named() -> None:
    case = ORACLE.with_values(essential_expenses=Decimal(4000))
    assert "分项加起来是 4,100 元，和总数 4,000 元不同" in said(case, "budget")


def test_never_repaid_and_very_long() -> None:
    base = Case(
        product="jiebei",
        jiebei_balance=Decimal(20000),
        jiebei_rate=Decimal("0.18"),
        essential_expenses=Decimal(0),
    )
    never = base.with_values(monthly_income=Decimal("333.33"))
    assert "每月还 300 元：还的钱抵不过利息，永远还不完" in said(never, "comparison")
    slow = base.with_values(monthly_income=Decimal(400))
    assert "期数很长" in said(slow, "comparison")
    hopeless = base.with_values(
        jiebei_rate=None, monthly_income=Decimal(2), jiebei_balance=Decimal(900_000)
    )
    assert "None" not in all_said(hopeless)
    assert "要很多年才还得完" in said(hopeless, "comparison")


# Urgent


def test_a_court_date_comes_first() -> None:
    case = ORACLE.with_values(lawsuit_date=date(2026, 12, 20))
    assert "要按时应诉，可以请求调解" in chat_section(plan_of(case), "summary")[0]
    assert "撤不撤诉" in said(case, "script")
    assert "2026年12月13日：准备应诉" in said(case, "reminders")
    assert page_text(case).index("应诉") < page_text(case).index("我的情况")
    passed = ORACLE.with_values(lawsuit_date=date(2026, 11, 1))
    assert "已经过了" in chat_section(plan_of(passed), "summary")[0]
    assert "准备应诉" not in said(passed, "reminders")


def test_after_three_years_limitation_is_named() -> None:
    case = ORACLE.with_values(due_date=date(2023, 1, 5))
    assert "12348" in "".join(plan_of(case).urgent)
    assert not plan_of(ORACLE).urgent


# What a person typed

HOSTILE = (
    "<script>alert(1)</script>&\"'{{7*7}}{case}*[x](http://evil)\x00\u202e\n第二行"
)


def hostile_case() -> Case:
    return ORACLE.with_values(
        lender=HOSTILE,
        contacted=HOSTILE,
        other_debts=(OtherDebt(HOSTILE, Decimal(6200)),),
        expense_items=((HOSTILE, Decimal(4100)),),
        available_proofs=(HOSTILE,),
    )


def test_hostile_names_are_text() -> None:
    case = hostile_case()
    page = render_page(plan_of(case))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "<script>alert(1)</script>" in docx_text(case)
    assert "{{7*7}}" not in page.replace("{{7*7}}{c", "")
    for key in SECTIONS:
        assert not re.search(r"[<>*\[\]`\x00\u202e]", said(case, key))
    calendar = Calendar.from_ical(render_calendar(plan_of(case)))
    assert len(calendar.walk("VEVENT")) == 2


def test_long_names_are_shortened() -> None:
    case = ORACLE.with_values(other_debts=(OtherDebt("长" * 300, Decimal(6200)),))
    assert "长" * LONGEST_NAME not in page_text(case)
    assert "长" * (LONGEST_NAME - 1) + "…" in page_text(case)


def test_a_lender_called_like_a_product_takes_no_share_from_it() -> None:
    case = ORACLE.with_values(other_debts=(OtherDebt("huabei", Decimal(6200)),))
    assert "花呗 343 元、借呗 700 元" in said(case, "script")


# The files


def test_files_have_their_media_types() -> None:
    plan = plan_of(ORACLE)
    kinds = {
        "plan.html": (b"<!DOCTYPE html>", "text/html"),
        "statement.docx": (b"PK", "officedocument"),
        "plans.png": (b"\x89PNG", "image/png"),
        "plans.svg": (b"<?xml", "image/svg+xml"),
        "reminders.ics": (b"BEGIN:VCALENDAR", "text/calendar"),
    }
    assert FILES.keys() == kinds.keys()
    for name, (media_type, render) in FILES.items():
        begins, kind = kinds[name]
        assert render(plan).lstrip().startswith(begins)
        assert kind in media_type


def test_the_page_needs_nothing_else() -> None:
    page = render_page(plan_of(ORACLE))
    assert '<html lang="zh-CN">' in page
    assert 'name="viewport"' in page
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page
    assert not re.search(
        r"<(?:script|img|link|iframe|object|form|a)\b|\bon\w+=|@import", page
    )
    assert not re.search(r"url\((?!#)", page)
    without_names = re.sub(r'xmlns(?::\w+)?="[^"]+"|(?:rdf|cc):\w+="[^"]+"', "", page)
    references = re.findall(r'(?:href|src)="([^"]+)"', without_names)
    assert all(one.startswith(("#", "data:image/")) for one in references)


def test_the_statement_leaves_name_and_signature_blank() -> None:
    text = docx_text(ORACLE)
    for label in ("姓名", "签名"):
        assert re.search(rf"{label}：_+", text)
    assert re.search(r"日期：_+年_+月_+日", text)
    assert not re.search("身份证|手机号|银行卡号", text)
    assert "{{" not in text
    assert "{%" not in text


def test_the_statement_names_the_lender() -> None:
    case = ORACLE.with_values(lender="重庆蚂蚁消费金融有限公司")
    assert "致：重庆蚂蚁消费金融有限公司" in docx_text(case)
    assert "致：花呗、借呗的放款机构" in docx_text(ORACLE)


@pytest.mark.parametrize("case", [ORACLE, ZERO, Case()])
def test_the_picture_is_drawn(case: Case) -> None:
    picture = Image.open(BytesIO(render_picture(plan_of(case), "png")))
    assert picture.width == pytest.approx(900, abs=10)
    assert 300 < picture.height < 1400
    grey = picture.convert("L")
    assert grey.getpixel((2, 2)) == 255
    dark = sum(grey.histogram()[:128]) / (picture.width * picture.height)
    assert 0.003 < dark < 0.6


def test_the_picture_marks_the_affordable_bars() -> None:
    picture = Image.open(BytesIO(render_picture(plan_of(ORACLE), "png")))
    colours = picture.convert("RGB").getcolors(picture.width * picture.height) or []
    counts = {colour: count for count, colour in colours}
    assert counts[(0x2E, 0x7D, 0x6B)] > 1000
    assert counts[(0xC2, 0x41, 0x0C)] > 500
    jiebei = plan_of(ORACLE).picture.panels[1]
    assert [p.affordable for p in jiebei.points] == [False, False, False, True, True]
    assert jiebei.share == 700


def test_the_svg_has_paths_for_text() -> None:
    svg = render_picture(plan_of(ORACLE), "svg").decode()
    assert "<text" not in svg
    assert "<image" not in svg
    assert len(svg) < 200_000


def test_pictures_are_drawn_in_threads() -> None:
    plans = [plan_of(ORACLE), plan_of(ZERO)] * 4
    alone = [render_picture(plan, "png") for plan in plans[:2]]
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda plan: render_picture(plan, "png"), plans))
    assert drawn == alone * 4


def titles_of(panels: tuple[Panel, ...]) -> list[str]:
    return [text for panel in panels for text in (panel.title, panel.share_label)]


def test_the_font_has_what_the_picture_writes() -> None:
    cmap = TTFont(FONT).getBestCmap()
    texts = chain.from_iterable(
        (p.title, p.mark, p.x_label, p.note, *titles_of(p.panels))
        for p in (plan_of(c).picture for c in (ORACLE, ZERO, Case()))
    )
    assert not {char for text in texts for char in text if ord(char) not in cmap}
    assert FONT.stat().st_size <= 2_000_000
    assert "SIL OPEN FONT LICENSE" in (FONT.parent / "OFL.txt").read_text("utf-8")


# The calendar


def events_of(case: Case, today: date = TODAY) -> dict[str, Any]:
    calendar = Calendar.from_ical(render_calendar(plan_of(case, today)))
    assert calendar["X-WR-TIMEZONE"] == "Asia/Shanghai"
    return {str(event["SUMMARY"]): event for event in calendar.walk("VEVENT")}


def test_the_calendar_reminds_three_days_before_and_monthly() -> None:
    events = events_of(ORACLE)
    payment, report = events["快到还款日"], events["每月反馈"]
    assert payment["DTSTART"].dt == date(2026, 12, 6)
    assert payment["DTEND"].dt == date(2026, 12, 7)
    assert "2026年12月9日" in payment["DESCRIPTION"]
    assert "推算" in payment["DESCRIPTION"]
    assert report["DTSTART"].dt == date(2026, 12, 10)
    assert report["RRULE"]["FREQ"] == ["MONTHLY"]
    for event in events.values():
        (alarm,) = event.walk("VALARM")
        assert alarm["TRIGGER"].dt == timedelta(hours=9)


def test_uids_stay_when_the_file_is_made_again() -> None:
    first, later = events_of(ORACLE), events_of(ORACLE, TODAY + timedelta(days=40))
    assert [e["UID"] for e in first.values()] == [e["UID"] for e in later.values()]
    assert len({e["UID"] for e in first.values()}) == len(first)
    other = events_of(ORACLE.with_values(recorded_on=date(2026, 1, 2)))
    assert first["每月反馈"]["UID"] != other["每月反馈"]["UID"]
    assert render_calendar(plan_of(ORACLE)) == render_calendar(plan_of(ORACLE))


@pytest.mark.parametrize(
    ("due", "today", "payment"),
    [
        (date(2026, 12, 1), TODAY, date(2026, 12, 1)),
        (TODAY, TODAY, TODAY),
        (date(2026, 10, 9), TODAY, date(2026, 12, 9)),
        (date(2026, 10, 25), TODAY, date(2026, 11, 25)),
        (date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28)),
        (date(2025, 12, 31), date(2026, 2, 28), date(2026, 2, 28)),
        (date(2026, 11, 30), date(2026, 12, 31), date(2027, 1, 30)),
    ],
)
def test_the_next_payment_day(due: date, today: date, payment: date) -> None:
    assert next_payment(due, today) == payment


def test_next_month_is_the_next_one() -> None:
    assert next_month(date(2026, 1, 31), 31) == date(2026, 2, 28)
    assert next_month(date(2026, 12, 1), 5) == date(2027, 1, 5)


def test_a_payment_within_three_days_is_reminded_of_today() -> None:
    case = ORACLE.with_values(overdue="no", due_date=TODAY + timedelta(days=1))
    event = events_of(case)["快到还款日"]
    assert event["DTSTART"].dt == TODAY
    assert "推算" not in event["DESCRIPTION"]


# The words


def test_every_section_is_there_in_order() -> None:
    assert tuple(section.key for section in plan_of(ORACLE).sections) == SECTIONS
    with pytest.raises(KeyError, match="summary"):
        plan_of(ORACLE).section("nonsense")


def test_nothing_is_promised_and_only_known_numbers_are_dialled() -> None:
    known = {line["number"] for line in KNOWLEDGE.tables["hotlines"].values()}
    for case in (ORACLE, ZERO, Case(), hostile_case()):
        text = all_said(case) + docx_text(case)
        assert not FORBIDDEN.search(text)
        assert set(re.findall(r"(?<![\d,.-])\d{5}(?![\d,.])", text)) <= known


def test_what_is_to_be_copied_stands_alone() -> None:
    messages = chat_section(plan_of(ORACLE), "script")
    opening = next(one for one in messages if one.startswith("您好，我是本人"))
    assert "\n" not in opening
    form = chat_section(plan_of(ORACLE), "contact_log")[-1]
    assert form.splitlines()[0] == "日期时间："


@pytest.mark.parametrize(
    ("tables", "fault"),
    [
        ({}, "documents.yml"),
        ({"documents": {"date": "{year}"}}, "is missing"),
        (
            {
                **KNOWLEDGE.tables,
                "documents": {**KNOWLEDGE.tables["documents"], "title": "{nobody}"},
            },
            "nobody",
        ),
    ],
)
def test_a_fault_in_the_words_is_named(tables: Any, fault: str) -> None:
    with pytest.raises(KnowledgeError, match=fault):
        action_plan(ORACLE, TODAY, Knowledge({}, tables))


MAYBE_MONEY = st.none() | st.decimals("0", "99999", places=2)
MAYBE_DEBT = st.none() | st.decimals("0.01", "1000000", places=2)
MAYBE_RATE = st.none() | st.decimals("0", "0.36", places=4)
MAYBE_DAY = st.none() | st.dates(date(2021, 12, 1), date(2031, 11, 1))
NAMES = st.text(min_size=1, max_size=60)
DEBTS = st.builds(OtherDebt, NAMES, st.decimals("0.01", "1000000", places=2))
CASES = st.builds(
    Case,
    product=st.sampled_from([None, "huabei", "jiebei", "both"]),
    huabei_balance=MAYBE_DEBT,
    jiebei_balance=MAYBE_DEBT,
    overdue=st.sampled_from([None, "yes", "no", "unknown"]),
    days_overdue=st.none() | st.integers(0, 1826),
    due_date=MAYBE_DAY,
    hardship=st.sampled_from([None, "unemployment", "illness", "business", "other"]),
    monthly_income=MAYBE_MONEY,
    essential_expenses=MAYBE_MONEY,
    expense_items=st.lists(
        st.tuples(NAMES, st.decimals("0", "9999", places=2)), max_size=3
    ).map(tuple),
    goal=st.sampled_from([None, "extension", "lower_payment", "waiver", "unsure"]),
    priority_payments=MAYBE_MONEY,
    other_debts=st.lists(DEBTS, max_size=4).map(tuple),
    available_proofs=st.lists(NAMES, max_size=2).map(tuple),
    huabei_rate=MAYBE_RATE,
    jiebei_rate=MAYBE_RATE,
    lender=st.none() | NAMES,
    lawsuit_date=MAYBE_DAY,
    contacted=st.none() | NAMES,
    recorded_on=st.none() | st.just(TODAY),
)


def sums_of(text: str) -> list[Decimal]:
    found = re.findall(r"(?:花呗|借呗|能还) ([\d,.]+) 元", text)
    return [Decimal(one.replace(",", "")) for one in found]


@settings(max_examples=150, deadline=None)
@given(CASES)
def test_any_case_gives_messages_that_fit_and_offer_no_more_than_there_is(
    case: Case,
) -> None:
    plan = plan_of(case)
    for key in SECTIONS:
        messages = chat_section(plan, key)
        assert messages
        for message in messages:
            assert message.strip()
            assert len(message) <= MOST_CHARACTERS
    clean_case = case.with_values(
        lender=None, contacted=None, expense_items=(), available_proofs=()
    ).with_values(
        other_debts=tuple(OtherDebt("甲", debt.balance) for debt in case.other_debts)
    )
    together = all_said(clean_case)
    assert "None" not in together
    assert not re.search(r"[{}]", together)
    income, essentials = case.monthly_income, case.essential_expenses
    if income is None or essentials is None:
        assert not plan.zero_surplus
        return
    left = income - essentials - (case.priority_payments or 0)
    request = said(clean_case, "script")
    offered = re.search(r"我每月最多能还.*", request)
    if left <= 0:
        assert plan.zero_surplus
        assert offered is None
        assert all(block.kind != "table" for block in plan.section("comparison").blocks)
    elif offered:
        assert sum(sums_of(offered.group()), Decimal(0)) <= left


@settings(max_examples=20, deadline=None)
@given(CASES)
def test_any_case_gives_files_that_open(case: Case) -> None:
    plan = plan_of(case)
    assert "<script" not in render_page(plan)
    assert Document(BytesIO(render_statement(plan))).paragraphs
    assert Calendar.from_ical(render_calendar(plan)).walk("VEVENT")

"""What is read of a message to the registration, and what it does to the case."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.case_talks import TODAY
from tests.spoken import read
from xieshang.case.heard import Heard
from xieshang.case.intake import read_values
from xieshang.case.record import Case
from xieshang.case.revision import revised
from xieshang.case.voice import Voice
from xieshang.knowledge import current_knowledge
from xieshang.language.entities import Entity


@pytest.mark.parametrize(
    ("text", "asked", "values"),
    [
        # numbers as people write them
        ("9800", "huabei_balance", {"huabei_balance": 9800}),
        ("9,800", "huabei_balance", {"huabei_balance": 9800}),
        ("９８００", "huabei_balance", {"huabei_balance": 9800}),
        ("九千八", "huabei_balance", {"huabei_balance": 9800}),
        ("0.98万", "huabei_balance", {"huabei_balance": 9800}),
        ("9千8", "huabei_balance", {"huabei_balance": 9800}),
        ("大概也就九千八左右吧", "huabei_balance", {"huabei_balance": 9800}),
        ("10000", "jiebei_balance", {"jiebei_balance": 10000}),
        ("欠12345", "jiebei_balance", {"jiebei_balance": 12345}),
        ("37618", "jiebei_balance", {"jiebei_balance": 37618}),
        ("收入是0", "monthly_income", {"monthly_income": 0}),
        ("没有", "monthly_income", {"monthly_income": 0}),
        ("一分都没有", "monthly_income", {"monthly_income": 0}),
        # several in one message
        (
            "我花呗欠9800借呗2万,逾期45天,失业了,每月能有5500,房租吃饭这些要4100",
            None,
            {
                "product": "both",
                "huabei_balance": 9800,
                "jiebei_balance": 20000,
                "overdue": "yes",
                "days_overdue": 45,
                "hardship": "unemployment",
                "monthly_income": 5500,
                "essential_expenses": 4100,
            },
        ),
        (
            "每月必要开支3118，工资5500",
            None,
            {"essential_expenses": 3118, "monthly_income": 5500},
        ),
        ("没收入，被裁了", None, {"monthly_income": 0, "hardship": "unemployment"}),
        # a question states nothing, what stands beside it does
        ("逾期三天会上征信吗", "days_overdue", {}),
        ("欠9,800会被起诉吗", "huabei_balance", {}),
        ("1500，能延期吗", "huabei_balance", {"huabei_balance": 1500}),
        ("逾期45天了怎么办", None, {"overdue": "yes", "days_overdue": 45}),
        ("没逾期呢", "overdue", {"overdue": "no"}),
        ("还没呢", "overdue", {"overdue": "no"}),
        ("不知道有没有逾期", "overdue", {"overdue": "unknown"}),
        ("我借呗欠着两万呢", None, {"product": "jiebei", "jiebei_balance": 20000}),
        # what a number is for
        ("我找了3个客服", "days_overdue", {}),
        ("还欠3000块", "days_overdue", {}),
        ("希望能延期三个月", "overdue", {}),
        ("生活费一个月1.2w", "overdue", {"essential_expenses": 12000}),
        ("不清楚", "overdue", {"overdue": "unknown"}),
        ("45", "days_overdue", {"days_overdue": 45, "overdue": "yes"}),
        ("四十五天", "overdue", {"days_overdue": 45, "overdue": "yes"}),
        ("10月9号", "days_overdue", {"due_date": date(2026, 10, 9)}),
        ("应该是10月9号", "days_overdue", {"due_date": date(2026, 10, 9)}),
        ("下个月8号", "due_date", {"due_date": date(2026, 12, 8)}),
        ("被人骗了钱", "hardship", {"hardship": "other"}),
        # A part of the expenses: no hardship, and not all that a month costs.
        ("看病每月350", "hardship", {}),
        ("两个都有，花呗欠5000", None, {"product": "both", "huabei_balance": 5000}),
        ("都要", "goal", {}),
        ("我妈生病每月吃药500", None, {"hardship": "illness"}),
    ],
)
def test_what_a_message_says(
    text: str, asked: str | None, values: dict[str, Any]
) -> None:
    found = read(text, asked, overdue=None if asked != "due_date" else "no").values
    found.pop("expense_items", None)
    assert {name: found.get(name) for name in values} == values
    assert (not values and not found) or values.keys() <= found.keys()


@pytest.mark.parametrize(
    ("text", "total", "items"),
    [
        ("房租1500吃饭1200水电250", 2950, {"房租": 1500, "吃饭": 1200, "水电": 250}),
        ("生病住院了。房租1500、看病每月350", 1850, {"房租": 1500, "看病": 350}),
        ("一共4100，房租1500吃饭1200看病1400", 4100, None),
        ("每月开销4100，其中房租1500", 4100, None),
        ("房租1500", 1500, {"房租": 1500}),
    ],
)
def test_expenses_are_summed(text: str, total: int, items: dict[str, int]) -> None:
    found = read(text, "essential_expenses").values
    assert found["essential_expenses"] == total
    if items is not None:
        assert dict(found["expense_items"]) == items


@pytest.mark.parametrize(
    ("text", "asked", "refused"),
    [
        ("500万", "huabei_balance", {"huabei_balance": 5_000_000}),
        ("逾期3000天", "days_overdue", {"days_overdue": 3000}),
        ("2010年1月1日", "days_overdue", {"due_date": date(2010, 1, 1)}),
        ("房租600000吃饭600000", "essential_expenses", {"essential_expenses": 1200000}),
    ],
)
def test_what_is_out_of_bounds_is_not_taken(
    text: str, asked: str, refused: dict[str, Any]
) -> None:
    reading = read(text, asked, overdue="yes")
    assert reading.refused == refused
    assert not reading.values.keys() & {*refused, "expense_items"}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("不对，借呗是一万二", {"jiebei_balance": 12000}),
        ("花呗说错了，是8800", {"huabei_balance": 8800}),
        ("收入应该是6000", {"monthly_income": 6000}),
        ("不是45天，是54天", {"days_overdue": 54}),
        ("刚才说错了，是离婚", {"hardship": "family"}),
        ("不对，想减免利息", {"goal": "waiver"}),
        ("开销改成3800", {"essential_expenses": 3800}),
    ],
)
def test_corrections(text: str, values: dict[str, Any]) -> None:
    found = read(
        text,
        last="essential_expenses",
        intent="correct",
        product="both",
        huabei_balance=Decimal(9800),
        jiebei_balance=Decimal(20000),
        overdue="yes",
        days_overdue=45,
        hardship="unemployment",
        monthly_income=Decimal(5500),
        essential_expenses=Decimal(4100),
        goal="extension",
    ).values
    assert {name: found.get(name) for name in values} == values
    others = {"expense_items", "overdue"} | values.keys()
    assert found.keys() <= others, found


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("收入说错了", "monthly_income"),
        ("借呗金额填错了", "jiebei_balance"),
        ("开支那里不对", "essential_expenses"),
    ],
)
def test_a_correction_without_a_value_names_its_field(text: str, named: str) -> None:
    case = Case(product="both", monthly_income=Decimal(1), jiebei_balance=Decimal(1))
    assert read(text, intent="correct", **dict(case)).named == named


@pytest.mark.parametrize(
    "written",
    [
        "花呗欠9800！！！借呗欠两万。。。。。房租1500，水电250，能延期吗？？？",
        "😭😭😭 花呗 欠 9800 ，借呗欠两万 ，房租1500 水电250",
        "花唄欠9800，借唄欠兩萬，房租1500，水電250",
        "啊啊啊啊啊啊花呗欠9800，借呗欠两万，房租1500，水电250",
    ],
)
def test_the_spelling_moves_nothing(written: str) -> None:
    found = read(written, "monthly_income", intent="cannot_pay").values
    assert found["huabei_balance"] == 9800
    assert found["jiebei_balance"] == 20000
    assert dict(found["expense_items"]) == {"房租": 1500, "水电": 250}


# the day due


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ("没逾期 下个月10号还 生病了", date(2026, 12, 10)),
        ("下个月10号还", date(2026, 12, 10)),
        ("5号还了500", None),
    ],
)
def test_the_day_on_which_one_pays_is_the_day_due(said: str, due: date | None) -> None:
    assert read(said).values.get("due_date") == due


def test_the_31st_of_what_is_not_overdue_is_the_last_day_of_a_shorter_month() -> None:
    last = date(2026, 10, 31)
    told = Heard("31号到期", "inform", (Entity("date", 0, 3, last.isoformat()),), TODAY)
    words = Voice(current_knowledge()).words(Case())
    found = read_values(told, "due_date", None, Case(overdue="no"), words).values
    assert found["due_date"] == date(2026, 11, 30)


# rates


@pytest.mark.parametrize(
    ("said", "huabei", "jiebei"),
    [
        ("花呗年利率是14.6%，借呗的日利率万分之五", "0.146", "0.1825"),
        ("年利率花呗14.6%，借呗18%", "0.146", "0.18"),
        ("花呗年化14.6%和借呗年化18%", "0.146", "0.18"),
        ("借呗，年利率18%", None, "0.18"),
        ("花呗日利率0.05%", "0.1825", None),
        ("花呗首付30%，年利率借呗18%", None, "0.18"),
        ("花呗日利率万分之五，借呗万分之四", "0.1825", "0.146"),
        ("年利率都是15%", "0.15", "0.15"),
    ],
)
def test_each_rate_is_of_its_own_product(
    said: str, huabei: str | None, jiebei: str | None
) -> None:
    values = read(said, product="both").values
    told = {"huabei_rate": huabei, "jiebei_rate": jiebei}
    expected = {name: Decimal(rate) for name, rate in told.items() if rate}
    assert {n: v for n, v in values.items() if n.endswith("_rate")} == expected


def test_a_rate_of_either_product_is_asked_for() -> None:
    reading = read("年利率18%", product="both")
    assert not reading.values
    assert reading.named == "huabei_rate"
    assert read("18%", "huabei_rate", product="both").values == {
        "huabei_rate": Decimal("0.18")
    }


# revision


KNOWN = Case(overdue="yes", days_overdue=45, recorded_on=date(2026, 11, 1))


@pytest.mark.parametrize(
    ("case", "values", "expected"),
    [
        (Case(), {"days_overdue": 45}, {"days_overdue": 45, "recorded_on": TODAY}),
        (KNOWN, {"days_overdue": 50}, {"days_overdue": 50, "recorded_on": TODAY}),
        (
            KNOWN,
            {"due_date": date(2026, 10, 9)},
            {
                "due_date": date(2026, 10, 9),
                "days_overdue": None,
                "recorded_on": None,
            },
        ),
        (KNOWN, {"overdue": "no"}, {"days_overdue": None, "recorded_on": None}),
        (
            Case(overdue="yes", due_date=date(2026, 10, 9)),
            {"overdue": "no"},
            {"due_date": None},
        ),
        (
            Case(overdue="no", due_date=date(2026, 12, 9)),
            {"overdue": "no"},
            {"due_date": date(2026, 12, 9)},
        ),
        (
            Case(expense_items=(("房租", Decimal(1500)), ("吃饭", Decimal(1200)))),
            {"essential_expenses": Decimal(3000)},
            {"essential_expenses": Decimal(3000), "expense_items": ()},
        ),
    ],
)
def test_a_new_value_voids_what_it_replaces(
    case: Case, values: dict[str, Any], expected: dict[str, Any]
) -> None:
    new = revised(case, values, TODAY)
    assert {name: getattr(new, name) for name in expected} == expected


# what frightened people wrote, and what was taken wrongly of it


@pytest.mark.parametrize(
    ("text", "asked", "values"),
    [
        ("没有 还差五天", "overdue", {"overdue": "no", "due_date": date(2026, 11, 28)}),
        ("还有五天到期", None, {"overdue": "no", "due_date": date(2026, 11, 28)}),
        ("还差两千", "overdue", {}),
        ("逾期五天还剩两千没还", None, {"overdue": "yes", "days_overdue": 5}),
        ("主要是家里老人住院", "hardship", {"hardship": "illness"}),
        ("要是我生病了呢", "hardship", {}),
        ("没上班", "monthly_income", {"monthly_income": 0}),
        ("没有，靠父母", "monthly_income", {"monthly_income": 0}),
        ("没有固定收入", "monthly_income", {}),
        ("以前8000现在3000", "monthly_income", {"monthly_income": 3000}),
        ("5500到手5000", "monthly_income", {"monthly_income": 5000}),
        ("税前6000到手5000", "monthly_income", {"monthly_income": 5000}),
        ("上个月发了8000这个月3000", "monthly_income", {"monthly_income": 3000}),
        ("上个月3000", "monthly_income", {"monthly_income": 3000}),
        ("底薪3000提成1000", "monthly_income", {"monthly_income": 4000}),
        ("老婆3000我2000", "monthly_income", {"monthly_income": 5000}),
        ("税后5500", "monthly_income", {"monthly_income": 5500}),
        ("最低还款500 总共9800", "huabei_balance", {"huabei_balance": 9800}),
        ("总额度2万用了9800", "huabei_balance", {"huabei_balance": 9800}),
        ("上期2000这期3000", "huabei_balance", {"huabei_balance": 5000}),
        ("利息2000", "huabei_balance", {}),
        ("12000，5000", "huabei_balance", {}),
        (
            "两个月零五天",
            "days_overdue",
            {"days_overdue": 65, "overdue": "yes"},
        ),
        ("去年10月", "days_overdue", {}),
        ("税后5500", "days_overdue", {"monthly_income": 5500}),
        ("每月10号", "due_date", {"due_date": date(2026, 12, 10)}),
        ("每个月25号还", "due_date", {"due_date": date(2026, 11, 25)}),
        ("工资拖欠", "hardship", {"hardship": "pay_cut"}),
        ("以贷养贷滚雪球了", "hardship", {"hardship": "other"}),
        ("快了", "overdue", {"overdue": "no"}),
        ("刚过", "overdue", {"overdue": "yes"}),
        ("分60期", "goal", {"goal": "lower_payment"}),
        ("晚几个月", "goal", {"goal": "extension"}),
        ("不要利息", "goal", {"goal": "waiver"}),
        ("全部4100", "essential_expenses", {"essential_expenses": 4100}),
        ("一个月她给我3000", "monthly_income", {"monthly_income": 3000}),
        ("我收入没有3000", None, {}),
        ("一共欠2万，花呗8千，不对，花呗9千", None, {"huabei_balance": 9000}),
        ("花呗没有8000，只有5000", None, {"huabei_balance": 5000}),
        (
            "工资3500 前夫给抚养费1000",
            "monthly_income",
            {"monthly_income": 4500},
        ),
        (
            "花呗8000 借呗5000 不对 花呗是5000 借呗是8000",
            None,
            {"huabei_balance": 5000, "jiebei_balance": 8000},
        ),
        (
            "收入5000，开支4000，说错了，收入6000，开支3000",
            None,
            {"monthly_income": 6000, "essential_expenses": 3000},
        ),
    ],
)
def test_what_people_in_a_hurry_say(
    text: str, asked: str | None, values: dict[str, Any]
) -> None:
    reading = read(text, asked, product="both", hardship=None)
    found = {n: v for n, v in reading.values.items() if n != "expense_items"}
    beside = {"hardship"} if asked != "hardship" else set()
    assert {n: v for n, v in found.items() if n not in beside} == values


RENT_AND_FOOD = (("房租", Decimal(1000)), ("吃饭", Decimal(1500)))


@pytest.mark.parametrize(
    ("text", "known", "total", "items"),
    [
        ("孩子学费还有800", (), 3300, {}),
        (
            "还有水电200",
            RENT_AND_FOOD,
            2700,
            {"房租": 1000, "吃饭": 1500, "水电": 200},
        ),
        ("开支也错了 3000", RENT_AND_FOOD, 3000, {}),
        (
            "加起来2800吧 房租1000 吃饭1200 加油600",
            (),
            2800,
            {"房租": 1000, "吃饭": 1200, "加油": 600},
        ),
    ],
)
def test_expenses_told_after_others(
    text: str, known: Any, total: int, items: dict[str, int]
) -> None:
    told = read(text, essential_expenses=Decimal(2500), expense_items=known).values
    assert told["essential_expenses"] == total
    assert dict(told["expense_items"]) == items


def test_one_expense_alone_is_not_the_whole() -> None:
    assert read("孩子兴趣班800").values.keys() == {"expense_items"}
    asks = read("孩子兴趣班800", essential_expenses=Decimal(2500))
    assert (asks.values, asks.named) == ({}, "essential_expenses")


MORTGAGE = (("房贷", Decimal(3000)),)
BOTH_LOANS = (*MORTGAGE, ("车贷", Decimal(1000)))


@pytest.mark.parametrize(
    ("text", "known", "total", "items"),
    [
        ("房贷3000", (), 3000, MORTGAGE),
        ("每月车贷1500 抚养费800", (), 2300, None),
        ("还有车贷1000", MORTGAGE, 4000, BOTH_LOANS),
        ("车贷1000", MORTGAGE, 4000, BOTH_LOANS),
        ("房贷2800", BOTH_LOANS, 3800, None),
        ("没有房贷了", BOTH_LOANS, 1000, None),
        ("没有房贷车贷", BOTH_LOANS, 0, ()),
        ("没房贷", (), 0, ()),
        ("房贷车贷一共4000", (), 4000, ()),
        ("房贷车贷一共4500", BOTH_LOANS, 4500, ()),
    ],
)
def test_what_is_paid_first_is_kept_one_by_one(
    text: str, known: Any, total: int, items: Any
) -> None:
    before = sum((sum_ for _, sum_ in known), Decimal(0)) if known else None
    told = read(text, priority_payments=before, priority_items=known).values
    assert told["priority_payments"] == total
    assert items is None or told["priority_items"] == items


def test_a_loan_beside_a_sum_of_several_is_asked_about() -> None:
    assert read("车贷1000", priority_payments=Decimal(4000)).named == (
        "priority_payments"
    )
    told = read("还有车贷1000", priority_payments=Decimal(4000)).values
    assert told["priority_payments"] == 5000


def test_several_fields_that_are_wrong() -> None:
    known = Case(
        product="both",
        huabei_balance=Decimal(9800),
        jiebei_balance=Decimal(20000),
        monthly_income=Decimal(5500),
        essential_expenses=Decimal(4100),
    )
    both = read("收入和开支都不对", intent="correct", **dict(known))
    assert (both.named, both.wrong) == ("monthly_income", ("essential_expenses",))
    sums = read("金额都错了", intent="correct", **dict(known))
    assert (sums.named, sums.wrong) == ("huabei_balance", ("jiebei_balance",))


def test_a_talk_with_customer_service_is_no_day_due() -> None:
    told = read("昨天打了客服电话 说要等三个工作日", "overdue").values
    assert told == {"contacted": "昨天打了客服电话 说要等三个工作日"}


def test_the_words_before_an_expense_are_not_its_name() -> None:
    told = read("嗯嗯 我还失业了 房租 1500 吃饭 1200").values
    assert [name for name, _ in told["expense_items"]] == ["房租", "吃饭"]


FOOD = (("吃饭", Decimal(800)),)


@pytest.mark.parametrize(
    ("text", "total"),
    [("水电200 交通100", 1100), ("就这些", 800), ("没有了", 800), ("2000", 2000)],
)
def test_the_expenses_go_on_where_they_were_begun(text: str, total: int) -> None:
    told = read(text, "essential_expenses", expense_items=FOOD).values
    assert told["essential_expenses"] == total


def test_both_products_by_other_words() -> None:
    for said in ("两边都有", "两种都欠", "全部"):
        assert read(said, "product").values == {"product": "both"}, said


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("每天200", "monthly_income"),
        ("150一天", "monthly_income"),
        ("一年5万", "monthly_income"),
        ("十五块一小时", "monthly_income"),
        ("房租800，吃饭每天30", "essential_expenses"),
        ("房租一年12000", "essential_expenses"),
    ],
)
def test_what_is_told_for_a_day_or_a_year_is_no_month(text: str, asked: str) -> None:
    reading = read(text, asked)
    assert reading.other_period
    assert not reading.values.keys() & {asked, "expense_items"}


def test_that_the_lender_is_wrong_names_none() -> None:
    assert "lender" not in read("放款机构说错了", "lender").values
    assert read("某某银行", "lender").values["lender"] == "某某银行"

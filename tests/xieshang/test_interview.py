"""The registration without Rasa: what is read of a message, and whole random talks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.case_talks import TODAY, Plan, plans, run
from xieshang.case.contacts import (
    AGREED,
    REFUSED,
    contact_key,
    is_paid,
    read_contact,
)
from xieshang.case.draft import Draft
from xieshang.case.heard import Heard
from xieshang.case.intake import Reading, read_values
from xieshang.case.interview import Interview
from xieshang.case.record import Case
from xieshang.case.revision import revised
from xieshang.case.turn import Outcome
from xieshang.case.voice import Voice
from xieshang.case.yes_no import says_no, says_yes
from xieshang.knowledge import current_knowledge
from xieshang.language.entities import Entity, extract
from xieshang.language.lexicon import Lexicon
from xieshang.language.normalize import normalizer
from xieshang.settings import ROOT

DAYS_KEPT = 180


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    return Lexicon.read(ROOT / "data/lexicon")


def hear(text: str, intent: str = "inform") -> Heard:
    """A message as the pipeline and the actions hand it over."""
    read = normalizer().normalize(text)
    entities = tuple(extract(read, TODAY, lexicon()))
    return Heard(read, intent, entities, TODAY, written=text)


def read(text: str, asked: str | None = None, **known: Any) -> Reading:
    """What is read of a message.

    Args:
        text: the message.
        asked: the question before it.
        known: fields of the case; intent of the message; last field told.
    """
    intent, last = known.pop("intent", "inform"), known.pop("last", None)
    case = Case(**known)
    words = Voice(current_knowledge()).words(case)
    return read_values(hear(text, intent), asked, last, case, words)


# whole talks


class Spoken:
    """A talk with the interview; its answers are only looked at for the end."""

    def __init__(self) -> None:
        self.draft = Draft()
        self.confirmed = False
        self._interview = Interview(current_knowledge(), DAYS_KEPT)
        self._asks = False
        self._before: list[Heard] = []
        self.said: list[str] = []

    @property
    def asked(self) -> str | None:
        return self.draft.asked

    @property
    def pending(self) -> str | None:
        return str(self.draft.pending["kind"]) if self.draft.pending else None

    @property
    def missing(self) -> list[str]:
        return [name for name, value in self.draft.case if value in (None, ())]

    def say(self, text: str, intent: str) -> None:
        message = hear(text, intent)
        if not self._asks and intent == "start_case":
            turn = self._interview.begin(self.draft, message)
        elif self._asks:
            # as the slots hold it between two turns
            draft = Draft.from_slots(self.draft.to_slots())
            turn = self._interview.step(draft, message, self._before)
        else:
            self._before.append(message)
            return
        assert turn.replies or turn.outcome in (Outcome.ANSWER, Outcome.CONFIRM)
        self.said += [text, *(reply.text for reply in turn.replies)]
        self.draft, self._asks = turn.draft, not turn.ends
        self.confirmed = turn.outcome is Outcome.CONFIRM


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans())
def test_a_random_talk_ends_with_the_facts(plan: Plan) -> None:
    talk = Spoken()
    run(plan, talk)
    assert talk.draft.case == plan.facts.case, "\n".join(talk.said)


def test_what_is_said_of_a_confirmed_case_makes_a_new_version_of_it() -> None:
    talk = Spoken()
    for text, intent in [
        ("开始登记", "start_case"),
        ("同意", "affirm"),
        ("花呗9800，逾期45天了，失业了，工资5500，每月开销4100", "inform"),
        ("想延期", "ask_extension"),
        ("对", "affirm"),
    ]:
        talk.say(text, intent)
    assert talk.confirmed
    told = hear("说错了，收入是6000", "correct")
    turn = Interview(current_knowledge(), DAYS_KEPT).begin(talk.draft, told)
    assert turn.draft.case == talk.draft.case.with_values(monthly_income=Decimal(6000))
    assert turn.draft.pending == {"kind": "submit"}


# intake


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


# odd values


def started() -> Spoken:
    talk = Spoken()
    talk.say("开始登记", "start_case")
    talk.say("同意", "affirm")
    return talk


def test_an_odd_value_waits_while_other_things_are_told() -> None:
    talk = started()
    talk.say("花呗欠98万", "inform")
    talk.say("失业了", "inform")
    assert talk.pending == "odd"
    assert talk.draft.case.hardship == "unemployment"
    talk.say("对", "affirm")
    assert talk.draft.case.huabei_balance == 980_000


def test_the_parts_of_an_odd_sum_wait_with_it() -> None:
    talk = started()
    talk.say("花呗，月薪1000，房租3000吃饭1200", "inform")
    assert talk.pending == "odd"
    assert not talk.draft.case.expense_items
    talk.say("对", "affirm")
    assert talk.draft.case.essential_expenses == 4200
    assert dict(talk.draft.case.expense_items) == {"房租": 3000, "吃饭": 1200}


def test_a_bare_correction_is_of_the_odd_value() -> None:
    talk = started()
    talk.say("两个都有，花呗欠5000", "inform")
    talk.say("98万", "inform")
    assert talk.pending == "odd"
    talk.say("不对，是9800", "correct")
    assert talk.draft.case.huabei_balance == 5000
    assert talk.draft.case.jiebei_balance == 9800


def test_an_odd_value_told_before_consent_is_asked_about() -> None:
    talk = Spoken()
    talk.say("我花呗欠了30万", "cannot_pay")
    talk.say("开始登记", "start_case")
    talk.say("同意", "affirm")
    assert talk.pending == "odd"
    talk.say("对", "affirm")
    assert talk.draft.case.huabei_balance == 300_000


def test_an_odd_correction_outlives_a_stop() -> None:
    talk = started()
    talk.say("花呗欠5000", "inform")
    talk.say("不对，花呗是30万", "correct")
    talk.say("停", "stop")
    talk.say("继续登记", "start_case")
    assert talk.pending == "odd"


def test_a_sum_too_small_to_live_on_is_asked_about() -> None:
    talk = started()
    talk.say("花呗欠9800，逾期30天，失业了", "inform")
    assert talk.asked == "monthly_income"
    talk.say("5.500", "inform")
    assert talk.pending == "odd"
    talk.say("不对，是5500", "correct")
    assert talk.draft.case.monthly_income == 5500


@pytest.mark.parametrize("said", ["没什么开支", "没有", "我现在没啥花销", "0"])
def test_no_expenses_are_asked_about_once_more(said: str) -> None:
    talk = started()
    talk.say("花呗欠9800，逾期30天，失业了，月薪5500", "inform")
    assert talk.asked == "essential_expenses"
    talk.say(said, "inform")
    assert talk.draft.doubted["essential_expenses"] == 0
    talk.say("对", "affirm")
    assert talk.draft.case.essential_expenses == 0


# the short cut


def test_to_go_on_after_the_first_offer_asks_for_the_rest() -> None:
    talk = Spoken()
    talk.say("开始登记", "start_case")
    talk.say("同意，先粗算一下", "affirm")
    talk.say("月薪5500，每月开销4100，花呗欠9800", "inform")
    assert talk.pending == "more"
    talk.say("先到这里", "deny")
    talk.say("继续登记", "start_case")
    assert talk.asked == "overdue"


# wishes


def test_another_wish_at_the_summary_is_no_yes() -> None:
    talk = started()
    talk.say("花呗欠9800，还没逾期，2026年12月24日到期，失业了", "inform")
    talk.say("月薪5500，每月开销4100，想每月少还点", "inform")
    assert talk.pending == "submit"
    talk.say("嗯，想延期", "inform")
    assert not talk.confirmed
    assert talk.draft.case.goal == "extension"


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


# yes and no


@pytest.mark.parametrize(
    "text",
    [
        "对",
        "是的",
        "嗯嗯",
        "好的",
        "没错",
        "没问题",
        "对，整理方案",
        "同意，登记完整方案",
        "都对",
        "可以",
        "確認",
        "OK",
        "对的，就这样吧",
    ],
)
def test_yes(text: str) -> None:
    assert says_yes(hear(text, "nlu_fallback"))
    assert not says_no(hear(text, "nlu_fallback"))


@pytest.mark.parametrize(
    "text",
    [
        "不对",
        "不是",
        "不同意",
        "不要",
        "算了",
        "好像不对",
        "对不起，不对",
        "有要改的",
        "嗯……不行",
    ],
)
def test_no(text: str) -> None:
    assert says_no(hear(text, "nlu_fallback"))
    assert not says_yes(hear(text, "nlu_fallback"))


@pytest.mark.parametrize(
    "text", ["对了，会上征信吗", "好久没还了", "是不是要等", "谢谢", "等一下", "5500"]
)
def test_neither_yes_nor_no(text: str) -> None:
    assert not says_yes(hear(text, "nlu_fallback"))
    assert not says_no(hear(text, "nlu_fallback"))


# contacts


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("我今天打了95188,他们说三天内回复", None),
        ("昨天联系了花呗客服，让我等通知", None),
        ("客服不同意延期", REFUSED),
        ("打了电话，对方拒绝了", REFUSED),
        ("客服同意分12期了", AGREED),
        ("和客服谈成了", AGREED),
    ],
)
def test_a_contact_is_told(text: str, status: str | None) -> None:
    contact = read_contact(hear(text))
    assert contact is not None
    assert contact.status == status
    assert contact.text == text


@pytest.mark.parametrize(
    "text",
    [
        "客服会同意吗",
        "怎么联系花呗客服",
        "我还没打电话",
        "如果他们不同意怎么办",
        "花呗欠9800",
    ],
)
def test_no_contact_is_told(text: str) -> None:
    assert read_contact(hear(text)) is None


def test_a_contact_is_kept_once_a_day() -> None:
    contact = read_contact(hear("打了95188，说等三天"))
    assert contact is not None
    next_day = date(2026, 11, 24)
    assert contact_key(contact, TODAY) == contact_key(contact, TODAY)
    assert contact_key(contact, TODAY) != contact_key(contact, next_day)


@pytest.mark.parametrize(
    "text", ["已经还清了", "我昨天全部结清了，谢谢", "花呗借呗都还清了", "都还完啦"]
)
def test_who_tells_that_all_is_paid(text: str) -> None:
    assert is_paid(hear(text), Case(product="both"))


@pytest.mark.parametrize(
    "text",
    [
        "花呗还清了",
        "还清了征信多久恢复",
        "还没还清",
        "他们说还清了就撤诉",
        "这期还了",
        "还清了以后呢",
    ],
)
def test_what_is_not_yet_all_paid(text: str) -> None:
    assert not is_paid(hear(text), Case(product="both"))
    # The only debt that there is, is all.
    assert is_paid(hear("花呗还清了"), Case(product="huabei"))

"""The registration without Rasa: whole random talks, odd values, yes, no, contacts."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from tests.case_talks import TODAY, Plan, plans, run
from tests.spoken import DAYS_KEPT, Spoken, hear, started
from xieshang.case.contacts import (
    AGREED,
    REFUSED,
    contact_key,
    is_paid,
    read_contact,
)
from xieshang.case.interview import Interview
from xieshang.case.record import Case
from xieshang.case.yes_no import says_no, says_yes
from xieshang.knowledge import current_knowledge

# whole talks


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


# odd values


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


# what was done wrongly


def complete() -> Spoken:
    talk = started()
    talk.say("花呗欠9800借呗2万,逾期45天,失业了,每月能有5500", "inform")
    talk.say("房租吃饭这些要4100，想延期", "inform")
    assert talk.pending == "submit"
    return talk


def test_all_that_is_wrong_is_asked_for_anew() -> None:
    talk = complete()
    talk.say("收入和开支都不对", "correct")
    talk.say("6000", "inform")
    assert talk.asked == "essential_expenses"
    talk.say("3000", "inform")
    assert talk.pending == "submit"
    assert talk.draft.case.monthly_income == 6000
    assert talk.draft.case.essential_expenses == 3000


def test_starting_over_that_is_declined_leaves_a_confirmed_case_as_it_is() -> None:
    talk = complete()
    talk.say("对", "affirm")
    interview = Interview(current_knowledge(), DAYS_KEPT)
    asked = interview.begin(talk.draft, hear("重新开始", "restart"))
    assert asked.draft.pending == {"kind": "restart"}
    kept = interview.step(asked.draft, hear("不清空", "deny"))
    assert kept.ends
    assert kept.draft.state == "confirmed"
    assert kept.draft.case == talk.draft.case
    assert len(kept.replies) == 1


@pytest.mark.parametrize("said", ["先到这里", "再说吧", "以后再说", "那先到这吧"])
def test_words_that_leave_it(said: str) -> None:
    talk = started()
    talk.say("花呗欠9800", "inform")
    turn = Interview(current_knowledge(), DAYS_KEPT).step(
        talk.draft, hear(said, "nlu_fallback")
    )
    assert turn.ends
    assert turn.draft.case == talk.draft.case


@pytest.mark.parametrize(
    ("said", "help_"),
    [
        ("不懂你问的啥", "照您知道的答"),
        ("你问的是什么", "照您知道的答"),
        ("什么意思", "照您知道的答"),
        ("老婆给的算收入吗", "家里每月给的"),
    ],
)
def test_questions_about_the_question(said: str, help_: str) -> None:
    talk = started()
    talk.say("花呗欠9800，逾期30天，失业了", "inform")
    assert talk.asked == "monthly_income"
    talk.say(said, "out_of_scope_other")
    assert help_ in talk.said[-2]
    assert talk.asked == "monthly_income"


def test_to_correct_without_saying_what_is_told_how() -> None:
    talk = started()
    talk.say("花呗欠9800，逾期30天，失业了", "inform")
    talk.say("有要改的", "correct")
    assert "直接说要改的" in talk.said[-2]
    assert talk.asked == "monthly_income"


def test_a_part_that_refuses_something_else_refuses_no_consent() -> None:
    talk = Spoken()
    talk.say("开始登记", "start_case")
    talk.say("吃饭800房租自己家的不用", "inform")
    assert talk.asked == "consent"
    talk.say("算了，登记吧", "stop")
    assert talk.asked == "consent"


@pytest.mark.parametrize("left", [False, True])
def test_an_open_registration_is_exported_in_the_chat(left: bool) -> None:
    talk = started()
    talk.say("花呗欠9800，逾期30天，房贷3000", "inform")
    if left:
        talk.say("停", "stop")
    interview = Interview(current_knowledge(), DAYS_KEPT)
    message = hear("导出我的数据", "ask_summary")
    turn = (interview.begin if left else interview.step)(talk.draft, message)
    data = json.loads(turn.replies[0].text.partition("\n")[2])
    assert Case.from_slots(data) == talk.draft.case
    assert not turn.ends


def test_an_expense_told_early_is_noted_and_shown_when_they_are_asked_for() -> None:
    talk = started()
    talk.say("花呗欠9800，逾期30天，失业了", "inform")
    talk.say("吃饭800", "inform")
    assert "记下了：吃饭 800 元。" in talk.said
    talk.say("5500", "inform")
    assert "已经记下吃饭 800 元" in talk.said[-1]


def test_to_look_at_the_data_is_no_waiting() -> None:
    talk = started()
    talk.say("花呗欠9800", "inform")
    talk.say("查看我的数据", "ask_summary")
    assert any("目前填了" in text for text in talk.said)


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


def test_a_daily_wage_is_asked_for_by_the_month() -> None:
    talk = started()
    talk.say("花呗欠9800，逾期30天，失业了", "inform")
    talk.say("每天200", "inform")
    assert "按一个月说" in talk.said[-2]
    assert talk.asked == "monthly_income"
    assert talk.draft.case.monthly_income is None

"""What is said about offers: every figure, and no sum above the share to be said."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from xieshang.case.offers import read_offers
from xieshang.case.record import Case, OtherDebt
from xieshang.documents.checkup import Checkup
from xieshang.knowledge import load_knowledge
from xieshang.language.entities import EntityReader
from xieshang.language.lexicon import Lexicon
from xieshang.settings import ROOT

TODAY = date(2026, 11, 23)
READER = EntityReader(Lexicon.read(ROOT / "data/lexicon"))
KNOWLEDGE = load_knowledge()
D = Decimal
BOTH = Case(
    product="both",
    huabei_balance=D(9800),
    jiebei_balance=D(20000),
    overdue="yes",
    due_date=date(2026, 10, 9),
    monthly_income=D(5500),
    essential_expenses=D(4100),
    other_debts=(OtherDebt("信用卡", D(6200)),),
)
# Shares 343, 700 and 217 of 1,260.
JIEBEI = BOTH.with_values(product="jiebei", huabei_balance=None, other_debts=())
ZERO = JIEBEI.with_values(monthly_income=D(3000), essential_expenses=D(3600))


def examined(text: str, case: Case = JIEBEI) -> str:
    """Everything that is said about the offers of a message."""
    offers = read_offers(text, READER.read(text, TODAY), case.product, asked=True)
    assert offers, f"no offer in {text}"
    return "\n".join(Checkup(KNOWLEDGE, case, TODAY).messages(offers))


def to_say(said: str) -> str:
    """The sentences that are to be said to customer service."""
    return said[said.index("可以这样说") :]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            # 24 x 980; numpy_financial.irr of -20000, 24 x 980: 1.3403 % a month
            "他们说分24期每期980",
            (
                "借呗分 24 期，每期 980 元",
                "一共付 23,520 元，比现在的欠款多 3,520 元",
                "年利率约 16.08%（按月复利约 17.32%），按欠款 20,000 元算",
                "不超过这家能分到的 1,260 元",
                "这个方案我还得起",
            ),
        ),
        (
            "只肯分12期每个月1830",
            ("一共付 21,960 元", "多 1,960 元", "还不起：超过您每月总共能还的 1,260"),
        ),
        (
            # irr of -(20000 - 3000), 24 x 800: 0.9974 % a month
            "先还3000,剩下24期每期800",
            ("先付 3,000 元", "一共付 22,200 元", "年利率约 11.97%", "少付或不付"),
        ),
        ("减免利息一次还清18000", ("一次付 18,000 元了结", "比现在的欠款少 2,000 元")),
    ],
)
def test_figures_of_an_offer(text: str, expected: tuple[str, ...]) -> None:
    said = examined(text)
    for part in expected:
        assert part in said


def test_the_principal_that_is_known_is_held_beside() -> None:
    said = examined(
        "他们说分24期每期980", JIEBEI.with_values(jiebei_principal=D(18500))
    )
    assert "比现在的欠款多 3,520 元，比本金多 5,020 元" in said


def test_nothing_is_agreed_to_while_its_product_is_open() -> None:
    said = examined("他们说分24期每期980", BOTH)
    assert "每月最多给：花呗 343 元、借呗 700 元" in said
    assert "我还得起" not in said
    assert "这是花呗还是借呗的方案" in to_say(said)


def test_an_open_product_gets_no_sum_at_all() -> None:
    said = examined("只肯分12期每个月1830", BOTH)
    assert "不要答应" in said
    assert not re.search(r"\d", to_say(said))


def test_who_misses_a_balance_agrees_to_nothing() -> None:
    case = BOTH.with_values(huabei_balance=None)
    said = examined("借呗那边说分24期每期980", case)
    assert "先不要答应" in said
    assert "我还得起" not in said
    above = examined("借呗那边说分12期每期1830", case)
    assert not re.search(r"\d", to_say(above))


@pytest.mark.parametrize("monthly", [300, 343, 344, 700, 701, 1260, 1261, 5000])
@pytest.mark.parametrize("product", ["花呗", "借呗", ""])
@pytest.mark.parametrize("case", [BOTH, JIEBEI, ZERO])
def test_no_sentence_offers_more_than_the_share(
    monthly: int, product: str, case: Case
) -> None:
    share = {"花呗": 343, "借呗": 700}.get(product, 343)
    if case is not BOTH:
        share = 0 if case is ZERO or product == "花呗" else 1260
    sentence = to_say(examined(f"{product}那边说分24期每期{monthly}", case))
    offered = re.findall(r"(?:拿出|不超过) ([\d,]+) 元", sentence)
    assert all(int(sum_.replace(",", "")) <= share for sum_ in offered)
    # Beside it, only what a costly offer takes above the debt.
    others = set(re.findall(r"([\d,]+) 元", sentence)) - set(offered)
    assert others <= set(re.findall(r"一共多付 ([\d,]+) 元", sentence))
    assert ("我还得起" in sentence) <= (monthly <= share)


def test_one_payment_within_the_whole_is_held_against_the_share() -> None:
    said = examined("花呗那边说减免利息一次还清1000", BOTH)
    assert "超过这家能分到的 343 元：手上没有另外的钱就不要答应" in said
    assert "付得起：不超过这家每月能分到的 343 元" in examined(
        "花呗那边说减免利息一次还清340", BOTH
    )


def test_one_payment_that_is_out_of_reach_has_another_way() -> None:
    assert "一次付 18,000 元我拿不出来" in to_say(examined("减免利息一次还清18000"))


def test_what_an_offer_does_not_say_is_named() -> None:
    once = examined("说打七折一次性结清")
    assert "没说一共要付多少元" in once
    assert "先算能还多少" not in once
    assert "一次要付多少元" in to_say(once)
    plan = examined("他们让我今天先还3000,剩下的分24期")
    # 17,000 / 24 = 708.33, and the last one 708.41
    assert "没说每期多少元" in plan
    assert "平分、不计息，每期也要 708.41 元" in plan
    assert "先算能还多少" not in plan
    assert "已经超过能还的 1,260 元" in examined("他们说分12期")
    assert "每期也要 1,500 元" in examined("他们说剩下15000分10期")


def test_a_delay_is_held_against_the_case() -> None:
    case = JIEBEI.with_values(jiebei_rate=D("0.18"))
    said = examined("他们说延期三个月,期间利息照算", case)
    assert "延期到 2027年2月23日再还" in said
    # 20,000 x 18 % / 365 x 92 days
    assert "估算约 907.40 元" in said
    assert "一次还 20,000 元，超过每月能还的 1,260 元" in said
    assert "到期要还多少元，能不能分期" in said
    assert "计不计息？" not in said
    assert "估算约" not in examined("他们说延期三个月,期间不计息", case)
    small = JIEBEI.with_values(jiebei_balance=D(900))
    assert "没超过每月能还的 1,260 元" in examined("延期三个月", small)


def test_sums_that_are_rough_are_called_so() -> None:
    assert "大概的" in examined("他们说分36期,每个月还600多")
    assert "大概的" not in examined("他们说分36期,每个月还600")


def test_no_interest_that_costs_is_questioned() -> None:
    said = examined("批了60期,每期三百五,不收利息")
    assert "比欠款一共多付 1,000 元" in to_say(said)
    # The cents of rounding are nothing to question.
    assert "我还得起" in examined("停息挂账,分48期,每期416.67")


def test_a_costly_offer_without_balance_names_what_is_above_the_principal() -> None:
    case = JIEBEI.with_values(jiebei_balance=None, jiebei_principal=D(20000))
    said = examined("他们说分24期每期1200", case)
    assert "一共多付 8,800 元" in to_say(said)


def test_a_fee_beside_the_instalments_stays_open() -> None:
    assert "手续费、罚息一起算在内吗" in examined("他们说分24期每期980还要收5%手续费")
    assert "手续费、罚息一起算在内吗" not in examined("他们说分24期每期980,没有手续费")


def test_two_plans_of_one_debt_are_compared() -> None:
    said = examined("他们说要么一次性还18000,要么分24期980一期")
    assert "方案1（估算）" in said
    assert "方案2：每期 980 元，共 23,520 元，还得起" in said
    assert "方案1：一次付清，共 18,000 元，超过能还的数" in said
    assert "按方案1谈，可以这样说：\n“请把一次付多少" in said
    assert "按方案2谈，可以这样说：\n“这个方案我还得起" in said
    same = examined("方案一36期每月600方案二12期每月1800")
    assert "总额一样，每期少的是方案1" in same


def test_plans_of_two_debts_are_added() -> None:
    said = examined("借呗那边说24期每期980,花呗那边说12期每期850", BOTH)
    assert "比一比" not in said
    assert "两家合起来每月 1,830 元，超过您每月总共能还的 1,260 元" in said
    assert "跟借呗可以这样说：\n“我每月最多能拿出 700 元" in said
    assert "跟花呗可以这样说：\n“我每月最多能拿出 343 元" in said


def test_a_delay_beside_a_plan() -> None:
    said = examined("他们说要么延期三个月,要么分24期每期980")
    assert "方案1：延期到 2027年2月23日，欠款不变" in said


def test_a_year_and_its_payment_are_one_plan() -> None:
    said = examined("客服说一年还清,每月1850")
    assert "分 12 期，每期 1,850 元" in said
    assert "方案1" not in said


def test_the_letters_of_a_list_are_no_part_of_its_sums() -> None:
    said = examined("对方给我两种：a 36期每期723 b 48期每期587.5，哪个好")
    assert "方案1：每期 723 元，共 26,028 元" in said
    assert "方案2：每期 587.50 元，共 28,200 元" in said


def test_the_principal_without_penalty_is_one_payment() -> None:
    assert "一次付 9,800 元了结" in examined("免了罚息还本金9800")


@pytest.mark.parametrize(
    "text",
    ["客服说前三个月每月还300,后面每月还1200", "前6期每期500,后18期每期1200,客服说的"],
)
def test_plans_in_steps_are_not_read(text: str) -> None:
    assert read_offers(text, READER.read(text, TODAY), "jiebei") == []

"""The figures of a case, against the oracle and against what must always hold."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from xieshang.case.affordability import Budget, budget_of, pro_rata, shares_of
from xieshang.case.examination import examine
from xieshang.case.money import cents, yuan
from xieshang.case.offers import Offer
from xieshang.case.overdue import daily, days_overdue, penalty_estimate
from xieshang.case.plans import compare, least_periods, schedule
from xieshang.case.record import Case, OtherDebt
from xieshang.settings import ROOT

D = Decimal
TODAY = date(2026, 11, 23)
ORACLE = ROOT.parent / "shared/evaluation/finance_oracle.json"
CASE = Case(
    product="both",
    huabei_balance=D(9800),
    jiebei_balance=D(20000),
    due_date=date(2026, 10, 9),
    monthly_income=D(5500),
    essential_expenses=D(4100),
    other_debts=(OtherDebt("信用卡", D(6200)),),
)
POOR = CASE.with_values(monthly_income=D(3000), essential_expenses=D(3600))

sums = st.decimals("0.01", "1000000", places=2)
rates = st.decimals("0", "0.36", places=4)
lengths = st.integers(1, 120)


def test_money() -> None:
    assert [cents(D(text)) for text in ("0.005", "0.004", "998.475")] == [
        D("0.01"),
        D("0.00"),
        D("998.48"),
    ]
    assert [yuan(D(text)) for text in ("1260", "998.48", "0.1", "1234567.005")] == [
        "1,260",
        "998.48",
        "0.10",
        "1,234,567.01",
    ]


def test_budget_of_the_oracle() -> None:
    budget = budget_of(CASE)
    assert budget is not None
    assert (budget.affordable, budget.shortfall, budget.offer) == (1400, 0, 1260)


def test_shares_of_the_oracle() -> None:
    assert [(share.name_key, share.amount) for share in shares_of(CASE)] == [
        ("huabei", D(343)),
        ("jiebei", D(700)),
        ("信用卡", D(217)),
    ]


def test_rounding_of_shares() -> None:
    shares = pro_rata(D(160), [D(4550), D(6700), D(1200)])
    assert shares == [D("58.47"), D("86.11"), D("15.42")]


def test_no_surplus() -> None:
    budget = budget_of(POOR)
    assert budget is not None
    assert (budget.affordable, budget.shortfall, budget.offer) == (0, 600, 0)
    assert shares_of(POOR) == []


def test_priority_payments_come_off_first() -> None:
    budget = budget_of(CASE.with_values(priority_payments=D(900)))
    assert budget is not None
    assert (budget.affordable, budget.offer) == (500, 450)


@pytest.mark.parametrize("missing", ["monthly_income", "essential_expenses"])
def test_no_budget_without_the_values(missing: str) -> None:
    case = CASE.with_values(**{missing: None})
    assert budget_of(case) is None
    assert shares_of(case) == []


@pytest.mark.parametrize(
    "values",
    [
        {"huabei_balance": None},
        {"product": None, "huabei_balance": None, "jiebei_balance": None},
        {"huabei_balance": D(0), "jiebei_balance": D(0), "other_debts": ()},
    ],
)
def test_no_shares_without_balances(values: dict[str, Any]) -> None:
    assert shares_of(CASE.with_values(**values)) == []


def test_shares_without_a_product_go_by_the_balances() -> None:
    case = CASE.with_values(product=None, huabei_balance=None, other_debts=())
    assert [(one.name_key, one.amount) for one in shares_of(case)] == [
        ("jiebei", D(1260))
    ]


def test_a_share_is_never_above_the_balance() -> None:
    case = CASE.with_values(
        huabei_balance=D(300), jiebei_balance=D("99.99"), other_debts=()
    )
    assert [share.amount for share in shares_of(case)] == [D(300), D("99.99")]


@pytest.mark.parametrize(
    ("offer", "balances"), [(-1, [1]), (1, [2, -1]), (1, [0, 0]), (1, [])]
)
def test_what_cannot_be_divided(offer: int, balances: list[int]) -> None:
    with pytest.raises(ValueError, match="balance"):
        pro_rata(D(offer), [D(balance) for balance in balances])


@pytest.mark.parametrize(
    ("rate", "periods", "monthly", "last", "total"),
    [
        ("0.18", 12, "1833.60", "1833.61", "22003.21"),
        ("0.18", 24, "998.48", "998.55", "23963.59"),
        ("0.18", 36, "723.05", "722.94", "26029.69"),
        ("0.18", 48, "587.50", "587.52", "28200.02"),
        ("0", 24, "833.33", "833.41", "20000.00"),
        ("0", 36, "555.56", "555.40", "20000.00"),
        ("0.18", 1, "20300.00", "20300.00", "20300.00"),
    ],
)
def test_schedules(
    rate: str, periods: int, monthly: str, last: str, total: str
) -> None:
    plan = schedule(D(20000), D(rate), periods)
    assert (plan.monthly, plan.last, plan.total) == (D(monthly), D(last), D(total))


@pytest.mark.parametrize(
    ("rate", "payment", "periods"),
    [
        ("0.18", 700, 38),
        ("0.18", 300, None),
        ("0.18", "300.01", 698),
        ("0", 700, 29),
        ("0", 20000, 1),
        ("0", 0, None),
        ("0", "0.01", None),
    ],
)
def test_least_periods(rate: str, payment: Any, periods: int | None) -> None:
    assert least_periods(D(20000), D(rate), D(payment)) == periods


def test_comparison() -> None:
    rows = compare(D(20000), D("0.18"), D(700))
    assert [(row.periods, row.affordable) for row in rows] == [
        (12, False),
        (24, False),
        (36, False),
        (48, True),
        (60, True),
    ]
    assert {row.affordable for row in compare(D(20000), D("0.18"), None)} == {None}
    # The last payment of 998.55 is above it.
    assert not compare(D(20000), D("0.18"), D("998.48"), (24,))[0].affordable


@pytest.mark.parametrize(
    ("principal", "rate", "periods"), [(0, 0, 1), (-1, 0, 1), (1, -1, 1), (1, 0, 0)]
)
def test_what_is_no_plan(principal: int, rate: int, periods: int) -> None:
    with pytest.raises(ValueError):
        schedule(D(principal), D(rate), periods)


def test_overdue() -> None:
    days = days_overdue(date(2026, 10, 9), TODAY)
    assert (days, days_overdue(TODAY, TODAY)) == (45, 0)
    assert days_overdue(date(2026, 12, 9), TODAY) == 0
    assert penalty_estimate(D(9800), D("0.0005"), days) == D("220.50")
    assert penalty_estimate(D(9800), daily(D("0.1825")), days) == D("220.50")


@pytest.mark.skipif(not ORACLE.exists(), reason="the oracle is not part of the project")
def test_every_figure_of_the_oracle() -> None:
    oracle = json.loads(ORACLE.read_text("utf-8"))
    main = oracle["main"]
    expected = main["expect"]
    income = D(sum(main["income"].values()))
    essentials = D(sum(main["essentials"].values()))
    budget = Budget(income, essentials, D(main["priority_payments"]))
    assert (income, essentials) == (expected["income"], expected["essentials"])
    assert budget.affordable == expected["affordability"]
    assert budget.offer == expected["offer_total"]
    names = [debt["name"] for debt in main["debts"]]
    shares = pro_rata(budget.offer, [D(debt["balance"]) for debt in main["debts"]])
    assert {
        name: str(one) for name, one in zip(names, shares, strict=True)
    } == expected["shares"]
    huabei = main["debts"][0]
    days = days_overdue(
        date.fromisoformat(huabei["due"]), date.fromisoformat(main["today"])
    )
    assert days == expected["days_overdue_huabei"]
    assert (
        str(penalty_estimate(D(huabei["balance"]), D(huabei["daily_rate"]), days))
        == (expected["overdue_interest_estimate_huabei"])
    )
    rate = D("0.18")
    assert (
        least_periods(D(20000), rate, D(700))
        == expected["min_periods_20000_apr18_at_700"]
    )
    assert least_periods(D(20000), rate, D(300)) == expected["at_300"]
    assert (
        least_periods(D(20000), D(0), D(700))
        == expected["min_periods_20000_apr0_at_700"]
    )
    for periods, figures in expected["annuity_20000_apr18"].items():
        if periods.isdigit():
            plan = schedule(D(20000), rate, int(periods))
            assert [str(plan.monthly), str(plan.last), str(plan.total)] == figures
    for name, figures in oracle["zero_rate"].items():
        plan = schedule(D(20000), D(0), int(name.split()[0].split("/")[1]))
        assert [str(plan.monthly), str(plan.last), str(plan.total)] == figures
    rounding = oracle["prorata_rounding"]
    parts = pro_rata(D(rounding["offer"]), [D(one) for one in rounding["balances"]])
    assert [str(part) for part in parts] == rounding["shares"]
    poor = oracle["zero_or_negative"]
    budget = Budget(D(poor["income"]), D(poor["essentials"]), D(0))
    assert (budget.affordable, budget.shortfall) == (
        poor["affordability"],
        poor["shortfall"],
    )


@given(st.lists(st.one_of(st.just(D(0)), sums), min_size=1, max_size=8), sums)
def test_shares_sum_to_the_offer(balances: list[Decimal], offer: Decimal) -> None:
    assume(any(balances))
    parts = pro_rata(offer, balances)
    assert sum(parts) == offer
    total = sum(balances)
    for part, balance in zip(parts, balances, strict=True):
        assert abs(part - offer * balance / total) < D("0.01")
        assert balance or not part


@given(st.lists(sums, min_size=1, max_size=5), sums, sums)
def test_nobody_offers_more_than_is_affordable_or_owed(
    balances: list[Decimal], income: Decimal, essentials: Decimal
) -> None:
    case = CASE.with_values(
        product="huabei",
        huabei_balance=balances[0],
        other_debts=tuple(OtherDebt(str(one), one) for one in balances[1:]),
        monthly_income=income,
        essential_expenses=essentials,
    )
    shares = shares_of(case)
    budget = budget_of(case)
    assert budget is not None
    assert bool(budget.shortfall) <= (not budget.affordable)
    if shares:
        offered = sum(share.amount for share in shares)
        assert offered == min(budget.offer, sum(balances)) <= budget.affordable
        assert all(share.amount <= share.balance for share in shares)


@given(sums, rates, lengths)
def test_a_schedule_clears_the_balance(
    principal: Decimal, rate: Decimal, periods: int
) -> None:
    plan = schedule(principal, rate, periods)
    balance = paid = D(0)
    balance = principal
    for period in range(periods):
        balance += cents(balance * rate / 12)
        last = period == periods - 1
        payment = plan.last if last else min(plan.monthly, balance)
        assert payment >= 0
        balance -= payment
        paid += payment
    assert balance == 0
    assert paid == plan.total >= principal


@given(sums, rates, st.decimals("0.01", "50000", places=2))
def test_least_periods_is_least(
    principal: Decimal, rate: Decimal, payment: Decimal
) -> None:
    periods = least_periods(principal, rate, payment)
    balances = [principal]
    while balances[-1] > 0 and len(balances) <= 1200:
        owed = balances[-1] + cents(balances[-1] * rate / 12)
        balances.append(owed - payment)
    if periods is None:
        assert balances[-1] > 0
    else:
        assert balances[periods] <= 0 < balances[periods - 1]


def instalments(periods: int, monthly: str, **values: Any) -> Offer:
    return Offer(
        "instalments",
        periods=periods,
        monthly=D(monthly),
        **{"product": "jiebei", **values},
    )


def test_an_examination_of_instalments() -> None:
    case = CASE.with_values(jiebei_principal=D(19000))
    found = examine(instalments(24, "980"), case, TODAY)
    assert (found.monthly, found.total) == (980, 23520)
    assert (found.share, found.whole) == (700, 1260)
    assert (found.affordable_for_share, found.affordable_overall) == (False, True)
    assert (found.extra_over_principal, found.extra_over_balance) == (4520, 3520)
    assert (found.nominal_rate, found.effective_rate) == (D("0.1608"), D("0.1732"))
    assert found.rate_base == 20000
    assert found.until == date(2028, 11, 23)
    assert found.open_points == (
        "fees",
        "credit_record",
        "missed_date",
        "written",
        "first_payment",
    )


def test_a_first_payment_is_judged_by_itself() -> None:
    found = examine(instalments(12, "600", first=D(2000)), CASE, TODAY)
    assert (found.total, found.affordable_for_share) == (9200, True)
    assert found.first_affordable is False
    assert "first_payment" not in found.open_points
    # Less than the balance is a waiver and has no rate.
    assert (found.extra_over_balance, found.nominal_rate) == (-10800, None)


def test_a_settlement() -> None:
    offer = Offer("settlement", amount=D(18000), product="jiebei")
    found = examine(offer, CASE, TODAY)
    assert (found.total, found.monthly, found.nominal_rate) == (18000, None, None)
    assert (found.extra_over_balance, found.extra_over_principal) == (-2000, None)
    assert (found.affordable_for_share, found.affordable_overall) == (False, False)
    assert found.open_points == ("fees", "credit_record", "missed_date", "written")


@pytest.mark.parametrize(
    ("values", "due", "until"),
    [
        ({"months": 3}, None, date(2027, 2, 23)),
        ({"days": 15}, None, date(2026, 12, 8)),
        ({"months": 1}, date(2027, 1, 31), date(2027, 2, 28)),
        ({"months": 1}, date(2026, 10, 9), date(2026, 12, 23)),
        ({"until": date(2027, 1, 15)}, None, date(2027, 1, 15)),
        ({}, None, None),
    ],
)
def test_an_extension(
    values: dict[str, Any], due: date | None, until: date | None
) -> None:
    offer = Offer("extension", product="huabei", **values)
    found = examine(offer, CASE.with_values(due_date=due), TODAY)
    assert found.until == until
    assert (found.monthly, found.total, found.affordable_for_share) == (None,) * 3
    assert "interest_during_extension" in found.open_points


def test_points_that_were_named_are_not_open() -> None:
    offer = instalments(24, "980", named=frozenset({"fees", "written"}))
    assert examine(offer, CASE, TODAY).open_points == (
        "credit_record",
        "missed_date",
        "first_payment",
    )


@pytest.mark.parametrize(
    ("values", "monthly", "total"),
    [
        ({}, "833.41", 20000),
        ({"amount": D(18000)}, "750", 18000),
        ({"first": D(2000)}, "750", 20000),
    ],
)
def test_instalments_without_interest(
    values: dict[str, Any], monthly: str, total: int
) -> None:
    offer = Offer(
        "instalments", periods=24, interest_free=True, product="jiebei", **values
    )
    found = examine(offer, CASE, TODAY)
    assert (found.monthly, found.total) == (D(monthly), total)
    assert found.nominal_rate == (0 if total == 20000 else None)


def test_both_products_share_an_offer() -> None:
    found = examine(instalments(36, "1040", product="both"), CASE, TODAY)
    assert (found.share, found.affordable_for_share) == (1043, True)
    assert found.extra_over_balance == 36 * 1040 - 29800


def test_unknown_values_give_no_numbers() -> None:
    offer = instalments(24, "980")
    found = examine(offer, Case(), TODAY)
    assert (found.monthly, found.total) == (980, 23520)
    unknown = {name for name, value in vars(found).items() if value is None}
    assert unknown == {
        "share",
        "whole",
        "affordable_for_share",
        "affordable_overall",
        "first_affordable",
        "owed",
        "least_monthly",
        "delay_interest",
        "extra_over_principal",
        "extra_over_balance",
        "nominal_rate",
        "effective_rate",
        "rate_base",
    }
    # Which of two debts it is about is not known.
    assert examine(instalments(24, "980", product=None), CASE, TODAY).share is None
    # One product only: it is about that one.
    one = CASE.with_values(product="jiebei")
    assert examine(instalments(24, "980", product=None), one, TODAY).share == D(
        "961.83"
    )
    # The other balance is unknown: only the whole can be judged.
    some = examine(offer, CASE.with_values(huabei_balance=None), TODAY)
    assert (some.affordable_for_share, some.affordable_overall) == (None, True)
    # No length, no total.
    endless = examine(instalments(0, "980"), CASE, TODAY)
    assert (endless.total, endless.nominal_rate, endless.until) == (None,) * 3


def test_nothing_is_affordable_without_surplus() -> None:
    found = examine(instalments(60, "0.01"), POOR, TODAY)
    assert (found.share, found.affordable_for_share) == (0, False)
    assert found.affordable_overall is False


def test_the_principal_stands_in_for_an_unknown_balance() -> None:
    case = CASE.with_values(jiebei_balance=None, jiebei_principal=D(20000))
    found = examine(instalments(24, "998.48"), case, TODAY)
    assert (found.nominal_rate, found.rate_base) == (D("0.1800"), 20000)
    assert found.effective_rate == D("0.1956")


@given(
    st.decimals("1000", "1000000", places=2),
    st.decimals("0.01", "0.36", places=4),
    st.integers(2, 120),
)
def test_an_examination_finds_the_rate_of_a_schedule(
    principal: Decimal, rate: Decimal, periods: int
) -> None:
    plan = schedule(principal, rate, periods)
    case = CASE.with_values(jiebei_balance=principal)
    found = examine(instalments(periods, str(plan.monthly)), case, TODAY)
    assume(found.nominal_rate is not None)
    assert abs(found.nominal_rate - rate) <= D("0.0007")
    assert found.effective_rate >= found.nominal_rate


@given(
    st.decimals("1000", "1000000", places=2),
    st.decimals("0.01", "0.36", places=4),
    st.integers(1, 24),
)
def test_a_delay_lowers_the_rate(
    principal: Decimal, rate: Decimal, months: int
) -> None:
    plan = schedule(principal, rate, 24)
    case = CASE.with_values(jiebei_balance=principal)
    at_once = examine(instalments(24, str(plan.monthly)), case, TODAY)
    later = examine(instalments(24, str(plan.monthly), months=months), case, TODAY)
    assume(at_once.nominal_rate is not None)
    assert later.nominal_rate is not None
    assert later.nominal_rate < at_once.nominal_rate

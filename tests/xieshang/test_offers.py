"""Offers of customer service, in the words in which people tell them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xieshang.case.examination import examine
from xieshang.case.offers import Offer, read_offer, read_offers
from xieshang.case.record import Case
from xieshang.language.entities import EntityReader
from xieshang.language.lexicon import Lexicon
from xieshang.settings import ROOT

TODAY = date(2026, 11, 23)
READER = EntityReader(Lexicon.read(ROOT / "data/lexicon"))

# kind, then whatever else is not None, False or empty (but `named` and `divided`)
Told = dict[str, Any]


def told(text: str, product: str | None = None, asked: bool = False) -> list[Told]:
    """The offers of a message, with what was said of each."""
    offers = read_offers(text, READER.read(text, TODAY), product, asked=asked)
    return [
        {
            name: float(value) if isinstance(value, Decimal) else value
            for name, value in vars(offer).items()
            if value not in (None, False) and name not in ("named", "divided")
        }
        for offer in offers
    ]


def plan(periods: int | None = None, monthly: float | None = None, **more: Any) -> Told:
    """Instalments as `told` gives them."""
    values = {"kind": "instalments", "periods": periods, "monthly": monthly, **more}
    return {name: value for name, value in values.items() if value is not None}


def once(amount: float | None = None, **more: Any) -> Told:
    """A settlement as `told` gives it."""
    return {"kind": "settlement", **({"amount": amount} if amount else {}), **more}


def later(**more: Any) -> Told:
    """An extension as `told` gives it."""
    return {"kind": "extension", **more}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("他们说分24期每期980", plan(24, 980)),
        (
            "客服给我的方案是36期,一个月还700多",
            plan(36, 700, approximate=True),
        ),
        ("他们说停息挂账60期一期四百", plan(60, 400, interest_free=True)),
        ("客服同意分两年还,每月1000块", plan(24, 1000)),
        ("客服说每期还九百八,分24期,总共23520", plan(24, 980, amount=23520)),
        ("给我的方案每期本金833加利息147,共24期", plan(24, 980)),
        ("最多给我分三年", plan(36)),
        ("他们说还18000就结清，可以分3个月付", plan(3, amount=18000)),
        ("客服说付9000结清，分三期付也行", plan(3, amount=9000)),
        # Paid off in the end is no sum that closes the debt: interest is not said.
        ("他们说剩下的两万分24期还清", plan(24)),
        ("客服说剩余20000，分24期还清", plan(24)),
        ("客服说三天内还5000，剩下的分12期", plan(12, first=5000)),
        ("他们要我本周内先交两千，余下分24期每期500", plan(24, 500, first=2000)),
        ("客服说三天内还18000就结清", once(18000)),
        ("新方案:36期,月供723.05", plan(36, 723.05)),
        ("跟客服谈好了,分24期,一个月1020", plan(24, 1020)),
        (
            "我问了客服,最多分36期,每期还650左右",
            plan(36, 650, approximate=True),
        ),
        ("他们不同意减免,只同意分12期每期1833.6", plan(12, 1833.6)),
        ("不给停息,只能分24期每期998.48", plan(24, 998.48)),
        ("银行那边说可以分60期,每期450,没有手续费", plan(60, 450)),
        ("客服松口了,36期每期七百二", plan(36, 720)),
        ("花呗借呗一起分36期,每期1050,客服说的", plan(36, 1050, product="both")),
        ("他们给的是12期 每期1833块6", plan(12, 1833.6)),
        ("客服给出的最低方案是每个月还1200,分18期", plan(18, 1200)),
        ("花呗可以分12期,每期920,这是他们的方案", plan(12, 920, product="huabei")),
        (
            "借呗客服说可以把2万分成36期,一期723.05,总共要还26029.69",
            plan(36, 723.05, amount=26029.69, product="jiebei"),
        ),
        ("对方说能分36期,月供八百左右,可是不给减息", plan(36, 800, approximate=True)),
        ("他们报的是月还880,还2年", plan(24, 880)),
        ("那个专员让我每月存1000,存够12个月", plan(12, 1000)),
        ("客服那边给的24期1000一期我觉得高", plan(24, 1000)),
        ("谈判结果:36期×720元", plan(36, 720)),
        ("花呗借呗一块算,分36期每期1100,客服定的", plan(36, 1100, product="both")),
        ("客户经理说分24期每期980", plan(24, 980)),
        ("客服说一年还清,每月1850", plan(12, 1850)),
        ("免了罚息还本金9800", once(9800)),
        ("客服说免息分24期", plan(24, interest_free=True)),
        ("客服说本金2万分24期不计息", plan(24, amount=20000, interest_free=True)),
        (
            "借呗欠2万,客服说分24期每期980,我工资才3000",
            plan(24, 980, product="jiebei"),
        ),
        # a first payment
        (
            "借呗那边让我先还2000剩下分12期每期800",
            plan(12, 800, first=2000, product="jiebei"),
        ),
        ("客服要我先还一千,后面11期每期600", plan(11, 600, first=1000)),
        ("客服让我首付3000剩下60期一期四百", plan(60, 400, first=3000)),
        ("协商下来是首期还1500,之后每月860还23个月", plan(23, 860, first=1500)),
        (
            "他们让我先把花呗还3000,然后剩的6800分6期",
            plan(6, first=3000, product="huabei"),
        ),
        # one payment
        ("减免利息一次还清18000", once(18000)),
        ("减免利息,一次还清18000", once(18000)),
        ("减免利息后只用还18000", once(18000)),
        ("客服答应减5000,剩15000一次性付清", once(15000)),
        ("他们说只还本金18000就行", once(18000, interest_free=True)),
        ("客服说如果一次还18000就减免利息", once(18000)),
        ("打了95188,说打八折一次结清", once()),
        ("调解中心说借呗还15000两清", once(15000, product="jiebei")),
        ("客服说罚息全免,还本金9800结清", once(9800)),
        (
            "客服让我月底前一次性还清15000,剩下的利息给我免了",
            once(15000, until=date(2026, 11, 30)),
        ),
        ("人家说了 要还就一次性还1万7 剩下的免了", once(17000)),
        ("客服只同意减掉2000,余下18000一个月内付清", once(18000)),
        # a delay
        ("同意延期三个月", later(months=3)),
        ("客服说最多给我宽限15天", later(days=15)),
        ("客服说可以延到下个月15号", later(until=date(2026, 12, 15))),
        (
            "昨天打电话,客服说给我办展期,展到明年3月1号",
            later(until=date(2027, 3, 1)),
        ),
        ("他们同意延后两期还款", later(months=2)),
        ("支付宝说可以缓三个月再还", later(months=3)),
        ("说我这个情况可以晚两个月再还", later(months=2)),
        ("他们让我今天先还500,剩下的延期两个月", later(months=2, first=500)),
        ("客服同意给我延期一个半月", later(days=45)),
        ("客服同意延期了", later()),
        # what the person asked for was assented to
        ("我想分24期每期980,他们同意了", plan(24, 980)),
        ("申请延期三个月,通过了", later(months=3)),
        # what to think of it is asked, not whether it is so
        ("客服说分24期每期980合适吗", plan(24, 980)),
        ("客服让我一次还清18000,划算不?", once(18000)),
        ("他们说分24期每期980能答应吗", plan(24, 980)),
    ],
)
def test_an_offer(text: str, expected: Told) -> None:
    assert told(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "他们说要么一次性还18000,要么分24期980一期",
            [once(18000), plan(24, 980)],
        ),
        (
            "他给我两个选择:一次还清16000;或者分24期每期900",
            [once(16000), plan(24, 900)],
        ),
        (
            "花呗那边12期每期900,借呗那边24期每期980",
            [plan(12, 900, product="huabei"), plan(24, 980, product="jiebei")],
        ),
        ("方案一24期每月980方案二36期每月700", [plan(24, 980), plan(36, 700)]),
        (
            "官方给了两个方案,一个是24期每期998,一个是36期每期723",
            [plan(24, 998), plan(36, 723)],
        ),
        (
            "24期和36期两种,24期每月998,36期每月723,客服让我选",
            [plan(24, 998), plan(36, 723)],
        ),
    ],
)
def test_two_offers(text: str, expected: list[Told]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        # wishes and suppositions
        "我想分24期",
        "我想让客服给我分36期每期700",
        "希望他们能减免利息一次还清18000",
        "我想减免利息一次还清18000",
        "如果他们同意分24期每期980我就还",
        "我跟客服说分24期每期980",
        "我打算跟他们谈分36期每期700,你看行吗",
        "打算一次还清18000",
        # questions
        "能分24期吗",
        "客服能给我分24期吗",
        "客服能给我延期三个月可以吗",
        "花呗那边会同意延期三个月吗",
        "能不能一次还清18000减免利息",
        "最多能分几期？36期？",
        "要是分24期每期980我还得起吗",
        "客服可能会给我分24期",
        "你帮我算分24期每期多少",
        "蚂蚁借呗推迟一天还款可以吗",
        # the person's own means and debts
        "我每月能还980",
        "一个月最多能还800",
        "花呗最多给他们400一个月",
        "借呗欠20000,每月还980",
        "我借呗原来是分24期每期980",
        "借呗还有12期没还",
        "我工资5500房租1500",
        # refusals
        "客服不同意分24期",
        "他们说不能延期三个月",
        "他们没同意延期两个月",
        "我跟客服说想分24期每期980,他们不同意",
        "我提了36期每期700,客服说做不到",
        "每个月还五百他们嫌少不要",
        "客服说要看综合评估,不保证能分36期",
        # others
        "网上说能分60期",
        "我朋友借呗分了36期每期700",
        "中介说能帮我分60期每期300",
        "同事的花呗客服给延期三个月",
        # demands that offer nothing, and no offers at all
        "他们让我还清",
        "客服让我先还2000",
        "客服说三天内回复",
        "客服说我已经逾期45天了,欠20000",
        "谈好的断了一期",
        "24期980",
        "",
        # plans in steps are not read
        "前6期每期500,后18期每期1200,客服说的",
    ],
)
def test_no_offer(text: str) -> None:
    assert told(text) == []


def test_an_answer_need_not_say_whose_offer_it_is() -> None:
    assert told("24期980", asked=True) == [plan(24, 980)]
    assert told("一次还清18000", asked=True) == [once(18000)]
    assert told("我想分24期", asked=True) == []


def test_the_product_spoken_of() -> None:
    assert told("他们说分24期每期980", product="huabei") == [
        plan(24, 980, product="huabei")
    ]
    # Of which of the two it is was not said.
    assert told("他们说分24期每期980", product="both") == [plan(24, 980)]
    assert told("借呗客服说分24期每期980", product="huabei") == [
        plan(24, 980, product="jiebei")
    ]


def test_the_first_offer() -> None:
    text = "他们说要么一次性还18000,要么分24期980一期"
    entities = READER.read(text, TODAY)
    assert read_offer(text, entities, None) == Offer(
        "settlement", amount=Decimal(18000)
    )
    assert read_offer("你好", [], None) is None


@pytest.mark.parametrize(
    ("text", "open_points"),
    [
        (
            "他们说分24期每期980",
            ("fees", "credit_record", "missed_date", "written", "first_payment"),
        ),
        (
            "他们说分24期每期980,没有手续费,签电子协议,不上报征信",
            ("missed_date", "first_payment"),
        ),
        (
            "客服说分24期每期980,断供一期就作废,下个月10号开始扣",
            ("fees", "credit_record", "written"),
        ),
        (
            "客服说分24期每期980,没说手续费,也不给书面协议",
            ("fees", "credit_record", "missed_date", "written", "first_payment"),
        ),
        (
            "客服说分24期每期980,会不会上征信",
            ("fees", "credit_record", "missed_date", "written", "first_payment"),
        ),
        (
            "客服同意延期三个月,利息照算",
            ("fees", "credit_record", "missed_date", "written", "after_extension"),
        ),
    ],
)
def test_open_points(text: str, open_points: tuple[str, ...]) -> None:
    offer = read_offer(text, READER.read(text, TODAY), "jiebei")
    assert offer is not None
    assert examine(offer, Case(), TODAY).open_points == open_points


@pytest.mark.parametrize(
    "text",
    [
        "客服说分9999期每期980",
        "客服同意延期9999年",
        "客服同意延期99999天",
        "客服说分24期每期0元",
        "客服说一次还清0元",
    ],
)
def test_figures_beyond_reason_do_no_harm(text: str) -> None:
    case = Case(product="jiebei", jiebei_balance=Decimal(20000))
    for offer in read_offers(text, READER.read(text, TODAY), None):
        found = examine(offer, case, TODAY)
        assert (offer.periods or 0) <= 120
        assert found.nominal_rate is None


PIECES = st.sampled_from(
    re.findall(
        r"\S+",
        """他们 客服 说 同意 我想 分 24期 每期 980 一次 还清 18000 减免 利息 延期 三个月
        先还 2000 要么 或者 吗 不 ， 。 借呗 花呗 方案 一 首付 剩下 15天 和 / 3 万""",
    )
)


@given(st.lists(PIECES, max_size=16).map("".join))
def test_any_words_are_read(text: str) -> None:
    case = Case(product="both", huabei_balance=Decimal(9800))
    for offer in read_offers(text, READER.read(text, TODAY), None, asked=True):
        examine(offer, case, TODAY)

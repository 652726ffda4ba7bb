"""Random facts of a case, the ways people tell them, and a talk that tells them all.

The sentences are what people say, not what the program reads: numbers in digits, in
Chinese numerals and mixed, several frames for each field, in any order and grouping,
with questions and courtesies in between.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol

from hypothesis import strategies as st

from xieshang.case.fields import BALANCES
from xieshang.case.record import Case

TODAY = date(2026, 11, 23)
MOST_TURNS = 60
# Read as a hotline unless 元 or 块 says that it is money.
HOTLINE = re.compile(
    r"9518\d|955\d\d|123(?:06|78|63|48|45|56|15|33)|96110|1008[56]|100[01]0"
)

Draw = Callable[[st.SearchStrategy[Any]], Any]

PRODUCT_NAMES = {"huabei": "花呗", "jiebei": "借呗"}
PRODUCTS = {
    "huabei": ["花呗", "我欠的是花呗", "就花呗", "只有花呗", "花呗还不上了"],
    "jiebei": ["借呗", "我是借呗", "就一个借呗", "只有借呗", "借呗还不上了"],
    "both": ["花呗借呗都有", "两个都有", "花呗和借呗", "都欠"],
}
BALANCE_TOLD = [
    "{p}欠{n}",
    "{p}还有{n}没还",
    "{p}一共欠了{n}",
    "{p}{n}",
    "{p}那边还剩{n}",
    "我{p}欠着{n}呢",
    "{p}差不多{n}",
    "{p}欠款{n}",
]
BALANCE_ASKED = [
    "{n}",
    "大概{n}",
    "{n}左右吧",
    "欠{n}",
    "一共{n}",
    "还有{n}没还",
    "{p}{n}",
    "账单上是{n}",
]
DAYS_TOLD = ["逾期{d}天了", "已经逾期{d}天", "都逾期{d}天了", "拖了{d}天没还"]
DAYS_ASKED = ["{d}天", "{d}天了", "逾期{d}天", "有{d}天了", "大概{d}天吧"]
PAST_TOLD = [
    "逾期了，{day}到期的",
    "已经逾期，{day}就该还的",
    "{day}到期的，现在逾期了",
]
PAST_ASKED = ["{day}", "{day}到期的", "{day}就该还了", "应该是{day}"]
OVERDUE = {
    "yes": ["逾期了", "已经逾期", "是的，逾期了", "嗯逾期了"],
    "no": ["还没逾期", "没有逾期", "还没到期", "没逾期呢"],
    "unknown": ["不清楚", "我不知道", "不太清楚呢", "不知道有没有逾期"],
}
NOT_YET_TOLD = ["还没逾期，{day}到期", "没逾期，还款日是{day}", "没有逾期，{day}该还了"]
DUE_ASKED = ["{day}", "{day}还款", "{day}要还", "还款日{day}", "就是{day}"]
HARDSHIP_TOLD = {
    "unemployment": ["失业了", "上个月被裁了", "厂里倒闭没工作了", "公司把我辞退了"],
    "pay_cut": ["被降薪了", "工资降了一半", "收入少了好多", "单子少了，收入下降"],
    "illness": ["生病住院了", "我妈生病了", "上个月做了手术", "我爸住院了"],
    "family": ["离婚了", "刚生孩子", "家里老人去世了", "我刚离婚"],
    "disaster": ["家里遭了水灾", "房子被淹了", "老家受灾了", "台风把棚子刮了"],
    "business": ["生意失败了", "我的店关了", "做生意亏本了", "店开不下去了"],
}
HARDSHIP_ASKED: dict[str, list[str]] = {
    **{kind: list(told) for kind, told in HARDSHIP_TOLD.items()},
    "other": ["其他原因", "别的原因", "以上都不是", "被人骗了钱"],
}
HARDSHIP_ASKED["pay_cut"] += ["收入减少", "收入变少了"]
HARDSHIP_ASKED["business"] += ["经营困难", "生意不好"]
INCOME_TOLD = [
    "每月到手{n}",
    "工资{n}",
    "每个月收入{n}",
    "月薪{n}",
    "现在一个月挣{n}",
    "每月能有{n}",
    "我一个月工资{n}",
]
INCOME_ASKED = ["{n}", "{n}左右", "到手{n}", "一个月{n}", "大概{n}吧", "工资{n}"]
NO_INCOME_TOLD = ["现在收入是0", "每月收入0元", "工资是0"]
NO_INCOME_ASKED = ["0", "没有", "没收入", "暂时没有", "一分都没有"]
TOTAL_TOLD = [
    "每月开销{n}",
    "每月必要开支{n}",
    "生活费一个月{n}",
    "每个月支出{n}",
    "日常开销要{n}",
]
TOTAL_ASKED = ["{n}", "一共{n}", "大概{n}", "加起来{n}", "{n}左右吧", "开销{n}"]
EXPENSES = ["房租", "吃饭", "水电", "交通", "看病", "学费"]
ITEM = ["{item}{n}", "{item}要{n}", "{item}每月{n}", "{item}大概{n}"]
GOAL_TOLD = {
    "extension": ["想延期", "希望能延期三个月", "想晚点还", "想缓一缓"],
    "lower_payment": ["想每月少还点", "希望月供降低一点", "每个月少还一点就好"],
    "waiver": ["想减免利息", "希望减免息费", "想只还本金"],
}
GOAL_ASKED = {
    **GOAL_TOLD,
    "unsure": ["还没想好", "都行", "不知道", "没想好呢"],
}
# Nothing of these changes what was told; the numbers in the questions are nobody's.
INTERRUPTIONS = {
    "ask_credit_report": ["逾期三天会上征信吗", "花呗逾期会影响征信吗", "几天上征信"],
    "ask_legal": ["欠5000块会被起诉吗", "会不会坐牢啊", "借呗不还会起诉吗？"],
    "ask_extension": ["花呗能延期几天吗", "借呗可以延期三个月吗"],
    "ask_instalment": ["能分12期吗", "一般能分多少期"],
    "ask_overdue_cost": ["逾期30天罚息是多少", "一天的罚息怎么算的？"],
    "how_to_contact": ["客服电话是多少", "怎么联系花呗客服"],
    "thank": ["谢谢", "谢谢你啊"],
    "ask_case_status": ["填到哪了", "现在填到第几步了"],
    "nlu_fallback": ["阿巴阿巴", "asdfgh", "哈哈哈哈"],
    "out_of_scope_other": ["等一下", "等等我看看", "稍等"],
    "express_distress": ["压力好大，天天睡不着", "我真的快崩溃了"],
    "report_harassment": ["催收一天打我20个电话", "催收说明天上门"],
    "report_scam": ["中介要我先交3000块保证金", "有人自称客服让我转账5000"],
    "correct": ["有要改的"],
}
# Several messages that belong together and change nothing.
DETOURS = [
    [("上一步", "go_back"), ("跳过", "skip")],
    [("先停一下", "stop"), ("继续登记", "start_case")],
    [("重新开始", "restart"), ("不清空", "deny")],
    [("删除我的数据", "delete_my_data"), ("不删了", "deny")],
]
# How things are said when one is tired or upset; most are said plainly.
MANNERS = ["{}"] * 6 + ["{}。", "{}！！！", "{}😭😭", "嗯，{}", "那个，{}", "{}……"]
# A value told wrong is taken back with one of these.
CORRECTED = ["不对，{}", "说错了，{}", "更正一下，{}", "刚才说错了，{}"]


@dataclass(frozen=True)
class Facts:
    """What is true, and how the person happens to know it.

    Attributes:
        case: the record that must be stored.
        kind_of_day: days, date or none.
    """

    case: Case
    kind_of_day: str

    @property
    def fields(self) -> list[str]:
        """The fields that are known, days and date as "when"."""
        case = self.case
        names = ["product", *(BALANCES[product] for product in case.products)]
        names += ["overdue", *(["when"] if self.kind_of_day != "none" else [])]
        return [*names, "hardship", "monthly_income", "essential_expenses", "goal"]


@dataclass(frozen=True)
class Step:
    """A message, and whether it answers nothing (then it may come at any time)."""

    text: str
    intent: str


@dataclass(frozen=True)
class Plan:
    """A talk.

    Attributes:
        facts: what is true.
        before: statements before the registration starts.
        opening: statements after consent, each of one or several fields.
        answers: the answer to each question when it is asked.
        told: a whole sentence for each field, for what was skipped.
        manners: how each message is said, in turn.
        between: what interrupts, after so many turns.
        skipped: fields that are skipped when they are asked, and told at the end.
    """

    facts: Facts
    before: tuple[str, ...]
    opening: tuple[str, ...]
    answers: dict[str, str]
    told: dict[str, str]
    manners: tuple[str, ...] = ("{}",)
    between: dict[int, Sequence[Step]] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()


INTERRUPTING: list[list[Step]] = [
    *([Step(t, intent)] for intent, texts in INTERRUPTIONS.items() for t in texts),
    *([Step(*step) for step in detour] for detour in DETOURS),
]

# numbers as people write them


def chinese(number: int, short: bool = False) -> str:
    """A number below 1,000,000 in Chinese numerals.

    Args:
        number: at least 1.
        short: whether the last unit is left out as in speech: 九千八.
    """
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        head = chinese(high) + "万"
        if high == 2:
            head = "两万"
        if not low:
            return head
        if short and low % 1000 == 0 and high % 10:
            return head + "零一二三四五六七八九"[low // 1000]
        return head + ("零" if low < 1000 else "") + chinese(low, short and low >= 1000)
    text, zero, last = "", False, 0
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if not digit:
            zero = bool(text)
            continue
        if zero:
            text += "零"
            zero = False
        numeral = "零一二三四五六七八九"[digit]
        if digit == 2 and unit >= 1000:
            numeral = "两"
        if unit == 10 and digit == 1 and not text:
            numeral = ""
        text += numeral + name
        last = unit
    drops = short and last in (10, 100) and number // (last * 10) % 10
    return text[:-1] if drops else text


def sums_as_said(value: Decimal) -> list[str]:
    """The ways to write a sum; all mean exactly this one."""
    if value != value.to_integral_value():
        return [f"{value}元", f"{value}块", f"¥{value}", f"{value:,}元"]
    number = int(value)
    units = [f"{number}元", f"{number}块", f"{number}块钱"]
    if number < 100:
        return units
    said = [*units, f"{chinese(number)}块"]
    if HOTLINE.fullmatch(str(number)):
        return said
    said += [f"¥{number}", str(number), chinese(number), chinese(number, short=True)]
    if number >= 1000:
        said.append(f"{number:,}")
    if number % 100 == 0 and number >= 1000:
        said += [f"{(Decimal(number) / 10_000).normalize():f}万"]
        said += [f"{(Decimal(number) / 10_000).normalize():f}w"]
        if number < 10_000 and number % 1000:
            said.append(f"{number // 1000}千{number // 100 % 10}")
    if number % 1000 == 0 and number > 10_000 and number // 1000 % 10:
        said.append(f"{number // 10_000}万{number // 1000 % 10}")
    return said


def days_as_said(days: int) -> list[str]:
    """The ways to say a number of days, without the word."""
    return [str(days), chinese(days)]


def day_as_said(day: date) -> list[str]:
    """The ways to name a day so that the year is clear."""
    full = [f"{day.year}年{day.month}月{day.day}日", day.isoformat()]
    if abs((day - TODAY).days) > 90:
        return full
    near = [f"{day.month}月{day.day}号", f"{day.month}月{day.day}日"]
    months = (day.year - TODAY.year) * 12 + day.month - TODAY.month
    named = {-1: "上个月", 0: "这个月", 1: "下个月"}.get(months)
    return [*full, *near, *([f"{named}{day.day}号"] if named else [])]


# strategies


def is_no_festival(value: Decimal) -> bool:
    """Whether a sum holds no 618, which is read as the 18th of June."""
    return "618" not in str(value)


sums = st.one_of(
    st.integers(1, 99).map(Decimal),
    st.integers(1, 99).map(lambda n: Decimal(n * 100)),
    st.integers(1, 200).map(lambda n: Decimal(n * 1000)),
    st.integers(100, 200_000).map(Decimal),
    st.integers(10_001, 2_000_000).map(lambda cents: Decimal(cents) / 100),
).filter(is_no_festival)
balances = st.one_of(sums, st.sampled_from([Decimal(300_000), Decimal(980_000)]))
incomes = st.one_of(
    st.just(Decimal(0)),
    st.integers(8, 300).map(lambda n: Decimal(n * 100)),
    st.integers(500, 40_000).map(Decimal),
).filter(is_no_festival)
expenses = st.one_of(
    st.integers(5, 150).map(lambda n: Decimal(n * 100)),
    st.integers(300, 9000).map(Decimal),
).filter(is_no_festival)
items = st.lists(st.sampled_from(EXPENSES), min_size=2, max_size=5, unique=True)


WRONG: dict[str, st.SearchStrategy[Any]] = {
    "huabei_balance": st.integers(3, 99).map(lambda n: Decimal(n * 100)),
    "jiebei_balance": st.integers(3, 99).map(lambda n: Decimal(n * 100)),
    "monthly_income": st.integers(20, 90).map(lambda n: Decimal(n * 100)),
    "essential_expenses": st.integers(5, 40).map(lambda n: Decimal(n * 100)),
    "goal": st.sampled_from(list(GOAL_TOLD)),
}


@st.composite
def facts(draw: Draw) -> Facts:
    """A case that somebody may have."""
    product = draw(st.sampled_from(["huabei", "jiebei", "both"]))
    overdue = draw(st.sampled_from(["yes", "no", "unknown"]))
    values: dict[str, Any] = {"product": product, "overdue": overdue}
    for name in Case(product=product).products:
        values[BALANCES[name]] = draw(balances)
    kind = draw(st.sampled_from(["days", "date"])) if overdue == "yes" else "date"
    if overdue == "unknown":
        kind = draw(st.sampled_from(["date", "none"]))
    if kind == "days":
        values["days_overdue"] = draw(
            st.one_of(st.integers(1, 120), st.integers(1, 900))
        )
        values["recorded_on"] = TODAY
    elif kind == "date":
        reach = (-300, -1) if overdue == "yes" else (1, 80)
        values["due_date"] = TODAY + timedelta(days=draw(st.integers(*reach)))
    values["hardship"] = draw(st.sampled_from(list(HARDSHIP_ASKED)))
    values["monthly_income"] = draw(incomes)
    if draw(st.booleans()):
        values["essential_expenses"] = draw(expenses)
    else:
        parts = tuple((item, draw(expenses)) for item in draw(items))
        values["expense_items"] = parts
        values["essential_expenses"] = sum((sum_ for _, sum_ in parts), Decimal(0))
    values["goal"] = draw(st.sampled_from(list(GOAL_ASKED)))
    return Facts(Case(**values), kind)


def _filled(draw: Draw, frames: Sequence[str], **ways: Sequence[str]) -> str:
    frame = str(draw(st.sampled_from(frames)))
    for name, said in ways.items():
        if f"{{{name}}}" in frame:
            frame = frame.replace(f"{{{name}}}", str(draw(st.sampled_from(said))))
    return frame


def _balance(draw: Draw, case: Case, name: str, frames: Sequence[str]) -> str:
    product = PRODUCT_NAMES[name.removesuffix("_balance")]
    return _filled(draw, frames, p=[product], n=sums_as_said(getattr(case, name)))


def _when(
    draw: Draw, case: Case, days: Sequence[str], dates: Mapping[str, Sequence[str]]
) -> str | None:
    if case.days_overdue is not None:
        return _filled(draw, days, d=days_as_said(case.days_overdue))
    if case.due_date and str(case.overdue) in dates:
        return _filled(draw, dates[str(case.overdue)], day=day_as_said(case.due_date))
    return None


def _income(
    draw: Draw, case: Case, frames: Sequence[str], nothing: Sequence[str]
) -> str:
    if not case.monthly_income:
        return str(draw(st.sampled_from(nothing)))
    return _filled(draw, frames, n=sums_as_said(case.monthly_income))


def _expenses(draw: Draw, case: Case, frames: Sequence[str]) -> str:
    if not case.expense_items:
        total = case.essential_expenses or Decimal(0)
        return _filled(draw, frames, n=sums_as_said(total))
    between = draw(st.sampled_from(["，", "、", " "]))
    return between.join(
        _filled(draw, ITEM, item=[item], n=sums_as_said(value))
        for item, value in case.expense_items
    )


def _choice(draw: Draw, said: Mapping[str, Sequence[str]], value: object) -> str | None:
    return draw(st.sampled_from(said[str(value)])) if str(value) in said else None


def told(draw: Draw, case: Case, name: str) -> str | None:
    """A sentence that tells a field by itself; None when there is none.

    Args:
        draw: of the strategy.
        case: the facts.
        name: of the field, "when" for days overdue or due date.
    """
    if name in BALANCES.values():
        return _balance(draw, case, name, BALANCE_TOLD)
    frames = {"yes": PAST_TOLD, "no": NOT_YET_TOLD}
    said: dict[str, Callable[[], str | None]] = {
        "product": lambda: _choice(draw, PRODUCTS, case.product),
        "overdue": lambda: None,
        "when": lambda: _when(draw, case, DAYS_TOLD, frames),
        "hardship": lambda: _choice(draw, HARDSHIP_TOLD, case.hardship),
        "monthly_income": lambda: _income(draw, case, INCOME_TOLD, NO_INCOME_TOLD),
        "essential_expenses": lambda: _expenses(draw, case, TOTAL_TOLD),
        "goal": lambda: _choice(draw, GOAL_TOLD, case.goal),
    }
    return said[name]()


def answered(draw: Draw, case: Case, name: str) -> str:
    """The answer to a question; 跳过 when the person does not know.

    Args:
        draw: of the strategy.
        case: the facts.
        name: of the field, "when" for days overdue or due date.
    """
    if name in BALANCES.values():
        return _balance(draw, case, name, BALANCE_ASKED)
    frames = {"yes": PAST_ASKED, "no": DUE_ASKED, "unknown": DUE_ASKED}
    said: dict[str, Callable[[], str | None]] = {
        "product": lambda: _choice(draw, PRODUCTS, case.product),
        "overdue": lambda: _choice(draw, OVERDUE, case.overdue),
        "when": lambda: _when(draw, case, DAYS_ASKED, frames),
        "hardship": lambda: _choice(draw, HARDSHIP_ASKED, case.hardship),
        "monthly_income": lambda: _income(draw, case, INCOME_ASKED, NO_INCOME_ASKED),
        "essential_expenses": lambda: _expenses(draw, case, TOTAL_ASKED),
        "goal": lambda: _choice(draw, GOAL_ASKED, case.goal),
    }
    return said[name]() or "跳过"


def _grouped(draw: Draw, clauses: Sequence[str]) -> list[str]:
    """The clauses as messages of one or several."""
    messages: list[str] = []
    for clause in clauses:
        if messages and draw(st.booleans()):
            messages[-1] += draw(st.sampled_from(["，", "。", "，"])) + clause
        else:
            messages.append(clause)
    return messages


def _slip(draw: Draw, case: Case, names: Sequence[str]) -> tuple[str, str] | None:
    """One or two values told wrong, and the correction; None when nothing fits."""
    able = [name for name in names if name in WRONG]
    if case.expense_items and "essential_expenses" in able:
        able.remove("essential_expenses")
    if "monthly_income" in able and not case.monthly_income:
        able.remove("monthly_income")
    if not able:
        return None
    slipped, right = [], []
    for name in draw(
        st.lists(st.sampled_from(able), max_size=2, min_size=1, unique=True)
    ):
        wrong = draw(
            WRONG[name].filter(lambda value, n=name: value != getattr(case, n))
        )
        slipped.append(str(told(draw, case.with_values(**{name: wrong}), name)))
        right.append(str(told(draw, case, name)))
    sentence = draw(st.sampled_from(CORRECTED)).format("，".join(right))
    return "，".join(slipped), sentence


@st.composite
def plans(draw: Draw, most_between: int = 3) -> Plan:
    """Facts and a talk that tells them."""
    known = draw(facts())
    case = known.case
    sentences = {name: told(draw, case, name) for name in known.fields}
    tellable = [name for name, said in sentences.items() if said and name != "product"]
    order = draw(st.permutations(tellable))
    unasked = order[: draw(st.integers(0, len(order)))]
    messages = _grouped(draw, [str(sentences[name]) for name in unasked])
    slip = _slip(draw, case, tellable) if draw(st.booleans()) else None
    if slip:
        messages = [slip[0], *messages, slip[1]]
    early = draw(st.integers(0, min(1, len(messages))))
    skippable = [name for name in tellable if name not in unasked and name != "when"]
    skipped = draw(st.sets(st.sampled_from(skippable), max_size=1)) if skippable else ()
    return Plan(
        facts=known,
        before=tuple(messages[:early]),
        opening=tuple(messages[early:]),
        answers={name: answered(draw, case, name) for name in [*known.fields, "when"]},
        told={name: said for name, said in sentences.items() if said},
        manners=tuple(draw(st.lists(st.sampled_from(MANNERS), min_size=1, max_size=5))),
        between=draw(
            st.dictionaries(
                st.integers(1, 14), st.sampled_from(INTERRUPTING), max_size=most_between
            )
        ),
        skipped=frozenset(skipped),
    )


# the talk


class Talk(Protocol):
    """A registration that is talked to."""

    @property
    def asked(self) -> str | None:
        """The field that is asked for, if any."""

    @property
    def pending(self) -> str | None:
        """What waits for a yes: odd or submit."""

    @property
    def confirmed(self) -> bool:
        """Whether the summary was confirmed."""

    @property
    def missing(self) -> list[str]:
        """The fields of the case that have no value."""

    def say(self, text: str, intent: str) -> None:
        """Say something.

        Args:
            text: the message.
            intent: what it means, for a talk without a classifier.
        """


class _Person:
    """Tells the facts of a plan, and lets herself be interrupted."""

    def __init__(self, plan: Plan, talk: Talk) -> None:
        self._plan = plan
        self._talk = talk
        self._turns = 0
        self._skipped: set[str] = set()

    def say(self, text: str, intent: str) -> None:
        """Say something that counts, then what interrupts at this place."""
        if intent == "inform":
            text = self._plan.manners[self._turns % len(self._plan.manners)].format(
                text
            )
        self._talk.say(text, intent)
        self._turns += 1
        assert self._turns < MOST_TURNS, "the talk does not come to an end"
        for step in self._plan.between.get(self._turns, ()):
            if not self._talk.confirmed:
                self._talk.say(step.text, step.intent)

    def respond(self) -> None:
        """Answer whatever the bot asks."""
        if self._talk.pending == "odd":
            self.say("对", "affirm")
        elif self._talk.pending == "submit":
            # skipped, or of a product that was not spoken of
            late = [name for name in self._talk.missing if name in self._plan.told]
            if late:
                self.say(self._plan.told[late[0]], "inform")
            else:
                self.say("对，整理方案", "affirm")
        else:
            self._answer(str(self._talk.asked))

    def _answer(self, asked: str) -> None:
        name = "when" if asked in ("days_overdue", "due_date") else asked
        if name in self._plan.skipped and name not in self._skipped:
            self._skipped.add(name)
            self.say("跳过", "skip")
        else:
            # asked for 花呗 after the product was skipped: "只有借呗"
            answers = self._plan.answers
            self.say(answers.get(name, answers["product"]), "inform")


def run(plan: Plan, talk: Talk) -> None:
    """Talk until the summary is confirmed.

    Raises:
        AssertionError: it is not after many turns.
    """
    person = _Person(plan, talk)
    for text in plan.before:
        talk.say(text, "inform")
    talk.say("开始登记", "start_case")
    talk.say("同意", "affirm")
    for text in plan.opening:
        person.say(text, "inform")
        while talk.pending == "odd":
            person.respond()
    while not talk.confirmed:
        person.respond()

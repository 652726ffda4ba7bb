"""What a message says about the case: a value for each field it speaks of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xieshang.case import expenses, priorities, rates, sums, when
from xieshang.case.contacts import read_contact
from xieshang.case.corrected import named_fields, says_product, target_of
from xieshang.case.fields import BALANCES, CHOICES, LIVING, bounds_of
from xieshang.case.heard import STATEMENTS, Heard
from xieshang.case.proofs import told_proofs
from xieshang.case.record import Case
from xieshang.knowledge import PRODUCT_NAMES

_LENDER = re.compile(
    r"(?:出资|放款|借款|贷款|资金)?(?:机构|方|银行)(?:显示)?(?:是|为|写的?是|叫)"
    r"([\u4e00-\u9fa5A-Za-z]{2,20})"
)
# "不要延期了，想减免利息"
_UNWANTED = re.compile(
    "(?:不要|不想|不用|别)(?:再|去|办|申请|谈)*(?:延期|展期|减免|免息|降低?月供|少还|分期)"
)
# "开庭改到25号" puts off no payment.
_COURT = re.compile("(?:开庭|出庭|庭审|判决)[^，,。；;]{0,4}$")
_WISHES = re.compile("想|希望|最好|就好|就行")
_ONLY = re.compile(
    r"(?:只[有剩是欠]|[就光]剩)(?:下|的|了|欠)*([花借]呗)(?![^，,。；;]{0,4}\d)"
)
# What may be told part by part, and where the parts stand.
PARTS = {expenses.NAME: expenses.ITEMS, priorities.NAME: priorities.ITEMS}
_ALL_WRONG = re.compile("都|全")
_NO_INCOME_ALONE = ("monthly_income", "hardship")
# "放款机构说错了" names none.
_IS_WRONG = re.compile("(?:说|填|打|写|弄)错|错了|改一?[下改]")
# A question that holds nothing but a goal wishes it: 能不能先延期三个月
_WISH = re.compile(
    r"[我您想问能可以先给帮申请办谈点个月不行吗么嘛呢啊呀吧的了还款一下二两三四五六半\W\d]*"
)
# What may stand between the name of an expense and its sum.
_UP_TO_SUM = re.compile(
    r"(?:[要得花是费钱的约用需]|每个?月|一个?月|大[概约]|差不多|\s)*"
)
_DOUBTS = re.compile(r"(?:我|也|还)*(?:不(?:太|怎么)?(?:清楚|知道|确定|记得|晓得)|忘)")


@dataclass
class Reading:
    """What was read from a message.

    Attributes:
        values: by field.
        refused: values out of their bounds, by field.
        named: the field that it speaks of without giving a value.
        wrong: other fields of which it only says that they are wrong as well.
        other_period: whether what was asked for is told for a day or a year.
    """

    values: dict[str, Any] = field(default_factory=dict)
    refused: dict[str, Any] = field(default_factory=dict)
    named: str | None = None
    wrong: tuple[str, ...] = ()
    other_period: bool = False


@dataclass(frozen=True)
class Words:
    """The words by which fields and choices are known; see knowledge/questions.yml.

    Attributes:
        choices: field -> value -> pattern of the whole answer.
        named: field -> pattern of its name.
        debts: names of other lenders.
        proofs: the proofs that may be told by number, in the order they are shown.
    """

    choices: Mapping[str, Mapping[str, str]]
    named: Mapping[str, str]
    debts: Sequence[str]
    proofs: Sequence[str] = ()


def read_values(
    heard: Heard, asked: str | None, last: str | None, case: Case, words: Words
) -> Reading:
    """Read every value of a message.

    Args:
        heard: the message.
        asked: the field that was asked for.
        last: the field that was told last; a bare correction is about it.
        case: what is known.
        words: the words by which fields are known.
    """
    target = target_of(heard, asked, last, case, words.named)
    found = _found(heard, target, case, words)
    reading = Reading()
    if asked in LIVING and asked == target and sums.is_of_another_period(heard):
        reading.other_period = True
        found = {n: v for n, v in found.items() if n not in (asked, PARTS.get(asked))}
    for name, value in found.items():
        bounds = bounds_of(name, heard.today)
        if bounds and not bounds.least <= value <= bounds.most:
            reading.refused[name] = value
        else:
            reading.values[name] = value
    for total, parts in PARTS.items():
        if total in reading.refused:
            reading.values.pop(parts, None)
    to_change = _to_be_changed(heard, found, case, words)
    if to_change:
        reading.named, *others = to_change
        reading.wrong = tuple(others) if _ALL_WRONG.search(heard.text) else ()
        reading.values.clear()
    elif not found:
        reading.named = rates.unclear_field(heard, found, case)
    return reading


def _found(
    heard: Heard, target: str | None, case: Case, words: Words
) -> dict[str, Any]:
    """Every value of a message, in or out of its bounds."""
    found: dict[str, Any] = {}
    found.update(_product(heard, target, case))
    if _says_both(heard, target, words):
        found["product"] = "both"
    found.update(sums.read(heard, target, case, words.debts))
    found.update(when.read(heard, target, case))
    found.update(_words(heard, target, case))
    if target == "available_proofs" and (
        proofs := told_proofs(heard.statement, words.proofs)
    ):
        found["available_proofs"] = proofs
    no_income = found.get("monthly_income") == 0 and found.get("hardship") == "pay_cut"
    if no_income and (target != "hardship" or len(found) > len(_NO_INCOME_ALONE)):
        # Having no income is a figure here, no cause of it.
        del found["hardship"]
    found.update(_chosen(heard, target, words))
    contact = None if found else read_contact(heard)
    if contact:
        found["contacted"] = contact.text
    return found


def _to_be_changed(
    heard: Heard, found: Mapping[str, Any], case: Case, words: Words
) -> tuple[str, ...]:
    """The fields that a message wants to correct without saying what is right."""
    # "不对，想只还本金" wishes, it names no principal.
    wishes = "goal" in found and _WISHES.search(heard.text)
    if (
        heard.corrects
        and not wishes
        and all(getattr(case, n) == v for n, v in found.items())
    ):
        # "逾期天数错了" tells nothing new of being overdue.
        return named_fields(heard, words.named, case)
    if found:
        return ()
    # The rent alone, when all expenses were told as one sum.
    roles = {e.role for e in heard.stated}
    return tuple(total for total in PARTS if total in roles)


def _bare(text: str) -> str:
    return re.sub(r"[\s，,。.！!~～、吧呢啊呀哦诶欸的了]+$", "", text.strip())


def _says_both(heard: Heard, asked: str | None, words: Words) -> bool:
    """Whether it is about both: "两个都有"; "都要" at another choice is not."""
    if asked != "product" and not re.search("两|俩|[花借]呗|都[有欠]", heard.text):
        return False
    both = words.choices["product"]["both"]
    clauses = re.split(r"[，,。；;！!\s]+", heard.statement)
    return any(re.fullmatch(both, _bare(clause)) for clause in clauses)


def _chosen(heard: Heard, asked: str | None, words: Words) -> dict[str, Any]:
    """The choice that answers; at the summary 减免息费 alone is another goal."""
    choice = _choice(heard, asked or "goal", words)
    if choice is None or (asked is None and choice == "unsure"):
        return {}
    return {asked or "goal": choice}


def _choice(heard: Heard, asked: str | None, words: Words) -> str | None:
    """The choice that a message makes in the words of a button or in its own."""
    bare = _bare(heard.answer)
    if asked not in CHOICES or (heard.asks and not _DOUBTS.match(bare)):
        return None
    for value, pattern in words.choices.get(asked, {}).items():
        if re.fullmatch(pattern, bare):
            return value
    return None


def _product(heard: Heard, asked: str | None, case: Case) -> dict[str, Any]:
    named = {str(e.value) for e in heard.stated if e.entity == "product"}
    if not named:
        return {}
    told = {
        product
        for product, balance in BALANCES.items()
        if any(e.role == balance for e in heard.stated)
    }
    only = _ONLY.search(heard.statement)
    if only:
        products = {p for p in BALANCES if PRODUCT_NAMES[p] == only.group(1)}
    elif asked == "product" or case.product is None or len(named) == len(BALANCES):
        products = named
    elif heard.corrects and not any(e.entity == "money" for e in heard.stated):
        products = named if says_product(heard) else set()
    else:
        # "不是花呗9800，是借呗9800": what is taken back is named, but not found.
        rejected = {p for p in BALANCES if PRODUCT_NAMES[p] in heard.text} - named
        products = told and (told | set(case.products)) - rejected
    if not products:
        return {}
    chosen = "both" if len(products) > 1 else next(iter(products))
    return {} if chosen == case.product else {"product": chosen}


def _words(heard: Heard, asked: str | None, case: Case) -> dict[str, Any]:
    found: dict[str, Any] = {}
    spent = [e for e in heard.stated if e.role == expenses.NAME]
    # Asked for the cause, "被人骗了钱" is no mere report.
    told = heard.entities if asked == "hardship" and not heard.asks else heard.stated
    hardships = [
        str(e.value)
        for e in told
        if e.entity == "hardship"
        # "看病每月350" is an expense
        and not any(
            e.end <= sum_.start and _UP_TO_SUM.fullmatch(heard.text[e.end : sum_.start])
            for sum_ in spent
        )
    ]
    plain = [value for value in hardships if value != "other"]
    if len(plain) > 1 and sums.says_no_income(heard):
        # "没收入，被裁了"
        plain = [value for value in plain if value != "pay_cut"]
    if asked == "hardship" and hardships:
        found["hardship"] = (plain or hardships)[0]
    elif case.hardship is None and plain:
        found["hardship"] = plain[0]
    # "能延期吗" tells a goal; what an agent promises does not.
    wished = [
        e
        for e in heard.wished
        if e.entity == "goal" and not _COURT.search(heard.text[: e.start])
    ]
    goals = [
        str(e.value)
        for e in wished
        if e in heard.stated
        or _WISH.fullmatch(heard.text[: e.start] + heard.text[e.end :])
    ]
    # "收入5500 想延期" tells both, "5500，能延期吗" asks.
    both = not heard.asks and (
        any(e.entity == "money" for e in heard.stated) or _WISHES.search(heard.text)
    )
    # "想延期" wishes something else than before.
    is_open = case.goal is None or (not heard.asks and _WISHES.search(heard.text))
    is_told = is_open and (heard.intent in STATEMENTS or both)
    if asked != "goal":
        # "不知道" answers what was asked.
        goals = [goal for goal in goals if goal != "unsure"]
    is_meant = is_told or heard.corrects or _UNWANTED.search(heard.text)
    if heard.intent == "stop":
        # "先停一下" stops the registration, not the payments.
        goals = []
    if goals and (asked == "goal" or is_meant):
        found["goal"] = goals[0]
    lender = _LENDER.search(heard.statement)
    if lender:
        found["lender"] = lender.group(1)
    elif asked == "lender" and not heard.asks and not _IS_WRONG.search(heard.text):
        found["lender"] = _bare(heard.text)[:20]
    return found

"""The rules that tell a sum's role from the cues in front of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from xieshang.language.amounts import Amount

BALANCES = frozenset({"huabei_balance", "jiebei_balance"})
INCOME = "monthly_income"
# Roles that name what the sum is for, whatever verb stands beside.
PURPOSES = frozenset({INCOME, "essential_expenses", "priority_payments"})
PAYMENT = "monthly_payment"
OTHER = "other_debts"
# What the rules answer when the cues do not say.
UNTOLD = "?"

_SENTENCE_END = "。！？!?\n"
_CLAUSE_END = re.compile(r"[，,。；;！？!?\n\s](?=[^，,。；;！？!?\n\s])")
_NOT_A_MONTH = re.compile(r"每天|一天|一年|每年|年薪|年收入|日薪|时薪|每小时|日结")
_IN_ALL = re.compile(r"一共|总共|加起来|合计|总计|加一[块起]|总负债|加上")
_TAKEN_OFF = re.compile(r"还完|扣完|扣掉|刨掉|刨去|除去|除掉|减去|交完|付完|去掉")
_WITH_WHAT = re.compile(r"拿[啥什]|怎么|咋|用啥|哪来|凭什么")
_A_MONTH = re.compile(r"每个?月|一个月|月供|每期")
_A_MONTH_AFTER = re.compile(
    r"(?:块钱?|元|多|左右)*(?:钱)?(?:一个月|每个?月|一期|每期|/月|/期|一月|月供)"
)
_NOW = re.compile(r"现在|如今|今年|眼下|目前")
_CHANGE = (
    r"(?:降|减|掉|跌|砍|调|变|缩|压|改)"
    r"低?(?:到|成|为|至|了到|(?=[\d一二两三四五六七八九]|$))"
)
_BECOMES = re.compile(
    r"(?:块钱?|元|多|左右)*(?:一个月|每月)?(?:，|一下子|直接|给我|突然|被)*" + _CHANGE
)
_BECAME = re.compile(
    rf"[^，。]{{0,8}}，?(?:现在|如今)?[^，。]{{0,4}}{_CHANGE}[^，。]{{0,3}}$"
)
_RECEIVED = re.compile(r"(?:进|领|开|拿|发)(?:到|了|个)?$")
# 我老公一个月6000: what one of the family brings home, when no verb says that it goes.
_FAMILY_EARNS = re.compile(
    r"(?:我|俺|咱|家里|现在|就|靠|和|，|\s)*"
    r"(?:老公|老婆|媳妇|丈夫|妻子|爱人|老伴|对象|男朋友|女朋友|爸妈?|妈|父亲|母亲|家里人)"
    r"(?:他|她|现在|每个?月|一个?月|月|也|就|都|才|只|有|能有|大概|大约|差不多|是|\s)*"
)
_JUDGED = re.compile(
    r"(?:块钱?|元)?我?(?:也|都|就|倒|还)?"
    r"(?:不?可以|不?行|能接受|接受不了|太|还不起|才行|受不了|没问题|就行)"
)


@dataclass(frozen=True)
class Cue:
    """A word that tells what a sum is for.

    Attributes:
        kind: a role, or debt, left, monthly, give, former, none.
        start: place of its first character.
        end: place after its last character.
        word: the word.
    """

    kind: str
    start: int
    end: int
    word: str


@dataclass
class Progress:
    """What is known of the sums before.

    Attributes:
        role: the role of the last one.
        former_role: what the last one was for, when it is no more so (从八千降到).
        product: the balance of the product that was named last.
        settled: the balances that have their sum.
    """

    role: str | None = None
    former_role: str | None = None
    product: str | None = None
    settled: set[str] = field(default_factory=set)

    @property
    def open_product(self) -> str | None:
        """The balance of the last product, unless its sum was named."""
        return None if self.product in self.settled else self.product


@dataclass
class Scene:
    """A sum and what stands around it.

    Attributes:
        text: the folded sentence.
        amount: the sum.
        begin: where the words for it may begin: after the sum before.
        end: where the next sum begins.
        cues: the cues before it.
        plans: whether the sentence speaks of instalments or of a lower payment.
    """

    text: str
    amount: Amount
    begin: int
    end: int
    cues: list[Cue]
    plans: bool

    def __post_init__(self) -> None:
        """Cut the words before the sum to its sentence and to its clause."""
        self.segment = self.text[self.begin : self.amount.start]
        sentence = max(self.segment.rfind(mark) for mark in _SENTENCE_END) + 1
        clause = max(
            [one.end() for one in _CLAUSE_END.finditer(self.segment)], default=0
        )
        self.before = self.segment[max(sentence, clause) :]
        self.cues = [
            cue
            for cue in self.cues
            if cue.start >= self.begin + sentence and cue.end <= self.amount.start
        ]
        cut = self.amount.start - len(self.before)
        self.near = [cue for cue in self.cues if cue.start >= cut]
        self.has_month = bool(
            _A_MONTH_AFTER.match(self.text, self.amount.end)
            or any(cue.kind == "monthly" for cue in self.near)
        )

    def is_former(self, role: str | None) -> bool:
        """Whether the sum is what it was before: 从八千降到, 原来.

        Args:
            role: what it is for.
        """
        if _BECOMES.match(self.text[: self.end], self.amount.end):
            return True
        if not any(cue.kind == "former" for cue in self.near):
            return False
        return role not in BALANCES or bool(_NOW.search(self.text, self.amount.end))

    def follows_a_former_one(self) -> bool:
        """Whether the sum before became this one: 降到, 现在."""
        return bool(_BECAME.match(self.segment) or _NOW.search(self.segment))


def decide(scene: Scene, progress: Progress) -> str | None:
    """The role of a sum: by its clause, else by the whole sentence before it.

    Args:
        scene: the sum.
        progress: what is known of the sums before.
    """
    if scene.has_month and _FAMILY_EARNS.fullmatch(scene.before):
        return INCOME
    role = _by_cues(scene.near, scene, progress)
    if role == UNTOLD:
        role = _by_cues(scene.cues, scene, progress)
    return _without_cues(scene, progress) if role == UNTOLD else role


def _by_cues(cues: Sequence[Cue], scene: Scene, progress: Progress) -> str | None:
    """The last telling cue decides; what it needs of the others, its rule asks for."""
    telling = [cue for cue in cues if cue.kind not in ("monthly", "former")]
    if not telling:
        return PAYMENT if cues and scene.has_month and scene.plans else UNTOLD
    last = telling[-1]
    named = _Named([cue.kind for cue in telling])
    if last.kind in PURPOSES:
        return None if _NOT_A_MONTH.search(scene.before) else last.kind
    if PAYMENT in named.kinds and last.kind not in ("none", "debt", "left", OTHER):
        return named.purpose or PAYMENT
    if last.kind in BALANCES:
        return _of_product(scene, last, named)
    rules = {"none": _of_nothing, "give": _given, "debt": _owed, "left": _left}
    rule = rules.get(last.kind)
    return rule(scene, last, named, progress) if rule else last.kind


class _Named:
    """The kinds of cues that were named, in order."""

    def __init__(self, kinds: list[str]) -> None:
        self.kinds = kinds
        self.purpose = self._last(PURPOSES)
        self.product = self._last(BALANCES)
        self.creditor = self._last(BALANCES | {OTHER})
        self.products = len(BALANCES & {*kinds})

    def _last(self, wanted: frozenset[str]) -> str | None:
        return next((kind for kind in reversed(self.kinds) if kind in wanted), None)


def _of_product(scene: Scene, cue: Cue, named: _Named) -> str | None:
    if scene.has_month and cue in scene.near:
        return PAYMENT
    if _IN_ALL.search(scene.before) and named.products > 1:
        return None
    return cue.kind


def _of_nothing(
    scene: Scene, cue: Cue, named: _Named, progress: Progress
) -> str | None:
    """花呗一共8000 is its balance; all other words of this kind give no role."""
    only_one = named.products == 1 and named.creditor == named.product
    in_all = _IN_ALL.search(cue.word) and only_one and not named.purpose
    return named.product if in_all else None


def _given(scene: Scene, cue: Cue, named: _Named, progress: Progress) -> str | None:
    if named.purpose:
        return named.purpose
    if _WITH_WHAT.search(scene.before):
        return None
    if cue not in scene.near:
        return UNTOLD
    planned = scene.plans or _A_MONTH.search(scene.text)
    return PAYMENT if scene.has_month or (planned and cue.word != "还") else None


def _owed(scene: Scene, cue: Cue, named: _Named, progress: Progress) -> str | None:
    """The debt to somebody, or of a product that was named."""
    in_all = _IN_ALL.search(scene.before) and named.products != 1
    if named.creditor and not (in_all and named.creditor in BALANCES):
        return named.creditor
    if in_all or named.purpose:
        return named.purpose
    earlier = [one.kind for one in scene.cues if one.kind in BALANCES | {OTHER}]
    return earlier[-1] if earlier else progress.open_product


def _left(scene: Scene, cue: Cue, named: _Named, progress: Progress) -> str | None:
    if _TAKEN_OFF.search(scene.before):
        return None
    if named.product or progress.role:
        return named.product
    return progress.open_product


def _without_cues(scene: Scene, progress: Progress) -> str | None:
    if progress.role == PAYMENT and _JUDGED.match(scene.text, scene.amount.end):
        return PAYMENT
    received = _RECEIVED.search(scene.before)
    if received and not scene.text.startswith("出", scene.amount.end + 1):
        return INCOME if scene.has_month or "进" in received.group() else None
    return None

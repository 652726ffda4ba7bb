"""Takes back what a sentence corrects: 不是8千是9千, 是9千不是8千, 8千，不对，9千.

What is rejected is cut out of the sentence, and the words that reject it with it: what
is left (花呗9千) is read as if the person had said it right at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from xieshang.language.spans import clause_before

PRODUCT = "product"
DATE = "date"
# So far behind 不是 a value can be what is meant, and so many are taken back at most.
FURTHEST = 12
FURTHEST_SUM = 4
MOST_CUTS = 12

Cut = list[tuple[int, int]]

_NOT = r"(?:而|并|真|都|也|又)?不是"
_NUMERAL = r"[\d一二两三四五六七八九十百千万]"
_MAY_REJECT = re.compile(
    rf"{_NOT}|没有(?={_NUMERAL})|不对|错|[，。\s啊哦噢呃额嗯]不[，\s]|口误|手误|手滑|更正|纠正"
)
# 是不是8千, 还不是8千, 要不是 ask, blame and suppose; they reject nothing.
# 没有3000 does, when the sum stands right behind it.
_REJECTS = re.compile(
    rf"(?<![是可要岂莫道])(?<!^还)(?<![^月期得]还)(?:{_NOT}|(?<!有)没有(?={_NUMERAL}))"
)
_TAIL = (
    r"(?:[的了啊呀呢哦哈啦钱多]|没还|没交|逾期|欠的|那天|一个月|每个?月|一期|每期"
    r"|还(?!是)|发(?:工资)?|到期)*"
)
_PAUSE = r"[，、。；;！…\s]*"
_WORDS = r"[^，。；;！？\s不没别吗么]{0,8}"
_HEAD = re.compile(rf"\s*(?!说好|因为|为了|故意|恶意)(?P<head>{_WORDS})")
_LONE_HEAD = re.compile(
    r"\s*(?:我|欠|了|借|逾期|晚|拖|分|成|每个?月|一个月|每期|大概|花呗|借呗|\s)*"
)
_INSTEAD = re.compile(
    rf"{_TAIL}(?:(?P<pause>[，、。；;！…\s]+)|(?=而?是|应该|其实))(?!就是|便是|也|或|还)"
    r"(?:而|我|其实|实际上?|应该|准确说?|哦|嗯|就|只|才|现在)*(?P<yes>是)?"
    rf"(?P<head>{_WORDS})"
)
_AT_AN_END = re.compile(
    rf"(?!{_TAIL}{_PAUSE}(?:就是|便是|还是|或)){_TAIL}(?:[，。！；;、\s]|$|也不是|而?是(?![吗不什啥]))"
)
_ASKED = re.compile(rf"{_TAIL}(?:左右)?[吗么嘛吧？]")
_SUPPOSED = re.compile(r"(?:什么|怎么|咋|为啥|凭啥|如果|要是|万一|只要|希望)[^，。]*$")
_BARE_TAIL = re.compile(rf"{_TAIL}{_PAUSE}")
_IS_BEFORE = re.compile(r"(?:是|说|问)[^，。]{0,3}$")

_ONE_WRONG = (
    r"(?:(?<!(?<!不)对)(?<!我)不对(?![劲吗么吧等称])"
    r"|[说打写记搞弄看输算填讲]?错(?:了|啦|咯|掉了)"
    r"|(?<=[，。\s啊哦噢呃额嗯])不是?(?=[，\s])|(?<=[啊哦噢呃额嗯])不(?=是|应该|\d)"
    r"|口误|手误|手滑|更正(?:一下)?|纠正(?:一下)?)(?:了|啦|哈|啊)?"
)
_WRONG = re.compile(rf"{_ONE_WRONG}(?:{_PAUSE}我?(?:刚才|刚刚)?{_ONE_WRONG})*")
_BEFORE_WRONG = re.compile(
    rf"{_TAIL}(?:左右)?(?P<pause>{_PAUSE})"
    r"(?:[哦噢啊呃额嗯哎呀]|等等|等下|不好意思|抱歉|对不起|我|刚才|刚刚|上面|前面|之前"
    r"|[说写打]的?|这个|那个|数字?|好像|[，、。…\s])*"
)
_RIGHT = re.compile(
    rf"{_PAUSE}(?!.*(?:还有|另外|加上|以及|也))(?:应该|其实|实际上?|准确来?说?|正确的?)*[是，]?"
    r"(?P<link>(?:我|应该|就|只|才|是|有|一?共|总共|大概|差不多|现在|已经|都|欠|借|晚|还|剩"
    r"|算|记得|写|说|打|逾期|分成?|的|了|\s)*)(?P<head>.*)"
)
_OF_PRODUCT = re.compile(r"(?:是|有|欠|了|只|还|逾期|的|\s)*")
_PRODUCT_CLAUSE = re.compile(r"[^。！？]{0,10}[，\s]")
_HEAD_END = re.compile(r"(?:是|有|只有|的|欠|欠了|应该|\s)*$")


@dataclass(frozen=True)
class Piece:
    """A value that a sentence may take back.

    Attributes:
        kind: money, date, duration, count or product.
        start: place of its first character.
        end: place after its last character.
        value: which product.
    """

    kind: str
    start: int
    end: int
    value: str = ""


@dataclass(frozen=True)
class Kept:
    """What is left of a sentence.

    Attributes:
        text: the sentence without what it takes back.
        places: the place in the whole sentence of each character that is left.
    """

    text: str
    places: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """A piece of the text, counted in the whole sentence.

        Args:
            start: place of the first character.
            end: place after the last character.
        """
        return self.places[start], self.places[end - 1] + 1


def may_correct(text: str) -> bool:
    """Whether a sentence has words that could take something back.

    Args:
        text: a folded sentence.
    """
    return bool(_MAY_REJECT.search(text))


def without_rejected(text: str, pieces: Sequence[Piece]) -> Kept:
    """Cut what a sentence takes back.

    Args:
        text: a folded sentence.
        pieces: the values in it.
    """
    kept = Kept(text, range(len(text)))
    left = sorted(pieces, key=lambda one: one.start)
    for _ in range(MOST_CUTS):
        cut = next((cut for rule in _RULES if (cut := rule(kept.text, left))), None)
        if not cut:
            break
        gone = {place for start, end in cut for place in range(start, end)}
        stays = [place for place in range(len(kept.text)) if place not in gone]
        moved = {place: index for index, place in enumerate(stays)}
        left = [
            replace(one, start=moved[one.start], end=moved[one.end - 1] + 1)
            for one in left
            if not gone & set(range(one.start, one.end))
        ]
        kept = Kept(
            "".join(kept.text[place] for place in stays),
            [kept.places[place] for place in stays],
        )
    return kept


def _not_this_but_that(text: str, pieces: Sequence[Piece]) -> Cut | None:
    """不是8千是9千, 不是逾期20天，是30天, 不是花呗8千，是借呗8千."""
    for wrong, marker, head in _rejected(text, pieces, _HEAD):
        right = _first(pieces, wrong.kind, wrong.end)
        instead = right and _INSTEAD.fullmatch(text, wrong.end, right.start)
        if not right or not instead:
            continue
        begin = instead.start("head")
        if any(
            one.kind == PRODUCT and begin <= one.start < right.start for one in pieces
        ):
            return [(marker.start(), begin)]
        # 12月不是15号是20号 is 12月20号; 12月不是5000是4500 has to keep its 是.
        joins = wrong.kind != DATE and re.search(r"[\d月年]$", text[: head.start()])
        yes = instead.start("yes")
        end = yes if joins and yes >= 0 else begin
        return [(marker.start(), head.start("head")), (wrong.start, end)]
    return None


def _that_not_this(text: str, pieces: Sequence[Piece]) -> Cut | None:
    """是9千不是8千, 借呗，不是花呗, and a rejection alone: 工资不是5000."""
    for wrong, marker, _ in _rejected(text, pieces, _LONE_HEAD):
        before = [one for one in pieces if one.end <= marker.start()]
        told = bool(
            before
            and before[-1].kind == wrong.kind
            and _BARE_TAIL.fullmatch(text, before[-1].end, marker.start())
            and (wrong.kind != PRODUCT or _IS_BEFORE.search(text[: before[-1].start]))
        )
        if told or _AT_AN_END.match(text, wrong.end):
            return [(marker.start(), wrong.end)]
    return None


def _rejected(
    text: str, pieces: Sequence[Piece], head: re.Pattern[str]
) -> Iterator[tuple[Piece, re.Match[str], re.Match[str]]]:
    """The values behind a 不是, with it and the words between."""
    for marker in _REJECTS.finditer(text):
        if _SUPPOSED.search(clause_before(text, marker.start())):
            continue
        for piece in pieces:
            distance = piece.start - marker.end()
            if not 0 <= distance <= FURTHEST or _ASKED.match(text, piece.end):
                continue
            if between := head.fullmatch(text, marker.end(), piece.start):
                yield piece, marker, between


def _wrong_then_right(text: str, pieces: Sequence[Piece]) -> Cut | None:
    """8千，不对，是9千; 工资5千房租1千，说错了，工资6千; 花呗8千，不对，借呗8千."""
    for marker in _WRONG.finditer(text):
        left = [one for one in pieces if one.end <= marker.start()]
        right = [one for one in pieces if one.start >= marker.end()]
        if not left or not right:
            continue
        said = _RIGHT.match(text[: right[0].start], marker.end())
        before = text[left[-1].end : marker.start()]
        if not said or not _is_about(before, left[-1]):
            continue
        head = said["head"]
        if head:
            cut = _of_the_same_head(text, left, right[0], marker, head)
        elif right[0].kind == PRODUCT:
            cut = _of_product(text, left, right, marker, said.start("link"))
        else:
            wrong = _first(reversed(left), right[0].kind)
            back = (left[-1].end, said.start("link"))
            cut = [(wrong.start, wrong.end), back] if wrong else None
        if cut:
            return [*cut, *_told_again(text, left, right, marker)]
    return None


def _is_about(before: str, last: Piece) -> bool:
    """Whether 不对 follows the last value, or the clause of a product."""
    return bool(
        _BEFORE_WRONG.fullmatch(before)
        or (last.kind == PRODUCT and _PRODUCT_CLAUSE.fullmatch(before))
    )


def _first(pieces: Iterable[Piece], kind: str, begin: int = 0) -> Piece | None:
    return next(
        (one for one in pieces if one.kind == kind and one.start >= begin), None
    )


def _of_the_same_head(
    text: str, left: Sequence[Piece], right: Piece, marker: re.Match[str], head: str
) -> Cut | None:
    """工资5千房租1千，不对，工资6千: the one that had the same word before it."""
    begin = text.rfind(_HEAD_END.sub("", head), 0, marker.start())
    wrong = _first(left, right.kind, begin) if begin >= 0 else None
    return [(wrong.start, wrong.end), marker.span()] if wrong else None


def _told_again(
    text: str, left: Sequence[Piece], right: Sequence[Piece], marker: re.Match[str]
) -> Cut:
    """The values before 不对 that are told anew behind it, after the first one."""
    cut: Cut = []
    values = [one for one in right if one.kind != PRODUCT]
    for before, again in pairwise(values):
        head = _HEAD_END.sub("", text[before.end : again.start].strip("，、。；和跟 "))
        begin = text.rfind(head, 0, marker.start()) if head else -1
        wrong = _first(left, again.kind, begin) if begin >= 0 else None
        if wrong and wrong.start - begin <= len(head) + FURTHEST_SUM:
            cut.append((wrong.start, wrong.end))
    return cut


def _of_product(
    text: str,
    left: Sequence[Piece],
    right: Sequence[Piece],
    marker: re.Match[str],
    link: int,
) -> Cut | None:
    """Another product was meant, or the one that was named has another sum."""
    named = [one for one in left if one.kind == PRODUCT]
    again = [one for one in named if one.value == right[0].value]
    has_sum = len(right) > 1 and _OF_PRODUCT.fullmatch(
        text, right[0].end, right[1].start
    )
    if again:
        wrong = _first(left, right[1].kind, again[-1].start) if has_sum else None
        return [(wrong.start, wrong.end), marker.span()] if wrong else None
    if not named or not re.search(r"[，。\s]", text[named[-1].end : marker.start()]):
        return None
    other = named[-1]
    if has_sum and other is not left[-1]:
        return [(other.start, link)]
    return [(other.start, other.end), (left[-1].end, link)]


_RULES: tuple[Callable[[str, Sequence[Piece]], Cut | None], ...] = (
    _not_this_but_that,
    _that_not_this,
    _wrong_then_right,
)

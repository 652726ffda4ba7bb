"""Verification codes and passwords: what stands beside the words for them.

The patterns are for folded texts, in which Chinese numerals are digits: 一下 is 1下.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from xieshang.knowledge import current_knowledge
from xieshang.privacy.folding import NOTHING
from xieshang.privacy.spans import Span

# From the check value of a card to the longest code of an SMS.
CODE_LENGTHS = range(3, 9)
# What is told digit by digit is a code from here on.
SPELLED_LENGTHS = range(4, 9)

_CODES = (
    "(?:(?:验证|驗證|校验|校驗|动态|動態|短信|确认|安全|授权)[码碼]|动态密码|动态口令"
    "|(?<![a-z])(?:verification code|(?<!error )code|otp|pin|cvv2?|cvc2?|yzm)"
    "(?:码|(?![a-z])))"
)
_PASSWORDS = (
    "(?:密码|密碼|(?<!动态)(?<!動態)口令"
    "|(?<![a-z])(?:pass(?:word|wd|code)|pwd?|mima)(?![a-z]))"
)
# Less certain words for a code.
_MESSAGE = "(?:短信(?:里|上|中)?的?(?:数字|号码|码)|收到的码)"
_GAP = rf"(?:[ \-._·{NOTHING}]|空格|横杠|杠|减号){{1,2}}"
_DIGITS = (
    r"\d(?:,\d){3,7}(?![\d,])"
    rf"|\d{{1,3}}(?:{_GAP}\d{{1,3}}){{1,7}}(?!\d)|\d{{3,8}}(?!\d)"
)
# What makes digits a sum, a date or a count.
_NO_UNIT = (
    r"(?!\s*(?:元|块|万|千|百|天|日|年|月|期|个|次|分|秒|小时|位|条|%|岁|名|人|折|多|笔"
    r"|[wk](?![a-z])))(?![.,]\d)"
)
_WRITTEN = r"[A-Za-z0-9!@#$%^&*._\-+=?/~]{4,32}"
_IS = r"(?:\s|[:=\"'“”‘’【\[(<《#\-]|就是|是|为|為|叫|号|我的|数字|is(?![a-z]))*"
_TOLD = (
    r"(?:\s|[:=,。;!]|就?是|发|收到|来|给|我|你|您|刚|了|的|到|如下|1下|吧|呢|啊|哦"
    "|他|她|对方|客服|让|把|报|说|告诉|念|填|输入?|有|[46]位(?:数字?)?)*"
)
_THIS = r"[\s,;:]*(?:这个?|那个?)?\s*(?:就是|是|为)"
_WHOSE = (
    "(?:我|你|您|他|她|家|要|的|刚才|短信|支付宝|支付|登[录6]|银行卡?|取款|微信|淘宝"
    "|花呗|借呗|开机|手机)*"
)
_CHOSEN = (
    r"(?:\s|[:=\"'“”‘’【\[(>→\-]|就是|是|为|為|叫|设的?|置|改|成|用的?|换|了|我的?"
    "|填|输入?|写|生日|[46]位(?:数字?)?|is(?![a-z]))*"
)

_AFTER_CODE = re.compile(f"{_CODES}{_IS}({_DIGITS}){_NO_UNIT}", re.IGNORECASE)
_TOLD_CODE = re.compile(
    rf"(?:{_CODES}|{_MESSAGE}){_TOLD}(\d{{4,8}}(?<!00))(?!\d){_NO_UNIT}", re.IGNORECASE
)
_MIXED_CODE = re.compile(
    rf"{_CODES}{_IS}((?=[A-Za-z]*-?\d)[A-Za-z]{{1,2}}-?\d[A-Za-z0-9]{{2,6}})"
    r"(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_BEFORE_CODE = re.compile(
    rf"(?<![\d.])(\d{{4,8}}){_THIS}{_WHOSE}\s*{_CODES}", re.IGNORECASE
)
_FIRST_CODE = re.compile(rf"\s*(\d{{4,8}}(?<!00))\s*{_CODES}", re.IGNORECASE)
_PAYMENT_CODE = re.compile(r"(?:付款|收款|支付)码(?:\s|[:=]|是|为)*((?:\d ?){15,23}\d)")
_CHOSEN_WORD = re.compile(
    f"{_PASSWORDS}({_CHOSEN})({_WRITTEN}|{_DIGITS}){_NO_UNIT}", re.IGNORECASE
)
_BEFORE_WORD = re.compile(
    rf"(?<![A-Za-z0-9.])((?=[A-Za-z]*[\d!@#$%^&*]){_WRITTEN})"
    rf"(?:(?:{_THIS}|\s*当成?|\s*做){_WHOSE}\s*{_PASSWORDS}|\s*\(\s*{_PASSWORDS}\s*\))",
    re.IGNORECASE,
)
# Behind a comma only what looks like nothing else.
_LISTED_WORD = re.compile(
    rf"{_PASSWORDS}\s*[,、。;]\s*((?=[A-Za-z]+\d){_WRITTEN})", re.IGNORECASE
)
_QUOTED_WORD = re.compile(
    rf"{_PASSWORDS}{_CHOSEN}(?<=[\"'“”【「『])([^\"'“”】」』]*\d[^\"'“”】」』]*)"
    "[\"'“”】」』]",
    re.IGNORECASE,
)
_OF_ID = rf"(?:\s|[:=]|是|为|為)*(\d{{3,17}}[\dXx])(?![\dA-Za-z]){_NO_UNIT}"
_ID_WORD = re.compile("身份[证證]")
_ID_TAIL = re.compile(
    f"身份[证證]号?码?(?:最?后|末|尾号?)?[46]?位?数?(?:尾号)?{_OF_ID}"
)
_ID_PART = re.compile(f"(?:[前后後末][46]位?|尾号?)[数數码碼]?{_OF_ID}")
# A day that somebody talks of; an earlier one is a birthday.
_DAY = re.compile(r"20[2-9]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")


def _is_public(digits: str) -> bool:
    """Whether it is a hotline that the assistant names itself, or a day of late."""
    hotlines = current_knowledge().tables["hotlines"].values()
    return bool(_DAY.fullmatch(digits)) or any(
        digits == str(hotline["number"]) for hotline in hotlines
    )


def _codes(text: str) -> Iterator[Span]:
    for found in _AFTER_CODE.finditer(text):
        count = sum(char.isdigit() for char in found[1])
        if count in (CODE_LENGTHS if found[1].isdigit() else SPELLED_LENGTHS):
            yield Span(*found.span(1), "verification_code")
    for pattern in (_TOLD_CODE, _BEFORE_CODE, _MIXED_CODE, _PAYMENT_CODE):
        for found in pattern.finditer(text):
            yield Span(*found.span(1), "verification_code")
    first = _FIRST_CODE.match(text)
    if first:
        yield Span(*first.span(1), "verification_code")


def _passwords(text: str) -> Iterator[Span]:
    for found in _CHOSEN_WORD.finditer(text):
        link, token = found.groups()
        has_digit = any(char.isdigit() for char in token)
        # "password reset": a word after a blank is no password.
        if has_digit or link.strip() or not found[0][0].isascii():
            yield Span(*found.span(2), "password")
    for pattern in (_BEFORE_WORD, _LISTED_WORD, _QUOTED_WORD):
        for found in pattern.finditer(text):
            yield Span(*found.span(1), "password")


def _parts_of_ids(text: str) -> Iterator[Span]:
    if not _ID_WORD.search(text):
        return
    for pattern in (_ID_TAIL, _ID_PART):
        for found in pattern.finditer(text):
            yield Span(*found.span(1), "id_card")


def find_secrets(text: str) -> list[Span]:
    """Codes and passwords beside their words, and parts of an identity number.

    Args:
        text: from `fold`.
    """
    return [
        span
        for span in (*_codes(text), *_passwords(text), *_parts_of_ids(text))
        if not _is_public(text[span.start : span.end])
    ]

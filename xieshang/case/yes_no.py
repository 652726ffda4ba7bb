"""Yes and no to what was just asked."""

from __future__ import annotations

import re

from xieshang.case.heard import Heard

_NO = re.compile(
    r"不(?:对|是|行|想|同意|可以|好(?!意思)|填|登记|清空|删|(?:要|需要)(?!改))|没同意|别(?![的人家])"
    # "房租自己家的不用" refuses nothing.
    r"|(?:^|[\s，,。；;、])[^\s，,。；;、]{0,4}不用(?!改)"
    r"|(?<!打)算了(?![算一下]|[，,\s]*(?:还是|就)?(?:登记|填|同意|开始))|拒绝|取消|先不|(?<!没)有要改|先到这|(?<![没有用不])要改|有错|(?<![没不])错"
)
# Asked, not said: 行不行
_A_NOT_A = re.compile(r"([\u4e00-\u9fa5])不\1")
_CLAUSE = re.compile(r"[^\s，,。.；;！!、~～]+")
# A yes begins with a clause of such words only: 好久没还了, 对方, 想先问问 say none.
_YES = re.compile(
    r"(?:嗯|恩|是|对|好|行|中|可以|没错|没毛病|没[有啥]?什?么?(?:错|要改|问题)|不(?:用|要|需要)改|同意|愿意"
    r"|确认|确定|正确|准确|无误|ok|继续|接着|开始|清空|重来|删除?|来吧|就这样|要|想(?=[登填继要开做算])"
    r"|都|全部?|就|来|登记|填|完|做|算|整理|完整|方案|上次|先|帮|我|你|您|们|掉|[\d.]+万?[元块]?"
    r"|[的了吧啊呀啦嘛呢哈滴嘞哒哦])+",
    re.IGNORECASE,
)
# These alone do not make it one.
_NO_YES_YET = re.compile(
    r"(?:都|全部?|就|来|登记|填|完|做|算|整理|完整|方案|上次|先|帮|我|你|您|们|掉|[\d.]+万?[元块]?"
    r"|[的了吧啊呀啦嘛呢哈滴嘞哒哦])+"
)
# "对了，还有个问题", taken for a yes as a whole
_NOT_MEANT = re.compile(r"[不没改]|问题|再想|考虑|知道|明白|懂|了解|收到|^对了\W*\w")
# What cannot be taken back wants a yes and nothing else.
_PLAIN_YES = re.compile(
    r"(?:嗯|恩|是|对|好|行|可以|同意|确认|确定|ok|要|全部?|都|清空|重来|删除?|掉|了|的|吧|啊|呀|啦|\W)+",
    re.IGNORECASE,
)


def says_no(heard: Heard) -> bool:
    """Whether a message says no. Refusing wins over a yes in the same message."""
    if _refuses(heard):
        return True
    return heard.intent == "deny" and not _begins_with_yes(heard.text)


def says_yes(heard: Heard) -> bool:
    """Whether a message says yes and nothing against it."""
    if _refuses(heard) or heard.asks:
        return False
    if _begins_with_yes(heard.text):
        return True
    return heard.intent == "affirm" and not _NOT_MEANT.search(heard.text)


def _refuses(heard: Heard) -> bool:
    said = heard.statement if heard.asks else heard.text
    return bool(_NO.search(_A_NOT_A.sub("", said)))


def _begins_with_yes(text: str) -> bool:
    clauses = _CLAUSE.findall(text)
    if not clauses or (clauses[0] == "对了" and len(clauses) > 1):
        return False
    first = clauses[0]
    return bool(_YES.fullmatch(first)) and not _NO_YES_YET.fullmatch(first)


def says_plain_yes(heard: Heard) -> bool:
    """Whether a message is a yes and nothing else."""
    return says_yes(heard) and bool(_PLAIN_YES.fullmatch(heard.text))

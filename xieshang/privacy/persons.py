"""Names and addresses that stand beside an identity number.

Alone a name or a street is no secret of its own, and words of a case would be hit;
with the number they are a person's whole identity.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from xieshang.privacy.spans import Span

# The names of four of five people.
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余"
    "于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付傅方邹熊白孟秦邱侯江尹薛闫雷"
    "龙史陶贺毛郝顾龚邵万钱严覃武戴莫孔汤"
)
_WORD = "[\u4e00-\u9fff·]"
_TOLD_NAME = re.compile(
    rf"(?:姓名|名字|户名|我叫|本人叫?|联系人)(?:是|叫|为|[:：\s])*"
    rf"([{SURNAMES}]{_WORD}{{1,2}}?)(?=的?身份证|[^\u4e00-\u9fff·]|$)"
)
_BARE_NAME = re.compile(
    rf"(?<!{_WORD})([{SURNAMES}]{_WORD}{{1,2}})[\s,，:：、]*(?:的?身份证[号码是为:：\s]*)?$"
)
_TOLD_ADDRESS = re.compile(
    r"(?:住址|地址|家住|住在|户籍(?:地|在)?)(?:是|为|在|[:：\s])*([^,，。;；!！?？\s]{4,40})"
)
_STREET = re.compile(
    r"([\u4e00-\u9fff]{2,8}(?:省|自治区|市|县|区)[\u4e00-\u9fff\dA-Za-z\-]{0,30}"
    r"\d+(?:号|室|栋|幢|单元|组|弄)(?:[\dA-Za-z\-]+(?:号|室|栋|幢|单元|楼))*)"
)


def find_persons(text: str, numbers: Sequence[Span]) -> list[Span]:
    """Names and addresses in a text with an identity number.

    Args:
        text: what a person wrote.
        numbers: what was found in it.
    """
    spans = [Span(*found.span(1), "name") for found in _TOLD_NAME.finditer(text)]
    for number in numbers:
        bare = _BARE_NAME.search(text[: number.start])
        if number.kind == "id_card" and bare:
            spans.append(Span(*bare.span(1), "name"))
    for pattern in (_TOLD_ADDRESS, _STREET):
        spans += [Span(*found.span(1), "address") for found in pattern.finditer(text)]
    return spans

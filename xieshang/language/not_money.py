"""Numbers that are no money: what is counted, identified or said as an idiom."""

from __future__ import annotations

import re

from xieshang.language.spans import clause_before

LONGEST_NUMBER = 7
SHORT_NUMBER = 3
YEARS = range(1900, 2100)

# Words of counting, with what they begin when they count nothing: 三千个, but 三千个税.
_COUNTED = re.compile(
    r"(?:个(?!税)|[天日](?![天常元子用])|号|期(?!间)|[次回趟遍](?![月日家来去头])"
    r"|人(?!民币|家|民|工|情)|岁|周(?![一二三四五六日天末转])|星期|礼拜|年(?!底|末|前|货)"
    r"|月(?![底初末中供租还])|小时|分钟|秒|倍|折|强|栋|幢|单元|室|楼|层|级|成(?!了)|[%％‰°]"
    r"|度(?![过日])|分(?:之|钱|[，。]|$)|公里|千米|米(?!线)|斤|条|张(?!嘴)|件|位(?!置)|页"
    r"|只(?![有能够要剩想是])|台(?!风)|辆|集|章|届|班|平米?|亩|箱|袋|步|句|种(?!地)|字|夜|火急"
    r"|家(?![里人庭属长])|口人?|头(?!疼)|通|封|厘|毫|(?<! )[a-z]|[a-z]{2}|[*×]|富翁"
    r"|点(?:钟|半|前|后|左右|整|之|多?[，。]|$))"
)
_IDENTIFIED = re.compile(
    r"(?:尾号|末四位|[单编工案卡账帐户订]号|员工号|号码|手机号?|电话(?!费)|热线|拨打?|致电|验证码|密码"
    r"|芝麻分?|信用分|评分|分数|积分|第|初|qq|身份证|车牌|门牌|单元|栋|楼|分之|等于|世界|[×*#])"
    r"(?:信用分|是|为|有|才|都|只有|只|就|到|:|：|\s)*$"
)
_SERVICE_NUMBER = re.compile(
    r"9518\d|955\d\d|123(?:06|78|63|48|45|56|15|33)|96110|1008[56]|100[01]0"
)
_SHORT_SERVICE_NUMBER = re.compile(r"(?:打|拨|按|报警)[了过通个]?\s*$")
_WORDS_BEFORE_SUMS = frozenset(
    ["hb", "jb", "rmb", "huabei", "jiebei", "salary", "rent", "income", "mortgage", "y"]
)
_TOGETHER_BEFORE = re.compile(r"[加在合凑放算搞到]$")
# 一块 is a sum only when it is told as one.
_ONE_YUAN_AFTER = re.compile(r"[钱多的也都，。]|$")
_NOT_EVEN_ONE = re.compile(r"钱?(?:也|都)?(?:没|不|拿不)")
_CLOCK = re.compile(r"(?:[01]?\d|2[0-4]|二?十?[一二两三四五六七八九十])")
_IDIOMS = frozenset({"二百五"})
_IDIOM_BEFORE = re.compile(r"(?:是|个|像|叫|当|真)[^，。]{0,2}$")


def is_counted(text: str, end: int) -> bool:
    """Whether a word of counting follows.

    Args:
        text: a folded sentence.
        end: place after the number.
    """
    return bool(_COUNTED.match(text, end))


def _is_part_of_more(text: str, start: int, end: int) -> bool:
    """Whether the number belongs to a time, a fraction, a name of Latin letters."""
    before = text[:start]
    latin = re.search(r"[a-z]+$", before)
    return (
        bool(
            re.search(r"\d[.:/]$|[.\d*×#x]$|[\d一二两三四五六七八九十]点$", before)
            and not re.search(r"\.\.$", before)
        )
        or bool(re.match(r"[:/]\d{1,2}(?!\d)|\.\d|[*×]\d", text[end:]))
        or bool(latin and latin.group() not in _WORDS_BEFORE_SUMS)
    )


def _is_identifier(number: str, before: str) -> bool:
    """Whether the digits themselves look like a number of a telephone or a thing."""
    return (
        len(number) > LONGEST_NUMBER
        or (len(number) > 1 and number[0] == "0")
        or bool(_SERVICE_NUMBER.fullmatch(number))
        or (len(number) <= SHORT_NUMBER and bool(_SHORT_SERVICE_NUMBER.search(before)))
        or (int(number) in YEARS and before.endswith(("(", "（", "【", "[")))
    )


def is_no_money(match: re.Match[str], text: str) -> bool:
    """Whether a number is certainly no sum.

    Args:
        match: with the groups sign, number and currency.
        text: the folded sentence.
    """
    start, end = match.start(), match.end()
    if match.group() in ("一块", "一块钱") and (
        _TOGETHER_BEFORE.search(text[:start])
        or (match.group() == "一块" and not _ONE_YUAN_AFTER.match(text, end))
        or _NOT_EVEN_ONE.match(text, end)
    ):
        return True
    if match["currency"] or match["sign"]:
        return False
    number = match["number"].replace(",", "")
    before = clause_before(text, start)
    return (
        is_counted(text, end)
        or (text.startswith("点", end) and bool(_CLOCK.fullmatch(number)))
        or _is_part_of_more(text, start, end)
        or (number.isdigit() and _is_identifier(number, before))
        or bool(_IDENTIFIED.search(before))
        or (number in _IDIOMS and bool(_IDIOM_BEFORE.search(before)))
    )

"""Generated numbers in every spelling are masked; what looks like them is not."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric

from xieshang.knowledge import current_knowledge
from xieshang.privacy import MASK, mask_sensitive
from xieshang.settings import ROOT

EXAMPLES = settings(max_examples=60, deadline=None)
CHINESE = str.maketrans("0123456789", "零一二三四五六七八九")
FORMAL = str.maketrans("0123456789", "零壹贰叁肆伍陆柒捌玖")
WIDE = str.maketrans("0123456789xX", "０１２３４５６７８９ｘＸ")
CIRCLED = str.maketrans("123456789", "①②③④⑤⑥⑦⑧⑨")
FILLED = str.maketrans("123456789", "❶❷❸❹❺❻❼❽❾")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
NOT_SENSITIVE = (
    (Path(__file__).parent / "not_sensitive.txt")
    .read_text(encoding="utf-8")
    .split("\n")
)
HOTLINES = [
    str(hotline["number"])
    for hotline in current_knowledge().tables["hotlines"].values()
]

digits = st.integers(min_value=0, max_value=9).map(str)


def digits_of(count: int) -> st.SearchStrategy[str]:
    return st.lists(digits, min_size=count, max_size=count).map("".join)


@st.composite
def id_cards(draw: st.DrawFn) -> str:
    area = draw(st.sampled_from(["110105", "310101", "440305", "510107", "654301"]))
    born = draw(st.dates(date(1930, 1, 1), date(2020, 12, 31))).strftime("%Y%m%d")
    number = f"{area}{born}{draw(digits_of(3))}"
    return number + ric.calc_check_digit(number + "0")


@st.composite
def old_id_cards(draw: st.DrawFn) -> str:
    born = draw(st.dates(date(1930, 1, 1), date(1999, 12, 31))).strftime("%y%m%d")
    return f"{draw(st.sampled_from(['110105', '310101', '440305']))}{born}" + draw(
        digits_of(3)
    )


@st.composite
def bank_cards(draw: st.DrawFn) -> str:
    first = draw(st.sampled_from(["622202", "621700", "622848", "436742", "955880"]))
    number = first + draw(digits_of(draw(st.sampled_from([9, 12]))))
    return number + luhn.calc_check_digit(number)


@st.composite
def mobiles(draw: st.DrawFn) -> str:
    return f"1{draw(st.sampled_from('3456789'))}{draw(digits_of(9))}"


def cut(number: str, lengths: Sequence[int], mark: str) -> str:
    """The number in groups; the last length is used again and again."""
    parts, rest = [], number
    for length in lengths:
        parts.append(rest[:length])
        rest = rest[length:]
    while rest:
        parts.append(rest[: lengths[-1]])
        rest = rest[lengths[-1] :]
    return mark.join(part for part in parts if part)


Spelling = Callable[[str, Sequence[int]], str]
SPELLINGS: dict[str, Spelling] = {
    "plain": lambda number, _: number,
    "blanks": lambda number, groups: cut(number, groups, " "),
    "hyphens": lambda number, groups: cut(number, groups, "-"),
    "dashes": lambda number, groups: cut(number, groups, " — "),
    "wide blanks": lambda number, groups: cut(number, groups, "　"),
    "words": lambda number, groups: cut(number, groups, "空格"),
    "strokes": lambda number, groups: cut(number, groups, "杠"),
    "bars": lambda number, groups: cut(number, groups, "|"),
    "underlines": lambda number, groups: cut(number, groups, "_"),
    "semicolons": lambda number, groups: cut(number, groups, "；"),
    "colons": lambda number, groups: cut(number, groups, ":"),
    "dots": lambda number, groups: cut(number, groups, "……"),
    "equal signs": lambda number, groups: cut(number, groups, "="),
    "emoji": lambda number, groups: cut(number, groups, "😀"),
    "digit by digit": lambda number, _: cut(number, [1], " "),
    "digit, comma, digit": lambda number, _: cut(number, [1], "，"),
    "digit by digit with words": lambda number, _: cut(number, [1], " 空格 "),
    "in pairs": lambda number, _: cut(number, [2], " "),
    "full width": lambda number, _: number.translate(WIDE),
    "full width in groups": lambda number, groups: cut(number, groups, "－").translate(
        WIDE
    ),
    "circled": lambda number, _: number.translate(CIRCLED),
    "filled circles": lambda number, _: number.translate(FILLED),
    "Arabic": lambda number, _: number.translate(ARABIC),
    "O for 0": lambda number, _: number[:-1].replace("0", "O") + number[-1],
    "keycaps": lambda number, _: "\ufe0f\u20e3".join(number),
    "invisible": lambda number, _: "\u200b".join(number),
    "Chinese": lambda number, _: number.translate(CHINESE),
    "Chinese in groups": lambda number, groups: cut(number, groups, " ").translate(
        CHINESE
    ),
    "formal": lambda number, _: number.translate(FORMAL),
    "half Chinese": lambda number, _: number[:5] + number[5:].translate(CHINESE),
    "lower case": lambda number, _: number.lower(),
}
# Round numbers between these are a list of sums, unless a word says otherwise.
LISTED = ("semicolons", "colons", "dots", "equal signs", "emoji")
SENTENCES = (
    "{}",
    "我的是{}",
    "号码 {} 请查一下",
    "欠9800，{}，逾期45天",
    "{}花呗",
    "花呗9800 {}",
    "（{}）",
)


def assert_masked(written: str, kind: str, sentence: str) -> None:
    result = mask_sensitive(sentence.format(written))
    assert result.text == sentence.format(MASK), (written, result)
    assert kind in result.kinds


@pytest.mark.parametrize("spelling", SPELLINGS)
@EXAMPLES
@given(number=id_cards(), sentence=st.sampled_from(SENTENCES))
def test_identity_numbers(spelling: str, number: str, sentence: str) -> None:
    assert_masked(SPELLINGS[spelling](number, [6, 8, 4]), "id_card", sentence)


@pytest.mark.parametrize("spelling", SPELLINGS)
@EXAMPLES
@given(number=old_id_cards(), sentence=st.sampled_from(SENTENCES))
def test_old_identity_numbers(spelling: str, number: str, sentence: str) -> None:
    written = SPELLINGS[spelling](number, [6, 6, 3])
    if spelling == "digit, comma, digit":
        sentence = "身份证" + sentence  # else it is a list of small numbers
    # One in ten passes Luhn as well.
    result = mask_sensitive(sentence.format(written))
    assert result.text == sentence.format(MASK), (written, result)
    assert {"id_card", "bank_card"}.intersection(result.kinds)


@pytest.mark.parametrize("spelling", SPELLINGS)
@EXAMPLES
@given(number=bank_cards(), sentence=st.sampled_from(SENTENCES))
def test_bank_cards(spelling: str, number: str, sentence: str) -> None:
    if spelling == "digit, comma, digit":
        sentence = "卡号" + sentence
    assert_masked(SPELLINGS[spelling](number, [4]), "bank_card", sentence)


@pytest.mark.parametrize("spelling", SPELLINGS)
@EXAMPLES
@given(number=mobiles(), sentence=st.sampled_from(SENTENCES))
def test_mobile_numbers(spelling: str, number: str, sentence: str) -> None:
    if spelling in LISTED:
        sentence = "手机" + sentence
    assert_masked(SPELLINGS[spelling](number, [3, 4, 4]), "phone", sentence)


@pytest.mark.parametrize("prefix", ["86", "+86 ", "0086-", "(86)", "0"])
@EXAMPLES
@given(number=mobiles())
def test_mobile_numbers_with_a_prefix(prefix: str, number: str) -> None:
    for written in (number, cut(number, [3, 4, 4], " ")):
        result = mask_sensitive(f"打我 {prefix}{written}")
        assert result.kinds == ("phone",)
        assert not any(part in result.text for part in written.split())


@pytest.mark.parametrize(
    "text",
    [
        "010-62345678",
        "(021)62345678",
        "0571 8765 4321",
        "座机 0755-82345678",
        "家里电话62345678",
        "固话是6234567",
        "+852 6123 4567",
        "+1 650 253 0000",
    ],
)
def test_fixed_and_foreign_telephones(text: str) -> None:
    result = mask_sensitive(text)
    assert result.kinds == ("phone",)
    assert not any(char.isdigit() for char in result.text.replace("+", ""))


CODES = (
    "验证码{}",
    "验证码是 {}",
    "我的验证码：{}",
    "刚收到验证码{}",
    "验证码发给你{}",
    "验证码发来了，{}",
    "校验码 {}",
    "短信码{}",
    "動態碼{}",
    "动态口令{}",
    "{}是我的验证码",
    "{}就是支付宝的验证码",
    "{}验证码",
    "code: {}",
    "verification code is {}",
    "OTP {}",
    "验证码【{}】",
    "驗證碼為{}",
    "{}这是验证码",
    "{}，这个就是验证码",
    "他让我报验证码我报了{}",
    "他问我验证码，我说{}",
    "验证码我告诉他了，{}",
    "验证码给了对方，就是{}",
    "验证码有六位，{}",
    "收到的码是{}",
    "短信里的数字是{}",
)


@EXAMPLES
@given(
    code=st.integers(min_value=4, max_value=8)
    .flatmap(digits_of)
    .filter(lambda code: not code.endswith("00") and code not in HOTLINES),
    sentence=st.sampled_from(CODES),
)
def test_codes(code: str, sentence: str) -> None:
    if len(code) == 8 and code.startswith(("19", "20")):
        return  # it may be a day
    for written in (code, code.translate(WIDE), code.translate(CHINESE)):
        result = mask_sensitive(sentence.format(written))
        assert result.text == sentence.format(MASK), (written, result)
        assert result.kinds == ("verification_code",)


@pytest.mark.parametrize(
    "text",
    [
        "验证码 4 8 2 9 1 3",
        "验证码482-913",
        "验证码 482 913",
        "验证码4空格8空格2空格9",
        "验证码4，8，2，9，1，3",
        "验证码 G-482913",
        "验证码a8f3k2",
        "cvv 123",
        "安全码：456",
        "付款码 286512345678901234",
    ],
)
def test_codes_in_other_shapes(text: str) -> None:
    result = mask_sensitive(text)
    assert result.kinds == ("verification_code",)
    assert not any(char.isdigit() for char in result.text)


@pytest.mark.parametrize(
    "text",
    [
        "密码abc12345",
        "密码：abc12345",
        "支付密码是 abc12345",
        "我支付宝密码是abc12345",
        "密码设的是abc12345",
        "密码改成abc12345了",
        "密码就是abc12345",
        "登录密码 abc12345",
        "PASSWORD=abc12345",
        "pwd:abc12345",
        "passcode abc12345",
        "口令是abc12345",
        "密码：ａｂｃ１２３４５",
        "abc12345是我的密码",
        "abc12345就是支付宝的登录密码",
        "密码是“abc12345”",
        "密碼為abc12345",
        "密码→abc12345",
        "密码->abc12345",
        "密码，abc12345",
        "密码\nabc12345",
        "Password is abc12345",
        "mima是abc12345",
        "pw:abc12345",
        "我用abc12345当密码",
        "abc12345（密码）",
        "abc12345 这个是密码",
        "密码“我爱abc12345”",
    ],
)
def test_passwords(text: str) -> None:
    result = mask_sensitive(text)
    assert result.kinds == ("password",)
    assert "12345" not in result.text
    assert "１２３４５" not in result.text
    assert "abc" not in result.text


@pytest.mark.parametrize(
    "text",
    [
        "密码是 778899",
        "密码七七八八九九",
        "密码 7 7 8 8 9 9",
        "密码为六位数字778899",
        "密码是我生日19870809",
        "密码19870809",
    ],
)
def test_passwords_of_digits(text: str) -> None:
    result = mask_sensitive(text)
    assert result.kinds == ("password",)
    assert MASK in result.text
    assert not set("789七八九") & set(result.text)


@pytest.mark.parametrize(
    "address",
    ["zhang.san@qq.com", "a1@163.com", "x_y+z@mail.example.com.cn", "a1＠qq．com"],
)
def test_mail_addresses(address: str) -> None:
    result = mask_sensitive(f"发到{address}吧")
    assert result.text == f"发到{MASK}吧"
    assert result.kinds == ("email",)


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("张三丰 11010519491231002X", ["张三丰"]),
        ("姓名：李四，身份证11010519491231002X", ["李四"]),
        ("我叫王小明，身份证号11010519491231002X", ["王小明"]),
        ("11010519491231002X 住址 杭州市西湖区文三路1号2单元", ["西湖", "文三路"]),
        ("家住北京市朝阳区建国路88号，证件11010519491231002X", ["朝阳", "建国路"]),
    ],
)
def test_a_name_or_an_address_beside_an_identity_number(
    text: str, gone: list[str]
) -> None:
    result = mask_sensitive(text)
    assert not [part for part in gone if part in result.text]
    assert "11010519491231002X" not in result.text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("身份证后四位002X", "身份证后四位***"),
        ("身份证后六位 231002", "身份证后六位 ***"),
        ("身份證末四碼002X", "身份證末四碼***"),
        (
            "身份证前六位是110105，生日19491231，后四位002X",
            "身份证前六位是***，生日19491231，后四位***",
        ),
        ("驾驶证号110105194912310021", "驾驶证号***"),
        ("11010519491231002×", "***"),
        ("11010519491231002Ⅹ", "***"),
        # Mistyped beside the word for it.
        ("身份证号110105194912310021", "身份证号***"),
        ("卡号6222020000000000001", "卡号***"),
        # Several in one message, between sums.
        (
            "欠9800 13800138000 11010519491231002X 20000",
            "欠9800 *** *** 20000",
        ),
        ("13800138000 13900139000", "*** ***"),
        ("验证码 482913 9800", "验证码 *** 9800"),
        ("给95188打电话，我手机13800138000", "给95188打电话，我手机***"),
        # A phone stays one although it may be the number of a matter.
        ("工单号13800138000", "工单号***"),
    ],
)
def test_beside_words_and_sums(text: str, masked: str) -> None:
    assert mask_sensitive(text).text == masked


@pytest.mark.parametrize("text", filter(None, NOT_SENSITIVE))
def test_what_only_looks_sensitive_is_left_alone(text: str) -> None:
    assert mask_sensitive(text).text == text


def test_there_are_enough_of_them() -> None:
    assert len(set(filter(None, NOT_SENSITIVE))) >= 150


@pytest.mark.parametrize("number", HOTLINES)
@pytest.mark.parametrize(
    "sentence",
    [
        "打{}",
        "{}",
        "{}会要我验证码吗",
        "验证码是{}发的",
        "验证码 {}",
        "密码 {}",
        "{}是我的密码",
    ],
)
def test_hotlines_are_left_alone(number: str, sentence: str) -> None:
    text = sentence.format(number)
    assert mask_sensitive(text).text == text


@EXAMPLES
@given(
    sums=st.lists(
        st.integers(min_value=1, max_value=20000).map(lambda value: value * 50),
        min_size=1,
        max_size=8,
    ),
    mark=st.sampled_from([" ", "，", "、", ",", "元 ", "和", "+", "/", "；"]),
)
def test_round_sums_are_left_alone(sums: list[int], mark: str) -> None:
    if any(len(str(value)) < 3 for value in sums) or mark == "+":
        mark = "元" + mark
    if any(1 <= value // 10**2 <= 1 or 130 <= value <= 199 for value in sums):
        mark = "元" + mark  # "150 1200 3500" is how telephones are written
    text = mark.join(map(str, sums))
    assert mask_sensitive(text).text == text


@EXAMPLES
@given(
    st.decimals(min_value=0, max_value=10**9, places=2),
    st.sampled_from(["欠{}", "{}元", "{:,}元", "花呗{}，能延期吗", "{}"]),
)
def test_sums_with_cents_are_left_alone(amount: object, sentence: str) -> None:
    text = sentence.format(amount)
    assert mask_sensitive(text).text == text


@EXAMPLES
@given(
    st.datetimes(),
    st.sampled_from(
        ["%Y%m%d", "%Y-%m-%d", "%Y/%m/%d %H:%M", "%Y.%m.%d", "%Y%m%d%H%M%S"]
    ),
)
def test_dates_are_left_alone(moment: object, form: str) -> None:
    from datetime import datetime

    assert isinstance(moment, datetime)
    if moment.year < 1900 or moment.year > 2099:
        return
    text = moment.strftime(form)
    assert mask_sensitive(text).text == text


@EXAMPLES
@given(st.text(max_size=300))
def test_anything_is_masked_once_and_for_all(text: str) -> None:
    once = mask_sensitive(text).text
    assert mask_sensitive(once).text == once


def corpus() -> list[str]:
    """What people say in the training data and in the tests of understanding."""
    texts: set[str] = set()
    for file in sorted((ROOT / "data" / "nlu").rglob("*.yml")):
        for part in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            texts.update(
                line.lstrip("- ") for line in str(part.get("examples", "")).split("\n")
            )
    for file in sorted((ROOT / "tests" / "nlu").iterdir()):
        for line in file.read_text(encoding="utf-8").split("\n"):
            if file.suffix == ".jsonl" and line:
                texts.update(v for v in json.loads(line).values() if isinstance(v, str))
            elif file.suffix == ".tsv":
                texts.update(line.split("\t"))
    return sorted(texts)


def test_what_people_say_is_left_alone() -> None:
    texts = corpus()
    assert len(texts) > 10_000
    masked = {text for text in texts if mask_sensitive(text).kinds}
    assert masked == {"我手机号13900001234换掉了，怎么改绑定"}

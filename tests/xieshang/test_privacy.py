"""What is masked before anything is stored, and what is left alone."""

from __future__ import annotations

import pytest

from xieshang.privacy import mask_sensitive

# Numbers made for tests: their check digits are right, they belong to nobody.
ID_CARD = "11010519491231002X"
BANK_CARD = "6222020000000000000"
PHONE = "13800138000"


@pytest.mark.parametrize(
    ("text", "masked", "kinds"),
    [
        (f"我身份证{ID_CARD}", "我身份证***", ("id_card",)),
        (f"身份证 {ID_CARD.lower()}。", "身份证 ***。", ("id_card",)),
        ("老身份证110105491231002", "老身份证***", ("id_card",)),
        (f"卡号{BANK_CARD}", "卡号***", ("bank_card",)),
        ("卡 6222 0200 0000 0000 000 在这", "卡 *** 在这", ("bank_card",)),
        (f"打我{PHONE}", "打我***", ("phone",)),
        ("138-0013-8000", "***", ("phone",)),
        ("验证码是 482913", "验证码是 ***", ("verification_code",)),
        ("密码:abc12345", "密码:***", ("password",)),
        (f"{ID_CARD}和{PHONE}", "***和***", ("id_card", "phone")),
    ],
)
def test_masked(text: str, masked: str, kinds: tuple[str, ...]) -> None:
    result = mask_sensitive(text)
    assert result.text == masked
    assert result.kinds == kinds


@pytest.mark.parametrize(
    "text",
    [
        "打95188",
        "欠9800元，逾期45天",
        "2026年10月9日还20000",
        "12356和12378",
        "订单号20261123000000001",
        "验证码收不到",
        "密码忘了怎么办",
        "花呗1234567890123元",
    ],
)
def test_left_alone(text: str) -> None:
    assert mask_sensitive(text).text == text

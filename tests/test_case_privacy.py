"""What must never be sent is in no event, table or log, wherever it is pasted."""

from __future__ import annotations

import json
import re

import pytest

from tests.conftest import Assistant
from tests.tables import logged, stored_rows
from xieshang.settings import Settings

# Numbers made for tests: their check digits are right, they belong to nobody.
ID_CARD = "11010519491231002X"
OLD_ID_CARD = "110105491231002"
BANK_CARD = "6222020000000000000"
PHONE = "13800138000"
CODE = "482913"
PASSWORD = "Qwe778899"
SECRETS = (ID_CARD, OLD_ID_CARD, BANK_CARD, PHONE, CODE, PASSWORD)
PASTED = {
    "identity number": f"我身份证{ID_CARD}",
    "identity number in groups": "身份证 110105 19491231 002X",
    "old identity number": f"老身份证{OLD_ID_CARD}",
    "bank card": f"卡号{BANK_CARD}",
    "bank card in groups": "6222 0200 0000 0000 000",
    "phone": PHONE,
    "phone in groups": "138-0013-8000",
    "code": f"验证码是{CODE}",
    "password": f"支付宝密码是{PASSWORD}",
}
ANSWERS = (
    "开始登记",
    "同意",
    "两个都有",
    "9800",
    "20000",
    "已经逾期",
    "45天",
    "失业",
    "5500",
    "4100",
    "延期",
    "对",
    "我今天打了95188,他们说三天内回复",
)
MASKED = "遮住"


def leaked(text: str) -> list[str]:
    """The secrets that a text holds, however they are grouped."""
    # Confidences and times hold any six digits by chance.
    told = re.sub(r"\d+\.\d{6,}(?:e-?\d+)?", "", text)
    joined = told.replace(" ", "").replace("-", "").upper()
    return [secret for secret in SECRETS if secret.upper() in joined]


@pytest.mark.parametrize("kind", PASTED)
def test_a_secret_pasted_at_each_question_is_kept_nowhere(
    assistant: Assistant, settings: Settings, kind: str
) -> None:
    sender = f"privacy:{kind}"
    pasted = PASTED[kind]
    for answer in ANSWERS:
        assistant.say(sender, answer)
        said = assistant.say(sender, pasted)
        texts = "".join(message.get("text", "") for message in said)
        assert MASKED in texts, f"after {answer}: {texts}"
        assert not leaked(texts)
    tracker = assistant.tracker(sender)
    events = [event.as_dict() for event in tracker.events]
    assert not leaked(json.dumps(events, ensure_ascii=False, default=str))
    assert not leaked(json.dumps(tracker.current_slot_values(), default=str))
    assert tracker.get_slot("case_state") == "confirmed"
    for table, rows in stored_rows(settings).items():
        assert not leaked("\n".join(rows)), table
    assert not leaked(logged(settings))


def test_a_secret_beside_an_answer_or_a_contact(
    assistant: Assistant, settings: Settings
) -> None:
    sender = "privacy:beside"
    for text in (
        "开始登记",
        "同意",
        f"花呗欠9800，我身份证{ID_CARD}",
        f"逾期45天 失业了 手机{PHONE} 收入5500 房租吃饭要4100",
        "延期",
        "对",
        f"客服说三天内回复我手机{PHONE}",
        f"他们说花呗分24期每期980 让我报验证码{CODE}",
    ):
        said = assistant.say(sender, text)
        assert not leaked("".join(message.get("text", "") for message in said))
    tracker = assistant.tracker(sender)
    assert tracker.get_slot("huabei_balance") == 9800
    assert tracker.get_slot("days_overdue") == 45
    stored = stored_rows(settings)
    assert any(sender in row for row in stored["case_contacts"])
    for table, rows in stored.items():
        assert not leaked("\n".join(rows)), table
    assert not leaked(logged(settings))

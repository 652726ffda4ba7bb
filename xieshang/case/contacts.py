"""What a person tells of a talk with customer service."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date

from xieshang.case.heard import Heard
from xieshang.case.record import Case

CONTACTED, AGREED, REFUSED, CLOSED = "contacted", "agreed", "refused", "closed"
LONGEST = 200

_WHO = r"(?:95188|客服|电话|热线|平台|人工|他们|对方|催收|花呗|借呗|支付宝|机构|银行)"
_SPOKE = re.compile(
    rf"(?:打了|打过|打通|联系[了过上的]|问了|问过|沟通了|谈了|谈过|聊了|找了|找过).{{0,8}}{_WHO}"
    rf"|(?:跟|和|同){_WHO}.{{0,4}}(?:谈|聊|说|沟通|讲|打)(?:了|过|好|成|妥)"
    r"|谈(?:成|妥|拢|崩|好)了|没谈(?:成|妥|拢|好)|批(?:下来)?了|没批"
    rf"|{_WHO}(?:那边|的人)?(?:刚|今天|昨天|刚才|已经?)?(?:说(?![错漏反])|答复|回复|表示|告诉我?|让我|叫我|答应|同意|拒绝|[不没](?:同意|答应)|回电)"
)
_REFUSED = re.compile(
    "[不没](?:同意|答应)|拒绝|不批|没批|没谈[成妥拢好]|谈崩|驳回|不给(?:办|延|减|分)|谈不成"
)
# What may be is no talk: "万一他们不同意", "他们不同意怎么办".
_SUPPOSED = re.compile(r"如果|要是|万一|假如|假设|若是|怕|担心|希望|等|想")
_ASKS_WHAT_THEN = re.compile(
    r"不(?:同意|答应|批)(?:该|要|又)?(?:怎么|咋|如何)(?:办|整|弄)"
)
_AGREED = re.compile(
    "(?<!不)(?<!没)(?:同意|答应)了?|谈[成妥拢好]|办好了|签了|批(?:下来)?了|通过了"
)
# Agreed for good: "答应分12期" may still be an offer, "同意了" is none any more.
_CONCLUDED = re.compile("(?:同意|答应|通过|批)了|谈[成妥拢好]|办好了|签了|批下来")
_PAID = re.compile(
    "(?:我|钱|款|欠款|欠的|账|花呗|借呗|和|跟|都|已经?|全部?|终于|总算|今天|昨天|前天|刚刚?|把|一次性)*"
    "(?:还清|结清|还完)(?:了|啦)"
)
_CLAUSES = re.compile(r"[，,。；;！!\s]+")
_NOT_YET = re.compile(
    r"我?(?:还|暂时|一直)*没有?(?:来得及|敢|空|时间)?去?(?:联系|打(?:电话)?|谈|问)(?:客服|他们|呢|过|\W)*"
)


@dataclass(frozen=True)
class Contact:
    """A talk with customer service.

    Attributes:
        text: what the person tells of it.
        status: agreed, refused, or None when it is open.
        day: when it was, None when that is not said.
    """

    text: str
    status: str | None
    day: date | None = None


@dataclass(frozen=True)
class ContactEntry:
    """A talk with the creditor that was kept.

    Attributes:
        day: when it was.
        text: what came of it, in the person's words.
    """

    day: date
    text: str


def read_contact(heard: Heard) -> Contact | None:
    """The contact that a message tells of, None for questions and everything else."""
    said = heard.statement
    spoke = _SPOKE.search(said)
    if not spoke or _SUPPOSED.search(said, 0, spoke.start()):
        return None
    if _ASKS_WHAT_THEN.search(said):
        return None
    status = None
    if _REFUSED.search(said):
        status = REFUSED
    elif _AGREED.search(said):
        status = AGREED
    return Contact(heard.own_words[:LONGEST], status, _day(heard))


def _day(heard: Heard) -> date | None:
    """The day that a message names and that has been: 昨天, not 三天内."""
    named = [
        date.fromisoformat(str(entity.value))
        for entity in heard.stated
        if entity.entity == "date"
    ]
    return next((day for day in named if day <= heard.today), None)


def is_concluded(contact: Contact | None) -> bool:
    """Whether a contact tells of an agreement, not only of an offer."""
    return bool(
        contact and contact.status == AGREED and _CONCLUDED.search(contact.text)
    )


def is_not_yet(heard: Heard) -> bool:
    """Whether a message says that there was no talk so far."""
    return bool(_NOT_YET.fullmatch(heard.text))


def is_paid(heard: Heard, case: Case) -> bool:
    """Whether a message tells that everything the case is about is paid.

    Args:
        heard: the message; of two debts one that is named is not yet all.
        case: whose products count.
    """
    if heard.asks or not any(map(_PAID.fullmatch, _CLAUSES.split(heard.text))):
        return False
    named = {one.value for one in heard.entities if one.entity == "product"}
    return not named or named >= set(case.products)


def contact_key(contact: Contact, day: date) -> str:
    """A key under which the same contact is kept once a day."""
    return hashlib.sha256(f"{day.isoformat()} {contact.text}".encode()).hexdigest()

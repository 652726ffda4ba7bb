"""What a message to the registration leads to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from xieshang.case.draft import Draft
from xieshang.case.voice import Reply


class Outcome(Enum):
    """What is to be done besides saying the replies."""

    GO_ON = "go on"
    # Answer the message's own question first.
    ANSWER = "answer"
    # The person wants to die: answer that, and nothing of the case.
    CARE = "care"
    # The summary was confirmed: store the case, hand over the plan.
    CONFIRM = "confirm"
    # Ask whether everything is to be deleted; then delete.
    ASK_DELETION = "ask deletion"
    DELETE = "delete"


@dataclass(frozen=True)
class Turn:
    """What a message leads to.

    Attributes:
        draft: as it is afterwards.
        replies: what is said, in order.
        outcome: what is to be done besides.
        ends: whether the registration stops asking.
    """

    draft: Draft
    replies: tuple[Reply, ...] = ()
    outcome: Outcome = Outcome.GO_ON
    ends: bool = False

"""A talk with the registration without Rasa: what is heard, read and said."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from tests.case_talks import TODAY
from xieshang.case.draft import Draft
from xieshang.case.heard import Heard
from xieshang.case.intake import Reading, read_values
from xieshang.case.interview import Interview
from xieshang.case.record import Case
from xieshang.case.turn import Outcome
from xieshang.case.voice import Voice
from xieshang.knowledge import current_knowledge
from xieshang.language.entities import extract
from xieshang.language.lexicon import Lexicon
from xieshang.language.normalize import normalizer
from xieshang.settings import ROOT

DAYS_KEPT = 180


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    return Lexicon.read(ROOT / "data/lexicon")


def hear(text: str, intent: str = "inform") -> Heard:
    """A message as the pipeline and the actions hand it over."""
    read = normalizer().normalize(text)
    entities = tuple(extract(read, TODAY, lexicon()))
    return Heard(read, intent, entities, TODAY, written=text)


def read(text: str, asked: str | None = None, **known: Any) -> Reading:
    """What is read of a message.

    Args:
        text: the message.
        asked: the question before it.
        known: fields of the case; intent of the message; last field told.
    """
    intent, last = known.pop("intent", "inform"), known.pop("last", None)
    case = Case(**known)
    words = Voice(current_knowledge()).words(case)
    return read_values(hear(text, intent), asked, last, case, words)


class Spoken:
    """A talk with the interview; its answers are only looked at for the end."""

    def __init__(self) -> None:
        self.draft = Draft()
        self.confirmed = False
        self._interview = Interview(current_knowledge(), DAYS_KEPT)
        self._asks = False
        self._before: list[Heard] = []
        self.said: list[str] = []

    @property
    def asked(self) -> str | None:
        return self.draft.asked

    @property
    def pending(self) -> str | None:
        return str(self.draft.pending["kind"]) if self.draft.pending else None

    @property
    def missing(self) -> list[str]:
        return [name for name, value in self.draft.case if value in (None, ())]

    def say(self, text: str, intent: str) -> None:
        message = hear(text, intent)
        if not self._asks and intent == "start_case":
            turn = self._interview.begin(self.draft, message)
        elif self._asks:
            # as the slots hold it between two turns
            draft = Draft.from_slots(self.draft.to_slots())
            turn = self._interview.step(draft, message, self._before)
        else:
            self._before.append(message)
            return
        assert turn.replies or turn.outcome is not Outcome.GO_ON
        self.said += [text, *(reply.text for reply in turn.replies)]
        self.draft, self._asks = turn.draft, not turn.ends
        self.confirmed = turn.outcome is Outcome.CONFIRM


def started() -> Spoken:
    talk = Spoken()
    talk.say("开始登记", "start_case")
    talk.say("同意", "affirm")
    return talk

"""Steering the registration: stop, skip, one step back, how far it is, a moment."""

from __future__ import annotations

import json
import re

from xieshang.case.asker import Asker
from xieshang.case.draft import Draft
from xieshang.case.fields import MONEY, is_answered
from xieshang.case.heard import Heard
from xieshang.case.turn import Outcome, Turn
from xieshang.case.voice import Reply
from xieshang.case.yes_no import says_no, says_yes
from xieshang.knowledge import Knowledge

# Topics that steer the talk or fill the case; the others are questions to answer.
STEERING = frozenset({"case", "dialogue"})
# Answered whatever else the message tells.
SAFETY = "safety"
# Asked about what was told so far.
STATUS = frozenset({"ask_case_status", "ask_summary"})
COURTESIES = frozenset({"thank", "goodbye", "bot_challenge"})
OUT_OF_SCOPE = "out_of_scope_other"
NOT_UNDERSTOOD = frozenset({"nlu_fallback", OUT_OF_SCOPE})
# Of the topics that steer, these are answered when they are asked about.
ASKED_ABOUT = frozenset({"start_case", "set_reminder"})
_GOES_ON = re.compile(
    r"(?<!不)(?<!不想)(?:继续|接着|往下)(?:登记|填|来|吧|问|说|下去|$)"
)
_EXPORTS = re.compile("导出|下载|拷贝|json|JSON|备份")
# "算了，登记吧"
_STARTS = re.compile(r"(?<![不别])(?:开始|还是|那就|算了|来)?登记(?:吧|一下吧?)\W*$")
_LATER = re.compile(
    r"(?:明天|回头|晚点|改天|以后|下次|晚上|有空|到时候?)再(?:说|填|来|弄|登记)"
    r"|^(?:那|就|先|今天|好的?|嗯+|\W)*(?:到这里?|再说)(?:吧|了|呗|\W)*$"
)
_WAITS = re.compile(
    r"(?:嗯+|好的?|那|你|您|先|我|麻烦|\W)*"
    r"(?:等(?:[一我]?下|会|等|我|一会)|稍等|去?(?:看|查|翻|算|找)(?:[一了]?下|一?[看查翻算找]))"
    r".{0,12}"
)
_SKIPS = re.compile(
    r"(?:我|这个|这题|这|也|真|实在|具体|先|还|都|有点)*"
    r"(?:跳过?|不(?:太|怎么|大)?(?:知道|晓得|清楚|记得|确定)|记不(?:太)?(?:清楚?|得|住)|想不起来?|忘记?"
    r"|说不(?:好|准|清楚?|上来)|不好说|不(?:想|方便|愿意?)[说填答讲]?|不填|不用?改|不变|略过?|下一[个题]|过)"
    r"(?:这个|这题|具体|多少|几天|哪天|吧|了|啊|呀|呢|哦|诶|的|\W)*"
)
_MAY_SKIP = re.compile("跳|不[填答说]")
# About the question that is asked, not about the debt.
_ABOUT_QUESTION = re.compile(
    r"(?:为什么|为啥|为何|干嘛|干吗|凭什么|凭啥)(?:还|得|非)?要?(?:问|填|知道|告诉|了解|登记|同意)"
    r"|[问填].{0,4}(?:干嘛|干吗|干啥|干什么|做什么|有啥用|有什么用)"
    r"|(?:怎么|咋|如何)(?:填|答|回答)|填(?:啥|什么|哪个)|税前还是|还是税后|总.{0,4}还是|还是.{0,4}总"
    r"|^(?:这个?|这题|那|是|你们?|您|[问说]的|这句话?)*(?:什么|啥|几个)意思"
    r"|^[我也还]*[看听]?[不没](?:太|怎么|看|听)*(?:懂|明白)(?:你们?|您)?(?:在|想)?(?:[问说]的?)?是?(?:什么|啥)?\W*$"
    r"|^(?:你们?|您)(?:在|到底)?[问说]的?是?(?:什么|啥)\W*$|^我?[也都还]?不会(?:弄|填|写|答|搞)\W*$"
)
_ABOUT_SUM = re.compile(
    r"(?:包括|包含|含不含|算进|算在|算不算|税前|税后)|算(?:必要|开支|收入|工资)*[吗不么嘛]\W*$"
)
# "客服问收入怎么回答" is about the talk with them.
_OF_OTHERS = re.compile("客服|对方|他们|催收|法院|机构")
_NOT_THE_SUM = re.compile("逾期|征信|违约|失信|诈骗|犯法|违法")


def goes_on(heard: Heard) -> bool:
    """Whether a message asks to go on with the registration."""
    return bool(_GOES_ON.search(heard.text)) and not heard.asks


def starts(heard: Heard) -> bool:
    """Whether a message asks to begin, whatever it was taken for."""
    return bool(_STARTS.search(heard.text)) and not heard.asks


class Steering:
    """Takes the messages that steer.

    Args:
        asker: asks what comes next.
        knowledge: which questions have an answer.
    """

    def __init__(self, asker: Asker, knowledge: Knowledge) -> None:
        self._asker = asker
        self._voice = asker.voice
        self._entries = knowledge.entries

    def leave(self, draft: Draft, heard: Heard) -> Turn | None:
        """Stop, wait, or ask about deleting, when that is what a message says."""
        if goes_on(heard):
            return None
        if self._waits(heard) and not heard.masked:
            return Turn(draft, (Reply(self._voice.phrase("wait")),))
        if _LATER.search(heard.text) or (heard.intent == "stop" and not starts(heard)):
            return self.stop(draft)
        # "不想让你们存我的信息" refuses, it deletes nothing.
        refuses = not draft.consent and says_no(heard) and "删" not in heard.text
        if heard.intent == "delete_my_data" and not refuses:
            pending = {"kind": "delete"}
            return Turn(draft.but(pending=pending), (), Outcome.ASK_DELETION)
        return None

    def ask_restart(self, draft: Draft) -> Turn:
        """Whether everything is to be told anew."""
        buttons = (
            self._voice.phrase("restart_yes"),
            self._voice.phrase("restart_no"),
        )
        asked = Reply(self._voice.phrase("restart_ask"), buttons)
        return Turn(draft.but(pending={"kind": "restart"}), (asked,))

    def take(self, draft: Draft, heard: Heard) -> Turn | None:
        """Do what a message asks for, None when it does not steer."""
        if draft.asked and self.is_about_question(draft.asked, heard):
            sums = bool(_ABOUT_SUM.search(heard.text))
            help_ = [Reply(self._voice.about(draft.asked, sums))]
            return self._asker.ask_again(draft, help_)
        return (
            self.leave(draft, heard)
            or self._move(draft, heard)
            or self._go_on(draft, heard)
        )

    def _move(self, draft: Draft, heard: Heard) -> Turn | None:
        if goes_on(heard):
            return self._asker.ask_again(draft)
        if self._skips(heard):
            return self._skip(draft)
        if heard.intent == "go_back":
            return self._go_back(draft)
        if heard.intent in STATUS:
            exported = self.exported(draft, heard)
            if exported:
                return self._asker.ask_again(draft, [exported])
            return self._status(draft)
        return None

    def exported(self, draft: Draft, heard: Heard) -> Reply | None:
        """All values of an open registration, when a message asks for its data."""
        if heard.intent not in STATUS or not _EXPORTS.search(heard.text):
            return None
        slots = draft.case.to_slots()
        told = {name: value for name, value in slots.items() if value not in (None, [])}
        data = json.dumps(told, ensure_ascii=False)
        return Reply(self._voice.phrase("draft_export", data=data))

    def _go_on(self, draft: Draft, heard: Heard) -> Turn | None:
        if heard.masked:
            return self._asker.ask_again(draft)
        if heard.intent == "correct":
            # 有要改的, without a word about what
            what = [Reply(self._voice.phrase("what_to_change"))]
            return self._asker.ask_again(draft, what)
        if heard.intent == "greet":
            return self._asker.ask_again(draft, [Reply(self._voice.phrase("greeting"))])
        if heard.intent == "start_case" and not heard.asks:
            return self._asker.ask_again(draft)
        if self.has_answer(heard):
            unhurried = [Reply(self._voice.phrase("unhurried"))]
            said = unhurried if self._needs_care(heard) else ()
            again = self._asker.ask_again(draft, said)
            return Turn(again.draft, again.replies, Outcome.ANSWER)
        return None

    @staticmethod
    def _waits(heard: Heard) -> bool:
        wants_time = _WAITS.fullmatch(heard.text) and not _LATER.search(heard.text)
        # 查看我的数据 looks at what is here.
        return bool(wants_time) and not heard.asks and heard.intent not in STATUS

    @staticmethod
    def skips_in_words(heard: Heard) -> bool:
        """Whether a message is nothing but a way to say that one does not know."""
        return bool(_SKIPS.fullmatch(heard.answer))

    def _skips(self, heard: Heard) -> bool:
        if self.skips_in_words(heard):
            return True
        # "为啥要问这个" is no skipping, "能跳过吗" is.
        wants = heard.intent == "skip"
        return wants and bool(not heard.asks or _MAY_SKIP.search(heard.text))

    @staticmethod
    def is_about_question(asked: str, heard: Heard) -> bool:
        """Whether a message wants to know what a question means or is for.

        Args:
            asked: the field that is asked for.
            heard: the message.
        """
        if _OF_OTHERS.search(heard.text):
            return False
        if _ABOUT_QUESTION.search(heard.text):
            return True
        about_sum = _ABOUT_SUM.search(heard.text) and heard.asks
        return bool(
            asked in MONEY and about_sum and not _NOT_THE_SUM.search(heard.text)
        )

    def is_question(self, heard: Heard) -> bool:
        """Whether a message that tells no value has an answer of its own."""
        entry = self._entries.get(heard.intent)
        if entry is None or heard.intent in NOT_UNDERSTOOD:
            return heard.intent == OUT_OF_SCOPE and heard.asks
        if heard.intent in ASKED_ABOUT:
            return heard.asks
        return entry.topic not in STEERING

    def has_answer(self, heard: Heard) -> bool:
        """Whether a message is answered with an entry, question or courtesy."""
        return self.is_question(heard) or heard.intent in COURTESIES

    @staticmethod
    def leaves_it_open(draft: Draft, heard: Heard) -> bool:
        """Whether a message steers instead of confirming or changing the summary."""
        kind = (draft.pending or {}).get("kind")
        stops = heard.intent == "stop" and not says_yes(heard)
        return kind == "submit" and (goes_on(heard) or stops)

    def also_asks(self, heard: Heard) -> bool:
        """Whether a message that tells a value asks something as well."""
        if heard.intent in NOT_UNDERSTOOD or not self.is_question(heard):
            return False
        return heard.asks or self._needs_care(heard)

    def _needs_care(self, heard: Heard) -> bool:
        entry = self._entries.get(heard.intent)
        return entry is not None and entry.topic == SAFETY

    def stop(self, draft: Draft) -> Turn:
        """Leave the registration; what was told stays."""
        phrase = "stopped" if draft.consent else "stopped_before"
        stopped = draft.left()
        return Turn(stopped, (Reply(self._voice.phrase(phrase)),), ends=True)

    def _skip(self, draft: Draft) -> Turn:
        pending = draft.pending or {}
        if pending.get("kind") == "odd":
            # Neither yes nor no: it is not kept.
            names = tuple(pending["values"])
            left = draft.but(pending=None, skipped=(*draft.skipped, *names))
            said = [Reply(self._voice.phrase("odd_dropped"))]
            return self._asker.next(left.but(failures=0), said)
        if pending or not draft.asked:
            return self._asker.ask_again(draft)
        skipped = draft
        if not is_answered(draft.case, draft.asked):
            skipped = draft.but(skipped=(*draft.skipped, draft.asked))
        said = [Reply(self._voice.phrase("skipped"))]
        return self._asker.next(skipped.but(failures=0), said)

    def _go_back(self, draft: Draft) -> Turn:
        before = draft.question_before
        if before is None:
            first = Reply(self._voice.phrase("no_step_before"))
            return self._asker.ask_again(draft, [first])
        skipped = tuple(name for name in draft.skipped if name != before)
        return self._asker.ask(draft.but(pending=None, skipped=skipped), before)

    def _status(self, draft: Draft) -> Turn:
        answered = [n for n in draft.questions if is_answered(draft.case, n)]
        missing = [self._voice.label(n) for n in draft.questions if n not in answered]
        head = (
            self._voice.summary(draft.case, answered, "status_head")
            if answered
            else self._voice.phrase("status_none")
        )
        tail = (
            self._voice.phrase("status_next", missing="、".join(missing))
            if missing
            else self._voice.phrase("status_full")
        )
        return self._asker.ask_again(draft, [Reply(head), Reply(tail)])

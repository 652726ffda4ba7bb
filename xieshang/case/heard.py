"""A message as the case reads it, and which parts of it state something."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from xieshang.language.entities import Entity

# The comma of 9,800 ends no clause.
_CLAUSE = re.compile(r"(?:[^，,。；;！!？?\n]|(?<=\d),(?=\d{3}(?!\d)))+[？?]?")
_ASKS = re.compile(
    r"[？?]|吗|嘛|么$|怎么|怎样|咋|如何|多少|什么|啥|有没有|多久|多长|哪"
    # 那逾期了呢, 借呗呢, but not 还没逾期呢, 欠着两万呢
    r"|^(?:那.*|[^没着才还在了\d]{1,5})呢$"
    # 能不能, 影不影响; "不行不行" asks nothing
    r"|(?<!不)([^\W\d不])不\1"
    # 会上征信不, 行不, 有事没
    r"|(?:.{3}|[能会行好要用])不[啊呀]?$|(?:[了过事用]|影响)没有?[啊呀]?$"
)
# What is supposed or heard of is nobody's case: 听说逾期90天就起诉.
_SUPPOSES = re.compile(
    r"(?:听|据|有人|人家|别人|网上)[都也]?[说讲]|(?:如果|假如|倘若)(?!可以|能|行|方便)"
    r"|(?<![主只重需])要是(?!可以|能|行|方便)|(?<![\d一二两三四五六七八九十几])万一"
)
# "逾期45天了怎么办" states the days, whatever it asks.
_ASKS_FOR_HELP = re.compile(r"(?:该?怎么|咋|如何)(?:办|整|弄|搞|是好|处理)")
# "不知道具体多少 大概一万吧" answers.
_DOES_NOT_KNOW = re.compile(
    r"(?:不(?:太)?(?:知道|清楚|确定|记得)|记不清|没算过?)[^，,。；;？?]{0,4}(?:多少|几|哪)[天号元块钱]?"
)
_ROUGHLY = re.compile("(?:大概|大约|差不多|估计|可能)[是有就]?$")
_HESITATES = re.compile(
    r"^(?:(?:嗯+|恩+|额+|呃+|啊+|哦+|噢+|诶|欸|唉+|那个|这个|就是)[\s，,。.…~～、]+(?=\w))+"
)
_CORRECTS = re.compile(
    r"不对|[说填写打记搞弄讲算选点报]错|错了|应该是|应为|更正|纠正|改成|改为|改一下|改下|重新填"
    r"|[少多漏][说写填打算]了|[说写填打算][少多漏]了|不是.{1,10}[，,]?是"
)

# So many characters beside a number leave it the answer: "大概也就五千左右吧".
MOST_BESIDE = 8

STATEMENTS = frozenset({"inform", "cannot_pay", "start_case", "correct"})

# What an agent took, a caller asks for or a bad night brings is no figure of the case:
# of such a message only clauses count that speak of the person's own money.
TROUBLE = frozenset({"report_scam", "report_harassment", "express_distress"})
_OWN = re.compile(
    r"欠|逾期|收入|工资|月薪|月入|到手|每?个?月|开支|开销|房租|[房车]贷|失业|没了?工作|裁|下岗|降薪"
    r"|生病|住院|手术|受伤|离婚|倒闭|破产"
)
_AGENT = re.compile("中介|法务|代办|保证金|定金|服务费|安全账户")
_OF_OTHERS = re.compile(
    r"骗|转账|转(?:到|给|过)|验证码|密码|中介|律师|法务|[务续]费|保证金|电话|上门|威胁|自称|说"
    r"|[让叫要逼催][我他她你]"
)


@dataclass(frozen=True)
class Heard:
    """What a person wrote, as understood.

    Attributes:
        text: the message in one spelling, sensitive numbers masked.
        intent: what it was taken for.
        entities: what it names, in order; their places count characters of the text.
        today: the day it was written.
        masked: whether something sensitive was masked in it.
        written: the message as it was written, where that differs.
    """

    text: str
    intent: str
    entities: tuple[Entity, ...]
    today: date
    masked: bool = False
    written: str = ""

    @property
    def own_words(self) -> str:
        """The message as the person wrote it."""
        return self.written or self.text

    @property
    def answer(self) -> str:
        """The message without the hesitation in front: "嗯，我不知道" is no yes."""
        return unhesitating(self.text)

    @property
    def asks(self) -> bool:
        """Whether any part of it is a question."""
        return any(_is_question(clause.group()) for clause in _clauses(self.text))

    @property
    def corrects(self) -> bool:
        """Whether it takes back something said before."""
        return self.intent == "correct" or bool(_CORRECTS.search(self.text))

    @property
    def stated(self) -> tuple[Entity, ...]:
        """The entities outside of questions: 逾期三天影响征信吗 states none."""
        left_out = [
            clause.span()
            for clause in _clauses(self.text)
            if not self._states(clause.group())
        ]
        return tuple(
            entity
            for entity in self.entities
            if not any(start <= entity.start < end for start, end in left_out)
        )

    def _states(self, clause: str) -> bool:
        """Whether a clause tells something of the person's own case."""
        if _is_question(clause) or _SUPPOSES.search(clause):
            return False
        return not self._is_of_others(clause)

    def _is_of_others(self, clause: str) -> bool:
        """Whether a clause tells what others took, promised or asked for."""
        if self.intent in TROUBLE:
            return not _OWN.search(clause) or bool(_OF_OTHERS.search(clause))
        return bool(_AGENT.search(clause))

    @property
    def wished(self) -> tuple[Entity, ...]:
        """The entities in questions too, but for what others say: "能延期吗"."""
        return tuple(
            entity
            for clause in _clauses(self.text)
            if not self._is_of_others(clause.group())
            for entity in self.entities
            if clause.start() <= entity.start < clause.end()
        )

    def answers_with(self, entity: Entity) -> bool:
        """Whether an entity is the answer itself and not a part of some story."""
        if self.intent in STATEMENTS or _ROUGHLY.search(self.text[: entity.start]):
            return True
        clauses = [
            clause.group()
            for clause in _clauses(self.text)
            if clause.start() <= entity.start < clause.end()
        ]
        said = clauses[0] if clauses else self.text
        return len(said) - (entity.end - entity.start) <= MOST_BESIDE

    @property
    def statement(self) -> str:
        """The text without its questions and what is not of the person's own case."""
        return "，".join(
            clause.group()
            for clause in _clauses(self.text)
            if self._states(clause.group())
        )


def unhesitating(text: str) -> str:
    """A text without the sounds and words that people begin with.

    Args:
        text: what a person wrote; a text of nothing else stays.
    """
    return _HESITATES.sub("", text)


def _clauses(text: str) -> list[re.Match[str]]:
    return list(_CLAUSE.finditer(text))


def _is_question(clause: str) -> bool:
    return bool(_ASKS.search(_DOES_NOT_KNOW.sub("", _ASKS_FOR_HELP.sub("", clause))))

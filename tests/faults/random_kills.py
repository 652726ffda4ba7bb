"""Registrations during which servers are killed at moments that nobody chose."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tests.faults.machine import (
    ACTIONS,
    RASA,
    TODAY,
    Machine,
    assert_whole_turns,
    slots_of,
)
from tests.faults.talk import busy, stretched
from xieshang.case.record import Case

# On a machine that does nothing else.
ANSWERED_SECONDS = 5
READY_SECONDS = 30
VICTIMS = ((RASA,), (ACTIONS,), (RASA, ACTIONS))
# How many of the messages of a talk are answered without a kill.
QUIET_SHARE = 0.3
# Of the time that a turn takes: so late the last kill comes.
LATEST = 1.5
PRODUCTS = {"huabei": "只有花呗", "jiebei": "只有借呗", "both": "两个都有"}
NAMES = {"huabei": "花呗", "jiebei": "借呗"}
HARDSHIPS = {
    "unemployment": "上个月失业了",
    "pay_cut": "被降薪了",
    "illness": "生病住院了",
    "business": "生意失败了",
}
GOALS = {
    "extension": "想延期",
    "lower_payment": "想每月少还点",
    "waiver": "想减免利息",
}


@dataclass(frozen=True)
class Survived:
    """A kill that did no harm.

    Attributes:
        text: what was said.
        victims: the servers that were killed.
        after: seconds from the message to the kill.
        answer: whether it was answered: yes, busy or no.
        ready: seconds until the servers answered again.
    """

    text: str
    victims: tuple[str, ...]
    after: float
    answer: str
    ready: float


def registration(chance: random.Random) -> tuple[list[str], Case]:
    """What somebody says, and the facts.

    Each message names what it is about: said twice, it says the same.
    """
    product = chance.choice(list(PRODUCTS))
    hardship, goal = chance.choice(list(HARDSHIPS)), chance.choice(list(GOALS))
    facts = Case(
        product=product,
        overdue="yes",
        days_overdue=chance.randrange(2, 90),
        recorded_on=date.fromisoformat(TODAY),
        hardship=hardship,
        monthly_income=Decimal(chance.randrange(30, 99) * 100 + 37),
        essential_expenses=Decimal(chance.randrange(13, 29) * 100),
        goal=goal,
    )
    balances = {
        f"{name}_balance": Decimal(chance.randrange(30, 99) * 100 + 41)
        for name in facts.products
    }
    facts = facts.with_values(**balances)
    owed = [f"{NAMES[name]}欠{facts.balance_of(name)}" for name in facts.products]
    return [
        "开始登记",
        "同意，登记完整方案",
        PRODUCTS[product],
        *owed,
        f"逾期{facts.days_overdue}天了",
        HARDSHIPS[hardship],
        f"每月到手{facts.monthly_income}",
        f"每月开销{facts.essential_expenses}",
        GOALS[goal],
        "对，整理方案",
    ], facts


def survived_kills(machine: Machine, kills: int, seed: int) -> Iterator[Survived]:
    """Kill servers at random moments of registrations, and start them again.

    Args:
        machine: with both servers running.
        kills: how many at least: the last registration comes to its end.
        seed: of the chance; the moments within a turn are as exact as the machine.

    Yields:
        Each kill, when the talk goes on after it.

    Raises:
        AssertionError: a wrong slot, half a turn, a turn that was answered and is not
            stored, silence although Rasa runs, or a late answer or start.
    """
    chance = random.Random(seed)
    done = 0
    while done < kills:
        sender = f"killed-{seed}-{done}"
        texts, facts = registration(chance)
        machine.say(sender, "你好")
        for text in texts:
            if chance.random() < QUIET_SHARE:
                answer = machine.say(sender, text)
                assert answer not in (None, "", busy()), f"{text}: {answer}"
            else:
                yield _kill_while(machine, sender, text, chance)
                done += 1
            _assert_nothing_wrong(machine, sender, facts)
        assert slots_of(machine.events(sender))["case_state"] == "confirmed"
        stored = machine.cases(sender)
        assert [one.version for one in stored] == [1], texts
        assert stored[0].case == facts


def _kill_while(
    machine: Machine, sender: str, text: str, chance: random.Random
) -> Survived:
    victims = chance.choice(VICTIMS)
    after = chance.uniform(0, LATEST) * machine.seconds
    before = machine.events(sender)

    def kill() -> None:
        time.sleep(after)
        machine.kill(*victims)

    answer = machine.say_and(sender, text, kill)
    taken = machine.seconds
    stored = machine.events(sender)
    if victims == (ACTIONS,):
        assert answer, f"{text}: silence while Rasa runs"
        is_late = taken >= stretched(ANSWERED_SECONDS)
        assert not is_late, f"{text}: answered after {taken:.1f} s"
    assert stored[: len(before)] == before, f"{text}: a stored turn is lost"
    if answer == busy():
        assert stored == before, f"{text}: half a turn is stored"
    elif answer:
        assert len(stored) > len(before), f"{text}: answered, not stored"
    machine.start(*victims)
    ready = machine.ready_seconds
    assert ready < stretched(READY_SECONDS), f"{text}: ready after {ready:.1f} s"
    assert machine.events(sender) == stored, f"{text}: a stored turn is lost"
    if answer in (None, busy()):
        again = machine.say(sender, text)
        assert again not in (None, "", busy()), f"{text}, said again: {again}"
    told = "busy" if answer == busy() else "yes" if answer else "no"
    return Survived(text, victims, after, told, ready)


def _assert_nothing_wrong(machine: Machine, sender: str, facts: Case) -> None:
    """Whole turns are stored; what is known of the case is true."""
    events = machine.events(sender)
    assert_whole_turns(events)
    true = facts.to_slots()
    known = Case.from_slots(slots_of(events)).to_slots()
    wrong = {n: v for n, v in known.items() if v not in (None, []) and v != true[n]}
    assert not wrong, f"wrong slots: {wrong}"

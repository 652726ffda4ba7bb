"""`make bench`: the assistant and Rasa's stock set-up, measured in one run.

Both are trained on the same data, are up at the same time and are written to in turns,
by the same people with the same sentences; the action server is the same one. What the
machine does besides falls on both alike: ratios count, not times. BENCH_SHORT=1 takes
some four minutes when both are trained. Writes docs/performance.md and its pictures.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import psutil
from tqdm import tqdm

from benchmarks import stages
from benchmarks.figures import Answers, Cases, Figures, Long, keep
from benchmarks.load import People, Round, quantiles
from benchmarks.messages import CASE, GUIDANCE, case_talks, guidance_questions, talks
from benchmarks.report import write_report
from benchmarks.systems import (
    OURS,
    STOCK,
    System,
    cpu_seconds,
    running,
    running_actions,
)
from benchmarks.systems import settings_in as servers_in
from benchmarks.training import Training, trained
from benchmarks.workers import measure_workers
from benchmarks.yardstick import check_milliseconds
from rasa_ext.commands.storage import prepare_database
from xieshang.settings import ROOT, Settings
from xieshang.storage.cases import CaseStore

KEPT = ROOT / "var/benchmarks"
PROFILED_PEOPLE = 8
GIGABYTE = 1 << 30


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Attributes:
        starts: how often each is started.
        rounds: how often each number of people writes to each.
        seconds: how long talks are begun in a round.
        people: how many write at the same time.
        long: messages of the long conversation by set-up: what the stock set-up takes
            for one grows with all that were before.
    """

    starts: int
    rounds: int
    seconds: float
    people: Sequence[int]
    long: dict[str, int]


FULL = Plan(3, 2, 8, (1, 8, 32, 100), {OURS: 10_000, STOCK: 600})
SHORT = Plan(1, 1, 4, (1, 8), {OURS: 1_000, STOCK: 200})


def machine() -> str:
    """What this is measured on."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    memory = psutil.virtual_memory().total / GIGABYTE
    busy = psutil.getloadavg()[2] / (os.cpu_count() or 1)
    return (
        f"{os.cpu_count()} processors ({names[0] if names else platform.machine()}), "
        f"{memory:.0f} GB, {platform.system()} {platform.release()}, Python "
        f"{platform.python_version()}; servers and people on the same machine, which "
        f"was {busy:.0%} busy in the quarter of an hour before"
    )


def _round(
    system: System, kind: str, people: int, seconds: float, seed: int = 0
) -> Round:
    used, acted = cpu_seconds(system.process), cpu_seconds(system.actions)
    told = People(system.url, people).talk(talks(kind, seed), seconds)
    told.cpu_seconds = cpu_seconds(system.process) - used
    told.action_seconds = cpu_seconds(system.actions) - acted
    return told


def _rounds(
    systems: Sequence[System], plan: Plan
) -> dict[str, dict[tuple[str, int], Round]]:
    found = {
        system.name: {
            (kind, people): Round()
            for kind in (GUIDANCE, CASE)
            for people in plan.people
        }
        for system in systems
    }
    steps = [
        (number, kind, people, system)
        for number in range(plan.rounds)
        for kind in (GUIDANCE, CASE)
        for people in plan.people
        # In turns, and who was the first is the second the next time.
        for system in (systems if number % 2 == 0 else systems[::-1])
    ]
    with tqdm(steps, desc="load") as bar:
        for number, kind, people, system in bar:
            bar.set_postfix_str(f"{kind}, {people} people, {system.name}")
            told = _round(system, kind, people, plan.seconds, seed=number)
            found[system.name][kind, people].add(told)
    for system in systems:
        system.note_memory()
    return found


def _cases(told: Round, system: System, settings: Settings) -> Cases:
    registrations = case_talks()
    engine = prepare_database(settings)
    kept = CaseStore(engine)
    right = 0
    for sender, number in told.senders:
        stored = kept.latest(f"{system.prefix}{sender}")
        right += bool(stored and registrations[number].is_right(stored.case))
    engine.dispose()
    return Cases(*quantiles(told.talk_seconds), len(told.senders), right)


def _long(system: System, number: int) -> Long:
    asked = cycle(guidance_questions())
    # Each hundred is one call, of the same person: so that a bar can be shown.
    answers: list[float] = []
    person = People(system.url, 1)
    for _ in tqdm(range(number // 100), desc=f"{number} messages, {system.name}"):
        says = [next(asked) for _ in range(100)]
        told = person.talk(iter([(0, says)]), 1, sender="long")
        answers += told.first + told.later
    return Long.of(answers)


def _stages(system: System, plan: Plan, folder: Path) -> dict[str, float]:
    sampler = stages.profile(system.process.pid, round(plan.seconds), folder)
    told = _round(system, CASE, PROFILED_PEOPLE, plan.seconds)
    if sampler.wait():
        sys.exit("py-spy cannot look into the server: it needs the right to trace it")
    found = stages.shares(system.process.pid, folder)
    return {name: share * told.cpu_milliseconds for name, share in found.items()}


@dataclass(frozen=True)
class Run:
    """What is the same for both.

    Attributes:
        plan: how much is measured.
        settings: of the servers.
    """

    plan: Plan
    settings: Settings

    def figures(
        self,
        system: System,
        starts: Sequence[tuple[float, float]],
        training: Training,
        rounds: dict[tuple[str, int], Round],
    ) -> Figures:
        """Put together what was found about one of the two, and measure the rest."""
        guidance = {n: rounds[GUIDANCE, n] for n in self.plan.people}
        cases = {n: rounds[CASE, n] for n in self.plan.people}
        return Figures(
            [seconds for seconds, _ in starts],
            [cpu for _, cpu in starts],
            system.megabytes[-1],
            training.extrapolated_seconds,
            training.cpu_seconds,
            training.megabytes,
            training.epoch_seconds,
            {
                n: Answers.of(told, told.first + told.later)
                for n, told in guidance.items()
            },
            {n: Answers.of(told, told.later) for n, told in cases.items()},
            {n: _cases(told, system, self.settings) for n, told in cases.items()},
            stages=_stages(system, self.plan, self.settings.data_dir),
            long=_long(system, self.plan.long[system.name]),
        )


def measure(plan: Plan) -> dict[str, Figures]:
    """Measure both.

    Args:
        plan: how much.
    """
    trainings = trained(KEPT)
    models = {name: Path(one.model) for name, one in trainings.items()}
    starts: dict[str, list[tuple[float, float]]] = {OURS: [], STOCK: []}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        settings = servers_in(Path(folder) / "data")
        prepare_database(settings).dispose()
        actions = stack.enter_context(running_actions(settings))
        for number in tqdm(range(plan.starts), desc="starts"):
            systems = []
            for name in (OURS, STOCK):
                system = running(name, models[name], settings, actions)
                if number < plan.starts - 1:
                    with system as started:
                        starts[name].append(started.start)
                else:
                    systems.append(stack.enter_context(system))
                    starts[name].append(systems[-1].start)
        rounds = _rounds(systems, plan)
        return {
            system.name: Run(plan, settings).figures(
                system,
                starts[system.name],
                trainings[system.name],
                rounds[system.name],
            )
            for system in systems
        }


def main() -> None:
    """Entry point of `make bench`."""
    is_short = bool(os.environ.get("BENCH_SHORT"))
    described = machine()
    plan = SHORT if is_short else FULL
    found = measure(plan)
    scale = measure_workers(plan.seconds)
    about: dict[str, str | float] = {
        "machine": described,
        "command": "BENCH_SHORT=1 make bench" if is_short else "make bench",
        "yardstick": check_milliseconds(),
    }
    keep(about, found, scale)
    write_report()


if __name__ == "__main__":
    main()

"""What a run found, as it is kept in docs/performance/results.json."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.load import Round, quantiles
from xieshang.settings import ROOT

FOLDER = ROOT / "docs/performance"
RESULTS = FOLDER / "results.json"
EDGE = 100


@dataclass(frozen=True)
class Answers:
    """How people were answered, so many at the same time.

    Attributes:
        p50: milliseconds, the median; p95 and p99 likewise.
        p95: milliseconds.
        p99: milliseconds.
        rate: messages a second of the whole round.
        cpu: milliseconds of the Rasa process a message.
        action_cpu: milliseconds of the action server a message.
        number: of answers.
        unanswered: messages without one.
    """

    p50: float
    p95: float
    p99: float
    rate: float
    cpu: float
    action_cpu: float
    number: int
    unanswered: int

    @classmethod
    def of(cls, told: Round, milliseconds: Sequence[float]) -> Answers:
        """Measure some answers of a round."""
        return cls(
            *quantiles(milliseconds),
            told.rate,
            told.cpu_milliseconds,
            told.action_milliseconds,
            len(milliseconds),
            told.unanswered,
        )


@dataclass(frozen=True)
class Cases:
    """How whole cases went, so many at the same time.

    Attributes:
        p50: seconds from the first message to the last answer; p95 and p99 likewise.
        p95: seconds.
        p99: seconds.
        number: of cases.
        right: of them stored as they were told.
    """

    p50: float
    p95: float
    p99: float
    number: int
    right: int


@dataclass(frozen=True)
class Long:
    """A conversation of one person.

    Attributes:
        number: of messages.
        first_p95: milliseconds of the first hundred.
        last_p95: milliseconds of the last hundred.
        course: medians of each hundred.
    """

    number: int
    first_p95: float
    last_p95: float
    course: list[float]

    @classmethod
    def of(cls, milliseconds: Sequence[float]) -> Long:
        """Measure a conversation by its answers in order."""
        parts = [
            milliseconds[place : place + EDGE]
            for place in range(0, len(milliseconds), EDGE)
        ]
        return cls(
            len(milliseconds),
            quantiles(milliseconds[:EDGE])[1],
            quantiles(milliseconds[-EDGE:])[1],
            [statistics.median(part) for part in parts],
        )


@dataclass(frozen=True)
class Scale:
    """The assistant as workers behind nginx, on PostgreSQL and Redis.

    Attributes:
        cpu: milliseconds of all workers a message, by the number of workers.
        p95: milliseconds of an answer, likewise.
        rate: messages a second, likewise.
        action_cpu: milliseconds of the action server a message, likewise.
        service_cpu: milliseconds of PostgreSQL, Redis and nginx a message, likewise.
        unanswered: messages without an answer, of all.
    """

    cpu: dict[int, float]
    p95: dict[int, float]
    rate: dict[int, float]
    action_cpu: dict[int, float]
    service_cpu: dict[int, float]
    unanswered: int


@dataclass(frozen=True)
class Figures:
    """Everything that a run found about one of the two.

    Attributes:
        starts: seconds until the first answer, each time.
        start_cpu: CPU seconds until then, each time.
        megabytes: resident memory of the Rasa process after the load.
        training_seconds: CPU seconds with Rasa's own number of epochs.
        training_measured: CPU seconds, as it was run.
        training_megabytes: the most memory.
        epoch_seconds: of DIET; None without it.
        guidance: by the number of people.
        form: by the number of people.
        cases: by the number of people.
        long: one person's conversation.
        stages: milliseconds of CPU of a turn of the case by stage.
    """

    starts: list[float]
    start_cpu: list[float]
    megabytes: float
    training_seconds: float
    training_measured: float
    training_megabytes: float
    epoch_seconds: float | None
    guidance: dict[int, Answers]
    form: dict[int, Answers]
    cases: dict[int, Cases]
    long: Long
    stages: dict[str, float]


def keep(
    about: Mapping[str, str | float],
    found: Mapping[str, Figures],
    scale: Scale,
    path: Path = RESULTS,
) -> None:
    """Write the figures down.

    Args:
        about: the machine, the command and the yardstick of the run.
        found: by the name of the set-up.
        scale: of several workers.
        path: of the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {name: asdict(figures) for name, figures in found.items()}
    text = json.dumps({**about, "scale": asdict(scale), **told}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")

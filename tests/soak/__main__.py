"""What takes too long for `make test`: an hour of talks, kills and random requests.

SOAK_MINUTES (60), SOAK_KILLS (200) and SOAK_REQUESTS (20000) make it longer or shorter;
KILL_SEED chooses the moments of the kills.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import statistics
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tqdm import tqdm

from rasa_ext.commands.model import current_model
from tests.channels.conversations import TODAY
from tests.channels.servers import real_server
from tests.faults.fuzz import MOST_GROWTH, fuzzed
from tests.faults.machine import ACTIONS, RASA, machine_of
from tests.faults.random_kills import survived_kills
from tests.faults.speakers import everywhere
from tests.soak.load import Crowd, Soak


def print_answers(soak: Soak) -> None:
    """A row for each channel."""
    print(
        f"\n{'channel':8} {'answers':>8} {'unanswered':>10} "
        f"{'p50 ms':>7} {'p95 ms':>7} {'p99 ms':>7} {'longest':>8}"
    )
    for channel, seconds in soak.seconds.items():
        cuts = statistics.quantiles([s * 1000 for s in seconds], n=100)
        unanswered = soak.unanswered[channel]
        print(
            f"{channel:8} {len(seconds):8} {sum(unanswered.values()):10} "
            f"{cuts[49]:7.0f} {cuts[94]:7.0f} {cuts[98]:7.0f} "
            f"{max(seconds) * 1000:8.0f}  {dict(unanswered) or ''}"
        )
    print(f"cases: {len(soak.cases)}, of which wrong: {len(soak.wrong)}")


def print_memory(soak: Soak) -> list[str]:
    """A row for each process; the names of those that grow too much."""
    growing = []
    print(f"\n{'process':8} {'warm MiB':>9} {'end MiB':>9} {'growth':>7}")
    for name in soak.memory:
        sizes = soak.growth(name)
        if sizes is None:
            print(f"{name:8} too short to tell: {soak.memory[name][-1][1]:.0f} MiB")
            continue
        warm, end = sizes
        print(f"{name:8} {warm:9.1f} {end:9.1f} {end / warm - 1:7.1%}")
        if end / warm - 1 >= MOST_GROWTH:
            growing.append(name)
    return growing


def soak(model: Path, minutes: float, folder: Path) -> list[str]:
    """Talk for some minutes; what was not as it must be."""
    with real_server(model, folder / "soak", XIESHANG_TODAY=TODAY) as server:
        told = asyncio.run(Crowd(server).talk_for(minutes * 60))
    print_answers(told)
    missed = [f"the memory of {name} grew" for name in print_memory(told)]
    if told.silent:
        missed.append(f"{told.silent} messages were not answered")
    if told.wrong:
        missed.append(f"{len(told.wrong)} cases are not what was told")
    return missed


def kill(model: Path, kills: int, folder: Path) -> None:
    """Kill servers at random moments.

    Raises:
        AssertionError: one did harm.
    """
    seed = int(os.environ.get("KILL_SEED") or secrets.randbelow(10**6))
    print(f"\nKILL_SEED={seed}")
    with machine_of(model, folder / "kills") as machine:
        machine.start(ACTIONS, RASA)
        every = survived_kills(machine, kills, seed)
        survived = list(tqdm(every, "kills", total=kills, unit="kill"))
    print(f"{'killed':16} {'answered':>8} {'busy':>6} {'no':>6} {'ready at most':>14}")
    for victims in sorted({one.victims for one in survived}):
        ours = [one for one in survived if one.victims == victims]
        told = Counter(one.answer for one in ours)
        print(
            f"{' and '.join(victims):16} {told['yes']:8} {told['busy']:6} "
            f"{told['no']:6} {max(one.ready for one in ours):12.1f} s"
        )


def fuzz(model: Path, count: int, folder: Path) -> list[str]:
    """Send random requests; what was not as it must be.

    Raises:
        AssertionError: an error of the server, or something of somebody else's.
    """
    with everywhere(model, folder / "fuzz", XIESHANG_TODAY=TODAY) as place:
        told = fuzzed(place, count)
    print(f"\nrequests by status: {dict(told.statuses)}; memory {told.growth:+.1%}")
    missed = [f"{text} led to a turn" for text in told.commands]
    return missed + ["the memory grew"] * (told.growth >= MOST_GROWTH)


def main() -> None:
    """Do all of it; end with 1 when anything was not as it must be."""
    model = current_model()
    minutes = float(os.environ.get("SOAK_MINUTES") or 60)
    kills = int(os.environ.get("SOAK_KILLS") or 200)
    requests = int(os.environ.get("SOAK_REQUESTS") or 20_000)
    with tempfile.TemporaryDirectory() as name:
        missed = soak(model, minutes, Path(name)) if minutes else []
        if requests:
            missed += fuzz(model, requests, Path(name))
        if kills:
            kill(model, kills, Path(name))
    sys.exit("; ".join(missed) or None)


if __name__ == "__main__":
    main()

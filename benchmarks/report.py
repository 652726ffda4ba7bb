"""The tables of docs/performance.md and its pictures, from the figures of a run.

`python -m benchmarks.report` draws them anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from benchmarks.figures import RESULTS
from benchmarks.pictures import KINDS, NAMES, draw
from benchmarks.systems import OURS, STOCK
from benchmarks.yardstick import REFERENCE_MILLISECONDS
from xieshang.settings import ROOT

DOCUMENT = ROOT / "docs/performance.md"
START, END = "<!-- figures: make bench -->", "<!-- end of figures -->"
COMPARED = "8"
RATE = "messages/s"
MOST_CPU_MS = 6
MOST_P95_MS = 2_000
CROWD = "100"
LEAST_SCALE = 1.6
MOST_GROWTH = 1.3
LONG = 10_000


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _bar(kept: bool) -> str:
    return "yes" if kept else "**no**"


def _against(
    name: str, values: tuple[float, float], unit: str, times: float
) -> list[str]:
    """A row of what must be so many times better than in the stock set-up."""
    ours, stock = values
    ratio = ours / stock if unit == RATE else stock / ours
    digits = 1 if unit == "s" else 0
    return [
        name,
        *(f"{value:,.{digits}f} {unit}" for value in values),
        f"{ratio:.1f} ×",
        f"≥ {times:g} ×",
        _bar(ratio >= times),
    ]


def _alone(name: str, ours: str, stock: str, bar: str, kept: bool) -> list[str]:
    return [name, ours, stock, "", bar, _bar(kept)]


def _times(scale: dict[str, Any]) -> float:
    """What two workers carry of what one does, each on a processor of its own."""
    return float(2 * scale["cpu"]["1"] / scale["cpu"]["2"])


def _bars(ours: dict[str, Any], stock: dict[str, Any], scale: dict[str, Any]) -> str:
    rows = []

    def compare(name: str, value: Callable[[dict[str, Any]], float], *bar: Any) -> None:
        rows.append(_against(name, (value(ours), value(stock)), *bar))

    for kind in KINDS:
        a, b = (told[kind][COMPARED] for told in (ours, stock))
        name = f"{kind} turn, {COMPARED} people"
        rows.append(_against(name, (a["rate"], b["rate"]), RATE, 8))
        rows.append(_against(f"{name}, p95", (a["p95"], b["p95"]), "ms", 6))
    compare("start to first answer", lambda told: median(told["starts"]), "s", 3)
    compare("memory", lambda told: told["megabytes"], "MB", 3)
    compare(
        "training, CPU (stock: extrapolated to 100 epochs)",
        lambda told: told["training_seconds"],
        "s",
        5,
    )
    for kind in KINDS:
        a, b = (told[kind][COMPARED]["cpu"] for told in (ours, stock))
        name = f"CPU of a {kind} turn (Rasa process)"
        values = f"{a:.1f} ms", f"{b:.1f} ms"
        rows.append(_alone(name, *values, f"≤ {MOST_CPU_MS} ms", a <= MOST_CPU_MS))
    crowd = ours["cases"].get(CROWD)
    if crowd:
        right = f"{crowd['right']} of {crowd['number']}"
        theirs = stock["cases"][CROWD]
        rows.append(
            _alone(
                f"{CROWD} people register at once: right records",
                right,
                f"{theirs['right']} of {theirs['number']}",
                "all",
                crowd["right"] == crowd["number"] >= int(CROWD),
            )
        )
        a, b = (told["form"][CROWD]["p95"] for told in (ours, stock))
        rows.append(
            _alone(
                f"{CROWD} people register at once: p95 of an answer",
                f"{a:,.0f} ms",
                f"{b:,.0f} ms",
                f"< {MOST_P95_MS:,} ms",
                a < MOST_P95_MS,
            )
        )
    times = _times(scale)
    rows.append(
        _alone(
            "two workers against one, by CPU a message",
            f"{times:.2f} ×",
            "",
            f"≥ {LEAST_SCALE} ×",
            times >= LEAST_SCALE,
        )
    )
    grown = {
        name: told["long"]["last_p95"] / told["long"]["first_p95"]
        for name, told in ((OURS, ours), (STOCK, stock))
    }
    rows.append(
        _alone(
            "long conversation: p95 of the last 100 against the first 100",
            f"{grown[OURS]:.2f} at {ours['long']['number']:,} messages",
            f"{grown[STOCK]:.2f} at {stock['long']['number']:,} messages",
            f"≤ {MOST_GROWTH} at {LONG:,}",
            grown[OURS] <= MOST_GROWTH and ours["long"]["number"] >= LONG,
        )
    )
    heads = ["", NAMES[OURS], NAMES[STOCK], "ratio", "bar", "met"]
    return _table(heads, rows)


def _turns(told: dict[str, Any]) -> str:
    rows = []
    for kind in KINDS:
        for people in told[OURS][kind]:
            for name, shown in NAMES.items():
                one = told[name][kind][people]
                rows.append(
                    [
                        kind,
                        people,
                        shown,
                        *(f"{one[q]:,.0f}" for q in ("p50", "p95", "p99")),
                        f"{one['rate']:.0f}",
                        f"{one['cpu']:.1f}",
                        f"{one['action_cpu']:.1f}",
                        f"{one['number']:,}",
                        str(one["unanswered"]),
                    ]
                )
    heads = ["turn", "people", "", "p50 ms", "p95 ms", "p99 ms", "messages/s"]
    heads += ["CPU ms", "CPU ms of actions", "answers", "unanswered"]
    return _table(heads, rows)


def _workers(scale: dict[str, Any]) -> str:
    rows = [
        [
            count,
            *(
                f"{scale[name][count]:.1f}"
                for name in ("cpu", "action_cpu", "service_cpu")
            ),
            f"{scale['p95'][count]:,.0f}",
            f"{scale['rate'][count]:.0f}",
        ]
        for count in scale["cpu"]
    ]
    heads = ["workers", "CPU ms a message: workers", "action server"]
    return _table([*heads, "PostgreSQL, Redis, nginx", "p95 ms", RATE], rows)


def _cases(told: dict[str, Any]) -> str:
    rows = [
        [
            people,
            shown,
            *(f"{told[name]['cases'][people][q]:.2f}" for q in ("p50", "p95", "p99")),
            f"{told[name]['cases'][people]['right']} of "
            f"{told[name]['cases'][people]['number']}",
        ]
        for people in told[OURS]["cases"]
        for name, shown in NAMES.items()
    ]
    heads = ["people", "", "p50 s", "p95 s", "p99 s", "stored as told"]
    return _table(heads, rows)


def _stages(told: dict[str, Any]) -> str:
    ours, stock = told[OURS]["stages"], told[STOCK]["stages"]
    rows = [
        [stage, f"{ours[stage]:.1f}", f"{stock[stage]:.1f}"]
        for stage in sorted(stock, key=lambda stage: -stock[stage])
    ]
    rows.append(["all", f"{sum(ours.values()):.1f}", f"{sum(stock.values()):.1f}"])
    return _table(["CPU ms of a turn of the case", *NAMES.values()], rows)


def _speed(told: dict[str, Any]) -> str:
    """How the CPU of a turn compares with the machine on which its bar was set."""
    slower = told["yardstick"] / REFERENCE_MILLISECONDS
    turns = " and ".join(
        f"{told[OURS][kind][COMPARED]['cpu'] / slower:.1f} ms ({kind})"
        for kind in KINDS
    )
    return (
        f"Rasa's own check of an action's answer takes {told['yardstick']:.0f} ms of "
        f"CPU here and took {REFERENCE_MILLISECONDS} ms where the bar of "
        f"{MOST_CPU_MS} ms a turn was set: this machine is {slower:.1f} times slower. "
        f"A turn's CPU divided by that: {turns}."
    )


def _text(told: dict[str, Any]) -> str:
    epoch, measured = (
        told[STOCK][key] for key in ("epoch_seconds", "training_measured")
    )
    parts = [
        f"`{told['command']}` on {told['machine']}.",
        _bars(told[OURS], told[STOCK], told["scale"]),
        _speed(told),
        f"Training of the stock set-up: {measured:,.0f} s of CPU measured with three "
        f"epochs, {epoch:.0f} s by the clock for DIET's middle one; its default of 100 "
        f"epochs is **extrapolated** from these, TED's and the response selector's "
        f"not counted: {told[STOCK]['training_seconds']:,.0f} s. Memory in training: "
        f"{told[OURS]['training_megabytes']:,.0f} MB, stock "
        f"{told[STOCK]['training_megabytes']:,.0f} MB.",
        "![Latency](performance/latency.png) ![Messages](performance/messages.png)",
        _turns(told),
        "Whole cases, eleven or twelve messages each:",
        _cases(told),
        "One worker and two behind nginx, on PostgreSQL and Redis, people registering; "
        f"{told['scale']['unanswered']} unanswered:",
        _workers(told["scale"]),
        "![A long conversation](performance/long.png)",
        "![Stages](performance/stages.png)",
        _stages(told),
    ]
    return "\n\n".join(parts)


def write_report() -> None:
    """Write tables and pictures from the kept figures."""
    told = json.loads(RESULTS.read_text(encoding="utf-8"))
    draw(told)
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(
        f"{before}{START}\n{_text(told)}\n{END}{after}", encoding="utf-8"
    )


if __name__ == "__main__":
    write_report()

"""The tables of docs/performance.md and its pictures, from the figures of a run.

`python -m benchmarks.report` draws them anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from benchmarks.figures import EDGE, FOLDER, RESULTS
from benchmarks.systems import OURS, STOCK
from xieshang.settings import ROOT

DOCUMENT = ROOT / "docs/performance.md"
START, END = "<!-- figures: make bench -->", "<!-- end of figures -->"
NAMES = {OURS: "assistant", STOCK: "Rasa's stock set-up"}
COLOURS = {OURS: "#1a6b54", STOCK: "#b0562a"}
COMPARED = "8"
KINDS = ("guidance", "form")
RATE = "messages/s"
MOST_CPU_MS = 6
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


def _bars(ours: dict[str, Any], stock: dict[str, Any]) -> str:
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
    if ours["training_seconds"]:
        compare(
            "training (stock: extrapolated to 100 epochs)",
            lambda told: told["training_seconds"],
            "s",
            5,
        )
    for kind in KINDS:
        a, b = (told[kind][COMPARED]["cpu"] for told in (ours, stock))
        name = f"CPU of a {kind} turn (Rasa process)"
        values = f"{a:.1f} ms", f"{b:.1f} ms"
        rows.append(_alone(name, *values, f"≤ {MOST_CPU_MS} ms", a <= MOST_CPU_MS))
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
                        f"{one['number']:,}",
                        str(one["unanswered"]),
                    ]
                )
    heads = ["turn", "people", "", "p50 ms", "p95 ms", "p99 ms", "messages/s"]
    return _table([*heads, "CPU ms", "answers", "unanswered"], rows)


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


def _text(told: dict[str, Any]) -> str:
    epoch, measured = (
        told[STOCK][key] for key in ("epoch_seconds", "training_measured")
    )
    parts = [
        f"`{told['command']}` on {told['machine']}.",
        _bars(told[OURS], told[STOCK]),
        f"Training of the stock set-up: {measured:,.0f} s measured with three epochs, "
        f"{epoch:.0f} s for DIET's middle one; its default of 100 epochs is "
        f"**extrapolated** from these: {told[STOCK]['training_seconds']:,.0f} s. "
        f"Memory while training: {told[STOCK]['training_megabytes']:,.0f} MB.",
        "![Latency](performance/latency.png) ![Messages](performance/messages.png)",
        _turns(told),
        "Whole cases, eleven or twelve messages each:",
        _cases(told),
        "![A long conversation](performance/long.png)",
        "![Stages](performance/stages.png)",
        _stages(told),
    ]
    return "\n\n".join(parts)


def _over_people(axes: Any, told: dict[str, Any], value: str) -> None:
    for kind, style in zip(KINDS, ("-", "--"), strict=True):
        for name, shown in NAMES.items():
            points = told[name][kind]
            axes.plot(
                [int(people) for people in points],
                [one[value] for one in points.values()],
                style,
                color=COLOURS[name],
                marker="o",
                label=f"{shown}, {kind}",
            )
    axes.set(xscale="log", yscale="log", xlabel="people at the same time")
    people = [int(number) for number in told[OURS]["form"]]
    axes.set_xticks(people, [str(number) for number in people])
    axes.minorticks_off()


def _draw_latency(axes: Any, told: dict[str, Any]) -> None:
    _over_people(axes, told, "p95")
    axes.set(ylabel="p95, ms", title="Latency")


def _draw_messages(axes: Any, told: dict[str, Any]) -> None:
    _over_people(axes, told, "rate")
    axes.set(ylabel="messages a second", title="Throughput")


def _draw_long(axes: Any, told: dict[str, Any]) -> None:
    for name, shown in NAMES.items():
        course = told[name]["long"]["course"]
        axes.plot(
            [EDGE * (number + 1) for number in range(len(course))],
            course,
            color=COLOURS[name],
            label=shown,
        )
    axes.set(
        xlabel="messages of one conversation",
        ylabel="median of each hundred, ms",
        title="A long conversation",
        yscale="log",
    )


def _draw_stages(axes: Any, told: dict[str, Any]) -> None:
    stages = list(told[STOCK]["stages"])
    for shift, (name, shown) in zip((-0.2, 0.2), NAMES.items(), strict=True):
        places = [number + shift for number in range(len(stages))]
        widths = [told[name]["stages"][stage] for stage in stages]
        axes.barh(places, widths, 0.4, color=COLOURS[name], label=shown)
    axes.set_yticks(range(len(stages)), stages)
    axes.invert_yaxis()
    axes.set(xlabel="CPU, ms a turn of the case", title="Where a turn's time goes")


PICTURES: dict[str, Callable[[Any, dict[str, Any]], None]] = {
    "latency": _draw_latency,
    "messages": _draw_messages,
    "long": _draw_long,
    "stages": _draw_stages,
}


def write_report() -> None:
    """Write tables and pictures from the kept figures."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    told = json.loads(RESULTS.read_text(encoding="utf-8"))
    for name, draw in PICTURES.items():
        figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
        draw(axes, told)
        axes.grid(alpha=0.3)
        axes.legend(fontsize="small")
        figure.savefig(FOLDER / f"{name}.png", dpi=110)
        pyplot.close(figure)
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(
        f"{before}{START}\n{_text(told)}\n{END}{after}", encoding="utf-8"
    )


if __name__ == "__main__":
    write_report()

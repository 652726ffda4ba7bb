"""The pictures of docs/performance.md, from the figures of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.figures import EDGE, FOLDER
from benchmarks.systems import OURS, STOCK

NAMES = {OURS: "assistant", STOCK: "Rasa's stock set-up"}
COLOURS = {OURS: "#1a6b54", STOCK: "#b0562a"}
KINDS = ("guidance", "form")


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


def draw(told: dict[str, Any]) -> None:
    """Draw all of them.

    Args:
        told: the figures, from results.json.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    for name, show in PICTURES.items():
        figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
        show(axes, told)
        axes.grid(alpha=0.3)
        axes.legend(fontsize="small")
        figure.savefig(FOLDER / f"{name}.png", dpi=110)
        pyplot.close(figure)

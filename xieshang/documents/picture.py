"""The comparison as a picture: payments a month against the share."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from xieshang.case.money import yuan
from xieshang.documents.plan import ActionPlan, Panel, Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FONT = Path(__file__).parent / "fonts/NotoSansCJKsc-Regular-subset.otf"
# Small, so that the writing is still large on a phone of 360 pixels.
WIDTH = 4.2
PANEL_HEIGHT = 2.45
NOTE_HEIGHT = 1.1
FRAME_HEIGHT = 0.8
DPI = 215
# The page shows the picture in light and in dark: it swaps this colour.
INK = "#1f2933"
AFFORDABLE = "#2e7d6b"
TOO_MUCH = "#b0bec5"
SHARE = "#c2410c"
# Room above the highest bar for its number.
HEADROOM = 1.3
# Of a number, as a part of the axis.
NUMBER_HEIGHT = 0.11
# Matplotlib shares its fonts among threads and is not made for that.
_DRAWING = Lock()


def render_picture(plan: ActionPlan, image_format: Literal["png", "svg"]) -> bytes:
    """The picture of the comparison.

    Args:
        plan: its picture; without panels the picture shows its note.
        image_format: png, 900 pixels wide on white; or svg, transparent, its text as
            paths.
    """
    with _DRAWING:
        figure = _draw(plan.picture)
        target = BytesIO()
        metadata: dict[str, Any] = {"Title": plan.picture.title}
        if image_format == "svg":
            # The same plan gives the same bytes.
            metadata["Date"] = None
        figure.savefig(
            target,
            format=image_format,
            dpi=DPI,
            transparent=image_format == "svg",
            metadata=metadata,
        )
        return target.getvalue()


def _draw(picture: Picture) -> Figure:
    # Imported here: whoever only words a plan need not wait a second for it.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    content = PANEL_HEIGHT * len(picture.panels) or NOTE_HEIGHT
    height = content + FRAME_HEIGHT
    figure = Figure(figsize=(WIDTH, height), facecolor="white")
    FigureCanvasAgg(figure)
    _write(figure, 0.5, 1 - 0.27 / height, picture.title, 12)
    _write(figure, 0.5, 0.16 / height, picture.mark, 8)
    if not picture.panels:
        _write(figure, 0.5, 0.5, picture.note, 10.5)
        return figure
    figure.subplots_adjust(
        left=0.16,
        right=0.97,
        top=1 - 0.8 / height,
        bottom=0.8 / height,
        hspace=0.6,
    )
    for place, panel in enumerate(picture.panels, 1):
        axes = figure.add_subplot(len(picture.panels), 1, place)
        _bars(axes, panel, picture)
    return figure


def _bars(axes: Axes, panel: Panel, picture: Picture) -> None:
    share = float(panel.share or 0)
    top = max(share, *(float(point.monthly) for point in panel.points)) * HEADROOM
    for place, point in enumerate(panel.points):
        height = float(point.monthly)
        color = AFFORDABLE if point.affordable else TOO_MUCH
        axes.bar(place, height, width=0.62, color=color)
        # The line would strike the number through: it goes above the line.
        struck = height <= share < height + NUMBER_HEIGHT * top
        _label(axes, place, share if struck else height, yuan(point.monthly))
    if panel.share is not None:
        axes.axhline(share, color=SHARE, linewidth=1.6)
    axes.set_ylim(0, top)
    axes.set_xlim(-0.6, len(panel.points) - 0.4)
    axes.set_xticks(range(len(panel.points)))
    axes.set_xticklabels([str(point.periods) for point in panel.points])
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel(picture.x_label, fontproperties=_font(9), color=INK)
    axes.set_title(panel.title, fontproperties=_font(10.5), color=INK, loc="left")
    # On the right, where the bars are lowest.
    axes.text(
        0.99,
        0.96,
        panel.share_label,
        transform=axes.transAxes,
        ha="right",
        va="top",
        color=SHARE,
        fontproperties=_font(9),
    )
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(INK)
    axes.tick_params(colors=INK)
    for tick in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        tick.set_fontproperties(_font(8.5))


def _label(axes: Axes, x: float, y: float, text: str) -> None:
    axes.annotate(
        text,
        (x, y),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        color=INK,
        fontproperties=_font(8.5),
    )


def _write(figure: Figure, x: float, y: float, text: str, size: float) -> None:
    figure.text(
        x, y, text, ha="center", va="center", color=INK, fontproperties=_font(size)
    )


def _font(size: float) -> Any:
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=str(FONT), size=size)

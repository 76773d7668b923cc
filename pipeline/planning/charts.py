"""Charts of a plan as inline SVG."""

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

BEFORE: Final = "#9aa5b1"
AFTER: Final = "#2563eb"
BINS: Final = 25
INK: Final = "#1f2a37"
STYLE: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "leadgauge",
    "font.family": "sans-serif",
    **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK),
}


def distribution(before: Sequence[int], after: Sequence[int]) -> str:
    """Draw a histogram of the scores before and after."""
    figure, axes = _axes(7.2, 2.8)
    low, high = min((*before, *after, 0)), max((*before, *after, 100))
    axes.hist([after], bins=BINS, range=(low, high), color=AFTER, alpha=0.75, label="after")
    if before:
        axes.hist([before], bins=BINS, range=(low, high), color=BEFORE, histtype="step", linewidth=2, label="before")
    axes.set_xlabel("score")
    axes.set_ylabel("leads")
    axes.legend(frameon=False, labelcolor=INK)
    return _svg(figure, "How many leads have which score")


def flows(matrix: Mapping[tuple[str, str], int], order: Sequence[str]) -> str:
    """Draw how many leads go from each priority (rows) to each other (columns); the diagonal does not change."""
    figure, axes = _axes(4.6, 3.6)
    counts = [[matrix.get((before, after), 0) for after in order] for before in order]
    axes.imshow([[count**0.5 for count in row] for row in counts], cmap="Blues", aspect="auto")
    darkest = max((max(row) for row in counts), default=0)
    for y, row in enumerate(counts):
        for x, count in enumerate(row):
            color = "white" if count > darkest / 3 else "#334155"
            axes.text(x, y, f"{count:,}" if count else "·", ha="center", va="center", color=color, fontsize=9)
    axes.set_xticks(range(len(order)), order)
    axes.set_yticks(range(len(order)), order)
    axes.set_xlabel("priority after")
    axes.set_ylabel("priority before")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return _svg(figure, "How many leads go from which priority to which")


def _axes(width: float, height: float) -> tuple[Figure, Axes]:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _svg(figure: Figure, label: str) -> str:
    """Return the drawing with a label for those who do not see it; its ink is the page's, in light and in dark."""
    text = io.StringIO()
    with mpl.rc_context(STYLE):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    drawing = text.getvalue()
    bare = drawing[drawing.index("<svg") :].replace(INK, "currentColor")
    return bare.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)

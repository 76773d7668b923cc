"""Charts of a plan as inline SVG."""

from collections.abc import Mapping, Sequence
from typing import Final

from pipeline import drawing
from pipeline.drawing import INK

BEFORE: Final = "#9aa5b1"
AFTER: Final = "#2563eb"
BINS: Final = 25


def distribution(before: Sequence[int], after: Sequence[int]) -> str:
    """Draw a histogram of the scores before and after."""
    figure, axes = drawing.axes(7.2, 2.8)
    low, high = min((*before, *after, 0)), max((*before, *after, 100))
    axes.hist([after], bins=BINS, range=(low, high), color=AFTER, alpha=0.75, label="after")
    if before:
        axes.hist([before], bins=BINS, range=(low, high), color=BEFORE, histtype="step", linewidth=2, label="before")
    axes.set_xlabel("score")
    axes.set_ylabel("leads")
    axes.legend(frameon=False, labelcolor=INK)
    return drawing.svg(figure, "How many leads have which score")


def flows(matrix: Mapping[tuple[str, str], int], order: Sequence[str]) -> str:
    """Draw how many leads go from each priority (rows) to each other (columns); the diagonal does not change."""
    figure, axes = drawing.axes(4.6, 3.6)
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
    return drawing.svg(figure, "How many leads go from which priority to which")

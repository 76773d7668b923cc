"""The score of a lead over time, as it was written."""

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

from pipeline import drawing
from pipeline.planning.charts import AFTER
from store import Write
from vocabulary.outputs import SCORE

LEAST: Final = 2
"""The scores of which there is a course."""


def score_over_time(writes: Sequence[Write], zone: ZoneInfo) -> str:
    """Draw the scores that were written, oldest first; empty if there are fewer than two."""
    course = [(write.at, score) for write in writes if isinstance(score := write.after.get(SCORE), int | float)]
    if len(course) < LEAST:
        return ""
    times, scores = zip(*course, strict=True)
    figure, axes = drawing.axes(7.2, 2.2)
    axes.step(times, scores, where="post", color=AFTER, linewidth=1.8)
    axes.plot(times, scores, "o", color=AFTER, markersize=4)
    locator = AutoDateLocator(minticks=3, maxticks=7, tz=zone)  # type: ignore[no-untyped-call]  # of matplotlib
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=zone))  # type: ignore[no-untyped-call]
    axes.set_ylabel("score")
    axes.margins(y=0.2)
    first, last = scores[0], scores[-1]
    return drawing.svg(figure, f"The score over time: {first:g} at first, {last:g} in the last of {len(course)} writes")

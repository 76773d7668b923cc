"""The score of a lead over time, as it was written."""

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from drawing.marks import Line
from drawing.plot import Plot
from drawing.scales import Numbers, Times
from pipeline.planning.charts import AFTER
from store import Write
from vocabulary.outputs import SCORE

LEAST: Final = 2
"""The scores of which there is a course."""


def score_over_time(writes: Sequence[Write], zone: ZoneInfo) -> str:
    """Draw the scores that were written, oldest first; empty if there are fewer than two."""
    course = [(write.at, float(score)) for write in writes if isinstance(score := write.after.get(SCORE), int | float)]
    if len(course) < LEAST:
        return ""
    times, scores = zip(*course, strict=True)
    line = Line([(at.timestamp(), score) for at, score in course], AFTER, dots=3, steps=True)
    x, y = Times(min(times), max(times), zone), Numbers(min(scores), max(scores), most=4)
    label = f"The score over time: {scores[0]:g} at first, {scores[-1]:g} in the last of {len(course)} writes"
    return Plot(650, 200, x, y, [line], y_title="score").svg(label)

"""Scoring: frames in, frames out. It uses no clock and no network; the time to score for is an argument."""

from scoring.card import Scorecard
from scoring.engine import Scorer, score
from scoring.forecast import Change, forecast
from scoring.likelihood import Likelihood
from scoring.outputs import outputs, verified
from scoring.related import Related
from scoring.results import Scored
from scoring.touchpoints import touchpoints

__all__ = [
    "Change",
    "Likelihood",
    "Related",
    "Scorecard",
    "Scored",
    "Scorer",
    "forecast",
    "outputs",
    "score",
    "touchpoints",
    "verified",
]

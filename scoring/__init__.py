"""Scoring: frames in, frames out. No clock, no network; the moment to score for is an argument."""

from scoring.card import Scorecard
from scoring.engine import Scored, Scorer, score
from scoring.likelihood import Likelihood
from scoring.outputs import ResultField, outputs
from scoring.touchpoints import touchpoints

__all__ = ["Likelihood", "ResultField", "Scorecard", "Scored", "Scorer", "outputs", "score", "touchpoints"]

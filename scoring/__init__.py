"""Scoring: frames in, frames out. No files, no network, no clock; `as_of` is an argument."""

from scoring.card import Scorecard

__all__ = ["Scorecard"]

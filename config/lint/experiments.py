"""Experiments that measure nothing, or cost more than they tell."""

from collections.abc import Iterator
from typing import Final

from config.lint.scene import Scene, Slip
from scoring.experiment import PROTECTED

MOST: Final = 0.2
"""The share of leads up to which an experiment is one."""


def slips(scene: Scene) -> Iterator[Slip]:
    """Yield what is odd about the share of an experiment, and whom it does not protect."""
    card = scene.card
    if card.priority is None or (experiment := card.priority.experiment) is None:
        return
    path = ("priority", "experiment", "share")
    if not experiment.share:
        yield Slip(path, "nobody is in the experiment: its share is 0%.", "Write a share such as 5%, or remove it.")
    elif experiment.share > MOST:
        message = f"the experiment draws the place of {experiment.share:.0%} of the leads by chance."
        yield Slip(path, message, "A share up to 20% costs little and measures as well, only later.")
    urgencies = card.readiness.urgency if card.readiness else ()
    if experiment.share and not any(one.is_ == PROTECTED for one in urgencies):
        message = "the experiment moves leads that wait for an answer too: this card knows no urgency `now`."
        yield Slip(path[:-1], message, "Add an urgency `now` for what must be answered first; it keeps its place.")

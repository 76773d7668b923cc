"""What sales said about leads, as evidence of fit: which rules hold for leads that sales rejects as a bad fit.

It is never learned from as a field: sales says it once it knows the lead, and often once the outcome is clear.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl
from scipy.stats import fisher_exact

from calibrate.card.rules import Candidate, matrix
from calibrate.learning.learn import Learned, settled
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.past.outcome import Timeline, days
from calibrate.past.panel import Codes, Mask, Panel
from calibrate.result import Heard
from calibrate.statistics.fit import Floats
from vocabulary.feedback import MEANINGS

REJECTED: Final = "Bad fit"
JUDGED: Final = ("Good", "Bad fit", "Bad timing")
"""What says something about fit; a bot tells nothing of whom it pretends to be, nor does a choice of one's own."""
FEWEST: Final = 10
"""Leads of a rule that sales must have judged before their share of rejections is held against it."""
SURE: Final = 0.01
"""How rarely chance alone may make a difference as large."""


@dataclass(frozen=True)
class Feedback:
    """What sales said last of each lead, by its number: whether it judged the fit, and whether it rejected it."""

    judged: Mask
    rejected: Mask
    at: Floats
    """The day on which it said so; NaN where it said nothing."""

    @classmethod
    def of(cls, said: pl.DataFrame | None, line: Timeline) -> "Feedback | None":
        """Return what was said of the leads of a timeline up to its end; None if nothing was."""
        if said is None or said.is_empty() or line.of != "leads":
            return None
        last = said.sort("at").unique("lead", keep="last", maintain_order=True)
        of_each = line.leads.select("lead").join(last, on="lead", how="left", maintain_order="left")
        text, at = of_each["said"], days(of_each["at"])
        known = np.nan_to_num(at, nan=np.inf) <= line.now
        judged = text.is_in(JUDGED).fill_null(value=False).to_numpy() & known
        return cls(judged, judged & (text == REJECTED).fill_null(value=False).to_numpy(), at)

    def until(self, day: float) -> "Feedback":
        """Return what was known on a day."""
        known = np.nan_to_num(self.at, nan=np.inf) <= day
        return replace(self, judged=self.judged & known, rejected=self.rejected & known)

    def share(self, leads: Codes) -> tuple[int, float]:
        """Return how many of these leads sales judged, and which share of them it rejected; NaN of none."""
        mine = self.judged[distinct := np.unique(leads)]
        judged = int(mine.sum())
        return judged, float(self.rejected[distinct].sum() / judged) if judged else float("nan")

    def is_against(self, leads: Codes, others: Codes) -> bool:
        """Return whether sales rejects these leads clearly more often than the others."""
        judged, share = self.share(leads)
        if judged < FEWEST:
            return False
        of_others, their_share = self.share(np.setdiff1d(others, leads))
        bad, their_bad = round(share * judged), round(np.nan_to_num(their_share) * of_others)
        table = [[bad, judged - bad], [their_bad, of_others - their_bad]]
        return bool(fisher_exact(table, alternative="greater").pvalue < SURE)


def heeded(learned: Learned, panel: Panel, feedback: Feedback, options: Options, notes: Notes) -> Learned:
    """Drop rules of fit that give points to leads which sales rejects clearly more often than others.

    The other rules are fitted again without them, until none is left that sales speaks against.
    """
    while against := list(_against(learned, panel, feedback)):
        for rule, judged, share in against:
            said = f"sales rejected {share:.0%} of the {judged:,} leads that it judged, clearly more than of others"
            notes.add("rejected", f"{rule.name}: no points, because {said}.", "left out", rule.subjects[0])
        dropped = {id(rule) for rule, *_ in against}
        kept = [rule for rule in learned.rules if id(rule) not in dropped]
        again = settled(kept, panel, options, draws=options.bootstraps)
        learned = replace(again, per_unit=learned.per_unit)
    return learned


def _against(learned: Learned, panel: Panel, feedback: Feedback) -> Iterator[tuple[Candidate, int, float]]:
    columns = matrix(learned.rules, panel)
    for place, rule in enumerate(learned.rules):
        leads = panel.lead[columns[:, place] != 0]
        if rule.part == "fit" and learned.points[place] > 0 and feedback.is_against(leads, panel.lead):
            yield (rule, *feedback.share(leads))


def heard(said: pl.DataFrame, leads: Sequence[str] | pl.Series, notes: Notes) -> Heard:
    """Return how many leads sales said what of, the four meanings first, and note it."""
    last = said.sort("at").unique("lead", keep="last", maintain_order=True).drop_nulls("said")
    mine = last.filter(pl.col("lead").is_in(pl.Series(leads).implode()))
    counts = dict(mine["said"].value_counts().iter_rows())
    ordered = [*(one for one in MEANINGS if one in counts), *sorted(counts.keys() - set(MEANINGS))]
    found = Heard(len(mine), {name: counts[name] for name in ordered})
    if found.leads:
        told = ", ".join(f"{name} {found.counts[name]:,}" for name in ordered)
        notes.add("feedback", f"Sales said what it found of {found.leads:,} {notes.units}: {told}.")
    return found

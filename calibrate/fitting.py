"""Rules with their points and the likelihood that goes with them, fitted on the same snapshots."""

from dataclasses import dataclass
from functools import cached_property

from calibrate.learning.learn import Learned
from calibrate.learning.selection import Candidates
from calibrate.learning.thresholds import finest
from calibrate.likelihood import chances
from calibrate.likelihood.uncertainty import uncertainty
from calibrate.past.panel import Panel
from calibrate.statistics.fit import Floats
from scoring.uncertainty import Uncertainty


@dataclass(frozen=True)
class Fitting:
    """What was learned from some snapshots, and what it was chosen from."""

    panel: Panel
    candidates: Candidates
    learned: Learned
    seed: int

    @cached_property
    def out_of_fold(self) -> Floats:
        """The points that the rules give the snapshots where they were fitted on the rest of them."""
        learned, panel = self.learned, self.panel
        return chances.out_of_fold(learned.rules, panel, learned.offset(panel), learned.doubling, self.seed)

    @cached_property
    def unmoved(self) -> chances.Chance:
        """The likelihood without the newest rate."""
        return chances.fitted(self.out_of_fold, self.panel, self.learned.rules, self.seed)

    @cached_property
    def chance(self) -> chances.Chance:
        """The likelihood, with its base rate moved towards that of the newest snapshots."""
        return self.unmoved.moved(self.out_of_fold, self.panel)

    @property
    def inputs(self) -> set[str]:
        """The fields that rules use."""
        return {subject for rule in self.learned.rules if rule.part == "fit" for subject in rule.subjects}

    @property
    def uncertainty(self) -> Uncertainty:
        """How far the likelihood may be off."""
        learned, found = self.learned, self.candidates
        others = [*found.lead, *found.activity], finest(found.lead, self.panel)
        recent = chances.newest(self.panel).converted
        return uncertainty(self.chance, learned.score(self.panel), self.panel, learned.rules, others, recent)

"""The result of comparing the scores that a company has today with ours, as plain data."""

from dataclasses import dataclass
from datetime import date

from calibrate.bakeoff.duels import Duel
from vocabulary.outputs import Of


@dataclass(frozen=True)
class Stood:
    """How a score did; `curve` has the conversions caught with each of `Against.capacities`."""

    name: str
    ours: bool
    auc: float
    auc_low: float
    auc_high: float
    caught: float
    caught_low: float
    caught_high: float
    missing: float
    """The share of snapshots without a value."""
    curve: tuple[float, ...]


@dataclass(frozen=True)
class Against:
    """The comparison. `capacities` are those of the curves of the scores."""

    of: Of
    capacity: int = 0
    weeks: int = 0
    since: date | None = None
    until: date | None = None
    leads: int = 0
    conversions: int = 0
    sample: float = 1.0
    """Which share of the leads was looked at, with the same share of the calls."""
    scores: tuple[Stood, ...] = ()
    duels: tuple[Duel, ...] = ()
    """The first are those of our score that counts, one for each of the others."""
    capacities: tuple[float, ...] = ()
    by_lot: tuple[float, ...] = ()
    """What calls without any score would catch, with each of the capacities."""
    assumed: tuple[str, ...] = ()
    message: str = ""
    """Why nothing is compared."""

    @property
    def headline(self) -> list[Duel]:
        """Return the duels of our score that counts, one for each of the others."""
        return [duel for duel in self.duels if duel.mine == self.duels[0].mine]

    @property
    def calls(self) -> str:
        """Return the capacity in words."""
        calls = f"{self.capacity:,} call" + ("" if self.capacity == 1 else "s")
        weekly = f"{calls} a week" if self.since else calls
        return weekly if self.sample == 1 else f"{weekly} and a sample of {self.sample:.0%} of the {self.of}"

    @property
    def by_lot_caught(self) -> float:
        """Return how many conversions calls without any score would catch with the capacity."""
        return self.by_lot[self.capacities.index(self.capacity)]

    @property
    def verdicts(self) -> list[str]:
        """Return the outcome against each of the other scores in a sentence, or why there is none."""
        return [duel.sentence for duel in self.headline] or [self.message]

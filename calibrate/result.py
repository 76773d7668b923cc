"""The result of a calibration as plain data, for the report, for `--json` and for the command."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import orjson

from calibrate.bakeoff.against import Against
from calibrate.judging import nothing
from calibrate.judging.cutoffs import Cutoffs
from calibrate.judging.gate import Gate
from calibrate.notes import Note
from calibrate.statistics.metrics import Bin
from scoring.likelihood import Likelihood
from vocabulary.outputs import Of


@dataclass(frozen=True)
class RuleFound:
    """A rule of the proposal, or a dropped rule of the old card (`after` is 0)."""

    name: str
    part: str
    leads: int
    conversions: int
    lift: float
    before: float
    after: float
    low: float
    high: float
    same_sign: float
    half_life: float | None = None
    per_unit: str = ""
    """Of points per unit, how many are given for what; `after` is then the most."""
    locked: bool = False
    tried: float = float("nan")
    """The share of its leads that sales contacted; NaN if that is not known."""
    judged: int = 0
    """How many of its leads sales judged."""
    rejected: float = float("nan")
    """The share of these that sales called a bad fit; NaN of none."""
    reason: str = ""
    """Why a rule of the old card is dropped."""
    measured: bool = True
    """False if it is not known what the rule did; then `reason` says why."""


@dataclass(frozen=True)
class Performance:
    """The metrics of a score on the test part; those for chances are NaN if the score is not a chance."""

    name: str
    auc: float
    auc_low: float
    auc_high: float
    average_precision: float
    lift_10: float
    lift_20: float
    wins_in_top_fifth: float
    brier: float = float("nan")
    brier_of_rate: float = float("nan")
    slope: float = float("nan")
    expected_error: float = float("nan")
    mean: float = float("nan")
    gains: tuple[float, ...] = ()


@dataclass(frozen=True)
class Promise:
    """A group with its mean percentage, the share that converted, and the 95 % interval of that."""

    scale: str
    """What it is a group of: a field, a grade, the percentage."""
    group: str
    leads: int
    snapshots: int
    conversions: int
    promised: float
    came: float
    low: float
    high: float


@dataclass(frozen=True)
class Level:
    """A grade, stage or priority on the test part."""

    scale: str
    level: str
    snapshots: int
    conversions: int

    @property
    def rate(self) -> float:
        """Return the conversion rate."""
        return self.conversions / self.snapshots if self.snapshots else 0.0


@dataclass(frozen=True)
class Confusion:
    """The top fifth by score against the outcome."""

    name: str
    called_won: int
    called_lost: int
    left_won: int
    left_lost: int


@dataclass(frozen=True)
class Band:
    """A fifth of the leads of the test part, by their best points."""

    low: float
    high: float
    leads: int
    contacted: int
    conversions: int
    conversions_of_contacted: int


@dataclass(frozen=True)
class NeverTried:
    """A group of leads that sales practically never contacted, and how many of them converted nevertheless."""

    scale: str
    group: str
    leads: int
    tried: int
    rate: float


@dataclass(frozen=True)
class Contacts:
    """Whom sales contacted, and how many converted."""

    leads: int
    contacted: int
    rate: float
    rate_of_others: float
    bands: tuple[Band, ...]
    never: tuple[NeverTried, ...]


@dataclass(frozen=True)
class Heard:
    """Of how many leads sales said what it found, and what."""

    leads: int
    counts: dict[str, int]


@dataclass(frozen=True)
class Shift:
    """How much an input or the score differs from the fitting window (population stability index)."""

    name: str
    psi: float
    verdict: str


@dataclass(frozen=True)
class Drift:
    """The newest leads compared with the fitting window."""

    shifts: tuple[Shift, ...] = ()
    observed: int = 0
    expected: float = 0.0
    refit: bool = False
    message: str = ""


@dataclass(frozen=True)
class RateCheck:
    """The conversions after a cut, and those expected with the base rate moved to what had matured by then."""

    since: date
    observed: float
    expected: float
    ratio: float
    """Of observed to expected."""
    unmoved: float
    """The ratio without the move."""

    @property
    def message(self) -> str:
        """Return it as a sentence."""
        return (
            f"Check of the base rate: from {self.since} on, {self.observed:.0f} conversions came where "
            f"{self.expected:.0f} were expected, a ratio of {self.ratio:.2f}; without moving the rate to the newest "
            f"snapshots {self.unmoved:.2f}."
        )


@dataclass
class Calibration:
    """All results of a calibration. The proposal itself is `scorecard` (YAML) and `likelihood`."""

    standing: str
    message: str
    outcome: str
    as_of: datetime | None
    horizon: float | None
    look_back: float
    """In days; infinite, in JSON null, if all activities count."""
    leads: int
    conversions: int
    snapshots: int
    rate: float
    notes: list[Note]
    of: Of = "leads"
    """What was calibrated; `leads` is their number."""
    suggested_horizon: float | None = None
    split: str = ""
    train_conversions: int = 0
    test_conversions: int = 0
    learned_from: int = 0
    """The conversions that the proposal was learned from again, after it was judged: those of the test part too."""
    doubling: int = 0
    rules: list[RuleFound] = field(default_factory=list)
    gone: list[RuleFound] = field(default_factory=list)
    gone_measured_on: int | None = None
    """How many leads of the training part the dropped rules were measured on, if not on all."""
    performance: list[Performance] = field(default_factory=list)
    """On all that scoring would have met after the cut."""
    performance_newer: list[Performance] = field(default_factory=list)
    """On those created after the cut alone; empty if these are all."""
    newer_conversions: int = 0
    newer_told: str = ""
    """Why there are no figures of those alone, if they are too few."""
    odoo_above: bool = False
    """Whether Odoo's method ranks clearly above the proposal: the 95 % interval of the difference in AUC is above 0."""
    cutoffs: Cutoffs | None = None
    """From how many points up to call; None if no capacity was stated."""
    contacts: Contacts | None = None
    """None if it is not known whom sales contacted, or if that tells nothing."""
    feedback: Heard | None = None
    """What sales said; None if it is not read."""
    performance_contacted: list[Performance] = field(default_factory=list)
    """The same among contacted leads only."""
    random_auc: float = float("nan")
    random_auc_challenger: float = float("nan")
    bins: tuple[Bin, ...] = ()
    rate_check: RateCheck | None = None
    broken_promises: list[Promise] = field(default_factory=list)
    """Groups of the test part that converted clearly otherwise than their percentages said."""
    levels: list[Level] = field(default_factory=list)
    levels_now: list[Level] = field(default_factory=list)
    confusion: list[Confusion] = field(default_factory=list)
    gate: Gate | None = None
    drift: Drift = field(default_factory=Drift)
    told_apart: float = float("nan")
    likelihood: Likelihood | None = None
    scorecard: str | None = None
    applied: bool = False
    against: Against | None = None
    """The comparison with other scores, if one was asked for."""

    @property
    def declined(self) -> bool:
        """Return whether there was not enough data."""
        return self.standing == "declined"

    @property
    def nothing_found(self) -> bool:
        """Return whether no rule was learned, so that there is no proposal."""
        return self.standing == nothing.STANDING

    @property
    def again(self) -> str:
        """Return how the proposal differs from what the figures are about."""
        if not self.learned_from:
            return ""
        said = "The figures are those of rules learned from the earlier part alone."
        then = f"The proposal was then learned in the same way from all {self.learned_from:,} conversions"
        return f"{said} {then}, so its rules and points may differ a little."

    def performance_of(self, name: str) -> Performance | None:
        """Return the performance of one of the compared scores."""
        return next((one for one in self.performance if one.name == name), None)

    def json(self) -> bytes:
        """Return the result as JSON; missing figures are null, and what is about time is missing without dates."""
        plain = {key: value for key, value in vars(self).items() if key not in {"likelihood", "scorecard"}}
        likelihood = (
            self.likelihood.model_dump(mode="json", by_alias=True, exclude_none=True) if self.likelihood else None
        )
        gate = {"open": self.gate.open, "reasons": self.gate.reasons} if self.gate else None
        content = {
            **plain,
            "declined": self.declined,
            "gate_open": gate,
            "likelihood": likelihood,
            "scorecard": self.scorecard,
        }
        if self.horizon is None:
            content = _undated(content)
        return orjson.dumps(content, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_INDENT_2)


OF_TIME: Final = frozenset({"as_of", "horizon", "suggested_horizon", "look_back"})


def _undated(content: dict[str, Any]) -> dict[str, Any]:
    """Return the result of a plain table without what is about time."""
    kept = {name: value for name, value in content.items() if name not in OF_TIME}
    rules = {name: [_unfading(rule) for rule in kept[name]] for name in ("rules", "gone")}
    return {**kept, **rules}


def _unfading(rule: RuleFound) -> dict[str, Any]:
    return {name: value for name, value in asdict(rule).items() if name != "half_life"}


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    return asdict(value)

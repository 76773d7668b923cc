"""The current scorecard's rules: as candidates, as locked points and as the score to beat.

Everything is computed by `scoring` with small scorecards made for the purpose, so results are those of the CRM.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import polars as pl

from calibrate.card.rules import LeadRule, NumberRule
from calibrate.errors import CalibrationError
from calibrate.past.deals import replayed
from calibrate.past.panel import Signal
from calibrate.statistics.fit import Floats
from scoring import Scorecard, score
from scoring.card import BaseRule, LeadCondition
from scoring.card import rules as card_rules
from scoring.card.declarations import ACCOUNT
from scoring.card.operators import BY_NAME
from scoring.card.rules.base import DECAYS
from scoring.card.score import SectionName
from vocabulary.fields import FieldType
from vocabulary.outputs import Of

NO_ACTIVITIES: Final = pl.DataFrame(
    schema={
        "lead": pl.String,
        "id": pl.String,
        "occurred_at": pl.Datetime("us", "UTC"),
        "touchpoint": pl.UInt32,
        "seconds": pl.Float64,
        "value": pl.Float64,
    }
)
NO_TOUCHPOINTS: Final = pl.DataFrame(
    schema={"touchpoint": pl.UInt32, "kind": pl.String, "url": pl.String, "name": pl.String}
)
PER_ACTIVITY: Final = frozenset({"seconds", "value", "occurred_at"})
ANY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)

Entry = Mapping[str, Any]
"""A rule as in the YAML file."""


def figure_types(card: Scorecard) -> dict[str, FieldType]:
    """Return the types of the figures whose past is known."""
    return {name: card.figures[name].type_in(card.sources) for name in replayed(card)}


def part_of(card: Scorecard, of: Of) -> Scorecard:
    """Return the scorecard of leads, or the part of it about accounts."""
    if of == "leads":
        return card
    if card.company is None:
        remedy = "Add it, with the fields of accounts, or calibrate leads."
        raise CalibrationError(f"The scorecard {card.name} has no section `accounts`. {remedy}")
    return card.company


@dataclass(frozen=True)
class Old:
    """The current scorecard, or the part of it about accounts, as plain data from its YAML and as a model."""

    whole: Mapping[str, Any]
    """The whole file."""
    scorecard: Scorecard
    of: Of = "leads"

    @property
    def raw(self) -> Mapping[str, Any]:
        """The part, as it is written."""
        return self.whole if self.of == "leads" else self.whole["accounts"]

    @property
    def card(self) -> Scorecard:
        """The part, as a model."""
        return part_of(self.scorecard, self.of)

    @property
    def scored(self) -> bool:
        """Whether it gives results to compare with."""
        accounts = self.scorecard.accounts
        return self.of == "leads" or (accounts is not None and accounts.scored)

    @property
    def fixed(self) -> Mapping[str, Any]:
        """What gives an account points for its people, as it is written: it stays."""
        engagement = (self.raw.get("score") or {}).get("engagement") or {}
        return {name: engagement[name] for name in PEOPLE if self.of == "accounts" and engagement.get(name)}

    def rules(self, part: str) -> list[tuple[Entry, BaseRule]]:
        """Return the rules of fit or engagement in order, as they are written and as models."""
        groups = (self.raw.get("score") or {}).get(part, {}).get("groups") or ()
        written = [rule for group in groups for rule in group.get("rules") or ()]
        section = dict(self.card.sections).get(_NAMES[part])
        models = [rule for group in section.groups for rule in group.faded] if section else []
        return list(zip(written, models, strict=True))

    def entries(self, part: str) -> list[Entry]:
        """Return the rules of fit or engagement as they are written."""
        return [entry for entry, _ in self.rules(part)]

    @property
    def names(self) -> list[str]:
        """Return the names of its rules."""
        return [str(entry["name"]) for part in _NAMES for entry in self.entries(part)]

    def points_of(self, name: str, condition: Mapping[str, Any] | None = None) -> float:
        """Return the points that the rule of this name, or its table entry for this value, gives now.

        Of points per unit or by count, these are the most that it gives.
        """
        for entry in [*self.entries("fit"), *self.entries("engagement")]:
            table = entry.get("table")
            if entry["name"] == name and table is None:
                return _most(entry)
            if condition and isinstance(table, str) and set(condition) == {table}:
                return _of_table(entry, condition[table])
            if condition and condition == entry.get("lead", entry.get("activity")):
                return _most(entry)
        return 0.0

    def only(self, names: Sequence[str]) -> Scorecard:
        """Return the card with only these rules, in their groups, and without limits around them.

        The people of accounts keep what they give, and so do the rules of leads that this follows from.
        """
        score = {
            part: _only(section, names) for part, section in (self.raw.get("score") or {}).items() if part in _NAMES
        }
        kept = {part: section for part, section in score.items() if set(section) & {"groups", *PEOPLE}}
        scored = {"score": kept} if kept else {}
        if self.of == "leads":
            around = {**self._around(AROUND), **self._resets, **self._firms}
            self._refuse_unknown(scored)
            return Scorecard.model_validate({"scorecard": "asked", **around, **scored})
        leads = _without(self.whole, ("priority", "examples"))
        around = {name: self.raw[name] for name in ("fields", "by_domain", "figures", "reset") if name in self.raw}
        return Scorecard.model_validate({**leads, "accounts": {**around, **scored}})

    def alone(self, part: str, rules: Sequence[Entry]) -> Scorecard:
        """Return a scorecard with only these rules in one group, and with nothing that hides or limits anything.

        Figures whose past is known are fields of it, and so are those of accounts fields of leads.
        """
        section = {"groups": [{"name": "Asked", "rules": list(rules)}]}
        fields = {**(self.raw.get("fields") or {}), **figure_types(self.card)}
        around = {**self._around(("calendar", "placeholders")), "fields": fields}
        firms = self._firms if self.of == "leads" else {}
        return Scorecard.model_validate({"scorecard": "asked", **around, **firms, "score": {part: section}})

    def _around(self, names: Sequence[str]) -> dict[str, Any]:
        return {name: self.whole[name] for name in names if name in self.whole}

    @property
    def _of_accounts(self) -> list[str]:
        """The figures of accounts, by the names that leads have for them: their past is not known."""
        accounts = self.scorecard.accounts
        return [] if accounts is None else [ACCOUNT + name for name in accounts.figures]

    @property
    def _resets(self) -> dict[str, Any]:
        """The resets of leads whose moments are known."""
        given = self.whole.get("reset") or ()
        return {"reset": [one for one in given if one.get("since") not in self._of_accounts]}

    def _refuse_unknown(self, scored: Mapping[str, Any]) -> None:
        """Raise CalibrationError if locked rules use what is not known of the past."""
        if unknown := [name for name in self._of_accounts if repr(name) in repr(scored)]:
            said = f"--lock: the past of {', '.join(unknown)} is not known"
            raise CalibrationError(f"{said}, so rules that use it cannot keep their points. Leave them out of --lock.")

    @property
    def _firms(self) -> dict[str, Any]:
        """What leads can read of their accounts, as far as it is known."""
        fields = (self.whole.get("accounts") or {}).get("fields")
        return {"accounts": {"fields": fields}} if fields else {}


_NAMES: Final[Mapping[str, SectionName]] = {"fit": "fit", "engagement": "engagement"}
AROUND: Final = ("fields", "calendar", "placeholders", "deals", "figures", "reset")
"""What a rule needs of its card."""
LIMITS: Final = ("minimum", "maximum")
PEOPLE: Final = ("people", "coverage")
"""What gives an account points for its people."""


def _only(section: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    groups = [_thinned(group, names) for group in section.get("groups") or ()]
    left = [group for group in groups if group["rules"]]
    return {**_without(section, (*LIMITS, "groups")), **({"groups": left} if left else {})}


def _thinned(group: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return a group with only some rules, without limits, and without a decay that none of them can take."""
    rules = [rule for rule in group.get("rules") or () if rule.get("name") in names]
    return {**_without(group, (*LIMITS, *unused_decays(rules))), "rules": rules}


def unused_decays(rules: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the options of a group's decay if none of its rules can fade."""
    return () if any("activity" in rule or "since" in rule for rule in rules) else DECAYS


def _without(given: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name not in names}


def _most(entry: Entry) -> float:
    """Return the points of a rule; of points per unit or by count, the most that it gives or takes."""
    points = entry["points"]
    if "number" in entry:
        return math.copysign(float(entry["maximum"]), float(points["give"]))
    return max(map(float, points.values()), key=abs) if isinstance(points, Mapping) else float(points)


def _of_table(entry: Entry, value: Any) -> float:
    folded = {str(key).strip().lower(): points for key, points in entry["points"].items()}
    return float(folded.get(str(value).strip().lower(), 0.0))


def lead_rules(
    old: Old, fields: pl.DataFrame, usable: Iterable[str]
) -> tuple[list[LeadRule | NumberRule], pl.DataFrame]:
    """Return the card's rules on usable fields as candidates, and the fields with a column for each rule.

    Candidates are conditions, and points per unit of a number, of which the shape is kept and the size is learned.
    """
    known = set(usable)
    asked = [(entry, rule) for entry, rule in old.rules("fit") if _plain(rule, known)]
    if not asked or not len(fields):
        return [], fields
    given = fired(old, [entry for entry, _ in asked], fields)
    columns = [pl.Series(f"rule {place}", given[place] / _size(rule)) for place, (_, rule) in enumerate(asked)]
    candidates = [_candidate(place, entry, rule, known) for place, (entry, rule) in enumerate(asked)]
    return candidates, fields.with_columns(columns)


def _candidate(place: int, entry: Entry, rule: BaseRule, known: set[str]) -> LeadRule | NumberRule:
    column = pl.col(f"rule {place}")
    if "lead" in entry:
        return LeadRule(str(entry["name"]), _data(entry["lead"]), column > 0, tuple(fields_of(rule) & known))
    return NumberRule(str(entry["name"]), _data(entry), column, tuple(fields_of(rule) & known))


def _size(rule: BaseRule) -> float:
    """Return the points of a rule that count as one."""
    return math.copysign(rule.maximum, rule.points.give) if isinstance(rule, card_rules.NumberRule) else 1.0


def _plain(rule: BaseRule, usable: set[str]) -> bool:
    """Return whether a rule uses only usable fields, and does not depend on the time or on anything else."""
    if isinstance(rule, card_rules.NumberRule):
        timed = not isinstance(rule.number, str)
        if timed or not rule.maximum or not rule.points.give:
            return False
    elif not isinstance(rule, card_rules.LeadRule) or rule.since is not None:
        return False
    return bool(named := fields_of(rule)) and named <= usable and timeless(rule)


def fields_of(rule: BaseRule) -> frozenset[str]:
    """Return the fields that a rule names, in its conditions too."""
    return rule.fields.union(*(_named(condition) for condition in rule.lead_conditions.values()))


def _named(condition: LeadCondition) -> frozenset[str]:
    return condition.named_fields.union(*(_named(inner) for inner in condition.nested))


def timeless(rule: BaseRule) -> bool:
    """Return whether the conditions of a rule look at nothing but fields, and at none against the time of scoring."""
    return all(map(_timeless, rule.lead_conditions.values()))


def _timeless(condition: LeadCondition) -> bool:
    """Return whether a condition looks at nothing but fields, and at none against the time of scoring."""
    others = condition.activities or condition.unanswered or condition.surge or condition.computed_tests
    operators = (BY_NAME[name] for test in condition.field_tests.values() for name in test.operators)
    timed = any(operator.of_age or operator.of_calendar for operator in operators)
    return not (others or timed) and all(map(_timeless, condition.nested))


def _data(condition: Any) -> Any:
    """Return a condition without the YAML reader's types."""
    if isinstance(condition, Mapping):
        return {str(key): _data(value) for key, value in condition.items()}
    return [_data(value) for value in condition] if isinstance(condition, list | tuple) else condition


def fired(old: Old, entries: Sequence[Entry], fields: pl.DataFrame) -> dict[int, Floats]:
    """Return the points that each rule gives each row; 1 for a condition that holds."""
    rules = [
        {**entry, "name": str(number), **({"points": 1} if "lead" in entry else {})}
        for number, entry in enumerate(entries)
    ]
    rows = fields.with_columns(pl.int_range(pl.len()).cast(pl.String).alias("lead"))
    lines = score(rows, NO_ACTIVITIES, NO_TOUCHPOINTS, old.alone("fit", rules), ANY_TIME, explain=True).lines
    fired = lines.filter(pl.col("type") == "rule").select("name", pl.col("lead").cast(pl.Int64), "points")
    given = {number: np.zeros(len(fields)) for number in range(len(entries))}
    for name, row, points in fired.iter_rows():
        given[int(name)][row] = points
    return given


def signals(old: Old, touchpoints: pl.DataFrame, locked: Sequence[str]) -> list[tuple[Signal, pl.Series]]:
    """Return the conditions of the card's activity rules, each with the touchpoints it matches."""
    asked = [
        entry
        for entry in old.entries("engagement")
        if "activity" in entry and entry["name"] not in locked and not keys(entry["activity"]) & PER_ACTIVITY
    ]
    if not asked or touchpoints.is_empty():
        return []
    rules = [{"name": str(number), "activity": entry["activity"], "points": 1} for number, entry in enumerate(asked)]
    lines = score(*_one_each(touchpoints), touchpoints, old.alone("engagement", rules), ANY_TIME, explain=True).lines
    assert lines is not None
    fired = lines.filter(pl.col("type") == "rule").select("name", pl.col("lead").cast(pl.UInt32).alias("touchpoint"))
    return [
        (
            Signal(str(entry["name"]), _data(entry["activity"])),
            fired.filter(pl.col("name") == str(number))["touchpoint"],
        )
        for number, entry in enumerate(asked)
    ]


def keys(condition: Any) -> set[str]:
    """Return all names in a condition."""
    if isinstance(condition, Mapping):
        return {str(key) for key in condition} | {name for value in condition.values() for name in keys(value)}
    return {name for value in condition for name in keys(value)} if isinstance(condition, list | tuple) else set()


def _one_each(touchpoints: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return leads and activities where each touchpoint is the only activity of the lead with its number."""
    activities = touchpoints.select(
        pl.col("touchpoint").cast(pl.String).alias("lead"),
        pl.col("touchpoint").cast(pl.String).alias("id"),
        pl.lit(ANY_TIME).cast(pl.Datetime("us", "UTC")).alias("occurred_at"),
        "touchpoint",
        pl.lit(None, pl.Float64).alias("seconds"),
        pl.lit(None, pl.Float64).alias("value"),
    )
    return activities.select("lead"), activities

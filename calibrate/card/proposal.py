"""Writes the learned rules into the user's scorecard and leaves everything else unchanged, including comments."""

import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from calibrate.card.current_card import PEOPLE, unused_decays
from calibrate.card.rules import Candidate
from calibrate.inputs.placeholders import compared
from calibrate.result import RuleFound
from vocabulary.fields import FieldType
from vocabulary.outputs import Of

TITLES: Final[Mapping[Of, Mapping[str, str]]] = {
    "leads": {"fit": "Who the lead is", "engagement": "What the lead does"},
    "accounts": {"fit": "What the account is", "engagement": "What its people do"},
}
INDENTS: Final[Mapping[Of, int]] = {"leads": 10, "accounts": 12}
"""Where rules begin."""


@dataclass(frozen=True)
class Base:
    """The file to write the proposal into, if there is one."""

    text: str | None
    name: str
    fields: Mapping[str, FieldType]
    """The fields that the rules use."""
    columns: Mapping[str, str]
    """Field names in the file of leads, if they differ."""
    of: Of = "leads"
    placeholders: Sequence[str] = ()
    """The texts that counted as missing."""
    activity_columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The columns of the file of leads that hold activities, by kind."""


def text(
    base: Base, rules: Sequence[tuple[Candidate, RuleFound]], locked: Sequence[str], written: Sequence[str]
) -> str:
    """Return the proposed scorecard as YAML. Of the sections `written`, only the learned and locked rules are left."""
    yaml = _yaml()
    card = yaml.load(base.text) if base.text else _fresh(base)
    _put_placeholders(card, base.placeholders)
    _put_activity_columns(card, base.activity_columns)
    about = card if base.of == "leads" else card["accounts"]
    score = about.setdefault("score", CommentedMap())
    _without_limits(score)
    learned = {rule.part for rule, _ in rules}
    written = [part for part in written if part == "fit" or part in score or part in learned]
    for part in written:
        _put(score, part, [(rule, found) for rule, found in rules if rule.part == part], locked, base.of)
    _bound(score, written)
    stream = io.StringIO()
    yaml.dump(card, stream)
    return stream.getvalue()


def plain(written: str) -> dict[str, Any]:
    """Read a scorecard's YAML as plain data."""
    read = YAML(typ="safe", pure=True).load(written)
    return read if isinstance(read, dict) else {}


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _fresh(base: Base) -> CommentedMap:
    declared = CommentedMap()
    for name, kind in base.fields.items():
        column = base.columns.get(name, name)
        declared[name] = kind if column == name else _flow({"type": kind, "column": column})
    return CommentedMap({"scorecard": base.name, "fields": declared})


def _put_placeholders(card: CommentedMap, met: Sequence[str]) -> None:
    """Add what counted as missing in learning, so that it does in scoring; no text that the scorecard compares with."""
    known = {one.strip().lower() for one in card.get("placeholders") or []}
    new = [one for one in met if one.lower() not in known | compared(card)]
    if new:
        listed = [*(card.get("placeholders") or []), *new]
        place = list(card).index("fields") + 1 if "fields" in card else len(card)
        card.pop("placeholders", None)
        card.insert(min(place, len(card)), "placeholders", _flow(listed))


def _put_activity_columns(card: CommentedMap, columns: Mapping[str, Sequence[str]]) -> None:
    """Add the columns that activities were read from, after the fields, so that scoring reads the same."""
    known = dict(card.get("activity_columns") or {})
    ours = {kind: one[0] if len(one) == 1 else list(one) for kind, one in columns.items()}
    if any(known.get(kind) != one for kind, one in ours.items()):
        place = list(card).index("fields") + 1 if "fields" in card else len(card)
        card.pop("activity_columns", None)
        card.insert(min(place, len(card)), "activity_columns", _flow({**known, **ours}))


def _without_limits(score: CommentedMap) -> None:
    for key in ("minimum", "maximum"):
        score.pop(key, None)


def _put(
    score: CommentedMap, part: str, rules: Sequence[tuple[Candidate, RuleFound]], locked: Sequence[str], of: Of
) -> None:
    section = score.setdefault(part, CommentedMap())
    _without_limits(section)
    groups = section.setdefault("groups", CommentedSeq())
    _drop(groups, lambda group: not _keep_locked(group, locked))
    people = of == "accounts" and part == "engagement"
    if rules or (people and not groups and not section.keys() & set(PEOPLE)):  # it must have something
        groups.append(_group(TITLES[of][part], rules, of))
    if people and not groups:
        del section["groups"]


def _drop(listed: CommentedSeq, goes: Callable[[Any], bool]) -> None:
    """Remove entries in place, to keep the comments of the others."""
    for place in reversed(range(len(listed))):
        if goes(listed[place]):
            del listed[place]


def _keep_locked(group: CommentedMap, locked: Sequence[str]) -> bool:
    """Keep only the locked rules of a group, without limits; return whether there are any.

    A decay that none of them can take goes too.
    """
    _drop(group.setdefault("rules", CommentedSeq()), lambda rule: rule.get("name") not in locked)
    for key in ("minimum", "maximum", *unused_decays(group["rules"])):
        group.pop(key, None)
    return bool(group["rules"])


def _group(title: str, rules: Sequence[tuple[Candidate, RuleFound]], of: Of) -> CommentedMap:
    listed = CommentedSeq([_flow(rule.entry(int(found.after))) for rule, found in rules])
    for place, (_, found) in enumerate(rules):
        listed.yaml_set_comment_before_after_key(place, before=comment(found, of), indent=INDENTS[of])
    return CommentedMap({"name": title, "rules": listed})


def _flow(value: Any) -> Any:
    """Return data as YAML on one line."""
    if isinstance(value, Mapping):
        styled: CommentedMap | CommentedSeq = CommentedMap({key: _flow(inner) for key, inner in value.items()})
    elif isinstance(value, list | tuple):
        styled = CommentedSeq([_flow(inner) for inner in value])
    else:
        return value
    styled.fa.set_flow_style()
    return styled


def comment(found: RuleFound, of: Of = "leads") -> str:
    """Return the figures of a rule on one line."""
    fired = f"{found.leads:,} {of}, {found.conversions:,} converted, lift {found.lift:.2f}"
    points = f"points {found.before:g} before, {found.after:g} now ({round(found.low)} to {round(found.high)})"
    return f"{fired}; {points}; same sign in {found.same_sign:.0%} of refits"


def _bound(score: CommentedMap, written: Sequence[str]) -> None:
    """Set bounds that no lead exceeds, so that nothing is cut and percentages of the maximum keep their meaning."""
    for part in written:
        _set_bounds(score[part], *_range(score[part]))
    ranges = [_bounds(score[part]) for part in ("fit", "engagement") if part in score]
    _set_bounds(score, math.floor(sum(low for low, _ in ranges)), math.ceil(sum(high for _, high in ranges)))


def _set_bounds(section: CommentedMap, low: int, high: int) -> None:
    section.insert(0, "maximum", max(high, 1))
    section.insert(0, "minimum", low)


def _bounds(section: Mapping[str, Any]) -> tuple[float, float]:
    low, high = _range(section)
    return section.get("minimum", low), section.get("maximum", max(high, 1))


def _range(section: Mapping[str, Any]) -> tuple[int, int]:
    reach = [bound for group in section.get("groups", ()) for rule in group.get("rules", ()) for bound in _reach(rule)]
    reach += _of_people(section)
    low, high = (bound for bound in reach if bound < 0), (bound for bound in reach if bound > 0)
    return math.floor(sum(low)), math.ceil(sum(high))


def _of_people(section: Mapping[str, Any]) -> list[float]:
    """Return the least and the most that the people of an account give."""
    people, coverage = section.get("people"), section.get("coverage")
    most = [int(people["top"]) * float(people["maximum"])] if people else []
    return [*most, *(map(float, coverage["points"].values()) if coverage else ())]


def _of_many(rule: Mapping[str, Any]) -> list[float]:
    """Return the least and the most that points per unit, or by count, give."""
    if "number" in rule:
        most = math.copysign(float(rule["maximum"]), float(rule["points"]["give"]))
        missing = float(rule.get("missing", 0))
        return [min(0.0, most, missing), max(0.0, most, missing)]
    points = list(map(float, rule["points"].values()))
    return [min(0.0, *points), max(0.0, *points)]


MANY: Final = 20
"""How often an activity without a cap is assumed to count at most."""


def _reach(rule: Mapping[str, Any]) -> list[float]:
    if "table" in rule:
        values = [*rule["points"].values(), rule.get("otherwise", 0), rule.get("missing", 0)]
        return [min(0, *values), max(0, *values)]
    if "number" in rule or isinstance(rule["points"], Mapping):
        return _of_many(rule)
    points = float(rule["points"])
    if "activity" not in rule or rule.get("award") == "once":
        return [points]
    return [points * MANY if "maximum" not in rule else (1 if points > 0 else -1) * float(rule["maximum"])]

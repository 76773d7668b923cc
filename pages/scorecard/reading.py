"""A scorecard as a manager reads it: its rules in words, in the order of the file."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from config import Mistake
from config.documents import Path_
from pages.scorecard import words
from scoring import Scorecard
from scoring.card import BaseRule, Group
from scoring.card.grade import Disqualifier
from scoring.card.readiness import First, Urgency

SECTIONS: Final = {"fit": "Who a lead is", "engagement": "What a lead does"}
OF_ACCOUNTS: Final = {"fit": "What an account is", "engagement": "What its people do"}


@dataclass(frozen=True, slots=True)
class _Placed:
    """A part of a card with its place there."""

    path: Path_

    @property
    def anchor(self) -> str:
        """Where the page has it."""
        return anchor(self.path)

    @property
    def key(self) -> str:
        """Its place in the card, as figures are kept by."""
        return dotted(self.path)


@dataclass(frozen=True, slots=True)
class RuleLine(_Placed):
    """One rule in words."""

    name: str
    what: str
    gives: str
    sign: int
    table: Sequence[tuple[str, str]]
    notes: Sequence[str]
    slips: Sequence[Mistake] = ()


@dataclass(frozen=True, slots=True)
class GroupLines(_Placed):
    """A group of rules."""

    name: str
    notes: Sequence[str]
    bounds: str
    rules: Sequence[RuleLine]
    slips: Sequence[Mistake] = ()


@dataclass(frozen=True, slots=True)
class SectionLines:
    """Fit or engagement."""

    name: str
    title: str
    bounds: str
    notes: Sequence[str]
    groups: Sequence[GroupLines]


@dataclass(frozen=True, slots=True)
class Read:
    """A scorecard in words."""

    card: Scorecard
    sections: Sequence[SectionLines]
    profiles: Sequence[Mapping[str, Any]]
    disqualifiers: Sequence[tuple[str, str]]
    stages: Sequence[Mapping[str, str]]
    urgencies: Sequence[tuple[str, str]]
    first: Sequence[tuple[str, str]]
    resets: Sequence[str]
    figures: Sequence[tuple[str, str]]
    slips: Sequence[Mistake]
    """The findings of the lint that concern no rule."""
    rules: Mapping[str, RuleLine] = field(default_factory=dict)
    """All rules by their keys."""


def anchor(path: Path_) -> str:
    """Return the anchor of a place in a card, such as `score-fit-groups-0-rules-2`."""
    return "-".join(map(str, path))


def dotted(path: Path_) -> str:
    """Return a place in a card, such as `score.fit.groups.0.rules.2`."""
    return ".".join(map(str, path))


def in_words(card: Scorecard, slips: Sequence[Mistake] = ()) -> Read:
    """Return a scorecard in words, that of leads or the one of their accounts, with the findings of its lint."""
    start: Path_ = ("accounts",) if card.whose == "accounts" else ()
    of_rules, others = _placed(slips, start)
    sections = [_section(card, name, (*start, "score", name), of_rules) for name in card.sections]
    rules = {rule.key: rule for section in sections for group in section.groups for rule in group.rules}
    return Read(
        card,
        sections,
        list(_profiles(card)),
        [(one.name, _condition(one)) for one in (card.grade.disqualifiers if card.grade else ())],
        list(_stages(card)),
        [(one.is_, _condition(one)) for one in (card.readiness.urgency if card.readiness else ())],
        [(one.is_, _condition(one)) for one in (card.priority.first if card.priority else ())],
        [_reset(words.plain(one)) for one in card.reset],
        [(name, _figure(words.plain(one))) for name, one in card.figures.items()],
        others,
        rules,
    )


def _condition(part: Disqualifier | Urgency | First) -> str:
    return words.condition_said(words.plain(part.when))


def _placed(slips: Sequence[Mistake], start: Path_) -> tuple[Mapping[str, list[Mistake]], list[Mistake]]:
    """Return the findings by the rule or the group that they concern, and those that concern none."""
    found: dict[str, list[Mistake]] = defaultdict(list)
    others: list[Mistake] = []
    accounts = bool(start)
    for slip in slips:
        parts = slip.path.split(".")
        if (parts[0] == "accounts") != accounts:
            continue
        place = _rule_or_group(parts)
        (found[place] if place else others).append(slip)
    return found, others


def _rule_or_group(parts: Sequence[str]) -> str:
    for option in ("rules", "groups"):
        if option in parts and parts.index(option) + 1 < len(parts):
            return ".".join(parts[: parts.index(option) + 2])
    return ""


def _section(card: Scorecard, name: Any, path: Path_, slips: Mapping[str, Sequence[Mistake]]) -> SectionLines:
    section = card.sections[name]
    titles = SECTIONS if card.whose == "leads" else OF_ACCOUNTS
    groups = [_group(group, (*path, "groups", number), slips) for number, group in enumerate(section.groups)]
    plain = words.plain(section)
    return SectionLines(name, titles[name], words.bounds_said(plain), list(_people(plain)), groups)


def _people(section: Mapping[str, Any]) -> Iterator[str]:
    """Yield how the people of an account count."""
    if people := section.get("people"):
        most = words.number_said(people["maximum"])
        yield f"The engagement of the {people['top']} most engaged people counts, at most {most} points of each."
    if coverage := section.get("coverage"):
        told = ", ".join(f"{value} {words.points_said(points)}" for value, points in coverage["points"].items())
        whose = words.condition_said(coverage["engaged"])
        yield f"Points once for each {words.named(coverage['by'])} among people whose {whose}: {told}."
    if "reset" in section:
        yield f"Everything here {words.NOTES['reset'](section['reset'])}."


def _group(group: Group, path: Path_, slips: Mapping[str, Sequence[Mistake]]) -> GroupLines:
    rules = [_rule(rule, (*path, "rules", place), slips) for place, rule in enumerate(group.rules)]
    plain = {name: one for name, one in words.plain(group).items() if name != "maximum"}
    bounds = words.bounds_said(words.plain(group))
    return GroupLines(path, group.name, words.notes_said(plain), bounds, rules, slips.get(dotted(path), ()))


def _rule(rule: BaseRule, path: Path_, slips: Mapping[str, Sequence[Mistake]]) -> RuleLine:
    plain = words.plain(rule)
    points = plain.get("points")
    return RuleLine(
        path,
        rule.name,
        words.what_said(plain),
        words.gives_said(points),
        rule.sign,
        words.table_of(points),
        words.notes_said(plain),
        slips.get(dotted(path), ()),
    )


def _profiles(card: Scorecard) -> Iterator[Mapping[str, Any]]:
    for profile in map(words.plain, card.grade.profiles if card.grade else ()):
        applies = profile.get("applies")
        total = sum(one["weight"] for one in profile["criteria"])
        yield {
            "name": profile["name"],
            "applies": words.condition_said(applies) if applies else "",
            "criteria": [_criterion(one, total) for one in profile["criteria"]],
        }


def _criterion(criterion: Mapping[str, Any], total: float) -> Mapping[str, Any]:
    partial = criterion.get("partial")
    return {
        "name": criterion["name"],
        "share": criterion["weight"] / total,
        "match": words.condition_said(criterion["match"]),
        "partial": words.condition_said(partial) if partial else "",
    }


def _stages(card: Scorecard) -> Iterator[Mapping[str, str]]:
    for stage in card.readiness.stages if card.readiness else ():
        when = "" if stage.when is None else words.condition_said(words.plain(stage.when))
        keep = "" if stage.keep is None else words.condition_said(words.plain(stage.keep))
        yield {"name": stage.name, "when": when, "keep": keep}


def _reset(reset: Mapping[str, Any]) -> str:
    rest = {name: one for name, one in reset.items() if name != "name"}
    single = {name: one for name, one in rest.items() if not isinstance(one, dict | list)}
    told = ", ".join(f"{words.named(name)} {words.value_said(one)}" for name, one in single.items())
    return f"{reset.get('name', 'A moment')} ({told})"


def _figure(figure: Mapping[str, Any]) -> str:
    parts = []
    for name, one in figure.items():
        if isinstance(one, Mapping):
            parts.append(f"{words.named(name)} {words.condition_said(one)}")
        else:
            parts.append(f"{words.named(name)} {words.value_said(one)}")
    return ", ".join(parts)

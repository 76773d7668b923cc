"""The rules of a drafted scorecard on who a lead is, and the criteria of its grade."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from config.drafting.evidence import ENOUGH, RARE, Evidence, filled, is_late
from config.text import beside, comment, flow, scalar
from vocabulary.survey import Band, Count, Survey, SurveyedField

Counted = TypeVar("Counted", Count, Band)
_NAMES: Final[Mapping[str, str]] = {
    "seniority": "Seniority",
    "industry": "Industry",
    "employees": "Company size",
    "revenue": "Revenue",
    "country": "Country",
    "source": "Source",
}
_WEIGHTS: Final[Mapping[str, int]] = {"industry": 3, "employees": 2, "seniority": 2, "country": 1}
"""The fields of the grade, with their weights."""
_DECIDERS: Final = ("owner", "c-level", "vp", "director", "head")
_USUAL: Final[Mapping[str, int]] = {**dict.fromkeys(_DECIDERS, 10), "manager": 6, "student": -10}
"""Points of seniority where won leads show no difference."""
_FREQUENT: Final = 3
"""Values that get points where nothing is known about won leads."""
_GUESS: Final = 5
_CUSTOM: Final = 4
_AGAIN: Final = re.compile(r"_\d+$")
"""What tells apart a field whose name is taken: `seniority_2`."""
_MOSTLY: Final = 0.6
"""Share of the leads that the values of a criterion cover where won leads show no difference."""


@dataclass(frozen=True, slots=True)
class Part:
    """A rule or a comment about a field, the fields that it uses, and the best value with its points."""

    lines: Sequence[str]
    field: SurveyedField
    best: tuple[object, int] | None = None
    """The value that gives the most points; None if it is only a comment."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion of the grade: what the ideal customer has, and what counts half."""

    name: str
    field: SurveyedField
    weight: int
    match: Mapping[str, object]
    partial: Mapping[str, object] | None

    @property
    def line(self) -> str:
        """The criterion as YAML."""
        partial = f", partial: {flow(self.partial)}" if self.partial else ""
        return f"        - {{name: {self.name}, weight: {self.weight}, match: {flow(self.match)}{partial}}}"


def parts(survey: Survey) -> list[Part]:
    """Return a part for each standard field, and for the custom fields in which won leads differ."""
    standard = [found for found in survey.fields if found.role in _NAMES]
    order = list(_NAMES)
    made = [_part(found) for found in sorted(standard, key=lambda one: order.index(one.role or ""))]
    return [*made, *_mailbox(survey), *map(_part, custom(survey))]


def custom(survey: Survey) -> list[SurveyedField]:
    """Return the custom fields with the clearest differences between won leads and others.

    One of the name of a standard field, such as a portal's own `seniority` beside the one from job titles, says the
    same of a lead a second time, in other words: it is left out unless the standard field is unusable.
    """
    roles = [found.values for found in survey.fields if found.role and found.values]
    told = {found.name for found in survey.fields if found.role in _NAMES and _is_usable(found)}
    telling = [
        found
        for found in survey.fields
        if found.role is None
        and _is_usable(found)
        and found.values not in roles
        and _AGAIN.sub("", found.name) not in told
        and _gap(found)
    ]
    return sorted(telling, key=_gap, reverse=True)[:_CUSTOM]


def criteria(survey: Survey) -> list[Criterion]:
    """Return the criteria of the grade."""
    made = []
    for role, weight in _WEIGHTS.items():
        found = next((each for each in survey.fields if each.role == role), None)
        if found and _is_usable(found) and (wanted := _wanted(found)):
            half = {found.name: partly} if (partly := _partly(found, wanted)) else None
            made.append(Criterion(_NAMES[role], found, weight, {found.name: wanted}, half))
    return made


def name_of(found: SurveyedField) -> str:
    """Return the name of a field's rule."""
    if found.role:
        return _NAMES.get(found.role, found.label)
    label = " ".join(found.label.split()) or found.name
    return f"{label} ({found.name})" if label in _NAMES.values() else label


def _part(found: SurveyedField) -> Part:
    if not _is_usable(found):
        return Part(list(comment(f"{name_of(found)} is left out: {_why_not(found)}.", 10)), found)
    return _of_bands(found) if found.bands else _of_values(found)


def _of_values(found: SurveyedField) -> Part:
    points, why = _points(found)
    told = [(_value(found, one), points.get(one.value, 0), one) for one in found.values]
    if not any(given for _, given, _ in told):
        return Part(
            _only_counts(found, [f"{one.value}: {Evidence.of_value(found, one)}" for one in found.values]), found
        )
    heading = f"{name_of(found)}: {filled(found)}. {why}"
    lines = beside((f"              {scalar(value)}: {given}", _note(found, one)) for value, given, one in told)
    made = [
        *comment(heading, 10),
        f"          - name: {scalar(name_of(found))}",
        f"            table: {scalar(found.name)}",
        "            points:",
        *lines,
    ]
    best = max(told, key=lambda one: one[1])
    return Part(made, found, (_typed(found, best[0]), best[1]) if best[1] > 0 else (None, 0))


def _of_bands(found: SurveyedField) -> Part:
    evidence = [(band, Evidence.of_value(found, band)) for band in found.bands]
    given = [(band, told.points, told) for band, told in evidence]
    why = "Points follow from won leads."
    if not any(points for _, points, _ in given):
        if found.role != "employees":
            return Part(_only_counts(found, [f"{_span(band)}: {told}" for band, told in evidence]), found)
        frequent = _most(found, found.bands)
        given = [(band, _GUESS if band in frequent else 0, told) for band, _, told in given]
        why = f"The points are a guess: the most frequent sizes {_among(found)} get some."
    lines = list(comment(f"{name_of(found)}: {filled(found)}. {why}", 10))
    for band, points, told in given:
        if points:
            name, within = scalar(f"{name_of(found)} {_span(band)}"), flow({found.name: _within(band)})
            lines += comment(str(told), 10)
            lines.append(f"          - {{name: {name}, lead: {within}, points: {points}}}")
    left = [f"{_span(band)}: {told}" for band, points, told in given if not points and band.leads]
    lines += [line for one in left for line in comment(f"no points: {one}", 10)]
    best = max(given, key=lambda one: one[1])
    return Part(lines, found, (best[0].low, best[1]) if best[1] > 0 else (None, 0))


def _mailbox(survey: Survey) -> Iterator[Part]:
    """Yield a rule on private mailboxes, if any lead has one."""
    found = next((each for each in survey.fields if each.role == "mailbox"), None)
    private = next((one for one in found.values if one.value == "true"), None) if found else None
    if found and private:
        told = Evidence.of_value(found, private)
        points = told.points or -_GUESS
        rule = f"          - {{name: Private mailbox, lead: {{{found.name}: true}}, points: {points}}}"
        note = f"{told}{'' if told.points else '; the points are a guess'}"
        yield Part([*comment(note, 10), rule], found, (None, 0))


def _points(found: SurveyedField) -> tuple[Mapping[str, int], str]:
    """Return the points of each value, and how they came about."""
    learned = {one.value: points for one in found.values if (points := Evidence.of_value(found, one).points)}
    if found.role == "seniority":
        shown = {one.value: _USUAL[one.value] for one in found.values if one.value in _USUAL}
        how = "Points follow from won leads where these differ clearly; the others are usual ones to start from."
        return shown | learned, how if learned else "No clear difference among won leads: usual points to start from."
    if learned:
        return learned, "Points follow from won leads; values without a clear difference get none."
    if found.role == "industry":
        frequent = [one.value for one in _most(found, found.values)][:_FREQUENT]
        why = f"The points are a guess: the most frequent values {_among(found)} get some."
        return dict.fromkeys(frequent, _GUESS), why
    return {}, ""


def _among(found: SurveyedField) -> str:
    return "among won leads" if _knows_won(found) else "among your leads"


def _only_counts(found: SurveyedField, told: Sequence[str]) -> list[str]:
    why = "won leads show no clear difference" if _knows_won(found) else "nothing is known about won leads"
    lines = [*comment(f"{name_of(found)} gives no points: {why}. {filled(found)}:".replace(". f", "; f"), 10)]
    return [*lines, *(line for one in told for line in comment(f"  {one}", 10))]


def _wanted(found: SurveyedField) -> object:
    """Return the values that the ideal customer has, or the range of sizes."""
    if found.role == "seniority":
        return [one for one in _DECIDERS if one in {each.value for each in found.values}]
    if found.bands:
        good = [band for band in found.bands if Evidence.of_value(found, band).points > 0]
        return _range(good or _most(found, found.bands))
    good_values = [one for one in found.values if Evidence.of_value(found, one).points > 0]
    return [_typed(found, one.value) for one in good_values or _most(found, found.values)]


def _partly(found: SurveyedField, wanted: object) -> object:
    """Return the values that count half: those that are neither wanted nor clearly rarer among won leads."""
    if found.role == "seniority":
        return [one.value for one in found.values if one.value == "manager"]
    if found.bands or not isinstance(wanted, list):
        return None
    values = [one for one in found.values if Evidence.of_value(found, one).points >= 0]
    return [value for one in values if (value := _typed(found, one.value)) not in wanted]


def _range(bands: Sequence[Band]) -> object:
    if not bands:
        return None
    low, highs = min(band.low for band in bands), [band.high for band in bands]
    return {"at_least": low} if None in highs else {"at_least": low, "below": max(filter(None, highs)) + 1}


def _most(found: SurveyedField, counted: Sequence[Counted]) -> list[Counted]:
    """Return the most frequent values that together cover most of the won leads or, without these, of all."""
    by_won = _knows_won(found)
    counts = [(one.won if by_won else one.leads, one) for one in counted]
    total, covered, kept = sum(count for count, _ in counts), 0, list[Counted]()
    for count, one in sorted(counts, key=lambda each: -each[0]):
        if covered < total * _MOSTLY:
            kept.append(one)
            covered += count
    return kept


def _is_usable(found: SurveyedField) -> bool:
    has_counts = bool(found.values) or any(band.leads for band in found.bands)
    return has_counts and found.leads.share >= RARE and not (found.role is None and is_late(found))


def _why_not(found: SurveyedField) -> str:
    if found.leads.share < RARE:
        return filled(found)
    return f"no value is shared by enough leads ({found.distinct:,} different ones)"


def _knows_won(found: SurveyedField) -> bool:
    return found.won.filled >= ENOUGH


def _gap(found: SurveyedField) -> int:
    return max((abs(Evidence.of_value(found, one).points) for one in found.values), default=0)


def _note(found: SurveyedField, one: Count) -> str:
    label = f"{one.label}: " if one.label else ""
    return f"{label}{Evidence.of_value(found, one)}"


def _value(found: SurveyedField, one: Count) -> object:
    return _typed(found, one.value)


def _typed(found: SurveyedField, value: object) -> object:
    return value == "true" if found.type == "flag" and isinstance(value, str) else value


def _within(band: Band) -> Mapping[str, object]:
    return {"at_least": band.low} if band.high is None else {"at_least": band.low, "below": band.high + 1}


def _span(band: Band) -> str:
    return f"{band.low:,} or more" if band.high is None else f"{band.low:,} to {band.high:,}"

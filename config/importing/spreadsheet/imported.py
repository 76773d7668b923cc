"""A table of points as the text of a scorecard, with the rows that give no rule."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from config.idle import without_idle_limits
from config.importing.card import Line, MadeCard, MadeGroup, MadeRule, MadeSection, Note, unique
from config.importing.findings import Findings
from config.importing.imported import Imported
from config.importing.spreadsheet.activities import is_done, kind_of
from config.importing.spreadsheet.doings import Doing, has_options
from config.importing.spreadsheet.leads import Attribute, left_out
from config.importing.spreadsheet.reading import Row, Table, read_table
from config.importing.spreadsheet.values import numbered
from config.importing.written import written
from scoring.card.score import SectionName
from vocabulary.fields import FieldType

_FIT: Final = re.compile(
    r"\b(fit|demograph\w*|firmograph\w*|technograph\w*|explicit|profile|icp|passform)\b", re.IGNORECASE
)
_ENGAGEMENT: Final = re.compile(
    r"\b(engagement|behaviou?r\w*|implicit|activit\w*|intent|actions?|interactions?|verhalten|aktivität\w*)\b",
    re.IGNORECASE,
)
_TOTAL: Final = re.compile(
    r"(sub)?totals?|sum(me)?|max(imum)? (score|points)|gesamt|threshold|mql( threshold| score)?", re.IGNORECASE
)
_NEGATIVE: Final = re.compile(r"\((\s*\d+(?:[.,]\d+)?)\s*\)")
_GROUPS: Final[dict[SectionName, str]] = {"fit": "Who they are", "engagement": "What they do"}


@dataclass(slots=True)
class _Group:
    """A group in the making: what it has so far, in the order of the table."""

    section: SectionName
    name: str
    parts: list[Attribute | Doing | Note] = field(default_factory=list)


class _Matrix:
    """Makes a scorecard of a table."""

    def __init__(self, table: Table) -> None:
        self.table, self.findings = table, Findings()
        self.fields: dict[str, FieldType] = {}
        self.groups: list[_Group] = []
        self.heading = ""

    def card(self, file: str, name: str) -> MadeCard:
        for row in self.table.rows:
            self._take(row)
        sections: dict[SectionName, MadeSection] = {"fit": MadeSection(), "engagement": MadeSection()}
        for group in self.groups:
            sections[group.section].groups.append(MadeGroup(group.name, lines=_named(self._lines(group))))
        kept = {name: section for name, section in sections.items() if section.groups}
        return MadeCard(name, list(self._about(file)), self.fields, sections=kept)

    def _about(self, file: str) -> Iterator[str]:
        yield f"The points of {file}, {len(self.table.rows)} rows, by `leadgauge import csv`."
        if self.table.unread:
            columns = ", ".join(f"'{one}'" for one in self.table.unread)
            yield f"Columns that mean nothing here: {columns}."
        lost = sum(1 for _ in self.findings.losses)
        if lost:
            yield f"{lost} row{'s' if lost > 1 else ''} did not carry over; a comment marks the place of each."

    def _take(self, row: Row) -> None:
        """Put a row where it belongs."""
        attribute = row["attribute"]
        if not row["points"]:
            self._headed(row, attribute)
            return
        if _TOTAL.fullmatch(attribute):
            self._note(row, f"'{attribute}' is no rule")
            return
        points = _points(row["points"])
        if points is None:
            if row["points"].strip().lower() != self.table.headers.get("points", "").lower():
                self._note(row, f"{attribute}: '{row['points']}' is not a number of points", loses=True)
            return
        if not attribute and not row["kind"]:
            self._note(row, "there is no attribute", loses=True)
            return
        self._add(row, attribute or row["kind"], points)

    def _headed(self, row: Row, attribute: str) -> None:
        """Take a row without points as a heading, or tell that it has none."""
        if attribute and not row["value"]:
            self.heading = attribute
        else:
            self._note(row, f"{attribute}: there are no points", loses=True)

    def _add(self, row: Row, attribute: str, points: float) -> None:
        section = self._section(row, attribute)
        group = self._group(section, row)
        if section == "fit" and (options := has_options(row)):
            what = " and ".join(options)
            message = f"{attribute}: {what} left out, as only what leads do has that"
            group.parts.append(Note(f"{row.place}: {self.findings.lost(row.place, message)}."))
        part = self._part(group, section, attribute)
        part.rows.append((row, points))

    def _part(self, group: _Group, section: SectionName, attribute: str) -> Attribute | Doing:
        kind = Attribute if section == "fit" else Doing
        for part in group.parts:
            if isinstance(part, kind) and part.name.lower() == attribute.lower():
                return part
        made = kind(attribute, self.findings)
        group.parts.append(made)
        return made

    def _section(self, row: Row, attribute: str) -> SectionName:
        """Return the section of a row: as it says, as the heading says, or by its words."""
        for said in (row["section"], row["group"], self.heading):
            if _ENGAGEMENT.search(said):
                return "engagement"
            if _FIT.search(said):
                return "fit"
        does = bool(row["kind"]) or (is_done(attribute) and kind_of(attribute) is not None)
        return "engagement" if does else "fit"

    def _group(self, section: SectionName, row: Row) -> _Group:
        name = row["group"] or row["section"] or self.heading or _GROUPS[section]
        name = _GROUPS[section] if name.lower() in {"fit", "engagement"} else " ".join(name.split())
        for group in self.groups:
            if (group.section, group.name) == (section, name):
                return group
        self.groups.append(_Group(section, name))
        return self.groups[-1]

    def _note(self, row: Row, message: str, *, loses: bool = False) -> None:
        """Note a row that gives no rule."""
        group = self.groups[-1] if self.groups else self._group("fit", row)
        group.parts.append(left_out(self.findings, row, message, loses=loses))

    def _lines(self, group: _Group) -> Iterator[Line]:
        for part in group.parts:
            match part:
                case Attribute():
                    type_, lines = part.lines()
                    yield from self._declared(part, type_, lines)
                case Doing():
                    yield from part.lines()
                case _:
                    yield part

    def _declared(self, part: Attribute, type_: FieldType, lines: list[Line]) -> Iterator[Line]:
        """Declare the field of an attribute. Several groups may use it, but it has one type."""
        if self.fields.setdefault(part.field, type_) == type_:
            yield from lines
            return
        for row, _ in part.rows:
            why = f"{part.name} is a {self.fields[part.field]} in another group, and a {type_} here"
            yield left_out(self.findings, row, why)


def _points(text: str) -> float | None:
    """Return the points in a cell; accountants write negative numbers in parentheses."""
    said = text.strip()
    if found := _NEGATIVE.fullmatch(said):
        number = numbered(found[1])
        return None if number is None else -number
    return numbered(said)


def _named(lines: Iterator[Line]) -> list[Line]:
    """Return the lines with a name of its own for each rule."""
    taken: list[str] = []
    named: list[Line] = []
    for line in lines:
        if isinstance(line, MadeRule):
            name = unique(str(line.written["name"]), taken)
            taken.append(name)
            named.append(MadeRule({**line.written, "name": name}))
        else:
            named.append(line)
    return named


def from_csv(path: Path) -> Imported:
    """Return what a table of points becomes. Raise ConfigError if it is none."""
    table = read_table(path)
    matrix = _Matrix(table)
    card = matrix.card(path.name, path.stem)
    for note in table.notes:
        matrix.findings.told("the file", note)
    found = sorted(matrix.findings.found, key=lambda one: _line_of(one.place))
    return Imported(card.name, without_idle_limits(written(card)), "", found)


def _line_of(place: str) -> int:
    found = re.fullmatch(r"line (\d+)", place)
    return int(found[1]) if found else 0

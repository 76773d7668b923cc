"""Everything that `check` found: the verdict, the exit code and one table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from rich.console import Console
from rich.table import Table

from commands.common import PlainConsole
from config.checking import ScorecardReport
from config.documents import Document
from config.mistakes import Mistake
from vocabulary.findings import Finding

WRONG: Final = 2
UNREACHABLE: Final = 1
_LEVELS: Final[Mapping[str, str]] = {"error": "bold red", "warning": "yellow", "note": "dim"}
"""The levels, the worst first, with their style."""
_WIDEST: Final = 120
"""Characters of a column where the output is not a terminal."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    level: Literal["error", "warning", "note"]
    place: str
    """File and line, or the database or connection."""
    about: str
    what: str
    remedy: str


@dataclass
class Report:
    """Everything that `check` found."""

    settings: str | None = None
    document: Document | None = None
    mistakes: list[Mistake] = field(default_factory=list)
    scorecards: list[ScorecardReport] = field(default_factory=list)
    database: list[Finding] = field(default_factory=list)
    connections: dict[str, list[Finding]] = field(default_factory=dict)
    refusals: list[Mistake] = field(default_factory=list)
    """Errors of CRMs that could not be asked, each at the line of its connection."""
    placed: dict[str, list[Finding]] = field(default_factory=dict)
    """By connection, the findings that are already among the mistakes and refusals, at a line of the settings."""

    @property
    def all_mistakes(self) -> list[Mistake]:
        """Mistakes in the files, which must be fixed."""
        return [*self.mistakes, *(mistake for card in self.scorecards for mistake in card.mistakes)]

    @property
    def slips(self) -> list[Mistake]:
        """Warnings about scorecards."""
        return [slip for card in self.scorecards for slip in card.slips]

    def rows(self) -> list[Row]:
        """Return each finding once, errors first."""
        order = list(_LEVELS)
        return sorted(self._rows(), key=lambda row: order.index(row.level))

    def count(self, level: str) -> int:
        """Return how many findings there are of a level."""
        return sum(row.level == level for row in self._rows())

    def verdict(self, *, strict: bool) -> str:
        """Return one line that says whether leadgauge can run, and if not, who must do something."""
        warnings, errors = _counted(self.count("warning"), "warning"), _counted(self.count("error"), "error")
        code = self.exit_code(strict=strict)
        if code == UNREACHABLE:
            return f"{errors}: something cannot be reached. Nothing runs until it can; try again."
        if code and self.count("error"):
            return f"{errors}: nothing runs until somebody changes what is named above."
        if code:
            return f"{warnings}, which --strict treats as errors."
        return f"Ready, with {warnings}." if self.count("warning") else "Ready."

    def exit_code(self, *, strict: bool) -> int:
        """Return 2 if a person must change something, 1 if something may work when tried again, 0 if all is well."""
        found = [*self.database, *(each for findings in self.connections.values() for each in findings)]
        errors = [finding for finding in found if finding.level == "error"]
        if self.all_mistakes or (strict and self.slips) or any(not finding.passes for finding in errors):
            return WRONG
        return UNREACHABLE if errors else 0

    def as_json(self) -> Mapping[str, Any]:
        """Return it as JSON data."""
        return {
            "mistakes": [mistake.as_json() for mistake in self.all_mistakes],
            "warnings": [slip.as_json() for slip in self.slips],
            "examples": [{"file": card.file, **asdict(one)} for card in self.scorecards for one in card.examples],
            "database": [asdict(one) for one in self.database],
            "connections": {name: [asdict(one) for one in found] for name, found in self.connections.items()},
        }

    def show(self, out: Console, verdict: str) -> None:
        """Print the scorecards, all findings in one table, and the verdict."""
        for card in self.scorecards:
            if card.label:
                out.print(_summary(card), soft_wrap=True)
        if rows := self.rows():
            _show(rows, out)
        out.print(verdict, style="bold", soft_wrap=True)

    def _rows(self) -> Iterator[Row]:
        for mistake in [*self.all_mistakes, *self.refusals]:
            yield _of_mistake("error", mistake)
        for slip in self.slips:
            yield _of_mistake("warning", slip)
        for finding in self.database:
            about = "" if finding.subject == "database" else finding.subject
            yield Row(finding.level, "database", about, finding.message, finding.remedy)
        for name, findings in self.connections.items():
            known = self.placed.get(name, ())
            yield from (self._of_finding(name, finding) for finding in findings if finding not in known)

    def _of_finding(self, name: str, finding: Finding) -> Row:
        """Return the row of a finding about a connection, at the line of the option that it is about."""
        path = ("connections", name, *steps(finding.subject))
        if self.document is None or path not in self.document.lines:
            return Row(finding.level, f"connection {name}", finding.subject, finding.message, finding.remedy)
        there = self.document.mistake(path, finding.message, finding.remedy)
        return _of_mistake(finding.level, there)


def steps(subject: str) -> tuple[str | int, ...]:
    """Return the path that a finding's subject names, such as `activities.sources.0.filter`."""
    return tuple(int(step) if step.isdecimal() else step for step in subject.split("."))


def _of_mistake(level: Literal["error", "warning", "note"], mistake: Mistake) -> Row:
    return Row(level, mistake.place, mistake.subject, mistake.message, mistake.remedy)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _summary(card: ScorecardReport) -> str:
    names = dict.fromkeys(one.example for one in card.examples)
    failed = {one.example for one in card.examples if not one.passed}
    examples = f"{len(names) - len(failed)} of {len(names)} examples pass" if names else "no examples"
    return f"{card.file}: {card.label}: {examples}, {len(card.slips)} warnings"


def _show(rows: Sequence[Row], out: Console) -> None:
    """Print the table; where the output is not a terminal, as wide as it is, so that each finding has few lines."""
    if out.is_terminal:
        out.print(_narrow(rows, out.width))
        return
    wide = PlainConsole(width=1000)
    with wide.capture() as captured:
        wide.print(_wide(rows))
    out.print("\n".join(line.rstrip() for line in captured.get().splitlines()), soft_wrap=True)


def _wide(rows: Sequence[Row]) -> Table:
    table = Table("Level", show_edge=False)
    table.add_column("Where", no_wrap=True)
    for heading in ("About", "What", "What to do"):
        table.add_column(heading, overflow="fold", max_width=_WIDEST)
    for row in rows:
        table.add_row(row.level, row.place, row.about, row.what, row.remedy, style=_LEVELS[row.level])
    return table


def _narrow(rows: Sequence[Row], width: int) -> Table:
    """Return the table for a terminal: what a finding is about is below its place, so that messages have room."""
    table = Table("Level", show_edge=False)
    table.add_column("Where", overflow="fold", max_width=width // 4)
    table.add_column("What", overflow="fold")
    table.add_column("What to do", overflow="fold", max_width=width // 4)
    for row in rows:
        where = "\n".join(filter(None, (row.place, row.about)))
        table.add_row(row.level, where, row.what, row.remedy, style=_LEVELS[row.level])
    return table

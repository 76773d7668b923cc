"""`leadgauge check`: settings, scorecards with their examples, the database, and access to the CRM."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from rich.console import Console
from rich.table import Table

from commands.common import connection_options, console, json_option, print_json
from config import ConfigError, Mistake, Settings, load_settings
from config.checking import ScorecardReport, check_scorecard
from config.documents import Document, read_document
from config.kind_of_file import is_scorecard
from config.secrets import missing_secrets
from config.undelivered import undelivered
from connectors.base import ConfigurationError, ConnectorError
from vocabulary.findings import Finding
from vocabulary.outputs import OUTPUTS

if TYPE_CHECKING:
    from store import Store

WRONG: Final = 2
UNREACHABLE: Final = 1
ACCESS: Final = "access"
"""The subject of a finding when the CRM could not be asked at all."""
_NOBODY: Final = (
    "They count as soon as the CRM has a lead with that id or address. If it has one already, see whether the settings"
    " leave it out."
)
STYLES: Final = {"error": "bold red", "warning": "yellow", "note": "dim"}


@dataclass
class Report:
    """Everything that `check` found."""

    settings: str | None = None
    mistakes: list[Mistake] = field(default_factory=list)
    scorecards: list[ScorecardReport] = field(default_factory=list)
    database: list[Finding] = field(default_factory=list)
    connections: dict[str, list[Finding]] = field(default_factory=dict)
    refusals: list[Mistake] = field(default_factory=list)
    """Errors of CRMs that could not be asked, each at the line of its connection."""
    wrong: bool = False
    """True if a CRM says that a setting is wrong."""
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

    @property
    def found(self) -> list[Finding]:
        """All findings about the database and the CRMs, without those placed at a line of the settings."""
        return [*self.database, *(finding for name in self.connections for finding in self.unplaced(name))]

    def unplaced(self, name: str) -> list[Finding]:
        """Return the findings about a connection that are not placed at a line of the settings."""
        return [finding for finding in self.connections[name] if finding not in self.placed.get(name, ())]

    @property
    def errors(self) -> int:
        """How many errors there are."""
        of_files = len(self.all_mistakes) + len(self.refusals)
        return of_files + sum(finding.level == "error" for finding in self.found)

    @property
    def warnings(self) -> int:
        """How many warnings there are."""
        return len(self.slips) + sum(finding.level == "warning" for finding in self.found)

    def verdict(self, *, strict: bool) -> str:
        """Return one line that says whether leadgauge can run, and if not, who must do something."""
        warnings = f"{self.warnings} {'warning' if self.warnings == 1 else 'warnings'}"
        errors = f"{self.errors} {'error' if self.errors == 1 else 'errors'}"
        code = self.exit_code(strict=strict)
        if code == UNREACHABLE:
            return f"{errors}: something cannot be reached. Nothing runs until it can; try again."
        if code and self.errors:
            return f"{errors}: nothing runs until somebody changes what is named above."
        if code:
            return f"{warnings}, which --strict treats as errors."
        return f"Ready, with {warnings}." if self.warnings else "Ready."

    def exit_code(self, *, strict: bool) -> int:
        """Return 2 if the user must change something, 1 if something cannot be reached, 0 if all is well."""
        of_crm = [finding for each in self.connections.values() for finding in each if finding.level == "error"]
        fields_or_rights = any(finding.subject != ACCESS for finding in of_crm)
        if self.all_mistakes or self.wrong or fields_or_rights or (strict and self.slips):
            return WRONG
        return UNREACHABLE if of_crm or any(finding.level == "error" for finding in self.database) else 0


@click.command("check")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@connection_options
@click.option("--offline", is_flag=True, help="Check the files only, not the CRM or the database.")
@click.option(
    "--read-only",
    is_flag=True,
    help="Ask for no right to write, and do not miss the output fields: before the first run.",
)
@click.option("--strict", is_flag=True, help="Treat warnings about scorecards as mistakes.")
@json_option
@click.pass_context
def command(  # noqa: PLR0913 - one per option
    ctx: click.Context,
    file: Path | None,
    settings_path: Path,
    connection: str | None,
    *,
    offline: bool,
    read_only: bool,
    strict: bool,
    as_json: bool,
) -> None:
    """Check settings, scorecards with their examples, the database, and access to the CRM.

    FILE is a settings file or a scorecard.

    Example: leadgauge check b2b-saas.yaml --strict
    """
    report = examine(file or settings_path, connection, offline=offline, read_only=read_only)
    if as_json:
        print_json({**_plain(report), "verdict": report.verdict(strict=strict)})
    else:
        _show(report, console(), report.verdict(strict=strict))
    ctx.exit(report.exit_code(strict=strict))


def examine(path: Path, connection: str | None, *, offline: bool, read_only: bool = False) -> Report:
    """Check a file and everything it names."""
    try:
        document = read_document(path)
        if is_scorecard(document):
            return Report(scorecards=[check_scorecard(path)])
    except ConfigError as error:
        return Report(mistakes=error.mistakes)
    return _settings_report(path, document, connection, offline=offline, read_only=read_only)


def _settings_report(
    path: Path, document: Document, connection: str | None, *, offline: bool, read_only: bool
) -> Report:
    try:
        settings = load_settings(path)
    except ConfigError as error:
        return Report(document.file, error.mistakes)
    report = Report(document.file)
    names = [connection] if connection else list(settings.connections)
    if connection and connection not in settings.connections:
        choices = f"The settings have: {', '.join(settings.connections)}."
        report.mistakes.append(document.mistake(("connections",), f"there is no '{connection}'.", choices))
        return report
    report.scorecards.extend(map(check_scorecard, _scorecards(settings, names)))
    if not offline:
        report.database.extend(_about_database(settings))
    for name in [] if offline else names:
        _ask_crm(settings, name, report, read_only=read_only)
    return report


def _about_database(settings: Settings) -> list[Finding]:
    from store.sql.examining import examine as examine_database  # noqa: PLC0415 - not needed for a scorecard

    found = examine_database(settings.database_url)
    with _store(settings, found) as store:
        if store is None:
            return found
        return [*found, *_orphans(settings, store), *_unwritten(settings, store), *_waiting(settings, store)]


@contextmanager
def _store(settings: Settings, found: Sequence[Finding]) -> Iterator["Store | None"]:
    """Open the database if it has our tables. Opening would create them, and `check` must change nothing."""
    from store import Store  # noqa: PLC0415 - as above
    from store.sql.examining import has_our_tables  # noqa: PLC0415 - as above

    if any(each.level == "error" for each in found) or not has_our_tables(settings.database_url):
        yield None
        return
    with Store.open(settings.database_url) as store:
        yield store


def _orphans(settings: Settings, store: "Store") -> Iterator[Finding]:
    from pipeline.leftovers import leftovers  # noqa: PLC0415 - as above

    named = {name: frozenset(use.prefix for use in each.scorecards) for name, each in settings.connections.items()}
    for left in leftovers(store, named):
        yield Finding("warning", left.connection, left.message, left.remedy)


def _unwritten(settings: Settings, store: "Store") -> Iterator[Finding]:
    """Yield a warning for each connection with fields that were written and are switched off now."""
    from pipeline.connect import output_fields  # noqa: PLC0415 - as above
    from pipeline.leftovers import WRITE_OR_REMOVE, no_longer_written  # noqa: PLC0415 - as above

    for name in set(store.connections()).intersection(settings.connections):
        connection = settings.connections[name]
        current = {output.name for output in output_fields(connection)}
        ours = {use.prefix + output.name for use in connection.scorecards for output in OUTPUTS}
        old = [one.field for one in store.crm_fields(name).list() if one.output in ours - current]
        if old:
            yield Finding("warning", name, no_longer_written(old), WRITE_OR_REMOVE)


def _waiting(settings: Settings, store: "Store") -> Iterator[Finding]:
    """Yield a note for each connection with activities whose lead is unknown, with what they are."""
    for name in set(store.connections()).intersection(settings.connections):
        found = store.status(name).waiting
        if found:
            said = f"{sum(one.activities for one in found):,} activities wait for leads that the database does not have"
            yield Finding("note", name, f"{said}: {'; '.join(one.sentence for one in found)}.", _NOBODY)


def _scorecards(settings: Settings, names: Iterable[str]) -> list[Path]:
    return list(dict.fromkeys(use.file for name in names for use in settings.connections[name].scorecards))


def _ask_crm(settings: Settings, name: str, report: Report, *, read_only: bool) -> None:
    missing = list(missing_secrets(settings.connections[name]))
    report.mistakes.extend(missing)
    if missing:
        return
    try:
        found = _findings(settings, name, report.database, read_only=read_only)
        report.connections[name] = [*found, *_undelivered(settings, name)]
    except ConnectorError as error:
        report.connections[name] = [Finding("error", ACCESS, error.wrong, error.remedy)]
        report.placed[name] = list(report.connections[name])
        report.refusals.append(settings.connections[name].mistake((), error.wrong, error.remedy))
        report.wrong |= isinstance(error, ConfigurationError)
    for finding, mistake in _about_settings(report.connections[name], settings.document, name):
        report.mistakes.append(mistake)
        report.placed.setdefault(name, []).append(finding)


def _findings(settings: Settings, name: str, database: Sequence[Finding], *, read_only: bool) -> list[Finding]:
    from pipeline.connect import connect  # noqa: PLC0415 - not needed for a scorecard

    connector = connect(settings.connections[name], hurried=True)
    try:
        with _store(settings, database) as store:
            known = store.crm_fields(name).known() if store and name in store.connections() else {}
        found = list(connector.check(known, reads_only=read_only))
        if any(finding.level == "error" for finding in found):
            return found
        return [*found, *connector.overview()]
    finally:
        connector.close()


def _undelivered(settings: Settings, name: str) -> Iterator[Finding]:
    """Yield warnings about conditions that no source of the connection can fulfil."""
    connection = settings.connections[name]
    brings = import_module(f"connectors.{connection.crm}.brings").brings  # only the CRM in use is imported
    for use in connection.scorecards:
        yield from undelivered(use.card, brings(connection))


def _about_settings(findings: Sequence[Finding], document: Document, name: str) -> Iterator[tuple[Finding, Mistake]]:
    """Yield the errors about an option in the settings, and each as a mistake with its line."""
    for finding in findings:
        path = ("connections", name, *finding.subject.split("."))
        if finding.level == "error" and path in document.lines:
            yield finding, document.mistake(path, finding.message, finding.remedy)


def _show(report: Report, out: Console, verdict: str) -> None:
    for mistake in [*report.all_mistakes, *report.refusals]:
        out.print(str(mistake), style=STYLES["error"], soft_wrap=True)
    for slip in report.slips:
        out.print(f"{slip} (warning)", style=STYLES["warning"], soft_wrap=True)
    for card in report.scorecards:
        if card.label:
            out.print(_summary(card), soft_wrap=True)
    if report.database:
        out.print(_table("Database", report.database))
    for name, findings in report.connections.items():
        left = report.unplaced(name)
        if left or not findings:
            out.print(_table(f"Connection {name}", left))
    out.print(verdict, style="bold", soft_wrap=True)


def _summary(card: ScorecardReport) -> str:
    names = dict.fromkeys(one.example for one in card.examples)
    failed = {one.example for one in card.examples if not one.passed}
    examples = f"{len(names) - len(failed)} of {len(names)} examples pass" if names else "no examples"
    return f"{card.file}: {card.label}: {examples}, {len(card.slips)} warnings"


def _table(title: str, findings: Sequence[Finding]) -> Table:
    table = Table(title=title, title_justify="left", show_edge=False)
    for heading in ("Level", "About", "What", "What to do"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        table.add_row(finding.level, finding.subject, finding.message, finding.remedy, style=STYLES[finding.level])
    if not findings:
        table.add_row("", "access", "The CRM grants all the rights needed.", "")
    return table


def _plain(report: Report) -> Mapping[str, Any]:
    return {
        "mistakes": [mistake.as_json() for mistake in report.all_mistakes],
        "warnings": [slip.as_json() for slip in report.slips],
        "examples": [{"file": card.file, **asdict(one)} for card in report.scorecards for one in card.examples],
        "database": [asdict(one) for one in report.database],
        "connections": {name: [asdict(one) for one in findings] for name, findings in report.connections.items()},
    }

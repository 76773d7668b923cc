"""`leadgauge check`: settings, scorecards with their examples, the database, and access to the CRM."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from commands.check_report import Report, steps
from commands.common import connection_options, console, json_option, print_json
from commands.notify import wrong_sinks
from config import ConfigError, Mistake, Settings, load_settings
from config.checking import check_scorecard
from config.documents import Document, read_document
from config.kind_of_file import is_scorecard
from config.secrets import missing_secrets
from config.settings import AnyConnection
from config.undelivered import undelivered
from config.unheard import unheard
from config.unlisted import unlisted
from config.unseen import unseen
from connectors.base import ConfigurationError, ConnectorError
from connectors.warehouse.brings import brings as of_warehouse
from vocabulary.findings import Finding
from vocabulary.outputs import fields_of

if TYPE_CHECKING:
    from store import Store

ACCESS: Final = "access"
"""The subject of a finding when the CRM could not be asked at all."""
_NOBODY: Final = (
    "They count as soon as the CRM has a lead with that id or address. If it has one already, see whether the settings"
    " leave it out."
)


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
        print_json({**report.as_json(), "verdict": report.verdict(strict=strict)})
    else:
        report.show(console(), report.verdict(strict=strict))
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
        return Report(document.file, document, error.mistakes)
    report = Report(document.file, document)
    names = [connection] if connection else list(settings.connections)
    if connection and connection not in settings.connections:
        choices = f"The settings have: {', '.join(settings.connections)}."
        report.mistakes.append(document.mistake(("connections",), f"there is no '{connection}'.", choices))
        return report
    report.scorecards.extend(map(check_scorecard, _scorecards(settings, names)))
    if not offline:
        report.mistakes.extend(_wrong_pages(settings))
        report.database.extend(_about_database(settings))
    for name in [] if offline else names:
        report.mistakes.extend(wrong_sinks(settings.connections[name]))
        _ask_crm(settings, name, report, read_only=read_only)
    return report


def _wrong_pages(settings: Settings) -> Iterator[Mistake]:
    """Yield a mistake if nobody could sign in to the pages, and one if proposals could not be kept."""
    from pages.access.signing_in import way_of  # noqa: PLC0415 - not needed for a scorecard
    from pages.server import require_folder  # noqa: PLC0415

    try:
        if settings.pages is not None:
            way_of(settings.pages)
    except ConfigurationError as error:
        yield settings.document.mistake(("pages", "sign_in"), error.wrong, error.remedy)
    try:
        if settings.pages is not None:
            require_folder(settings.pages)
    except ConfigurationError as error:
        yield settings.document.mistake(("pages", "proposals"), error.wrong, error.remedy)


def _about_database(settings: Settings) -> list[Finding]:
    from store.sql.examining import examine as examine_database  # noqa: PLC0415 - not needed for a scorecard

    found = examine_database(settings.database_url)
    with _store(settings, found) as store:
        if store is None:
            return found
        about = (_orphans, _unwritten, _waiting, _fitted_before)
        return [*found, *(finding for each in about for finding in each(settings, store))]


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
        ours = {name for use in connection.scorecards for name in fields_of(use.prefix)}
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


def _fitted_before(settings: Settings, store: "Store") -> Iterator[Finding]:
    """Yield a warning for each connection with a likelihood that expected something else than came."""
    from pipeline.watching import REFIT  # noqa: PLC0415 - as above

    for name in set(store.connections()).intersection(settings.connections):
        if said := store.status(name).notes.get(REFIT):
            yield Finding("warning", name, said, "`leadgauge calibrate` proposes new points and a new likelihood.")


def _scorecards(settings: Settings, names: Iterable[str]) -> list[Path]:
    return list(dict.fromkeys(use.file for name in names for use in settings.connections[name].scorecards))


def _ask_crm(settings: Settings, name: str, report: Report, *, read_only: bool) -> None:
    missing = list(missing_secrets(settings.connections[name]))
    report.mistakes.extend(missing)
    if missing:
        return
    try:
        found = _findings(settings, name, report.database, read_only=read_only)
        report.connections[name] = [*found, *_without_effect(settings, name)]
    except ConnectorError as error:
        passes = not isinstance(error, ConfigurationError)
        report.connections[name] = [Finding("error", ACCESS, error.wrong, error.remedy, passes=passes)]
        report.placed[name] = list(report.connections[name])
        report.refusals.append(settings.connections[name].mistake((), error.wrong, error.remedy))
    for finding, mistake in _about_settings(report.connections[name], settings.document, name):
        report.mistakes.append(mistake)
        report.placed.setdefault(name, []).append(finding)


def _findings(settings: Settings, name: str, database: Sequence[Finding], *, read_only: bool) -> list[Finding]:
    from pipeline.connect import connect, connect_warehouse  # noqa: PLC0415 - not needed for a scorecard
    from pipeline.sources import Sources  # noqa: PLC0415 - as above

    connection = settings.connections[name]
    connector = connect(connection, hurried=True)
    sources = Sources(connector, connect_warehouse(connection))
    try:
        with _store(settings, database) as store:
            known = store.crm_fields(name).known() if store and name in store.connections() else {}
        found = [*connector.check(known, reads_only=read_only), *sources.check()]
        if any(finding.level == "error" for finding in found):
            return found
        return [*found, *connector.overview(), *sources.overview()]
    finally:
        sources.close()


def _without_effect(settings: Settings, name: str) -> Iterator[Finding]:
    """Yield warnings about what the settings and the card ask for and nobody will ever see."""
    connection = settings.connections[name]
    yield from _undelivered(connection)
    yield from unheard(connection)
    yield from unseen(connection)


def _undelivered(connection: AnyConnection) -> Iterator[Finding]:
    """Yield warnings about conditions that nothing the connection reads can fulfil."""
    brings = import_module(f"connectors.{connection.crm}.brings").brings  # only the CRM in use is imported
    beside = of_warehouse(connection.warehouse) if connection.warehouse else ()
    for use in connection.scorecards:
        yield from undelivered(use.card, [*brings(connection), *beside])
        yield from unlisted(use.card, connection.member_of)


def _about_settings(findings: Sequence[Finding], document: Document, name: str) -> Iterator[tuple[Finding, Mistake]]:
    """Yield the errors about an option in the settings, and each as a mistake with its line."""
    for finding in findings:
        path = ("connections", name, *steps(finding.subject))
        if finding.level == "error" and not finding.passes and path in document.lines:
            yield finding, document.mistake(path, finding.message, finding.remedy)

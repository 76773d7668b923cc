"""`leadgauge report`: what became of the leads, and what to do about the score."""

from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table as RichTable

from commands.common import PlainConsole, connection_options, console, json_option, prepared, print_json
from pipeline import clock
from pipeline.job import Job, opened
from vocabulary.units import counted
from watch.html import ordered, page
from watch.report import Report, records, report
from watch.tables import Section, Table


@click.command("report")
@connection_options
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write the report as one HTML file.")
@click.option("--records", "key", metavar="KEY", help="List the leads behind a figure, by its key.")
@click.option("--by-person", is_flag=True, help="Also show how soon each owner reaches out, if the settings allow it.")
@json_option
def command(
    settings_path: Path,
    connection: str | None,
    html: Path | None,
    key: str | None,
    *,
    by_person: bool,
    as_json: bool,
) -> None:
    """Show what became of the leads that the score ranked, and what to do about the score.

    Reads the database only, without a token; safe while the daemon runs. Conversions are counted by what a lead had
    when the month began, as it was written to the CRM. Findings come first, each with what to do.

    \b
    Examples:
      leadgauge report
      leadgauge report --html report.html
      leadgauge report --records conversion/priority/2026-08/P1
    """  # noqa: D301 - click reads the character
    as_of = clock.now()
    with opened(prepared(settings_path), connection, offline=True) as job:
        if key is not None:
            _list(job, key, as_of, as_json=as_json)
            return
        made = [report(job, active, as_of, by_person=by_person) for active in job.scorecards]
    if as_json:
        print_json([one.as_json() for one in made])
    elif html is None:
        for one in made:
            show(one, console())
    for number, one in enumerate(made if html else []):
        assert html is not None
        target = html if number == 0 else html.with_stem(f"{html.stem}-{one.scorecard.replace(' ', '-')}")
        target.write_text(page(one), encoding="utf-8")
        click.echo(f"Wrote {target}.", err=True)


def show(one: Report, out: PlainConsole) -> None:
    """Print a report."""
    out.print(f"{one.connection}, {one.scorecard}: {counted(one.leads, 'leads')}", style="bold")
    for figure in one.figures:
        out.print(f"  {figure.label}: {figure.value}" + (f" ({figure.note})" if figure.note else ""))
    for finding in ordered(one.findings):
        out.print(f"! {finding.says}\n  → {finding.do}")
    for section in one.sections:
        _show_section(section, out)


def _show_section(section: Section, out: Console) -> None:
    out.print(f"\n{section.title}", style="bold")
    for said in section.said:
        out.print(said)
    for table in section.tables:
        if table.rows and not table.folded:
            out.print(_rich(table))


def _rich(table: Table) -> RichTable:
    made = RichTable(title=table.title, title_justify="left")
    for column in table.columns:
        made.add_column(column.heading, justify="right" if column.is_number else "left")
    for row in table.rows:
        made.add_row(*(cell.text for cell in table.cells(row)))
    return made


def _list(job: Job, key: str, as_of: datetime, *, as_json: bool) -> None:
    """Print the records behind a figure, by scorecard."""
    links = job.mirror.links()
    lists = {
        active.name: [
            {"scorecard": active.name, **row, "link": links.of(row["lead"])}
            for row in records(job, active, as_of, key).iter_rows(named=True)
        ]
        for active in job.scorecards
    }
    if as_json:
        print_json([row for rows in lists.values() for row in rows])
        return
    for name, rows in lists.items():
        title = f"{name}: {counted(len(rows), 'leads')}"
        table = RichTable("Lead", "At (UTC)", "What", "Link", title=title, title_justify="left")
        for row in rows:
            table.add_row(row["lead"], f"{row['at']:%Y-%m-%d %H:%M}", row["what"] or "—", row["link"] or "")
        unlisted = " Deals that have no lead are not listed." if key.startswith("amounts/") else ""
        console().show(table, f"{name}: no lead is behind {key}.{unlisted}")

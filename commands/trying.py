"""What `explain --scorecard` and `plan --lead` share: one lead or account, before and after."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from commands.common import console, print_json, told
from config import ConfigError, load_scorecard
from config.checking import check_scorecard
from pipeline import clock
from pipeline.explain import concerned
from pipeline.job import Job
from pipeline.lookup import named_by
from pipeline.trial import Difference, Trial, with_edited, with_next_run
from scoring import Scorecard

NOTHING = "—"
EXISTING = click.Path(path_type=Path)


def try_one(job: Job, lead: str, edited: Path | None, *, account: bool = False, as_json: bool) -> None:
    """Print what an edited scorecard, or the next run without one, makes of a lead or an account."""
    card = _edited(edited, as_json=as_json) if edited else None
    found, as_of = named_by(job, lead, account=account), clock.now()
    if card:
        tried = [with_edited(job, card, found, as_of)]
    else:
        tried = [with_next_run(job, active, found, as_of) for active in concerned(job, found.of)]
    if as_json:
        print_json([one.as_json() for one in tried])
        return
    for one in tried:
        show(one, console(), str(edited) if edited else "next run")


def _edited(path: Path, *, as_json: bool) -> Scorecard:
    """Return an edited scorecard. Mistakes are told as `check` tells them; examples that fail do not stop a trial."""
    report = check_scorecard(path)
    if report.label:
        for failed in report.mistakes:
            told(str(failed))
        return load_scorecard(path)
    if as_json:
        print_json({"mistakes": [mistake.as_json() for mistake in report.mistakes]})
    raise ConfigError(report.mistakes)


def show(one: Trial, out: Console, after: str) -> None:
    """Print one trial."""
    out.print(f"{one.named.id} by {one.scorecard}: {one.before_is} and {after}", style="bold")
    if one.link:
        out.print(one.link)
    for note in one.notes:
        out.print(note, style="yellow")
    if one.values or one.lines:
        _show_differences(one, out)
    else:
        out.print("Nothing differs.")
    it = one.named.of.removesuffix("s")
    out.print(f"A run would write this {it}." if one.writes else f"A run would not write this {it}.", style="dim")


def _show_differences(one: Trial, out: Console) -> None:
    if one.values:
        out.print(_values_table(one))
    if one.lines:
        out.print(_lines_table(one))
    if one.lines and one.next_before != one.next_after:
        out.print("If nothing happens:")
        out.print(f"  before: {'; '.join(one.next_before) or 'nothing changes'}")
        out.print(f"  after: {'; '.join(one.next_after) or 'nothing changes'}")


def _values_table(one: Trial) -> Table:
    table = Table("Result", "Before", "After", title="Results that differ", title_justify="left")
    for value in one.values:
        table.add_row(_label(value), _plain(value.before), _plain(value.after))
    return table


def _lines_table(one: Trial) -> Table:
    table = Table("Part", "Line", title="Lines that differ", title_justify="left")
    for heading in ("Before", "After", "Difference"):
        table.add_column(heading, justify="right")
    for line in one.lines:
        name = f"limit of {line.name}" if line.type == "limit" else line.name
        difference = (line.after or 0.0) - (line.before or 0.0)
        table.add_row(line.part, name, _points(line.before), _points(line.after), f"{difference:+.2f}")
    return table


def _label(value: Difference) -> str:
    return value.name.removeprefix("lead_").replace("score_", "").replace("_", " ").replace("readiness", "stage")


def _points(points: float | None) -> str:
    return NOTHING if points is None else f"{points:+.2f}"


def _plain(value: Any) -> str:
    return NOTHING if value is None else f"{value:g}" if isinstance(value, float) else str(value)

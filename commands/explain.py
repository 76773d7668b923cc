"""`leadgauge explain`: why a lead or an account has its score."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table

from commands.common import connection_options, console, json_option, prepared, print_json
from commands.moments import Moment, When
from commands.trying import EXISTING, try_one
from pipeline import clock
from pipeline.explain import PREFIXED, Explanation, concerned, explain, history, hundredths
from pipeline.job import ActiveScorecard, Job, opened
from pipeline.lookup import Named, named_by
from scoring.wording import number_said
from store import Write
from vocabulary.units import day

SHOWN = {
    "lead_score": "score",
    "lead_grade": "grade",
    "lead_readiness": "stage",
    "lead_urgency": "urgency",
    "lead_likelihood": "likelihood",
    "lead_priority": "priority",
    "lead_priority_index": "index",
    "lead_score_status": "status",
}
NOTHING = "—"


@click.command("explain")
@click.argument("lead")
@connection_options
@click.option("--account", is_flag=True, help="LEAD is the id of an account, even if a lead has the same id.")
@click.option("--history", "past", is_flag=True, help="Show past writes to the lead, and what caused them.")
@click.option(
    "--as-of",
    type=Moment(),
    help="The time to score for, by default now: by what the lead had done until then, what was known then of machine"
    " traffic, and fields as they are now.",
)
@click.option("--scorecard", "edited", type=EXISTING, help="An edited scorecard to try beside the one in force.")
@json_option
def command(  # noqa: PLR0913 - one argument per option
    lead: str,
    settings_path: Path,
    connection: str | None,
    as_of: When | None,
    edited: Path | None,
    *,
    account: bool,
    past: bool,
    as_json: bool,
) -> None:
    """Show the lines that add up to the score of LEAD, and how it will change.

    LEAD is an id, an e-mail address, or the address of its page in the CRM; for an account, its id or page. Reads the
    mirror, without a token; safe while the daemon runs. With --scorecard it shows what an edited scorecard would change
    for it: results, reasons, and the points of each line that differs.

    \b
    Examples:
      leadgauge explain ada@example.com --history
      leadgauge explain ada@example.com --scorecard edited.yaml
    """  # noqa: D301 - click reads the character
    if past and edited:
        raise click.UsageError("--history shows past writes, which --scorecard does not change. Leave one of them out.")
    if as_of and edited:
        raise click.UsageError("--as-of and --scorecard do not go together. Leave one of them out.")
    with opened(prepared(settings_path), connection) as job:
        if edited:
            try_one(job, lead, edited, account=account, as_json=as_json)
            return
        found = named_by(job, lead, account=account)
        chosen = concerned(job, found.of)
        explained = [_explained(job, active, found, as_of) for active in chosen]
        past_of = [history(active, found.id, found.of) for active in chosen] if past else []
        written = {one.scorecard: writes for one, writes in zip(explained, past_of, strict=False)}
    if as_json:
        print_json([one.as_json() | _past(written, one.scorecard) for one in explained])
        return
    for one in explained:
        show(one, console())
        if past:
            console().show(history_table(written[one.scorecard]), "Nothing was written to it in the time that is kept.")


def _explained(job: Job, active: ActiveScorecard, found: Named, as_of: When | None) -> Explanation:
    if as_of is None:
        return explain(job, active, found.id, clock.now(), found.of)
    moment = as_of.on(active.card.calendar)
    return explain(job, active, found.id, moment, found.of, moment)


def _past(written: dict[str, Sequence[Write]], scorecard: str) -> dict[str, Any]:
    if scorecard not in written:
        return {}
    return {"history": [{name: getattr(write, name) for name in write.__slots__} for write in written[scorecard]]}


def show(one: Explanation, out: Console) -> None:
    """Print one explanation."""
    facts = (
        f"{label} {_plain(one.results[name])}" for name, label in SHOWN.items() if one.results.get(name) is not None
    )
    out.print(f"{one.lead} by {one.scorecard}: " + ", ".join(facts), style="bold")
    if one.link:
        out.print(one.link)
    for name in ("lead_score_reasons", "lead_likelihood_why"):
        if said := one.results.get(name):
            out.print(said)
    for sentence in _beside_reasons(one):
        out.print(sentence)
    out.print(lines_table(one))
    _show_grade(one, out)
    if one.figures:
        out.print("  " + ", ".join(_figure(name, value, one.zone) for name, value in one.figures.items()))
    for reset in one.resets.iter_rows(named=True):
        out.print(f"  {_began_anew(reset, one.zone)}")
    for sentence in one.machines.sentences:
        out.print(sentence)
    for change in one.ahead:
        out.print(f"  {change.says}")
    written = {name: value for name, value in one.written.items() if value is not None}
    out.print(f"In the CRM: {_labelled(written)}" if written else "Nothing was written to the CRM yet.", style="dim")


def _beside_reasons(one: Explanation) -> Iterator[str]:
    """Yield what sales says of the lead, and that chance decides about its place."""
    if one.feedback and one.feedback_at:
        yield f"Sales says: {one.feedback} ({day(one.feedback_at.astimezone(one.zone))})"
    if one.experiment:
        yield f"Its index is by chance, not computed: it is in the experiment '{one.experiment}'."


def _figure(name: str, value: float | datetime | None, zone: ZoneInfo) -> str:
    """Return a figure with its value, or `none` where it is missing."""
    if isinstance(value, float):
        return f"{name.replace('_', ' ')} {number_said(value)}"
    return f"{name.replace('_', ' ')} {'none' if value is None else day(value.astimezone(zone))}"


def _began_anew(reset: dict[str, Any], zone: ZoneInfo) -> str:
    """Return where and when a lead began anew, and what that hides."""
    why = f" ({reset['reason']})" if reset["reason"] else ""
    when, hides = day(reset["at"].astimezone(zone)), reset["hides"]
    place = "the whole card" if reset["part"] == "card" else reset["part"]
    return f"{reset['name']}{why} on {when}, for {place}: only later activities count; {hides:,} earlier ones do not"


def lines_table(one: Explanation) -> Table:
    """Return the lines that add up to the score."""
    table = Table("Part", "Line", title="Points", title_justify="left")
    for heading in ("Points", "Times", "Latest", "Before decay"):
        table.add_column(heading, justify="right")
    lines = hundredths(one.lines)
    for row in lines.iter_rows(named=True):
        latest = day(row["latest"].astimezone(one.zone)) if row["latest"] else ""
        before = f"{row['undecayed']:+.2f}" if _faded(row) else ""
        name = f"{PREFIXED.get(row['type'], '')}{row['name']}"
        table.add_row(row["part"], name, f"{row['points']:+.2f}", _plain(row["count"]), latest, before)
    table.add_section()
    table.add_row("", "score", f"{lines['points'].sum():+.2f}")
    return table


def _show_grade(one: Explanation, out: Console) -> None:
    if one.grade.get("percent") is None and not one.grade.get("missing"):
        return
    percent, missing = one.grade["percent"], one.grade["missing"] or []
    known = f"{percent:.1f} % of the ideal customer profile" if percent is not None else "too little known"
    out.print(f"Grade {one.results['lead_grade'] or '?'}: {known}, {100 * one.grade['coverage']:.0f} % of it known")
    if missing:
        out.print(f"  {one.grade['worst']} to {one.grade['best']} once known; ask first for {', '.join(missing)}")


def history_table(written: Sequence[Write]) -> Table:
    """Return the writes to a lead, oldest first."""
    table = Table("At (UTC)", "Run", "Caused by", "Changed", title="History", title_justify="left")
    for write in written:
        changed = (
            f"{SHOWN[name]} {_plain(write.before.get(name)) or NOTHING} → {_plain(value) or NOTHING}"
            for name, value in write.after.items()
            if name in SHOWN and value != write.before.get(name)
        )
        table.add_row(f"{write.at:%Y-%m-%d %H:%M}", str(write.run), ", ".join(write.causes), "; ".join(changed))
    return table


def _labelled(values: dict[str, Any]) -> str:
    return ", ".join(f"{label} {_plain(values[name])}" for name, label in SHOWN.items() if name in values)


def _faded(row: dict[str, Any]) -> bool:
    return row["undecayed"] is not None and abs(row["undecayed"] - (row["decayed"] or 0)) > 0.005  # noqa: PLR2004 - as shown


def _plain(value: Any) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)

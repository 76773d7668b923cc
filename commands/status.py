"""`leadgauge status`: the state of every connection."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from commands.common import PlainConsole, console, json_option, print_json, settings_option, start_log
from commands.orphans import leftover_table
from config import Outline, load_outline
from pipeline.job import WhichConnection
from pipeline.leftovers import WRITE_OR_REMOVE, Leftover, leftovers, no_longer_written
from store import FAILING, Refused, SinkState, Status, Store
from store.mirror.removals import KEEP_VANISHED
from store.status import FeedStatus
from store.store import OutboxStatus

REFUSED_SHOWN = 20


@click.command("status")
@settings_option
@click.option("-c", "--connection", metavar="NAME", help="Only this connection.")
@json_option
def command(settings_path: Path, connection: str | None, *, as_json: bool) -> None:
    """Show the state of every connection: mirrored, waiting and refused rows, and which process has it.

    Exits with 1 if results or removals are held, with 3 if rows are refused.

    Example: leadgauge status --json
    """
    settings = load_outline(settings_path)
    start_log(settings.log)
    with Store.open(settings.database.url) as store:
        found = [(status, list(_refused(store, status))) for status in _statuses(settings, store, connection)]
        left = [one for one in leftovers(store, settings.prefixes) if connection in (None, one.connection)]
        if connection not in {None, *settings.connections, *(one.connection for one in left)}:
            raise WhichConnection.of(str(connection), settings.connections)
        departed: list[tuple[Status, list[tuple[str, Refused]]]]
        departed = [(store.status(one.connection), []) for one in left if one.prefix is None]
    if as_json:
        print_json([_plain(status, rows, left) for status, rows in [*found, *departed]])
    else:
        orphans = {field for one in left for field in one.fields}
        for status, rows in found:
            show(status, rows, console(), orphans)
        if left:
            console().print(leftover_table(left))
    raise SystemExit(_code(found))


def _plain(status: Status, refused: Sequence[tuple[str, Refused]], left: Sequence[Leftover]) -> dict[str, Any]:
    """Return a connection as JSON; an orphan with a null `prefix` is a whole connection."""
    orphans = [asdict(one) for one in left if one.connection == status.connection]
    return asdict(status) | {"refused": [asdict(row) for _, row in refused], "orphans": orphans}


def _statuses(settings: Outline, store: Store, connection: str | None) -> Iterator[Status]:
    for name in settings.connections:
        if connection in (None, name):
            yield store.status(name)


def _refused(store: Store, status: Status) -> Iterator[tuple[str, Refused]]:
    for outbox in status.outboxes:
        for row in store.outbox(status.connection, outbox.prefix, of=outbox.of).refused():
            yield outbox.prefix, row


def _code(found: list[tuple[Status, list[tuple[str, Refused]]]]) -> int:
    if any(status.removals_held or any(outbox.held for outbox in status.outboxes) for status, _ in found):
        return 1
    return 3 if any(rows for _, rows in found) else 0


def show(status: Status, refused: list[tuple[str, Refused]], out: PlainConsole, orphans: Collection[str] = ()) -> None:
    """Print one connection. `orphans`: fields of scorecards that are no longer in the settings."""
    counts = status.counts
    out.print(
        f"{status.connection}: {counts.leads:,} leads, {counts.accounts:,} accounts, {counts.activities:,} activities "
        f"({counts.unclaimed:,} of unknown leads), {counts.deals:,} deals, {counts.memberships:,} memberships, "
        f"{counts.outcomes:,} other outcomes",
        style="bold",
    )
    if status.lease:
        lease = status.lease
        out.print(f"  held by {lease.holder} ({lease.purpose}) until {lease.until:%Y-%m-%d %H:%M:%S} UTC")
    if status.vanished:
        out.print(f"  {status.vanished:,} leads left the CRM; their history is kept for {KEEP_VANISHED.days} days")
    for one in status.waiting:
        out.print(f"  waiting for their leads: {one.sentence}")
    for name, count in status.excluded.items():
        out.print(f"  {count:,} leads are excluded by `{name}`: not scored, and nothing about them is kept")
    for outbox in status.outboxes:
        _show_outbox(outbox, out)
    if status.feed.heard_at or status.feed.due.rows:
        out.print(f"  feed: {_of_feed(status.feed)}")
    if old := [field for field in status.unwritten if field not in orphans]:
        out.print(f"  {no_longer_written(old)} {WRITE_OR_REMOVE}", style="yellow")
    _show_remarks(status, out)
    out.show(runs_table(status), "  no run yet")
    if refused:
        out.print(refused_table(refused))


def _show_remarks(status: Status, out: Console) -> None:
    for sink in status.alerts:
        out.print(f"  alerts for {sink.sink}: {_of_sink(sink)}", style="yellow")
    for name, text in status.notes.items():
        out.print(f"  {name}: {text}{_idle(status, name)}", style="red")


def _of_feed(feed: FeedStatus) -> str:
    """Return what the feed told, and what its passes did."""
    heard = f"told of something last at {feed.heard_at:%Y-%m-%d %H:%M:%S} UTC; " if feed.heard_at else ""
    since = f" since {feed.due.oldest:%Y-%m-%d %H:%M:%S} UTC" if feed.due.oldest else ""
    passes = feed.passes
    failed = f" ({passes.failed:,} failed)" if passes.failed else ""
    done = f"{passes.passes:,} passes in the last day{failed}, {passes.written:,} rows written"
    return f"{heard}{feed.due.rows:,} due{since}; {done}"


def _of_sink(sink: SinkState) -> str:
    """Return what waits for a sink, and what it never got."""
    since = f" since {sink.oldest:%Y-%m-%d %H:%M} UTC" if sink.oldest else ""
    why = f" ({sink.error})" if sink.error else ""
    dropped = f", {sink.dropped:,} dropped in the last 7 days because they could not be sent" if sink.dropped else ""
    return f"{sink.waiting:,} wait{since}{why}{dropped}"


def _idle(status: Status, note: str) -> str:
    """Say that the time in a note of the daemon does not come, if no process has the connection."""
    if note != FAILING or status.lease:
        return ""
    return " No daemon has the connection now, so nothing is tried: start `leadgauge run`."


def _show_outbox(outbox: OutboxStatus, out: Console) -> None:
    whose = " of accounts" if outbox.of == "accounts" else ""
    out.print(
        f"  {outbox.prefix or 'results'}{whose}: {outbox.leads:,} scored, {outbox.dirty:,} to score, "
        f"{outbox.pending:,} to write, {outbox.refused:,} refused"
    )
    if outbox.held:
        out.print(f"  held since run {outbox.held.run}: {outbox.held.reason}", style="red")


def runs_table(status: Status) -> Table:
    """Return the latest runs."""
    table = Table("Run", "Kind", "State", "Started (UTC)", "Leads", "Written", "Refused", "Calls", "Message")
    for run in status.runs:
        table.add_row(
            str(run.run), run.kind, run.state, f"{run.started_at:%Y-%m-%d %H:%M:%S}", *_figures(run.counts), run.message
        )
    return table


def _figures(counts: Any) -> list[str]:
    written = {"written": counts["restored"]} if "restored" in counts else {}  # an undo writes what was there before
    shown = {**counts, **written}
    return [f"{shown[name]:,}" if name in shown else "" for name in ("leads", "written", "refused", "calls")]


def refused_table(refused: list[tuple[str, Refused]]) -> Table:
    """Return the rows that the CRM refused."""
    table = Table(
        "Lead", "Code", "Why", "Tries", "Next try (UTC)", title=f"{len(refused):,} refused", title_justify="left"
    )
    for _, row in refused[:REFUSED_SHOWN]:
        table.add_row(row.lead, row.code, row.message, str(row.attempts), f"{row.next_at:%Y-%m-%d %H:%M}")
    return table

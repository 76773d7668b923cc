"""`leadgauge leads`: the most urgent leads or accounts, and those that moved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click
from rich.table import Table
from rich.text import Text

from commands.common import connection_options, console, json_option, prepared, print_json
from commands.moments import Moment, When
from pipeline import clock
from pipeline.explain import box_of, concerned
from pipeline.job import ActiveScorecard, Job, opened
from scoring import outputs
from scoring.card.values import as_time
from store import Moved, Wanted
from vocabulary.closest import closest
from vocabulary.outputs import OFS, Of
from vocabulary.outside import printable
from vocabulary.units import duration

WEEK: Final = timedelta(days=7)
UNKNOWN: Final = "?"
"""Chooses leads without a value, such as a grade that is unknown."""
CHOICES: Final = {
    "priority": "lead_priority",
    "grade": "lead_grade",
    "stage": "lead_readiness",
    "status": "lead_score_status",
}
SHOWN: Final = {
    "Priority": "lead_priority",
    "Index": "lead_priority_index",
    "Score": "lead_score",
    "Grade": "lead_grade",
    "Stage": "lead_readiness",
}
NOTHING_READ: Final = "no lead was read yet. `leadgauge backfill` reads and scores them."
WHY_NOW: Final = "lead_why_now"
WIDE: Final = 150
"""The width from which links fit."""


class Since(Moment):
    """A time, or how long ago."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> When:
        """Return the time."""
        try:
            return _ago(duration(value))
        except ValueError:
            pass
        try:
            as_time(value)
        except ValueError:
            self.fail(f"'{value}' is neither a span such as 7d or 12h nor a day such as 2026-03-31.", param, ctx)
        return When(str(value))


def _ago(span: timedelta) -> When:
    return When((clock.now() - span).isoformat())


@dataclass(frozen=True, slots=True)
class Found:
    """A lead or an account of the list."""

    scorecard: str
    results: dict[str, Any]
    moved: Sequence[Moved]
    link: str | None
    of: Of = "leads"

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        results = {name: value for name, value in self.results.items() if name not in {"lead", "told_at"}}
        return {
            self.of.removesuffix("s"): self.results["lead"],
            "scorecard": self.scorecard,
            "results": results,
            "written_at": self.results["told_at"],
            "moved": [{"name": one.name, "values": list(one.values)} for one in self.moved],
            "link": self.link,
        }


@click.command("leads")
@connection_options
@click.option("--accounts", is_flag=True, help="List accounts, if the scorecard scores them.")
@click.option("--top", type=click.IntRange(1), default=20, show_default=True, help="How many leads at most.")
@click.option("--priority", multiple=True, help="Only this priority. All of these options can be repeated.")
@click.option("--grade", multiple=True, help="Only this grade; ? for unknown.")
@click.option("--stage", multiple=True, help="Only this stage.")
@click.option("--status", multiple=True, help="Only this status, such as disqualified.")
@click.option("--moved", is_flag=True, help="Only leads whose priority, grade, stage or status changed in the CRM.")
@click.option(
    "--since", type=Since(), help="The time of --moved (default: 7d); without it, only leads written since then."
)
@json_option
def command(
    settings_path: Path,
    connection: str | None,
    top: int,
    since: When | None,
    *,
    accounts: bool,
    moved: bool,
    as_json: bool,
    **chosen: tuple[str, ...],
) -> None:
    """List leads or accounts by priority and index, the most urgent first, with links into the CRM.

    Reads the database only, without a token; safe while the daemon runs. It has no names: those are in the CRM.
    What moved is shown as it was written to the CRM since --since, by default in the last 7 days.

    \b
    Examples:
      leadgauge leads --priority P1 --priority P2
      leadgauge leads --moved --since 1d --stage hot --json
      leadgauge leads --accounts --top 50
    """  # noqa: D301 - click reads the character
    of = OFS[accounts]
    with opened(prepared(settings_path), connection) as job:
        boxes = [box_of(active, of) for active in concerned(job, of)]
        values = {CHOICES[name]: _values(boxes, name, given) for name, given in chosen.items() if given}
        starts = {box.name: (since or _ago(WEEK)).on(box.card.calendar) for box in boxes}
        asked = {
            name: Wanted(values, start if since and not moved else None, start if moved else None)
            for name, start in starts.items()
        }
        lists = {box.name: list(_found(job, box, top, asked[box.name], starts[box.name])) for box in boxes}
        nothing_read = not job.removals.leads()
    if as_json:
        print_json([lead.as_json() for found in lists.values() for lead in found])
        return
    out = console()
    for scorecard, found in lists.items():
        heading = f"{job.name}, {scorecard}"
        if found:
            out.print(table(found, heading, out.width))
        else:
            none = _none(of, chosen, since, starts[scorecard], moved=moved)
            click.echo(f"{heading}: {NOTHING_READ if nothing_read else none}")


def _values(boxes: Sequence[ActiveScorecard], option: str, given: Sequence[str]) -> list[str | None]:
    """Return the values to choose by, as the scorecards spell them."""
    known = _known(boxes, CHOICES[option])
    return [_value(option, value, known) for value in given]


def _known(boxes: Sequence[ActiveScorecard], name: str) -> dict[str, str]:
    choices = (output.choices for box in boxes for output in outputs(box.card) if output.name == name)
    return {choice.lower(): choice for several in choices for choice in several}


def _value(option: str, value: str, known: Mapping[str, str]) -> str | None:
    if not known:
        raise click.BadParameter(f"the scorecard gives no {option}.", param_hint=f"--{option}")
    if value == UNKNOWN:
        return None
    if value.lower() in known:
        return known[value.lower()]
    near = closest(value, known.values())
    remedy = f"Did you mean {near}?" if near else f"It is one of {', '.join(known.values())}."
    raise click.BadParameter(f"there is no {option} '{value}'. {remedy}", param_hint=f"--{option}")


def _found(job: Job, box: ActiveScorecard, top: int, wanted: Wanted, since: datetime) -> Iterator[Found]:
    rows, links = box.outbox.top(top, wanted), job.mirror.links()
    moved = box.outbox.moved(rows["lead"].to_list(), since)
    for row in rows.iter_rows(named=True):
        yield Found(box.name, row, moved.get(row["lead"], []), links.of(row["lead"], box.of), box.of)


def table(found: Sequence[Found], title: str, width: int) -> Table:
    """Return leads or accounts as a table, with the columns that have a value.

    Where it would break the links, they are behind the ids, for terminals that open them.
    """
    wide, moves = width >= WIDE, any(one.moved for one in found)
    made = Table(found[0].of.removesuffix("s").capitalize(), title=title, title_justify="left")
    shown = {heading: name for heading, name in SHOWN.items() if any(one.results[name] is not None for one in found)}
    for heading in shown:
        made.add_column(heading, justify="right" if heading in {"Index", "Score"} else "left")
    for heading in ["Why", *(["Moved"] if moves else []), *(["Link"] if wide else [])]:
        made.add_column(heading, overflow="fold", no_wrap=heading == "Link")
    for one in found:
        lead, link = one.results["lead"], printable(one.link or "")
        cells: list[str | Text] = [lead if wide or not link else Text(printable(lead), f"link {link}")]
        cells += [_plain(one.results[name]) for name in shown.values()]
        cells += [_why(one), *(["; ".join(map(_said, one.moved))] if moves else []), *([link] if wide else [])]
        made.add_row(*cells)
    return made


def _why(one: Found) -> str:
    """Return why the lead is urgent now; else the two strongest reasons of its score."""
    return one.results.get(WHY_NOW) or " · ".join((one.results["lead_score_reasons"] or "").split(" · ")[:2])


def _said(moved: Moved) -> str:
    label = {name: heading.lower() for heading, name in SHOWN.items()}.get(moved.name, "status")
    return f"{label} {' → '.join(map(_plain, moved.values))}"


def _plain(value: Any) -> str:
    return "—" if value is None else str(value)


def _none(of: Of, chosen: Mapping[str, Sequence[str]], since: When | None, start: datetime, *, moved: bool) -> str:
    """Say that no lead or account was found, and what was asked for."""
    it = of.removesuffix("s")
    asked = [f"{name} {' or '.join(given)}" for name, given in chosen.items() if given]
    if moved:
        asked.append(f"a move since {start:%Y-%m-%d %H:%M} UTC")
    elif since:
        asked.append(f"a write since {start:%Y-%m-%d %H:%M} UTC")
    return f"no {it} has {' and '.join(asked)}." if asked else f"no {it} has been scored yet; the next pass does it."

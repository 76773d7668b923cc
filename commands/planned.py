"""A plan as text: what would be written and why, how the leads would stand, and what moves."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from pipeline.planning.html import NAMES
from pipeline.planning.movement import NONE, REASONS, Move
from pipeline.planning.overview import Bin
from pipeline.planning.plan import Plan
from vocabulary.outputs import Of
from vocabulary.units import counted, how_long

MOVES_SHOWN: Final = 40
BAR: Final = 40
"""The width of the longest bar of the distribution."""


def show(plan: Plan, out: Console) -> None:
    """Print a plan."""
    left = f" of {plan.calls_left:,} left" if plan.calls_left is not None else ""
    out.print(
        f"{plan.connection}, {plan.scorecard}: {plan.leads:,} {plan.of}, {plan.writes:,} to write, "
        f"{plan.cost.calls:,} calls{left}, about {how_long(plan.cost.seconds)}.",
        style="bold",
    )
    for line, style in _remarks(plan):
        out.print(line, style=style)
    _show_overview(plan, out)
    if plan.known:
        _show_moves(plan, out)


def _remarks(plan: Plan) -> Iterator[tuple[str, str]]:
    for name, leads in plan.reasons.items():
        yield f"  {leads:,} {REASONS[name]}", ""
    if plan.asks:
        yield "Nothing is written before you allow it: `leadgauge backfill --yes`, or `sync --accept` for a daemon.", ""
    if plan.settings_changed:
        yield f"{plan.settings_changed} The figures below do not include that.", "yellow"
    if plan.guarded:
        share = f"{plan.share_moved:.0%} of the {plan.of} scored before change grade or priority"
        yield f"The guard would stop it: {share}; {plan.guard:.0%} are allowed. `--accept` overrides the guard.", "red"


def _show_overview(plan: Plan, out: Console) -> None:
    overview = plan.overview
    if any(name != NONE for name in overview.priorities):
        counts = ", ".join(f"{'none' if name == NONE else name} {n:,}" for name, n in overview.priorities.items())
        out.print(f"Priorities: {counts}.")
    if overview.reach:
        out.print(overview.reach.sentence)
    if overview.missing.leads:
        out.print(missing_sentence(plan))
    if overview.scores:
        out.print(scores_table(overview.scores, before=plan.known > 0))
    if overview.grades:
        out.print(grades_table(plan))
    if overview.samples:
        out.print(samples_table(plan))


def _show_moves(plan: Plan, out: Console) -> None:
    grades = plan.movement.grades()
    if grades.moves:
        out.print(matrix_table(plan))
    if moves := [move for move in plan.moves if move.before is not None and move.field != "lead_grade"]:
        out.print(moves_table(moves, plan.of))
    for name, (up, down) in plan.crossings.items():
        out.print(f"{NAMES[name]}: {up:,} up, {down:,} down")
    if plan.jumps:
        out.print(jumps_table(plan))


def missing_sentence(plan: Plan) -> str:
    """Return of how many leads too little is known, and what they lack."""
    missing = plan.overview.missing
    fields = ", ".join(f"{name} ({leads:,})" for name, leads in missing.fields.items())
    examples = ", ".join(lead for lead, _ in missing.examples)
    leads = f"{counted(missing.leads, plan.of)} {'has' if missing.leads == 1 else 'have'}"
    return f"{leads} insufficient data. Missing most often: {fields}. For example: {examples}."


def scores_table(bins: Sequence[Bin], *, before: bool) -> Table:
    """Return the distribution of the scores, with bars."""
    table = Table(title="Scores", title_justify="left")
    for heading in ("Score", *(["Before"] if before else []), "After"):
        table.add_column(heading, justify="right")
    table.add_column("Chart")
    most = max(*(one.after for one in bins), 1)
    for one in bins:
        counts = [f"{one.before:,}"] if before else []
        bar = "█" * max(round(BAR * one.after / most), one.after > 0)
        table.add_row(f"{one.low} to {one.last}", *counts, f"{one.after:,}", bar)
    return table


def grades_table(plan: Plan) -> Table:
    """Return how many leads have each grade (rows) and stage (columns)."""
    cells = {(cell.grade, cell.stage): cell.leads for cell in plan.overview.grades}
    stages = plan.overview.stages
    table = Table("Grade", title="Grades and stages", title_justify="left")
    for heading in (*stages, "All"):
        table.add_column(heading, justify="right")
    for grade in dict.fromkeys(cell.grade for cell in plan.overview.grades):
        counts = [cells.get((grade, stage), 0) for stage in stages]
        table.add_row(grade, *(f"{count:,}" if count else "·" for count in counts), f"{sum(counts):,}")
    return table


def samples_table(plan: Plan) -> Table:
    """Return the most urgent leads or accounts of each priority."""
    title = f"The most urgent {plan.of} of each priority"
    table = Table(_thing(plan), "Priority", title=title, title_justify="left")
    for heading in ("Index", "Score"):
        table.add_column(heading, justify="right")
    for heading in ("Grade", "Stage", "Reasons"):
        table.add_column(heading)
    for one in plan.overview.samples:
        numbers = ("" if value is None else str(value) for value in (one.index, one.score))
        table.add_row(one.lead, one.priority, *numbers, one.grade, one.stage, one.reasons)
    return table


def matrix_table(plan: Plan) -> Table:
    """Return how many leads go from each grade (rows) to each (columns)."""
    matrix = plan.movement.grades()
    table = Table("From \\ to", title="Grades before and after", title_justify="left")
    for grade in matrix.order:
        table.add_column(grade, justify="right")
    for before, counts in matrix.rows():
        table.add_row(before, *(f"{count:,}" if count else "·" for count in counts))
    return table


def moves_table(moves: Sequence[Move], of: Of) -> Table:
    """Return how many leads scored before move from one band to another."""
    table = Table("Field", "From", "To", title="Other moves", title_justify="left")
    table.add_column(of.capitalize(), justify="right")
    for move in moves[:MOVES_SHOWN]:
        table.add_row(NAMES[move.field], move.before, move.after, f"{move.leads:,}")
    return table


def jumps_table(plan: Plan) -> Table:
    """Return the leads whose score changes most, and why each of them is written."""
    columns = (_thing(plan), "Score", "Priority", "Written", "Reasons")
    table = Table(*columns, title="Largest moves", title_justify="left")
    for jump in plan.jumps:
        priorities = f"{jump.priority_before or NONE} → {jump.priority_after or NONE}"
        table.add_row(jump.lead, f"{jump.before} → {jump.after}", priorities, jump.why or "no", jump.reasons)
    return table


def _thing(plan: Plan) -> str:
    """Return what a plan is about, as the heading of a column: Lead or Account."""
    return plan.of.removesuffix("s").capitalize()

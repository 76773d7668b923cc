"""What the columns of leads say of behaviour: which become activities, and which are true only of today."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from calibrate.errors import CalibrationError
from calibrate.inputs import fields
from calibrate.notes import Notes
from connectors.files import wide
from connectors.files.dates import Order
from connectors.files.headings import plain_name
from connectors.files.wide import WideColumn
from vocabulary.fields import FieldType

MONTHS: Final = f"{'_'.join(wide.PATTERN)}"


@dataclass(frozen=True)
class Wide:
    """The columns with activities, and those that are no fields of leads in the past."""

    columns: tuple[WideColumn, ...] = ()
    left: frozenset[str] = frozenset()
    """Headings of what happened last, and of counts of months that are not asked for."""

    @property
    def headings(self) -> set[str]:
        """The headings that are no fields."""
        return {*self.left, *(one.heading for one in self.columns)}


def asked(headings: Sequence[str], named: Mapping[str, Sequence[str]], notes: Notes, *, alone: bool) -> Wide:
    """Return what to read as activities: what is named, and if nothing else has activities what is recognised.

    First times are recognised, and the counts of months of what leads do.
    """
    if not (alone or named):
        return Wide()
    months = wide.monthly(headings)
    wanted = {**(_recognised(headings, months, named) if alone else {}), **named}
    columns = tuple(wide.found(wanted, headings))
    notes.activity_columns = {kind: tuple(one) for kind, one in wanted.items() if wide.found({kind: one}, headings)}
    notes.first_times = _single(notes.activity_columns, headings) if alone else frozenset()
    _say_what_is_read(notes)
    read = {one.heading for one in columns}
    return Wide(columns, frozenset({*_last(headings, read, notes), *_unasked(months, headings, read, notes)}))


def refuse_absent(headings: Sequence[str], given: Mapping[str, Sequence[str]]) -> None:
    """Raise CalibrationError for a column that the command line names and that is not there."""
    for kind, lacking in wide.lacking(given, headings).items():
        raise CalibrationError(f"--activity {kind}: there is no column {lacking[0]!r}. It has {', '.join(headings)}.")


def _single(read: Mapping[str, Sequence[str]], headings: Sequence[str]) -> frozenset[str]:
    """Return the kinds whose activities are in one column of times."""
    columns = {kind: wide.found({kind: one}, headings) for kind, one in read.items()}
    return frozenset(kind for kind, ours in columns.items() if len(ours) == 1 and ours[0].month is None)


def _recognised(
    headings: Sequence[str], months: Mapping[str, str], named: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Return the columns that are recognised as activities, without those that are named."""
    taken = {one.heading for one in wide.found(named, headings)}
    behaviour = {name: (pattern,) for name, pattern in months.items() if wide.BEHAVIOUR.search(name)}
    ours = {**wide.firsts(headings), **behaviour}
    return {
        kind: one
        for kind, one in ours.items()
        if not taken & {column.heading for column in wide.found({kind: one}, headings)}
    }


def _say_what_is_read(notes: Notes) -> None:
    for kind, headings in notes.activity_columns.items():
        notes.add("activities", f"Activities {kind} are read from {', '.join(map(repr, headings))}.", subject=kind)


def _last(headings: Sequence[str], read: Collection[str], notes: Notes) -> list[str]:
    """Return the headings of what happened last, which say of the past that nothing followed."""
    there = {one: kind for one, kind in wide.lasts(headings).items() if one not in read}
    for heading, kind in there.items():
        said = f"{heading} says when it happened last before the export. In the past another time was the last, and who"
        notes.add(
            "today's value",
            f'{said} went on looks idle. Left out; use --activity {kind}="{heading}" to count it all the same.',
            "left out",
            plain_name(heading),
        )
    return list(there)


def _unasked(months: Mapping[str, str], headings: Sequence[str], read: Collection[str], notes: Notes) -> list[str]:
    """Return the headings of months that nobody named: as fields of leads they would tell what comes."""
    left = []
    for name, pattern in months.items():
        there = [one.heading for one in wide.found({name: (pattern,)}, headings) if one.heading not in read]
        if there:
            said = f"{pattern} are {len(there)} columns, one for each month, so they tell of a lead what came later."
            remedy = f'Left out; use --activity {name}="{pattern}" if they count activities.'
            notes.add("months", f"{said} {remedy}", "left out", name)
        left += there
    return left


def rows(
    frame: pl.DataFrame, lead: pl.Series, ours: Wide, notes: Notes, zone: str, dates: Order | None
) -> pl.DataFrame:
    """Return the activities of leads, as from a file of them without details; `monthly` says which are of a month."""
    cells = [fields.known_as(frame[one.heading], one.type, notes, zone, dates).alias(one.name) for one in ours.columns]
    whose = pl.DataFrame([lead.alias("lead"), *cells]).drop_nulls("lead")
    timed, counted = ([one for one in ours.columns if (one.month is None) == single] for single in (True, False))
    both = (wide.activities(whose, columns, zone) for columns in (timed, counted))
    return pl.concat(
        part.with_columns(monthly=pl.lit(monthly)) for part, monthly in zip(both, (False, True), strict=True)
    )


def over(activities: pl.DataFrame, latest: datetime | None, notes: Notes) -> pl.DataFrame:
    """Return the activities without those of months that were not over at the latest time that is known otherwise."""
    if latest is None:
        return activities.drop("monthly")
    known = activities.filter(~pl.col("monthly") | (pl.col("occurred_at") <= latest))
    if lost := activities.height - known.height:
        said = f"{lost:,} activities are of months that were not over on {latest:%Y-%m-%d}, the latest date otherwise."
        notes.add("left out rows", f"{said} They were skipped.")
    return known.drop("monthly")


def warn_of_counts(usable: Collection[str], notes: Notes) -> None:
    """Warn of what counts until the export, in a table without dates."""
    for name in sorted(_until_now(usable, notes)):
        said = f"{notes.label(name)} counts until today, also what came after the outcome"
        notes.add("today's value", f"{said}: points for it may be for having converted.", "warning", name)


def _until_now(usable: Collection[str], notes: Notes) -> set[str]:
    return {name for name in usable if wide.counts([notes.columns.get(name, name)])}


def without_counts(usable: Mapping[str, FieldType], include: Collection[str], notes: Notes) -> dict[str, FieldType]:
    """Leave out what counts until the export, also what came after a lead converted, unless it is asked for."""
    until_now = _until_now(usable, notes)
    warn_of_counts(until_now.intersection(include), notes)
    for name in sorted(until_now.difference(include)):
        said = f"{notes.label(name)} counts until today, so for the past it tells what came later."
        notes.leave_out("today's value", said, name)
    return {name: kind for name, kind in usable.items() if name not in until_now or name in include}

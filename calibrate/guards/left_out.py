"""Puts the fields that were left out in order: those come first of which the decision matters most."""

from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl

from calibrate.guards import leaks
from calibrate.notes import Note, Notes
from calibrate.past.panel import Panel

ROWS: Final = 20_000
LAST: Final = ("constant", "excluded")
"""Kinds of notes that ask for no decision."""


def ranked(notes: Notes, panel: Panel) -> None:
    """Order the notes on left-out fields by what each field says alone, times how often it is known, and give both."""
    part = leaks.first_rows(panel)
    part = part.sample(ROWS, np.random.default_rng(0))
    left = [_measured(note, part) for note in notes.items if note.level == "left out"]
    others = [note for note in notes.items if note.level != "left out"]
    notes.items[:] = [*others, *sorted(left, key=_place)]


def _measured(note: Note, part: Panel) -> Note:
    if note.kind in LAST or note.subject not in part.fields.columns or not len(part):
        return note
    column = part.fields[note.subject]
    known = 1 - column.null_count() / len(column)
    return replace(note, alone=_alone(part, note.subject), known=known)


def _alone(part: Panel, name: str) -> float | None:
    column = part.fields[name]
    if column.dtype.is_temporal():
        part = replace(part, fields=pl.DataFrame({name: column.to_physical().cast(pl.Float64)}))
    return leaks.alone(part, name)


def _place(note: Note) -> tuple[bool, float]:
    return note.kind in LAST, -matters(note)


def matters(note: Note) -> float:
    """Return how much a left-out field could matter: its AUC above .5, times the share of leads that have it."""
    return 0.0 if note.alone is None or note.known is None else (note.alone - 0.5) * note.known

"""Why a lead has its score: the lines that add up to it, and the strongest of them as text."""

from typing import Final

import numpy as np
import polars as pl

from scoring.frames import TIME
from scoring.history import DAY, Floats, Ints
from scoring.points import Column

STRONGEST: Final = 5
LONGEST: Final = 255
HALF: Final = 0.5
MINUS: Final = "\u2212"
SEPARATOR: Final = " \u00b7 "
LINES: Final = pl.Schema(
    {
        "lead": pl.String(),
        "part": pl.Categorical(),
        "type": pl.Categorical(),
        "name": pl.Categorical(),
        "points": pl.Float64(),
        "count": pl.Int64(),
        "latest": TIME,
        "undecayed": pl.Float64(),
        "decayed": pl.Float64(),
    }
)
"""The explanation. `undecayed` is an activity rule's points before decay, `decayed` after it and before its maximum."""

Cells = tuple[Ints, Ints]
"""Some cells of a sheet: which columns of the ledger, which leads."""


class Sheet:
    """Columns of a ledger side by side: a row for each column, leads across."""

    def __init__(self, columns: list[Column], leads: int) -> None:
        self.columns, self.leads = columns, leads
        self.points: Floats = np.array([column.points for column in columns]).reshape(-1, leads)

    def given(self) -> Cells:
        """Return the cells that hold points, lead by lead."""
        cells = np.ascontiguousarray((self.points != 0).T)
        lead, number = np.divmod(np.flatnonzero(cells), max(1, len(self.columns)))
        return number, lead

    def strongest(self, most: int) -> Cells:
        """Return the cells of so many strongest columns for each lead, the first of every lead first."""
        with np.errstate(over="ignore"):  # half the width is twice the speed, and infinite is still the strongest
            left = np.ascontiguousarray(np.abs(self.points).T, dtype=np.float32)
        everyone, chosen = np.arange(self.leads), []
        for _ in range(min(most, len(self.columns))):
            chosen.append(left.argmax(axis=1))
            left[everyone, chosen[-1]] = -1
        return np.concatenate(chosen), np.tile(everyone, len(chosen))

    def behind(self, name: str, cells: Cells) -> Ints | Floats:
        """Return what `Counted` says about cells; 0 where no activities stand behind."""
        nothing = np.zeros(self.leads, np.int64)
        return np.array(
            [getattr(column.counted, name) if column.counted else nothing for column in self.columns]
        )[cells]


def lines(columns: list[Column], leads: pl.Series, as_of: int) -> pl.DataFrame:
    """Return one line for each column that gave a lead points, in the order of leads and of the scorecard."""
    if not columns:
        return LINES.to_frame()
    sheet = Sheet(columns, len(leads))
    cells = number, lead = sheet.given()
    described = {name: pl.Series([getattr(column, name) for column in columns]) for name in ("part", "type", "name")}
    frame = pl.DataFrame(described, schema_overrides=LINES)[number].with_columns(
        leads.gather(lead).alias("lead"),
        points=sheet.points[cells],
        latest=as_of - sheet.behind("latest", cells),
        **{name: sheet.behind(name, cells) for name in ("count", "undecayed", "decayed")},
    )
    by_activities = pl.col("count") > 0
    behind = [pl.when(by_activities).then(pl.col(name)) for name in ("count", "latest", "undecayed", "decayed")]
    return frame.with_columns(behind).select(*LINES).cast(LINES)


def reasons(columns: list[Column], leads: int) -> pl.Series:
    """Return each lead's strongest rules of both signs as one readable text, empty where none gave points."""
    sheet = Sheet([column for column in columns if column.type == "rule"], leads)
    if not sheet.columns:
        return pl.Series([""]).new_from_index(0, leads)
    texts = _texts(sheet, sheet.strongest(STRONGEST))
    return _joined([texts.slice(start, leads) for start in range(0, len(texts), leads)])


def _texts(sheet: Sheet, cells: Cells) -> pl.Series:
    """Return one line for each cell, such as `+17 Pricing page (3x, last 2 d ago)`; null where there are no points."""
    points = sheet.points[cells]
    shown = np.where(np.abs(points) < HALF, np.round(points, 2), np.copysign(np.floor(np.abs(points) + HALF), points))
    names = pl.Series([column.name for column in sheet.columns])
    named = pl.concat_str(_signed(pl.col("points")), pl.lit(" "), pl.lit(names).gather(pl.col("number")))
    rule = pl.when(pl.col("points") != 0).then(named)
    what = _written_once(rule, number=cells[0], points=shown)
    when = _written_once(_history(), count=sheet.behind("count", cells), days=sheet.behind("latest", cells) // DAY)
    return what + when


def _written_once(text: pl.Expr, **cells: Ints | Floats) -> pl.Series:
    """Return a text for each cell; what many cells say is written once."""
    frame = pl.DataFrame(cells)
    distinct = frame.unique().with_columns(text.alias("text"))
    return frame.join(distinct, on=frame.columns, how="left", maintain_order="left")["text"]


def _signed(points: pl.Expr) -> pl.Expr:
    """Return points with their sign, whole unless they are less than a half."""
    sign = pl.when(points < 0).then(pl.lit(MINUS)).otherwise(pl.lit("+"))
    size = points.abs()
    text = pl.when(size < HALF).then(size.cast(pl.String)).otherwise(size.cast(pl.Int64, strict=False).cast(pl.String))
    return pl.concat_str(sign, text)


def _history() -> pl.Expr:
    """Return how many activities counted and how long ago the latest was; nothing for rules on the lead."""
    ago = pl.when(pl.col("days") < 1).then(pl.lit("today")).otherwise(pl.concat_str("days", pl.lit(" d ago")))
    several = pl.concat_str(pl.lit(" ("), pl.col("count"), pl.lit("\u00d7, last "), ago, pl.lit(")"))
    once = pl.concat_str(pl.lit(" ("), ago, pl.lit(")"))
    return pl.when(pl.col("count") > 1).then(several).when(pl.col("count") == 1).then(once).otherwise(pl.lit(""))


def _joined(texts: list[pl.Series]) -> pl.Series:
    """Join as many lines as fit into the field of a CRM; one that does not fit by itself is cut."""
    frame = pl.DataFrame({str(slot): text for slot, text in enumerate(texts)})
    joined = _first_lines(frame, len(texts))
    for size in reversed(range(1, len(texts))):
        too_long = joined.str.len_chars() > LONGEST
        if not too_long.any():
            return joined
        joined = joined.zip_with(~too_long, _first_lines(frame, size))
    cut = joined.str.slice(0, LONGEST - 1) + "\u2026"
    return joined.zip_with(joined.str.len_chars() <= LONGEST, cut)


def _first_lines(frame: pl.DataFrame, size: int) -> pl.Series:
    line = pl.concat_str([str(slot) for slot in range(size)], separator=SEPARATOR, ignore_nulls=True)
    return frame.with_columns(line.alias("#"))["#"]

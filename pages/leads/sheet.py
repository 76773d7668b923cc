"""Choosing, sorting and counting the leads of a scorecard in memory, a million of them in some milliseconds.

Columns that are chosen or sorted by are kept as numbers beside the columns: the place of each choice on its scale, and
the order of all rows by a column. A list then takes the first rows of an order that are chosen.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any, Final

import numpy as np
import polars as pl

from pages.columns import Columns
from pages.leads.asked import CHOICES, EXPIRES, NUMBERS, PAST, SORTS, Asked
from vocabulary.arrays import Flags, Ints
from vocabulary.outputs import LIKELIHOOD, PRIORITY, SCORE

ROWS: Final = 50
"""The leads of a page."""
MINUTE: Final = 60
TENTHS: Final = 10


@dataclass(frozen=True, slots=True)
class Sheet:
    """The leads, or accounts, of a scorecard with the scales of its choices, best first."""

    columns: Columns
    scales: Mapping[str, Sequence[str]]
    movers: Callable[[datetime], pl.Series]
    """Returns the leads that moved since a time."""

    @property
    def frame(self) -> pl.DataFrame:
        """The results, the most urgent leads first."""
        return self.columns.frame

    def chosen(self, asked: Asked) -> Ints:
        """Return the numbers of the rows that are asked for, in the order that is asked for."""
        flags = self._all(self._flags(asked).values())
        name, descending = (asked.sort, asked.descending) if asked.sort else self.usual
        order = self._order(name, descending=descending)
        rows: Ints = order[flags[order]]
        return rows

    @property
    def usual(self) -> tuple[str, bool]:
        """The order of a list that does not say one, and whether it begins with the greatest."""
        if PRIORITY in self.scales:
            return "priority", False
        return ("score", True) if self.has(SCORE) else ("lead", False)

    def rows(self, numbers: Ints) -> list[dict[str, Any]]:
        """Return some rows."""
        return self.frame[numbers].with_columns(pl.col(pl.Categorical).cast(pl.String)).to_dicts()

    def counts(self, asked: Asked) -> Mapping[str, Sequence[int]]:
        """Return how many leads each choice would list, by parameter: last, how many have no value.

        What is chosen of the parameter itself does not count: leads with any of several choices are listed.
        """
        flags = self._flags(asked)
        found = {}
        for name, output in CHOICES.items():
            if output in self.scales:
                others, codes = [some for other, some in flags.items() if other != name], self._codes(output)
                chosen = codes[self._all(others)] if others else codes
                counted = np.bincount(chosen, minlength=len(self.scales[output]) + 1)
                found[name] = counted.tolist()
        return found

    def has(self, output: str) -> bool:
        """Return whether any lead has a value."""
        return output in self.frame.columns and self.frame[output].null_count() < self.frame.height

    @property
    def tenths_of(self) -> str:
        """The number whose tenths there are: the score, or the likelihood if there is none."""
        return SCORE if self.has(SCORE) or not self.has(LIKELIHOOD) else LIKELIHOOD

    def _flags(self, asked: Asked) -> dict[str, Flags]:
        """Return whether each lead is chosen, by parameter."""
        found = {name: self._among(CHOICES[name], values) for name, values in asked.choices.items()}
        found |= {name: self._is(expression) for name, expression in _expressions(asked)}
        if asked.moved is not None:
            found["moved"] = self._moved(asked.moved)
        if asked.tenths:
            found["tenth"] = np.isin(self._tenth(), asked.tenths)
        return found

    def _all(self, flags: Iterable[Flags]) -> Flags:
        return reduce(np.logical_and, flags, np.ones(self.frame.height, np.bool_))

    def _is(self, expression: pl.Expr) -> Flags:
        return self.frame.select(expression.fill_null(value=False)).to_series().to_numpy()

    def _among(self, output: str, values: Sequence[str | None]) -> Flags:
        scale = self.scales[output]
        wanted = np.zeros(len(scale) + 1, np.bool_)
        wanted[[len(scale) if value is None else scale.index(value) for value in values]] = True
        return wanted[self._codes(output)]

    def _codes(self, output: str) -> Ints:
        """Return the place of each lead's choice on the scale; the length of the scale for none."""
        scale = tuple(self.scales[output])
        return self.columns.derived.get(("codes", output, scale), lambda: _places(self.frame[output], scale))

    def _order(self, name: str, *, descending: bool) -> Ints:
        """Return the rows by a column, those without a value last and ties as they are."""
        column = SORTS[name]
        scale = tuple(self.scales.get(column, ()))

        def made() -> Ints:
            return self._by_choice(column, descending) if scale else self._by_number(column, descending)

        return self.columns.derived.get(("order", name, descending, scale), made)

    def _by_choice(self, column: str, descending: bool) -> Ints:  # noqa: FBT001 - private
        codes, none = self._codes(column), len(self.scales[column])
        keys = np.where(codes == none, none, none - 1 - codes) if descending else codes
        return np.argsort(keys, kind="stable").astype(np.int32)

    def _by_number(self, column: str, descending: bool) -> Ints:  # noqa: FBT001 - private
        by = pl.arg_sort_by(column, descending=descending, nulls_last=True, maintain_order=True)
        return self.frame.select(by.cast(pl.Int32)).to_series().to_numpy()

    def _moved(self, since: datetime) -> Flags:
        """Return whether each lead moved. Within a minute, and until something is written, the answer is the same."""
        minute = int(since.timestamp()) // MINUTE

        def made() -> Flags:
            return self.frame["lead"].is_in(self.movers(since).implode()).to_numpy()

        return self.columns.derived.get(("moved", minute), made)

    def _tenth(self) -> Ints:
        """Return the tenth of each lead, 1 for the best, 0 for none; leads with the same number are in the same."""
        numbers = self.frame[self.tenths_of]

        def made() -> Ints:
            known = len(numbers) - numbers.null_count()
            middle = numbers.rank("average", descending=True) - 0.5
            tenth = (TENTHS * middle / max(known, 1)).floor().clip(0, TENTHS - 1) + 1
            return tenth.fill_null(0).cast(pl.Int8).to_numpy()

        return self.columns.derived.get(("tenth", numbers.name), made)


def _places(choices: pl.Series, scale: Sequence[str]) -> Ints:
    """Return the place of each choice on a scale; the length of the scale for none.

    Only the distinct choices are compared as texts: the others have the same numbers.
    """
    distinct = choices.unique().drop_nulls()
    numbers, none = distinct.to_physical().to_numpy(), len(scale)
    places = np.full(int(numbers.max(initial=0)) + 2, none, np.int16)
    places[numbers] = distinct.cast(pl.String).replace_strict(dict(zip(scale, range(none), strict=True)), default=none)
    found: Ints = places[choices.to_physical().fill_null(len(places) - 1).to_numpy()]
    return found


def held(columns: Columns, output: str) -> Sequence[str | None]:
    """Return the choices that any lead has; None if a lead has none."""
    return columns.derived.get(
        ("held", output), lambda: columns.frame[output].unique().cast(pl.String).to_list() or [None]
    )


def _expressions(asked: Asked) -> Iterator[tuple[str, pl.Expr]]:
    """Yield whether a lead is chosen by a parameter that is about numbers or times."""
    for name, (least, greatest) in asked.numbers.items():
        column = pl.col(NUMBERS[name])
        yield (
            name,
            pl.all_horizontal(
                pl.lit(value=True) if least is None else column >= least,
                pl.lit(value=True) if greatest is None else column <= greatest,
                column.is_not_null(),
            ),
        )
    for name, moment in asked.times.items():
        yield name, pl.col("lead_expires_at") <= moment if name == EXPIRES else pl.col(PAST[name]) >= moment
    if asked.waits is not None:
        yield "waits", pl.col("waits") == asked.waits

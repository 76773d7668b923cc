"""What the people of accounts give these: the strongest engagements, and the values that they cover."""

import numpy as np
import polars as pl

from scoring.card.accounts import Coverage, People
from scoring.card.rules.people import COVERED, PERSON, WHO
from vocabulary.arrays import Flags, Ints


def strongest(people: People, accounts: int, of: Ints, ids: pl.Series, engagement: pl.Series) -> list[pl.Series]:
    """Return the points and the ids of each account's strongest people, of equal ones the first by id.

    `of`: the place of each person's account.
    """
    points = engagement.cast(pl.Float64).clip(0, people.maximum).alias("points")
    found = pl.DataFrame([pl.Series("of", of), points, ids.alias("id")]).filter(pl.col("points") > 0)
    ordered = found.sort("of", "points", "id", descending=[False, True, False])
    account = ordered["of"].to_numpy()
    place = np.arange(len(account)) - np.searchsorted(account, account)
    columns = []
    for number in range(people.top):
        at = np.flatnonzero(place == number)
        columns += [
            _placed(PERSON.format(number), ordered["points"].gather(at), account[at], accounts),
            _placed(WHO.format(number), ordered["id"].gather(at), account[at], accounts),
        ]
    return columns


def _placed(name: str, values: pl.Series, at: Ints, accounts: int) -> pl.Series:
    """Return a column with these values at some places and null elsewhere."""
    column = pl.Series(name, [None], dtype=values.dtype).new_from_index(0, accounts)
    return column.scatter(at, values) if len(at) else column


def covered(coverage: Coverage, accounts: int, of: Ints, values: pl.Series) -> list[pl.Series]:
    """Return whether each account has a person with each value; `values` are those of engaged people."""
    listed = values.dtype == pl.List(pl.String)
    columns = []
    for number, value in enumerate(coverage.values):
        has = values.list.contains(value) if listed else values == value
        flags: Flags = np.zeros(accounts, np.bool_)
        flags[of[has.fill_null(value=False).to_numpy()]] = True
        columns.append(pl.Series(COVERED.format(number), flags))
    return columns

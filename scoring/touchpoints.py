"""Touchpoints: the distinct (kind, url, name) values that activities refer to by number."""

from collections.abc import Collection
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scoring.lookup import UNKNOWN, Keys, Lookup, Numbers, fingerprints
from vocabulary.urls import without_tracking

KEY: Final = ("kind", "url", "name")


class TouchpointIndex:
    """Numbers touchpoints batch by batch, using only the fields that a scorecard uses."""

    def __init__(self, fields: Collection[str] = KEY) -> None:
        self._key = [name for name in KEY if name in fields]
        self._known = pl.Schema(dict.fromkeys(self._key, pl.String())).to_frame()
        self._lookup = Lookup()

    @property
    def frame(self) -> pl.DataFrame:
        """Return all touchpoints so far; unused fields are null."""
        unasked = [pl.lit(None, pl.String).alias(name) for name in KEY if name not in self._key]
        numbered = self._known.with_row_index("touchpoint")
        return numbered.with_columns(*unasked).select("touchpoint", *KEY)

    def numbered(self, activities: pl.DataFrame) -> pl.DataFrame:
        """Return activities with `touchpoint` instead of `kind`, `url` and `name`."""
        absent = [pl.lit(None, pl.String).alias(name) for name in self._key if name not in activities.columns]
        written = activities.with_columns(*absent).select(self._key)
        keys = fingerprints(written)
        numbers = self._lookup.find(keys)
        strange = np.flatnonzero(numbers == UNKNOWN)
        numbers[strange] = self._cleaned(written, keys, strange)
        rest = activities.drop(name for name in KEY if name in activities.columns)
        return rest.with_columns(touchpoint=pl.Series(numbers))

    def _cleaned(self, written: pl.DataFrame, keys: Keys, rows: NDArray[np.intp]) -> Numbers:
        """Return the numbers of rows not known in their raw form: new ones, or ones with tracking parameters."""
        _, first, which = np.unique(keys[rows], return_index=True, return_inverse=True)
        stripped = [without_tracking(pl.col("url")).alias("url")] if "url" in self._key else []
        clean = written[rows[first]].with_columns(*stripped)
        keys_of_clean = fingerprints(clean)
        self._known = self._known.vstack(clean[self._lookup.learn(keys_of_clean)])
        return self._lookup.find(keys_of_clean)[which]


def touchpoints(activities: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return activities with touchpoint numbers instead of `kind`, `url` and `name`, and the touchpoints."""
    index = TouchpointIndex()
    numbered = index.numbered(activities)
    return numbered, index.frame

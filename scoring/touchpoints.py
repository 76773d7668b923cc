"""Touchpoints: the distinct (kind, url, name) that activities refer to by number."""

from collections.abc import Collection
from typing import Final

import polars as pl

KEY: Final = ("kind", "url", "name")
TRACKING: Final = (
    r"(?i)^(?:utm_[^=]*|_hs[^=]*|__hs[^=]*|hsctatracking|gclid|gclsrc|dclid|gbraid|wbraid|fbclid|msclkid|yclid|"
    r"ttclid|twclid|li_fat_id|igshid|mc_cid|mc_eid|mkt_tok)(?:=|$)"
)
"""A query parameter that says where a visit came from, not what was visited."""

_HAS_QUERY: Final = r"^([^?#]*)\?([^#]*)(#.*)?$"


def without_tracking(url: pl.Expr) -> pl.Expr:
    """Return addresses without tracking parameters; everything else stays as it is."""
    parts = url.str.extract_groups(_HAS_QUERY)
    query = parts.struct[1].str.split("&")
    kept = query.list.filter(~pl.element().str.contains(TRACKING))
    rest = pl.when(kept.list.len() > 0).then(pl.concat_str(pl.lit("?"), kept.list.join("&"))).otherwise(pl.lit(""))
    bare = pl.concat_str(parts.struct[0], rest, parts.struct[2].fill_null(""))
    return pl.when(kept.list.len() < query.list.len()).then(bare).otherwise(url)


class TouchpointIndex:
    """Numbers touchpoints batch by batch, by those fields alone that a scorecard names."""

    def __init__(self, fields: Collection[str] = KEY) -> None:
        self._key = [name for name in KEY if name in fields]
        self._known = pl.Schema({**dict.fromkeys(self._key, pl.String()), "touchpoint": pl.UInt32()}).to_frame()

    @property
    def frame(self) -> pl.DataFrame:
        """Return all touchpoints so far; fields that nobody asks for are null."""
        unasked = [pl.lit(None, pl.String).alias(name) for name in KEY if name not in self._key]
        return self._known.with_columns(*unasked).select("touchpoint", *KEY)

    def numbered(self, activities: pl.DataFrame) -> pl.DataFrame:
        """Return activities with `touchpoint` instead of `kind`, `url` and `name`."""
        absent = [pl.lit(None, pl.String).alias(name) for name in self._key if name not in activities.columns]
        whole = activities.with_columns(*absent)
        written = whole.select(self._key).unique()
        stripped = [without_tracking(pl.col("url")).alias("url")] if "url" in self._key else []
        clean = written.with_columns(*stripped)
        self._learn(clean)
        numbers = clean.join(self._known, on=self._key, how="left", nulls_equal=True, maintain_order="left")
        lookup = written.with_columns(numbers["touchpoint"])
        joined = whole.join(lookup, on=self._key, how="left", nulls_equal=True, maintain_order="left")
        return joined.drop(name for name in KEY if name in joined.columns)

    def _learn(self, clean: pl.DataFrame) -> None:
        new = clean.unique().join(self._known, on=self._key, how="anti", nulls_equal=True)
        numbers = pl.int_range(self._known.height, self._known.height + new.height, dtype=pl.UInt32, eager=True)
        self._known = pl.concat([self._known, new.with_columns(numbers.alias("touchpoint"))])


def touchpoints(activities: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the activities with touchpoint numbers instead of `kind`, `url` and `name`, and the touchpoints."""
    index = TouchpointIndex()
    numbered = index.numbered(activities)
    return numbered, index.frame

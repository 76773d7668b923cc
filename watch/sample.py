"""A stable sample of the leads, scored twice: now, and as they were one horizon ago."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

import polars as pl

from pipeline.compute import Chunk as Scored
from pipeline.compute import gathered, with_accounts
from scoring import Related, score
from vocabulary.fields import FLAGS, KEPT, LISTS, TIME, FieldType
from watch.reading import Ground

SIZE: Final = 20_000
"""About how many leads are in it: whole buckets, always the same ones."""
LINES: Final = pl.Schema(
    {"lead": pl.String(), "part": pl.String(), "name": pl.String(), "points": pl.Float64(), "latest": TIME}
)
"""`latest`: when the latest activity that counts happened; null for rules on what a lead is."""


@dataclass(frozen=True)
class Sample:
    """The leads of the first buckets: a stable hash of the id puts a lead into one."""

    ground: Ground

    @cached_property
    def buckets(self) -> range:
        """Which buckets are looked at."""
        held = 0
        for bucket, leads in enumerate(self.ground.job.mirror.bucket_counts()):
            if held and held + leads > SIZE:
                return range(bucket)
            held += leads
        return self.ground.job.mirror.buckets

    @cached_property
    def leads(self) -> pl.DataFrame:
        """Return the sampled leads with their fields, as they are today."""
        return self.ground.job.mirror.people(self.buckets, self.ground.active.card.fields)

    @property
    def everybody(self) -> bool:
        """Whether the sample holds all leads."""
        return self.buckets == self.ground.job.mirror.buckets

    @cached_property
    def history(self) -> pl.DataFrame:
        """Return the former values of fields that are read (`rows.FIELD_HISTORY`), as texts."""
        return self.ground.job.mirror.field_history_of(self._around, list(self.ground.active.card.fields))

    @cached_property
    def replayable(self) -> frozenset[str]:
        """The fields whose past is read."""
        return frozenset(self.history["field"].unique())

    @property
    def then(self) -> datetime:
        """The earlier time: leads that it was about have had the whole horizon to convert."""
        return self.ground.as_of - self.ground.horizon

    @cached_property
    def lines_now(self) -> pl.DataFrame:
        """Return the points that rules give the leads today (`LINES`)."""
        return self._lines(self.ground.as_of)

    @cached_property
    def lines_then(self) -> pl.DataFrame:
        """Return the points that the rules of today's card would have given them then."""
        return self._lines(self.then)

    @cached_property
    def people_then(self) -> pl.DataFrame:
        """Return `lead` and `came` of those who were there then and had not converted: whether they did since."""
        people, then = self.ground.people.join(self.leads.select("lead"), on="lead", how="semi"), self.then
        there = (pl.col("created_at") <= then).fill_null(value=False)
        open_ = (pl.col("converted_at") > then).fill_null(value=True)
        came = pl.col("converted_at").is_not_null() & (pl.col("converted_at") <= self.ground.as_of)
        return people.filter(there & open_).select("lead", came=came)

    @cached_property
    def _around(self) -> list[str]:
        """Return the sampled leads, and those of their accounts where these are scored as a whole."""
        chunk = with_accounts(self.ground.job, self.ground.active, self.leads["lead"].to_list())
        assert not isinstance(chunk.leads, range)
        return list(dict.fromkeys([*chunk.leads, *self.leads["lead"]]))

    def _lines(self, at: datetime) -> pl.DataFrame:
        job, active = self.ground.job, self.ground.active
        chunk = with_accounts(job, active, self.leads["lead"].to_list())
        given = gathered(job, active, Scored(chunk.leads, chunk.accounts))
        past = at < self.ground.as_of
        rows, related = given.frames.leads, given.related
        if past:
            rows = as_then(rows, self.history, at, active.card.fields)
            related = Related(None, given.related.accounts, assigned=True)
        frames = given.frames
        previous = None if past else given.previous
        found = score(
            rows, frames.activities, frames.touchpoints, active.card, at, previous, related=related, explain=True
        )
        named = found.lines.filter(pl.col("type").cast(pl.String) == "rule").cast(
            {"part": pl.String, "name": pl.String}
        )
        return named.select(*LINES).join(self.leads.select("lead"), on="lead", how="semi").cast(LINES)


def as_then(leads: pl.DataFrame, history: pl.DataFrame, at: datetime, fields: Mapping[str, FieldType]) -> pl.DataFrame:
    """Return leads with the values that their fields had at a time, where the history of a field tells."""
    known = history.filter(pl.col("field").is_in([name for name in fields if name in leads.columns])).sort("since")
    past = known.filter(pl.col("since") <= at).group_by("lead", "field").agg(pl.col("value").last())
    later = known.filter(pl.col("since") > at).group_by("lead", "field").agg(value=pl.col("before").first())
    told = pl.concat([past, later.join(past, on=["lead", "field"], how="anti").select(past.columns)])
    for (name,), values in told.group_by("field"):
        leads = _replaced(leads, str(name), values.select("lead", told="value", has=pl.lit(value=True)), fields)
    return leads


def _replaced(leads: pl.DataFrame, name: str, values: pl.DataFrame, fields: Mapping[str, FieldType]) -> pl.DataFrame:
    beside = leads.join(values, on="lead", how="left", maintain_order="left")
    old = (
        pl.when(pl.col("has").fill_null(value=False)).then(_typed(pl.col("told"), fields[name])).otherwise(pl.col(name))
    )
    return beside.with_columns(old.alias(name)).drop("told", "has")


def _typed(text: pl.Expr, kind: FieldType) -> pl.Expr:
    """Return the text of a former value as the mirror keeps values of its type."""
    if kind == "flag":
        return text.str.to_lowercase().replace_strict(FLAGS, default=None, return_dtype=pl.Boolean)
    if kind == "date":
        return text.str.slice(0, len("2026-03-31")).str.to_date(strict=False)
    if kind in LISTS:
        return text.str.split(";")
    return text.cast(KEPT[kind], strict=False)


def unknown(names: Collection[str], replayable: Collection[str]) -> list[str]:
    """Return which of the names that a rule uses have no past here."""
    return sorted(set(names) - set(replayable))

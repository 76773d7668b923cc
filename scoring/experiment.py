"""The experiment with the order: the priority index of some leads is drawn, so that what the order does is measured.

Sellers call the first leads of a list first. That leads with a high index convert more often may follow from the call
alone; only where chance set the index can the two be told apart. A hash of the id decides, never a clock or a
generator: a lead has the same place on every machine and in every pass.
"""

from hashlib import blake2b
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scoring.card import Scorecard
from scoring.card.readiness import Experiment

PROTECTED: Final = "now"
"""The urgency of leads that keep their computed place, because they wait for us."""
PLACES: Final = 101
"""The values of a priority index, from 0 to 100."""
_EXACT: Final = 53
"""Bits of an integer that a float holds exactly."""


def in_experiment(ids: pl.Series, card: Scorecard) -> pl.Series:
    """Return whether chance puts each lead, or account, into the experiment of its card; nobody if it has none.

    Those who are in it and are not urgent stand where `drawn` says; see `by_chance`.
    """
    experiment = _of(card)
    if experiment is None:
        return pl.Series(ids.name, [False], dtype=pl.Boolean).new_from_index(0, len(ids))
    fractions = (_hashes(ids, experiment)[:, 0] >> np.uint64(64 - _EXACT)) / 2.0**_EXACT
    return pl.Series(ids.name, fractions < experiment.share)


def drawn(ids: pl.Series, card: Scorecard) -> pl.Series:
    """Return the index from 0 to 100 that chance gives each lead, in the experiment or not; null without one."""
    experiment = _of(card)
    if experiment is None:
        return pl.Series(ids.name, [None], dtype=pl.Int64).new_from_index(0, len(ids))
    tops = _hashes(ids, experiment)[:, 1] >> np.uint64(32)
    return pl.Series(ids.name, (tops * np.uint64(PLACES)) >> np.uint64(32)).cast(pl.Int64)


def by_chance(results: pl.DataFrame, card: Scorecard) -> pl.Series:
    """Return whether the index of each lead is drawn: of `lead`, `lead_urgency` and `lead_priority_index`."""
    calm = results["lead_urgency"].ne_missing(pl.Series([PROTECTED]))
    return in_experiment(results["lead"], card) & calm & results["lead_priority_index"].is_not_null()


def varied(ids: pl.Series, index: pl.Series, urgency: pl.Series, card: Scorecard) -> pl.Series:
    """Return the priority index of leads, drawn for those in the experiment."""
    if _of(card) is None or ids.is_empty():
        return index
    results = pl.DataFrame({"lead": ids, "lead_urgency": urgency, "lead_priority_index": index})
    return drawn(ids, card).zip_with(by_chance(results, card), index.cast(pl.Int64))


def without_experiment(card: Scorecard) -> Scorecard:
    """Return a scorecard that gives everyone the computed index, as its examples expect."""
    company = card.accounts.priority if card.accounts else None
    if _of(card) is None and (company is None or company.experiment is None):
        return card
    written = card.written()
    for part in (written, written.get("accounts") or {}):
        (part.get("priority") or {}).pop("experiment", None)
    return Scorecard.model_validate(written)


def _of(card: Scorecard) -> Experiment | None:
    return card.priority.experiment if card.priority else None


def _hashes(ids: pl.Series, experiment: Experiment) -> NDArray[np.uint64]:
    """Return two independent numbers for each lead: one for being in it, one for the place.

    What the experiment found hangs on these numbers, so they must never change. They have nothing to do with the
    buckets of the database.
    """
    begin = blake2b(experiment.name.encode() + b"\0", digest_size=16)
    digests = bytearray()
    for id_ in ids.to_list():
        one = begin.copy()
        one.update(id_.encode())
        digests += one.digest()
    return np.frombuffer(bytes(digests), ">u8").astype(np.uint64).reshape(-1, 2)

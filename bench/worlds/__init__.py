"""Simulated worlds with known truth, seeded: `WORLDS[name](leads=…, seed=…)`."""

from collections.abc import Callable

from bench.worlds import dated, tables
from bench.worlds.made import BEGIN, OUTCOME, DatedWorld, TableWorld

World = TableWorld | DatedWorld

WORLDS: dict[str, Callable[..., World]] = {
    make.__name__: make
    for make in (
        tables.per_unit,
        tables.ages,
        tables.leaking_emptiness,
        tables.honest_emptiness,
        tables.interaction,
        tables.threshold,
        tables.noise,
        dated.growing_funnel,
        dated.old_leads,
        dated.falling_rate,
        dated.long_memory,
    )
}

__all__ = ["BEGIN", "OUTCOME", "WORLDS", "DatedWorld", "TableWorld", "World"]

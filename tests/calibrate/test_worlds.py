"""The simulated worlds are what they say: seeded, and as the truth that they hold promises."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bench.worlds import WORLDS, DatedWorld, TableWorld
from bench.worlds.tables import leaking_emptiness
from calibrate.inputs import files
from calibrate.notes import Notes

TABLES = [name for name, make in WORLDS.items() if isinstance(make(leads=100), TableWorld)]
DATED = [name for name in WORLDS if name not in TABLES]


@pytest.mark.parametrize("name", TABLES)
def test_the_leads_of_a_table_convert_as_often_as_their_true_chance_says(name: str) -> None:
    world = WORLDS[name](leads=4000, seed=5)
    assert isinstance(world, TableWorld)
    error = np.sqrt((world.chance * (1 - world.chance)).sum())
    assert abs(world.won.sum() - world.chance.sum()) < 4 * error
    assert (world.table["converted"] == "yes").to_list() == world.won.tolist()
    assert world.then["id"].equals(world.table["id"])


@pytest.mark.parametrize("name", DATED)
def test_the_open_leads_of_a_dated_world_convert_as_often_as_their_true_chance_says(name: str) -> None:
    world = WORLDS[name](leads=4000, seed=5)
    assert isinstance(world, DatedWorld)
    chance = world.chance(90)[world.open]
    assert abs(world.won(90).sum() - chance.sum()) < 4 * np.sqrt((chance * (1 - chance)).sum())
    moments = [world.leads["created_at"], world.activities["occurred_at"], world.outcomes["occurred_at"]]
    assert max(one.max() for one in moments if len(one)) <= world.as_of


@pytest.mark.parametrize("name", WORLDS)
def test_the_same_seed_gives_the_same_world(name: str) -> None:
    one, same, other = (WORLDS[name](leads=300, seed=seed) for seed in (1, 1, 2))
    frames = [each.table if isinstance(each, TableWorld) else each.leads for each in (one, same, other)]
    assert frames[0].equals(frames[1])
    assert not frames[0].equals(frames[2])
    assert len(frames[0]) == 300


def test_occupation_is_filled_in_for_those_who_convert_after_creation_only() -> None:
    world = leaking_emptiness(leads=4000, seed=5)
    known, knew = (frame["occupation"].is_not_null().to_numpy() for frame in (world.table, world.then))
    assert known[world.won].mean() > 1.5 * known[~world.won].mean()
    assert abs(knew[world.won].mean() - knew[~world.won].mean()) < 0.05
    assert known[knew].all()


def test_the_funnel_grows_so_that_most_leads_are_of_the_last_weeks() -> None:
    world = WORLDS["growing_funnel"]()
    assert isinstance(world, DatedWorld)
    assert 300 < (~world.open).sum() < 400
    assert (world.leads["created_at"] > world.as_of - timedelta(days=75)).mean() > 0.7


@pytest.mark.parametrize("name", DATED)
def test_what_a_world_writes_is_read_as_what_it_is(name: str, tmp_path: Path) -> None:
    world = WORLDS[name](leads=300, seed=1)
    assert isinstance(world, DatedWorld)
    paths = world.write(tmp_path)
    read = files.read(files.Paths(**paths), None, Notes())
    assert read.leads.select(pl.exclude("created_at")).equals(world.frames.leads.select(pl.exclude("created_at")))
    assert read.outcomes.height == world.outcomes.height
    assert read.activities.height == world.activities.height

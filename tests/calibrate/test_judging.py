"""What `bench.calibrate quality` prints is judged on leads that calibrate has not seen, as `score` scores them."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bench import sets
from bench.quality import Files, Judged, judged, mean
from bench.trials import DatedTrial, Rows, TableTrial, of_rows, of_world
from bench.worlds import WORLDS
from bench.worlds.tables import threshold


def test_calibrate_gets_nothing_that_happened_after_the_day_of_scoring() -> None:
    trial = of_world(WORLDS["falling_rate"], leads=1000)
    assert isinstance(trial, DatedTrial)
    assert trial.known["converted_at"].max() <= trial.as_of < trial.outcomes["converted_at"].max()
    assert not trial.won(90)[~trial.open].any()
    assert trial.won(90).any()


def test_rows_held_out_are_the_newest_and_none_is_learned_from(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    number = np.random.default_rng(1).permutation(100)
    pl.DataFrame({"Number": number, "ID": number, "won": ["1"] * 100}).write_csv(path, separator=";")
    trial = of_rows(path, Rows("won", order="Number", share=0.4))
    assert trial.learn["Number"].cast(pl.Int64).to_list() == list(range(60))
    assert trial.ask["Number"].cast(pl.Int64).to_list() == list(range(60, 100))
    assert (len(trial.won), trial.conversions) == (40, 60)


def test_a_set_that_is_not_there_is_not_judged(tmp_path: Path) -> None:
    (tmp_path / "Leads.csv").touch()
    (tmp_path / "xeducation_oldest60.csv").touch()
    assert [name for name, _ in sets.found([tmp_path, tmp_path / "nowhere"])] == ["Leads"]


def test_what_is_judged_is_what_score_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """If `score` returned the truth, the judge would find it perfect."""
    world = threshold(leads=1200, seed=3)
    trial = TableTrial(world.table[:600], world.then[600:], "converted", world.won[600:], world.chance[600:])
    honest = judged("threshold", trial)
    assert honest.truth - 0.1 < honest.points < honest.truth + 0.02
    known = pl.DataFrame({"lead_score": world.won[600:] * 100, "lead_likelihood": world.won[600:] * 100.0})
    monkeypatch.setattr(Files, "scores", lambda *_: known)
    found = judged("threshold", trial)
    assert (found.points, found.likelihood, found.error, found.ratio) == (1, 1, 0, 1)


def test_figures_of_several_draws_are_averaged_and_one_that_lacks_a_figure_shows() -> None:
    one = Judged("set", "rough", learned_from=100, held=20, seconds=2, boosted=0.8, points=0.7, slope=1.0)
    other = Judged("set", "calibrated", learned_from=103, held=21, seconds=4, boosted=0.9, points=0.9)
    both = mean([one, other])
    assert (both.standing, both.learned_from, both.seconds) == ("rough / calibrated", 102, 3)
    assert (both.points, both.boosted) == pytest.approx((0.8, 0.85))
    assert np.isnan(both.slope)

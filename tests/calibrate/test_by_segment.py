"""Points for single segments: learned where they clearly pay, and not where segments are alike."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from calibrate import Calibration, CalibrationError
from calibrate.card.proposal import plain
from calibrate.from_table import Ask, run
from calibrate.inputs.tables import Table
from calibrate.options import Options
from scoring import Scorecard

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ASPECTS = ("demo", "budget", "referral", "webinar", "trial")


def people(apart: float, rows: int = 4000, seed: int = 0) -> pl.DataFrame:
    """Return leads of three countries; in one of them, every aspect says less by `apart`, in log-odds."""
    rng = np.random.default_rng(seed)
    country = rng.choice(["Germany", "France", "Spain"], rows)
    held = {name: rng.random(rows) < 0.5 for name in ASPECTS}
    odds = -1.9 + sum((0.7 - apart * (country == "Spain")) * column for column in held.values())
    odds = odds + apart * 0.5 * len(ASPECTS) * (country == "Spain")
    won = rng.random(rows) < 1 / (1 + np.exp(-odds))
    return pl.DataFrame({"country": country, **held, "won": np.where(won, "yes", "no")})


def learned(frame: pl.DataFrame, segment: str | None = None) -> Calibration:
    options = Options(trees=20, folds=2, bootstraps=15, segment=segment)
    return run(Table(Path("leads.csv"), frame), Ask("won", None, NOW), options)


def told(result: Calibration) -> str:
    return " ".join(note.message for note in result.notes if note.kind == "segments")


def of_country(result: Calibration) -> list[str]:
    return [rule.name for rule in result.rules if rule.name.startswith("Country: ") and " + " in rule.name]


def test_a_segment_that_differs_a_little_in_everything_gets_points_of_its_own() -> None:
    """The pairs that were found do not say all of it; more together foretell held-out leads better."""
    result = learned(people(0.65, 3000, 4))
    assert "Some points hold for one country only" in told(result)
    spain = of_country(result)
    assert all("Spain" in name for name in spain)
    assert 2 <= len(spain) <= 4
    assert result.scorecard is not None
    rules = plain(result.scorecard)["score"]["fit"]["groups"][0]["rules"]
    own = next(rule for rule in rules if rule["name"] in spain)
    assert own["lead"]["country"] == "Spain"
    assert isinstance(own["points"], int)
    Scorecard.model_validate(plain(result.scorecard))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_where_segments_are_alike_nothing_is_learned_by_them(seed: int) -> None:
    result = learned(people(0.0, 2500, seed))
    assert not of_country(result)
    assert "do not pay; tried: country" in told(result)
    assert "Country: " not in str(result.scorecard)


def test_a_field_without_a_few_large_values_is_named_and_an_unknown_one_refused() -> None:
    frame = people(0.0, 1500)
    result = learned(frame.with_columns(city=pl.Series([f"c{n % 40}" for n in range(1500)])), segment="city")
    assert "city has not 2 to 6 values" in told(result)
    assert "tried" not in told(result)
    with pytest.raises(CalibrationError, match="--segment planet"):
        learned(frame, segment="planet")

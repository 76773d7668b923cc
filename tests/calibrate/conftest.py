from pathlib import Path

import pytest

from calibrate import Calibration
from calibrate.options import Options
from tests.calibrate.simulator import World, calibrated, world

SHARED = Path(__file__).parents[2].parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the folder with real data is missing")
    return SHARED


@pytest.fixture(scope="session")
def small_world() -> World:
    return world(2200, seed=3, base=-5.6)


@pytest.fixture(scope="session")
def learned(small_world: World) -> Calibration:
    """One calibration shared by many tests."""
    return calibrated(small_world, Options(trees=20, folds=2, bootstraps=20, max_rows=12_000))

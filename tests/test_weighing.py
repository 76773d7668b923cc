"""What `make test` leaves to `make test-all` is listed by the names that tests have."""

from pathlib import Path

from tests.weighing import LIGHT, heavy

ROOT = Path(__file__).parents[1]


def test_every_heavy_test_exists() -> None:
    sources: dict[str, str] = {}
    for name in heavy():
        file, *_, test = name.split("::")
        sources.setdefault(file, (ROOT / file).read_text())
        assert f"def {test}(" in sources[file], f"{name} is gone: `make weigh`"


def test_every_heavy_test_is_heavy() -> None:
    assert min(heavy().values()) >= LIGHT

"""The daemon follows its files: what is right is in force at once, what is wrong is told, what needs a restart too."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

import config
from config import load_settings
from pipeline.figures import Figures
from pipeline.following import Following
from pipeline.passes import SYNC
from pipeline.station import Station
from store import Store, StoreError

SHIPPED = Path(config.__file__).parent


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HUBSPOT_TOKEN", "pat-na1-not-used")
    for name in ("leadgauge-hubspot.yaml", "b2b-saas.yaml"):
        (tmp_path / name).write_bytes((SHIPPED / name).read_bytes())
    return tmp_path


@pytest.fixture
def follow(folder: Path) -> Callable[[Store], Following]:
    settings = folder / "leadgauge-hubspot.yaml"
    return lambda store: Following(settings, load_settings(settings), store, Event())


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_half_written_settings_are_refused_and_whole_ones_are_in_force(
    folder: Path, follow: Callable[[Store], Following]
) -> None:
    file = folder / "leadgauge-hubspot.yaml"
    whole = file.read_text().replace("dead_band: 3 ", "dead_band: 7 ")
    with Store.open(f"sqlite:///{folder}/x.db") as store:
        job = (following := follow(store)).job("main")
        file.write_text(whole[: whole.index("fields:") + 3])
        assert job().connection.write.dead_band == 3
        assert "leadgauge-hubspot.yaml:" in store.status("main").notes["settings refused"]
        file.write_text(whole)
        assert job().connection.write.dead_band == 7
        assert store.status("main").notes == {}
        following.close()


def test_another_scorecard_is_followed_from_then_on(folder: Path, follow: Callable[[Store], Following]) -> None:
    other = folder / "other.yaml"
    other.write_bytes((folder / "b2b-saas.yaml").read_bytes())
    with Store.open(f"sqlite:///{folder}/x.db") as store:
        job = (following := follow(store)).job("main")
        edit(folder / "leadgauge-hubspot.yaml", "scorecard: b2b-saas.yaml", "scorecard: other.yaml")
        job()
        edit(other, "scorecard: b2b-saas", "scorecard: second")
        assert job().judgements[0].name == "second"
        following.close()


def test_what_only_a_restart_puts_in_force_is_told(folder: Path, follow: Callable[[Store], Following]) -> None:
    with Store.open(f"sqlite:///{folder}/x.db") as store:
        job = (following := follow(store)).job("main")
        edit(folder / "leadgauge-hubspot.yaml", "sync: 5m", "sync: 7m")
        job()
        note = store.status("main").notes["restart needed"]
        assert note == "changed, and in force after a restart of the daemon: connections.main.schedule"
        edit(folder / "leadgauge-hubspot.yaml", "sync: 7m", "sync: 5m")
        job()
        assert store.status("main").notes == {}
        following.close()


def test_a_daemon_whose_database_is_gone_is_not_well_and_lives_on() -> None:
    def gone() -> None:
        raise StoreError("The database is gone.")

    figures = Figures()
    Station("main", gone, figures).do(SYNC)  # type: ignore[arg-type]
    assert figures.health() == (False, {"main": "failed"})

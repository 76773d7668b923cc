"""The daemon follows its files: valid changes apply at once; mistakes and needed restarts are reported."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

import config
from config import load_scorecard, load_settings
from pipeline.daemon.reloading import Reloader
from store import Store

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)

SHIPPED = Path(config.__file__).parent


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HUBSPOT_TOKEN", "pat-na1-not-used")
    for name in ("leadgauge-hubspot.yaml", "b2b-saas.yaml"):
        (tmp_path / name).write_bytes((SHIPPED / name).read_bytes())
    with (tmp_path / "leadgauge-hubspot.yaml").open("a") as settings:
        settings.write("\ndaemon: {settle: 0.2s}\n")
    return tmp_path


@pytest.fixture
def follow(folder: Path) -> Callable[[Store], Reloader]:
    settings = folder / "leadgauge-hubspot.yaml"
    return lambda store: Reloader(settings, load_settings(settings), store, Event())


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_half_written_settings_are_refused_and_whole_ones_are_in_force(
    folder: Path, follow: Callable[[Store], Reloader]
) -> None:
    file = folder / "leadgauge-hubspot.yaml"
    whole = file.read_text().replace("dead_band: 3 ", "dead_band: 7 ")
    with Store.open(f"sqlite:///{folder}/x.db") as store:
        job = (reloader := follow(store)).job("main")
        reloader.now = lambda: NOON
        file.write_text(whole[: whole.index("fields:") + 3])
        assert job().connection.write.dead_band == 3
        told = store.status("main").notes["settings refused"]
        assert told.startswith("since 2026-11-25 12:00 UTC: ")
        assert "leadgauge-hubspot.yaml:" in told
        assert told.endswith("The old ones stay in force; changed files are read before the next pass.")
        reloader.now = lambda: NOON + timedelta(hours=1)
        file.write_text(whole[: whole.index("fields:") + 4])
        assert job().connection.write.dead_band == 3
        assert store.status("main").notes["settings refused"].startswith("since 2026-11-25 12:00 UTC: ")
        file.write_text(whole)
        assert job().connection.write.dead_band == 7
        assert store.status("main").notes == {}
        reloader.close()


def test_settings_are_read_before_the_first_pass_and_not_again_by_it(
    folder: Path, follow: Callable[[Store], Reloader]
) -> None:
    file = folder / "leadgauge-hubspot.yaml"
    with Store.open(f"sqlite:///{folder}/x.db") as store:
        reloader = follow(store)
        edit(file, "dead_band: 3 ", "dead_band: 7 ")
        reloader.begin()
        read = reloader.settings
        assert read.connections["main"].write.dead_band == 7
        reloader.job("main")()
        assert reloader.settings is read
        reloader.close()


class Writer(Event):
    """Writes more of a file during each wait for it to settle."""

    def __init__(self, file: Path, whole: str) -> None:
        super().__init__()
        self.cuts = [whole[:end] for end in range(len(whole) // 2, len(whole), len(whole) // 50)] + [whole]
        self.file = file
        self.write()

    def write(self) -> None:
        if self.cuts:
            self.file.write_text(self.cuts.pop(0))

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout == 0.2
        self.write()
        return False


def test_a_card_that_is_being_written_is_not_taken_before_it_is_whole(
    folder: Path, follow: Callable[[Store], Reloader]
) -> None:
    card = folder / "b2b-saas.yaml"
    whole = card.read_text().replace("scorecard: b2b-saas", "scorecard: second")
    with Store.open(f"sqlite:///{folder}/x.db") as store:
        job = (reloader := follow(store)).job("main")
        first = job().scorecards[0].card
        reloader.stop, reloader.now = Writer(card, whole), lambda: NOON
        taken, noted = [], []
        while reloader.stop.cuts:
            taken.append(job().scorecards[0].card)
            noted.append(store.status("main").notes)
        taken.append(job().scorecards[0].card)
        assert store.status("main").notes == {}
        reloader.close()
    assert len(taken) > 2
    assert noted[0]["settings being written"] == (
        "since 2026-11-25 12:00 UTC, files keep changing. The old ones stay in force; changed files are read before the"
        " next pass."
    )
    assert {card.label for card in taken[:-1]} <= {first.label, load_scorecard(card).label}
    assert taken[-1].label == load_scorecard(card).label


def test_a_file_that_replaces_another_is_taken_at_once(folder: Path, follow: Callable[[Store], Reloader]) -> None:
    draft = folder / "draft.yaml"
    draft.write_text((folder / "b2b-saas.yaml").read_text().replace("scorecard: b2b-saas", "scorecard: second"))
    with Store.open(f"sqlite:///{folder}/x.db") as store:
        job = (reloader := follow(store)).job("main")
        job()
        draft.replace(folder / "b2b-saas.yaml")
        assert job().scorecards[0].name == "second"
        reloader.close()


def test_a_likelihood_with_mistakes_is_refused_and_the_old_one_stays(
    folder: Path, follow: Callable[[Store], Reloader]
) -> None:
    settings, file = folder / "leadgauge-hubspot.yaml", folder / "likelihood.yaml"
    edit(settings, "scorecard: b2b-saas.yaml", "scorecards: [{file: b2b-saas.yaml, likelihood: likelihood.yaml}]")
    with Store.open(f"sqlite:///{folder}/x.db") as store:
        job = (reloader := follow(store)).job("main")
        before = job()
        file.write_text("scorecard: b2b")
        assert job() is before
        assert "is not a likelihood file" in store.status("main").notes["settings refused"]
        file.unlink()
        job()
        assert store.status("main").notes == {}
        reloader.close()


def test_another_scorecard_is_reloaded_from_then_on(folder: Path, follow: Callable[[Store], Reloader]) -> None:
    other = folder / "other.yaml"
    other.write_bytes((folder / "b2b-saas.yaml").read_bytes())
    with Store.open(f"sqlite:///{folder}/x.db") as store:
        job = (reloader := follow(store)).job("main")
        edit(folder / "leadgauge-hubspot.yaml", "scorecard: b2b-saas.yaml", "scorecard: other.yaml")
        job()
        edit(other, "scorecard: b2b-saas", "scorecard: second")
        assert job().scorecards[0].name == "second"
        reloader.close()


def test_what_only_a_restart_puts_in_force_is_told(folder: Path, follow: Callable[[Store], Reloader]) -> None:
    with Store.open(f"sqlite:///{folder}/x.db") as store:
        job = (reloader := follow(store)).job("main")
        edit(folder / "leadgauge-hubspot.yaml", "sync: 5m", "sync: 7m")
        job()
        note = store.status("main").notes["restart needed"]
        assert note == "restart the daemon to apply changes to: connections.main.schedule"
        edit(folder / "leadgauge-hubspot.yaml", "sync: 7m", "sync: 5m")
        job()
        assert store.status("main").notes == {}
        reloader.close()

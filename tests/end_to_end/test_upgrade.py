"""`leadgauge upgrade` shows and makes what an older version's files and database need, once agreed."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import config
from store import Store
from store.sql.migrating import HEAD, VERSIONS
from worker import main

RELEASED = Path(__file__).parents[1] / "store" / "released"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with settings, a scorecard with an old option, and a database of the first schema."""
    shipped = Path(config.__file__).parent
    shutil.copy(shipped / "leadgauge-hubspot.yaml", tmp_path / "leadgauge.yaml")
    card = (shipped / "b2b-saas.yaml").read_text()
    (tmp_path / "b2b-saas.yaml").write_text(f"# ours\ntimezone: UTC  # old\n{card}")
    with sqlite3.connect(tmp_path / "leadgauge.db") as database:
        database.executescript((RELEASED / "0001.sqlite.sql").read_text())
    database.close()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUBSPOT_TOKEN", "x" * 20)
    return tmp_path


def upgrade(*words: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(main, ["upgrade", *words], input=answer)


def revision(folder: Path) -> str:
    with sqlite3.connect(folder / "leadgauge.db") as database:
        (found,) = database.execute(f"SELECT version_num FROM {VERSIONS}").fetchone()
    database.close()
    return str(found)


def test_check_tells_and_changes_nothing(folder: Path) -> None:
    before = {file: file.read_bytes() for file in folder.iterdir()}
    told = upgrade("--check")
    assert told.exit_code == 1
    assert "-timezone: UTC  # old" in told.stdout
    assert {file: file.read_bytes() for file in folder.iterdir()} == before


def test_yes_rewrites_and_migrates_and_a_second_time_there_is_nothing_to_do(folder: Path) -> None:
    card = (folder / "b2b-saas.yaml").read_text()
    done = upgrade("--yes")
    assert done.exit_code == 0, done.output
    assert (folder / "b2b-saas.yaml").read_text() == card.replace("timezone:", "calendar:")
    assert "0002: " in done.stdout
    assert f"{HEAD}: " in done.stdout
    assert revision(folder) == HEAD
    again = upgrade("--check")
    assert (again.exit_code, again.stdout) == (0, "Settings, scorecards and database are up to date.\n")


def test_check_names_the_migrations_of_a_database(folder: Path) -> None:
    card = folder / "b2b-saas.yaml"
    card.write_text(card.read_text().replace("timezone: UTC  # old\n", ""))
    told = upgrade("--check")
    assert told.exit_code == 1
    assert "0002: Keep what a field held before it changed" in told.stdout
    assert revision(folder) == "0001"


def test_a_no_changes_nothing(folder: Path) -> None:
    before = (folder / "b2b-saas.yaml").read_bytes()
    assert upgrade(answer="n\n").exit_code == 1
    assert (folder / "b2b-saas.yaml").read_bytes() == before
    assert revision(folder) == "0001"


def test_a_newer_database_is_refused_in_words(folder: Path) -> None:
    (folder / "leadgauge.db").unlink()
    Store.open(f"sqlite:///{folder / 'leadgauge.db'}").close()
    with sqlite3.connect(folder / "leadgauge.db") as database:
        database.execute(f"UPDATE {VERSIONS} SET version_num = '9999'")
    database.close()
    told = upgrade("--yes")
    assert told.exit_code != 0
    assert "written by a newer leadgauge (schema 9999" in told.stderr
    assert revision(folder) == "9999"

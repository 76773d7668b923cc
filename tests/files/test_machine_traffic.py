"""Machine traffic in files of activities: `score` leaves it out, `calibrate` learns without it."""

from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from calibrate.inputs.files import Paths, read
from calibrate.notes import Notes
from commands.score import command
from config import load_scorecard

CARD = """
scorecard: clicks
score: {{engagement: {{groups: [{{name: Mails, rules: [{{name: Click, activity: {{kind: email_click}}, points: 10}}]}}]}}}}
machine_traffic: {machines}
"""
HEAD = "lead_id,id,kind,occurred_at,url,mail,sent_at\n"
PERSON = "a,1,email_click,2026-11-20T12:00:07Z,/a,m1,2026-11-20T09:00:00Z\n"
BURST = "".join(f"a,{n},email_click,2026-11-21T12:00:0{n}Z,/{n},m2,2026-11-21T11:00:00Z\n" for n in (2, 3, 4))
EARLY = "b,5,email_click,2026-11-21T09:00:05Z,/a,m3,2026-11-21T09:00:00Z\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "leads.csv").write_text("id,created_at\na,2026-01-01\nb,2026-01-01\n")
    (tmp_path / "activities.csv").write_text(HEAD + PERSON + BURST + EARLY)
    for machines in ("ignored", "counted"):
        (tmp_path / f"{machines}.yaml").write_text(CARD.format(machines=machines))
    return tmp_path


def scores(folder: Path, machines: str = "ignored") -> tuple[list[int], Result]:
    files = {"scorecard": f"{machines}.yaml", "leads": "leads.csv", "activities": "activities.csv", "out": "out.csv"}
    words = [word for name, file in files.items() for word in (f"--{name}", str(folder / file))]
    done = CliRunner().invoke(command, [*words, "--as-of", "2026-11-22"])
    assert done.exit_code == 0, done.output
    return pl.read_csv(folder / "out.csv")["lead_score"].to_list(), done


def test_score_leaves_out_what_machines_did_unless_the_card_counts_it(folder: Path) -> None:
    """A burst of three links and a click five seconds after sending do not count; the click of a person does."""
    found, done = scores(folder)
    assert found == [10, 0]
    assert "4 opens, clicks and page views of mail scanners and privacy proxies do not count." in done.stderr
    found, done = scores(folder, "counted")
    assert found == [40, 10]
    assert "scanners" not in done.stderr


def test_times_without_seconds_or_a_clock_make_no_machines(folder: Path) -> None:
    """Three links clicked on one day, or in one minute, may be minutes or hours apart."""
    days = "".join(f"a,{n},email_click,2026-11-21,/{n},,\n" for n in (2, 3, 4))
    minutes = "".join(f"b,{n},email_click,2026-11-21 12:31,/{n},,\n" for n in (2, 3, 4))
    (folder / "activities.csv").write_text(HEAD + days + minutes)
    assert scores(folder)[0] == [30, 30]


def test_a_file_without_mails_is_judged_by_times_and_links(folder: Path) -> None:
    """Only the burst can be seen then."""
    rows = [line.rsplit(",", 2)[0] for line in (folder / "activities.csv").read_text().splitlines()]
    (folder / "activities.csv").write_text("\n".join(rows) + "\n")
    assert scores(folder)[0] == [10, 10]


def test_calibrate_learns_without_what_machines_did(folder: Path) -> None:
    """Of five clicks one is left, and the report says so; with `counted` all five are."""
    for machines, left in (("ignored", 1), ("counted", 5)):
        notes = Notes()
        paths = Paths(folder / "leads.csv", None, folder / "activities.csv")
        (folder / "leads.csv").write_text("id,created_at,converted_at\na,2026-01-01,2026-11-22\nb,2026-01-01,\n")
        found = read(paths, load_scorecard(folder / f"{machines}.yaml"), notes)
        assert found.activities.height == left
        said = "4 opens, clicks and page views of mail scanners and privacy proxies were left out."
        assert (said in [note.message for note in notes]) is (left == 1)

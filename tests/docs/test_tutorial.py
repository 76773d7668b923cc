"""The tutorial's commands run as they stand, in a new folder, and its errors are what the commands say."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from worker import main

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial-csv.md").read_text(encoding="utf-8")
SHELL = [
    line for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL) for line in block.splitlines()
]
SHOWN = [block.strip() for block in re.findall(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)]
EXPORT, CALIBRATE, SCORE = [line for line in SHELL if line.startswith("leadgauge ")]


def run(line: str) -> Result:
    return CliRunner().invoke(main, shlex.split(line)[1:])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_the_commands_lead_from_an_export_to_scored_leads(folder: Path) -> None:
    assert run(EXPORT).exit_code == 0
    learned = run(CALIBRATE)
    assert learned.exit_code == 0, learned.output
    assert SHOWN[0] in learned.stdout
    assert re.sub(r"\d\.\d\d;", "", SHOWN[1]) in re.sub(r"\d\.\d\d;", "", learned.stdout)
    rules = re.findall(r"`([^`]+)`", PAGE[PAGE.index("* **The rules.**") : PAGE.index("* **Left out.**")])
    assert len(rules) >= 4
    assert [rule for rule in rules if rule not in (folder / "card.yaml").read_text()] == []
    assert (folder / "report.html").stat().st_size > 10_000
    done = run(SCORE)
    assert done.exit_code == 0, done.output
    rows = pl.read_csv(folder / "scores.csv")
    assert len(rows) == 4_000
    assert rows["lead_likelihood"].is_between(0, 100).all()
    assert rows["lead_likelihood"].n_unique() > 20


def without_conversions(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.rename({"Became a Customer Date": "Won On"})


def with_short_dates(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.lit("6/1/2025").alias("Create Date"))


@pytest.mark.parametrize(
    ("change", "says"), [(without_conversions, SHOWN[2]), (with_short_dates, SHOWN[3])], ids=["no column", "dates"]
)
def test_what_does_not_fit_is_said_as_on_the_page(
    change: Callable[[pl.DataFrame], pl.DataFrame], says: str, folder: Path
) -> None:
    assert run(EXPORT.replace("4000", "50")).exit_code == 0
    change(pl.read_csv(folder / "contacts.csv", infer_schema=False)).write_csv(folder / "contacts.csv")
    refused = run(CALIBRATE)
    assert (refused.exit_code, says in refused.output) == (2, True), refused.output


def test_a_workbook_and_a_strange_file_are_said_as_on_the_page(folder: Path) -> None:
    (folder / "contacts.csv").write_bytes(b"PK\x03\x04")
    assert SHOWN[4] in run(CALIBRATE).output
    (folder / "contacts.csv").write_text("id,colour\n1,red\n")
    (folder / "card.yaml").write_text(
        "scorecard: calibrated\nfields: {employment_seniority: text}\nscore: {fit: {groups: [{name: A, rules: [{name: B,"
        " lead: {employment_seniority: director}, points: 1}]}]}}\n"
    )
    refused = run(SCORE.replace(" --likelihood likelihood.yaml", ""))
    assert (refused.exit_code, SHOWN[5] in refused.output) == (2, True), refused.output


def test_the_same_day_exports_the_same_people(folder: Path) -> None:
    """As the page and its figures need it; another day moves their times."""
    for name, day in (("a.csv", "2026-11-30"), ("b.csv", "2026-11-30"), ("c.csv", "2026-12-07")):
        assert run(f"leadgauge sandbox export {name} --leads 20 --on {day}").exit_code == 0
    texts = [(folder / name).read_text() for name in ("a.csv", "b.csv", "c.csv")]
    assert texts[0] == texts[1] != texts[2]

"""From a table to scored leads: what `calibrate` learns from a file, `score` reads from the same file."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from commands.calibrate import command as calibrate
from commands.score import command as score
from config import load_scorecard

ROWS = 1_600
SOURCES = ["Google", "Referral", "Select", "Chat"]
LIFT = {"Google": 0.0, "Referral": 1.4, "Select": -0.4, "Chat": -1.6}


def export(placeholder: str = "Select") -> pl.DataFrame:
    """A table as a CRM exports it, whose leads convert for what its columns say."""
    rng = np.random.default_rng(5)
    source, calls = rng.choice(SOURCES, ROWS), rng.random(ROWS) < 0.3
    visits = rng.integers(0, 4_000, ROWS)
    odds = -1.4 + np.vectorize(LIFT.get)(source) + 1.2 * calls + visits / 2_500
    won = rng.random(ROWS) < 1 / (1 + np.exp(-odds))
    return pl.DataFrame(
        {
            "Prospect ID": [f"p{number}" for number in range(ROWS)],
            "Lead Source": np.where(source == "Select", placeholder, source),
            "Asked for a call": np.where(calls, "Yes", "No"),
            "Total Visits": [f"{number:,}" for number in visits],
            "Won": np.where(won, "Yes", "No"),
        }
    )


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the table, the scorecard and the likelihood that was learned from it."""
    folder = tmp_path_factory.mktemp("learned")
    export().write_csv(folder / "export.csv")
    asked = ["--leads", "export.csv", "--outcome", "Won", "--out", "card.yaml", "--likelihood", "likelihood.yaml"]
    result = CliRunner().invoke(calibrate, [str(folder / one) if "." in one else one for one in asked])
    assert result.exit_code == 0, result.output
    return folder


def scored(folder: Path, table: str) -> pl.DataFrame:
    files = {"scorecard": "card.yaml", "leads": table, "likelihood": "likelihood.yaml", "out": f"scores of {table}"}
    words = [word for option, file in files.items() for word in (f"--{option}", str(folder / file))]
    result = CliRunner().invoke(score, words)
    assert result.exit_code == 0, result.output
    return pl.read_csv(folder / f"scores of {table}")


def test_the_scorecard_has_the_columns_and_the_placeholders_of_the_table(learned: Path) -> None:
    card = load_scorecard(learned / "card.yaml")
    assert card.columns["lead_source"] == "Lead Source"
    assert card.columns["total_visits"] == "Total Visits"
    assert card.placeholders == ("Select",)


def test_the_file_that_was_learned_from_is_scored_with_chances_of_the_rate_that_it_has(learned: Path) -> None:
    rows = scored(learned, "export.csv")
    rate = (export()["Won"] == "Yes").mean()
    assert rows["id"].to_list() == export()["Prospect ID"].to_list()
    assert rows["lead_score"].n_unique() > 10
    assert rows["lead_likelihood"].mean() / 100 == pytest.approx(rate, rel=0.1)


def test_a_placeholder_is_scored_as_a_blank_cell(learned: Path) -> None:
    """Not as a value of its own, however it is written."""
    for placeholder in ("", " select"):
        export(placeholder).write_csv(learned / "blank.csv")
        assert scored(learned, "blank.csv").equals(scored(learned, "export.csv"))

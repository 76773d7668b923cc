"""From a table to scored leads: what `calibrate` learns from a file, `score` reads from the same file."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from commands.calibrate import command as calibrate
from commands.score import command as score
from config import load_scorecard
from config.likelihoods import load_likelihood

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


def dated(**renamed: str) -> pl.DataFrame:
    """The table with the times of creation and conversion, as HubSpot exports them, some of them twelve hours a day."""
    rows = export()
    made = [FIRST + timedelta(hours=6 * number) for number in range(ROWS)]
    when = [one + timedelta(days=9) if won == "Yes" else None for one, won in zip(made, rows["Won"], strict=True)]
    hours = "%m/%d/%Y %I:%M %p"
    return rows.drop("Won").with_columns(
        pl.Series(renamed.get("id", "Record ID"), rows["Prospect ID"]),
        pl.Series(renamed.get("created", "Create Date"), [one.strftime(hours) for one in made]),
        pl.Series(renamed.get("converted", "Became a Customer Date"), [one and one.strftime(hours) for one in when]),
    )


FIRST = datetime.fromisoformat("2025-01-06")


def test_an_export_with_dates_needs_no_other_file(tmp_path: Path) -> None:
    dated().drop("Prospect ID").write_csv(tmp_path / "contacts.csv")
    result = CliRunner().invoke(calibrate, ["--leads", str(tmp_path / "contacts.csv"), "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["conversions"] > 300
    assert "lead_source: {type: text, column: Lead Source}" in found["scorecard"]
    assert {"Lead Source: Referral", "Lead Source: Chat"} <= {rule["name"] for rule in found["rules"]}


def test_columns_that_are_not_recognised_are_named(tmp_path: Path) -> None:
    named = {"id": "Kennung", "created": "Angelegt", "converted": "Kunde seit"}
    dated(**named).drop("Prospect ID").write_csv(tmp_path / "contacts.csv")
    words = ["--leads", str(tmp_path / "contacts.csv"), "--json"]
    refused = CliRunner().invoke(calibrate, words)
    assert (refused.exit_code, "Name one with --converted COLUMN" in refused.output) == (2, True)
    given = [word for name, heading in named.items() for word in (f"--{name}", heading)]
    assert CliRunner().invoke(calibrate, [*words, *given]).exit_code == 0
    wrong = CliRunner().invoke(calibrate, [*words, *given[:-1], "Kunde"])
    assert (wrong.exit_code, "has no column 'Kunde'" in wrong.output) == (2, True)


def test_a_likelihood_does_not_fit_other_placeholders(learned: Path) -> None:
    """They decide which values give points."""
    card, likelihood = load_scorecard(learned / "card.yaml"), load_likelihood(learned / "likelihood.yaml")
    assert likelihood.fits(card)
    assert not likelihood.fits(card.model_copy(update={"placeholders": ()}))


def aged() -> pl.DataFrame:
    """The table with a date that has long passed, whose age tells who converts."""
    rng = np.random.default_rng(6)
    days = rng.integers(0, 1_500, ROWS)
    won = rng.random(ROWS) < 1 / (1 + np.exp(2.5 - days / 500))
    since = pl.Series([str((LAST - timedelta(days=int(one))).date()) for one in days])
    return export().with_columns(since.alias("Customer since"), pl.Series("Won", np.where(won, "Yes", "No")))


LAST = datetime.fromisoformat("2014-06-29")


def run_score(folder: Path, table: str, *more: str) -> str:
    """Return what `score` says on standard error."""
    files = {"scorecard": "card.yaml", "leads": table, "likelihood": "likelihood.yaml", "out": "out.csv"}
    words = [word for option, file in files.items() for word in (f"--{option}", str(folder / file))]
    result = CliRunner().invoke(score, [*words, *more])
    assert result.exit_code == 0, result.output
    return " ".join(result.stderr.split())


def test_score_warns_where_ages_grew_since_they_were_learned(tmp_path: Path) -> None:
    """It names the day; at that day and for 90 days it is silent, and the percentages have the rate of the newest."""
    table = aged()
    table.write_csv(tmp_path / "export.csv")
    asked = ["--leads", "export.csv", "--outcome", "Won", "--out", "card.yaml", "--likelihood", "likelihood.yaml"]
    result = CliRunner().invoke(calibrate, [str(tmp_path / one) if "." in one else one for one in asked])
    assert result.exit_code == 0, result.output
    assert load_likelihood(tmp_path / "likelihood.yaml").ages_as_of == LAST.date()
    warning = "ages were learned as of 2014-06-29; use --as-of 2014-06-29"
    assert warning in run_score(tmp_path, "export.csv")
    assert warning in run_score(tmp_path, "export.csv", "--as-of", "2014-01-01")
    assert warning not in run_score(tmp_path, "export.csv", "--as-of", "2014-09-01")
    assert warning not in run_score(tmp_path, "export.csv", "--as-of", "2014-06-29")
    mean = pl.read_csv(tmp_path / "out.csv")["lead_likelihood"].mean()
    newest = table["Won"].tail(2 * ROWS // 5)
    assert mean == pytest.approx(100 * (newest == "Yes").mean(), rel=0.1)


def test_ages_have_no_day_where_no_rule_uses_them(learned: Path) -> None:
    assert load_likelihood(learned / "likelihood.yaml").ages_as_of is None
    assert "ages were learned" not in run_score(learned, "export.csv")


def test_score_says_which_rules_the_percentages_miss_where_a_column_is_lacking(learned: Path) -> None:
    """With their points; without a likelihood there are no percentages to be wrong."""
    export().drop("Lead Source").write_csv(learned / "narrow.csv")
    said = run_score(learned, "narrow.csv")
    card = load_scorecard(learned / "card.yaml")
    assert "the percentages are wrong, because they were learned with columns that this file lacks" in said
    (rule,) = [
        one for section in card.sections.values() for one in section.rules if one.name == "Lead Source: Referral"
    ]
    assert f"'Lead Source: Referral' ({rule.reach.high:+g})" in said
    assert "Total visits" not in said
    files = {"scorecard": "card.yaml", "leads": "narrow.csv", "out": "out.csv"}
    words = [word for option, file in files.items() for word in (f"--{option}", str(learned / file))]
    bare = CliRunner().invoke(score, words)
    assert (bare.exit_code, "percentages" in bare.stderr) == (0, False)
    assert "percentages" not in run_score(learned, "export.csv")


def test_customers_are_counted_and_no_calls_are_planned_for_them(learned: Path) -> None:
    """A date says so, or a mark; a mark that says no, and a blank, do not."""
    told = {
        "Became a Customer Date": ["6/1/2025", "2025-06-02 10:00", "", "N/A"],
        "Converted": ["true", "Yes", "", "false"],
    }
    for heading, cells in told.items():
        rows = export().with_columns(pl.Series(heading, [cells[number % 4] for number in range(ROWS)]))
        rows.write_csv(learned / "customers.csv")
        said = run_score(learned, "customers.csv", "--capacity", "10")
        assert f"800 of 1,600 leads have a '{heading}' already." in said
        assert "10 calls a week reach 10 of 800 leads" in said
        best = pl.read_csv(learned / "out.csv").filter(pl.int_range(pl.len()) % 4 > 1)["lead_likelihood"].top_k(10)
        assert f"down to {best.min():g}%" in said
    assert "10 of 1,600 leads" in run_score(learned, "export.csv", "--capacity", "10")
    assert "already" not in run_score(learned, "export.csv")

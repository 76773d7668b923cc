"""Activities in the columns of a table of leads: learned and scored from the same file, without a conversion by hand."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from commands.calibrate import command as calibrate
from commands.score import command as score
from config import load_scorecard
from scoring.card.rules import ActivityRule
from tests.calibrate.simulator import BEGIN, World, world

CUT = BEGIN + timedelta(days=694)
"""In November 2025."""
FIRST_OPEN, LAST_OPEN = "First marketing email open date", "Last marketing email open date"


@pytest.fixture(scope="module")
def made() -> World:
    return world(1_600, days=760, seed=3, base=-5.4)


def done(made: World) -> pl.DataFrame:
    return made.activities.join(made.touchpoints, on="touchpoint").filter(pl.col("occurred_at") <= CUT)


def export(made: World) -> pl.DataFrame:
    """What HubSpot exports on a day: first and last times and counts until that day, beside the properties."""
    acts, opens = done(made), pl.col("kind") == "demo_request"
    clock = "%Y-%m-%d %H:%M"
    of_each = acts.group_by("lead").agg(
        pl.col("occurred_at").filter(opens).min().dt.strftime(clock).alias(FIRST_OPEN),
        pl.col("occurred_at").filter(opens).max().dt.strftime(clock).alias(LAST_OPEN),
        pl.col("occurred_at").filter(pl.col("kind") == "page_view").min().dt.strftime(clock).alias("Time First Seen"),
        (pl.col("kind") == "page_view").sum().alias("Number of Pageviews"),
    )
    won = made.outcomes.filter(pl.col("occurred_at") <= CUT)
    return (
        made.leads.filter(pl.col("created_at") <= CUT)
        .join(of_each, on="lead", how="left", maintain_order="left")
        .join(won, on="lead", how="left", maintain_order="left")
        .select(
            pl.col("lead").alias("Record ID"),
            pl.col("created_at").dt.strftime(clock).alias("Create Date"),
            pl.col("occurred_at").dt.strftime(clock).alias("Became a Customer Date"),
            pl.col("industry").alias("Industry"),
            FIRST_OPEN,
            LAST_OPEN,
            "Time First Seen",
            pl.col("Number of Pageviews").fill_null(0),
        )
    )


def run(folder: Path, table: pl.DataFrame, *words: str) -> Result:
    table.write_csv(folder / "export.csv")
    files = ("--leads", str(folder / "export.csv"), "--out", str(folder / "card.yaml"))
    return CliRunner().invoke(calibrate, [*files, "--likelihood", str(folder / "likelihood.yaml"), "--json", *words])


def learned(folder: Path, table: pl.DataFrame, *words: str) -> dict[str, Any]:
    result = run(folder, table, *words)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def scored(folder: Path, table: pl.DataFrame, *words: str) -> Result:
    table.write_csv(folder / "again.csv")
    files = {"scorecard": "card.yaml", "leads": "again.csv", "likelihood": "likelihood.yaml", "out": "scores.csv"}
    given = [word for option, file in files.items() for word in (f"--{option}", str(folder / file))]
    return CliRunner().invoke(score, [*given, "--as-of", CUT.isoformat(), *words])


def said(found: dict[str, Any], kind: str) -> str:
    return " ".join(note["message"] for note in found["notes"] if note["kind"] == kind)


@pytest.fixture(scope="module")
def first(made: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("wide")
    return folder, learned(folder, export(made))


def test_first_times_are_activities_and_the_scorecard_says_of_which_columns(first: tuple[Path, dict[str, Any]]) -> None:
    folder, found = first
    assert {"First email open"} <= {rule["name"] for rule in found["rules"]}
    columns = load_scorecard(folder / "card.yaml").activity_columns
    assert columns["first_email_open"] == (FIRST_OPEN,)
    assert columns["first_visit"] == ("Time First Seen",)
    assert f"first_email_open are read from '{FIRST_OPEN}'" in said(found, "activities")


def test_last_times_and_counts_until_the_export_are_left_out_by_name(first: tuple[Path, dict[str, Any]]) -> None:
    """They tell what came later: that nothing followed, or how much did."""
    left = said(first[1], "today's value")
    assert f"{LAST_OPEN} says when it happened last" in left
    assert f'--activity last_email_open="{LAST_OPEN}"' in left
    assert "Number of Pageviews counts until today" in left
    assert "number_of_pageviews" not in load_scorecard(first[0] / "card.yaml").fields


def test_score_reads_the_activities_of_the_same_file_alone(first: tuple[Path, dict[str, Any]], made: World) -> None:
    """As if they were in a file of activities; in the future none has happened."""
    folder, _ = first
    table = export(made)
    result = scored(folder, table)
    assert result.exit_code == 0, result.output
    ours = pl.read_csv(folder / "scores.csv")
    listed = [("first_email_open", FIRST_OPEN), ("first_visit", "Time First Seen")]
    acts = pl.concat(
        table.select(
            pl.col("Record ID").alias("lead_id"),
            pl.lit(kind).alias("id"),
            pl.lit(kind).alias("kind"),
            pl.col(heading).alias("occurred_at"),
        )
        for kind, heading in listed
    )
    acts.drop_nulls().write_csv(folder / "activities.csv")
    bare = table.drop(FIRST_OPEN, LAST_OPEN, "Time First Seen")
    beside = scored(folder, bare, "--activities", str(folder / "activities.csv"))
    assert beside.exit_code == 0, beside.output
    assert f"no column '{FIRST_OPEN}'" in beside.stderr
    assert pl.read_csv(folder / "scores.csv").equals(ours)
    assert ours["lead_engagement"].n_unique() > 1
    refused = scored(folder, bare)
    assert (refused.exit_code, "--leads has no column of them" in refused.output) == (2, True)


def test_score_says_which_rules_on_activities_the_percentages_miss(
    first: tuple[Path, dict[str, Any]], made: World
) -> None:
    """Where the column of their kind is lacking, and no file of activities may hold them."""
    folder, _ = first
    result = scored(folder, export(made).drop(FIRST_OPEN))
    assert result.exit_code == 0, result.output
    said = " ".join(result.stderr.split())
    assert "Rules that see nothing, with their points: 'First email open' (" in said
    assert "percentages" not in scored(folder, export(made)).stderr


def test_a_column_can_be_named_and_one_that_is_absent_is_refused(made: World, tmp_path: Path) -> None:
    table = export(made).rename({FIRST_OPEN: "Geöffnet am"}).drop(LAST_OPEN)
    found = learned(tmp_path, table, "--activity", "email_open=Geöffnet am")
    assert "Email open" in {rule["name"] for rule in found["rules"]}
    assert load_scorecard(tmp_path / "card.yaml").activity_columns["email_open"] == ("Geöffnet am",)
    for result in (run(tmp_path, table, "--activity", "x=Nie"), scored(tmp_path, table, "--activity", "x=Nie")):
        assert (result.exit_code, "there is no column 'Nie'" in result.output) == (2, True)


def monthly(made: World, name: str) -> pl.DataFrame:
    """A table with a column for each month that counts the requests of it."""
    requests = done(made).filter(pl.col("kind") == "demo_request")
    counted = requests.with_columns(pl.col("occurred_at").dt.strftime(f"{name}_%Y_%m").alias("month"))
    wide = counted.pivot("month", index="lead", values="kind", aggregate_function="len", sort_columns=True)
    table = export(made).drop(FIRST_OPEN, LAST_OPEN, "Time First Seen", "Number of Pageviews")
    return table.join(wide, left_on="Record ID", right_on="lead", how="left", maintain_order="left")


def test_counts_of_months_are_activities_at_the_end_of_their_month(made: World, tmp_path: Path) -> None:
    """Neither earlier, when some of them were to come, nor where the export cut the month."""
    found = learned(tmp_path, monthly(made, "visits"))
    assert "Visits" in {rule["name"] for rule in found["rules"]}
    assert load_scorecard(tmp_path / "card.yaml").activity_columns == {"visits": ("visits_YYYY_MM",)}
    assert "months that were not over" in said(found, "left out rows")
    one = pl.DataFrame(
        {
            "Record ID": ["a", "b"],
            "Industry": ["Retail", "Retail"],
            "visits_2025_10": [2, None],
            "visits_2025_11": [None, 9],
        }
    )
    assert scored(tmp_path, one, "--explain", str(tmp_path / "lines.csv")).exit_code == 0
    lines = pl.read_csv(tmp_path / "lines.csv").filter(pl.col("part") == "engagement", pl.col("type") == "rule")
    assert lines.select("id", "count").rows() == [("a", 2.0)]
    assert lines["latest"][0].startswith("2025-11-01T00:00:00")


def test_months_of_something_else_are_left_out_unless_they_are_named(made: World, tmp_path: Path) -> None:
    """As fields of leads they would tell what comes; revenue is not known to be activities."""
    table = monthly(made, "ordered")
    assert "ordered_YYYY_MM are" in said(learned(tmp_path, table), "months")
    found = learned(tmp_path, table, "--activity", "request=ordered_YYYY_MM")
    assert "Request" in {rule["name"] for rule in found["rules"]}


def test_a_plain_table_keeps_its_counts_with_a_warning(made: World, tmp_path: Path) -> None:
    table = export(made).with_columns(pl.col("Became a Customer Date").is_not_null().alias("Won"))
    found = learned(tmp_path, table.drop("Create Date", "Became a Customer Date"), "--outcome", "Won")
    assert "Number of Pageviews counts until today" in said(found, "today's value")
    refused = run(tmp_path, table, "--outcome", "Won", "--activity", "visit=Time First Seen")
    assert refused.exit_code == 2


def test_what_happens_once_counts_once_so_its_points_are_the_most_that_it_gives(
    first: tuple[Path, dict[str, Any]], made: World
) -> None:
    """A first time is never repeated: the bound is the sum of the points, and scoring gives what was learned."""
    card = load_scorecard(first[0] / "card.yaml")
    assert card.score is not None
    assert card.score.engagement is not None
    rules = [rule for group in card.score.engagement.groups for rule in group.rules]
    assert rules
    assert {rule.award for rule in rules if isinstance(rule, ActivityRule)} == {"once"}
    given = [rule["after"] for rule in first[1]["rules"] if rule["part"] == "engagement"]
    assert card.score.engagement.maximum == sum(points for points in given if points > 0)
    text = (first[0] / "card.yaml").read_text()
    each = text.replace("award: once, ", "")
    assert each != text
    export(made).write_csv(first[0] / "again.csv")
    both = []
    for words in (text, each):
        (first[0] / "other.yaml").write_text(words)
        files = {"scorecard": "other.yaml", "leads": "again.csv", "out": "other.csv"}
        given = [word for option, file in files.items() for word in (f"--{option}", str(first[0] / file))]
        result = CliRunner().invoke(score, [*given, "--as-of", CUT.isoformat()])
        assert result.exit_code == 0, result.output
        both.append(pl.read_csv(first[0] / "other.csv")["lead_score"])
    assert both[0].equals(both[1])

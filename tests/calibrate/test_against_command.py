"""`leadgauge calibrate --against` on files: the page, the JSON, the options that are refused."""

import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result

from commands.calibrate import command
from tests.calibrate.rivals import kept
from tests.calibrate.simulator import World, world
from tests.calibrate.tables_of import table


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a small history, whose scores have the names and headings of an export."""
    made: World = world(400, seed=2, base=-7.5)
    folder = tmp_path_factory.mktemp("files")
    made.leads.rename({"lead": "Record ID", "created_at": "Create Date"}).write_csv(folder / "leads.csv")
    acts = made.activities.join(made.touchpoints, on="touchpoint").rename({"lead": "lead_id"})
    acts.write_parquet(folder / "acts.parquet")
    won = made.outcomes.rename({"lead": "lead_id", "occurred_at": "converted_at"})
    won.write_csv(folder / "won.csv")
    score = kept(made, "HubSpot Score", luck=1)
    level = pl.when(pl.col("value").cast(pl.Float64) > 1).then(pl.lit("Hot")).otherwise(pl.lit("Cold"))
    history = pl.concat([score, score.with_columns(field=pl.lit("Rating"), value=level)])
    history.rename({"lead": "lead_id"}).write_csv(folder / "history.csv")
    (folder / "card.yaml").write_text(
        "scorecard: ours\nfields: {industry: text}\nscore:\n  fit:\n    groups:\n"
        "      - {name: A, rules: [{name: Software, lead: {industry: Software}, points: 9}]}\n"
    )
    return folder


def run(folder: Path, *words: str) -> Result:
    given = [
        "--leads",
        "leads.csv",
        "--outcomes",
        "won.csv",
        "--activities",
        "acts.parquet",
        "--history",
        "history.csv",
    ]
    paths = [str(folder / word) if "." in word and not word.startswith("-") else word for word in (*given, *words)]
    result = CliRunner().invoke(command, paths)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_the_page_has_a_sentence_a_picture_and_the_ids_of_what_was_missed(files: Path) -> None:
    """Nothing is learned from so few conversions, so the command ends with 1, but the scores are compared."""
    words = ("--scorecard", "card.yaml", "--against", "HubSpot Score", "--against", "rating=hot,cold")
    result = run(files, *words, "--capacity", "2", "--report", "report.html", "--json")
    assert result.exit_code == 1, result.output
    said = json.loads(result.stdout)["against"]
    assert [one["name"] for one in said["scores"]] == ["Current scorecard", "HubSpot Score", "Rating"]
    assert said["capacity"] == 2
    page = (files / "report-against.html").read_text()
    sentences = [duel["sentence"] for duel in said["duels"]]
    assert all(
        sentence.startswith("With 2 calls a week, the current scorecard would have caught ") for sentence in sentences
    )
    assert all(sentence in page.replace("&#39;", "'") for sentence in sentences)
    assert page.count("<svg") == 1
    assert "<script" not in page
    missed = [one["lead"] for duel in said["duels"] for one in (*duel["they_missed"], *duel["we_missed"])]
    assert missed
    assert all(f"<td>{lead}</td>" in page for lead in missed)
    report = (files / "report.html").read_text()
    assert 'href="report-against.html"' in report
    assert sentences[0] in report


def test_the_terminal_tells_the_verdict_and_what_it_rests_on(files: Path) -> None:
    """Without a capacity a fifth of the leads are called, and that is said."""
    result = run(files, "--scorecard", "card.yaml", "--against", "HubSpot Score")
    text = " ".join(result.stdout.split())
    assert re.search(r"With \d calls? a week, the current scorecard would have caught \d+ of \d+ conversions", text)
    assert "No capacity was stated: so many calls reach a fifth of the leads." in text
    assert "HubSpot Score counts as what its history says it was then, never as it is today." in text
    assert "HubSpot Score missed" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--against", "Einstein Score"), "no field of this name. There are: HubSpot Score, Rating, "),
        (("--against", "industry"), "nothing says what it was at earlier moments"),
        (("--against", "rating=Hot"), "write FIELD, or FIELD=Hot,Warm,Cold"),
        (("--against", "rating=Hot,,Cold"), "write FIELD, or FIELD=Hot,Warm,Cold"),
        (("--against", "rating=Hot,Lukewarm"), "it never held 'Lukewarm'. It held: cold, hot."),
    ],
)
def test_what_cannot_be_compared_is_refused(files: Path, words: tuple[str, ...], said: str) -> None:
    result = run(files, *words)
    assert result.exit_code == 2, result.output
    assert said in " ".join(result.output.replace("│", " ").split())


def test_a_plain_table_compares_only_what_is_said_to_be_set_at_creation(tmp_path: Path) -> None:
    """There are no weeks, so the calls go to the best of the newest rows at once."""
    frame = table(900, old_score=lambda rng, won: np.round(20 + 10 * won + rng.normal(0, 15, len(won))))
    frame.with_row_index("id").write_csv(tmp_path / "export.csv")
    words = ["--leads", str(tmp_path / "export.csv"), "--outcome", "won", "--against", "old_score", "--json"]
    refused = CliRunner().invoke(command, words)
    assert refused.exit_code == 2
    assert "A plain table (--outcome) has no history" in refused.output
    assert "--at-creation old_score" in refused.output
    done = CliRunner().invoke(command, [*words, "--at-creation", "old_score", "--capacity", "60"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    against = said["against"]
    assert against["duels"][0]["sentence"].startswith("With 60 calls, the proposed likelihood would have caught ")
    assert (against["weeks"], against["since"], against["capacity"]) == (1, None, 60)
    assert any("what it was when the lead was created" in one for one in against["assumed"])
    assert "old_score" not in (said["scorecard"] or "")

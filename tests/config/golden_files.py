"""Results of each shipped scorecard for 63 leads; `python -m tests.config.golden_files` rewrites them."""

from pathlib import Path

import polars as pl
from click.testing import CliRunner

from commands.score import command
from config import load_scorecard
from tests.config.cards import SCORECARDS

FOLDER = Path(__file__).parent / "golden"
DERIVED = {"seniority": "seniority(job_title)", "free_mailbox": "free_mailbox(email_domain)"}
AS_OF = "2026-11-01T12:00:00Z"


def results(scorecard: Path) -> str:
    """Return the results as CSV, without the scorecard's hash, which changes with every rule name."""
    options = {"scorecard": scorecard, "leads": FOLDER / "leads.csv", "activities": FOLDER / "activities.csv"}
    options["deals"] = FOLDER / "deals.csv"
    words = [f"--{name}={value}" for name, value in options.items()]
    declared = load_scorecard(scorecard).fields
    words += [f"--field={field}={mapping}" for field, mapping in DERIVED.items() if field in declared]
    done = CliRunner().invoke(command, [*words, f"--as-of={AS_OF}", "--out=-"], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return pl.read_csv(done.stdout.encode(), infer_schema=False).drop("lead_scorecard").write_csv()


def golden(scorecard: Path) -> Path:
    """Return the file with the results of a scorecard."""
    return FOLDER / f"{scorecard.stem}.csv"


if __name__ == "__main__":
    for path in SCORECARDS:
        golden(path).write_text(results(path), encoding="utf-8")

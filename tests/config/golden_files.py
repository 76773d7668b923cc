"""Results of each shipped scorecard for 63 leads; `python -m tests.config.golden_files` rewrites them."""

import tempfile
from pathlib import Path

import polars as pl
from click.testing import CliRunner

from commands.score import command
from config import load_scorecard
from tests.config.cards import SCORECARDS

FOLDER = Path(__file__).parent / "golden"
DERIVED = {"seniority": "seniority(job_title)", "free_mailbox": "free_mailbox(email_domain)"}
AS_OF = "2026-11-01T12:00:00Z"


def results(scorecard: Path) -> dict[Path, str]:
    """Return the golden files of a scorecard with what they should contain: CSV of the leads, and of the accounts.

    The scorecard's hash is left out, since it changes with every rule name.
    """
    card, options = load_scorecard(scorecard), {"scorecard": scorecard}
    options |= {name: FOLDER / f"{name}.csv" for name in ("leads", "activities", "deals")}
    with tempfile.TemporaryDirectory() as folder:
        outs = {golden(scorecard): Path(folder) / "leads.csv"}
        options["out"] = outs[golden(scorecard)]
        if card.accounts is not None:
            of_accounts = FOLDER / f"{scorecard.stem}.accounts.csv"
            outs[of_accounts] = options["accounts-out"] = Path(folder) / "accounts.csv"
            options["accounts"] = FOLDER / "accounts.csv"
        words = [f"--{name}={value}" for name, value in options.items()]
        words += [f"--field={field}={mapping}" for field, mapping in DERIVED.items() if field in card.fields]
        done = CliRunner().invoke(command, [*words, f"--as-of={AS_OF}"], catch_exceptions=False)
        assert done.exit_code == 0, done.stderr
        return {file: _without_hash(written) for file, written in outs.items()}


def _without_hash(file: Path) -> str:
    found = pl.read_csv(file, infer_schema=False)
    return found.drop(name for name in found.columns if name.endswith("_scorecard")).write_csv()


def golden(scorecard: Path) -> Path:
    """Return the file with the results of a scorecard."""
    return FOLDER / f"{scorecard.stem}.csv"


if __name__ == "__main__":
    for path in SCORECARDS:
        for file, text in results(path).items():
            file.write_text(text, encoding="utf-8")

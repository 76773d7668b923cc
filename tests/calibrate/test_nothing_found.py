"""When nothing tells leads apart, that is the result: no card is written and nothing is replaced."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result

from commands.calibrate import command

CARD = "scorecard: ours\nfields: {coin: text}\nscore:\n  fit:\n    groups:\n      - {name: A, rules: [{name: Heads, lead: {coin: heads}, points: 9}]}\n"


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a table whose columns have nothing to do with the outcome, and a card."""
    folder, rng = tmp_path_factory.mktemp("noise"), np.random.default_rng(5)
    won = np.where(rng.random(900) < 0.2, "yes", "no")
    coin = rng.choice(["heads", "tails"], 900)
    pl.DataFrame({"coin": coin, "height": rng.normal(size=900), "won": won}).write_csv(folder / "t.csv")
    (folder / "card.yaml").write_text(CARD)
    return folder


def run(folder: Path, *more: str) -> Result:
    result = CliRunner().invoke(command, ["--leads", str(folder / "t.csv"), "--outcome", "won", *more])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def said(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_nothing_found_is_a_result_in_json_and_report(noise: Path, tmp_path: Path) -> None:
    """Exit code 0: standing, message and a report without any proposal."""
    page = tmp_path / "r.html"
    result = run(noise, "--json", "--report", str(page))
    found = said(result)
    assert result.exit_code == 0
    assert found["standing"] == "nothing found"
    assert "tells leads apart" in found["message"]
    assert "2 fields" in found["message"]
    assert found["scorecard"] is None
    assert found["likelihood"] is None
    assert not found["rules"]
    assert not found["gate_open"]["open"]
    html = page.read_text()
    assert "Nothing found" in html
    assert "The proposal" not in html


def test_nothing_found_writes_no_file_and_says_so(noise: Path, tmp_path: Path) -> None:
    """What `--out` and `--likelihood` name stays as it was, and the exit code is 1."""
    out, likelihood = tmp_path / "out.yaml", tmp_path / "likelihood.yaml"
    out.write_text("mine\n")
    result = run(noise, "--out", str(out), "--likelihood", str(likelihood))
    assert result.exit_code == 1
    assert out.read_text() == "mine\n"
    assert not likelihood.exists()
    assert "tells leads apart" in result.stderr
    assert f"Not written: {out}, {likelihood}." in result.stderr


def test_nothing_found_is_not_applied(noise: Path, tmp_path: Path) -> None:
    """`--apply` is refused, and the card's dropped rule is still reported."""
    card = tmp_path / "card.yaml"
    card.write_text(CARD)
    result = run(noise, "--scorecard", str(card), "--apply", "--json")
    assert result.exit_code == 1
    assert "Not applied" in result.stderr
    assert card.read_text() == CARD
    assert [rule["name"] for rule in said(result)["gone"]] == ["Heads"]


def test_locked_rules_are_a_proposal_without_learned_ones(noise: Path, tmp_path: Path) -> None:
    """With `--lock` the points of the card stay, so there is a card to write."""
    out = tmp_path / "out.yaml"
    result = run(noise, "--scorecard", str(noise / "card.yaml"), "--lock", "Heads", "--out", str(out))
    assert result.exit_code == 0, result.output
    assert "Heads" in out.read_text()

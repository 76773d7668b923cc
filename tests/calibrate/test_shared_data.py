"""Calibration on public, real data."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from commands.calibrate import command

LEAKS = {
    "tags", "lead_quality", "lead_profile", "last_notable_activity", "last_activity", "asymmetrique_activity_index",
    "asymmetrique_profile_index", "asymmetrique_activity_score", "asymmetrique_profile_score", "what_is_your_current_occupation",
    "what_matters_most_to_you_in_choosing_a_course",
}  # fmt: skip


def calibrated(*arguments: object) -> dict[str, Any]:
    result = CliRunner().invoke(command, [str(argument) for argument in (*arguments, "--json")], catch_exceptions=False)
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def named(found: dict[str, Any], kinds: Iterable[str] = ()) -> set[str]:
    return {note["subject"] for note in found["notes"] if not kinds or note["kind"] in kinds}


def performance(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in found["performance"] if one["name"] == name)


def test_x_education_names_its_leaks_and_is_as_good_as_the_challenger(shared: Path) -> None:
    found = calibrated(
        "--leads", shared / "xeducation_oldest60.csv", "--outcome", "Converted", "--order", "Lead Number"
    )
    assert named(found) >= LEAKS
    assert found["random_auc"] > found["random_auc_challenger"] - 0.01
    assert "Asymmetrique Activity Index" in " ".join(note["message"] for note in found["notes"])


def test_a_bad_export_is_counted_and_declined(shared: Path) -> None:
    path = shared / "xeducation_truncated_rows.csv"
    result = CliRunner().invoke(command, ["--leads", str(path), "--outcome", "Converted"])
    assert result.exit_code == 2
    assert "has no complete row" in result.output


@pytest.mark.slow
def test_on_the_bank_random_validation_flatters(shared: Path) -> None:
    found = calibrated("--leads", shared / "bank_oldest85.csv", "--outcome", "y")
    assert "random flatters" in {note["kind"] for note in found["notes"]}
    assert "duration" in named(found, ["known afterwards"])
    assert not found["gate_open"]["open"]


@pytest.mark.slow
def test_complete_journey_is_calibrated_on_newer_campaigns(shared: Path, tmp_path: Path) -> None:
    leads, activities, outcomes = journey(shared / "completejourney", tmp_path)
    found = calibrated("--leads", leads, "--activities", activities, "--outcomes", outcomes)
    assert 0.8 <= performance(found, "Proposal, percentages")["slope"] <= 1.25
    assert performance(found, "Proposal")["auc"] > 0.7


def journey(folder: Path, out: Path) -> tuple[Path, Path, Path]:
    """A lead is a household in a campaign; it converts when it redeems a coupon."""
    campaigns = pl.read_csv(folder / "campaigns.csv").join(
        pl.read_csv(folder / "campaign_descriptions.csv"), on="campaign_id"
    )
    leads = campaigns.with_columns(lead_id=pl.format("{}-{}", "campaign_id", "household_id"))
    redeemed = pl.read_csv(folder / "coupon_redemptions.csv")
    known = leads.join(pl.read_csv(folder / "demographics.csv"), on="household_id", how="left")
    known.rename({"start_date": "created_at", "end_date": "closed_at"}).drop("campaign_id").write_csv(out / "leads.csv")
    won = redeemed.join(leads, on=["campaign_id", "household_id"]).filter(
        pl.col("redemption_date") >= pl.col("start_date")
    )
    won.select("lead_id", converted_at="redemption_date").write_csv(out / "won.csv")
    bought = pl.read_csv(folder / "transactions_sample.csv").select(
        "household_id", kind=pl.lit("purchase"), occurred_at="transaction_timestamp"
    )
    used = redeemed.select("household_id", kind=pl.lit("redemption"), occurred_at="redemption_date")
    done = pl.concat([bought, used]).join(leads.select("household_id", "lead_id"), on="household_id")
    done.select("lead_id", "kind", "occurred_at").write_csv(out / "activities.csv")
    return out / "leads.csv", out / "activities.csv", out / "won.csv"


@pytest.mark.slow
def test_leadforge_plants_leaks_and_all_are_flagged(tmp_path: Path) -> None:
    generator = pytest.importorskip("leadforge.api.generator", reason="leadforge is not installed")
    assert generator
    import subprocess  # noqa: PLC0415 - only here
    import sys  # noqa: PLC0415 - only here

    program = Path(sys.executable).with_name("leadforge")
    options = [
        "--recipe",
        "b2b_saas_procurement_v1",
        "--seed",
        "3",
        "--mode",
        "research_instructor",
        "--n-leads",
        "2000",
    ]
    subprocess.run([program, "generate", *options, "--out", tmp_path / "made"], check=True, capture_output=True)
    task = tmp_path / "made" / "tasks" / "converted_within_90_days"
    found = calibrated("--leads", task / "train.parquet", "--outcome", "converted_within_90_days")
    assert named(found) >= {"current_stage", "is_sql", "total_touches_all"}

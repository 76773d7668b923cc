"""Points of accounts: planted effects are found, noise and leaks are not, and what is learned is what is scored."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result

from calibrate import Calibration, CalibrationError, run
from calibrate.card.proposal import plain
from calibrate.from_history import units_of
from calibrate.inputs.frames import HISTORY, Frames
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.past import outcome
from calibrate.past.snapshots import Moments
from calibrate.past.units import AccountUnits
from commands.calibrate import command
from config import load_scorecard
from config.likelihoods import load_likelihood
from scoring import Scorecard
from scoring import touchpoints as numbered
from tests.calibrate.firms import AS_OF, CARD, calibrated, firms

pytestmark = pytest.mark.xdist_group("firms")  # one worker draws them once

FEW = Options(trees=20, folds=2, bootstraps=5, max_rows=6_000, horizon=60)


@pytest.fixture(scope="module")
def learned() -> Calibration:
    return calibrated(firms().given, replace(FEW, bootstraps=20, max_rows=12_000))


def test_what_accounts_truly_convert_for_is_learned_and_nothing_else(learned: Calibration) -> None:
    points = {rule.name: rule for rule in learned.rules}
    assert points["Industry: Public"].after < 0 < points["Event attend"].after
    assert points["Event attend"].half_life == 30
    assert any(name.startswith("Employees") and rule.after > 0 for name, rule in points.items())
    assert "noise" not in " ".join(points).lower()
    assert [rule.name for rule in learned.gone] == ["Retail"]


def test_what_people_give_stays_and_sets_how_many_points_double_the_odds(learned: Calibration) -> None:
    """A point is 0.05 log-odds, so that 14 points double the odds."""
    assert learned.scorecard is not None
    card = plain(learned.scorecard)
    assert card["accounts"]["score"]["engagement"]["people"] == {"top": 2, "maximum": 30}
    assert card["score"] == plain(CARD)["score"]
    assert learned.scorecard.startswith("# ours")
    assert 9 <= learned.doubling <= 20
    assert [note.message for note in learned.notes if note.kind == "people"]


def test_the_report_of_accounts_speaks_of_accounts(learned: Calibration) -> None:
    said = [learned.message, learned.split, *(note.message for note in learned.notes if note.kind != "accounts")]
    assert not [one for one in said if "leads" in one]
    assert learned.of == "accounts"


def test_noise_of_accounts_gives_no_points_to_apply() -> None:
    found = calibrated(firms(700, base=-4.6, told=0.0).given, FEW)
    assert found.gate is not None
    assert not found.gate.open
    assert len(found.rules) <= 1


def test_too_few_accounts_are_declined_with_the_number_that_is_missing() -> None:
    given = firms().given
    found = calibrated(replace(given, outcomes=given.outcomes.head(30)), replace(FEW, max_rows=2000))
    assert found.declined
    assert re.match(r"\d+ conversions are too few to learn from: \d+ more are needed", found.message)


@pytest.mark.slow
def test_a_field_that_knows_the_outcome_is_left_out() -> None:
    given = firms().given
    assert given.accounts is not None
    bought = pl.col("account").is_in(given.outcomes["account"].implode())
    leak = given.accounts.with_columns(noise=pl.when(bought).then(pl.lit("a")).otherwise(pl.lit("b")))
    found = calibrated(replace(given, accounts=leak), FEW)
    assert "noise" in {note.subject for note in found.notes if note.level == "left out"}
    assert "Industry: Public" in {rule.name for rule in found.rules}


DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")


def small(
    leads: dict[str, tuple[str | None, int]],
    outcomes: dict[str, list[object]] | None = None,
    history: list[tuple[str, str, int, str | None, str | None]] | None = None,
    accounts: dict[str, list[object]] | None = None,
    done: list[tuple[str, str, int]] | None = None,
) -> Frames:
    """Return a few leads, each with its account and the day of its creation."""
    people = [(lead, account, START + DAY * day) for lead, (account, day) in leads.items()]
    schema = {"lead": pl.String, "account": pl.String, "created_at": TIME}
    moved = [(lead, field, START + DAY * day, value, before) for lead, field, day, value, before in history or []]
    acts = [(lead, str(number), kind, START + DAY * day) for number, (lead, kind, day) in enumerate(done or [])]
    of_acts = {"lead": pl.String, "id": pl.String, "kind": pl.String, "occurred_at": TIME}
    return Frames(
        pl.DataFrame(people, schema, orient="row"),
        *numbered(pl.DataFrame(acts, of_acts, orient="row")),
        pl.DataFrame(outcomes or {}, {"account": pl.String, "lead": pl.String, "occurred_at": TIME}),
        pl.DataFrame(moved, HISTORY, orient="row"),
        accounts=None if accounts is None else pl.DataFrame(accounts),
    )


def units(given: Frames, text: str = CARD) -> tuple[AccountUnits, Notes]:
    notes = Notes(units="accounts")
    found = units_of(given, Scorecard.model_validate(plain(text)), text, START + 300 * DAY, notes)
    assert isinstance(found, AccountUnits)
    return found, notes


MOVED = [("b", "account", 50, "B", "A")]


def test_people_count_for_the_account_that_they_belonged_to_at_the_time() -> None:
    """A person that moved takes along what it did: that counts where it is, as in scoring."""
    made, notes = units(small({"a": ("A", 0), "b": ("B", 10), "c": (None, 20)}, history=MOVED))
    assert made.rows.rows() == [("A", START), ("B", START + 50 * DAY)]
    first = outcome.day_of(START)
    moments, people = made.present(Moments(np.array([0, 0, 0, 1, 1]), first + np.array([5.0, 20, 60, 49, 50])))
    there = {(moments.lead[row], moments.day[row] - first, made.doers["lead"][int(who)])
             for row, who in zip(people.row, people.lead, strict=True)}  # fmt: skip
    assert there == {(0, 5, "a"), (0, 20, "a"), (0, 20, "b"), (0, 60, "a"), (1, 50, "b")}
    assert made.ages(moments, people).tolist() == [5.0, 20.0, 60.0, 40.0]
    assert not notes.of("accounts")


def test_accounts_that_had_a_person_in_common_are_on_one_side_of_every_split() -> None:
    people = {"a": ("A", 0), "b": ("B", 10), "c": ("C", 20), "d": ("D", 30)}
    made, _ = units(small(people, history=MOVED))
    group = dict(zip(made.line.leads["lead"], made.groups(None, {}).tolist(), strict=True))
    assert group["A"] == group["B"]
    assert len(set(group.values())) == 3
    unmoved, notes = units(small(people))
    assert len(set(unmoved.groups(None, {}).tolist())) == 4
    assert "is not known" in notes.of("accounts")[0].message
    shared = replace(small(people), leads=small(people).leads.with_columns(email=pl.Series(["x", "y", "y", None])))
    mates = units(shared)[0]
    assert mates.groups(None, {}).tolist() == [0, 1, 1, 3]


def test_an_account_converts_with_the_first_conversion_of_its_own_or_of_one_of_its_people() -> None:
    outcomes = {
        "account": ["A", None, None, None, "Z"],
        "lead": ["a", "b", "b", "c", None],
        "occurred_at": [START + DAY * day for day in (90, 40, 70, 80, 10)],
    }
    made, notes = units(small({"a": ("A", 0), "b": ("B", 10), "c": (None, 20)}, outcomes, MOVED))
    converted = dict(zip(made.line.leads["lead"], made.line.converted - outcome.day_of(START), strict=True))
    assert converted == {"A": 40.0, "B": 70.0}
    said = [note.message for note in notes.of("outcomes")]
    assert said == [
        "1 outcomes of leads that belonged to no account were skipped.",
        "1 outcomes of unknown accounts were skipped.",
    ]


def test_accounts_without_people_and_accounts_twice_are_counted_and_skipped() -> None:
    accounts: dict[str, list[object]] = {"account": ["A", "A", "C", None], "industry": ["x", "y", "z", "w"]}
    made, notes = units(small({"a": ("A", 0), "b": ("B", 10)}, accounts=accounts))
    assert made.rows.select("lead", "industry").rows() == [("A", "y"), ("B", None)]
    assert [note.message for note in notes if note.kind != "accounts"] == [
        "1 accounts without an id were skipped.",
        "1 accounts appear more than once; the last row of each is used.",
        "1 accounts without people were skipped.",
    ]


def test_leads_belong_by_domain_as_in_scoring() -> None:
    text = CARD.replace("fields: {job: text}", "fields: {job: text, site: text}").replace(
        "accounts:\n  fields: {", "accounts:\n  by_domain: {lead: site, account: domain}\n  fields: {domain: text, "
    )
    given = small(
        {"a": (None, 0), "b": ("B", 10)}, accounts={"account": ["A", "B"], "domain": ["x.example", "y.example"]}
    )
    leads = given.leads.with_columns(site=pl.lit("www.X.example"))
    made, _ = units(replace(given, leads=leads), text)
    assert made.stays.frame.select("lead", "account").rows() == [("a", "A"), ("b", "B")]


def test_leads_without_any_account_are_refused() -> None:
    made, _ = units(small({"a": (None, 0)}))
    with pytest.raises(CalibrationError, match="column account_id"):
        _ = made.rows


def test_a_scorecard_without_accounts_is_refused() -> None:
    with pytest.raises(CalibrationError, match="has no section `accounts`"):
        units(small({"a": ("A", 0)}), "scorecard: ours\nscore: {fit: {groups: []}}\n")
    with pytest.raises(CalibrationError, match="name one that has a section `accounts`"):
        run(small({"a": ("A", 0)}), None, Options(), START, notes=Notes(units="accounts"))


def files(given: Frames, folder: Path) -> tuple[object, ...]:
    """Write the files and return the options that name them."""
    assert given.accounts is not None
    (folder / "card.yaml").write_text(CARD)
    tables = {
        "leads": given.leads.rename({"lead": "id", "account": "account_id"}),
        "activities": given.activities.join(given.touchpoints, on="touchpoint").rename({"lead": "lead_id"}),
        "outcomes": given.outcomes.rename({"account": "account_id", "occurred_at": "converted_at"}),
        "accounts": given.accounts.rename({"account": "id"}),
    }
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")
    named = [word for name in tables for word in (f"--{name}", folder / f"{name}.parquet")]
    return "--of", "accounts", "--scorecard", folder / "card.yaml", *named


@pytest.mark.slow
def test_files_are_calibrated_and_applied(tmp_path: Path) -> None:
    """The likelihood fits the accounts of the card that is written, and no leads."""
    given = firms().given
    moments = ("--as-of", f"{AS_OF:%Y-%m-%dT%H:%M:%S}", "--horizon", 60)
    done = command_of(*files(given, tmp_path), *moments, "--apply", "--report", tmp_path / "r.html", "--json")
    found = json.loads(done.stdout)
    assert found["of"] == "accounts"
    assert {rule["name"] for rule in found["rules"]} >= {"Industry: Public", "Event attend"}
    page = (tmp_path / "r.html").read_text()
    assert "accounts" in page
    assert not re.search(r">[^<]*\bleads\b", page.partition("<h2>About the data")[0])
    assert found["gate_open"]["open"], found["gate_open"]
    card, likelihood = (tmp_path / name for name in ("card.yaml", "card.accounts.likelihood.yaml"))
    company = load_scorecard(card).company
    assert company is not None
    assert load_likelihood(likelihood).fits(company)
    assert not load_likelihood(likelihood).fits(load_scorecard(card))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--of", "accounts", "--leads", "t.csv", "--outcomes", "t.csv"), "--of accounts needs --scorecard"),
        (("--of", "accounts", "--leads", "t.csv", "--outcome", "won"), "--outcomes instead of --outcome"),
        (
            ("--accounts", "a.csv", "--leads", "t.csv", "--outcomes", "t.csv"),
            "--accounts needs --outcomes, and --scorecard",
        ),
        (("--accounts", "a.csv", "--scorecard", "c.yaml"), "--leads: the table of leads"),
        (("--of", "firms"), "'leads', 'accounts'"),
        (("--deals", "d.csv", "--leads", "t.csv", "--outcomes", "t.csv"), "and --scorecard, which declares figures"),
    ],
)
def test_options_of_accounts_that_contradict_are_one_clear_message(arguments: tuple[str, ...], says: str) -> None:
    refused = command_of(*arguments)
    assert refused.exit_code == 2
    assert says in " ".join(refused.output.replace("│", " ").split())


def command_of(*arguments: object) -> Result:
    found = CliRunner().invoke(command, [str(argument) for argument in arguments])
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found

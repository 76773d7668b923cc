"""`leadgauge score` with files of accounts."""

from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from commands.score import command

CARD = """
scorecard: accounts
fields: {domain: text, role: text}
score:
  fit:
    groups: [{name: Company, rules: [{name: Large, lead: {account.employees: {at_least: 1000}}, points: 5}]}]
  engagement:
    groups: [{name: Pages, rules: [{name: View, activity: {kind: page_view}, points: 10}]}]
readiness: {stages: [{name: New}, {name: Ready, when: {engagement: {at_least: 10}}}]}
priority:
  first: [{is: P1, when: {account.ready: {at_least: 2}}}]
  matrix: {New: {A: P4, B: P4, C: P4, D: P4, F: P4, '?': P4}, Ready: {A: P2, B: P2, C: P2, D: P2, F: P2, '?': P2}}
accounts:
  fields: {domain: text, employees: number}
  by_domain: {lead: domain, account: domain}
  figures: {ready: {count: leads, where: {stage: Ready}}}
  score:
    fit: {groups: [{name: Company, rules: [{name: Large, lead: {employees: {at_least: 1000}}, points: 30}]}]}
    engagement:
      people: {top: 2, maximum: 15}
      coverage: {by: role, engaged: {engagement: {at_least: 10}}, points: {User: 5, Finance: 7}}
  readiness: {stages: [{name: Cold}, {name: Warm, when: {score: {at_least: 20}}, keep: {score: {at_least: 8}}}]}
"""
FILES = {
    "card.yaml": CARD,
    "leads.csv": "id,domain,role,account_id\n1,www.Big.example,User,\n2,,Finance,big\n3,gmail.com,User,\n4,,,small\n",
    "activities.csv": "lead_id,id,kind,occurred_at\n"
    + "".join(
        f"{lead},{lead}{place},page_view,2026-02-2{place}T10:00:00Z\n" for lead in (1, 2, 4) for place in range(lead)
    ),
    "accounts.csv": "id,domain,employees\nbig,big.example,5000\nsmall,small.example,5\nnobody,nobody.example,7\n",
    "before.csv": "id,account_readiness\nsmall,Warm\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def run(folder: Path, *more: str) -> Result:
    inputs = ("scorecard card.yaml", "leads leads.csv", "activities activities.csv")
    words = [
        word
        for one in (*inputs, "out out.csv", *more)
        for word in (f"--{one.split()[0]}", str(folder / one.split()[1]))
    ]
    return CliRunner().invoke(command, [*words, "--as-of", "2026-03-01T12:00:00Z"])


def rows(file: Path) -> list[tuple[object, ...]]:
    return pl.read_csv(file).rows()


def test_leads_read_their_accounts_and_accounts_have_results_of_their_own(folder: Path) -> None:
    """The first lead has its account by domain, the third none; 10 and 20 (cut to 15) and both roles make 37."""
    found = run(folder, "accounts accounts.csv", "accounts-out acc.csv", "accounts-explain lines.csv")
    assert found.exit_code == 0, found.output
    leads = pl.read_csv(folder / "out.csv").select("id", "lead_score", "lead_priority")
    assert leads.rows() == [(1, 15, "P1"), (2, 25, "P1"), (3, 0, "P4"), (4, 40, "P2")]
    accounts = pl.read_csv(folder / "acc.csv").select("id", "account_score", "account_fit", "account_readiness")
    assert sorted(accounts.rows()) == [("big", 67, 30, "Warm"), ("nobody", 0, 0, "Cold"), ("small", 15, 0, "Cold")]
    lines = pl.read_csv(folder / "lines.csv").filter(pl.col("id") == "big").select("type", "name", "points")
    assert lines.rows()[1:] == [
        ("person", "2", 15.0),
        ("person", "1", 10.0),
        ("coverage", "User", 5.0),
        ("coverage", "Finance", 7.0),
    ]


def test_the_previous_stage_of_an_account_keeps_it(folder: Path) -> None:
    found = run(folder, "accounts accounts.csv", "accounts-out acc.csv", "accounts-previous before.csv")
    assert found.exit_code == 0, found.output
    assert dict(pl.read_csv(folder / "acc.csv").select("id", "account_readiness").iter_rows())["small"] == "Warm"


def test_without_a_file_of_accounts_only_their_ids_are_known(folder: Path) -> None:
    found = run(folder, "accounts-out acc.csv")
    assert "Without --accounts, no field of an account is known." in found.output
    assert {row[0] for row in rows(folder / "acc.csv")} == {"big", "small"}


@pytest.mark.parametrize(
    ("card", "told"),
    [
        (
            CARD[: CARD.index("accounts:\n  fields")]
            .replace("first: [{is: P1, when: {account.ready: {at_least: 2}}}]", "")
            .replace("account.employees: {at_least: 1000}", "role: User"),
            "has no section `accounts`",
        ),
        (
            CARD[: CARD.index("  score:\n    fit: {groups: [{name: Company, rules: [{name: Large, lead: {employees")],
            "scores no accounts",
        ),
    ],
)
def test_results_of_accounts_need_a_card_that_scores_them(folder: Path, card: str, told: str) -> None:
    (folder / "card.yaml").write_text(card, encoding="utf-8")
    found = run(folder, "accounts accounts.csv", "accounts-out acc.csv")
    assert found.exit_code == 2
    assert told in found.output


def test_an_account_that_occurs_twice_is_refused(folder: Path) -> None:
    (folder / "accounts.csv").write_text("id,domain,employees\nbig,a.example,1\nbig,b.example,2\n", encoding="utf-8")
    found = run(folder, "accounts accounts.csv")
    assert found.exit_code == 2
    assert "1 ids occur more than once: 'big'. Keep one row per account." in found.output

"""`leadgauge score` with accounts."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from commands.score import command

LEADS = """id,domain,role,account_id
1,acme.example,User,
2,WWW.acme.example,,A
3,other.example,User,
4,,,X9
"""
ACCOUNTS = "id,domain,employees\nA,www.Acme.example,2000\nB,gmail.com,5\n"
ACTIVITIES = (
    "lead_id,id,kind,occurred_at\n1,a,page_view,2026-11-20\n2,b,page_view,2026-11-20\n4,c,page_view,2026-11-20\n"
)
DEALS = "id,lead_id,account_id,amount,open\nd1,1,A,500,true\nd1,2,A,500,true\nd2,,A,300,true\n"
CELLS = dict.fromkeys("ABCDF?", "P4")
CARD: dict[str, Any] = {
    "scorecard": "abm",
    "fields": {"domain": "text", "role": "text"},
    "deals": {"amount": "number", "open": "flag"},
    "score": {
        "engagement": {
            "groups": [
                {
                    "name": "G",
                    "rules": [
                        {"name": "Visit", "activity": {"kind": "page_view"}, "points": 10},
                        {"name": "Big", "lead": {"account.employees": {"at_least": 1000}}, "points": 5},
                    ],
                }
            ]
        }
    },
    "readiness": {"stages": [{"name": "New"}, {"name": "Ready", "when": {"engagement": {"at_least": 15}}}]},
    "priority": {
        "first": [{"is": "P1", "when": {"account.hot": {"at_least": 2}}}],
        "matrix": {"New": CELLS, "Ready": CELLS},
    },
    "accounts": {
        "fields": {"domain": "text", "employees": "number"},
        "by_domain": {"lead": "domain", "account": "domain"},
        "figures": {
            "hot": {"count": "leads", "where": {"stage": "Ready"}},
            "open_amount": {"sum": "amount", "of": "deals", "where": {"open": True}},
        },
        "score": {
            "fit": {
                "groups": [
                    {
                        "name": "C",
                        "rules": [
                            {
                                "name": "Deals",
                                "number": "open_amount",
                                "points": {"give": 1, "per": 100},
                                "maximum": 20,
                            }
                        ],
                    }
                ]
            },
            "engagement": {
                "people": {"top": 2, "maximum": 40},
                "coverage": {"by": "role", "engaged": {}, "points": {"User": 5}},
            },
        },
        "readiness": {
            "stages": [
                {"name": "Cold"},
                {"name": "Warm", "when": {"score": {"at_least": 30}}, "keep": {"score": {"at_least": 10}}},
            ]
        },
    },
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {"leads": LEADS, "accounts": ACCOUNTS, "activities": ACTIVITIES, "deals": DEALS}
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    (tmp_path / "card.yaml").write_text(json.dumps(CARD), encoding="utf-8")
    return tmp_path


FILES = {"scorecard": "card.yaml", "leads": "leads.csv", "activities": "activities.csv", "out": "out.csv"}
RELATED = {"accounts": "accounts.csv", "deals": "deals.csv"}


def run(folder: Path, **options: str | None) -> Result:
    given = {name: file for name, file in (FILES | RELATED | options).items() if file is not None}
    words = [word for name, file in given.items() for word in (f"--{name.replace('_', '-')}", str(folder / file))]
    return CliRunner().invoke(command, [*words, "--as-of", "2026-11-22T12:00:00"])


def test_accounts_have_results_and_lines_of_their_own(folder: Path) -> None:
    found = run(folder, accounts_out="accounts.out.csv", accounts_explain="lines.csv", explain="x.csv")
    assert found.exit_code == 0, found.output
    leads, accounts = pl.read_csv(folder / "out.csv"), pl.read_csv(folder / "accounts.out.csv")
    assert leads.rows_by_key("id", named=True, unique=True)[1]["lead_score"] == 15
    assert leads.sort("id")["lead_priority"].to_list() == ["P1", "P1", "P4", "P4"]
    assert accounts["id"].to_list() == ["A", "B", "X9"]
    assert accounts["account_score"].to_list() == [43, 0, 10]
    assert accounts["account_score_reasons"][0] == "+15 Person 1 · +15 Person 2 · +8 Deals · +5 User"
    assert {name.split("_")[0] for name in accounts.columns} == {"id", "account"}
    lines = pl.read_csv(folder / "lines.csv").filter(pl.col("id") == "A")
    assert lines.select("type", "name", "points").rows() == [
        ("rule", "Deals", 8.0),
        ("person", "1", 15.0),
        ("person", "2", 15.0),
        ("coverage", "User", 5.0),
    ]


def test_the_same_comes_in_parquet(folder: Path) -> None:
    assert run(folder, accounts_out="a.parquet", accounts_explain="l.parquet").exit_code == 0
    assert pl.read_parquet(folder / "a.parquet")["account_score"].to_list() == [43, 0, 10]
    assert pl.read_parquet(folder / "l.parquet")["name"].to_list() == ["Deals", "1", "2", "User", "4"]


def test_the_previous_stage_of_an_account_is_read(folder: Path) -> None:
    for stage, expected in (("Cold", "Cold"), ("Warm", "Warm")):
        (folder / "previous.csv").write_text(f"id,account_readiness\nX9,{stage}\n", encoding="utf-8")
        assert run(folder, accounts_out="a.csv", accounts_previous="previous.csv").exit_code == 0
        stages = pl.read_csv(folder / "a.csv").rows_by_key("id", named=True, unique=True)
        assert stages["X9"]["account_readiness"] == expected


def test_accounts_that_only_leads_name_are_told(folder: Path) -> None:
    assert "1 accounts of 1 leads are not in it: 'X9'" in run(folder).stderr


def test_without_the_files_of_accounts_and_deals_it_says_what_is_missing(folder: Path) -> None:
    found = run(folder, accounts=None, deals=None, accounts_out="a.csv")
    assert found.exit_code == 0
    assert "abm has a section `accounts`. Without --accounts, no field of an account is known." in found.stderr
    assert "abm has figures of deals. Without --deals, no lead has any." in found.stderr
    assert pl.read_csv(folder / "a.csv")["account_score"].to_list() == [10, 10]


def test_an_account_twice_is_refused(folder: Path) -> None:
    (folder / "accounts.csv").write_text(ACCOUNTS + "A,,7\n", encoding="utf-8")
    found = run(folder)
    assert found.exit_code == 2
    assert "1 ids occur more than once: 'A'. Keep one row per account." in found.stderr


@pytest.mark.parametrize(
    ("accounts", "option", "told"),
    [
        (
            None,
            "accounts",
            "abm has no section `accounts`. Add it to the scorecard, or leave out the options of accounts.",
        ),
        (
            {"fields": {"employees": "number"}},
            "accounts_out",
            "abm scores no accounts. Add `score` to its section `accounts`",
        ),
    ],
)
def test_files_of_accounts_need_a_card_with_accounts(folder: Path, accounts: Any, option: str, told: str) -> None:
    card = {
        **CARD,
        "score": {"engagement": {"groups": []}},
        "priority": {**CARD["priority"], "first": []},
        "accounts": accounts,
    }
    written = {name: part for name, part in card.items() if part is not None}
    (folder / "card.yaml").write_text(json.dumps(written), encoding="utf-8")
    found = run(folder, **{"accounts": None, option: "accounts.csv" if option == "accounts" else "a.csv"})
    assert found.exit_code == 2
    assert told in found.stderr

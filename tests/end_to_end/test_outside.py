"""Hostile error text from a CRM harms no terminal, log, report or database."""

import json
from collections.abc import Callable

import pytest

from tests.end_to_end.test_privacy import everything_in
from tests.stage import Stage

Open = Callable[..., Stage]
HARM = ["\x1b", "\x9b", "\x07", "\u202e", "Anna.Meier", "customer.example", "\nforged", "\n2026-01-01 00:00:00 ERROR"]
ROWS = {"hubspot": "batch/update", "salesforce": "/nowhere"}


@pytest.mark.parametrize("words", [["check"], ["backfill"], ["run", "--once"]])
def test_a_hostile_error_is_shown_as_one_plain_line(crm: Open, words: list[str]) -> None:
    stage = crm(12)
    stage.provision()
    stage.fault("hostile", "1")
    done = stage.leadgauge(*words)
    said = done.stdout + done.stderr
    assert "refused" in said  # in a table, a long message has several lines
    assert [harm for harm in [*HARM, *secrets(stage)] if harm in said] == []
    assert len(said) < 10_000


def test_a_hostile_error_is_kept_cleaned_in_the_database(crm: Open) -> None:
    stage = crm(12)
    stage.provision()
    stage.fault("hostile", "1")
    stage.leadgauge("backfill")
    kept = everything_in(stage.folder)
    assert b"was refused" in kept
    assert [harm for harm in [*HARM, *secrets(stage)] if harm.encode() in kept and harm not in {"\x1b", "\x07"}] == []


def test_hostile_refusals_of_rows_are_cleaned_in_database_and_status(crm: Open) -> None:
    stage = crm(30)
    stage.provision()
    stage.refuse_some()
    stage.fault("hostile", "1", ROWS[stage.crm])
    stage.leadgauge("backfill")
    stage.calm()
    told = stage.leadgauge("status"), stage.leadgauge("status", "--json")
    assert "was refused" in told[0].stdout
    said = (
        told[0].stdout
        + json.dumps(json.loads(told[1].stdout), ensure_ascii=False)
        + everything_in(stage.folder).decode("utf-8", "ignore")
    )
    assert [harm for harm in [*HARM[2:], *secrets(stage)] if harm in said and harm != "\x07"] == []


def secrets(stage: Stage) -> list[str]:
    return [value for value in stage.environment.values() if len(value) > 5]

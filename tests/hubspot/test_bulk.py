"""Exports and imports give the same result as pages and batches, and are used if they save calls."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from connectors.base import Cost
from connectors.hubspot import HubSpot, exporting
from connectors.hubspot.bulk import pays
from tests.hubspot.conftest import DAY, NOON, OUTPUTS, Account, Pull, stream
from vocabulary.pages import Page
from vocabulary.writes import Row


def people(account: Account, count: int = 250) -> list[str]:
    account.connect().provision(OUTPUTS)
    return [
        account.contact(NOON - DAY, email=f"p{n}@x.example", jobtitle=f'"Chief", Zoë;\n{n}', budget_amount=str(n))
        for n in range(count)
    ]


def leads(pages: list[Page]) -> pl.DataFrame:
    return pl.concat([page.leads for page in pages if page.leads.height]).unique("lead").sort("lead")


def outputs(pages: list[Page]) -> pl.DataFrame:
    return pl.concat([page.outputs for page in pages if page.outputs.height]).unique("lead").sort("lead")


def test_export_brings_the_same_leads_as_the_listing(account: Account, pull: Pull) -> None:
    values = {"lead_score": 412, "lead_grade": "B", "lead_score_reasons": "Zoë,\n«x»", "lead_scored_at": NOON}
    rows = [Row(lead, values) for lead in people(account)[:20]]
    assert all(answer.refusal is None for batch in account.connect().push(rows) for answer in batch)
    listed = pull(account.connect(), "contacts")
    exported = pull(account.connect(exports="always"), "contacts")
    assert leads(exported).equals(leads(listed))
    assert outputs(exported).equals(outputs(listed))
    assert outputs(listed)["lead_score"].drop_nulls().to_list() == [412] * 20
    assert [page.listed for page in exported if page.listing][-1]
    assert any("/exports/" in path for _, path, _ in account.calls())


def test_large_export_comes_as_a_zip_of_several_files(account: Account, pull: Pull) -> None:
    everybody = people(account)
    account.portal.export_zip_rows = 60
    assert sorted(leads(pull(account.connect(exports="always"), "contacts"))["lead"]) == sorted(everybody)


def test_export_resumes_at_the_row_where_it_was_left(
    account: Account, pull: Pull, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = people(account)
    monkeypatch.setattr(exporting, "PAGE", 40)
    connector = account.connect(exports="always")
    pulling = connector.pull(stream(connector, "contacts"), None)
    kept = []
    for page in pulling:
        kept.append(page)
        if sum(one.leads.height for one in kept) >= 180:
            break
    pulling.close()
    rest = pull(account.connect(exports="always"), "contacts", kept[-1].cursor)
    assert sorted(leads([*kept, *rest])["lead"]) == sorted(everybody)
    assert sum(page.leads.height for page in rest) < len(everybody)
    starts = [call for call in account.calls() if call[1].endswith("/export/async")]
    assert len(starts) == 1


def test_nothing_of_an_export_stays_on_disk(
    account: Account, pull: Pull, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    people(account)
    pull(account.connect(exports="always"), "contacts")
    assert list(Path(tmp_path).iterdir()) == []


@pytest.fixture
def ready(account: Account) -> tuple[HubSpot, list[str]]:
    connector = account.connect(imports="always")
    connector.provision(OUTPUTS)
    return connector, people(account, 150)


def test_import_writes_the_same_as_batches(account: Account, ready: tuple[HubSpot, list[str]]) -> None:
    importing, everybody = ready
    at = datetime(2026, 11, 22, 11, 30, tzinfo=UTC)
    rows = [
        Row(
            lead,
            {
                "lead_score": n,
                "lead_grade": "ABC"[n % 3],
                "lead_score_reasons": f"+{n} Zoë,\n«x»",
                "lead_scored_at": at,
            },
        )
        for n, lead in enumerate(everybody)
    ]
    names = list(rows[0].values)
    answers = [answer for batch in importing.push(rows) for answer in batch]
    assert sorted(answer.lead for answer in answers) == sorted(everybody)
    imported = importing.read(everybody, names)
    batches = account.connect(imports="never")
    assert all(answer.refusal is None for batch in batches.push(rows) for answer in batch)
    assert imported == batches.read(everybody, names) == {row.lead: dict(row.values) for row in rows}


def test_rows_that_an_import_does_not_take_are_answered_by_batch(
    account: Account, ready: tuple[HubSpot, list[str]]
) -> None:
    importing, everybody = ready
    bad = int(everybody[5])
    account.portal.rules.append(("0-1", lambda lead, _: "Ask finance first" if lead == bad else None))
    rows = [Row(lead, {"lead_score": 7}) for lead in [*everybody[1:20], "999999999"]]
    answers = {answer.lead: answer for batch in importing.push(rows) for answer in batch}
    assert set(answers) == {row.lead for row in rows}
    assert "Ask finance first" in answers[str(bad)].refusal.message
    assert answers["999999999"].refusal.gone
    assert sum(answer.refusal is None for answer in answers.values()) == len(rows) - 2


def test_import_cannot_empty_a_property_so_such_rows_go_by_batch(
    account: Account, ready: tuple[HubSpot, list[str]]
) -> None:
    importing, everybody = ready
    list(importing.push([Row(everybody[0], {"lead_score": 7, "lead_grade": "A"})]))
    list(importing.push([Row(everybody[0], {"lead_score": 8, "lead_grade": None})]))
    assert importing.read(everybody[:1], ["lead_score", "lead_grade"]) == {
        everybody[0]: {"lead_score": 8, "lead_grade": None}
    }


def test_without_the_right_to_import_rows_go_by_batch(account: Account, ready: tuple[HubSpot, list[str]]) -> None:
    importing, everybody = ready
    account.portal.faults.set("missing-scope", "crm.import")
    answers = [answer for batch in importing.push([Row(everybody[0], {"lead_score": 7})]) for answer in batch]
    assert [answer.refusal for answer in answers] == [None]


@pytest.mark.parametrize(
    ("choice", "rows", "calls", "left", "expected"),
    [
        ("never", 9_000_000, Cost(90_000, 9_000), 100, False),
        ("always", 10, Cost(1, 1), 100_000, True),
        ("auto", 10_000, Cost(100, 10), 100, False),
        ("auto", 1_000_000, Cost(10_000, 526), 900_000, False),
        ("auto", 1_000_000, Cost(10_000, 526), 50_000, True),
        ("auto", 1_000_000, Cost(10_000, 1_000), None, True),
    ],
)
def test_job_is_chosen_where_it_is_large_and_saves_time_or_the_day(
    choice: Any, rows: int, calls: Cost, left: int | None, expected: bool
) -> None:
    assert pays(choice, rows, 500_000, calls, left) is expected

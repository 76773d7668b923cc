"""The contract of every connector: results of accounts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import polars as pl

from connectors.base import Connector
from connectors.hubspot import HubSpot
from tests.stage import Stage
from vocabulary.outputs import BY_NAME, SCORED_AT, in_crm
from vocabulary.pages import ACCOUNTS_OF
from vocabulary.writes import Row

Open = Callable[..., Stage]
OUTPUTS = [in_crm(BY_NAME[name], "accounts") for name in ("lead_score", "lead_urgency", SCORED_AT)]
NAMES = [output.name for output in OUTPUTS]
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


@contextmanager
def connected(stage: Stage) -> Iterator[Connector]:
    """Connect to the CRM with fields of accounts alone."""
    with stage.job() as job:
        connector: Connector = type(job.connector)(job.connection, {}, OUTPUTS)  # type: ignore[call-arg]
        yield connector
        connector.close()


def pushed(connector: Connector, *ids: str) -> dict[str, str | None]:
    """Write the same results to accounts, and return the code of each answer."""
    rows = [Row(one, {"account_score": 71, "account_urgency": "soon", "account_scored_at": AT}) for one in ids]
    answers = [answer for batch in connector.push(rows, "accounts") for answer in batch]
    return {answer.lead: answer.refusal and answer.refusal.code for answer in answers}


def test_the_fields_of_accounts_are_made_on_accounts_alone_and_removed_from_them(crm: Open) -> None:
    with connected(crm(20)) as connector:
        missing = [one for one in connector.check() if one.level == "error"]
        assert all("account_score" in one.message.lower() for one in missing), missing
        assert [one.output for one in connector.provision(OUTPUTS) if one.action == "created"] == NAMES
        assert [one.message for one in connector.check() if one.level == "error"] == []
        assert {one.action for one in connector.provision(OUTPUTS)} == {"unchanged"}
        assert {one.action for one in connector.remove(OUTPUTS)} == {"removed"}


def test_results_of_accounts_are_written_read_back_and_come_with_their_listing(crm: Open) -> None:
    stage = crm(20)
    here, other = list(stage.accounts())[:2]
    with connected(stage) as connector:
        connector.provision(OUTPUTS)
        assert pushed(connector, here) == {here: None}
        assert {name: value for name, value in stage.accounts(*NAMES)[here].items() if value} == {
            "account_score": "71",
            "account_urgency": "soon",
            "account_scored_at": "2026-11-22T12:00:00.000Z",
        }
        held = connector.read([here, other], NAMES, "accounts")
        assert held[here] == {"account_score": 71, "account_urgency": "soon", "account_scored_at": AT}
        assert set(held[other].values()) == {None}
        (accounts,) = [stream for stream in connector.streams() if stream.compared == ACCOUNTS_OF]
        pages = list(connector.pull(accounts, None))
        brought = pl.concat([page.account_outputs for page in pages], how="diagonal").unique("lead")
        assert {row.pop("lead"): row for row in brought.to_dicts()}[here] == held[here]
        assert brought.height == len(stage.accounts())
        assert here in str(connector.links().of(here, "accounts"))


def test_an_account_that_is_gone_is_an_answer_and_leaves_the_others_alone(crm: Open) -> None:
    stage = crm(20)
    here, gone = list(stage.accounts())[:2]
    with connected(stage) as connector:
        connector.provision(OUTPUTS)
        stage.delete_account(gone)
        rows = [Row(one, {"account_score": 5}) for one in (gone, here)]
        answers = {one.lead: one for batch in connector.push(rows, "accounts") for one in batch}
    assert answers[here].refusal is None
    assert answers[gone].refusal.gone


def test_our_writes_to_companies_are_read_back_and_then_left_out(hubspot: Open) -> None:
    """Until the second look, which also sees who joined a company: our write hides the time of that."""
    stage = hubspot(20, at=AT)
    portal = stage.app.state.portal
    made = [portal.create(portal.table("companies"), {"name": f"Firm {n}"}) for n in range(450)]
    with connected(stage) as connector:
        assert isinstance(connector, HubSpot)
        connector.provision(OUTPUTS)
        (companies,) = [stream for stream in connector.streams() if stream.name == "companies"]
        cursor = list(connector.pull(companies, None))[-1].cursor
        pushed(connector, *(str(record.id) for record in made))
        brought = []
        for _ in range(3):
            portal.clock.advance(60_000)
            connector.find("nobody@example.invalid")
            pages = list(connector.pull(companies, cursor))
            cursor = pages[-1].cursor
            brought.append(sum(page.accounts.height for page in pages))
    assert brought == [450, 0, 0]


def test_the_scope_to_write_companies_is_named_before_anything_is_written(hubspot: Open) -> None:
    stage = hubspot(20)
    stage.fault("missing-scope", "crm.objects.companies.write")
    with connected(stage) as connector:
        connector.provision(OUTPUTS)
        (error,) = [one for one in connector.check() if one.level == "error"]
    assert "Companies cannot be written" in error.message
    assert "crm.objects.companies.write" in error.remedy

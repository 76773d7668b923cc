"""Every row gets exactly one result, and a bad row does not affect others."""

from datetime import UTC, datetime
from threading import current_thread
from typing import Any

import pytest

from connectors.base import BudgetSpent, ConfigurationError
from connectors.hubspot import HubSpot
from connectors.hubspot.writing import wire
from tests.hubspot.conftest import OUTPUTS, Account
from tests.pauses import Hurried
from vocabulary.writes import Pushed, Row


def rows(leads: list[str], score: float = 7.0) -> list[Row]:
    return [Row(lead, {"lead_score": score, "lead_grade": "A"}) for lead in leads]


def pushed(connector: HubSpot, written: list[Row]) -> dict[str, Pushed]:
    return {answer.lead: answer for batch in connector.push(written) for answer in batch}


@pytest.fixture
def ready(account: Account) -> tuple[HubSpot, list[str]]:
    """An account with the output properties and 250 contacts."""
    connector = account.connect()
    connector.provision(OUTPUTS)
    return connector, [account.contact(email=f"p{n}@x.example") for n in range(250)]


def held(account: Account, lead: str, name: str = "lead_score") -> str:
    return account.portal.table("contacts").find(int(lead)).values.get(name, "")


def test_hundred_rows_a_call_and_one_answer_a_row(account: Account, ready: tuple[HubSpot, list[str]]) -> None:
    connector, leads = ready
    before = connector.budget().calls
    answers = pushed(connector, rows(leads))
    assert set(answers) == set(leads)
    assert all(answer.refusal is None for answer in answers.values())
    assert connector.budget().calls - before == 3
    assert {held(account, lead) for lead in leads} == {"7"}


def test_row_that_a_validation_rule_refuses_is_found_by_bisection(
    account: Account, ready: tuple[HubSpot, list[str]]
) -> None:
    connector, leads = ready
    bad = int(leads[42])
    account.portal.rules.append(("0-1", lambda lead, _: "Ask finance first" if lead == bad else None))
    answers = pushed(connector, rows(leads[:100]))
    refused = {lead: answer.refusal for lead, answer in answers.items() if answer.refusal}
    assert set(refused) == {leads[42]}
    assert not refused[leads[42]].gone
    assert "Ask finance first" in refused[leads[42]].message
    assert sum(held(account, lead) == "7" for lead in leads[:100]) == 99


def test_option_that_does_not_exist_names_the_property(account: Account, ready: tuple[HubSpot, list[str]]) -> None:
    connector, leads = ready
    (answer,) = pushed(connector, [Row(leads[0], {"lead_grade": "Z"})]).values()
    assert answer.refusal.code == "INVALID_OPTION"
    assert "lead_grade" in answer.refusal.message


def test_partial_answer_names_several_unknown_ids_in_one_error(
    account: Account, ready: tuple[HubSpot, list[str]]
) -> None:
    """207: one element of `errors` can have many ids."""
    connector, leads = ready
    answers = pushed(connector, rows([*leads[:5], "999999991", "999999992"]))
    gone = {lead for lead, answer in answers.items() if answer.refusal and answer.refusal.gone}
    assert gone == {"999999991", "999999992"}
    assert held(account, leads[4]) == "7"


def test_rule_that_refuses_everybody_costs_few_calls(account: Account, ready: tuple[HubSpot, list[str]]) -> None:
    connector, leads = ready
    account.portal.rules.append(("0-1", lambda *_: "Closed for the holidays"))
    before = connector.budget().calls
    answers = pushed(connector, rows(leads))
    assert len(answers) == 250
    assert all("holidays" in answer.refusal.message for answer in answers.values() if answer.refusal)
    assert connector.budget().calls - before < 120


def test_duplicate_ids_are_written_one_after_the_other_the_last_one_last(
    account: Account, ready: tuple[HubSpot, list[str]]
) -> None:
    connector, leads = ready
    written = [*rows(leads[:3], 1.0), *rows(leads[:1], 2.0), *rows(leads[:1], 3.0)]
    answers = [answer.lead for batch in connector.push(written) for answer in batch]
    assert sorted(answers) == sorted([*leads[:3], leads[0], leads[0]])
    assert held(account, leads[0]) == "3"


def test_merged_contact_answers_with_its_survivor(account: Account, ready: tuple[HubSpot, list[str]]) -> None:
    connector, leads = ready
    table = account.portal.table("contacts")
    made = account.portal.merge(table, table.find(int(leads[0])), table.find(int(leads[1])))
    answers = pushed(connector, rows(leads[1:4]))
    assert answers[leads[1]].survivor == str(made.id)
    assert answers[leads[1]].refusal is None
    assert answers[leads[2]].survivor is None


def test_what_a_merge_leaves_out_is_asked_for_again_without_a_pause(account: Account) -> None:
    """A pass by the feed writes what was merged a moment ago: a pause each time would make everybody wait."""
    waits = list[float]()

    class Noting(Hurried):
        def wait(self, timeout: float | None = None) -> bool:
            if current_thread().name != "deadlines":  # it looks at calls under way, and delays none
                waits.append(timeout or 0)
            return super().wait(0)

    leads = [account.contact(email=f"p{n}@x.example") for n in range(3)]
    connector = account.connect(stop=Noting())
    connector.provision(OUTPUTS)
    table = account.portal.table("contacts")
    made = account.portal.merge(table, table.find(int(leads[0])), table.find(int(leads[1])))
    waits.clear()
    assert pushed(connector, rows(leads))[leads[1]].survivor == str(made.id)
    assert max(waits, default=0) == 0


def test_two_ids_of_one_merged_contact_in_a_batch_are_both_answered(
    account: Account, ready: tuple[HubSpot, list[str]]
) -> None:
    connector, leads = ready
    table = account.portal.table("contacts")
    made = account.portal.merge(table, table.find(int(leads[0])), table.find(int(leads[1])))
    answers = pushed(connector, rows(leads[:4]))
    assert set(answers) == set(leads[:4])
    assert answers[leads[1]].survivor == str(made.id)


def test_missing_output_property_stops_with_the_remedy_instead_of_a_hundred_calls(account: Account) -> None:
    lead = account.contact(email="p@x.example")
    connector = account.connect()
    with pytest.raises(ConfigurationError, match="leadgauge check"):
        pushed(connector, rows([lead, *(str(n) for n in range(900, 999))]))
    assert connector.budget().calls == 1


def test_read_returns_what_was_written_in_its_own_types(account: Account, ready: tuple[HubSpot, list[str]]) -> None:
    connector, leads = ready
    at = datetime(2026, 11, 22, 11, 30, tzinfo=UTC)
    values = {"lead_score": 42, "lead_grade": "B", "lead_score_reasons": "+20 Zoë ·\n-10", "lead_scored_at": at}
    pushed(connector, [Row(leads[0], values)])
    found = connector.read([leads[0], leads[1], "999999"], list(values))
    assert found[leads[0]] == values
    assert set(found[leads[1]].values()) == {None}
    assert "999999" not in found


def test_none_empties_a_property(account: Account, ready: tuple[HubSpot, list[str]]) -> None:
    connector, leads = ready
    pushed(connector, rows(leads[:1]))
    pushed(connector, [Row(leads[0], {"lead_grade": None})])
    assert held(account, leads[0], "lead_grade") == ""
    assert held(account, leads[0]) == "7"


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (3039.0, 0, "3039"),
        (12.5, 1, "12.5"),
        (7, 0, "7"),
        (12.0, 1, "12.0"),
        (None, 0, ""),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), 0, "2026-01-02T03:04:05.000Z"),
        ("A+", 0, "A+"),
    ],
)
def test_values_go_as_text(value: Any, decimals: int, text: str) -> None:
    assert wire(value, decimals) == text


def test_write_whose_answer_was_lost_is_repeated_as_it_does_no_harm(
    account: Account, ready: tuple[HubSpot, list[str]]
) -> None:
    connector, leads = ready
    account.portal.faults.set("lost-answer", times=1, path="batch/update")
    answers = pushed(connector, rows(leads[:100]))
    assert all(answer.refusal is None for answer in answers.values())
    assert {held(account, lead) for lead in leads[:100]} == {"7"}


def test_answers_that_came_before_the_days_calls_ran_out_are_kept(
    account: Account, ready: tuple[HubSpot, list[str]]
) -> None:
    connector, leads = ready
    account.portal.limits.enforced = True
    account.portal.limits.used = account.portal.limits.daily - 1
    connector = account.connect(budget="100%", limits={"parallel": 1})
    answers = []
    with pytest.raises(BudgetSpent) as spent:
        answers.extend(answer for batch in connector.push(rows(leads)) for answer in batch)
    assert len(answers) == 100
    assert spent.value.resets_at > datetime.now(UTC)

"""A drawn HubSpot score becomes a card that scores as a slow reading of its JSON does."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.idle import read_text_of
from config.importing.hubspot.imported import imported
from config.importing.hubspot.reading import read_score
from config.importing.hubspot.score import Reader
from config.importing.imported import Imported
from config.loading import scorecard_in
from scoring import Scorecard
from tests.examples import up_to
from tests.importing.drawing import AS_OF, COMPANY_RECORDS, COMPANY_SCORES, RECORDS, SCORES
from tests.importing.scoring import Event, results, results_of_account
from tests.importing.slow_reading import Slow

Sources = Mapping[str, Mapping[str, str]]
KINDS = {"4-96000": "page_view", "4-666440": "email_open", "4-666288": "email_click"}


def imported_from(raw: dict[str, Any]) -> tuple[Reader, Imported, Scorecard]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "score.json")
        path.write_text(json.dumps(raw), encoding="utf-8")
        reader = Reader(read_score(path), {})
    made = imported(reader)
    return reader, made, scorecard_in(read_text_of(made.card))


def value(record: dict[str, Any], source: str | None, type_: str) -> Any:
    """What the settings' mapping of a field gives for a record."""
    if source is None:
        return [str(one) for one in record["segments"]]
    if source.startswith("company."):
        company = next(iter(record["associated"].get("0-2", [])), None)
        name = source.removeprefix("company.")
        found = None if company is None else "77" if name == "hs_object_id" else company.get(name)
    else:
        found = record["properties"].get(source)
    if found is not None and type_ == "text":
        return str(found)
    return found.split(";") if found and type_ == "list" else found


def with_one_interest(record: dict[str, Any]) -> dict[str, Any]:
    properties = {
        name: each.split(";")[0] if name == "interests" else each for name, each in record["properties"].items()
    }
    people = [with_one_interest(one) for one in record.get("people", [])]
    return {**record, "properties": properties, "people": people}


def scored(card: Scorecard, sources: Sources, record: dict[str, Any]) -> dict[str, Any]:
    """What the card gives a contact, or a company with its people."""
    deals = record["associated"].get("0-3", [])
    if card.accounts is None:
        return results(card, *person(card, sources, record), deals)
    company = {name: value(record, sources["accounts"][name], type_) for name, type_ in card.accounts.fields.items()}
    return results_of_account(card, company, [person(card, sources, one) for one in record["people"]], deals)


def person(card: Scorecard, sources: Sources, record: dict[str, Any]) -> tuple[dict[str, Any], list[Event]]:
    """A contact as a lead."""
    events = [
        Event(
            KINDS[one["type"]],
            (AS_OF - one["at"]).total_seconds() / 86_400,
            one["properties"].get("hs_url"),
            one["properties"].get("hs_page_title"),
        )
        for one in record["events"]
    ]
    fields = {name: value(record, sources["fields"].get(name), type_) for name, type_ in card.fields.items()}
    return fields, events


PEOPLE = st.lists(RECORDS, min_size=3, max_size=3)
COMPANIES = st.lists(COMPANY_RECORDS, min_size=3, max_size=3)
quietly = partial(settings, suppress_health_check=list(HealthCheck), deadline=None)


@given(SCORES, PEOPLE)
@quietly(max_examples=20)
def test_a_card_scores_as_its_json_says(raw: dict[str, Any], records: list[dict[str, Any]]) -> None:
    compare(raw, records)


@given(COMPANY_SCORES, COMPANIES)
@quietly(max_examples=10)
def test_a_card_of_accounts_scores_as_its_json_says(raw: dict[str, Any], records: list[dict[str, Any]]) -> None:
    compare(raw, records)


@pytest.mark.slow
@given(st.tuples(SCORES, PEOPLE) | st.tuples(COMPANY_SCORES, COMPANIES))
@quietly(max_examples=up_to(300))
def test_many_cards_score_as_their_json_says(drawn: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    compare(*drawn)


def compare(raw: dict[str, Any], records: list[dict[str, Any]]) -> None:
    reader, made, card = imported_from(raw)
    if any(one.loses for one in made.findings):
        return
    if "CONTAINS_ALL" not in json.dumps(raw):  # nothing tells that the property holds several options
        records = [with_one_interest(record) for record in records]
    sections = card.sections if card.accounts is None else card.accounts.score.sections if card.accounts.score else ()
    for record in records:
        found = scored(card, reader.about.sources, record)
        fit, engagement, total = Slow(raw, record, AS_OF).points
        expected = (fit if "fit" in sections else None, engagement if "engagement" in sections else None, total)
        assert (found["lead_fit"], found["lead_engagement"], found["lead_score"]) == expected

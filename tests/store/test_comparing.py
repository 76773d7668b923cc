"""Activities missing from the CRM or the mirror, by the ids in the CRM's listing."""

from typing import Any

import polars as pl
import pytest

from store import Lease, Mirror, Store
from store.mirror import comparing
from store.mirror.removals import Verdict
from tests.store.pages import DAY, activities, day, leads, outcomes, page
from vocabulary.pages import ACCOUNTS_OF
from vocabulary.rows import PRESENT

ANN, BOB = {"lead": "1", "address": "ann@"}, {"lead": "2"}
DID = [
    {"lead": "1", "id": "campaign:m:added", "occurred_at": day(3)},
    {"lead": "1", "id": "campaign:m:responded", "occurred_at": day(4)},
    {"lead": "2", "id": "campaign:n:added", "occurred_at": day(2)},
    {"lead": "2", "id": "campaigns:n", "occurred_at": DAY},
]


@pytest.fixture(autouse=True, params=["whole", "in parts"])
def _mirror_read(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small mirror is read whole, a large one in parts; every test holds for both."""
    if request.param == "in parts":
        monkeypatch.setattr(comparing, "_LEADS_OF_A_PART", 0)


@pytest.fixture(autouse=True)
def told(mirror: Mirror, lease: Lease) -> None:
    mirror.save(page(leads=leads(ANN, BOB), activities=activities(*DID)), lease)


def present(*rows: tuple[str | None, str | None, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=PRESENT, orient="row")


def missing(store: Store) -> list[Any]:
    return sorted(store.removals("main").suspects("new").activities.select("lead", "activity").rows())


def test_what_the_crm_still_has_is_not_missing(mirror: Mirror, store: Store, lease: Lease) -> None:
    """Two activities of one record, and an id with a longer prefix, are distinguished."""
    comparison = mirror.compare("campaign")
    assert comparison.oldest == day(2)
    assert comparison.add(present(("1", None, "campaign:m"))) == []
    assert comparison.add(present(("2", None, "campaign:n"))) == []
    assert comparison.finish(lease) == 0
    assert missing(store) == []


def test_what_the_crm_lacks_or_gave_to_another_is_missing(mirror: Mirror, store: Store, lease: Lease) -> None:
    comparison = mirror.compare("campaign")
    assert comparison.add(present(("2", None, "campaign:m"))) == ["campaign:m"]
    assert comparison.finish(lease) == 3
    assert missing(store) == [("1", "campaign:m:added"), ("1", "campaign:m:responded"), ("2", "campaign:n:added")]


def test_only_records_of_known_leads_are_asked_for(mirror: Mirror) -> None:
    comparison = mirror.compare("campaign")
    assert comparison.add(present(("1", None, "campaign:o"), ("9", None, "campaign:p"))) == ["campaign:o"]


def test_a_record_by_address_stays_with_whoever_has_it(mirror: Mirror, store: Store, lease: Lease) -> None:
    """An address may have a new owner; a record without a lead is read again if its owner is known."""
    comparison = mirror.compare("campaign")
    rows = present((None, "ann@", "campaign:n"), (None, "gone@", "campaign:m"), (None, "ann@", "campaign:o"))
    assert comparison.add(rows) == ["campaign:o"]
    assert comparison.finish(lease) == 0
    assert missing(store) == []


def test_records_of_a_merged_lead_count_for_its_survivor(mirror: Mirror, store: Store, lease: Lease) -> None:
    mirror.save(page(merged={"2": "1"}), lease)
    comparison = mirror.compare("campaign")
    assert comparison.add(present(("1", None, "campaign:m"), ("2", None, "campaign:n"))) == []
    assert comparison.finish(lease) == 0
    assert missing(store) == []


def test_what_is_there_again_is_no_longer_suspected(mirror: Mirror, store: Store, lease: Lease) -> None:
    mirror.compare("campaign").finish(lease)
    assert len(missing(store)) == 3
    comparison = mirror.compare("campaign")
    comparison.add(present(("1", None, "campaign:m")))
    comparison.finish(lease)
    assert missing(store) == [("2", "campaign:n:added")]


def test_nothing_to_compare_is_nothing_missing(mirror: Mirror, store: Store, lease: Lease) -> None:
    comparison = mirror.compare("task")
    assert comparison.oldest is None
    assert comparison.finish(lease) == 0
    assert missing(store) == []


def test_conversions_and_accounts_are_compared_like_activities(mirror: Mirror, store: Store, lease: Lease) -> None:
    """Accounts have neither lead nor address; what the mirror lacks of them is always asked for."""
    won = {"outcome": "won", "occurred_at": DAY, "lead": "1"}
    firms = pl.DataFrame({"account": ["a", "b"]})
    both = outcomes(won | {"id": "conversion:o"}, won | {"id": "conversion:p"})
    mirror.save(page(outcomes=both, accounts=firms), lease)
    comparison = mirror.compare("conversion", "outcomes")
    assert comparison.add(present(("1", None, "conversion:p"), ("1", None, "conversion:q"))) == ["conversion:q"]
    assert comparison.finish(lease) == 1
    comparison = mirror.compare(ACCOUNTS_OF, "accounts")
    assert comparison.add(present((None, None, "*accounts:b"), (None, None, "*accounts:c"))) == ["*accounts:c"]
    assert comparison.finish(lease) == 1
    suspects = store.removals("main").suspects("new").activities
    assert sorted(suspects.rows()) == [("", "*accounts:a", "account"), ("1", "conversion:o", "won")]
    store.removals("main").settle(Verdict(dropped=suspects), DAY, lease)
    assert mirror.counts().accounts == 1
    assert mirror.outcomes()["id"].to_list() == ["conversion:p"]
    assert store.removals("main").activities()["won"] == 1

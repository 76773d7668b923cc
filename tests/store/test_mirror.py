from datetime import timedelta

import polars as pl

from connectors.records import ACTIVITIES, FIELD_HISTORY, OUTCOMES, TIME, address_digest
from store import Lease, Mirror, Outbox, Saved, Store
from store.bulk import bucket
from tests.store.pages import DAY, FIELDS, accounts, activities, day, history, leads, outcomes, page

ADDRESS = address_digest("Ann@acme.example")
ANN = {"lead": "1", "account": "a", "address": ADDRESS, "created_at": DAY, "job_title": "CTO", "tags": ["x", "y"]}
BOB = {"lead": "2", "account": "a", "created_at": DAY, "employees": 3.0, "is_student": True, "purchase_by": day(9.5)}
ACME = {"account": "a", "employees": 120.0, "job_title": "never of a person"}
VISIT = {"lead": "1", "id": "page:1", "url": "https://x.example/pricing?utm_source=a&b=1&gclid=2", "seconds": 12.5}
CALL = {"lead": "1", "id": "call:1", "kind": "call", "name": "First call", "occurred_at": day(1), "value": 2.0}


def test_a_page_comes_back_as_frames(mirror: Mirror, lease: Lease) -> None:
    saved = mirror.save(page(leads=leads(ANN, BOB), accounts=accounts(ACME), activities=activities(VISIT, CALL)), lease)
    assert saved == Saved(leads=2, leads_new=2, accounts_changed=1, activities=2, activities_new=2)
    frames = mirror.frames(["1", "2"], FIELDS)
    assert frames.leads.sort("lead").to_dicts() == [
        {**dict.fromkeys(FIELDS), **ANN, "employees": 120.0},
        {**dict.fromkeys(FIELDS), "address": None, **BOB, "job_title": "never of a person"},
    ]
    assert frames.leads.schema["created_at"] == TIME
    shown = frames.activities.join(frames.touchpoints, on="touchpoint").sort("id").drop("touchpoint")
    assert shown.to_dicts() == [
        {
            "lead": "1",
            "id": "call:1",
            "occurred_at": day(1),
            "seconds": None,
            "value": 2.0,
            "kind": "call",
            "url": None,
            "name": "First call",
        },
        {
            "lead": "1",
            "id": "page:1",
            "occurred_at": DAY,
            "seconds": 12.5,
            "value": None,
            "kind": "page_view",
            "url": "https://x.example/pricing?b=1",
            "name": None,
        },
    ]


def test_saving_a_page_twice_changes_nothing(mirror: Mirror, outbox: Outbox, lease: Lease) -> None:
    twice = page(leads=leads(ANN, BOB), accounts=accounts(ACME), activities=activities(VISIT, CALL))
    mirror.save(twice, lease)
    assert mirror.save(twice, lease) == Saved(leads=2, activities=2)

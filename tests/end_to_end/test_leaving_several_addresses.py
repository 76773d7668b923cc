"""Who is forgotten or excluded is so under every e-mail address."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from pipeline.passes import BACKFILL, RECONCILE, SYNC
from tests.end_to_end.test_addresses import change
from tests.stage import Stage
from vocabulary.rows import address_digest

Open = Callable[..., Stage]
SECOND, THIRD = "second@further.example", "third@further.example"


def filled(hubspot: Open, **settings: Any) -> tuple[Stage, str, str]:
    """Return a stage, a contact that has two further addresses, and its first address."""
    stage = hubspot(40)
    first, lead = next(iter(stage.addresses().items()))
    change(stage, lead, hs_additional_emails=f"{SECOND};{THIRD}")
    stage.configure(lambda connection: connection.update(settings))
    stage.provision()
    stage.do(BACKFILL)
    return stage, lead, first


def created(stage: Stage, **values: str) -> str:
    token = stage.app.state.portal.tokens.static
    made = requests.post(
        f"{stage.url}/crm/v3/objects/contacts",
        json={"properties": values},
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    made.raise_for_status()
    return str(made.json()["id"])


def stay_out(stage: Stage, named: str) -> None:
    done = stage.leadgauge("forget", named, "--stay-out", "--yes")
    assert done.returncode == 0, done.stderr


def stored(stage: Stage, lead: str, *addresses: str) -> dict[str, list[Any]]:
    digests = [digest for address in addresses if (digest := address_digest(address))]
    with stage.job() as job:
        return job.store.about(job.name, [lead], digests)


def test_who_comes_back_under_another_address_stays_out(hubspot: Open) -> None:
    stage, lead, _ = filled(hubspot)
    stay_out(stage, lead)
    stage.delete(lead)
    returned = created(stage, email=THIRD)
    change(stage, other := stage.people()[0], hs_additional_emails=f"{SECOND};fourth@further.example")
    for kind in (SYNC, RECONCILE):
        stage.do(kind)
        for each in (returned, other):
            assert stored(stage, each).keys() <= {"kept_out"}
    change(stage, other, email="fifth@further.example", hs_additional_emails="")
    change(stage, another := stage.people()[1], email="fourth@further.example")
    stage.act(another, "email_open")
    stage.do(SYNC)
    assert stored(stage, another, "fourth@further.example").keys() == {"kept_out"}


def test_who_is_merged_into_another_record_stays_out_with_it(crm: Open) -> None:
    stage = crm(40)
    stage.provision()
    stage.do(BACKFILL)
    leads = [one for one in stage.people() if stage.crm == "hubspot" or one.startswith("00Q")]
    primary, lead = leads[:2]
    stay_out(stage, lead)
    survivor = stage.merge(primary, lead)
    stage.do(SYNC)
    with stage.job() as job:
        assert job.mirror.resolve(survivor) is None
        assert job.mirror.resolve(lead) is None
        assert job.store.about(job.name, [lead, survivor], []).keys() == {"kept_out"}
    stage.do(RECONCILE)
    assert stored(stage, survivor).keys() == {"kept_out"}


def test_the_other_connections_of_the_database_keep_a_person_out_too(hubspot: Open) -> None:
    stage, lead, first = filled(hubspot)
    stay_out(stage, lead)
    with stage.job() as job:
        job.store.mirror("second")
        assert {name for name in job.store.connections() if job.store.about(name, [], [str(address_digest(first))])}


def test_what_waits_is_exported_and_forgotten_by_an_address_that_no_lead_has(hubspot: Open) -> None:
    stage = hubspot(40)
    first, lead = next(iter(stage.addresses().items()))
    stage.act(lead, "email_open")
    change(stage, lead, email=SECOND)
    stage.provision()
    stage.do(BACKFILL)
    assert json.loads(stage.leadgauge("export", first).stdout)["connections"]["main"].keys() == {"unclaimed"}
    assert stage.leadgauge("forget", first, "--yes").stdout == f"What waited for {first} is erased.\n"
    assert not stored(stage, lead, first).get("unclaimed")


@pytest.mark.parametrize("named", ["first", SECOND])
def test_an_excluded_person_is_found_by_every_address(hubspot: Open, named: str) -> None:
    stage, lead, first = filled(hubspot)
    stage.act(lead, "email_open")
    change(stage, lead, email=SECOND, hs_additional_emails=first, country="IS")
    stage.configure(lambda connection: connection.update(exclude={"left": {"country": "IS"}}))
    stage.do(SYNC)
    address = first if named == "first" else named
    rows = json.loads(stage.leadgauge("export", address).stdout)["connections"]["main"]
    assert rows.keys() == {"excluded"}
    assert {row["address"] for row in rows["excluded"]} == {address_digest(one) for one in (first, SECOND)}
    stay_out(stage, address)
    assert stored(stage, lead, first, SECOND).keys() == {"kept_out"}
    change(stage, lead, country="DE")
    stage.do(SYNC)
    assert stored(stage, lead, first, SECOND).keys() == {"kept_out"}

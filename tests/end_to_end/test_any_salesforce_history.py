"""After any history of changes in Salesforce and edits of the settings, all is as a fresh backfill would leave it."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest

from leadgauge_sandbox.salesforce.deeds import KINDS
from tests.end_to_end.histories import Deed, Edit, People, same_as_fresh
from tests.end_to_end.test_removed_activities import tell
from tests.stage import Stage

Open = Callable[..., Stage]
FEW, MANY = 1, 12
"""How many seeds run in `make test`, with a shorter history, and in `make test-all`."""


class SalesforcePeople(People):
    """Random actions of people in an org."""

    busy = 24

    def deeds(self) -> Sequence[Deed]:
        return [partial(self._do, kind) for kind in KINDS]

    def _do(self, kind: str) -> None:
        tell(self.stage, "deeds", kind=kind, seed=self.draw.randrange(1_000_000))

    def settings(self, connection: dict[str, Any]) -> None:
        connection |= {"history": True, "objects": {"Lead": {"filter": "Status != 'Unqualified'"}, "Contact": True}}

    def edits(self) -> Sequence[Edit]:
        return EDITS


def activities(**change: Any) -> Edit:
    return lambda connection: connection["activities"].update(change)


def sources(connection: dict[str, Any]) -> None:
    """Take the title of visits and their kind from the lead."""
    visits = connection["activities"]["sources"][0]
    visits["title"] = "Lead__r.Company"
    visits["kind"] = {"field": "Lead__r.LeadSource", "kinds": {"ORGANIC_SEARCH": "page_view"}}


def only(**filters: str) -> Edit:
    return lambda connection: connection.update(objects={name: {"filter": filters[name]} for name in filters})


EDITS: Sequence[Edit] = (
    *(activities(tasks=False), activities(tasks=True), activities(events={"kind": "visit", "shared": True})),
    *(activities(since="60d"), activities(campaigns={"added": {}}), activities(emails=False), sources),
    lambda connection: connection["fields"].update(seniority="LastName", state="Status"),
    only(Lead="Status != 'Unqualified'", Contact="LeadSource != 'OFFLINE'"),
    only(Lead="Status != 'Unqualified'"),
    lambda connection: connection.update(exclude={"partners": {"country": "DE"}}),
    lambda connection: connection.update(outcomes={"opportunities": "accounts"}),
    lambda connection: connection.update(outcomes={"conversions": False}),
    lambda connection: connection.update(history=True),
    lambda connection: connection.update(bulk_reads_above=20),
)


@pytest.mark.parametrize(
    "seed", [*range(FEW), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(FEW, MANY))]
)
def test_all_passes_leave_what_a_fresh_backfill_would(salesforce: Open, seed: int) -> None:
    stage = salesforce(40)
    stage.provision()
    same_as_fresh(stage, SalesforcePeople(stage, seed), hours=1 if seed < FEW else 3)

"""Look up leads and contacts that a listing did not include, by id, in the recycle bin too.

`queryAll` returns deleted and merged records until they are purged from the bin:
https://developer.salesforce.com/docs/platform/api-rest/guide/resources-queryall.html (2026-11).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from connectors.base import Located, Unavailable
from connectors.salesforce import frames, rest
from connectors.salesforce.people import KINDS, Kind, kind_of
from connectors.salesforce.session import Session
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.soql import Query, all_of, in_chunks, one_of

_COLUMNS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "Contact": ("Id", "IsDeleted", frames.MERGED_ID),
    "Lead": ("Id", "IsDeleted", frames.MERGED_ID, "IsConverted", "ConvertedContactId"),
}


@dataclass(frozen=True, slots=True)
class Locator:
    """Looks records up by id, several hundred per query."""

    session: Session
    settings: SalesforceSettings

    def locate(self, leads: Sequence[str], controls: Sequence[str]) -> dict[str, Located]:
        """Return where each record is. One that exists but does not match the filter is outside."""
        found: dict[str, Located] = {}
        for kind in KINDS:
            mine = [lead for lead in leads if kind_of(lead) == kind]
            found |= self._of_kind(kind, mine, [lead for lead in controls if kind_of(lead) == kind])
        return {lead: found.get(lead, Located("gone")) for lead in leads}

    def _of_kind(self, kind: Kind, leads: Sequence[str], controls: Sequence[str]) -> dict[str, Located]:
        if not getattr(self.settings.objects, kind).read:
            return dict.fromkeys(leads, Located("outside"))
        found: dict[str, Located] = {}
        for chunk in in_chunks(leads):
            found |= self._asked(kind, chunk, controls)
        return found

    def _asked(self, kind: Kind, leads: Sequence[str], controls: Sequence[str]) -> dict[str, Located]:
        rows = self._rows(kind, _COLUMNS[kind], [*leads, *controls], deleted=True)
        if not set(controls) <= set(rows["Id"]):
            raise Unavailable(
                f"Salesforce's answer for records of {kind} by id cannot be used."
                " It lacks records that existed a moment ago."
            )
        places = {row["Id"]: self._place(row) for row in rows.iter_rows(named=True)}
        here = [lead for lead in leads if places.get(lead) == Located("here")]
        inside = self._inside(kind, here)
        return {lead: place for lead, place in places.items() if lead in leads} | {
            lead: Located("outside") for lead in here if lead not in inside
        }

    def _inside(self, kind: Kind, leads: Sequence[str]) -> set[str]:
        """Return the live records that match the filter of the settings."""
        condition = getattr(self.settings.objects, kind).filter
        if not condition or not leads:
            return set(leads)
        return set(self._rows(kind, ("Id",), leads, condition)["Id"])

    def _rows(
        self, kind: Kind, columns: Sequence[str], ids: Iterable[str], condition: str = "", *, deleted: bool = False
    ) -> pl.DataFrame:
        where = all_of(condition, one_of("Id", dict.fromkeys(ids)))
        return rest.rows(self.session, Query(kind, columns, where, deleted=deleted))

    def _place(self, row: Mapping[str, str | None]) -> Located:
        if row["IsDeleted"] == "true":
            survivor = row[frames.MERGED_ID]
            return Located("merged", survivor) if survivor else Located("bin")
        if row.get("IsConverted") != "true":
            return Located("here")
        contact = row["ConvertedContactId"]
        return Located("merged", contact) if contact and self.settings.objects.Contact.read else Located("outside")

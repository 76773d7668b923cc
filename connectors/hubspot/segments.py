"""Who belongs to which list of contacts; HubSpot's pages call lists segments.

Search tells of up to 500 lists in one call how many members each has, and when a record was last added and removed
(`hs_list_size`, `hs_last_record_added_at`, `hs_last_record_removed_at`), so that only lists are read whose members
changed: the OpenAPI specification of `POST /crm/lists/2026-09/search` in
https://github.com/HubSpot/HubSpot-public-api-spec-collection (2026-08), and its recorded answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.hubspot.answers import NOT_FOUND, Rejected, following
from connectors.hubspot.objects import LIST_PAGE
from connectors.hubspot.streams import Now
from connectors.hubspot.transport import Transport
from connectors.segments import Members, Seen

CONTACTS: Final = "0-1"
_LISTS: Final = 500
"""Most lists of one search."""
# "The limit value max is 250": https://developers.hubspot.com/docs/api-reference/legacy/crm/lists/get-memberships
# (2026-11).
_PAGE: Final = 250
_COMPLETE: Final = "COMPLETE"

Found = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lists:
    """Looks at lists and reads their members."""

    transport: Transport
    clock: Now
    _ids: dict[str, str] = field(default_factory=dict)
    """The id of each list that was found, by how the settings name it."""

    def now(self) -> int:
        """Return HubSpot's time."""
        return self.clock()

    def look(self, known: Mapping[str, str | None]) -> Mapping[str, Seen | str]:
        """Return what HubSpot says of each list, in one call if all names are known: a list may be renamed."""
        ids = {name: name if name.isdecimal() else id_ for name, id_ in known.items()}
        found = self.search(filter(None, ids.values()))
        strays = [name for name, id_ in ids.items() if not (name.isdecimal() or _is_called(found.get(id_ or ""), name))]
        fresh = {name: self.by_name(name) for name in strays}
        found |= self.search(filter(None, fresh.values()))
        told = {name: seen(name, found.get(id_ or "")) for name, id_ in {**ids, **fresh}.items()}
        self._ids.update({name: one.id for name, one in told.items() if isinstance(one, Seen)})
        return told

    def search(self, ids: Iterable[str]) -> dict[str, Found]:
        """Return what search says of lists, by id."""
        wanted = sorted(set(ids))
        found: dict[str, Found] = {}
        for start in range(0, len(wanted), _LISTS):
            asked = wanted[start : start + _LISTS]
            more = {"processingTypes": [], "additionalProperties": [], "offset": 0, "count": len(asked)}
            lists = self.transport.post("list_search", {"listIds": asked, **more})["lists"]
            found |= {str(one["listId"]): one for one in lists}
        return found

    def by_name(self, name: str) -> str | None:
        """Return the id of the list of contacts with this name, if there is one."""
        try:
            found = self.transport.get("list_by_name", type=CONTACTS, name=name)
        except Rejected as rejected:
            if rejected.complaint.status != NOT_FOUND:
                raise
            return None
        return str(found["list"]["listId"])

    def members(self, id_: str, after: str | None, *, some: bool) -> Members:
        """Return a page of the members of a list, by their ids."""
        query = [("limit", str(_PAGE)), *([("after", after)] if after else [])]
        answer = self.transport.get("list_members", query, sure=some, id=id_)
        leads = [str(row["recordId"]) for row in answer["results"]]
        return Members(leads, len(leads), following(answer))

    def of_leads(self, named: Sequence[str], leads: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return which of these contacts are in each of these lists."""
        held: dict[str, list[str]] = {}
        for start in range(0, len(leads), LIST_PAGE):
            inputs = [{"objectTypeId": CONTACTS, "recordId": lead} for lead in leads[start : start + LIST_PAGE]]
            for row in self.transport.post("lists_of_records", {"inputs": inputs})["results"]:
                for one in row["recordListMemberships"]:
                    held.setdefault(str(one["listId"]), []).append(str(row["recordId"]))
        ids = {name: name if name.isdecimal() else self._ids.get(name) or self.by_name(name) for name in named}
        return {name: held[id_] for name, id_ in ids.items() if id_ in held}


def _is_called(found: Found | None, name: str) -> bool:
    """Return whether a list has this name. HubSpot finds names in any letter case."""
    return found is not None and str(found.get("name")).casefold() == name.casefold()


def seen(name: str, found: Found | None) -> Seen | str:
    """Return what the answer of search says of a list, or why it cannot be read."""
    if found is None:
        return f"HubSpot has no list of contacts with {'the id' if name.isdecimal() else 'this name'}"
    if found["objectTypeId"] != CONTACTS:
        return f"the list '{found['name']}' has records of the type {found['objectTypeId']}, not contacts ({CONTACTS})"
    if found["processingStatus"] != _COMPLETE:
        return f"HubSpot is still filling it ({found['processingStatus']})"
    told = found["additionalProperties"]
    size = str(told.get("hs_list_size", ""))
    if not size.isdecimal():
        return "HubSpot does not say how many members it has"
    times = (told.get(f"hs_last_record_{what}_at") for what in ("added", "removed"))
    return Seen(str(found["listId"]), int(size), " ".join(map(str, (size, *times))))

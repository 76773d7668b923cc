"""Look up contacts that a listing did not include, by id: 100 per call, in the recycle bin too.

For an id that lost a merge, HubSpot returns the survivor under the survivor's id. Unknown ids are listed in an error of
category OBJECT_NOT_FOUND beside the results (207, recorded). An id mentioned in neither is requested on its own, where
a 404 is conclusive.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.base import Located, Unavailable
from connectors.hubspot.answers import NOT_FOUND, Rejected
from connectors.hubspot.contacts import merges
from connectors.hubspot.objects import LIST_PAGE, MERGED, Rows
from connectors.hubspot.transport import Transport

_MERGED: Final = MERGED["contacts"]
_ALONE: Final = 20
"""Maximum contacts that are requested one by one. An answer that omits more of them is broken."""


@dataclass(frozen=True, slots=True)
class Locator:
    """Looks contacts up by id."""

    transport: Transport

    def locate(self, leads: Sequence[str], controls: Sequence[str]) -> dict[str, Located]:
        """Return where each contact is."""
        found = self._look(leads, controls, archived=False)
        found |= self._look([lead for lead in leads if lead not in found], (), archived=True)
        return {lead: found.get(lead, Located("gone")) for lead in leads}

    def _look(self, leads: Sequence[str], controls: Sequence[str], *, archived: bool) -> dict[str, Located]:
        """Return the contacts found among the live ones or, if `archived`, in the recycle bin."""
        size, found = LIST_PAGE - len(controls), dict[str, Located]()
        for start in range(0, len(leads), size):
            batch = leads[start : start + size]
            known = self._batch(batch, controls, archived=archived)
            found |= {lead: known[lead] for lead in batch if lead in known}
        return found

    def _batch(self, leads: Sequence[str], controls: Sequence[str], *, archived: bool) -> dict[str, Located]:
        asked = list(dict.fromkeys([*leads, *controls]))
        body = {"inputs": [{"id": one} for one in asked], "properties": _MERGED, "propertiesWithHistory": []}
        answer = self.transport.post("read", body, query=_of(archived=archived), type="contacts")
        known = _places(answer["results"], archived=archived)
        if not set(controls) <= known.keys():
            raise _broken("It lacks contacts that existed a moment ago.")
        unsaid = [lead for lead in leads if lead not in known and lead not in _not_found(answer)]
        if len(unsaid) > _ALONE:
            raise _broken(f"It does not mention {len(unsaid)} of {len(asked)} contacts.")
        return known | {lead: place for lead in unsaid for place in self._alone(lead, archived=archived)}

    def _alone(self, lead: str, *, archived: bool) -> Iterator[Located]:
        """Yield where one contact is, or nothing if it does not exist."""
        query = [*_of(archived=archived), ("properties", ",".join(_MERGED))]
        try:
            row = self.transport.get("object", query, type="contacts", id=lead)
        except Rejected as rejected:
            if rejected.complaint.status != NOT_FOUND:
                raise
            return
        known = _places([row], archived=archived)
        if lead not in known:
            raise _broken("It is about another contact than requested.")
        yield known[lead]


def _of(*, archived: bool) -> list[tuple[str, str]]:
    return [("archived", "true")] if archived else []


def _places(rows: Rows, *, archived: bool) -> dict[str, Located]:
    """Return where the contacts of an answer are, and those that were merged into them."""
    lost = {old: Located("merged", survivor) for old, survivor in merges(rows).items()}
    return lost | {str(row["id"]): Located("bin" if archived else "here") for row in rows}


def _not_found(answer: Mapping[str, Any]) -> set[str]:
    """Return the ids that HubSpot reports as unknown; one error lists many (recorded)."""
    return {
        str(one)
        for error in answer.get("errors") or ()
        if error.get("category") == "OBJECT_NOT_FOUND"
        for one in (error.get("context") or {}).get("ids") or ()
    }


def _broken(why: str) -> Unavailable:
    return Unavailable(f"HubSpot's answer for contacts by id cannot be used. {why}")

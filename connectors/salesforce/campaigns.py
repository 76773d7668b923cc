"""Who belongs to which campaign.

One grouped query tells how many members each campaign has, and when the last of them was changed. A deleted member is
not in the recycle bin (https://github.com/airbytehq/airbyte/issues/44845, 2026-11), but it changes the count.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from connectors.salesforce import rest
from connectors.salesforce.entrants import AT_ONCE
from connectors.salesforce.readings import QUERY_PAGE
from connectors.salesforce.session import Session
from connectors.salesforce.soql import Query, all_of, any_of, in_chunks, literal, one_of
from connectors.segments import Members, Seen

GAP: Final = 0.02
"""Share of a campaign that may be missing: members may leave between the count and the reading."""
_PAGE: Final = 2_000
_ID: Final = re.compile(r"701[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")
"""The id of a campaign, which begins with 701, with or without its checksum:
https://help.salesforce.com/s/articleView?id=000385203 (2026-11)."""
_SHORT: Final = 15
"""Characters of an id without its checksum."""


@dataclass(frozen=True, slots=True)
class _Group:
    name: str
    members: int
    latest: str


@dataclass(frozen=True, slots=True)
class Campaigns:
    """Looks at campaigns and reads their members."""

    session: Session
    _ids: dict[str, str] = field(default_factory=dict)
    """The id of each campaign that was found, by how the settings name it."""

    def now(self) -> int:
        """Return Salesforce's time in milliseconds."""
        return int(self.session.now().timestamp() * 1000)

    def look(self, known: Mapping[str, str | None]) -> Mapping[str, Seen | str]:
        """Return what Salesforce says of each campaign, in one query if all are known and have members."""
        ids = {name: name if _ID.fullmatch(name) else id_ for name, id_ in known.items()}
        groups = self._groups(filter(None, ids.values()))
        strays = [name for name, id_ in ids.items() if not _is_called(groups.get((id_ or "")[:_SHORT]), name)]
        found = self._campaigns(strays)
        groups |= self._groups(one.id for one in found.values() if isinstance(one, Seen))
        told = {name: found.get(name) or Seen(str(id_), 0, "") for name, id_ in ids.items()}
        seen = {name: one if isinstance(one, str) else _counted(one, groups) for name, one in told.items()}
        self._ids.update({name: one.id for name, one in seen.items() if isinstance(one, Seen)})
        return seen

    def members(self, id_: str, after: str | None, *, some: bool) -> Members:  # noqa: ARG002 - a query tells its total
        """Return a page of the members of a campaign; accounts may be members too."""
        where = all_of(f"CampaignId = {literal(id_)}", f"Id > {literal(after)}" if after else None)
        query = Query("CampaignMember", ("Id", "LeadId", "ContactId"), where, "Id", limit=_PAGE)
        rows = rest.rows(self.session, query)
        people = [contact or lead for lead, contact in rows.select("LeadId", "ContactId").iter_rows()]
        last = rows["Id"][-1] if rows.height == _PAGE else None
        return Members([one for one in people if one], rows.height, last)

    def of_leads(self, named: Sequence[str], leads: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return which of these leads and contacts are in each of these campaigns."""
        if unknown := [name for name in named if name not in self._ids]:
            self.look(dict.fromkeys(unknown))
        names = {id_[:_SHORT]: name for name, id_ in self._ids.items() if name in named}
        held: dict[str, list[str]] = {}
        for chunk in in_chunks(leads if names else (), AT_ONCE):
            people = any_of(one_of("LeadId", chunk), one_of("ContactId", chunk))
            where = all_of(one_of("CampaignId", names), people)
            for row in rest.rows(
                self.session, Query("CampaignMember", ("Id", "CampaignId", "LeadId", "ContactId"), where)
            ).iter_rows(named=True):
                held.setdefault(names[row["CampaignId"][:_SHORT]], []).append(row["ContactId"] or row["LeadId"])
        return held

    def _groups(self, ids: Iterable[str]) -> dict[str, _Group]:
        """Return how many members campaigns have, and when one was last changed; those without any are left out."""
        found: dict[str, _Group] = {}
        for chunk in in_chunks(sorted(set(ids))):
            soql = (
                "SELECT CampaignId c, Campaign.Name n, COUNT(Id) m, MAX(SystemModstamp) t FROM CampaignMember"  # noqa: S608 - ids pass `literal`
                f" WHERE {one_of('CampaignId', chunk)} GROUP BY CampaignId, Campaign.Name"
            )
            for row in self.session.ask(QUERY_PAGE, "GET", "query/", params={"q": soql}).records:
                told = {key.lower(): value for key, value in row.items()}
                found[str(told["c"])[:_SHORT]] = _Group(str(told["n"]), int(told["m"]), str(told["t"]))
        return found

    def _campaigns(self, named: Sequence[str]) -> dict[str, Seen | str]:
        """Return the campaigns that these are, with the size that each campaign itself tells, or why there is none."""
        if not named:
            return {}
        ids, names = [one for one in named if _ID.fullmatch(one)], [one for one in named if not _ID.fullmatch(one)]
        asked = [one_of(field, some) for field, some in (("Id", ids), ("Name", names)) if some]
        columns = ("Id", "Name", "NumberOfLeads", "NumberOfContacts")
        rows = list(rest.rows(self.session, Query("Campaign", columns, any_of(*asked))).iter_rows(named=True))
        told: dict[str, Seen | str] = {}
        for one in named:
            mine = [row for row in rows if _is(one, row["Id"], row["Name"])]
            if len(mine) == 1:
                size = sum(int(float(mine[0][name] or 0)) for name in columns[2:])
                told[one] = Seen(mine[0]["Id"], size, "")
            else:
                told[one] = f"{len(mine)} campaigns have this name; give its id" if mine else _MISSING
        return told


_MISSING: Final = "there is no such campaign that the integration user can see"


def _is(one: str, id_: str, name: str) -> bool:
    return id_[:_SHORT] == one[:_SHORT] if _ID.fullmatch(one) else name.casefold() == one.casefold()


def _is_called(group: _Group | None, name: str) -> bool:
    """Return whether a campaign has members, and this name if it is known by name."""
    return group is not None and (bool(_ID.fullmatch(name)) or group.name.casefold() == name.casefold())


def _counted(seen: Seen, groups: Mapping[str, _Group]) -> Seen | str:
    """Return a campaign with the number of its members and when one was changed."""
    group = groups.get(seen.id[:_SHORT])
    if group is not None:
        return Seen(seen.id, group.members, f"{group.members} {group.latest}")
    return f"it counts {seen.size:,} members, but lists none" if seen.size else Seen(seen.id, 0, "0")

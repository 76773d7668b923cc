"""What `check` says of a feed: libraries, channel, rights, what is left to polling, and what is left of the day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.base import ConfigurationError
from connectors.salesforce import rest
from connectors.salesforce.feed import extra
from connectors.salesforce.feed.allocation import Allocation
from connectors.salesforce.feed.channel import NAME, Channel
from connectors.salesforce.feed.concerns import is_supported
from connectors.salesforce.readings import IDENTITY
from connectors.salesforce.session import Session
from connectors.salesforce.settings import Feed
from connectors.salesforce.soql import Query, all_of, literal, one_of
from vocabulary.findings import Finding

_SUBJECT: Final = "feed"
_LOW: Final = 1_000
_PROVISION: Final = "Run `leadgauge provision`."


@dataclass(frozen=True, slots=True)
class FeedChecking:
    """Checks the feed of a connection."""

    session: Session
    feed: Feed
    streams: Mapping[str, Sequence[str]]
    """The objects that each stream reads; none for one that no event tells of."""
    chosen: Sequence[str]
    """The objects that are followed."""
    written: Sequence[str]

    def findings(self) -> Iterator[Finding]:
        """Yield the findings."""
        if lacking := extra.missing():
            yield Finding("error", _SUBJECT, f"{extra.MESSAGE}: {', '.join(lacking)}.", extra.REMEDY)
        there = [*self._channel()] if self.feed.is_ours else []
        yield from there
        if not lacking and all(one.level != "error" for one in there):
            from connectors.salesforce.feed.reaching import unreached  # noqa: PLC0415 - its libraries are an extra

            yield from unreached(self.session, self.feed)
        yield from self._polled()
        yield from self._rights()
        yield from self._allocation()

    def _channel(self) -> Iterator[Finding]:
        channel = Channel(self.session)
        wanted = channel.wanted(self.chosen, self.written)
        try:
            there, members = channel.id(), channel.members()
        except ConfigurationError as error:
            remedy = "Grant it `View Setup and Configuration`, or let an administrator run `leadgauge provision`."
            message = "The integration user cannot look at channels of change events."
            yield Finding("note", _SUBJECT, f"{message} {error.wrong}", remedy)
            return
        if there is None:
            yield Finding("error", _SUBJECT, f"The org has no channel {NAME}.", _PROVISION)
            return
        if lacking := [name for name in wanted if name not in members]:
            yield Finding("warning", _SUBJECT, f"The channel {NAME} lacks {', '.join(lacking)}.", _PROVISION)
        if other := [name for name in wanted if name in members and members[name].filter != wanted[name]]:
            message = f"The channel {NAME} has another filter for {', '.join(other)}, so own writes use up its events."
            yield Finding("warning", _SUBJECT, message, _PROVISION)

    def _polled(self) -> Iterator[Finding]:
        """Say which streams only a pass reads."""
        chosen = set(self.chosen) if self.feed.is_ours else {one for of in self.streams.values() for one in of}
        followed = {
            name: [one for one in of if one in chosen and is_supported(one)] for name, of in self.streams.items()
        }
        polled = [name for name, of in followed.items() if not of]
        partly = [name for name, of in followed.items() if of and len(of) < len(set(self.streams[name]))]
        if polled:
            message = f"{', '.join(polled)}: left to passes, since no change event tells of them"
            yield Finding("note", _SUBJECT, f"{message} or no more than {self.feed.most_objects} objects are followed.")
        if partly:
            yield Finding("note", _SUBJECT, f"{', '.join(partly)}: some of their objects are left to passes.")

    def _rights(self) -> Iterator[Finding]:
        """Say which objects the user gets no events of, which no error tells.

        "Users receive only change events associated with entities for which they have the necessary permissions":
        https://developer.salesforce.com/docs/platform/change-data-capture/guide/cdc-security-perms.html (2026-11).
        """
        try:
            seen = self._granted()
        except ConfigurationError as error:
            message = f"Nothing tells whether the user gets all events. {error.wrong}"
            yield Finding("note", _SUBJECT, message, "Grant it `View Setup and Configuration`.")
            return
        if unseen := [name for name in self.chosen if seen is not None and name not in seen]:
            message = f"The integration user gets no change events of {', '.join(unseen)}, although nothing refuses it."
            remedy = "Grant it `View All Data`, or `View All Records` for each object that has it (not Task and Event)."
            yield Finding("warning", _SUBJECT, message, remedy)

    def _granted(self) -> set[str] | None:
        """Return the objects of which the user may view all records; None if it may view all data, or nothing tells.

        The rights of a user are those of all its permission sets, one of which is its profile's:
        https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_permissionset.htm
        (2026-11).
        """
        user = self.session.ask(IDENTITY, "GET", "/services/oauth2/userinfo").user_id
        assigned = Query("PermissionSetAssignment", ("Id", "PermissionSetId"), f"AssigneeId = {literal(user)}")
        ids = dict.fromkeys(rest.rows(self.session, assigned)["PermissionSetId"])
        if not ids:
            return None
        columns = ("Id", "IsOwnedByProfile", "PermissionsViewAllData")
        sets = rest.rows(self.session, Query("PermissionSet", columns, one_of("Id", ids)))
        if "true" in sets["PermissionsViewAllData"] or "true" not in sets["IsOwnedByProfile"]:
            return None
        of_objects = all_of("PermissionsViewAllRecords = true", one_of("ParentId", ids))
        rows = rest.rows(self.session, Query("ObjectPermissions", ("Id", "SobjectType"), of_objects))
        return set(rows["SobjectType"])

    def _allocation(self) -> Iterator[Finding]:
        left = Allocation(self.session).left()
        if left is None:
            return
        message = f"{left:,} events may still be delivered in these 24 hours, to all programs together."
        if left >= _LOW:
            yield Finding("note", _SUBJECT, message)
        else:
            remedy = "Close other subscribers, or ask Salesforce for more: beyond it, changes wait for a pass."
            yield Finding("warning", _SUBJECT, message, remedy)

"""Channels of change events and their members: which objects are selected, for whom, and how."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.feeds import filters
from leadgauge_sandbox.salesforce.org import Org
from leadgauge_sandbox.salesforce.schema.sobject import SObject
from leadgauge_sandbox.salesforce.soql.tree import Condition

CHANNEL, MEMBER = "PlatformEventChannel", "PlatformEventChannelMember"
STANDARD: Final = "ChangeEvents"
SUFFIX: Final = "__chn"
# https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_allocations.htm
# (2026-11): five objects over all channels and a hundred channels, unless more are bought.
MOST_ENTITIES: Final = 5
MOST_CHANNELS: Final = 100
# Objects of the sandbox that have change events:
# https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_object_support.htm
# (2026-11).
_SUPPORTED: Final = frozenset(
    {
        *("Account", "Campaign", "CampaignMember", "Contact", "EmailMessage", "Event", "EventRelation", "Lead"),
        *("Opportunity", "OpportunityContactRole", "Task", "User"),
    }
)


def event_name(sobject: str) -> str:
    """Return the name of an object's change events, such as `LeadChangeEvent` or `Web_Visit__ChangeEvent`."""
    return f"{sobject.removesuffix('__c')}__ChangeEvent" if sobject.endswith("__c") else f"{sobject}ChangeEvent"


@dataclass(frozen=True, slots=True)
class Member:
    """An object on a channel."""

    entity: str
    enriched: tuple[str, ...] = ()
    """Fields that updates and deletions tell besides what changed."""
    condition: Condition | None = None

    @property
    def around(self) -> frozenset[str]:
        """The fields that are told although they did not change; those of the filter are too."""
        return frozenset(self.enriched) | (filters.fields(self.condition) if self.condition else frozenset())


@dataclass(frozen=True, slots=True)
class Topic:
    """What can be subscribed to."""

    name: str
    members: Mapping[str, Member]
    """By object."""
    sobject: SObject | None = None
    """The object of a channel for one object."""


@dataclass(slots=True)
class Channels:
    """The channels of an org; rows of the Tooling API hold them."""

    org: Org
    most_entities: int | None = MOST_ENTITIES
    """None if the org has bought more."""
    _details: dict[str, tuple[tuple[str, ...], Condition | None]] = field(default_factory=dict)
    """Enriched fields and filter by the id of the member."""

    def add_channel(self, name: str, label: str, kind: str) -> str:
        """Add a custom channel such as `Scoring__chn` and return its id."""
        if kind != "data" or not name.endswith(SUFFIX):
            message = f"A channel of change events has the type data and a name that ends in {SUFFIX}: {name}, {kind}"
            raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", message, fields=())
        if self._channel(name) is not None:
            raise _duplicate(name)
        if len(list(self.org.rows(CHANNEL))) >= MOST_CHANNELS:
            raise SalesforceError("LIMIT_EXCEEDED", f"You can have up to {MOST_CHANNELS} channels.", fields=())
        table = self.org.tables[CHANNEL]
        values = {"DeveloperName": name.removesuffix(SUFFIX), "MasterLabel": label, "ChannelType": kind}
        return table.identifier(table.insert({**values, "FullName": name, "IsDeleted": False}))

    def add_member(
        self, channel: str, event: str, *, name: str = "", enriched: tuple[str, ...] = (), expression: str | None = None
    ) -> str:
        """Select an object for a channel by the name of its change events; returns the member's id."""
        place = channel if channel == STANDARD else self._channel(channel)
        sobject = self._selectable(event)
        if place is None or sobject is None:
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", f"There is no {event} for {channel}", fields=())
        name = name or f"{channel.replace('__', '_')}_{event}"
        if any(row["FullName"] == name or _is(row, place, event) for row in self.org.rows(MEMBER)):
            raise _duplicate(name)
        self._check_count(sobject.name)
        details = self._read(sobject, enriched, expression)
        table = self.org.tables[MEMBER]
        values = {"DeveloperName": name, "FullName": name, "MasterLabel": event, "EventChannel": place}
        row = table.insert(
            {**values, "SelectedEntity": event, "FilterExpression": expression or None, "IsDeleted": False}
        )
        self._details[table.identifier(row)] = details
        self._watch()
        return table.identifier(row)

    def change_member(self, identifier: str, enriched: tuple[str, ...], expression: str | None) -> None:
        """Set the enriched fields and the filter of a member; nothing else of it can change."""
        table, row = self.row(MEMBER, identifier)
        sobject = self._selectable(table.value(row, "SelectedEntity"))
        assert sobject is not None, "the object of a member exists"
        self._details[table.identifier(row)] = self._read(sobject, enriched, expression)
        table.update(row, {"FilterExpression": expression or None})

    def remove(self, kind: str, identifier: str) -> None:
        """Remove a member, or a channel that has none."""
        table, row = self.row(kind, identifier)
        known = table.identifier(row)
        if kind == CHANNEL and any(each["EventChannel"] == known for each in self.org.rows(MEMBER)):
            raise SalesforceError("DEPENDENCY_EXISTS", "The channel has members.", fields=())
        table.purged.add(row)
        self._watch()

    def row(self, kind: str, identifier: str) -> tuple[Any, int]:
        """Return the table and row of a channel or member, or refuse the id."""
        table = self.org.tables[kind]
        rows = [row for row in range(len(table)) if table.identifier(row)[:15] == identifier[:15]]
        if not rows or rows[0] in table.purged:
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=(), status=404)
        return table, rows[0]

    def metadata(self, kind: str, identifier: str) -> dict[str, Any]:
        """Return the definition of a channel or member as the Tooling API tells it."""
        table, row = self.row(kind, identifier)
        if kind == CHANNEL:
            return {"channelType": table.value(row, "ChannelType"), "label": table.value(row, "MasterLabel")}
        place = table.value(row, "EventChannel")
        if place != STANDARD:
            channels, number = self.row(CHANNEL, place)
            place = channels.value(number, "FullName")
        return {
            "enrichedFields": [{"name": name} for name in self._details[table.identifier(row)][0]],
            "eventChannel": place,
            "filterExpression": table.value(row, "FilterExpression"),
            "selectedEntity": table.value(row, "SelectedEntity"),
        }

    def select(self, entities: list[str]) -> None:
        """Make these the objects of the standard channel, as the page Change Data Capture in Setup does."""
        wanted = [event_name(each) for each in entities]
        for row in list(self.org.rows(MEMBER)):
            if row["EventChannel"] == STANDARD and row["SelectedEntity"] not in wanted:
                self.remove(MEMBER, row["Id"])
        held = {row["SelectedEntity"] for row in self.org.rows(MEMBER) if row["EventChannel"] == STANDARD}
        for event in dict.fromkeys(wanted):
            if event not in held:
                self.add_member(STANDARD, event)

    def selected(self) -> dict[str, list[Member]]:
        """Return the members of all channels by object."""
        found: dict[str, list[Member]] = {}
        for row in self.org.rows(MEMBER):
            member = self._member(row)
            found.setdefault(member.entity, []).append(member)
        return found

    def topic(self, name: str) -> Topic | None:
        """Return a topic such as `/data/ChangeEvents`, `/data/LeadChangeEvent` or `/data/Scoring__chn`.

        That the channel of one object needs the object on the standard channel is assumed.
        """
        if not name.startswith("/data/"):
            return None
        channel = name.removeprefix("/data/")
        place = STANDARD if not channel.endswith(SUFFIX) else self._channel(channel)
        rows = [row for row in self.org.rows(MEMBER) if place is not None and row["EventChannel"] == place]
        members = {member.entity: member for member in map(self._member, rows)}
        if channel == STANDARD or channel.endswith(SUFFIX):
            return None if place is None else Topic(name, members)
        entity = next((each for each in members if event_name(each) == channel), None)
        return None if entity is None else Topic(name, {entity: members[entity]}, self.org.objects[entity])

    def _member(self, row: Mapping[str, Any]) -> Member:
        sobject = self._selectable(row["SelectedEntity"])
        assert sobject is not None, "the object of a member exists"
        return Member(sobject.name, *self._details[row["Id"]])

    def _channel(self, name: str) -> str | None:
        return next((row["Id"] for row in self.org.rows(CHANNEL) if row["FullName"] == name), None)

    def _selectable(self, event: str) -> SObject | None:
        objects = self.org.objects.values()
        return next(
            (each for each in objects if event_name(each.name) == event and (each.custom or each.name in _SUPPORTED)),
            None,
        )

    def _check_count(self, entity: str) -> None:
        known = self.selected()
        if self.most_entities is not None and entity not in known and len(known) >= self.most_entities:
            # The words are a client's: "LIMIT_EXCEEDED: You can track up to 10 entities per channel" (2026-11).
            message = f"You can track up to {self.most_entities} entities."
            raise SalesforceError("LIMIT_EXCEEDED", message, fields=())

    def _read(
        self, sobject: SObject, enriched: tuple[str, ...], expression: str | None
    ) -> tuple[tuple[str, ...], Condition | None]:
        unknown = [name for name in enriched if name not in sobject.fields]
        if unknown:
            message = f"{unknown[0]} is not a field of {sobject.name}"
            raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", message, fields=())
        return enriched, filters.read_filter(sobject, expression) if expression else None

    def _watch(self) -> None:
        self.org.journal.watch(self.selected())


def _is(row: Mapping[str, Any], place: str, event: str) -> bool:
    return bool(row["EventChannel"] == place and row["SelectedEntity"] == event)


def _duplicate(name: str) -> SalesforceError:
    return SalesforceError("DUPLICATE_DEVELOPER_NAME", f"The name {name} is already in use.", fields=())

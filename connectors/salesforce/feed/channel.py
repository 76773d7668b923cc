"""The custom channel of change events that `provision` makes: one member for each object that is followed.

Through the Tooling API:
https://developer.salesforce.com/docs/platform/change-data-capture/guide/cdc-filter-tooling-api-add-filter.html
(2026-11).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.base import ConfigurationError
from connectors.salesforce import rest
from connectors.salesforce.composite import Part, nothing, together
from connectors.salesforce.errors import Rejected
from connectors.salesforce.feed.concerns import event_of
from connectors.salesforce.readings import CREATED_PART
from connectors.salesforce.session import CLIENT_NAME, Session
from connectors.salesforce.settings import OWN_CHANNEL
from connectors.salesforce.soql import Query, literal
from vocabulary.provisioned import Action, Provisioned

NAME: Final = OWN_CHANNEL.removeprefix("/data/")
_DEVELOPER_NAME: Final = NAME.removesuffix("__chn")
_PREFIX: Final = f"{NAME.replace('__', '_')}_"
_CHANNEL, _MEMBER = "PlatformEventChannel", "PlatformEventChannelMember"
_APIS: Final = ("rest", "bulkapi")
_FULL: Final = "LIMIT_EXCEEDED"
_TAKEN: Final = "DUPLICATE_DEVELOPER_NAME"
_GONE: Final = 404
_RIGHTS: Final = (
    "The user needs `Customize Application` and `View Setup and Configuration`; an administrator may run it."
)
_MAKE_ROOM: Final = (
    "Unselect others in Setup > Change Data Capture, lower `feed.most_objects`, or buy more. Its streams are polled."
)


def own_writes_left_out(api_version: str) -> str:
    """Return the filter that keeps the events of our own writes out, so that they do not use up the allocation.

    "You can add ChangeEventHeader fields in a filter expression, except for fields that are arrays":
    https://developer.salesforce.com/docs/platform/change-data-capture/guide/cdc-filters.html (2026-11). The origin has
    the form `com/salesforce/api/<API_Name>/<API_Version>;client=<Client_ID>`:
    https://developer.salesforce.com/docs/platform/apex-ref/references/apex-ref/apex-class-eventbus-changeeventheader.html
    (2026-11).
    """
    origins = [f"com/salesforce/api/{api}/{api_version};client={CLIENT_NAME}" for api in _APIS]
    return " AND ".join(f"ChangeEventHeader.changeOrigin != {literal(one)}" for one in origins)


@dataclass(frozen=True, slots=True)
class Member:
    """An object on the channel, as it is in the org."""

    id: str
    filter: str


@dataclass(frozen=True, slots=True)
class Channel:
    """Our channel in an org."""

    session: Session

    def wanted(self, objects: Sequence[str], written: Sequence[str]) -> dict[str, str]:
        """Return the filter of each member, by its name; none for objects that are never written to."""
        ours = own_writes_left_out(self.session.settings.api_version)
        return {event_of(name): ours if name in written else "" for name in objects}

    def id(self) -> str | None:
        """Return the id of the channel, None if the org does not have it."""
        query = Query(_CHANNEL, ("Id", "DeveloperName"), f"DeveloperName = {literal(_DEVELOPER_NAME)}", tooling=True)
        found: list[str] = rest.rows(self.session, query)["Id"].to_list()
        return found[0] if found else None

    def members(self) -> dict[str, Member]:
        """Return the members of the channel, by the name of their event."""
        columns = ("Id", "DeveloperName", "FilterExpression")
        rows = rest.rows(self.session, Query(_MEMBER, columns, tooling=True))
        return {
            name.removeprefix(_PREFIX): Member(id_, filter_ or "")
            for id_, name, filter_ in rows.iter_rows()
            if name.startswith(_PREFIX)
        }

    def provision(self, wanted: Mapping[str, str], *, dry_run: bool) -> list[Provisioned]:
        """Make the channel, and bring its members to what is wanted."""
        there, found = self._looked()
        done = [_said(NAME, "unchanged" if there else "created")]
        done += [_said(name, "removed", "is not followed any more") for name in found if name not in wanted]
        done += [_said(name, _action(filter_, found.get(name))) for name, filter_ in wanted.items()]
        if dry_run:
            return done
        if not there:
            body = {"FullName": NAME, "Metadata": {"channelType": "data", "label": _DEVELOPER_NAME}}
            self._all([Part("POST", _path(_CHANNEL), CREATED_PART, body)], "make the channel")
        self._drop([member for name, member in found.items() if name not in wanted])
        return [*done[: len(done) - len(wanted)], *self._members(wanted, found)]

    def remove(self, *, dry_run: bool) -> list[Provisioned]:
        """Remove the channel with its members."""
        there, found = self._looked()
        if there is None:
            return []
        if not dry_run:
            self._drop(list(found.values()))
            self._all([Part("DELETE", f"{_path(_CHANNEL)}/{there}", nothing)], "remove the channel")
        return [_said(name, "removed") for name in (*found, NAME)]

    def _looked(self) -> tuple[str | None, dict[str, Member]]:
        try:
            return self.id(), self.members()
        except Rejected as error:
            raise _refused("list channels", error) from error

    def _members(self, wanted: Mapping[str, str], found: Mapping[str, Member]) -> list[Provisioned]:
        """Add members and mend their filters; one more than the org may have is a clash."""
        done = []
        for name, filter_ in wanted.items():
            action = _action(filter_, found.get(name))
            body = {"FullName": f"{_PREFIX}{name}", "Metadata": _metadata(name, filter_)}
            if action == "unchanged":
                done.append(_said(name, action))
                continue
            part = Part("POST", _path(_MEMBER), CREATED_PART, body)
            if action == "updated":
                part = Part("PATCH", f"{_path(_MEMBER)}/{found[name].id}", nothing, body)
            (answer,) = self._all([part], f"add {name} to the channel", but=_FULL)
            full = isinstance(answer, Rejected) and answer.code == _FULL
            done.append(_said(name, "clash", f"{answer.answer}. {_MAKE_ROOM}") if full else _said(name, action))
        return done

    def _drop(self, members: Sequence[Member]) -> None:
        self._all([Part("DELETE", f"{_path(_MEMBER)}/{one.id}", nothing) for one in members], "remove a member")

    def _all(self, parts: Sequence[Part], verb: str, but: str = "") -> list[Any]:
        """Make calls; raise a refusal, except one with the code `but` or of what an earlier call did already."""
        answers = together(self.session, parts, repeatable=False)
        for answer in answers:
            if isinstance(answer, Rejected) and not (answer.code in {but, _TAKEN} or answer.status == _GONE):
                raise _refused(verb, answer) from answer
        return answers


def _path(kind: str) -> str:
    return f"sobjects/{kind}"


def _metadata(name: str, filter_: str) -> dict[str, Any]:
    return {"eventChannel": NAME, "selectedEntity": name, **({"filterExpression": filter_} if filter_ else {})}


def _action(wanted: str, found: Member | None) -> Action:
    if found is None:
        return "created"
    return "unchanged" if found.filter == wanted else "updated"


def _said(name: str, action: Action, message: str = "") -> Provisioned:
    """Return the result for the channel or a member; it has no origin, since it is no field that is written."""
    return Provisioned("feed", name if name == NAME else f"{NAME}.{name}", action, message)


def _refused(verb: str, error: Rejected) -> ConfigurationError:
    # A user without the rights for Setup is told that there is no such type of object:
    # https://github.com/afawcett/apex-toolingapi/issues/19 (2026-11).
    lacks = error.code.startswith("INSUFFICIENT_ACCESS") or error.code == "INVALID_TYPE"
    remedy = _RIGHTS if lacks else "Correct what it names, and run the command again."
    return ConfigurationError(f"Salesforce refused to {verb}.", answer=error.answer, remedy=remedy)

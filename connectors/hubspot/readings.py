"""Validate the answers of each endpoint. An answer without a required part counts as lost, and the call is repeated.

A missing key never means empty: proxies, load balancers and overloaded servers answer `{}`, 204 or an error body with
status 200. Optional parts are left to the callers: the `paging` of a last page, the associations of a record without
any, the history of a property that the portal does not have.

An answer is *doubtful* if its shape is valid but it contradicts itself, such as a full page without a next one. That
can be legitimate, because search lags (https://developers.hubspot.com/docs/api/crm/search, 2026-11). So the call is
repeated, and the answer is accepted when it comes a second time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Found = dict[str, Any]


EMPTY: Final = "it is empty"


class Misshapen(Exception):  # noqa: N818 - named for what the answer is
    """An answer lacks a part that its endpoint always returns; the message says which."""


class Doubtful(Exception):  # noqa: N818 - named for what the answer is
    """An answer contradicts itself; the message says how."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: the query, and the JSON of the body."""

    pairs: Sequence[tuple[str, str]] = ()
    body: Any = None
    sure: bool = False
    """Whether an empty answer must come twice, because nothing else would ever reveal that it is wrong."""

    @property
    def query(self) -> Mapping[str, str]:
        """The query by name, with the last value of a repeated name."""
        return dict(self.pairs)

    @property
    def limit(self) -> int:
        """Maximum rows per page; 0 if the request does not say."""
        told = self.body.get("limit") if isinstance(self.body, dict) else None
        return int(self.query.get("limit") or told or 0)

    @property
    def expects_rows(self) -> bool:
        """Whether an empty answer is doubtful: the caller asked for certainty, or an earlier page led to this one."""
        return self.sure or bool(self.query.get("after") or self.query.get("offset"))

    @property
    def inputs(self) -> set[str]:
        """The ids of a batch."""
        return {str(one.get("id") or one.get("recordId")) for one in self.body["inputs"]}


Check = Callable[[Found, Asked], None]
"""Raises `Misshapen`."""
Doubt = Callable[[Found, Asked], str]
"""Returns how an answer contradicts itself; empty if it does not."""


def _no_doubt(_found: Found, _asked: Asked) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the answers of one endpoint are validated."""

    check: Check
    doubt: Doubt = _no_doubt
    may_be_nothing: bool = False
    """Whether 204, without a body, is an answer: that there is nothing. A wrong one must do no harm."""

    def __call__(self, found: Found, asked: Asked) -> None:
        """Raise `Misshapen` or `Doubtful` if the answer is not valid."""
        if found.get("status") == "error":
            raise Misshapen(f"an error came with status 200: {found.get('message')}")
        self.check(found, asked)
        if asked.expects_rows and not (found.get("results") or found.get("events")):
            raise Doubtful(EMPTY)
        if doubt := self.doubt(found, asked):
            raise Doubtful(doubt)


def reading(method: str, path: str) -> Reading:
    """Return how the answers of an endpoint are validated."""
    return _READINGS.get((method, path), _SOMETHING)


def _lacks(name: str, value: Any, wanted: str) -> Misshapen:
    told = "is missing" if value is None else f"is of type {type(value).__name__}"
    return Misshapen(f"`{name}` {told}; it must be {wanted}")


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if type(value) is not str or not value:
        raise _lacks(name, value, "text")
    return value


def _id(found: Mapping[str, Any], name: str = "id") -> None:
    """Accept text and numbers, because HubSpot's API versions differ."""
    value = found.get(name)
    if (type(value) is not str or not value) and type(value) is not int:
        raise _lacks(name, value, "an id")


def _number(found: Mapping[str, Any], name: str) -> None:
    value = found.get(name)
    if type(value) is not int or value < 0:
        raise _lacks(name, value, "a number")


def _object(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = found.get(name)
    if type(value) is not dict:
        raise _lacks(name, value, "an object")
    return value


def _optional(found: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    return None if found.get(name) is None else _object(found, name)


def rows(found: Mapping[str, Any], name: str = "results") -> Sequence[Mapping[str, Any]]:
    """Return a required list of objects."""
    value = found.get(name)
    if type(value) is not list:
        raise _lacks(name, value, "a list")
    if not all(type(row) is dict for row in value):
        raise Misshapen(f"a row of `{name}` is not an object")
    return value


def _errors(found: Found) -> Sequence[Mapping[str, Any]]:
    return rows(found, "errors") if found.get("errors") is not None else ()


def _page(found: Mapping[str, Any], asked: Asked) -> None:
    """Check that the next page differs from this one and, if the tokens are numbers, comes after it."""
    paging = _optional(found, "paging")
    onward = _optional(paging, "next") if paging else None
    if onward is None:
        return
    _id(onward, "after")
    after, before = str(onward["after"]), asked.query.get("after")
    if after == before:
        raise Misshapen(f"its next page is the same page, after={after}")
    if before is not None and after.isdecimal() and before.isdecimal() and int(after) < int(before):
        raise Misshapen(f"its next page comes before this one, after={after}")


def has_next(found: Mapping[str, Any]) -> bool:
    """Return whether another page follows."""
    return bool((found.get("paging") or {}).get("next"))


def _each(row_check: Callable[[Mapping[str, Any]], None], name: str = "results") -> Check:
    """Return the check of a page whose rows must all pass another check."""

    def check(found: Found, asked: Asked) -> None:
        for row in rows(found, name):
            row_check(row)
        _page(found, asked)

    return check


def _record(row: Mapping[str, Any]) -> None:
    """Check a CRM object. HubSpot's ids are numbers as text."""
    if type(row.get("properties")) is not dict:
        raise _lacks("properties", row.get("properties"), "an object")
    if not _text(row, "id").isdecimal():
        raise Misshapen("the id of a record is not a number")


def _listed(row: Mapping[str, Any]) -> None:
    """Check a row of a listing: a record without associations does not have that key."""
    _record(row)
    for linked in (_optional(row, "associations") or {}).values():
        for one in rows(linked):
            _id(one)


def _remembered(row: Mapping[str, Any]) -> None:
    for versions in _object(row, "propertiesWithHistory").values():
        if type(versions) is not list:
            raise _lacks("propertiesWithHistory", versions, "lists")


def _objects(found: Found, asked: Asked) -> None:
    _each(_listed)(found, asked)
    if asked.query.get("propertiesWithHistory"):
        _each(_remembered)(found, asked)


def _batch(found: Found, asked: Asked) -> None:
    _each(_record)(found, asked)
    _errors(found)
    if asked.body.get("propertiesWithHistory"):
        _each(_remembered)(found, asked)


def _search(found: Found, asked: Asked) -> None:
    _number(found, "total")
    _each(_record)(found, asked)
    if found["total"] and not found["results"]:
        raise Misshapen(f"it counts {found['total']} records and returns none")
    for row in found["results"]:
        _within(int(row["id"]), asked)


def _within(record: int, asked: Asked) -> None:
    """Refuse a record outside the requested ids, because paging by id would then never end."""
    for filters in asked.body.get("filterGroups") or ():
        for one in filters["filters"]:
            if one["propertyName"] != "hs_object_id":
                continue
            if (record <= int(one["value"])) if one["operator"] == "GT" else (record > int(one["value"])):
                raise Misshapen(f"it returns the record {record}, which was not requested")


def _search_doubt(found: Found, asked: Asked) -> str:
    counted, brought = found["total"], len(found["results"])
    if brought < min(counted, asked.limit):
        return f"it counts {counted} records and returns {brought} of at most {asked.limit}"
    if counted > brought and not has_next(found):
        return f"it counts {counted} records, returns {brought} and has no next page"
    return ""


def _size_doubt(found: Found, asked: Asked) -> str:
    """Doubt a full page without a next page, and an empty page with one."""
    brought, onward = len(found["results"]), has_next(found)
    if onward and not brought:
        return "it returns no rows but has a next page"
    if not onward and asked.limit > 1 and brought == asked.limit:
        return f"it returns {brought} rows, a full page, but has no next page"
    return ""


def _listing_doubt(found: Found, asked: Asked) -> str:
    """Doubt what `_size_doubt` does, and an incomplete page with a next page."""
    brought = len(found["results"])
    if has_next(found) and brought < asked.limit:
        return f"it returns {brought} of {asked.limit} rows but has a next page"
    return _size_doubt(found, asked)


def _missing_doubt(ids: Callable[[Mapping[str, Any]], Iterable[Any]], context: str) -> Doubt:
    """Doubt a batch that mentions some of its inputs neither in the results nor in the errors."""

    def doubt(found: Found, asked: Asked) -> str:
        named = {str(one) for row in found["results"] for one in ids(row)}
        for error in _errors(found):
            named.update(map(str, (_optional(error, "context") or {}).get(context) or ()))
        missing = len(asked.inputs - named)
        return f"it does not mention {missing} of {len(asked.inputs)} records" if missing else ""

    return doubt


def _own_id(row: Mapping[str, Any]) -> Iterable[Any]:
    return (row["id"],)


def _ids_of_old(row: Mapping[str, Any]) -> Iterable[Any]:
    """Return a record's id and the ids merged into it, because HubSpot answers each of those with the survivor."""
    told = (row["properties"].get(name) or "" for name in ("hs_merged_object_ids", "hs_calculated_merged_vids"))
    return row["id"], *(entry.partition(":")[0] for named in told for entry in named.split(";"))


def _associated(row: Mapping[str, Any]) -> None:
    _id(_object(row, "from"))
    for one in rows(row, "to"):
        _id(one, "toObjectId")


def _associations(found: Found, _asked: Asked) -> None:
    for row in rows(found):
        _associated(row)
        _page(row, Asked())
    _errors(found)


def _updated(found: Found, _asked: Asked) -> None:
    for row in rows(found):
        _id(row)
    _errors(found)


def _property(row: Mapping[str, Any]) -> None:
    """Require the options of an enumeration: an update replaces them all, so we send the existing ones back."""
    _text(row, "name")
    if _text(row, "type") == "enumeration" and not row.get("externalOptions"):
        rows(row, "options")


def _properties(found: Found, asked: Asked) -> None:
    _each(_property)(found, asked)
    if not found["results"] and asked.query.get("archived") != "true":
        raise Misshapen("it returns no properties, but HubSpot has many built in")


def _created(found: Found, _asked: Asked) -> None:
    rows(found)
    _errors(found)


def _event(row: Mapping[str, Any]) -> None:
    _text(row, "id")
    _text(row, "occurredAt")
    _id(row, "objectId")
    _object(row, "properties")


def _email_event(row: Mapping[str, Any]) -> None:
    _id(row)
    _number(row, "created")
    if row.get("type") == "STATUSCHANGE":
        _status_change(row)


def _status_change(row: Mapping[str, Any]) -> None:
    """Check that a change of status says of what: without it, an unsubscribe would pass for nothing."""
    if row.get("subscriptions") is not None:
        for entry in rows(row, "subscriptions"):
            _text(entry, "status")
    else:
        _text(row, "portalSubscriptionStatus")


def _email_events(found: Found, asked: Asked) -> None:
    if type(found.get("hasMore")) is not bool:
        raise _lacks("hasMore", found.get("hasMore"), "true or false")
    for row in rows(found, "events"):
        _email_event(row)
    if found["hasMore"] and _text(found, "offset") == asked.query.get("offset"):
        raise Misshapen("its next page is the same page")


def _email_events_doubt(found: Found, asked: Asked) -> str:
    brought = len(found["events"])
    if found["hasMore"] and not brought:
        return "it returns no events but says that there are more"
    if not found["hasMore"] and asked.limit > 1 and brought == asked.limit:
        return f"it returns {brought} events, a full page, but says that there are no more"
    return ""


def _form(row: Mapping[str, Any]) -> None:
    _text(row, "id")


def _submission(row: Mapping[str, Any]) -> None:
    _number(row, "submittedAt")
    rows(row, "values")


def _marketing_event(row: Mapping[str, Any]) -> None:
    _id(row, "objectId")


def _participation(row: Mapping[str, Any]) -> None:
    _text(_object(row, "properties"), "attendanceState")
    _object(_object(row, "associations"), "contact")


def _participations(found: Found, asked: Asked) -> None:
    _number(found, "total")
    _each(_participation)(found, asked)


def _contact_participations(found: Found, asked: Asked) -> None:
    _participations(found, asked)
    for row in rows(found):
        _text(_object(_object(row, "associations"), "marketingEvent"), "marketingEventId")


def _participations_doubt(found: Found, asked: Asked) -> str:
    """Doubt an only page that returns fewer rows than it counts."""
    counted, brought = found["total"], len(found["results"])
    if "after" not in asked.query and not has_next(found) and brought < counted:
        return f"it counts {counted} participants, returns {brought} and has no next page"
    return _size_doubt(found, asked)


def _pipeline(row: Mapping[str, Any]) -> None:
    for stage in rows(row, "stages"):
        _text(stage, "id")
        _text(stage, "label")


def _list(row: Mapping[str, Any]) -> None:
    _id(row, "listId")
    for name in ("name", "objectTypeId", "processingStatus"):
        _text(row, name)


def _lists(found: Found, asked: Asked) -> None:
    """Check a search for lists by id, which is asked for on one page."""
    for row in rows(found, "lists"):
        _list(row)
        _object(row, "additionalProperties")
        if str(row["listId"]) not in asked.body["listIds"]:
            raise Misshapen(f"it returns the list {row['listId']}, which was not requested")


def _lists_doubt(found: Found, asked: Asked) -> str:
    missing = len(asked.body["listIds"]) - len({str(row["listId"]) for row in found["lists"]})
    return f"it does not mention {missing} of {len(asked.body['listIds'])} lists" if missing else ""


def _defined_lists(found: Found, _asked: Asked) -> None:
    for row in rows(found, "lists"):
        _list(row)
        _optional(row, "filterBranch")


def _member(row: Mapping[str, Any]) -> None:
    _id(row, "recordId")


def _members_doubt(found: Found, asked: Asked) -> str:
    """Doubt what `_size_doubt` does, and an only page that returns fewer rows than it counts, if it counts."""
    counted, brought = found.get("total"), len(found["results"])
    if type(counted) is int and "after" not in asked.query and not has_next(found) and brought < counted:
        return f"it counts {counted} members, returns {brought} and has no next page"
    return _size_doubt(found, asked)


def _lists_of_records(found: Found, _asked: Asked) -> None:
    for row in rows(found):
        _id(row, "recordId")
        for one in rows(row, "recordListMemberships"):
            _id(one, "listId")


def _account(found: Found, _asked: Asked) -> None:
    _id(found, "portalId")
    _text(found, "timeZone")


def _import_errors(found: Found, asked: Asked) -> None:
    for row in rows(found):
        if (data := _optional(row, "sourceData")) and type(data.get("rowData")) is not list:
            raise _lacks("rowData", data.get("rowData"), "a list")
    _page(found, asked)


def _export(found: Found, _asked: Asked) -> None:
    if _text(found, "status") == "COMPLETE":
        _text(found, "result")


def _token(found: Found, _asked: Asked) -> None:
    _text(found, "access_token")
    _number(found, "expires_in")


def _entry(row: Mapping[str, Any]) -> None:
    """Check where a file of the webhooks journal is."""
    for name in ("url", "expiresAt", "currentOffset"):
        _text(row, name)


def _subscription(row: Mapping[str, Any]) -> None:
    _id(row)
    _text(row, "subscriptionType")
    if type(row.get("actions")) is not list:
        raise _lacks("actions", row.get("actions"), "a list")


def _has(*names: str) -> Check:
    """Return the check for an id and some texts."""

    def check(found: Found, _asked: Asked) -> None:
        _id(found)
        for name in names:
            _text(found, name)

    return check


def _something(found: Found, _asked: Asked) -> None:
    if not found:
        raise Misshapen("it is empty")


_SOMETHING: Final = Reading(_something)
_READINGS: Final[Mapping[tuple[str, str], Reading]] = {
    ("GET", "objects"): Reading(_objects, _listing_doubt),
    ("GET", "object"): Reading(lambda found, _asked: _record(found)),
    ("POST", "read"): Reading(_batch, _missing_doubt(_ids_of_old, "ids")),
    ("POST", "update"): Reading(_updated, _missing_doubt(_own_id, "ids")),
    ("POST", "search"): Reading(_search, _search_doubt),
    ("GET", "properties"): Reading(_properties),
    ("PATCH", "property"): Reading(lambda found, _asked: _property(found)),
    ("POST", "create_properties"): Reading(_created),
    ("POST", "associations"): Reading(_associations, _missing_doubt(lambda row: (row["from"]["id"],), "fromObjectId")),
    ("GET", "events"): Reading(_each(_event), _size_doubt),
    ("GET", "email_events"): Reading(_email_events, _email_events_doubt),
    ("GET", "campaign"): Reading(_has()),
    ("GET", "forms"): Reading(_each(_form), _size_doubt),
    ("GET", "submissions"): Reading(_each(_submission), _size_doubt),
    ("GET", "marketing_events"): Reading(_each(_marketing_event), _size_doubt),
    ("GET", "participations"): Reading(_participations, _participations_doubt),
    ("GET", "contact_participations"): Reading(_contact_participations, _participations_doubt),
    ("GET", "pipelines"): Reading(_each(_pipeline)),
    ("POST", "list_search"): Reading(_lists, _lists_doubt),
    ("GET", "lists"): Reading(_defined_lists),
    ("GET", "list_by_name"): Reading(lambda found, _asked: _list(_object(found, "list"))),
    ("GET", "list_members"): Reading(_each(_member), _members_doubt),
    ("POST", "lists_of_records"): Reading(_lists_of_records, _missing_doubt(lambda row: (row["recordId"],), "ids")),
    ("GET", "account"): Reading(_account),
    ("POST", "export"): Reading(_has()),
    ("GET", "export_status"): Reading(_export),
    ("POST", "imports"): Reading(_has("state")),
    ("GET", "import"): Reading(_has("state")),
    ("GET", "import_errors"): Reading(_import_errors),
    ("POST", "token"): Reading(_token),
    ("GET", "journal_earliest"): Reading(_each(_entry), may_be_nothing=True),
    ("GET", "journal_latest"): Reading(lambda found, _asked: _entry(found), may_be_nothing=True),
    ("GET", "journal_next"): Reading(_each(_entry), may_be_nothing=True),
    ("GET", "subscriptions"): Reading(_each(_subscription)),
    ("POST", "subscriptions"): Reading(lambda found, _asked: _subscription(found)),
}
"""By method and path of `paths.PATHS`. Any other answer must be a non-empty object."""

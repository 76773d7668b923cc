"""Which changes of which objects make what due, and which objects are worth following."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from connectors.salesforce.parts import StreamObject
from vocabulary.pages import Stream

SUPPORTED: Final = frozenset(
    {
        *("Account", "AccountContactRole", "Asset", "Campaign", "CampaignMember", "CampaignMemberStatus", "Case"),
        *("Contact", "Contract", "ContractLineItem", "Entitlement", "Event", "EventRelation", "Lead", "ListEmail"),
        *("LiveChatTranscript", "Opportunity", "OpportunityContactRole", "Order", "OrderItem", "Product2", "Quote"),
        *("QuoteLineItem", "ServiceContract", "Task", "TaskRelation", "User"),
    }
)
"""Standard objects with change events, besides all custom ones:
https://developer.salesforce.com/docs/atlas.en-us.220.0.change_data_capture.meta/change_data_capture/cdc_object_support.htm
(2026-11)."""

_FIRST: Final = ("Contact", "Lead", "CampaignMember", "Task", "Event")
_LAST: Final = ("Opportunity", "OpportunityContactRole", "Account")
"""What matters first for time, and what last. Objects of declared sources are between."""

_STAMPS: Final = frozenset({"lastmodifieddate", "lastmodifiedbyid", "systemmodstamp", "changeeventheader"})

# "A change event doesn't include … any field whose value … is derived from … a formula":
# https://developer.salesforce.com/docs/atlas.en-us.252.0.change_data_capture.meta/change_data_capture/cdc_message_structure.htm
# (2026-11). These follow from the field beside them.
_FOLLOWS_FROM: Final[Mapping[str, tuple[str, ...]]] = {
    "isclosed": ("status", "stagename"),
    "iswon": ("stagename",),
    "hasresponded": ("status",),
    "firstrespondeddate": ("status",),
    "completeddatetime": ("status",),
    "name": ("firstname", "lastname", "salutation", "middlename", "suffix"),
}
_QUOTED: Final = re.compile(r"'(?:\\.|[^'\\])*'")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")


@dataclass(frozen=True, slots=True)
class Concern:
    """What a stream reads of an object."""

    stream: str
    by: Literal["lead", "record"]
    fields: frozenset[str]
    """The fields whose changes it must read, in lower case."""
    any_field: bool = False
    """Whether any change may matter, since a formula changes with fields that are not known."""
    ours: frozenset[str] = frozenset()
    """The fields that leadgauge writes."""

    def follows(self, changed: Collection[str], *, own: bool) -> bool:
        """Return whether an update of these fields makes the record due. `own`: it came with a write of ours.

        A write of ours does not, unless other fields changed with it, as when a flow reacts to a score.
        """
        others = frozenset(changed) - _STAMPS - self.ours
        if not changed or (own and not others):
            return not changed
        return not self.fields.isdisjoint(changed) or (self.any_field and bool(others))


def concerns(
    read: Iterable[tuple[Stream, Sequence[StreamObject]]],
    leads: str,
    ours: Mapping[str, Collection[str]],
    is_formula: Callable[[str, str], bool],
) -> dict[str, list[Concern]]:
    """Return what streams read, by object. `leads`: the stream with the leads themselves; `ours`: our fields."""
    found: dict[str, list[Concern]] = {}
    for stream, parts in read:
        for part in parts:
            own = [path for path in _paths(part) if "." not in path]
            concern = Concern(
                stream.name,
                "lead" if stream.name == leads else "record",
                frozenset(name for path in _paths(part) for name in _roots(path)),
                any(is_formula(part.object, path) for path in own),
                frozenset(name.lower() for name in ours.get(part.object, ())),
            )
            if concern not in found.setdefault(part.object, []):
                found[part.object].append(concern)
    return found


def _paths(part: StreamObject) -> list[str]:
    """Return the fields that a part reads or filters by."""
    conditions = (_WORD.findall(_QUOTED.sub("", one)) for one in (part.filter, part.listed) if one)
    return list(dict.fromkeys([*part.columns, *(word for words in conditions for word in words)]))


def _roots(path: str) -> list[str]:
    """Return the fields of the record itself that a path depends on, in lower case."""
    first, _, rest = path.lower().partition(".")
    if rest:
        return [f"{first.removesuffix('__r')}__c" if first.endswith("__r") else f"{first}id"]
    codes = [f"{first}code"] if first.endswith(("country", "state")) else []
    return [first, *codes, *_FOLLOWS_FROM.get(first, ())]


def is_supported(name: str) -> bool:
    """Return whether an object has change events."""
    return name in SUPPORTED or name.endswith("__c")


def chosen(objects: Iterable[str], most: int) -> list[str]:
    """Return the objects to follow, at most so many, by what matters first for time."""
    able = [name for name in dict.fromkeys(objects) if is_supported(name)]
    between = [name for name in able if name not in _FIRST + _LAST]
    return [name for name in (*_FIRST, *between, *_LAST) if name in able][:most]


def event_of(name: str) -> str:
    """Return the name of an object's change event: `LeadChangeEvent`, `Web_Visit__ChangeEvent`."""
    return f"{name.removesuffix('__c')}__ChangeEvent" if name.endswith("__c") else f"{name}ChangeEvent"

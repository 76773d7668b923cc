"""Finds out before a run what would stop it: access, rights, mapped properties, output properties, the day's calls."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from connectors.base import Finding, Output
from connectors.hubspot.answers import NotGranted, Rejected
from connectors.hubspot.contacts import COMPANY, Fields
from connectors.hubspot.portal import Portal
from connectors.hubspot.provisioning import clashes
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.transport import Transport
from connectors.records import FieldType

_FITTING: Final[Mapping[str, frozenset[str]]] = {
    "number": frozenset({"number", "string", "enumeration"}),
    "time": frozenset({"date", "datetime", "string", "number"}),
    "flag": frozenset({"bool", "enumeration", "string"}),
}
"""HubSpot types that a field's type can be read from; `text` and `list` are read from any."""
_PROVISION: Final = "Run `leadgauge provision`."


@dataclass(frozen=True, slots=True)
class Checker:
    """Asks HubSpot what a run would ask, and says everything at once."""

    transport: Transport
    settings: HubSpotSettings
    wanted: Mapping[str, FieldType]
    outputs: Sequence[Output]
    portal: Portal

    def findings(self) -> Iterator[Finding]:
        """Yield what is found; a refused token raises, as nothing else can be found out then."""
        account = self.transport.account()
        yield Finding("note", "account", f"HubSpot account {account.get('portalId')}, {account.get('timeZone')}.")
        yield from self._unmapped()
        for type_, fields in self._mapped().items():
            yield from self._properties(type_, fields)
        yield from self._rights()
        yield from self.portal.findings()
        yield self._left()

    def _mapped(self) -> dict[str, Mapping[str, str]]:
        fields = Fields.of(self.settings.fields, self.wanted)
        return {"contacts": fields.contact, **({"companies": fields.company} if fields.company else {})}

    def _unmapped(self) -> Iterator[Finding]:
        for name in self.wanted:
            if name not in self.settings.fields:
                yield Finding(
                    "warning",
                    name,
                    f"No CRM property is mapped onto the field {name}: it counts as missing for every lead.",
                    f"Add `fields: {{{name}: PROPERTY}}` to the connection.",
                )
        for name in self.settings.fields:
            if name not in self.wanted:
                yield Finding(
                    "note", name, f"The field {name} is mapped, but no scorecard declares it; it is not read."
                )

    def _properties(self, type_: str, fields: Mapping[str, str]) -> Iterator[Finding]:
        try:
            results = self.transport.get("properties", type=type_).get("results") or []
        except NotGranted as denial:
            yield Finding("error", type_, f"Its properties cannot be read. {denial.answer}", denial.remedy)
            return
        known = {str(found["name"]): found for found in results}
        for field, name in fields.items():
            yield from self._fits(type_, field, name, known)
        if type_ == "contacts":
            yield from self._writable(known)

    def _fits(self, type_: str, field: str, name: str, known: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
        mapped = f"{COMPANY}{name}" if type_ == "companies" else name
        if name not in known:
            near = get_close_matches(name, known, 1)
            remedy = f"Did you mean {mapped.replace(name, near[0])}?" if near else "Create it, or map another."
            yield Finding("error", f"fields.{field}", f"The portal has no {type_} property {name} ({mapped}).", remedy)
            return
        type_found = str(known[name].get("type"))
        fitting = _FITTING.get(self.wanted[field])
        if fitting and type_found not in fitting:
            yield Finding(
                "error",
                f"fields.{field}",
                f"{mapped} is of type {type_found}, the scorecard's field {field} is a {self.wanted[field]}.",
                "Map another property, or declare the field with another type.",
            )

    def _writable(self, known: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
        missing = [output.name for output in self.outputs if output.name not in known]
        if missing:
            message = f"The portal lacks the output properties {', '.join(missing)}."
            yield Finding("error", "outputs", message, _PROVISION)
        for output in self.outputs:
            if output.name in known:
                yield from _takes(output, known[output.name])

    def _rights(self) -> Iterator[Finding]:
        """Read one record and write none, so that missing scopes show now."""
        for type_ in self._mapped():
            yield from self._readable(type_)
        try:
            self.transport.post("update", {"inputs": []}, type="contacts")
        except NotGranted as denial:
            yield Finding("error", "contacts", f"Contacts cannot be written. {denial.answer}", denial.remedy)
        except Rejected:
            return  # HubSpot asks for rights before it looks at what is to be written, which is nothing

    def _readable(self, type_: str) -> Iterator[Finding]:
        try:
            self.transport.get("objects", [("limit", "1")], type=type_)
        except NotGranted as denial:
            yield Finding("error", type_, f"{type_.capitalize()} cannot be read. {denial.answer}", denial.remedy)

    def _left(self) -> Finding:
        left = self.transport.budget().left_today
        if left is None:
            return Finding("note", "budget", "HubSpot does not say how many calls are left today.")
        share = f"{self.settings.budget:.0%}"
        return Finding("note", "budget", f"{left} calls are left today; leadgauge may use {share} of a day's calls.")


def _takes(output: Output, found: Mapping[str, Any]) -> Iterator[Finding]:
    if clash := clashes(output, found):
        yield Finding("error", output.name, clash)
    elif lacking := _lacking(output, found):
        yield Finding("error", output.name, f"It lacks the options {', '.join(lacking)}.", _PROVISION)


def _lacking(output: Output, found: Mapping[str, Any]) -> list[str]:
    known = {option.get("value") for option in found.get("options") or []}
    return [choice for choice in output.choices if choice not in known]

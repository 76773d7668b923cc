"""Check whether a run would succeed: access, scopes, mapped properties, output properties and calls left today."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Final

from connectors import segments
from connectors.adopting import remedy
from connectors.base import ConnectorError
from connectors.endings import coming
from connectors.hubspot import properties, swinging
from connectors.hubspot.answers import NotGranted, Rejected
from connectors.hubspot.endings import ENDINGS, Connection
from connectors.hubspot.frames import DEAL_COMPANY
from connectors.hubspot.mapping import TYPES, Fields
from connectors.hubspot.open_leads import CONTACT, OPEN, known_of
from connectors.hubspot.portal import Portal
from connectors.hubspot.segments import Lists
from connectors.hubspot.settings import COMPANY, HubSpotSettings
from connectors.hubspot.targets import OPEN_LEADS, by_target
from connectors.hubspot.transport import Transport
from meaning.derive import FieldSource
from vocabulary.feedback import FEEDBACK
from vocabulary.fields import ACCOUNT, FieldType, option_of
from vocabulary.findings import Finding
from vocabulary.outputs import Output
from vocabulary.provisioned import Known

_FITTING: Final[Mapping[str, frozenset[str]]] = {
    "number": frozenset({"number", "string", "enumeration"}),
    "time": frozenset({"date", "datetime", "string", "number"}),
    "date": frozenset({"date", "datetime", "string", "number"}),
    "flag": frozenset({"bool", "enumeration", "string"}),
}
"""HubSpot types that a field's type can be read from; `text` and `list` are read from any."""
_TEXTS: Final = frozenset({"string", "enumeration"})
_USUAL: Final = {
    "amount": "amount",
    "open": "not(hs_is_closed)",
    "won": "hs_is_closed_won",
    "lost": "hs_is_closed_lost",
    "stage": "dealstage",
    "pipeline": "pipeline",
    "type": "dealtype",
    "created_at": "createdate",
    "closed_at": "closedate",
}
"""What fields of deals with these names are usually read from:
https://knowledge.hubspot.com/crm-deals/hubspots-default-deal-properties (2026-11)."""
OfFields = Mapping[str, tuple[FieldSource, FieldType]]
_PROVISION: Final = "Run `leadgauge provision`."
_RESTORE: Final = f"Run `leadgauge provision`, which brings it back, or restore it by hand ({properties.ARCHIVED})."


@dataclass(frozen=True, slots=True)
class Checker:
    """Asks HubSpot what a run would ask, and reports all problems at once."""

    transport: Transport
    settings: HubSpotSettings
    wanted: Mapping[str, FieldType]
    of_deals: Mapping[str, FieldType]
    outputs: Sequence[Output] | None
    """The output fields; None to check only what reading needs."""
    portal: Portal
    known: Known
    ours: frozenset[str]
    """The names of all properties that leadgauge writes."""

    def findings(self) -> Iterator[Finding]:
        """Yield the findings. A refused token raises, because nothing else can be checked then."""
        account = self.transport.account()
        yield Finding("note", "account", f"HubSpot account {account['portalId']}, {account['timeZone']}.")
        if currency := account.get("companyCurrency"):
            # Properties of contacts and companies have no currency of their own, unlike those of deals:
            # https://developers.hubspot.com/docs/api-reference/account-account-info-v3/account-info-details (2026-11).
            yield Finding("note", "account", f"Amounts of money are in {currency}, the currency of the account.")
        yield from self._unmapped()
        yield from self._amounts(account)
        for type_, fields in self._mapped().items():
            yield from self._properties(type_, fields, self._outputs_of(type_))
        yield from self._segments()
        yield from self._rights()
        yield from self._copies()
        yield from self.portal.findings()
        yield from coming(ENDINGS, Connection(self.settings, self.portal), self.transport.now().date())
        yield self._left()

    def _mapped(self) -> dict[str, OfFields]:
        """Return the fields of each type of object that is read, with where they are read from and their types."""
        fields = Fields.of(self.settings, self.wanted, self.of_deals)
        found: dict[str, OfFields] = {TYPES[one]: fields.mapped(one) for one in TYPES}
        kept = {"contacts", *(["companies"] if any(output.of == "accounts" for output in self.outputs or ()) else [])}
        return {type_: mapped for type_, mapped in found.items() if mapped or type_ in kept}

    def _outputs_of(self, type_: str) -> Sequence[Output]:
        return next((some for target, some in by_target(self.outputs or ()) if target.type == type_), ())

    def _unmapped(self) -> Iterator[Finding]:
        said = {FEEDBACK} if self.settings.feedback else set()
        own = {name: kind for name, kind in self.wanted.items() if not name.startswith(ACCOUNT) and name not in said}
        of_accounts = {
            name.removeprefix(ACCOUNT): kind for name, kind in self.wanted.items() if name.startswith(ACCOUNT)
        }
        told = (
            ("", "fields", "the field", "lead", own, self.settings.fields),
            ("company ", "accounts", "the field of accounts", "account", of_accounts, self.settings.accounts),
            ("deal ", "deals", "the field of deals", "deal", self.of_deals, self.settings.deals),
        )
        for kind, option, what, of, wanted, mapping in told:
            for name in (one for one, type_ in wanted.items() if one not in mapping and type_ != "member_of"):
                message = f"No CRM {kind}property is mapped onto {what} {name}: it counts as missing for every {of}."
                source = _USUAL.get(name, "PROPERTY") if of == "deal" else "PROPERTY"
                yield Finding("warning", name, message, f"Add `{option}: {{{name}: {source}}}` to the connection.")
            for name in (one for one in mapping if one not in wanted):
                asked = (
                    "no scorecard declares it, and `report` does not need it"
                    if of == "deal"
                    else "no scorecard declares it"
                )
                message = f"{what[0].upper()}{what[1:]} {name} is mapped, but {asked}; it is not read."
                yield Finding("note", name, message)

    def _amounts(self, account: Mapping[str, Any]) -> Iterator[Finding]:
        """Warn of amounts of deals in their own currencies, which cannot be compared.

        `amount` is in the deal's currency, `amount_in_home_currency` in that of the account:
        https://knowledge.hubspot.com/crm-deals/hubspots-default-deal-properties (2026-11).
        """
        others = [str(one) for one in account.get("additionalCurrencies") or ()]
        own = [name for name, (source, _) in self._mapped().get("deals", {}).items() if source.paths == ("amount",)]
        if others and own:
            message = f"Deals have several currencies ({', '.join(others)} too), and `amount` is in that of the deal."
            remedy = f"Map `deals: {{{own[0]}: amount_in_home_currency}}`, which is in the currency of the account."
            yield Finding("warning", f"deals.{own[0]}", message, remedy)

    def _properties(self, type_: str, fields: OfFields, outputs: Sequence[Output]) -> Iterator[Finding]:
        try:
            known = properties.listed(self.transport, type_)
        except NotGranted as denial:
            yield Finding("error", type_, f"Its properties cannot be read. {denial.answer}", denial.remedy)
            return
        ours = swinging.depending(self.ours, known)
        for field, (source, wanted) in fields.items():
            subject = f"deals.{field}" if type_ == "deals" else self._option(field)
            for name in source.paths:
                yield from self._fits(type_, subject, name, known, wanted, derived=source.derivation is not None)
            if not source.takes(wanted):
                yield _of_another_type(subject, source, wanted)
            yield from swinging.of_field(subject, source, ours)
        yield from self._writable(type_, outputs, known)
        if type_ == "deals" and DEAL_COMPANY not in known:
            message = f"The portal's deals have no property {DEAL_COMPANY}, so they count for no company."
            yield Finding("warning", "deals", message, "Deals still count for their contacts.")

    def _fits(
        self,
        type_: str,
        subject: str,
        name: str,
        known: Mapping[str, Mapping[str, Any]],
        wanted: FieldType,
        *,
        derived: bool,
    ) -> Iterator[Finding]:
        inherited = type_ == "companies" and not subject.startswith("accounts.")
        mapped, field = f"{COMPANY}{name}" if inherited else name, subject.partition(".")[2]
        if name not in known:
            near = get_close_matches(name, known, 1)
            remedy = f"Did you mean {mapped.replace(name, near[0])}?" if near else "Create it, or map another."
            if subject == FEEDBACK and self.settings.feedback and self.settings.feedback.is_made:
                remedy = f"{_PROVISION[:-1]}, which creates it, or name yours: `feedback: {{field: PROPERTY}}`."
            named = name if mapped == name else f"{name} ({mapped})"
            yield Finding("error", subject, f"The portal has no {type_} property {named}.", remedy)
            return
        if subject == FEEDBACK:
            yield from self._meanings(known[name])
        type_found = str(known[name].get("type"))
        fitting = None if derived else _FITTING.get(wanted)
        if fitting and type_found not in fitting:
            yield Finding(
                "error",
                subject,
                f"{mapped} is of type {type_found}, the scorecard's field {field} is a {wanted}.",
                "Map another property, or declare the field with another type.",
            )
        elif not derived and type_found in _TEXTS and wanted in {"number", "time", "date"}:
            message = f"{mapped} holds text; what is not a plain {wanted} counts as missing."
            remedy = f"Map `number({mapped})` for 1,001 or 10k, `range({mapped})` for 11-50."
            date = "Map a date property, or make sure that it holds ISO times such as 2026-03-31."
            yield Finding("warning", subject, message, remedy if wanted == "number" else date)

    def _option(self, field: str) -> str:
        """Return the option that says where a field of leads or accounts is read from."""
        return FEEDBACK if field == FEEDBACK and self.settings.feedback else option_of(field)

    def _meanings(self, found: Mapping[str, Any]) -> Iterator[Finding]:
        """Warn of values with a meaning that the property does not have."""
        feedback, options = self.settings.feedback, [str(one.get("value")) for one in found.get("options") or ()]
        if feedback and options and (lacking := feedback.lacking(options)):
            message = f"The property {found['name']} has no value {', '.join(lacking)}."
            yield Finding("warning", f"{FEEDBACK}.values", message, f"It has: {', '.join(options)}.")

    def _writable(
        self, type_: str, outputs: Sequence[Output], found: Mapping[str, properties.Definition]
    ) -> Iterator[Finding]:
        missing = [output for output in outputs if output.name not in found]
        if missing:
            yield from self._absent(type_, missing)
        for output in outputs:
            if output.name in found:
                yield from self._takes(output, found[output.name])

    def _absent(self, type_: str, outputs: Sequence[Output]) -> Iterator[Finding]:
        """Report missing output properties, and those whose name belongs to an archived property."""
        archived = properties.listed(self.transport, type_, archived=True)
        missing = [output.name for output in outputs if output.name not in archived]
        if missing:
            whose = "" if type_ == "contacts" else f" of {type_}"
            message = f"The portal lacks the output properties{whose} {', '.join(missing)}."
            yield Finding("error", "outputs", message, _PROVISION)
        for output in outputs:
            if output.name in archived:
                yield self._archived(output, archived[output.name])

    def _archived(self, output: Output, archived: properties.Definition) -> Finding:
        if not properties.returns(output, archived, self.known):
            return Finding("error", output.name, properties.name_taken(output, archived))
        message = f"The property {output.name} {properties.archived_on(archived)}."
        return Finding("error", output.name, message, _RESTORE)

    def _takes(self, output: Output, found: properties.Definition) -> Iterator[Finding]:
        wrong, whose = properties.unfit(output, found), properties.origin(output, found, self.known)
        if whose is None:
            yield Finding(
                "error", output.name, properties.stranger(output, found), remedy(output.name, adoptable=not wrong)
            )
        elif wrong:
            yield Finding("error", output.name, wrong, remedy(output.name, adoptable=False))
        elif missing := properties.lacking(output, found):
            message = f"The property {output.name} lacks the options {', '.join(missing)}."
            yield Finding("error", output.name, message, _PROVISION)

    def _segments(self) -> Iterator[Finding]:
        """Check the lists that fields name, and refuse those that follow our own results."""
        member_of = self.settings.member_of
        found = segments.looked(Lists(self.transport, lambda: 0), segments.named(member_of, self.wanted))
        yield from segments.findings(member_of, self.wanted, found)
        if isinstance(found, ConnectorError):
            return
        entries = segments.used(member_of, self.wanted).items()
        told = ((f"member_of.{field}.{entry}", found[one]) for field, of in entries for entry, one in of.items())
        ids = {subject: one.id for subject, one in told if isinstance(one, segments.Seen)}
        if ids:
            known = properties.listed(self.transport, "contacts")
            yield from swinging.of_lists(self.transport, ids, swinging.depending(self.ours, known))

    def _rights(self) -> Iterator[Finding]:
        """Read one record to find missing scopes, and write an empty batch unless only reading is checked."""
        for type_ in self._mapped():
            yield from self._readable(type_)
        for target, _ in by_target(self.outputs or ()):
            yield from self._writes(target.type)

    def _writes(self, type_: str) -> Iterator[Finding]:
        try:
            self.transport.post("update", {"inputs": []}, type=type_)
        except NotGranted as denial:
            yield Finding("error", type_, f"{type_.capitalize()} cannot be written. {denial.answer}", denial.remedy)
        except Rejected:
            return  # scopes are checked before the record, so the refusal of an empty batch proves that they suffice

    def _copies(self) -> Iterator[Finding]:
        """Check the properties of open leads, which get copies of the results; note if the token may not."""
        outputs = self._outputs_of("contacts") if self.settings.lead_object == "auto" else ()
        if not outputs:
            return
        try:
            found = properties.listed(self.transport, OPEN_LEADS.type)
            self.transport.get("objects", [("limit", "1")], type=OPEN_LEADS.type)
        except NotGranted as denial:
            message = f"Open leads get no copies of the results. {denial.answer}"
            yield Finding("note", "lead_object", f"{message} {denial.remedy}".strip())
            return
        if lacking := [name for name in (OPEN, CONTACT) if name not in found]:
            yield Finding(
                "error", "lead_object", f"Leads of this portal lack {', '.join(lacking)}.", "Set it to `off`."
            )
        yield from replace(self, known=known_of(self.known))._writable(OPEN_LEADS.type, outputs, found)  # noqa: SLF001 - of this class
        yield from self._writes(OPEN_LEADS.type)

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


def _of_another_type(subject: str, source: FieldSource, wanted: FieldType) -> Finding:
    assert source.derivation
    field, gives = subject.partition(".")[2], source.derivation.type
    message = f"{source.derivation.name}(…) gives a {gives}, the scorecard's field {field} is a {wanted}."
    return Finding("error", subject, message, f"Declare `{field}: {gives}` in the scorecard.")

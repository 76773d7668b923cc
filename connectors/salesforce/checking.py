"""Check whether sign-in, permissions, mapped fields and output fields allow a run."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from connectors import segments
from connectors.adopting import remedy
from connectors.base import ConfigurationError
from connectors.endings import coming
from connectors.salesforce import rest
from connectors.salesforce.activities import built_in, named_fields
from connectors.salesforce.campaigns import Campaigns
from connectors.salesforce.definitions import Definition, Setup
from connectors.salesforce.describe import Descriptions, FieldInfo
from connectors.salesforce.endings import ENDINGS
from connectors.salesforce.field_definitions import is_marked
from connectors.salesforce.history import history
from connectors.salesforce.money import Money
from connectors.salesforce.opportunities import mapped_on_deals
from connectors.salesforce.people import KINDS, Kind, Mapped, Target, mapped, mapped_on_accounts, targets
from connectors.salesforce.provisioning import STRANGER, Wanted
from connectors.salesforce.session import Session
from connectors.salesforce.settings import FeedbackField
from connectors.salesforce.shapes import Shape
from connectors.salesforce.soql import Query
from connectors.salesforce.swinging import Swinging
from vocabulary.feedback import FEEDBACK
from vocabulary.fields import ACCOUNT, FieldType, option_of
from vocabulary.findings import Finding
from vocabulary.outputs import Output
from vocabulary.provisioned import Known, Origin

NUMBERS = frozenset({"double", "currency", "int", "long", "percent"})
COMPOUND = frozenset({"address", "location"})
_FITTING: Mapping[FieldType, frozenset[str]] = {
    "number": NUMBERS,
    "flag": frozenset({"boolean", "string", "picklist"}),
    "time": frozenset({"date", "datetime"}),
    "date": frozenset({"date", "datetime"}),
}
"""The Salesforce types that a scorecard's types can be read from; text and lists accept any."""

LOW_ON_CALLS = 500
_USUAL: Mapping[str, str] = {
    "amount": "Amount",
    "open": "not(IsClosed)",
    "won": "IsWon",
    "stage": "StageName",
    "type": "Type",
    "created_at": "CreatedDate",
    "closed_at": "CloseDate",
}
"""What fields of deals with these names are usually read from."""


@dataclass(frozen=True)
class Checking:
    """Checks an org as the integration user sees it, without changing anything."""

    session: Session
    descriptions: Descriptions
    wanted: Mapping[str, FieldType]
    of_deals: Mapping[str, FieldType]
    outputs: Sequence[Output]
    known: Known
    ours: frozenset[str]
    """The names of all fields that leadgauge writes, in lower case."""

    def findings(self) -> list[Finding]:
        """Return the findings. If the sign-in is refused, that is the only one."""
        try:
            self.session.client()
        except ConfigurationError as error:
            return [_found("auth", error)]
        steps = (
            self._endings,
            self._calls,
            self._fields,
            self._account_fields,
            self._deals,
            self._segments,
            self._amounts,
            self._outputs,
            self._history,
            self._sources,
            self._filters,
        )
        return list(dict.fromkeys(finding for step in steps for finding in step()))

    @property
    def _kinds(self) -> list[Kind]:
        return [kind for kind in KINDS if getattr(self.session.settings.objects, kind).read]

    def _endings(self) -> Iterator[Finding]:
        return coming(ENDINGS, self.session.settings, self.session.now().date())

    def _calls(self) -> Iterator[Finding]:
        left = self.session.budget().left_today
        if left is None:
            return
        message = f"{left} calls are left for leadgauge today."
        if left >= LOW_ON_CALLS:
            yield Finding("note", "budget", message)
        else:
            yield Finding("warning", "budget", message, "Raise `budget`, or wait: Salesforce counts the last 24 hours.")

    def _fields(self) -> Iterator[Finding]:
        for kind in self._kinds:
            for field in mapped(self.session.settings, self.wanted, kind):
                yield from self._mapped(kind, field)
        for name in (one for one, type_ in self.wanted.items() if type_ != "member_of"):
            if name.startswith(ACCOUNT):
                yield from self._unmapped_on_accounts(name.removeprefix(ACCOUNT))
            elif all(self.session.settings.field_of(name, kind) is None for kind in self._kinds):
                message = f"The scorecard's field {name} is mapped onto no field of Salesforce: it counts as unknown."
                yield Finding("warning", f"fields.{name}", message, "Map it, or take it out of the scorecard.")

    def _unmapped_on_accounts(self, name: str) -> Iterator[Finding]:
        if name not in self.session.settings.accounts:
            message = f"The scorecard's field {name} of accounts is mapped onto no field of Account: it is unknown."
            yield Finding("warning", f"accounts.{name}", message, "Map it, or take it out of the scorecard.")

    def _account_fields(self) -> Iterator[Finding]:
        for field in mapped_on_accounts(self.session.settings, self.wanted):
            yield from self._mapped("Account", field)

    def _deals(self) -> Iterator[Finding]:
        """Check the fields of deals, and whether the contact roles that say whose they are can be read."""
        settings = self.session.settings
        fields = mapped_on_deals(settings, self.of_deals)
        for field in fields:
            yield from self._mapped("Opportunity", field, "deals")
        for name in (one for one in self.of_deals if one not in settings.deals):
            message = (
                f"The scorecard's field of deals {name} is mapped onto no field of Opportunity: it counts as unknown."
            )
            remedy = f"Add `deals: {{{name}: {_USUAL.get(name, 'FIELD')}}}` to the connection."
            yield Finding("warning", f"deals.{name}", message, remedy)
        for name in (one for one in settings.deals if one not in self.of_deals):
            asked = "no scorecard declares it, and `report` does not need it"
            message = f"The field of deals {name} is mapped, but {asked}; it is not read."
            yield Finding("note", f"deals.{name}", message)
        if fields and not self.descriptions.sees("OpportunityContactRole"):
            message = "OpportunityContactRole is not visible to the integration user, so no deal has leads."
            yield Finding("error", "deals", message, "Grant it reading of Opportunity and Contact.")

    def _mapped(self, name: str, field: Mapped, option: str = "fields") -> Iterator[Finding]:
        if field.name == FEEDBACK and (feedback := self.session.settings.feedback):
            yield from self._said_by_sales(name, field.path, feedback)
            return
        subject = option_of(field.name) if option == "fields" else f"{option}.{field.name}"
        derivation = field.source.derivation
        for path in field.paths:
            yield from self._field(name, path, field.type, subject, is_derived=derivation is not None)
            yield from Swinging(self.descriptions, self.ours).finding(subject, name, path)
        if derivation and not field.source.takes(field.type):
            message = f"{derivation.name}(…) gives a {derivation.type}, but the scorecard declares {field.type}."
            yield Finding("error", subject, message, f"Declare `{field.name}: {derivation.type}` in the scorecard.")

    def _said_by_sales(self, name: str, path: str, feedback: FeedbackField) -> Iterator[Finding]:
        """Check the field with feedback, and whether it has the values that are named."""
        try:
            found = self.descriptions.field(name, path)
        except ConfigurationError as error:
            made = f"Run `leadgauge provision`, which creates it, or {self._assign}."
            yield Finding("error", FEEDBACK, error.wrong, made if feedback.is_made else error.remedy)
            return
        if found.choices and (lacking := feedback.lacking(found.choices)):
            message = f"{name}.{path} has no value {', '.join(lacking)}."
            yield Finding("warning", f"{FEEDBACK}.values", message, f"It has: {', '.join(found.choices)}.")

    def _segments(self) -> Iterator[Finding]:
        """Check the campaigns that fields name."""
        member_of = self.session.settings.member_of
        found = segments.looked(Campaigns(self.session), segments.named(member_of, self.wanted))
        yield from segments.findings(member_of, self.wanted, found)

    def _amounts(self) -> Iterator[Finding]:
        """Say which currency amounts of money are in."""
        money = Money(self.session, self.descriptions)
        settings = self.session.settings
        fields: list[tuple[str, Mapped]]
        fields = [(kind, field) for kind in self._kinds for field in mapped(settings, self.wanted, kind)]
        fields += [("Account", field) for field in mapped_on_accounts(settings, self.wanted)]
        fields += [("Opportunity", field) for field in mapped_on_deals(settings, self.of_deals)]
        numbers = [(name, field) for name, field in fields if field.holds_number]
        amounts = [(name, field) for name, field in numbers if _holds(money.is_money, name, field.path)]
        several = [(name, field) for name, field in amounts if _holds(money.needs_rates, name, field.path)]
        if several:
            yield from self._converted(money, several)
        elif amounts:
            yield Finding("note", "fields", f"{_named(amounts)}: amounts are in the org's only currency.")

    def _converted(self, money: Money, amounts: Sequence[tuple[str, Mapped]]) -> Iterator[Finding]:
        try:
            rates = money.rates()
        except ConfigurationError as error:
            yield _found("fields", error)
            return
        others = ", ".join(f"{rate:g} {code}" for code, rate in rates.by_code.items() if code != rates.corporate)
        message = f"{_named(amounts)}: amounts are converted to {rates.corporate}, the corporate currency"
        yield Finding("note", "fields", f"{message} (1 {rates.corporate} = {others})." if others else f"{message}.")

    def _field(
        self, name: str, path: str, field_type: FieldType, subject: str, *, is_derived: bool
    ) -> Iterator[Finding]:
        try:
            field = self.descriptions.field(name, path)
        except ConfigurationError as error:
            yield _found(subject, error)
            return
        if field.type in COMPOUND:
            message = f"{name}.{path} is made of several fields and cannot be read as one."
            yield Finding("error", subject, message, "Name one of its parts, such as MailingCity.")
        elif not is_derived and field.type not in _FITTING.get(field_type, {field.type}):
            message = f"{name}.{path} is of type {field.type}, but the scorecard declares {field_type}."
            derive = f"Map `number({path})` or `range({path})`, " if field_type == "number" else "Map "
            other = f"{derive}another field, or declare the field's type in the scorecard."
            yield Finding("error", subject, message, other)
        if field.formula or "." in path:
            every = self.session.settings.formulas_every
            message = f"{name}.{path} changes without a trace; all records are read again every {every}."
            yield Finding("note", subject, message)

    def _outputs(self) -> Iterator[Finding]:
        setup = Setup(self.session)
        settings = self.session.settings
        wanted_on: dict[Target, list[Wanted]] = defaultdict(list)
        for output in self.outputs:
            for kind in targets(settings, output.of):
                wanted_on[kind].append(Wanted(kind, output))
        for kind, wanted in wanted_on.items():
            fields = self.descriptions.fields(kind)
            yield from self._unseen(setup, kind, [want for want in wanted if want.field.lower() not in fields])
            for want in wanted:
                if field := fields.get(want.field.lower()):
                    yield from self._unfit(want, field, setup)

    def _unseen(self, setup: Setup, kind: Target, wanted: Sequence[Wanted]) -> Iterator[Finding]:
        """Report missing output fields, and those that exist but are hidden from the integration user."""
        definitions = setup.fields(kind) if wanted else None
        missing = [want.field for want in wanted if want.field.lower() not in (definitions or {})]
        if missing:
            yield self._missing(kind, missing, looked=definitions is not None)
        for want in wanted:
            if hidden := (definitions or {}).get(want.field.lower()):
                yield self._hidden(want, hidden)

    def _missing(self, kind: Target, names: Sequence[str], *, looked: bool) -> Finding:
        message = f"{kind} lacks the output fields {', '.join(names)}"
        if looked:
            return Finding("error", "outputs", f"{message}.", "Run `leadgauge provision`.")
        remedy = f"Run `leadgauge provision`, or {self._assign}."
        return Finding("error", "outputs", f"{message}, or they are hidden from the integration user.", remedy)

    @property
    def _assign(self) -> str:
        return f"assign the permission set {self.session.settings.permission_set} to the user"

    def _hidden(self, want: Wanted, hidden: Definition) -> Finding:
        hiding = f"The field {want.name} ({hidden.type}) is hidden from the integration user"
        if want.name in self.known or is_marked(hidden.description):
            return Finding("error", want.name, f"{hiding}.", f"Run `leadgauge provision`, or {self._assign}.")
        message = f"{hiding}, and leadgauge did not make it."
        return Finding("error", want.name, message, remedy(want.output.name, adoptable=True))

    def _unfit(self, want: Wanted, field: FieldInfo, setup: Setup) -> Iterator[Finding]:
        shape, origin = Shape.described(field), self._origin(want, field, setup)
        narrow = shape.narrow(want.output)
        wrong = shape.unfit(want.output) or ("" if origin == "made" else narrow)
        subject, named = want.name, f"The field {want.name}"
        if origin is None:
            yield Finding("error", subject, f"{named} {STRANGER}", remedy(want.output.name, adoptable=not wrong))
        elif wrong:
            yield Finding("error", subject, f"{named} {wrong}", remedy(want.output.name, adoptable=False))
        elif not field.updateable:
            message = "The integration user may not write the field."
            yield Finding("error", subject, message, f"{self._assign.capitalize()}; it grants editing.")
        elif narrow:
            yield Finding("error", subject, f"{named} {narrow}", "Run `leadgauge provision`, which widens it.")
        elif shape.restricted and (missing := shape.lacking(want.output)):
            message = f"{named} lacks the choices {', '.join(missing)}, and takes no others."
            yield Finding("error", subject, message, "Run `leadgauge provision`, which adds them.")
        if origin and field.encrypted:
            message = f"{named} is encrypted by the platform: it is written, but cannot be filtered or sorted by."
            yield Finding("warning", subject, message, "Leave the field out of the encryption policy.")

    def _origin(self, want: Wanted, field: FieldInfo, setup: Setup) -> Origin | None:
        """Return why a field is ours. Fields made by older versions have the mark only in their description."""
        if want.name in self.known:
            return self.known[want.name]
        if is_marked(field.help):
            return "made"
        definition = (setup.fields(want.kind) or {}).get(want.field.lower())
        return "made" if definition and is_marked(definition.description) else None

    def _history(self) -> Iterator[Finding]:
        for part in history(self.session.settings, self.wanted) if self.session.settings.history else ():
            if not self.descriptions.sees(part.object):
                message = f"{part.object} is not visible to the integration user; these changes are left out."
                yield Finding(
                    "warning", "history", message, "Switch on field history tracking, or leave `history` off."
                )

    def _sources(self) -> Iterator[Finding]:
        activities = self.session.settings.activities
        for name, shared in built_in(self.session.settings).items():
            if not self.descriptions.sees(shared.object):
                message = f"{shared.object} is not visible to the integration user; these activities are left out."
                yield Finding("warning", f"activities.{name}", message, "Grant the object, or switch the source off.")
        for number, source in enumerate(activities.sources):
            subject = f"activities.sources.{number}"
            for path in (*source.lead, *named_fields(source)):
                yield from self._seen(partial(self.descriptions.field, source.object, path), subject)

    def _filters(self) -> Iterator[Finding]:
        settings = self.session.settings
        conditions: list[tuple[str, str | None, str]]
        conditions = [(kind, getattr(settings.objects, kind).filter, f"objects.{kind}.filter") for kind in self._kinds]
        sources = enumerate(settings.activities.sources)
        conditions += [(source.object, source.filter, f"activities.sources.{n}.filter") for n, source in sources]
        for name, condition, subject in conditions:
            if condition and self.descriptions.sees(name):
                query = Query(name, ("Id",), f"({condition}) AND Id = null")
                yield from self._seen(partial(rest.rows, self.session, query), subject)

    def _seen(self, ask: Callable[[], object], subject: str) -> Iterator[Finding]:
        try:
            ask()
        except ConfigurationError as error:
            yield _found(subject, error)


def _holds(ask: Callable[[str, str], bool], name: str, path: str) -> bool:
    """Return an answer about a field, false if the user cannot see it, which is reported elsewhere."""
    try:
        return ask(name, path)
    except ConfigurationError:
        return False


def _named(fields: Sequence[tuple[str, Mapped]]) -> str:
    return ", ".join(dict.fromkeys(f"{name}.{field.path}" for name, field in fields))


def _found(subject: str, error: ConfigurationError) -> Finding:
    return Finding("error", subject, error.wrong, error.remedy)

"""Create the output fields on Lead, Contact and Account, and the permission set that grants them to the user.

A new custom field is hidden from all users until field-level security grants it: `describe` omits it, and a query
fails with INVALID_FIELD "No such column" (recorded). The Tooling API grants it to no one either:
https://github.com/restforce/restforce/issues/353 (2026-11).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from connectors.adopting import BY_SALES, clash, is_adopted, refuse_unknown
from connectors.base import ConfigurationError, Unavailable
from connectors.salesforce.describe import Descriptions, FieldInfo
from connectors.salesforce.errors import Rejected
from connectors.salesforce.field_definitions import MARK, definition, extended, is_marked
from connectors.salesforce.fields import field_name
from connectors.salesforce.people import Target, targets
from connectors.salesforce.rights import PermissionSet
from connectors.salesforce.session import Session
from connectors.salesforce.shapes import Shape
from connectors.salesforce.tooling import CustomField, CustomFields
from vocabulary.outputs import Output
from vocabulary.provisioned import Action, Known, Origin, Provisioned


@dataclass(frozen=True)
class Wanted:
    """One output on one object."""

    kind: Target
    output: Output

    @property
    def field(self) -> str:
        """The API name of the field."""
        return field_name(self.output.name)

    @property
    def name(self) -> str:
        """The field with its object: `Lead.Lead_Score__c`."""
        return f"{self.kind}.{self.field}"

    @property
    def names(self) -> tuple[str, str, str]:
        """Every name that a person may use for it."""
        return self.output.name, self.field, self.name

    def said(self, action: Action, message: str = "", origin: Origin | None = None) -> Provisioned:
        """Return the result for it."""
        return Provisioned(self.output.name, self.name, action, message, origin)

    def clash(self, wrong: str, *, adoptable: bool) -> Provisioned:
        """Return a clash with the existing field, and what to do about it."""
        return clash(self.output.name, self.name, f"The field {self.name} {wrong}", adoptable=adoptable)


AS_IT_IS: Final = "as it is"
STRANGER: Final = "is there already, and leadgauge did not make it."


class Provisioning:
    """Creates missing fields and adds missing choices to ours, or removes them."""

    def __init__(self, session: Session, descriptions: Descriptions) -> None:
        self._descriptions = descriptions
        self._fields = CustomFields(session)
        self._settings = session.settings
        self._rights = PermissionSet(session, session.settings.permission_set)

    def provision(
        self, outputs: Sequence[Output], known: Known, adopt: Collection[str], *, dry_run: bool
    ) -> list[Provisioned]:
        """Create or extend fields, grant them to the integration user, and verify that it can see them."""
        wanted = self._wanted(outputs)
        refuse_unknown(adopt, [name for want in wanted for name in want.names])
        self._descriptions.forget()
        if all(self._stands(want, known) for want in wanted):
            return [want.said("unchanged", origin=known.get(want.name, "made")) for want in wanted]
        existing = self._existing(wanted)
        results = {want: self._judge(want, existing.get(want.name), known, adopt) for want in wanted}
        if not dry_run:
            self._carry_out(results, existing)
        return list(results.values())

    def remove(self, outputs: Sequence[Output], known: Known, *, dry_run: bool) -> list[Provisioned]:
        """Delete the fields that we created, and the permission set if nothing else is in it."""
        wanted = self._wanted(outputs)
        self._descriptions.forget()
        existing = self._existing(wanted)
        results = [_removal(want, existing.get(want.name), known) for want in wanted]
        if dry_run:
            return results
        ours = [result.field for result in results if result.action == "removed"]
        refused = self._fields.delete({name: existing[name].id for name in ours})
        self._rights.drop(is_marked)
        self._descriptions.forget()
        return [_kept(result, refused[result.field]) if result.field in refused else result for result in results]

    def _existing(self, wanted: Sequence[Wanted]) -> dict[str, CustomField]:
        """Return the definitions of the fields that exist, which include all that the user sees."""
        found = self._fields.read([want.name for want in wanted])
        unlisted = [want.name for want in wanted if want.name not in found and self._visible(want)]
        if unlisted:
            raise Unavailable(
                f"Salesforce described {', '.join(unlisted)} but did not list them as custom fields.",
                remedy="Run the command again.",
            )
        return found

    def _wanted(self, outputs: Sequence[Output]) -> list[Wanted]:
        return [Wanted(kind, output) for output in outputs for kind in targets(self._settings, output.of)]

    def _stands(self, want: Wanted, known: Known) -> bool:
        """Return whether a field needs no change: the user may write to it, it is ours and accepts every result.

        What its choices are described with is only in its definition.
        """
        field = self._visible(want)
        if want.output.by_sales:
            return field is not None
        if any(want.output.sentences):
            return False
        if field is None or not field.updateable or not (want.name in known or is_marked(field.help)):
            return False
        shape = Shape.described(field)
        return not (shape.unfit(want.output) or shape.narrow(want.output) or shape.lacking(want.output))

    def _visible(self, want: Wanted) -> FieldInfo | None:
        return self._descriptions.fields(want.kind).get(want.field.lower())

    def _judge(self, want: Wanted, found: CustomField | None, known: Known, adopt: Collection[str]) -> Provisioned:
        """Return what to do: the field may be missing, ours, to be adopted, or someone else's."""
        if found is None:
            return want.said("created", origin="made")
        if want.output.by_sales:
            return want.said("unchanged" if self._visible(want) else "granted", BY_SALES)
        shape = Shape.component(found.metadata)
        origin = _origin(want, found, known)
        adopted = origin is None and is_adopted(adopt, *want.names)
        wrong = shape.unfit(want.output) or ("" if origin == "made" else shape.narrow(want.output))
        if origin is None and not adopted:
            hidden = "" if self._visible(want) else " It is hidden from the integration user."
            return want.clash(STRANGER + hidden, adoptable=not wrong)
        if wrong:
            return want.clash(wrong, adoptable=False)
        return self._extension(want, _changes(want.output, shape, ours=origin == "made"), origin)

    def _extension(self, want: Wanted, changes: str, origin: Origin | None) -> Provisioned:
        """Return what to do with a suitable field. One without an origin is adopted now."""
        visible = self._visible(want)
        if origin is None:
            return want.said("adopted", changes or AS_IT_IS, "adopted")
        if changes:
            return want.said("updated", changes, origin)
        if visible is None or not visible.updateable:
            return want.said("granted", "the integration user may read and edit it now", origin)
        return want.said("unchanged", origin=origin)

    def _carry_out(self, results: Mapping[Wanted, Provisioned], existing: Mapping[str, CustomField]) -> None:
        new = {want.name: definition(want.output) for want, result in results.items() if result.action == "created"}
        changed = {
            want.name: (
                existing[want.name].id,
                extended(want.output, existing[want.name], ours=result.origin == "made"),
            )
            for want, result in results.items()
            if want.name in existing and result.action in ("updated", "adopted") and result.message != AS_IT_IS
        }
        self._fields.create(new)
        self._fields.change(changed)
        usable = [want for want, result in results.items() if result.action != "clash"]
        if new or not self._sees_all(usable):
            description = f"Lets the integration user read and write its fields. {MARK}"
            edited = {want.name: not want.output.by_sales for want in usable}
            self._rights.grant(edited, description)
        self._verify(usable)

    def _sees_all(self, wanted: Sequence[Wanted]) -> bool:
        return all(self._suffices(want) for want in wanted)

    def _suffices(self, want: Wanted) -> bool:
        """Return whether the user sees a field, and may write to it if it is ours."""
        field = self._visible(want)
        return field is not None and (field.updateable or want.output.by_sales)

    def _verify(self, wanted: Sequence[Wanted]) -> None:
        self._descriptions.forget()
        for want in wanted:
            if not self._suffices(want):
                verb = "write" if self._visible(want) else "see"
                raise ConfigurationError(
                    f"The field {want.name} exists, but the integration user cannot {verb} it.",
                    remedy=f"Assign the permission set {self._rights.name} to the user.",
                )


def _origin(want: Wanted, found: CustomField, known: Known) -> Origin | None:
    """Return why a field is ours (the store records it, or it has our mark), or None if it is not."""
    return known.get(want.name) or (
        "made" if is_marked(found.metadata.description, found.metadata.inlineHelpText) else None
    )


def _removal(want: Wanted, found: CustomField | None, known: Known) -> Provisioned:
    if found is None:
        return want.said("absent", "is not there")
    match _origin(want, found, known):
        case "made":
            return want.said("removed", "deleted; Setup keeps it for 15 days under Deleted Fields")
        case "adopted":
            return want.said("released", "was there before leadgauge, and stays")
        case _:
            return want.said("unchanged", "stays: leadgauge did not make it")


def _kept(result: Provisioned, refusal: Rejected) -> Provisioned:
    """Return the result for a field that Salesforce did not delete."""
    lacks_rights = refusal.code.startswith("INSUFFICIENT_ACCESS")
    todo = "Delete it in Setup > Object Manager." if lacks_rights else "Take it out of what uses it first."
    return replace(
        result, action="clash", message=f"Salesforce did not delete it: {refusal.answer} {todo}", origin="made"
    )


def _changes(output: Output, shape: Shape, *, ours: bool) -> str:
    """Return what to change in a field that we made or adopt; empty if it is as it should be."""
    if missing := shape.lacking(output):
        return f"choices added: {', '.join(missing)}"
    if ours and (described := shape.reworded(output)):
        return f"choices described: {', '.join(described)}"
    return "made wider: it " + shape.narrow(output) if shape.narrow(output) else ""

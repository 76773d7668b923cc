"""Create the properties for the results, and remove them again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from connectors.adopting import BY_SALES, clash, is_adopted
from connectors.hubspot.answers import CONFLICT, NOT_FOUND, Rejected
from connectors.hubspot.properties import (
    GROUP,
    Definition,
    archived_on,
    definition,
    lacking,
    listed,
    name_taken,
    origin,
    returns,
    reworded,
    stranger,
    unfit,
    with_choices,
)
from connectors.hubspot.transport import Transport
from vocabulary.outputs import Output
from vocabulary.provisioned import Known, Provisioned

_BATCH: Final = 100
_USED: Final = "CANNOT_DELETE_PROPERTY_IN_USE"
_KEPT: Final = "HubSpot keeps it, and its name, for 90 days"


@dataclass(frozen=True, slots=True)
class Step:
    """What to do about one output, and the changes to its property."""

    output: Output
    said: Provisioned
    changes: Mapping[str, Any] = field(default_factory=dict)
    taken: str = ""
    """The message if HubSpot does not release the name of an archived property."""


@dataclass(frozen=True, slots=True)
class Provisioner:
    """Creates the properties of one object, adds options to them, or archives them."""

    transport: Transport
    type: str

    def provision(
        self, outputs: Sequence[Output], known: Known, adopt: Collection[str], *, dry_run: bool
    ) -> list[Provisioned]:
        """Create missing properties and add options to ours. Others are reported and left alone."""
        steps = self._plan(outputs, known, adopt)
        if dry_run:
            return [step.said for step in steps]
        made = self._create([step.output for step in steps if step.said.action == "created"])
        return [made.get(step.output.name) or self._carry_out(step) for step in steps]

    def remove(self, outputs: Sequence[Output], known: Known, *, dry_run: bool) -> list[Provisioned]:
        """Archive our properties, and the group once it is empty."""
        existing = listed(self.transport, self.type)
        removed = [self._removal(output, existing.get(output.name), known) for output in outputs]
        if dry_run:
            return removed
        done = [self._archive(one) if one.action == "removed" else one for one in removed]
        gone = {one.field for one in done if one.action == "removed"}
        if gone and not any(found.get("groupName") == GROUP for name, found in existing.items() if name not in gone):
            self._drop_group()
        return done

    def _plan(self, outputs: Sequence[Output], known: Known, adopt: Collection[str]) -> list[Step]:
        existing = listed(self.transport, self.type)
        absent = any(output.name not in existing for output in outputs)
        archived = listed(self.transport, self.type, archived=True) if absent else {}
        return [
            _existing(output, found, known, adopt)
            if (found := existing.get(output.name))
            else _missing(output, archived.get(output.name), known)
            for output in outputs
        ]

    def _carry_out(self, step: Step) -> Provisioned:
        if step.said.action == "restored":
            return self._restore(step)
        if step.changes:
            self.transport.patch("property", dict(step.changes), type=self.type, name=step.output.name)
        return step.said

    def _create(self, outputs: Sequence[Output]) -> dict[str, Provisioned]:
        if not outputs:
            return {}
        self._make_group()
        refused: dict[str, str] = {}
        for start in range(0, len(outputs), _BATCH):
            inputs = [definition(output) for output in outputs[start : start + _BATCH]]
            refused |= _errors(self.transport.post("create_properties", {"inputs": inputs}, type=self.type))
        ours = self._ours(refused) if refused else set()
        return {
            output.name: _created(output, None if output.name in ours else refused.get(output.name))
            for output in outputs
        }

    def _ours(self, names: Collection[str]) -> set[str]:
        """Return which of these are in our group, because the answer to an earlier attempt to create them was lost."""
        existing = listed(self.transport, self.type)
        return {name for name in names if existing.get(name, {}).get("groupName") == GROUP}

    def _restore(self, step: Step) -> Provisioned:
        """Create the archived property again, which restores it, or fails if HubSpot reserves the name."""
        self._make_group()
        try:
            self.transport.post("properties", definition(step.output), type=self.type)
        except Rejected as rejected:
            if rejected.complaint.status != CONFLICT:
                raise
            return Provisioned(step.output.name, step.output.name, "clash", step.taken)
        return replace(step.said, message="was archived, and is back; it is filled again")

    def _make_group(self) -> None:
        try:
            self.transport.post("groups", {"name": GROUP, "label": "Lead gauge", "displayOrder": -1}, type=self.type)
        except Rejected as rejected:
            if rejected.complaint.status != CONFLICT:  # the group exists
                raise

    def _removal(self, output: Output, found: Definition | None, known: Known) -> Provisioned:
        """Return what to do with a property."""
        if found is None:
            return Provisioned(output.name, output.name, "absent", "is not there")
        match origin(output, found, known):
            case "made":
                message = f"archived; {_KEPT}, restorable by hand"
                return Provisioned(output.name, output.name, "removed", message)
            case "adopted":
                return Provisioned(output.name, output.name, "released", "was there before leadgauge, and stays")
            case _:
                group = found.get("groupName")
                message = f"stays: it is in the group {group}, and leadgauge did not make it"
                return Provisioned(output.name, output.name, "unchanged", message)

    def _archive(self, removal: Provisioned) -> Provisioned:
        try:
            self.transport.delete("property", type=self.type, name=removal.field)
        except Rejected as rejected:
            if rejected.complaint.status == NOT_FOUND:
                return removal
            if _USED not in rejected.complaint.sub_category:
                raise
            message = f"{rejected.complaint.message}. Take it out of the workflows, lists and forms that use it first."
            return replace(removal, action="clash", message=message, origin="made")
        return removal

    def _drop_group(self) -> None:
        try:
            self.transport.delete("group", type=self.type, name=GROUP)
        except Rejected as rejected:
            if rejected.complaint.status != NOT_FOUND:
                raise


def _existing(output: Output, found: Definition, known: Known, adopt: Collection[str]) -> Step:
    """Return what to do about an existing property."""
    name, whose, wrong = output.name, origin(output, found, known), unfit(output, found)
    if output.by_sales:
        return Step(output, Provisioned(name, name, "unchanged", BY_SALES))
    adopted = whose is None and is_adopted(adopt, name)
    if whose is None and not adopted:
        return Step(output, clash(name, name, stranger(output, found), adoptable=not wrong))
    if wrong:
        return Step(output, clash(name, name, wrong, adoptable=False))
    changes = with_choices(output, found, ours=whose == "made")
    added = _said(lacking(output, found), reworded(output, found)) if changes else ""
    if adopted:
        return Step(output, Provisioned(name, name, "adopted", added or "as it is", "adopted"), changes)
    return Step(output, Provisioned(name, name, "updated" if changes else "unchanged", added, whose), changes)


def _said(missing: Sequence[str], described: Sequence[str]) -> str:
    """Return what is done to the options."""
    return f"options added: {', '.join(missing)}" if missing else f"options described: {', '.join(described)}"


def _missing(output: Output, archived: Definition | None, known: Known) -> Step:
    """Return what to do about a missing property, whose name may belong to an archived one."""
    name = output.name
    if archived is None:
        return Step(output, Provisioned(name, name, "created", origin="made"))
    taken = name_taken(output, archived)
    if not returns(output, archived, known):
        return Step(output, Provisioned(name, name, "clash", taken))
    said = Provisioned(name, name, "restored", f"{archived_on(archived)}; comes back", "made")
    return Step(output, said, taken=taken)


def _errors(answer: Definition) -> dict[str, str]:
    """Return the complaint about each property that was not created."""
    return {
        str(name): str(error.get("message"))
        for error in answer.get("errors") or []
        for name in (error.get("context") or {}).get("name") or []
    }


def _created(output: Output, complaint: str | None) -> Provisioned:
    """Return the result of creating a property. A taken name that is not listed is hidden from this token."""
    if complaint is None:
        return Provisioned(output.name, output.name, "created", origin="made")
    message = f"{complaint} It is hidden from this token: it holds sensitive data. Set a `prefix` for the scorecard."
    return Provisioned(output.name, output.name, "clash", message)

"""Descriptions of an org's objects and fields, requested once and cached."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

from connectors.base import ConfigurationError
from connectors.salesforce.errors import Rejected
from connectors.salesforce.readings import DESCRIBED, OBJECTS, DescribedField
from connectors.salesforce.session import Session


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field as the integration user sees it."""

    name: str
    label: str
    type: str
    formula: bool
    updateable: bool
    custom: bool
    refers_to: tuple[str, ...]
    relationship: str | None
    choices: tuple[str, ...] = ()
    length: int = 0
    precision: int = 0
    scale: int = 0
    digits: int = 0
    help: str = ""
    required: bool = False
    unique: bool = False
    encrypted: bool = False
    restricted: bool = False
    groupable: bool = False
    calculated_by: str = ""
    """The formula, if it is one."""

    @classmethod
    def of(cls, answer: DescribedField) -> "FieldInfo":
        """Read one field of a describe answer."""
        return cls(
            name=answer.name,
            label=answer.label or answer.name,
            type=answer.type,
            formula=answer.calculated,
            updateable=answer.updateable,
            custom=answer.custom,
            refers_to=tuple(answer.referenceTo),
            relationship=answer.relationshipName,
            choices=tuple(choice.value for choice in answer.picklistValues),
            length=answer.length,
            precision=answer.precision,
            scale=answer.scale,
            digits=answer.digits,
            help=answer.inlineHelpText or "",
            required=not answer.nillable,
            unique=answer.unique,
            encrypted=answer.encrypted,
            restricted=answer.restrictedPicklist,
            groupable=answer.groupable,
            calculated_by=answer.calculatedFormula or "",
        )


Fields = dict[str, FieldInfo]
"""Fields by name in lower case: Salesforce does not mind the case either."""


class Descriptions:
    """The objects of an org; thread-safe."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, Fields] = {}
        self._names: list[str] = []
        self._lock = Lock()

    def fields(self, name: str) -> Fields:
        """Return the fields of an object that the user can see. For an unknown object, the error suggests others."""
        with self._lock:
            if name not in self._known:
                self._known[name] = self._describe(name)
            return self._known[name]

    def sees(self, name: str) -> bool:
        """Return whether the user can see an object, because not every edition has all of them."""
        try:
            self.fields(name)
        except ConfigurationError:
            return False
        return True

    def forget(self) -> None:
        """Clear the cache."""
        with self._lock:
            self._known.clear()

    def field(self, name: str, path: str) -> FieldInfo:
        """Return the field at the end of a path such as `Account.Owner.Name`. Raise `ConfigurationError` if missing."""
        return self.place(name, path)[1]

    def place(self, name: str, path: str) -> tuple[str, FieldInfo]:
        """Return the field at the end of a path, after the object that has it."""
        *parents, last = path.split(".")
        for parent in parents:
            name = self._parent(name, parent)
        return name, self._find(name, last)

    def _parent(self, name: str, relationship: str) -> str:
        known = {field.relationship: field.refers_to for field in self.fields(name).values() if field.relationship}
        for candidate, objects in known.items():
            if candidate.lower() == relationship.lower() and objects:
                return objects[0]
        raise ConfigurationError(
            f"{name} has no parent '{relationship}' that the integration user can see.",
            remedy=self._remedy(did_you_mean(relationship, known), "lookup"),
        )

    def _find(self, name: str, field: str) -> FieldInfo:
        fields = self.fields(name)
        if field.lower() in fields:
            return fields[field.lower()]
        raise ConfigurationError(
            f"{name} has no field '{field}' that the integration user can see.",
            remedy=self._remedy(did_you_mean(field, (known.name for known in fields.values())), "field"),
        )

    def _remedy(self, likes: str, what: str) -> str:
        """Return what to do about something invisible: the name may be wrong, or a permission missing."""
        rights = (
            f"Check the name, and that the permission set {self._session.settings.permission_set} grants the {what}."
        )
        return f"{likes} {rights}".strip()

    def _describe(self, name: str) -> Fields:
        try:
            answer = self._session.ask(DESCRIBED, "GET", f"sobjects/{name}/describe")
        except Rejected as error:
            if error.status not in (400, 404):
                raise
            raise ConfigurationError(
                f"There is no object '{name}' that the integration user can see.",
                remedy=self._remedy(did_you_mean(name, self.objects()), "object"),
            ) from error
        return {field.name.lower(): FieldInfo.of(field) for field in answer.fields}

    def objects(self) -> list[str]:
        """Return the names of all objects that the user can see."""
        if not self._names:
            self._names = [entry.name for entry in self._session.ask(OBJECTS, "GET", "sobjects/").sobjects]
        return self._names


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `Did you mean …?` with the most similar names, or an empty string."""
    by_stem = {_stem(candidate): candidate for candidate in known}
    stem = _stem(name)
    likes = difflib.get_close_matches(stem, by_stem, 3, 0.6) or [other for other in by_stem if stem in other][:3]
    return f"Did you mean {' or '.join(by_stem[like] for like in likes)}?" if likes else ""


def _stem(name: str) -> str:
    """Return a name in lower case without the suffix of custom fields."""
    return name.lower().removesuffix("__c")

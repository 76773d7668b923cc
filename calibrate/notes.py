"""Notes about the data for people, shown in the report and in `--json`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from vocabulary.command_line import option
from vocabulary.outputs import Of

Level = Literal["note", "warning", "left out"]


@dataclass(frozen=True)
class Note:
    """A note, with the field or file it is about."""

    kind: str
    message: str
    level: Level = "note"
    subject: str = ""
    alone: float | None = None
    """Of a left-out field, its AUC alone, in the better direction."""
    known: float | None = None
    """Of a left-out field, the share of leads that have it."""


@dataclass
class Notes:
    """The distinct notes of a calibration, in order."""

    items: list[Note] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    """Field names in the file, if they differ."""
    activity_columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The columns of the file of leads that hold activities, by kind."""
    first_times: frozenset[str] = frozenset()
    """The kinds of activity that each lead has once at most, since a single column holds their time."""
    placeholders: dict[str, str] = field(default_factory=dict)
    """The placeholders met in texts as they are written, by their form in lower case."""
    units: Of = "leads"
    """What is calibrated."""

    @property
    def unit(self) -> str:
        """What one of them is called."""
        return self.units.removesuffix("s")

    def label(self, name: str) -> str:
        """Return a field's display name: its name in the file, else `Lead source` for `lead_source`."""
        return self.columns.get(name) or name.replace("_", " ").replace(".", " ").strip().capitalize()

    def heading(self, name: str) -> str:
        """Return a field's name in the names of rules: that in the file if it differs, else `Lead source`."""
        own = self.columns.get(name)
        return own if own and own != name else name.replace("_", " ").replace(".", " ").strip().capitalize()

    def met(self, placeholders: Iterable[str]) -> None:
        """Remember placeholders, each in the spelling that came first."""
        for one in placeholders:
            self.placeholders.setdefault(one.lower(), one)

    def add(self, kind: str, message: str, level: Level = "note", subject: str = "") -> None:
        """Add a note unless it exists."""
        note = Note(kind, message, level, subject)
        if note not in self.items:
            self.items.append(note)

    @property
    def blank(self) -> "Notes":
        """Return the same without notes, to learn something a second time that need not be said twice."""
        return replace(self, items=[])

    def add_unless_said(self, notes: Iterable[Note]) -> None:
        """Add notes about what none of the same kind is about yet."""
        said = {(note.kind, note.subject) for note in self.items}
        self.items += [note for note in notes if (note.kind, note.subject) not in said]

    def leave_out(self, kind: str, message: str, field_name: str) -> None:
        """Note why a field is left out and how to include it."""
        remedy = f"Left out; use {option('--include', field_name)} to add it back."
        self.add(kind, f"{message} {remedy}", "left out", field_name)

    def __iter__(self) -> Iterator[Note]:
        return iter(self.items)

    def of(self, kind: str) -> list[Note]:
        """Return the notes of one kind."""
        return [note for note in self.items if note.kind == kind]

"""What a person should know about the data: said once, in words, in the report and in `--json`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Level = Literal["note", "warning", "left out"]


@dataclass(frozen=True)
class Note:
    """One thing that was noticed, with the field or file it is about."""

    kind: str
    message: str
    level: Level = "note"
    subject: str = ""


@dataclass
class Notes:
    """The notes of one calibration, in the order in which they came up, each once."""

    items: list[Note] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    """What the file calls a field, where that differs."""

    def label(self, name: str) -> str:
        """Return a field's name for people: as the file calls it, else `lead_source` as `Lead source`."""
        return self.columns.get(name) or name.replace("_", " ").strip().capitalize()

    def add(self, kind: str, message: str, level: Level = "note", subject: str = "") -> None:
        """Keep a note unless it is there already."""
        note = Note(kind, message, level, subject)
        if note not in self.items:
            self.items.append(note)

    def leave_out(self, kind: str, message: str, field_name: str) -> None:
        """Say why a field is left out, and how to take it in all the same."""
        self.add(kind, f"{message} Left out; --include {field_name} takes it in.", "left out", field_name)

    def __iter__(self) -> Iterator[Note]:
        return iter(self.items)

    def of(self, kind: str) -> list[Note]:
        """Return the notes of one kind."""
        return [note for note in self.items if note.kind == kind]

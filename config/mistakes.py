"""Mistakes in a file, worded so that its author can fix them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: where it is, what is wrong and what to write instead."""

    file: str
    line: int | None
    path: str
    """Keys and list positions, such as `score.fit.groups.0.rules.2.half_life`, for programs; empty for the file."""
    message: str
    remedy: str = ""
    column: int | None = None
    about: str = ""
    """The path in words, such as `score.fit, group 'Company', rule 'Size', half_life`; empty if it is the same."""

    @property
    def place(self) -> str:
        """File, line and column in the form that editors open."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)

    def __str__(self) -> str:
        subject = f"{self.subject}: " if self.subject else ""
        return f"{self.place}: {subject}{self.message}" + (f" {self.remedy}" if self.remedy else "")

    @property
    def subject(self) -> str:
        """What it is about, in words."""
        return self.about or self.path

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)


class ConfigError(Exception):
    """Raised if settings or scorecards are wrong; has all mistakes, in file order."""

    exit_code = 2

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = sorted(
            dict.fromkeys(mistakes), key=lambda mistake: (mistake.file, mistake.line or 0, mistake.path)
        )
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


def in_short(path: Path) -> str:
    """Return a path relative to the working directory if it is inside it, else unchanged."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError, RuntimeError):  # RuntimeError: a link to itself
        return str(path)

"""What is wrong with a file, told so that a person can mend it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to mend: where it stands, what is wrong, what to write instead."""

    file: str
    line: int | None
    path: str
    """Keys and list positions down to the place, such as `score.fit.groups.0.rules.2.half_life`; empty for the file."""
    message: str
    remedy: str = ""
    column: int | None = None

    @property
    def place(self) -> str:
        """File, line and column, as editors understand them."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)

    def __str__(self) -> str:
        subject = f"{self.path}: " if self.path else ""
        return f"{self.place}: {subject}{self.message}" + (f" {self.remedy}" if self.remedy else "")

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return asdict(self)


class ConfigError(Exception):
    """Settings or scorecards are wrong; carries all mistakes found, in the order in which they stand."""

    exit_code = 2

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = sorted(
            dict.fromkeys(mistakes), key=lambda mistake: (mistake.file, mistake.line or 0, mistake.path)
        )
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


def in_short(path: Path) -> str:
    """Name a file as the reader would: relative to the working directory where it lies below it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError, RuntimeError):  # RuntimeError: a link that leads to itself
        return str(path)

"""Results of checking a CRM or a database."""

from dataclasses import dataclass
from typing import Final, Literal

from vocabulary.outside import clean

LONGEST: Final = 2000
"""Maximum characters of a message we compose ourselves; it may list many fields."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of `check`: an error prevents a run, a warning does not, a note only informs."""

    level: Literal["error", "warning", "note"]
    subject: str
    message: str
    remedy: str = ""
    passes: bool = False
    """Whether an error may pass by itself, so that trying again helps."""

    def __post_init__(self) -> None:
        for name in ("subject", "message", "remedy"):
            object.__setattr__(self, name, clean(getattr(self, name), limit=LONGEST))

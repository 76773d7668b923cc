"""What a check finds out about a CRM or a database."""

from dataclasses import dataclass
from typing import Final, Literal

from vocabulary.outside import clean

LONGEST: Final = 2000
"""Characters of a message of our own, which may list fields."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing `check` found out: an error stops a run, a warning does not, a note informs."""

    level: Literal["error", "warning", "note"]
    subject: str
    message: str
    remedy: str = ""

    def __post_init__(self) -> None:
        for name in ("subject", "message", "remedy"):
            object.__setattr__(self, name, clean(getattr(self, name), limit=LONGEST))

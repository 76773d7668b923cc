"""What an import gives."""

from collections.abc import Sequence
from dataclasses import dataclass

from config.importing.findings import Finding


@dataclass(frozen=True, slots=True)
class Imported:
    """The text of a scorecard and of the settings that it needs, and what is worth telling."""

    name: str
    card: str
    settings: str
    findings: Sequence[Finding]

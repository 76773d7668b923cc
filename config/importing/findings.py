"""What an import found worth telling: what it left out, and what counts differently."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a person should know about an import."""

    place: str
    """Its place in the source, such as `groupConfigs[0].ruleConfigurations[2]` or `row 7`."""
    message: str
    loses: bool
    """Whether numbers can differ from those of the source."""

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class NotCarriedError(Exception):
    """Something of the source that a scorecard cannot say. The message is the reason."""


@dataclass(slots=True)
class Findings:
    """Collects findings in the order of the source."""

    found: list[Finding] = field(default_factory=list)

    def lost(self, place: str, message: str) -> str:
        """Note something that changes numbers, and return the message."""
        return self._add(Finding(place, message, loses=True))

    def told(self, place: str, message: str) -> str:
        """Note something that changes no numbers, and return the message."""
        return self._add(Finding(place, message, loses=False))

    def _add(self, finding: Finding) -> str:
        if finding not in self.found:
            self.found.append(finding)
        return finding.message

    @property
    def losses(self) -> Iterator[Finding]:
        """The findings that change numbers."""
        return (one for one in self.found if one.loses)

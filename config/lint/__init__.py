"""What is allowed in a scorecard and yet probably a slip: rules that never fire, caps that never bind, and the like.

Only what can be proved is said. Where a look at samples would be needed to tell, nothing is said.
"""

from collections.abc import Iterator

from config.documents import Document
from config.lint import caps, grades, overlaps, rules, stages, unused
from config.lint.scene import Scene, Slip
from config.mistakes import Mistake
from scoring import Scorecard

CHECKS = (rules.slips, caps.slips, overlaps.slips, grades.slips, stages.slips, unused.slips)


def lint(card: Scorecard, document: Document) -> list[Mistake]:
    """Return all slips of a scorecard in the order in which they stand in its file."""
    scene = Scene(card)
    found = [document.mistake(slip.path, slip.message, slip.remedy) for slip in _slips(scene)]
    return sorted(found, key=lambda mistake: mistake.line or 0)


def _slips(scene: Scene) -> Iterator[Slip]:
    for check in CHECKS:
        yield from check(scene)

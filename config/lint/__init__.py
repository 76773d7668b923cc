"""What is allowed in a scorecard and yet probably a slip: rules that never fire, caps that never bind, and the like.

Only what can be proved is said. Where a look at samples would be needed to tell, nothing is said.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from config.documents import Document
from config.lint import caps, grades, overlaps, rules, stages, unused
from config.lint.scene import Scene, Slip
from config.mistakes import Mistake
from scoring import Scorecard

MOST_ALIKE: Final = 5
"""Rules of which one thing is said line by line; of more it is said in one."""
SHOWN: Final = 3
CHECKS = (rules.slips, caps.slips, overlaps.slips, grades.slips, stages.slips, unused.slips)


def lint(card: Scorecard, document: Document) -> list[Mistake]:
    """Return all slips of a scorecard in the order in which they stand in its file."""
    found = [_told(alike, document) for alike in _alike(_slips(Scene(card)))]
    return sorted(found, key=lambda mistake: mistake.line or 0)


def _alike(slips: Iterable[Slip]) -> Iterator[list[Slip]]:
    """Yield slips that say one thing of many rules together, the others one by one."""
    groups: dict[tuple[str, str], list[Slip]] = defaultdict(list)
    for slip in slips:
        groups[_without_names(slip), slip.remedy].append(slip)
    for group in groups.values():
        yield from [group] if len(group) > MOST_ALIKE else ([slip] for slip in group)


def _without_names(slip: Slip) -> str:
    """Return what a slip says, whichever rules it says it of; one that names none is like no other."""
    if not slip.names:
        return f"{slip.path}: {slip.message}"
    said = slip.message
    for name in slip.names:
        said = said.replace(f"'{name}'", "''").replace(f"`{name}`", "''")
    return re.sub(r"\d+(\.\d+)?", "0", said)


def _told(alike: Sequence[Slip], document: Document) -> Mistake:
    """Return one warning at the first of the rules, with the names of the next ones."""
    first, *others = alike
    also = [" and ".join(f"'{name}'" for name in slip.names) for slip in others]
    more = f" and {len(also) - SHOWN:,} more" if len(also) > SHOWN else ""
    so_too = f" The same goes for {', '.join(also[:SHOWN])}{more}." if also else ""
    return document.mistake(first.path, first.message + so_too, first.remedy)


def _slips(scene: Scene) -> Iterator[Slip]:
    for check in CHECKS:
        yield from check(scene)

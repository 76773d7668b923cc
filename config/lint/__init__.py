"""Finds what is valid in a scorecard but probably unintended, such as rules that never fire or caps that never bind.

It reports only what it can prove from the scorecard, without looking at leads.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from config.documents import Document, Path_
from config.lint import caps, experiments, grades, missing, overlaps, placeholders, resets, rules, stages, unused
from config.lint.scene import Scene, Slip, listed
from config.mistakes import Mistake
from scoring import Scorecard

MOST_ALIKE: Final = 5
"""Up to this many similar warnings get a line each; more of them share one line."""
NAMES: Final = re.compile(r"''(, '')*( and (''|0 more))?")
"""A list of names after they and the numbers are blanked."""
CHECKS = (
    rules.slips,
    caps.slips,
    overlaps.slips,
    grades.slips,
    stages.slips,
    experiments.slips,
    missing.slips,
    placeholders.slips,
    resets.slips,
    unused.slips,
)


def lint(card: Scorecard, document: Document) -> list[Mistake]:
    """Return all warnings for a scorecard, in file order."""
    found = [_warning(alike, document) for alike in _alike(_slips(card))]
    return sorted(found, key=lambda mistake: mistake.line or 0)


def _alike(slips: Iterable[Slip]) -> Iterator[list[Slip]]:
    """Yield similar slips together if there are many of them, the others one by one."""
    groups: dict[tuple[str, str], list[Slip]] = defaultdict(list)
    for slip in slips:
        groups[_without_names(slip), slip.remedy].append(slip)
    for group in groups.values():
        yield from [group] if len(group) > MOST_ALIKE else ([slip] for slip in group)


def _without_names(slip: Slip) -> str:
    """Return the message without names and numbers, to find similar slips. A slip without names is unique."""
    if not slip.names:
        return f"{slip.path}: {slip.message}"
    message = slip.message
    for name in slip.names:
        message = message.replace(f"'{name}'", "''").replace(f"`{name}`", "''")
    return NAMES.sub("''", re.sub(r"\d+([.,]\d+)*", "0", message))


def _warning(alike: Sequence[Slip], document: Document) -> Mistake:
    """Return one warning at the first rule, which names the next ones."""
    first, *others = alike
    same = f" The same applies to {listed([slip.names[0] for slip in others])}." if others else ""
    return document.mistake(first.path, first.message + same, first.remedy)


def _slips(card: Scorecard) -> Iterator[Slip]:
    """Yield what is odd in a scorecard, and in the one of its accounts."""
    places: list[tuple[Path_, Scorecard]] = [((), card), *([(("accounts",), card.company)] if card.company else [])]
    for path, one in places:
        scene = Scene(one)
        for check in CHECKS:
            yield from (slip._replace(path=(*path, *slip.path)) for slip in check(scene))

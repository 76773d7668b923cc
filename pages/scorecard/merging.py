"""What a proposal changes, put into the scorecard of today: a merge of three texts by lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import chain
from typing import Final, Literal

Side = Literal["proposal", "today"]
SAME: Final = "equal"


@dataclass(frozen=True, slots=True)
class Overlap:
    """Lines that both the proposal and somebody else changed."""

    line: int
    """Where the merged text has them, from 1."""
    before: Sequence[str]
    """What both were made from."""
    today: Sequence[str]
    proposed: Sequence[str]


@dataclass(frozen=True, slots=True)
class Merged:
    """The text of today with what a proposal changes in it."""

    text: str
    overlaps: Sequence[Overlap] = ()


@dataclass(frozen=True, slots=True)
class _Change:
    """Lines of the base, from `start` to before `end`, that one side has otherwise."""

    start: int
    end: int
    lines: Sequence[str]

    @property
    def is_line_for_line(self) -> bool:
        return self.end - self.start == len(self.lines)

    def meets(self, other: "_Change") -> bool:
        """Return whether two changes cannot both be made without a person's look.

        Changed lines may lie side by side, as the values of a table do. What is added or removed may not: a line
        added at the end of a rule that is removed would end up in the rule before it.
        """
        start, end = max(self.start, other.start), min(self.end, other.end)
        return start < end or (start == end and not (self.is_line_for_line and other.is_line_for_line))


@dataclass(slots=True)
class _Region:
    """Changes of both sides that meet."""

    changes: dict[Side, list[_Change]] = field(default_factory=lambda: {"proposal": [], "today": []})

    @property
    def start(self) -> int:
        return min(one.start for one in self.all())

    @property
    def end(self) -> int:
        return max(one.end for one in self.all())

    def all(self) -> Iterator[_Change]:
        return chain.from_iterable(self.changes.values())

    def text_of(self, side: Side, base: Sequence[str]) -> list[str]:
        """Return the lines of the region as one side has them."""
        found, at = list[str](), self.start
        for change in self.changes[side]:
            found += [*base[at : change.start], *change.lines]
            at = change.end
        return found + list(base[at : self.end])


def merged(base: str, proposal: str, today: str, overlaps: Side = "today") -> Merged:
    """Return the text of today with what a proposal changed in its base; `overlaps`: whose lines are taken there."""
    before = base.splitlines(keepends=True)
    lines, met, at = list[str](), list[Overlap](), 0
    for region in _regions(_changes(before, proposal), _changes(before, today)):
        lines += before[at : region.start]
        sides: dict[Side, list[str]] = {side: region.text_of(side, before) for side in region.changes}
        if all(region.changes.values()) and sides["proposal"] != sides["today"]:
            old = before[region.start : region.end]
            met.append(Overlap(len(lines) + 1, *map(_plain, (old, sides["today"], sides["proposal"]))))
            lines += sides[overlaps]
        else:
            lines += sides["today" if region.changes["today"] else "proposal"]
        at = region.end
    return Merged("".join([*lines, *before[at:]]), met)


def _plain(lines: Sequence[str]) -> list[str]:
    return [line.rstrip("\r\n") for line in lines]


def _changes(base: Sequence[str], text: str) -> list[_Change]:
    new = text.splitlines(keepends=True)
    codes = SequenceMatcher(None, base, new, autojunk=False).get_opcodes()
    return [_Change(start, end, new[first:last]) for kind, start, end, first, last in codes if kind != SAME]


def _regions(proposal: Sequence[_Change], today: Sequence[_Change]) -> list[_Region]:
    """Return the changes in the order of the base, those that meet together."""
    both: list[tuple[_Change, Side]] = [*((one, "proposal") for one in proposal), *((one, "today") for one in today)]
    found: list[_Region] = []
    for change, side in sorted(both, key=lambda one: (one[0].start, one[0].end)):
        if not (found and any(change.meets(one) for one in found[-1].all())):
            found.append(_Region())
        found[-1].changes[side].append(change)
    return found


__all__ = ["Merged", "Overlap", "Side", "merged"]

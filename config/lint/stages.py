"""Stages, urgencies and `first` priorities that no lead can reach."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from config.documents import Path_
from config.lint.scene import Scene, Slip
from scoring.card.conditions import LeadCondition
from scoring.card.readiness import Priority, Readiness, Stage


class Entry(Protocol):
    """An entry of a list in which the first that holds decides."""

    @property
    def is_(self) -> str:
        """The result it gives."""

    @property
    def when(self) -> LeadCondition:
        """Its condition."""


def slips(scene: Scene) -> Iterator[Slip]:
    """Yield the unreachable entries."""
    readiness, priority = scene.card.readiness, scene.card.priority
    if readiness is not None:
        yield from _stages(scene, readiness)
        yield from _first_that_holds(scene, readiness.urgency, ("readiness", "urgency"), "urgency")
    if priority is not None:
        yield from _first_that_holds(scene, priority.first, ("priority", "first"), "priority")
        yield from _never_given(priority)


def _never_given(priority: Priority) -> Iterator[Slip]:
    """Yield the priorities that are named and that no lead can get."""
    given = {cell for row in priority.matrix.values() for cell in row.values()} | {one.is_ for one in priority.first}
    for name in priority.levels if "names" in priority.model_fields_set else ():
        if name not in given:
            message = f"no lead gets the priority '{name}': it is neither in the matrix nor under `first`."
            yield Slip(("priority", "names"), message, "Use it or remove it.")


def _stages(scene: Scene, readiness: Readiness) -> Iterator[Slip]:
    for number, stage in enumerate(readiness.stages):
        path = ("readiness", "stages", number)
        yield from _unreachable(scene, readiness, number, path)
        if stage.keep and (why := scene.prover.never(stage.keep)):
            message = f"`keep` of the stage '{stage.name}' never holds: {why}."
            yield Slip((*path, "keep"), message, "Change or remove it.")


def _unreachable(scene: Scene, readiness: Readiness, number: int, path: Path_) -> Iterator[Slip]:
    stage = readiness.stages[number]
    why = scene.prover.never(stage.when) if stage.when else None
    ways = [] if why else [stage.when or LeadCondition()]
    # A lead in a later stage can fall back to this one by `keep`, even if no lead enters it by `when`.
    if stage.keep and number < len(readiness.stages) - 1 and not scene.prover.never(stage.keep):
        ways.append(stage.keep)
    if not ways:
        yield Slip((*path, "when"), f"the stage '{stage.name}' cannot be reached: {why}.", "Change its `when`.")
    elif later := _taken_by(scene, ways, readiness.stages[number + 1 :]):
        message = f"the stage '{stage.name}' cannot be reached: whenever it holds, the later stage '{later}' holds too."
        yield Slip(path, message, f"Make the condition of '{later}' stricter, or swap the two.")


def _taken_by(scene: Scene, ways: Sequence[LeadCondition], later: Sequence[Stage]) -> str | None:
    """Return the first later stage that holds in all of these ways."""
    for stage in later:
        if stage.when and all(scene.prover.follows(way, stage.when) for way in ways):
            return stage.name
    return None


def _first_that_holds(scene: Scene, entries: Sequence[Entry], path: Path_, what: str) -> Iterator[Slip]:
    for number, entry in enumerate(entries):
        place = (*path, number)
        why = scene.prover.never(entry.when)
        before = [one for one in entries[:number] if scene.prover.follows(entry.when, one.when)]
        if why:
            yield Slip(
                (*place, "when"), f"this entry can never give the {what} '{entry.is_}': {why}.", "Change its `when`."
            )
        elif before:
            message = f"this '{entry.is_}' has no effect: whenever it holds, the earlier '{before[0].is_}' holds too."
            yield Slip(place, message, "Move it above that entry, or make its condition wider.")

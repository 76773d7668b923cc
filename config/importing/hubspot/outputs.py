"""HubSpot's tiers as stages, grades and priorities."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from config.importing.card import plain, unique
from config.importing.findings import Findings
from config.importing.hubspot.shapes import AnyOutput, Boundary, Category, MatrixOutput, Score, ThresholdOutput
from config.text import flow, scalar
from scoring.card.score import SectionName

SECTIONS: Final[dict[Category, SectionName]] = {"FIT": "fit", "INTENT": "engagement"}
LETTERS: Final = "ABCDF"


@dataclass(frozen=True, slots=True)
class Tiers:
    """Tiers of one number, the lowest first."""

    of: str
    """fit, engagement or score."""
    bounds: tuple[Boundary, ...]

    @classmethod
    def read(cls, of: str, bounds: Sequence[Boundary]) -> "Tiers":
        """Return tiers in order."""
        return cls(of, tuple(sorted(bounds, key=lambda one: one.threshold)))

    @property
    def labels(self) -> list[str]:
        """The labels, lowest first, each once."""
        taken: list[str] = []
        for one in self.bounds:
            said = " ".join((one.new_label or one.label).split())
            taken.append(unique(said if said.lower() not in {"", "none"} else f"Tier {said}".strip(), taken))
        return taken


class Tail:
    """Writes grade, readiness and priority for what HubSpot writes."""

    def __init__(self, score: Score, findings: Findings) -> None:
        self.findings = findings
        self.sections = [SECTIONS[one] for one in ("FIT", "INTENT") if one in categories(score)]
        self.outputs = score.outputs.outputs if score.outputs else ()
        self.has_matrix = False

    def lines(self) -> Iterator[str]:
        """Yield the sections as YAML."""
        stages: Tiers | None = None
        letters: Tiers | None = None
        for place, output in enumerate(self.outputs):
            path = f"outputConfiguration.outputs[{place}]"
            match output:
                case ThresholdOutput():
                    found = Tiers.read(self._number(output.categories), output.boundaries)
                    if stages:
                        self.findings.lost(path, f"{_called(output)}: a scorecard has one list of stages")
                    stages = stages or found
                case MatrixOutput():
                    stages, letters = self._of_matrix(path, output, stages)
        yield from _grade(letters) if letters else ()
        yield from _readiness(stages) if stages else ()
        if letters and stages and self.has_matrix:
            yield from _priority(letters, stages)

    def _number(self, of: Sequence[Category]) -> str:
        """Return the number that tiers are about."""
        named = [SECTIONS[one] for one in dict.fromkeys(of)]
        return named[0] if len(named) == 1 and len(self.sections) > 1 else "score"

    def _of_matrix(self, path: str, output: MatrixOutput, stages: Tiers | None) -> tuple[Tiers | None, Tiers | None]:
        """Return the stages and letters that a matrix is made of."""
        tiers = {name: Tiers.read(SECTIONS[name], bounds) for name, bounds in output.boundaries.items()}
        fit, engagement = tiers.get("FIT"), tiers.get("INTENT")
        if fit and not _are_letters(fit.labels):
            why = f"{_called(output)}: grades are letters from A down to F, not {', '.join(reversed(fit.labels))}"
            self.findings.lost(path, why)
            fit = None
        if stages and engagement:
            self.findings.lost(path, f"{_called(output)}: a scorecard has one list of stages")
            engagement = None
        self.has_matrix = bool(fit and engagement)
        return stages or engagement, fit


def categories(score: Score) -> set[Category]:
    """Return the categories that a score has, or has tiers of."""
    outputs = score.outputs.outputs if score.outputs else ()
    tiers = {name for one in outputs if isinstance(one, MatrixOutput) for name in one.boundaries}
    return {*score.categories, *tiers, *(group.category for group in score.groups if group.category)}


def _called(output: AnyOutput) -> str:
    return f"'{output.label or output.property or output.id}'"


def _are_letters(labels: Sequence[str]) -> bool:
    """Return whether labels are letters, the worst first, each without a sign."""
    return all(label in LETTERS for label in labels) and sorted(labels, reverse=True) == list(labels)


def _grade(tiers: Tiers) -> Iterator[str]:
    """Yield a grade whose letters follow from the points: each bound is a criterion, and all have the same weight."""
    steps = tiers.bounds[1:]
    yield "grade:                      # the letters of HubSpot's matrix, from the same points"
    yield "  profiles:"
    yield "    - name: Fit"
    yield "      criteria:"
    for one, name in zip(steps, tiers.labels[1:], strict=True):
        match = flow({tiers.of: {"at_least": plain(one.threshold)}})
        yield f"        - {{name: {scalar(f'Points of {name}')}, weight: 1, match: {match}}}"
    percents = {name: _floor(place, len(steps)) for place, name in enumerate(tiers.labels)}
    yield f"  bands: {flow(dict(reversed(percents.items())))}"
    yield ""


def _floor(place: int, steps: int) -> int:
    """Return a whole percent that this many criteria of all reach, and one fewer does not."""
    return 100 * place // steps if steps else 0


def _readiness(tiers: Tiers) -> Iterator[str]:
    labels = tiers.labels
    yield "readiness:                  # the tiers of HubSpot"
    yield "  stages:"
    if tiers.bounds[0].threshold > 0:
        yield f"    - {{name: {scalar(unique(f'Below {labels[0]}', labels))}}}"
    for place, (one, name) in enumerate(zip(tiers.bounds, labels, strict=True)):
        if place == 0 and one.threshold <= 0:
            yield f"    - {{name: {_name(name)}}}"
        else:
            yield f"    - {{name: {_name(name)}, when: {flow({tiers.of: {'at_least': plain(one.threshold)}})}}}"
    yield ""


def _priority(letters: Tiers, stages: Tiers) -> Iterator[str]:
    """Yield the fields of HubSpot's matrix as priorities: `A1` is letter A in stage 1."""
    fits, rows = letters.labels, stages.labels
    order = sorted(
        ((place + row, place, fit + label) for place, fit in enumerate(fits) for row, label in enumerate(rows)),
        reverse=True,
    )
    yield "priority:                   # the fields of HubSpot's matrix, by the sum of both ranks"
    yield f"  names: {flow([name for _, _, name in order])}"
    yield "  matrix:"
    width = max(len(_name(label)) for label in rows) + 1
    below = [f"Below {rows[0]}"] if stages.bounds[0].threshold > 0 else []
    for label in [*below, *rows]:
        said = rows[0] if label in below else label
        cells = {letter: (letter if letter in fits else fits[0]) + said for letter in [*LETTERS, "?"]}
        yield f"    {_name(label) + ':':<{width}} {flow(cells)}"
    yield ""


def _name(name: str) -> str:
    return f"'{name}'" if name.isdigit() else scalar(name)

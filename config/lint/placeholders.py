"""Comparisons with a text that counts as missing: no lead ever holds it."""

from collections.abc import Iterator
from typing import Any, Final

from config.documents import Path_
from config.lint.scene import Scene, Slip
from scoring.card.figures import DealCondition, DealFigure
from scoring.card.walking import placed_conditions
from vocabulary.fields import LISTS

WHOLE: Final = ("is", "is_not", "in", "not_in")
"""The operators whose operands are whole texts. On a list, so are those of `contains`."""
OF_LISTS: Final = (*WHOLE, "contains", "contains_any")
FOR_THOSE: Final = "For leads without a value write"


def slips(scene: Scene) -> Iterator[Slip]:
    """Yield each condition and each key of a table that names a text of `placeholders`."""
    empty = {one.strip().lower() for one in scene.card.placeholders}
    if not empty:
        return
    values = scene.card.values
    for path, condition in placed_conditions(scene.card):
        for name, test in condition.field_tests.items():
            yield from _of_test((*path, name), name, test.operators, values.get(name), empty)
    for path, deal in _of_deals(scene):
        for name, test in deal.field_tests.items():
            yield from _of_test((*path, name), name, test.operators, scene.card.deals.get(name), empty)
    yield from _of_tables(scene, empty)


def _of_test(path: Path_, name: str, operators: dict[str, Any], kind: str | None, empty: set[str]) -> Iterator[Slip]:
    """Yield a slip for each text of a test of a text or a list that counts as missing."""
    compared = OF_LISTS if kind in LISTS else WHOLE if kind == "text" else ()
    for operator, operand in operators.items():
        for text in operand if isinstance(operand, list | tuple) else [operand]:
            if operator in compared and isinstance(text, str) and text.strip().lower() in empty:
                message = f"`{name}` never holds '{text}', which counts as missing (`placeholders`)."
                yield Slip(path, message, f"{FOR_THOSE} `{name}: {{known: false}}`, or take it out of `placeholders`.")


def _of_tables(scene: Scene, empty: set[str]) -> Iterator[Slip]:
    for placed in scene.rules:
        rule = placed.rule
        if scene.card.values.get(rule.shown_field or "") == "text":
            for key in (one for one in rule.points_of_texts if one.strip().lower() in empty):
                message = (
                    f"the table '{rule.name}' never finds '{key}', which counts as missing (`placeholders`): it gives"
                    f" {rule.points_of_missing:g} points."
                )
                remedy = f"{FOR_THOSE} `missing: {rule.points_of_texts[key]:g}`, or take it out of `placeholders`."
                yield Slip((*placed.path, "points", key), message, remedy)


def _of_deals(scene: Scene) -> Iterator[tuple[Path_, DealCondition]]:
    """Yield the conditions on deals with their paths, nested ones too."""
    for name, figure in scene.card.figures.items():
        if isinstance(figure, DealFigure) and figure.where is not None:
            yield from _nested(("figures", name, "where"), figure.where)


def _nested(path: Path_, condition: DealCondition) -> Iterator[tuple[Path_, DealCondition]]:
    yield path, condition
    for option in ("all", "any"):
        for number, inner in enumerate(getattr(condition, option) or ()):
            yield from _nested((*path, option, number), inner)
    if condition.not_:
        yield from _nested((*path, "not"), condition.not_)

"""Names that must differ, and must not be taken for no value."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from scoring.card.mistakes import CardMistake, Path
from scoring.card.values import normal


def name_mistakes(names: Sequence[str], what: str, paths: Sequence[Path] = ()) -> Iterator[CardMistake]:
    """Yield a mistake for each name that is used twice or means no value; `what` is their plural.

    `paths`: where the names are written, by default in `name` of each entry.
    """
    folded = [normal(name) for name in names]
    for number, name in enumerate(folded):
        path = paths[number] if paths else (number, "name")
        if name in folded[:number]:
            yield CardMistake(path, f"there are two {what} '{names[number]}'", "rename one")
        if name == "none":
            yield CardMistake(path, "'none' means no value and cannot be a name", "rename it")


def reserved_names(names: Iterable[str], reserved: Collection[str], what: str) -> Iterator[CardMistake]:
    """Yield a mistake for each name that has a meaning of its own."""
    for name in names:
        if name in reserved:
            yield CardMistake((name,), f"'{name}' is a reserved name", f"rename the {what}")


def taken_names(figures: Iterable[str], fields: Collection[str]) -> Iterator[CardMistake]:
    """Yield a mistake for each figure that has the name of a field."""
    for name in figures:
        if name in fields:
            yield CardMistake((name,), f"'{name}' is a field too", "rename the figure")

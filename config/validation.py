"""From a document to the model that it describes, or to everything that is wrong with it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from config.documents import Document, Path_
from config.mistakes import ConfigError, Mistake
from config.translation import errors_in, without
from config.wording import FORM, MISSING, OF_SCORECARD, UNKNOWN, Error

Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], document: Document, folder: Path) -> Model:
    """Return the model that a document describes; raises ConfigError with all mistakes in it."""
    try:
        return model.model_validate(document.data, context={"folder": folder})
    except ValidationError as problem:
        raise ConfigError(_mistakes(problem, model, document, folder, frozenset())) from None


def _mistakes(
    problem: ValidationError, model: type[Model], document: Document, folder: Path, expected: frozenset[Path_]
) -> list[Mistake]:
    """Tell all errors but those expected ones that only follow from an error that is told already.

    An unknown option keeps pydantic from looking at what depends on its neighbours, so it looks again without it.
    """
    errors = of_one_form(errors_in(document, problem, model))
    unknown = [error for error in errors if error.kind == UNKNOWN]
    misspelt = {(*error.path[:-1], error.meant) for error in unknown if error.meant}
    told = [document.mistake(e.path, *e.words) for e in errors if not _follows(e, expected | misspelt)]
    if not unknown:
        return told
    rest = without(document, [error.path for error in unknown])
    sections = {error.path[:-1] for error in unknown}
    try:
        model.model_validate(rest.data, context={"folder": folder})
    except ValidationError as behind:
        told += _mistakes(behind, model, rest, folder, expected | misspelt | sections)
    return told


def of_one_form(errors: Sequence[Error]) -> list[Error]:
    """Leave out that something has not the one form that it may have, where its other form is told to be wrong."""
    return [error for at, error in enumerate(errors) if not (error.kind in FORM and _told_closer(error, errors, at))]


def _told_closer(error: Error, errors: Sequence[Error], at: int) -> bool:
    inside = [(place, other) for place, other in enumerate(errors) if other.path[: len(error.path)] == error.path]
    return any(other.kind not in FORM or place < at for place, other in inside)


def _follows(error: Error, expected: frozenset[Path_]) -> bool:
    """Tell whether an option is missing because it is misspelt, or a section lacks what was taken out of it."""
    return error.kind in {MISSING, OF_SCORECARD} and error.path in expected

"""Validates a document and collects everything that is wrong with it."""

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
    """Return the model for a document. Raise ConfigError with all its mistakes if there are any."""
    try:
        return model.model_validate(document.data, context={"folder": folder})
    except ValidationError as problem:
        raise ConfigError(_mistakes(problem, model, document, folder, frozenset())) from None


def _mistakes(
    problem: ValidationError, model: type[Model], document: Document, folder: Path, expected: frozenset[Path_]
) -> list[Mistake]:
    """Yield all errors except expected ones that only follow from another reported error.

    An unknown option stops pydantic from checking what depends on its neighbours, so the check runs again without it.
    """
    errors = of_one_form(errors_in(document, problem, model))
    unknown = [error for error in errors if error.kind == UNKNOWN]
    misspelt = {(*error.path[:-1], error.meant) for error in unknown if error.meant}
    found = [document.mistake(e.path, *e.words) for e in errors if not _follows(e, expected | misspelt)]
    if not unknown:
        return found
    rest = without(document, [error.path for error in unknown])
    sections = {error.path[:-1] for error in unknown}
    try:
        model.model_validate(rest.data, context={"folder": folder})
    except ValidationError as behind:
        found += _mistakes(behind, model, rest, folder, expected | misspelt | sections)
    return found


def of_one_form(errors: Sequence[Error]) -> list[Error]:
    """Drop errors about one form of a value if there is a closer error about its other form."""
    return [error for at, error in enumerate(errors) if not (error.kind in FORM and _is_covered(error, errors, at))]


def _is_covered(error: Error, errors: Sequence[Error], at: int) -> bool:
    inside = [(place, other) for place, other in enumerate(errors) if other.path[: len(error.path)] == error.path]
    return any(other.kind not in FORM or place < at for place, other in inside)


def _follows(error: Error, expected: frozenset[Path_]) -> bool:
    """Return whether an option is missing because it is misspelt or because it was removed for the second check."""
    return error.kind in {MISSING, OF_SCORECARD} and error.path in expected

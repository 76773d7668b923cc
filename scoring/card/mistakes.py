"""Mistakes in a scorecard, each with its path, raised together as one `pydantic.ValidationError`."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError, ValidatorFunctionWrapHandler
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

Path = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class CardMistake:
    """What is wrong at `path`, relative to the model that reports it, and what to write instead."""

    path: Path
    message: str
    remedy: str = ""
    given: Any = None

    def below(self, *path: int | str) -> "CardMistake":
        """Return the same mistake with its path relative to an outer model."""
        return CardMistake((*path, *self.path), self.message, self.remedy, self.given)

    def details(self) -> InitErrorDetails:
        """Return the mistake as a pydantic line error with `message` and `remedy` in `ctx`."""
        words = {"message": self.message, "remedy": self.remedy}
        template = "{message}; {remedy}" if self.remedy else "{message}"
        return InitErrorDetails(
            type=PydanticCustomError("scorecard", template, words),
            loc=self.path,
            input=self.given,
        )


def meant(name: str, known: Iterable[str], otherwise: str) -> str:
    """Return a remedy for an unknown name: the name that was probably meant, else `otherwise`."""
    close = get_close_matches(name, list(known), n=1)
    return f"did you mean `{close[0]}`?" if close else otherwise


def refuse(title: str, mistakes: Iterable[CardMistake]) -> None:
    """Raise a ValidationError if there are mistakes."""
    details = [mistake.details() for mistake in mistakes]
    if details:
        raise ValidationError.from_exception_data(title, details)


def validated(title: str, raw: object, handler: ValidatorFunctionWrapHandler, mistakes: Iterable[CardMistake]) -> Any:
    """Return the validated value. Raise the handler's mistakes and these together if there are any."""
    details = [mistake.details() for mistake in mistakes]
    try:
        value = handler(raw)
    except ValidationError as error:
        inner = [_again(one) for one in error.errors(include_url=False)]
        # pydantic runs the wrapper of a recursive model twice, so `inner` may already contain these mistakes.
        known = {(one.get("loc"), str(one["type"])) for one in inner}
        details = inner + [one for one in details if (one.get("loc"), str(one["type"])) not in known]
        raise ValidationError.from_exception_data(title, details) from None
    if details:
        raise ValidationError.from_exception_data(title, details)
    return value


def _again(error: ErrorDetails) -> InitErrorDetails:
    """Turn a reported error back into one to report, keeping `message` and `remedy`."""
    words = {"message": error["msg"], "remedy": "", **error.get("ctx", {})}
    template = "{message}; {remedy}" if words["remedy"] else "{message}"
    return InitErrorDetails(
        type=PydanticCustomError(error["type"], template, words), loc=error["loc"], input=error["input"]
    )

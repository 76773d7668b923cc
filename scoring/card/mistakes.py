"""Mistakes in a scorecard, each located by its path, raised together as one `pydantic.ValidationError`."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError, ValidatorFunctionWrapHandler
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

Path = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class CardMistake:
    """What is wrong at `path` (relative to the model that finds it), and what to write instead."""

    path: Path
    message: str
    remedy: str = ""
    given: Any = None

    def below(self, *path: int | str) -> "CardMistake":
        """Return the same mistake as seen from further up."""
        return CardMistake((*path, *self.path), self.message, self.remedy, self.given)

    def details(self) -> InitErrorDetails:
        """Return the mistake as pydantic's line error: `ctx` holds `message` and `remedy`."""
        words = {"message": self.message, "remedy": self.remedy}
        template = "{message}; {remedy}" if self.remedy else "{message}"
        return InitErrorDetails(
            type=PydanticCustomError("scorecard", template, words),
            loc=self.path,
            input=self.given,
        )


def meant(name: str, known: Iterable[str], otherwise: str) -> str:
    """Return a remedy for an unknown name: the one that was probably meant, or another remedy."""
    close = get_close_matches(name, list(known), n=1)
    return f"did you mean `{close[0]}`?" if close else otherwise


def refuse(title: str, mistakes: Iterable[CardMistake]) -> None:
    """Raise all mistakes as one ValidationError; do nothing when there are none."""
    details = [mistake.details() for mistake in mistakes]
    if details:
        raise ValidationError.from_exception_data(title, details)


def validated(title: str, raw: object, handler: ValidatorFunctionWrapHandler, mistakes: Iterable[CardMistake]) -> Any:
    """Return what the handler makes of `raw`, or raise its mistakes and these together."""
    details = [mistake.details() for mistake in mistakes]
    try:
        value = handler(raw)
    except ValidationError as error:
        inner = [_again(one) for one in error.errors(include_url=False)]
        # pydantic runs the wrapper of a recursive model twice, so `inner` may hold these mistakes already.
        known = {(one.get("loc"), str(one["type"])) for one in inner}
        details = inner + [one for one in details if (one.get("loc"), str(one["type"])) not in known]
        raise ValidationError.from_exception_data(title, details) from None
    if details:
        raise ValidationError.from_exception_data(title, details)
    return value


def _again(error: ErrorDetails) -> InitErrorDetails:
    """Return a reported error as one to report; its words are kept as `message` and `remedy`."""
    words = {"message": error["msg"], "remedy": "", **error.get("ctx", {})}
    template = "{message}; {remedy}" if words["remedy"] else "{message}"
    return InitErrorDetails(
        type=PydanticCustomError(error["type"], template, words), loc=error["loc"], input=error["input"]
    )

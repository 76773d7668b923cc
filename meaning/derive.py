"""What a mapping may derive from a field of the CRM: `seniority(jobtitle)`, `number(budget)`, `domain(email)`.

One table for HubSpot, Salesforce and files. To add a derivation, add a row to `DERIVATIONS`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Final

import polars as pl
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from meaning import countries, mailboxes, numbers, titles
from vocabulary import patterns
from vocabulary.fields import DTYPES, FLAGS, FieldType

Pattern = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(patterns.checked)]


def _levels(given: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    if strange := sorted(given.keys() - set(titles.LEVELS)):
        raise ValueError(f"there is no level {strange[0]}: use {', '.join(titles.LEVELS)}")
    return given


class OwnWords(BaseModel):
    """Words of your own for derived values; they go before the shipped ones.

    Words of titles are regular expressions (Rust's syntax) in lower case without accents or punctuation; whole words
    are compared.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seniority: Annotated[dict[str, tuple[Pattern, ...]], AfterValidator(_levels)] = Field(
        default={}, description="Words of a level, such as `{head: [gruppenleitung, squad captain]}`."
    )
    department: dict[str, tuple[Pattern, ...]] = Field(
        default={}, description="Words of a department; one of your own too, such as `{field: [aussendienst]}`."
    )
    country: dict[str, Annotated[str, Field(pattern=r"^[A-Z]{2}$")]] = Field(
        default={}, description="Names of countries and their two-letter codes, such as `{Deutschl.: DE}`."
    )
    free_mailboxes: tuple[str, ...] = Field(
        default=(), description="Further domains where anybody may have a mailbox, such as `[isp.example]`."
    )


Apply = Callable[[pl.Expr, OwnWords], pl.Expr]


@dataclass(frozen=True, slots=True)
class Derivation:
    """One derivation: its name in a mapping, the type of field that it gives, and the expression."""

    name: str
    type: FieldType
    description: str
    apply: Apply
    readable: str = ""
    """What it can read, for a message about a value that it cannot; empty if every text is readable."""


def _flag(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars().str.to_lowercase().replace_strict(FLAGS, default=None, return_dtype=pl.Boolean)


DERIVATIONS: Final = (
    Derivation(
        "seniority",
        "text",
        f"How senior a job title is: {', '.join(f'`{level}`' for level in titles.LEVELS)}.",
        lambda text, own: titles.seniority(text, own.seniority),
    ),
    Derivation(
        "department",
        "text",
        f"The department of a job title: {', '.join(f'`{name}`' for name in titles.DEPARTMENTS)}.",
        lambda text, own: titles.department(text, own.department),
    ),
    Derivation(
        "country",
        "text",
        "The two-letter ISO code of a country, by its code or its name in many languages.",
        lambda text, own: countries.country(text, own.country),
        "a country's name or code, such as Germany, Deutschland or DE",
    ),
    Derivation(
        "number",
        "number",
        "The number in a text: `1,001`, `10k`, `$1.5M`, `50+`.",
        lambda text, _: numbers.number(text),
        "a single number, such as 1,001 or 10k; `range(…)` reads 11-50",
    ),
    Derivation(
        "range",
        "number",
        "The middle of a range (`11-50` is 30.5); the bound of an open one (`50+` is 50); half of `<10`.",
        lambda text, _: numbers.middle(text),
        "a number or a range, such as 11-50, 50+ or 10k-50k",
    ),
    Derivation(
        "free_mailbox",
        "flag",
        "Whether an e-mail address, or a domain, is of a free provider such as gmail.com.",
        lambda text, own: mailboxes.free_mailbox(text, own.free_mailboxes),
        "an e-mail address",
    ),
    Derivation(
        "domain",
        "text",
        "The part of an e-mail address after the @, or the host of a website.",
        lambda text, _: mailboxes.domain(text),
        "an e-mail address or a website",
    ),
    Derivation(
        "not",
        "flag",
        "The opposite of a flag: `not(hs_is_closed)`, `not(IsClosed)`.",
        lambda text, _: ~_flag(text),
        "true or false, yes or no, 1 or 0",
    ),
)
BY_NAME: Final[Mapping[str, Derivation]] = {one.name: one for one in DERIVATIONS}
Column = Callable[[str], pl.Expr]
"""Returns the column of a path, as text without blanks."""
Read = Callable[[pl.Expr, FieldType], pl.Expr]
"""Parses a text column as a field type."""
_CALL: Final = re.compile(r"\s*(?P<name>\w+)\s*\((?P<paths>[^()]*)\)\s*")
_PATH: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class FieldSource:
    """What a mapping says: a field of the CRM as it is, or a derivation of one or, in order, of several."""

    paths: tuple[str, ...]
    derivation: Derivation | None = None

    @classmethod
    def parse(cls, text: str) -> "FieldSource":
        """Return what a text says, or raise ValueError."""
        call = _CALL.fullmatch(text)
        if not call:
            return cls((_path(text, text),))
        name = call["name"]
        if name not in BY_NAME:
            near = get_close_matches(name, BY_NAME, 1)
            meant = f"did you mean {near[0]}(…)?" if near else f"there are {', '.join(BY_NAME)}"
            raise ValueError(f"'{name}(…)' is no derivation: {meant}")
        return cls(tuple(_path(path.strip(), text) for path in call["paths"].split(",")), BY_NAME[name])

    def without(self, prefix: str) -> "FieldSource":
        """Return the same with paths relative to a parent."""
        return FieldSource(tuple(path.removeprefix(prefix) for path in self.paths), self.derivation)

    def starts_with(self, prefix: str) -> bool:
        """Return whether every path begins with this."""
        return all(path.startswith(prefix) for path in self.paths)

    def takes(self, wanted: FieldType) -> bool:
        """Return whether a field of this type can hold what the derivation gives; always where there is none."""
        return self.derivation is None or wanted == self.derivation.type

    def value(self, wanted: FieldType, column: Column, read: Read, own: OwnWords) -> pl.Expr:
        """Return the values of a field: as the CRM holds them, or derived; the first path that tells counts.

        A derivation gives null where the field is of another type than it, which `check` reports.
        """
        if self.derivation is None:
            return read(column(self.paths[0]), wanted)
        if not self.takes(wanted):
            return pl.lit(None, DTYPES[wanted])
        told = [self.derivation.apply(column(path), own) for path in self.paths]
        return pl.coalesce(told).cast(DTYPES[wanted])

    def unread(self, value: pl.Expr, column: Column) -> pl.Expr:
        """Return whether there is a text and no value could be read from it."""
        there = pl.any_horizontal([column(path).is_not_null() for path in self.paths])
        return there & value.is_null()

    @property
    def reports(self) -> bool:
        """Whether a text without a value is worth a warning: a job title may tell no department."""
        return self.derivation is None or bool(self.derivation.readable)


def checked(text: str) -> str:
    """Return a mapping unchanged, or raise ValueError."""
    FieldSource.parse(text)
    return text


def _path(path: str, text: str) -> str:
    if not _PATH.fullmatch(path):
        raise ValueError(f"'{text}' is no mapping: write PROPERTY, or a derivation such as seniority(PROPERTY)")
    return path

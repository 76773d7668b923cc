"""What a CRM holds, counted: the fields with their fill and most frequent values, forms, pages, stages and outcomes.

A survey contains nothing about single people: only values that several leads share.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from vocabulary.fields import FieldType

Role = Literal["seniority", "job_title", "industry", "employees", "revenue", "country", "source", "mailbox"]
"""What a standard field of a CRM is for in a scorecard."""


@dataclass(frozen=True, slots=True)
class Looked:
    """How many records were looked at, and how many of them have a value."""

    records: int
    filled: int

    @property
    def share(self) -> float:
        """The filled share, 0 if there was no record to look at."""
        return self.filled / self.records if self.records else 0.0


@dataclass(frozen=True, slots=True)
class Count:
    """A value, and how many leads and how many won leads have it."""

    value: str
    leads: int
    won: int = 0
    label: str = ""
    """How the CRM shows the value, if it differs."""


@dataclass(frozen=True, slots=True)
class Band:
    """A range of numbers, both ends included (`high` None: open), and how many leads and won leads are in it."""

    low: int
    high: int | None
    leads: int
    won: int = 0


@dataclass(frozen=True, slots=True)
class SurveyedField:
    """A field of the CRM: where it is read from, how full it is, and its most frequent values."""

    name: str
    """A name for the field of the scorecard."""
    sources: Mapping[str, str]
    """What the settings map: the field (or what is derived from it) by object; the key is empty for the only object."""
    label: str
    type: FieldType
    leads: Looked
    won: Looked
    role: Role | None = None
    values: tuple[Count, ...] = ()
    """The most frequent first. Empty where values would tell about single people, or are numbers or times."""
    bands: tuple[Band, ...] = ()
    distinct: int = 0
    """How many different values were seen."""
    unread: tuple[Count, ...] = ()
    """Frequent values that a derivation does not understand."""
    exact: bool = False
    """Whether every record was counted, not a sample."""


@dataclass(frozen=True, slots=True)
class SurveyedSource:
    """A form, campaign or the like: the kind of activity that it becomes, and how often it was used."""

    what: str
    name: str
    kind: str | None
    used: int | None = None
    unit: str = "submissions"
    at_least: bool = False
    """Whether `used` is a lower bound."""


@dataclass(frozen=True, slots=True)
class SurveyedPage:
    """The beginning of a path on the website, and how often it was seen and by how many leads."""

    path: str
    views: int
    leads: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What counts as won, and how many such leads there are."""

    what: str
    total: int
    looked: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A part that could not be looked at, why, and what to do."""

    part: str
    why: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found in a CRM, and by how many calls."""

    crm: str
    account: str
    total: int
    """How many leads the CRM has."""
    looked: int
    """How many of them were looked at."""
    sampled: str
    """Which ones, in words."""
    calls: int
    fields: tuple[SurveyedField, ...] = ()
    stages: tuple[Count, ...] = ()
    sources: tuple[SurveyedSource, ...] = ()
    pages: tuple[SurveyedPage, ...] = ()
    pages_from: str = ""
    outcome: Outcome | None = None
    gaps: tuple[Gap, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    """Further settings of the connection that the CRM suggests, such as which conversions are read."""

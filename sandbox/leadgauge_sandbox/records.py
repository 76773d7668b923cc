"""Records of invented companies, people and activities, independent of any CRM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from leadgauge_sandbox.catalogue import PLACES, TAGS, Place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DAY: Final = 86_400_000
"""Milliseconds per day."""
ROLES: Final = {
    "executive": ("Decision Maker", "Executive Sponsor"),
    "director": ("Decision Maker", "Budget Holder"),
    "manager": ("Budget Holder", "Champion"),
    "individual": ("End User", "Influencer"),
}
"""The roles in a purchase that people of each level may have."""


@dataclass(slots=True)
class Company:
    """A company; any field but the name may be blank (None)."""

    number: int
    name: str
    domain: str | None
    industry: str | None
    employees: int | None
    revenue: float | None
    country: str | None
    created_at: int
    gone: bool = False

    @property
    def is_target(self) -> bool:
        """Return whether sales has chosen the company as a target: one in five."""
        return self.number % 5 == 0


@dataclass(slots=True)
class Person:
    """A lead; any field but the creation time may be blank (None). `company` is the number of a company."""

    number: int
    given: str | None
    family: str | None
    email: str | None
    phone: str | None
    job_title: str | None
    seniority: str | None
    country: str | None
    company: int | None
    budget: float | None
    purchase_by: str | None
    """ISO date."""
    is_student: bool | None
    source: str
    created_at: int
    converted_at: int | None = None
    gone: bool = False
    merged_into: int | None = None

    @property
    def email_domain(self) -> str | None:
        """Return the part after the @."""
        return self.email.rpartition("@")[2] if self.email else None

    @property
    def buying_roles(self) -> tuple[str, ...]:
        """Return the roles in the purchase that sellers noted when the record was made: one, two or none."""
        return ROLES.get(self.seniority or "", ())[: (0, 1, 0, 2, 1)[self.number % 5]]


@dataclass(frozen=True, slots=True)
class Activities:
    """Activities as columns, in order of time."""

    person: NDArray[np.int32]
    place: NDArray[np.int16]
    at: NDArray[np.int64]
    seconds: NDArray[np.float32]
    """Time spent; NaN if not measured."""
    bot: NDArray[np.bool_]
    """Whether a mail scanner, not the lead, opened or clicked."""
    tag: NDArray[np.int8]
    """Index into `TAGS` of the tracking parameters in the URL; of a click, the number of its link."""
    sent: NDArray[np.int64]
    """When the mail was sent that was opened or clicked, if several activities are of the same; else 0."""

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity from `live_step`; the same fields as a row of `Activities`."""

    person: int
    place: int
    at: int
    seconds: float | None = None
    bot: bool = False
    tag: int = 0
    sent: int = 0

    @property
    def where(self) -> Place:
        """Return the place with kind, name and URL."""
        return PLACES[self.place]

    @property
    def url(self) -> str | None:
        """Return the URL as the browser saw it, including tracking parameters."""
        return self.where.url and self.where.url + TAGS[self.tag]

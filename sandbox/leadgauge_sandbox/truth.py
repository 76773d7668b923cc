"""Why leads convert in the sandbox: the model that `calibrate` has to recover.

Every week, a lead that has not converted converts with probability 1 / (1 + e^-logit), where
logit = base + what the lead is + the sum of weight x 2^(-age / half-life) over what it did before that week.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from leadgauge_sandbox.catalogue import PLACES, SITE
from leadgauge_sandbox.records import Company, Person


@dataclass(frozen=True, slots=True)
class Effect:
    """What one activity adds to the logit, and its half-life in days."""

    weight: float
    half_life: float


@dataclass(frozen=True, slots=True)
class Truth:
    """All coefficients of the model."""

    base: float = -7.3
    seniority: dict[str, float] = field(
        default_factory=lambda: {"executive": 1.3, "director": 1.0, "manager": 0.4, "student": -2.0}
    )
    industry: dict[str, float] = field(
        default_factory=lambda: {"Software": 1.0, "SaaS": 1.0, "Finance": 0.4, "Education": -0.5}
    )
    fitting_size: float = 0.8
    """For companies of 5 to 200 employees."""
    fitting_budget: float = 0.5
    """From 10,000 on."""
    effects: dict[str, Effect] = field(
        default_factory=lambda: {
            "pricing": Effect(0.5, 14),
            "careers": Effect(-0.6, 30),
            "content_download": Effect(0.45, 45),
            "webinar_attend": Effect(0.8, 30),
            "demo_request": Effect(2.8, 30),
            "pricing_request": Effect(2.4, 30),
            "email_click": Effect(0.2, 7),
            "meeting": Effect(1.0, 30),
            "unsubscribe": Effect(-1.5, 180),
        }
    )

    def fit(self, people: Sequence[Person], companies: Sequence[Company]) -> NDArray[np.float64]:
        """Return what each lead's properties add to its logit."""
        return np.array([self._fit(person, companies) for person in people])

    def _fit(self, person: Person, companies: Sequence[Company]) -> float:
        firm = None if person.company is None else companies[person.company]
        logit = self.seniority.get(person.seniority or "", 0.0)
        if person.budget is not None and person.budget >= 10_000:  # noqa: PLR2004 - the model itself
            logit += self.fitting_budget
        if firm is None:
            return logit
        sized = firm.employees is not None and 5 <= firm.employees <= 200  # noqa: PLR2004 - the model itself
        return logit + self.industry.get(firm.industry or "", 0.0) + self.fitting_size * sized

    def effect_of_places(self) -> NDArray[np.int64]:
        """Return the index of each place's effect, -1 for none."""
        names = list(self.effects)
        return np.array(
            [names.index(name) if (name := _effect(number)) in names else -1 for number in range(len(PLACES))]
        )


def _effect(place: int) -> str:
    where = PLACES[place]
    path = (where.url or "").removeprefix(SITE)
    if where.kind == "page_view":
        return path.split("/")[1] if path else ""
    return where.kind


TRUTH: Final = Truth()

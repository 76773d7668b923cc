"""Invented companies, people and their histories: the same for every CRM, and repeatable by seed.

Times are milliseconds since 1970 (UTC). People and companies are numbered from 0 and never renumbered;
those deleted or merged keep their number, with `gone` set.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from leadgauge_sandbox.histories import histories
from leadgauge_sandbox.people import companies, people
from leadgauge_sandbox.records import DAY, Activities, Activity, Company, Person
from leadgauge_sandbox.scanners import scanned

if TYPE_CHECKING:
    from collections.abc import Mapping


__all__ = ["DAY", "Activities", "Activity", "Company", "Person", "Population"]


@dataclass(slots=True)
class Population:
    """Companies, people and activities up to `now`, and a seeded process that continues from there."""

    now: int
    seed: int
    companies: list[Company]
    people: list[Person]
    activities: Activities
    webinars: Mapping[int, int]
    """When each webinar takes place, by the index of its `webinar_attend` place."""
    later: list[Activity]
    """Activities added by `live_step`."""
    random: np.random.Generator

    @classmethod
    def generate(cls, leads: int = 2000, seed: int = 7, now: int | None = None, scanners: float = 0.0) -> Self:
        """Invent `leads` people with about ten activities each; the same for the same arguments.

        `scanners`: the share beside whom mail scanners and privacy proxies act. The people do the same as without.
        """
        moment = int(time.time() * 1000) if now is None else now
        random = np.random.default_rng(seed)
        firms = companies(max(1, leads // 4), moment, random)
        persons = people(leads, firms, moment, random)
        activities, webinars = histories(persons, firms, moment, random)
        if scanners:
            activities = scanned(activities, persons, moment, scanners, np.random.default_rng([seed, len(persons)]))
        return cls(moment, seed, firms, persons, activities, webinars, [], random)

    @classmethod
    def empty(cls, now: int | None = None) -> Self:
        """Return an empty population, to be filled through the CRM's API."""
        nothing = Activities(
            np.empty(0, np.int32),
            np.empty(0, np.int16),
            np.empty(0, np.int64),
            np.empty(0, np.float32),
            np.empty(0, np.bool_),
            np.empty(0, np.int8),
            np.empty(0, np.int64),
        )
        moment = int(time.time() * 1000) if now is None else now
        return cls(moment, 0, [], [], nothing, {}, [], np.random.default_rng(0))

    def activity(self, row: int) -> Activity:
        """Return one row of the columns as an object."""
        table = self.activities
        seconds = float(table.seconds[row])
        return Activity(
            int(table.person[row]),
            int(table.place[row]),
            int(table.at[row]),
            None if np.isnan(seconds) else seconds,
            bool(table.bot[row]),
            int(table.tag[row]),
            int(table.sent[row]),
        )

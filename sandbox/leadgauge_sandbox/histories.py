"""Invents activities: bursts of visits, requests, and the sales team's answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from leadgauge_sandbox.catalogue import PLACES, TAGS, places_of
from leadgauge_sandbox.records import DAY, Activities
from leadgauge_sandbox.truth import TRUTH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from leadgauge_sandbox.records import Company, Person

PERIOD: Final = 180
"""Days of one period: a lead's interest is drawn anew for each."""
BEHIND: Final = 7
"""Days by which sales is behind with two thirds of the people."""
PERIODS: Final = 3
"""Periods of history before now: enough for `calibrate` to fit on older conversions and to test on newer ones."""
WEEK: Final = 7 * DAY
ARRIVING: Final = 0.8
"""The share of new leads whose first burst is what brought them."""
MEAN: Final = 9.0
"""Activities a lead starts on average; with those that follow from them, about ten."""


@dataclass(frozen=True, slots=True)
class _Acts:
    person: NDArray[np.int64]
    place: NDArray[np.int64]
    at: NDArray[np.int64]

    def __getitem__(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> _Acts:
        return _Acts(self.person[rows], self.place[rows], self.at[rows])


def histories(
    people: Sequence[Person], firms: Sequence[Company], now: int, random: np.random.Generator
) -> tuple[Activities, Mapping[int, int]]:
    """Invent all activities up to `now` and set when people converted; also return the webinar dates."""
    created = np.array([person.created_at for person in people], np.int64)
    reachable = np.array([person.email is not None for person in people], bool)
    webinars = {place: now - int(random.integers(DAY, PERIOD * DAY)) for place in places_of("webinar_attend")}
    luck, *earlier = random.spawn(PERIODS)
    parts = [_period(created, reachable, now, webinars, random)]
    for number, draws in enumerate(earlier, 1):
        acts = _period(created, reachable, now - number * PERIOD * DAY, webinars, draws)
        parts.append(acts[~np.isin(acts.place, places_of("webinar_register"))])
    acts = _join(*parts)
    acts = acts[np.argsort(acts.at, kind="stable")]
    _convert(people, firms, acts, now, luck)
    return _dressed(acts, random), webinars


def _period(
    created: NDArray[np.int64],
    reachable: NDArray[np.bool_],
    until: int,
    webinars: Mapping[int, int],
    random: np.random.Generator,
) -> _Acts:
    """Invent the activities of one period, of the leads that there were."""
    acts = _own_doing(created, reachable, until, random)
    acts = _join(acts, _visits_before_forms(acts, random), _attendance(acts, webinars, random))
    acts = _join(acts, _got_to(_sales_answers(acts, random), until), _bounces(reachable, created, until, random))
    return acts[(acts.at <= until) & (acts.at >= created[acts.person])]


def _join(*parts: _Acts) -> _Acts:
    return _Acts(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("person", "place", "at")))


def _own_doing(
    created: NDArray[np.int64], reachable: NDArray[np.bool_], until: int, random: np.random.Generator
) -> _Acts:
    """Draw how much each lead does, when (in up to two bursts) and where, depending on its intent."""
    count = len(created)
    intent = random.normal(0, 1, count)
    amount = random.poisson(random.gamma(0.5, 2 * MEAN, count) * np.where(intent > 1, 2.0, 0.85))
    person = np.repeat(np.arange(count), amount)
    start = np.maximum(created, until - PERIOD * DAY)
    bursts = random.random((count, 2))
    came = created > until - PERIOD * DAY
    bursts[came, 0] = np.maximum(0, bursts[came, 0] - ARRIVING) / (1 - ARRIVING)
    burst = bursts[person, (random.random(len(person)) < 0.35).astype(int)]  # noqa: PLR2004 - a third in the second burst
    spread = random.exponential(6 * DAY, len(person)) * np.where(random.random(len(person)) < 0.5, 1, -1)  # noqa: PLR2004 - before and after alike
    at = start[person] + burst * (until - start[person]) + spread
    inside = np.where(at < start[person], 2.0 * start[person] - at, at)
    place = _where_to(np.digitize(intent, (-0.3, 1.0))[person], random)
    acts = _Acts(person, place, inside.astype(np.int64))
    return acts[reachable[person] | ~np.isin(place, places_of("email_open", "email_click", "unsubscribe"))]


def _where_to(warmth: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
    weights = np.array(
        [[place.cold for place in PLACES], [place.warm for place in PLACES], [place.hot for place in PLACES]]
    )
    share = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    draws = random.random(len(warmth))
    chosen = np.empty(len(warmth), np.int64)
    for level in range(3):
        chosen[warmth == level] = np.searchsorted(share[level], draws[warmth == level], side="right")
    return np.minimum(chosen, len(PLACES) - 1)


def _visits_before_forms(acts: _Acts, random: np.random.Generator) -> _Acts:
    """Add visits to the pricing page just before most demo and quote requests."""
    asking = acts[np.isin(acts.place, places_of("demo_request", "pricing_request"))]
    asking = asking[random.random(len(asking.at)) < 0.7]  # noqa: PLR2004 - seven of ten
    pricing = next(number for number, place in enumerate(PLACES) if place.name == "Pricing")
    before = asking.at - random.integers(60_000, 3_600_000, len(asking.at))
    return _Acts(asking.person, np.full(len(before), pricing), before)


def _attendance(acts: _Acts, webinars: Mapping[int, int], random: np.random.Generator) -> _Acts:
    """Let two thirds of those who registered before a webinar attend it."""
    registered, attended = places_of("webinar_register"), places_of("webinar_attend")
    coming = acts[np.isin(acts.place, registered) & (random.random(len(acts.at)) < 0.66)]  # noqa: PLR2004 - two thirds
    seat = np.array(attended)[np.searchsorted(registered, coming.place)]
    date = np.array([webinars[place] for place in attended])[np.searchsorted(attended, seat)]
    _, first = np.unique(coming.person * len(PLACES) + seat, return_index=True)
    once = np.zeros(len(seat), bool)
    once[first] = True
    return _Acts(coming.person, seat, date)[once & (coming.at < date)]


def _sales_answers(acts: _Acts, random: np.random.Generator) -> _Acts:
    """Add calls, mails and meetings within days of most requests, and some without a request."""
    asking = acts[np.isin(acts.place, places_of("demo_request", "pricing_request", "contact_request"))]
    answered = asking[random.random(len(asking.at)) < 0.75]  # noqa: PLR2004 - three of four
    unasked = acts[random.random(len(acts.at)) < 0.05]  # noqa: PLR2004 - one in twenty
    both = _join(answered, answered[random.random(len(answered.at)) < 0.5], unasked)  # noqa: PLR2004 - half of them twice
    options = np.array(places_of("call", "meeting", "sales_email", "email_reply"))
    delay = random.exponential(1.5 * DAY, len(both.at)).astype(np.int64)
    return _Acts(both.person, random.choice(options, len(both.at)), both.at + delay)


def _got_to(answers: _Acts, until: int) -> _Acts:
    """Return what sales has got to: of the last days, only a third."""
    return answers[(answers.at < until - BEHIND * DAY) | (answers.person % 3 == 0)]


def _bounces(
    reachable: NDArray[np.bool_], created: NDArray[np.int64], until: int, random: np.random.Generator
) -> _Acts:
    person = np.flatnonzero(reachable & (random.random(len(created)) < 0.015))  # noqa: PLR2004 - of all addresses
    start = np.maximum(created[person], until - PERIOD * DAY)
    at = start + (random.random(len(person)) * (until - start)).astype(np.int64)
    return _Acts(person, np.full(len(person), places_of("bounce")[0]), at)


def _dressed(acts: _Acts, random: np.random.Generator) -> Activities:
    """Add time on page, mail scanners and tracking parameters."""
    size = len(acts.at)
    viewed, timed = np.isin(acts.place, places_of("page_view")), np.isin(acts.place, places_of("call", "meeting"))
    seconds = np.full(size, np.nan)
    seconds[viewed] = np.round(random.lognormal(3.2, 1.1, int(viewed.sum())), 1)
    seconds[timed] = np.round(random.lognormal(6.3, 0.7, int(timed.sum())))
    bot = np.isin(acts.place, places_of("email_open", "email_click")) & (random.random(size) < 0.12)  # noqa: PLR2004 - as mail scanners do
    tag = np.where(random.random(size) < 0.25, random.integers(0, len(TAGS), size), 0)  # noqa: PLR2004 - a quarter came by a campaign
    tag[~viewed] = 0
    return Activities(
        acts.person.astype(np.int32),
        acts.place.astype(np.int16),
        acts.at,
        seconds.astype(np.float32),
        bot,
        tag.astype(np.int8),
        np.zeros(size, np.int64),
    )


def _convert(
    people: Sequence[Person], firms: Sequence[Company], acts: _Acts, now: int, random: np.random.Generator
) -> None:
    """Convert leads week by week, by the model in `TRUTH`."""
    fit = TRUTH.base + TRUTH.fit(people, firms)
    kept = np.array([0.5 ** (7 / effect.half_life) for effect in TRUTH.effects.values()])
    weights = np.array([effect.weight for effect in TRUTH.effects.values()])
    effect = TRUTH.effect_of_places()[acts.place]
    felt = np.zeros((len(people), len(weights)))
    converted = np.zeros(len(people), bool)
    created = np.array([person.created_at for person in people], np.int64)
    for begin in range(now - PERIODS * PERIOD * DAY, now, WEEK):
        chance = 1 / (1 + np.exp(-(fit + felt @ weights)))
        lucky = ~converted & (created < begin) & (random.random(len(people)) < chance)
        for number in np.flatnonzero(lucky).tolist():
            people[number].converted_at = min(now, begin + int(random.integers(0, WEEK)))
        converted |= lucky
        felt = felt * kept + _week(acts, effect, kept, begin, felt.shape)


def _week(
    acts: _Acts, effect: NDArray[np.int64], kept: NDArray[np.float64], begin: int, shape: tuple[int, ...]
) -> NDArray[np.float64]:
    """Sum one week's activities with their decay at the end of the week."""
    first, last = np.searchsorted(acts.at, (begin, begin + WEEK))
    person, kind, at = acts.person[first:last], effect[first:last], acts.at[first:last]
    counts = kind >= 0
    person, kind, at = person[counts], kind[counts], at[counts]
    share = kept[kind] ** ((begin + WEEK - at) / WEEK)
    felt = np.bincount(person * shape[1] + kind, share, shape[0] * shape[1])
    return felt.astype(np.float64).reshape(shape)

"""Mail scanners and privacy proxies: what they do beside people. docs/machine-traffic.md has the sources.

Every week a mailing goes to everybody. Gateways of companies click what is sent to their people; proxies open what is
sent to one person, also what this person opens with another program. Neither changes what people do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from leadgauge_sandbox.catalogue import PLACES, places_of
from leadgauge_sandbox.records import DAY, Activities

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from leadgauge_sandbox.records import Person

WEEKS: Final = 26
"""How many weeks back mailings go."""
GATEWAYS: Final = 0.6
"""Of the people with machines, those behind a gateway; the others have a proxy."""
SCANNED: Final = 0.9
"""The share of mails that a gateway looks at."""
LINKS: Final = 10
OPENS: Final = places_of("email_open")
CLICKS: Final = places_of("email_click")
POSTS: Final = [number for number in places_of("page_view") if "/blog/" in (PLACES[number].url or "")]

SENT_EARLIER: Final = 3_605_000
"""Milliseconds between sending a mail and a person's opening it."""

Step = tuple[int, int, int]
"""A place, milliseconds after sending, and the number of the link."""
Did = tuple[int, int, int, int, int]
"""A person, a place, a time, the number of the link, and when the mail was sent."""


@dataclass(frozen=True, slots=True)
class _Mail:
    subject: int
    """Which of the mailings it is."""
    links: int
    random: np.random.Generator

    def median(self, seconds: float, spread: float) -> float:
        """Draw milliseconds that are often near this many seconds."""
        return float(self.random.lognormal(np.log(seconds), spread)) * 1000


Machine = Callable[[_Mail], list[Step]]


@dataclass(frozen=True, slots=True)
class _Sent:
    """A mail to a person."""

    person: int
    subject: int
    at: int


def scanned(
    acts: Activities, people: Sequence[Person], now: int, share: float, random: np.random.Generator
) -> Activities:
    """Return activities with those of the machines of a share of the people, in order of time."""
    machines = _machines(people, share, random)
    acts = replace(acts, sent=_sent(acts, list(machines)))
    mails = [*_mailings(machines, people, now, random), *_opened(acts, list(machines))]
    steps = [row for mail in mails for row in _done(mail, machines[mail.person], random) if row[2] <= now]
    added = [np.array(column) for column in zip(*steps, strict=True)] if steps else [np.empty(0, np.int64)] * 5
    person, place, at, link, sent = added
    none = np.full(len(at), np.nan, np.float32)
    columns = {"person": person, "place": place, "at": at, "seconds": none, "bot": at < 0, "tag": link, "sent": sent}
    whole = {name: np.concatenate([getattr(acts, name), column]) for name, column in columns.items()}
    order = np.argsort(whole["at"], kind="stable")
    return Activities(**{name: whole[name][order].astype(getattr(acts, name).dtype) for name in columns})


def _sent(acts: Activities, people: Sequence[int]) -> NDArray[np.int64]:
    """Return when each mail was sent, also those that these people opened or clicked."""
    mails = np.isin(acts.place, [*OPENS, *CLICKS]) & np.isin(acts.person, people) & ~acts.bot
    return np.where(mails, acts.at - SENT_EARLIER, acts.sent)


def _opened(acts: Activities, people: Sequence[int]) -> Iterator[_Sent]:
    """Yield the mails that these people opened or clicked."""
    for row in np.flatnonzero(np.isin(acts.person, people) & (acts.sent > 0)).tolist():
        place = int(acts.place[row])
        yield _Sent(int(acts.person[row]), (OPENS if place in OPENS else CLICKS).index(place), int(acts.sent[row]))


def _mailings(
    machines: Mapping[int, Machine], people: Sequence[Person], now: int, random: np.random.Generator
) -> Iterator[_Sent]:
    """Yield what was sent to these people."""
    for week in range(WEEKS):
        for number in machines:
            sent = now - int((week + 0.5) * 7 * DAY) + int(random.integers(0, 1_200_000))
            if sent > people[number].created_at:
                yield _Sent(number, week % len(OPENS), sent)


def _done(sent: _Sent, machine: Machine, random: np.random.Generator) -> Iterator[Did]:
    """Yield what a machine does with a mail, if it looks at it."""
    if machine is _proxy or random.random() < SCANNED:
        mail = _Mail(sent.subject, int(random.integers(5, LINKS + 1)), random)
        yield from ((sent.person, place, sent.at + after, link, sent.at) for place, after, link in machine(mail))


def _machines(people: Sequence[Person], share: float, random: np.random.Generator) -> dict[int, Machine]:
    """Return the machine of each of the chosen people: that of their company, or a proxy of their own."""
    reachable = [person for person in people if person.email]
    staff: dict[int, list[int]] = defaultdict(list)
    for person in reachable:
        if person.company is not None:
            staff[person.company].append(person.number)
    found: dict[int, Machine] = {}
    for company in random.permutation(list(staff)).tolist():
        if len(found) >= share * GATEWAYS * len(people):
            break
        found |= dict.fromkeys(staff[company], GATES[int(random.integers(len(GATES)))])
    others = [person.number for person in reachable if person.number not in found]
    wanted = min(max(0, round(share * len(people)) - len(found)), len(others))
    return found | dict.fromkeys(random.choice(others, wanted, replace=False).tolist(), _proxy)


def _sweep(mail: _Mail) -> list[Step]:
    """Open some seconds after sending, then click all links at once: medians of 9 and 33 seconds were measured."""
    opened = mail.median(9, 0.8)
    clicked = opened + mail.median(33, 0.7)
    within = np.sort(mail.random.random(mail.links)) * 900
    clicks = [(CLICKS[mail.subject], int(clicked + step), link) for link, step in enumerate(within, 1)]
    return [(OPENS[mail.subject], int(opened), 0), *clicks]


def _walk(mail: _Mail) -> list[Step]:
    """Click one link after the other, about one a second, without showing pictures."""
    begin = 3000 + mail.random.random() * 40_000
    steps = np.cumsum(0.6 + 0.8 * mail.random.random(mail.links)) * 1000
    return [(CLICKS[mail.subject], int(begin + step), link) for link, step in enumerate(steps, 1)]


def _early(mail: _Mail) -> list[Step]:
    """Click one link while the mail is being delivered."""
    return [(CLICKS[mail.subject], int(2000 + mail.random.random() * 6000), 1)]


def _browser(mail: _Mail) -> list[Step]:
    """Sweep, and run the scripts of the pages, so that they count as viewed."""
    steps = _sweep(mail)
    return [*steps, *((POSTS[link - 1], after + 400, 0) for _, after, link in steps if link)]


def _proxy(mail: _Mail) -> list[Step]:
    """Open every mail, most of them within a minute, the others when the device is awake."""
    asleep = mail.random.random() < 0.1  # noqa: PLR2004 - one in ten
    after = mail.median(4 * 3600, 0.6) if asleep else 1000 + mail.random.random() * 54_000
    return [(OPENS[mail.subject], int(after), 0)]


GATES: Final[Sequence[Machine]] = (_sweep, _sweep, _sweep, _sweep, _walk, _early, _browser)
"""What gateways do; sweeping is most common."""

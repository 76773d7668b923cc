"""The weekly calls: against a loop that anybody can follow, and facts that must hold of any ranking."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrate.bakeoff.capacity import Openings, Queue, curve, draws


@st.composite
def openings(draw: st.DrawFn, values: int = 4) -> tuple[Openings, np.ndarray]:
    """Return up to 12 leads in up to 6 weeks with scores that often tie."""
    leads, weeks = draw(st.integers(1, 12)), draw(st.integers(1, 6))
    rows = [(week, lead) for week in range(weeks) for lead in range(leads) if draw(st.booleans())]
    score = [draw(st.integers(0, values)) for _ in rows]
    won = [float(draw(st.booleans())) for _ in rows]
    group = [draw(st.integers(0, 3)) for _ in range(leads)]
    week, lead = (np.array([row[at] for row in rows], np.int64) for at in (0, 1))
    return Openings(week, lead, np.array(won), np.array(group, np.int64)), np.array(score, np.float64)


def slowly(made: Openings, score: np.ndarray, capacity: float) -> np.ndarray:
    """Call lead by lead: in each week all with the highest score, then all with the next, until no call is left."""
    parts = np.zeros(len(score))
    left = {int(lead): 1.0 for lead in made.lead}
    for week in sorted(set(made.week.tolist())):
        calls = capacity
        here = [row for row in range(len(score)) if made.week[row] == week]
        for value in sorted({float(score[row]) for row in here}, reverse=True):
            tied = [row for row in here if score[row] == value]
            wanted = sum(left[int(made.lead[row])] for row in tied)
            share = 0.0 if not wanted else min(1.0, calls / wanted)
            for row in tied:
                parts[row] = left[int(made.lead[row])] * share
                left[int(made.lead[row])] -= parts[row]
            calls -= wanted * share
    return parts


@given(openings(), st.sampled_from([0.5, 1, 2, 3, 20]))
def test_calls_are_those_of_the_obvious_loop(made: tuple[Openings, np.ndarray], capacity: float) -> None:
    """Called parts, and conversions caught, are those of a loop over weeks, values and leads."""
    given_, score = made
    expected = slowly(given_, score, capacity)
    queue = Queue.by(given_, score)
    assert queue.called(capacity) == pytest.approx(expected)
    assert queue.caught(capacity) == pytest.approx(float(expected @ given_.won))


@given(openings(values=300), st.integers(1, 5))
def test_nobody_is_called_twice_and_no_week_has_more_calls_than_the_capacity(
    made: tuple[Openings, np.ndarray], capacity: int
) -> None:
    given_, score = made
    parts = Queue.by(given_, score).called(capacity)
    assert np.bincount(given_.lead, parts).max(initial=0) <= 1 + 1e-9
    assert np.bincount(given_.week, parts).max(initial=0) <= capacity + 1e-9
    enough = Queue.by(given_, score).called(1000)
    assert set(np.bincount(given_.lead, enough, len(given_.group))) <= {0.0, 1.0}


def test_the_best_are_called_first_and_once_and_equal_ones_share() -> None:
    """Two calls a week: lead 0, then half of 1 and 2 each is left over; the second week takes who remains."""
    made = Openings(
        np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1, 2, 0, 1, 2]), np.array([1.0, 0, 1, 1, 0, 1]), np.arange(3)
    )
    queue = Queue.by(made, np.array([9.0, 5, 5, 9, 1, 2]))
    assert queue.called(2).tolist() == [1, 0.5, 0.5, 0, 0.5, 0.5]
    assert queue.called(1).tolist() == [1, 0, 0, 0, 0, 1]
    assert curve(queue, (1, 2)) == (2.0, 2.0)
    assert (made.weeks, made.wins, made.usual(0.7)) == (2, 2, 1)


def test_draws_of_two_equal_queues_are_equal_and_surround_the_count() -> None:
    """The same resamples serve every queue, so equal rankings never differ."""
    rng = np.random.default_rng(4)
    week = np.repeat(np.arange(8), 60)
    lead = np.tile(np.arange(60), 8) + 60 * (week // 4)
    made = Openings(week, lead, (rng.random(480) < 0.2).astype(float), np.arange(120) // 2)
    score = rng.normal(size=480)
    queue, same = Queue.by(made, score), Queue.by(made, 3 * score)
    found = draws(made, {"one": queue.called(5), "other": same.called(5)}, seed=1)
    assert (found["one"] == found["other"]).all()
    assert np.quantile(found["one"], 0.01) < queue.caught(5) < np.quantile(found["one"], 0.99)


def test_equal_scores_rarely_differ_and_a_worse_one_is_often_found() -> None:
    """Of two scores with the same noise, 95 % intervals tell at most one in ten apart; one with more, at least half."""
    equal, worse = (np.mean([_told_apart(seed, noise) for seed in range(40)]) for noise in (1.0, 9.0))
    assert equal <= 0.1
    assert worse >= 0.5


def _told_apart(seed: int, noise: float) -> bool:
    rng = np.random.default_rng(seed)
    leads, weeks = 400, 6
    worth = rng.normal(size=leads)
    wins = rng.random(leads) < 1 / (1 + np.exp(3 - 2.5 * worth))
    last = np.where(wins, rng.integers(0, weeks, leads), weeks)
    week, lead = (each.ravel() for each in np.meshgrid(np.arange(weeks), np.arange(leads), indexing="ij"))
    there = week <= last[lead]
    made = Openings(week[there], lead[there], wins[lead][there].astype(float), np.arange(leads) // 2)
    scores = {name: worth + spread * rng.normal(size=leads) for name, spread in (("one", 1.0), ("other", noise))}
    parts = {name: Queue.by(made, score[made.lead]).called(15) for name, score in scores.items()}
    found = draws(made, parts, seed)
    low, high = np.quantile(found["one"] - found["other"], [0.025, 0.975])
    return bool(low > 0 or high < 0)

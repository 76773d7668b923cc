"""Mail scanners and privacy proxies act beside the people."""

import numpy as np

from leadgauge_sandbox.catalogue import PLACES
from leadgauge_sandbox.population import Population

NOW = 1_790_000_000_000


def rows(population: Population) -> list[tuple[int, int, int]]:
    acts = population.activities
    return list(zip(acts.person.tolist(), acts.place.tolist(), acts.at.tolist(), strict=True))


def test_people_do_the_same_with_machines_beside_them() -> None:
    """Everything that happens without machines happens with them too, and people convert alike."""
    plain, beside = Population.generate(300, 7, NOW), Population.generate(300, 7, NOW, scanners=0.2)
    left = rows(beside)
    for one in rows(plain):
        left.remove(one)
    assert {PLACES[place].kind for _, place, _ in left} == {"email_open", "email_click", "page_view"}
    assert [each.converted_at for each in plain.people] == [each.converted_at for each in beside.people]


def test_machines_are_those_of_the_share_of_the_people() -> None:
    """A fifth of 300 people, give or take the colleagues of the last company, have mails that machines look at."""
    plain, beside = Population.generate(300, 7, NOW), Population.generate(300, 7, NOW, scanners=0.2)
    busy = np.bincount(beside.activities.person, minlength=300) > np.bincount(plain.activities.person, minlength=300)
    assert 50 <= busy.sum() <= 70
    assert np.all(np.diff(beside.activities.at) >= 0)
    assert beside.activities.at[-1] <= NOW


def test_what_machines_do_is_of_mails_that_were_sent_before() -> None:
    """Each of their opens and clicks names when its mail was sent."""
    acts = Population.generate(300, 7, NOW, scanners=0.2).activities
    sent = acts.sent > 0
    assert sent.sum() > 1000
    assert np.all(acts.at[sent] > acts.sent[sent])

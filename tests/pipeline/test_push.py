"""Results from the CRM are recorded in batches, and none is lost."""

from collections.abc import Iterator, Sequence

import pytest

from connectors.base import Unavailable
from pipeline.push import RECORDED, _regrouped
from vocabulary.writes import Pushed


def batches(*sizes: int, broken: bool = False) -> Iterator[Sequence[Pushed]]:
    for number, size in enumerate(sizes):
        yield [Pushed(f"{number}.{row}") for row in range(size)]
    if broken:
        raise Unavailable("The CRM went away.")


def test_batches_come_together_as_soon_as_they_are_enough() -> None:
    assert [len(answers) for answers in _regrouped(batches(RECORDED - 1, 1, RECORDED + 5, 3, 4))] == [
        RECORDED,
        RECORDED + 5,
        7,
    ]


def test_what_was_answered_before_the_crm_went_away_is_kept() -> None:
    answers = _regrouped(batches(3, 4, broken=True))
    assert len(next(answers)) == 7
    with pytest.raises(Unavailable):
        next(answers)


def test_nothing_comes_of_nothing() -> None:
    assert list(_regrouped(batches())) == []

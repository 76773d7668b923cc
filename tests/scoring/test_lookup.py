"""The table that assigns numbers to leads and touchpoints."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import Scorecard, Scorer
from scoring.lookup import UNKNOWN, Lookup
from scoring.touchpoints import TouchpointIndex
from tests.scoring.conftest import AS_OF

alike = st.integers(0, 40).map(lambda number: number << 40)
"""Keys with the same slot, so that they collide."""
keys = st.lists(alike | st.integers(0, 2**64 - 1), max_size=30)


@given(st.lists(keys, max_size=5), keys)
def test_keys_are_numbered_in_the_order_in_which_they_come_first(batches: list[list[int]], asked: list[int]) -> None:
    lookup, expected = Lookup(), dict[int, int]()
    for batch in batches:
        first = lookup.learn(np.array(batch, np.uint64))
        new = [key for place, key in enumerate(batch) if key not in expected and key not in batch[:place]]
        assert [batch[place] for place in first] == new
        expected |= {key: len(expected) + number for number, key in enumerate(new)}
    assert lookup.find(np.array(asked, np.uint64)).tolist() == [expected.get(key, UNKNOWN) for key in asked]


def test_batches_share_touchpoints_and_tracking_makes_no_new_ones() -> None:
    index = TouchpointIndex()
    one = pl.DataFrame({"id": ["1", "2"], "kind": ["page_view"] * 2, "url": ["/a?utm_source=x", "/b"]})
    other = pl.DataFrame({"id": ["3", "4", "5"], "kind": ["page_view"] * 3, "url": ["/b", "/a?gclid=7", "/a"]})
    first, second = index.numbered(one)["touchpoint"], index.numbered(other)["touchpoint"]
    assert second.to_list() == [first[1], first[0], first[0]]
    assert sorted(index.frame["url"]) == ["/a", "/b"]


def test_a_lead_that_is_given_twice_is_refused(card: Scorecard) -> None:
    with pytest.raises(ValueError, match="more than once"):
        Scorer(card).gather(pl.Series("lead", ["a", "b", "a"]), AS_OF)

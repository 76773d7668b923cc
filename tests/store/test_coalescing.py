"""Pages saved together give the same result as pages saved one by one."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store import Lease, Mirror, Outbox, Saved, Store
from store.mirror.coalescing import coalesced
from tests.store.pages import activities, leads, page
from vocabulary.pages import Page

IDS = st.sampled_from("1234")
LEADS = st.lists(st.fixed_dictionaries({"lead": IDS, "job_title": st.sampled_from(["CTO", "CEO"])}), max_size=3)
ACTIVITIES = st.lists(
    st.fixed_dictionaries({"lead": IDS, "id": st.sampled_from("pq"), "value": st.sampled_from([1.0, 2.0])}), max_size=3
)
PARTS = st.one_of(
    st.fixed_dictionaries({"leads": LEADS.map(lambda rows: leads(*rows))}),
    st.fixed_dictionaries({"activities": ACTIVITIES.map(lambda rows: activities(*rows))}),
    st.fixed_dictionaries({"gone": st.lists(IDS, max_size=1)}),
    st.fixed_dictionaries({"gone_activities": st.tuples(st.tuples(IDS, st.sampled_from("pq")))}),
    st.fixed_dictionaries({"merged": st.dictionaries(IDS, IDS, max_size=1)}),
)


def test_pages_of_a_stream_are_put_together_in_their_order() -> None:
    pages = [numbered("a", 1), numbered("b", 2), numbered("a", 3), numbered("a", 4, gone=["9"]), numbered("a", 5)]
    assert shown(pages) == [("a", ["1", "3"]), ("a", ["4"]), ("a", ["5"]), ("b", ["2"])]


def test_activities_of_all_streams_become_one_page_but_those_of_a_stream_that_takes_some_away() -> None:
    done = [activities({"lead": "1", "id": str(number)}) for number in range(4)]
    pages = [page(stream, activities=rows) for stream, rows in zip("abab", done, strict=True)]
    assert [len(one.activities) for one in coalesced(pages)] == [4]
    restored = [*pages, page("b", gone_activities=[("1", "3")]), page("b", activities=done[3])]
    assert [one.activities["id"].to_list() for one in coalesced(restored)] == [["1", "3"], [], ["3"], ["0", "2"]]


def test_merges_go_along_unless_an_earlier_page_speaks_of_their_leads() -> None:
    pages = [
        numbered("a", 1, merged={"7": "1"}),
        numbered("a", 2, merged={"8": "2"}),
        numbered("a", 3, merged={"2": "3"}),
    ]
    assert [one.merged for one in coalesced(pages)] == [{"7": "1", "8": "2"}, {"2": "3"}]


def test_every_stream_keeps_its_last_cursor_and_its_last_total(mirror: Mirror, lease: Lease) -> None:
    pages = [page("a", {"after": 1}, total=7), page("b", {"after": 2}), page("a", {"after": 3})]
    mirror.save_all(pages, lease)
    assert [mirror.cursor(stream) for stream in "ab"] == [{"after": 3}, {"after": 2}]


@pytest.mark.timeout(600)
def test_pages_saved_together_leave_what_they_leave_one_by_one(store: Store) -> None:
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.lists(PARTS, min_size=2, max_size=8))
    def same(parts: list[dict[str, Any]]) -> None:
        pages = [page(**of_page) for of_page in parts]
        assert Kept(store).after([pages]) == Kept(store).after([[one] for one in pages])

    same()


class Kept:
    """A separate connection and its contents at the end."""

    def __init__(self, store: Store) -> None:
        name = uuid.uuid4().hex
        self.mirror: Mirror = store.mirror(name)
        self.outbox: Outbox = store.outbox(name)
        self.lease: Lease = store.lease(name, holder="test", ttl=timedelta(minutes=9), purpose="test")

    def after(self, portions: list[list[Page]]) -> tuple[Any, ...]:
        saved = sum((self.mirror.save_all(pages, self.lease) for pages in portions), Saved())
        frames = self.mirror.frames(range(256), {"job_title": "text"})
        merged = [self.mirror.resolve(lead) for lead in "1234"]
        people = sorted(frames.leads.select("lead", "job_title").rows())
        done = sorted(frames.activities.select("lead", "id", "value").rows())
        return saved.leads, people, done, merged, sorted(self.outbox.dirty()), self.mirror.counts().unclaimed


def numbered(stream: str, number: int, **parts: Any) -> Page:
    return page(stream, leads=leads({"lead": str(number)}), **parts)


def shown(pages: list[Page]) -> list[tuple[str, list[str]]]:
    return [(one.stream, one.leads["lead"].to_list()) for one in coalesced(pages)]

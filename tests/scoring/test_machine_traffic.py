"""Opens, clicks and page views of machines are recognised from their sequence."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import Scorecard, Scorer, touchpoints
from scoring.machine_traffic import MARKS, VIEWS, counted, reasons_in, recognised, scans, tallied
from tests.scoring.reference_machine_traffic import marks
from vocabulary.fields import TIME

START = datetime(2026, 11, 1, 0, 0, 0, 500_000, tzinfo=UTC)
HOUR, DAY = 3600.0, 86_400.0
Row = Mapping[str, Any]
SCHEMA = {
    "lead": pl.String(),
    "id": pl.String(),
    "kind": pl.String(),
    "occurred_at": TIME,
    "url": pl.String(),
    "name": pl.String(),
    "mail": pl.Int64(),
    "sent_at": TIME,
    "mail_domain": pl.Int64(),
}


def row(kind: str, at: float, url: str | None = None, **others: Any) -> dict[str, Any]:
    plain = {"lead": "a", "kind": f"email_{kind}" if kind != "page_view" else kind, "at": at, "url": url}
    return plain | {"name": "News", "mail": None, "sent": None, "domain": None} | others


def numbered(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [{"id": f"{number:04}", **one} for number, one in enumerate(rows)]


def moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else START + timedelta(seconds=seconds)


def frames(rows: Sequence[Row]) -> tuple[pl.DataFrame, pl.DataFrame]:
    times = (
        {**one, "occurred_at": moment(one["at"]), "sent_at": moment(one["sent"]), "mail_domain": one["domain"]}
        for one in rows
    )
    return touchpoints(pl.DataFrame([{name: one[name] for name in SCHEMA} for one in times], SCHEMA))


def found(rows: Sequence[Row], scanning: Sequence[int] = ()) -> dict[tuple[str, str], dict[str, int]]:
    told = recognised(*frames(rows), scanning)
    assert told.schema == MARKS
    return {(lead, id_): dict(reasons_in(evidence)) for lead, id_, _, evidence in told.iter_rows()}


def why(*rows: Row, scanning: Sequence[int] = ()) -> list[set[str]]:
    """Return the reasons of each row, in order."""
    given_rows = numbered(rows)
    told = found(given_rows, scanning)
    assert told == marks(given_rows, scanning)
    return [set(told.get((one["lead"], one["id"]), {})) for one in given_rows]


def test_several_links_within_two_seconds_are_a_burst() -> None:
    """Two links a second apart are a machine's; three seconds apart they are not, nor is one link clicked twice."""
    assert why(row("click", 0, "/a"), row("click", 1, "/b")) == [{"burst"}, {"burst"}]
    assert why(row("click", 0, "/a"), row("click", 3, "/b")) == [set(), set()]
    assert why(row("click", 0, "/a"), row("click", 1, "/a"), row("click", 2, "/a")) == [set(), set(), set()]


def test_without_links_a_burst_needs_three_clicks() -> None:
    """Pardot names the mail rather than the link: two clicks are one person's double click, three are not."""
    assert why(row("click", 0), row("click", 1)) == [set(), set()]
    assert why(*(row("click", at) for at in (0, 1, 2))) == [{"burst"}] * 3


def test_an_open_or_a_click_within_ten_seconds_of_sending_is_a_machines() -> None:
    """Ten seconds after sending is a machine's, eleven is not; before sending is, as clocks may differ."""
    sent: dict[str, Any] = {"mail": 1, "sent": 100.0}
    assert why(row("open", 110, **sent)) == [{"at_delivery"}]
    assert why(row("open", 111, **sent)) == [set()]
    assert why(row("click", 99, "/a", **sent)) == [{"at_delivery"}]


def test_a_later_open_gives_away_the_click_before_it() -> None:
    """A click before the first open is marked once that open is known, if it came within ten minutes of sending."""
    sent: dict[str, Any] = {"mail": 1, "sent": 0.0}
    click, late = row("click", 60, "/a", **sent), row("click", HOUR, "/a", **sent)
    assert why(click) == [set()]
    assert why(click, row("open", 2 * HOUR, **sent)) == [{"before_open"}, set()]
    assert why(late, row("open", 2 * HOUR, **sent)) == [set(), set()]
    assert why(click, row("open", 90, **sent)) == [set(), set()], "some systems note an open with each click"
    assert why(click, row("open", 2 * HOUR, mail=2)) == [set(), set()], "of another mail"


def test_all_links_of_a_mail_within_a_minute_are_a_machines() -> None:
    """Who clicks all four links that anybody ever clicked, 15 s apart, is a machine; who leaves one out is not."""
    walk = [row("click", 15.0 * place, f"/{place}") for place in range(4)]
    other = row("click", 0, "/4", lead="b")
    assert why(*walk) == [{"all_links"}] * 4
    assert why(*walk, other) == [set()] * 5


def test_the_open_before_a_machines_clicks_is_its_own() -> None:
    """An open less than two minutes before a burst of the same mail is marked, one an hour before is not."""
    burst = [row("click", 1000.0 + place, f"/{place}", mail=1) for place in range(2)]
    assert why(row("open", 950, mail=1), *burst)[0] == {"beside"}
    assert why(row("open", 950, mail=2), *burst)[0] == set()
    assert why(row("open", 850, mail=1), *burst)[0] == set()


def test_three_mails_opened_at_once_are_a_privacy_proxys() -> None:
    """A device that wakes up loads the mails that came meanwhile; two at once can be a preview."""
    assert why(*(row("open", place / 2, mail=place) for place in range(3))) == [{"bulk"}] * 3
    assert why(*(row("open", place / 2, mail=place) for place in range(2))) == [set()] * 2


def test_mails_that_are_always_opened_as_they_arrive_are_prefetched() -> None:
    """Of five mails, four opened 30 s after sending give away the fifth too, but not a second open; two of five do not."""
    quick = [row("open", DAY * place + 30, mail=place, sent=DAY * place) for place in range(3)]
    slow = [row("open", DAY * place + HOUR, mail=place, sent=DAY * place) for place in (3, 4)]
    again = [row("open", DAY * 5 + at, mail=5, sent=DAY * 5) for at in (HOUR, 2 * HOUR)]
    one_more = row("open", DAY * 6 + 30, mail=6, sent=DAY * 6)
    assert why(*quick) == [{"prefetch"}] * 3
    assert why(*quick, *again, one_more) == [{"prefetch"}] * 4 + [set(), {"prefetch"}]
    scanned = row("click", 5, "/a", mail=0, sent=0)
    assert why(*quick, *again, one_more, scanned)[3:5] == [set(), set()], (
        "behind a gateway people open mails themselves"
    )
    assert why(*quick, *slow) == [set()] * 5


def test_at_a_scanning_domain_two_minutes_after_sending_are_too_soon() -> None:
    """The verdict on a domain concerns what comes early: a click of a person there hours later counts."""
    sent: dict[str, Any] = {"mail": 1, "sent": 0.0, "domain": 7}
    rows = row("click", 100, "/a", **sent), row("click", HOUR, "/a", **sent)
    assert why(*rows) == [set(), set()]
    assert why(*rows, scanning=[7]) == [{"domain"}, set()]


def test_a_domain_scans_if_nearly_all_mails_to_it_were_clicked_by_scanners() -> None:
    """Twenty mails to three leads, sixteen of them scanned, are enough; nineteen mails, or two leads, are not."""

    def verdict(mails: int, scanned: int, leads: int) -> bool:
        rows = numbered(
            [
                row("click", 1000.0 * place + (5 if place < scanned else HOUR), "/a", **_to(place, leads))
                for place in range(mails)
            ]
        )
        tallies = tallied(*frames(rows), recognised(*frames(rows)))
        sums = tallies.group_by("mail_domain").agg(pl.col("mails", "scanned").sum(), leads=pl.len())
        return bool(sums.select(scans()).item())

    def _to(place: int, leads: int) -> dict[str, Any]:
        return {"lead": str(place % leads), "mail": place, "sent": 1000.0 * place, "domain": 7}

    assert verdict(20, 16, 3)
    assert not verdict(20, 15, 3)
    assert not verdict(19, 19, 3)
    assert not verdict(20, 20, 2)


@pytest.mark.parametrize(("within", "count"), [(length // 1_000_000, count) for length, count in VIEWS.items()])
def test_page_views_in_impossible_numbers_are_a_machines(within: int, count: int) -> None:
    """As many views as the limit within its time are all marked; with one less, none is."""
    rows = [row("page_view", place * within / count, f"/{place}") for place in range(count)]
    later = row("page_view", DAY)
    assert why(*rows, later) == [{"views"}] * count + [set()]
    assert why(*rows[1:], later) == [set()] * count


def test_a_page_view_with_a_machines_click_is_its_own() -> None:
    """Scanners that run scripts load the page that they click; a view three seconds later is a person's."""
    burst = [row("click", float(place), f"/{place}") for place in range(2)]
    assert why(*burst, row("page_view", 2.0))[2] == {"followed"}
    assert why(*burst, row("page_view", 4.0))[2] == set()
    assert why(row("click", 0, "/a"), row("page_view", 1))[1] == set()


def test_where_times_are_whole_minutes_seconds_are_not_known() -> None:
    """An export may tell days or minutes only: what it has at one time may be hours apart. A source with seconds has
    whole minutes now and then."""
    at_once = [row("click", 59.5, "/a"), row("click", 59.5, "/b")]
    assert why(*at_once) == [set(), set()]
    assert why(*at_once, *(row("open", HOUR * hour, mail=hour) for hour in (1, 2, 3)))[:2] == [{"burst"}] * 2


def test_where_nothing_was_opened_clicked_or_viewed_nothing_is_looked_at(card: Scorecard) -> None:
    """Calls and forms alone skip the recogniser; beside three opens at once they are kept, and the opens left out."""

    def looked_at(*rows: Row) -> tuple[list[int], int]:
        activities, points = frames(numbered(rows))
        scorer = Scorer(card)
        gathered = scorer.gather(pl.Series("lead", ["a"]), START + timedelta(days=1), recognise=True)
        gathered.add(activities.with_columns(pl.lit(None, pl.Float64).alias(name) for name in ("seconds", "value")))
        return gathered.machines, len(gathered.take(0, scorer.touchpoints(points)).age)

    others = [{**row("open", at), "kind": kind} for at, kind in ((0, "call"), (1, "form_submit"))]
    opens = [row("open", 2 + number, mail=number) for number in range(1, 4)]
    assert looked_at(*others) == ([], 2)
    assert looked_at(*others, *opens) == ([3], 2)


def test_learning_takes_what_the_scorecard_counts() -> None:
    """Marked activities are left out, or kept without their marks; without any mark nothing changes."""
    marked = pl.DataFrame({"id": ["1", "2"], "machine": [None, "burst"]})
    assert counted(marked, machines=False).to_dicts() == [{"id": "1"}]
    assert counted(marked, machines=True).to_dicts() == [{"id": "1"}, {"id": "2"}]
    assert counted(marked.drop("machine"), machines=False).height == 2


KINDS = st.sampled_from(["email_open", "email_click", "page_view", "call"])
SENT = {None: None, 1: None, 2: 0.0, 3: 30.0, 4: 700.0}
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "lead": st.sampled_from(["a", "b"]),
            "kind": KINDS,
            "at": st.one_of(st.integers(0, 90), st.integers(0, 1500), st.just(59.5)).map(float),
            "url": st.sampled_from([None, "/1", "/2", "/3", "/4"]),
            "name": st.sampled_from([None, "News", "Tour"]),
            "mail": st.sampled_from(list(SENT)),
            "domain": st.sampled_from([None, 7]),
        }
    ),
    max_size=40,
)


@given(ROWS, st.sampled_from([(), (7,)]))
def test_the_recogniser_agrees_with_the_slow_one(rows: list[dict[str, Any]], scanning: tuple[int, ...]) -> None:
    """Whatever leads do, columns and loops find the same reasons with the same figures."""
    rows = numbered([{**one, "sent": SENT[one["mail"]]} for one in rows])
    assert found(rows, scanning) == marks(rows, scanning)

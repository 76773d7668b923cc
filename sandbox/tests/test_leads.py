"""What the pages show of leads, without a CRM."""

import pytest

from leadgauge_sandbox.leads import Lead, Reason, Results, Wish, listing, moment

REASONS = "Disqualified: Competitor · +32 Whitepaper (3×, of 60, last 26 Feb 2026) · −8 Careers page · +4 others"


def test_reasons_are_lines_with_their_signs() -> None:
    assert Results({"score_reasons": REASONS}).reasons == [
        Reason("Disqualified: Competitor"),
        Reason("Whitepaper (3×, of 60, last 26 Feb 2026)", "+32"),
        Reason("Careers page", "−8"),
        Reason("others", "+4"),
    ]


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("2026-12-01", "1 Dec 2026"),
        ("2026-12-01T14:05:00.000+0000", "1 Dec 2026, 14:05"),
        ("2026-13-01", "2026-13-01"),
        ("1795961239", "1795961239"),
        ("soon", "soon"),
    ],
)
def test_dates_are_shown_in_words_and_other_text_as_it_is(stored: str, shown: str) -> None:
    assert moment(stored) == shown


def lead(name: str, **written: str) -> Lead:
    return Lead("/", name, "CEO", "Acme", Results(written, ("Aware", "Ready")))


LEADS = (
    lead("c", priority="P2", priority_index="90", score="9", grade="B-", readiness="Ready"),
    lead("a", priority="P1", priority_index="9", score="10", grade="A", readiness="Aware"),
    lead("b", priority="P1", priority_index="80", score="-3", grade="A+"),
    lead("d"),
)


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("priority", "bacd"),
        ("name", "abcd"),
        ("score", "acbd"),
        ("grade", "bacd"),
        ("readiness", "cabd"),
        ("nonsense", "bacd"),
    ],
)
def test_the_list_sorts_by_what_is_asked_and_leads_without_a_value_come_last(sort: str, names: str) -> None:
    shown = listing(LEADS, Wish.of({"sort": sort}))["rows"]
    assert "".join(each.name for each in shown) == names


def test_the_list_finds_words_and_counts_priorities() -> None:
    shown = listing(LEADS, Wish.of({"q": "acme C", "priority": "P1"}))
    assert shown["counts"] == {"P1": 2, "P2": 1}
    assert [each.name for each in shown["rows"]] == ["b", "a"]


def test_priorities_are_ordered_and_coloured_as_the_field_offers_them() -> None:
    named = [
        Lead("/", name, "", "", Results({"priority": name}, priorities=("Warm", "Cold", "Arctic")))
        for name in ("Arctic", "Older", "Cold", "Warm")
    ]
    shown = listing(named, Wish())
    assert [(each.name, each.results.shade) for each in shown["rows"]] == [
        ("Warm", "shade-1"),
        ("Cold", "shade-3"),
        ("Arctic", "shade-4"),
        ("Older", ""),
    ]
    assert list(shown["counts"]) == ["Warm", "Cold", "Arctic", "Older"]


def test_addresses_keep_what_was_asked_and_begin_at_the_first_page() -> None:
    wish = Wish.of({"q": "a b", "sort": "score", "page": "3"})
    assert wish.address(page=4) == "/?sort=score&q=a+b&page=4"
    assert wish.address(sort="priority") == "/?q=a+b"

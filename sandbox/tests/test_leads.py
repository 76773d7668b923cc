"""What the pages show of leads, without a CRM."""

import pytest

from leadgauge_sandbox.leads import Lead, Reason, Results, Wish, days, listing, moment, output_of, render

WRITTEN = {
    "priority": "P1",
    "priority_index": "88",
    "why_now": "Asked for a demo on 27 Nov (Enterprise form) · founder, software, 12 people",
    "next_step": "Call by 1 Dec · ask for company size and budget",
    "score_trend": "rising",
    "priority_since": "2026-11-27T09:30:00.000Z",
    "priority_rose_at": "2026-11-27T09:30:00+00:00",
    "expires_at": "2026-12-11",
    "score_reasons": "Disqualified: Competitor · +32 Whitepaper (3×, of 60, last 26 Feb 2026) · −8 Careers page · +4 others",
}


def record(**written: str) -> str:
    got = Results(written, ("Aware", "Ready"))
    return render(
        "record.html", crm="HubSpot", name="Ada", title="", company="", got=got, fields=frozenset(written),
        ours=list(written.items()), key=[], others=[], timeline=days([]),
    )  # fmt: skip


def test_a_record_shows_each_output_that_the_account_has() -> None:
    page = record(**WRITTEN)
    assert all(WRITTEN[name] in page for name in ("why_now", "next_step", "score_trend"))
    assert page.count("27 Nov 2026, 09:30") >= 2
    assert "11 Dec 2026" in page


def test_a_record_without_an_output_has_no_empty_place_for_it() -> None:
    page = record(priority="P2", readiness="Ready")
    assert not [said for said in ("Why now", "Next step", "Grade", "Score<", "made of", "Dates") if said in page]


def test_reasons_are_lines_with_their_signs() -> None:
    assert Results(WRITTEN).reasons == [
        Reason("Disqualified: Competitor"),
        Reason("Whitepaper (3×, of 60, last 26 Feb 2026)", "+32"),
        Reason("Careers page", "−8"),
        Reason("others", "+4"),
    ]


@pytest.mark.parametrize(
    ("field", "output"),
    [
        ("lead_priority", "priority"),
        ("lead_priority_index", "priority_index"),
        ("emea_lead_score", "score"),
        ("Lead_Score_Reasons__c", "score_reasons"),
        ("LG_Lead_Why_Now__c", "why_now"),
        ("budget", None),
        ("leadsource", None),
    ],
)
def test_the_output_of_a_field_is_known_by_its_name(field: str, output: str | None) -> None:
    assert output_of(field) == output


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

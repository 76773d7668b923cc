"""The report as a page."""

import re
from html import unescape
from time import monotonic, sleep

from tests.pages.conftest import Served

REPORT = "/crm/main/report"


def made(served: Served, path: str = REPORT) -> str:
    """Return a page once what it shows was made in the background."""
    until = monotonic() + 60
    while 'hx-trigger="every 2s"' in (text := served.get(path).text) and monotonic() < until:
        sleep(0.2)
    return text


def test_the_report_is_made_in_the_background_and_then_shown(served: Served) -> None:
    first = served.get(REPORT)
    assert first.status_code == 200
    text = made(served)
    assert "Is the score right?" in text
    assert "What to do" in text


def test_the_numbers_of_the_report_lead_to_their_leads(served: Served) -> None:
    links = [unescape(link) for link in re.findall(r'href="(/crm/main/report/records[^"]+)"', made(served))]
    assert links
    for link in links[:5]:
        listed = made(served, link)
        leads = re.findall(r'href="/crm/main/leads/([^"]+)"', listed)
        count = re.search(r"<p>([\d,]+) in all", listed)
        assert (count is None) == ("No lead is behind this figure" in listed)
        assert len(leads) == (min(int(count[1].replace(",", "")), 500) if count else 0)


def test_deals_without_a_lead_are_said_where_no_lead_is_listed(served: Served) -> None:
    assert "Deals that have no lead are not listed." in made(
        served, f"{REPORT}/records?key=amounts/priority/Q1 1999/P1"
    )


def test_a_key_that_no_figure_has_is_said(served: Served) -> None:
    made(served, f"{REPORT}/records?key=no/such/figure")
    answer = served.get(f"{REPORT}/records?key=no/such/figure")
    assert answer.status_code == 404
    assert "no/such/figure" in answer.text


def test_the_report_is_one_file_that_loads_nothing(served: Served) -> None:
    made(served)
    answer = served.get(f"{REPORT}/file")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert not re.search(r'(src|href)="(?!#)', answer.text)

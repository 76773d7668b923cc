"""The page of one lead: what it says, where ids that are no longer here lead, and how leads are found."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import polars as pl
import pytest
import requests

from pipeline import clock
from pipeline.explain import explain, hundredths
from pipeline.passes import BACKFILL, RECONCILE, SYNC
from tests.pages.conftest import Served, serving
from tests.stage import Opener, Stage, opener  # noqa: F401 - a fixture


def top(served: Served) -> str:
    with served.stage.job() as job:
        return str(job.scorecards[0].outbox.top(1)["lead"][0])


def test_the_lines_of_the_waterfall_add_up_to_the_score(served: Served) -> None:
    lead = top(served)
    with served.stage.job() as job:
        one = explain(job, job.scorecards[0], lead, clock.now())
    text = unescape(served.get(f"/crm/main/leads/{lead}").text)
    for row in one.lines.iter_rows(named=True):
        assert row["name"] in text
    assert f">{round(one.lines['points'].sum()):+d}<" in text
    assert f"{one.results['lead_next_step']}" in text
    assert f"Grade {one.results['lead_grade'] or '?'}" in text
    assert one.link in text if one.link else True


def test_what_was_written_and_why_is_on_the_page(served: Served) -> None:
    lead = top(served)
    with served.stage.job() as job:
        (write,) = job.scorecards[0].outbox.history(lead)
    text = served.get(f"/crm/main/leads/{lead}").text
    assert write.causes == ("first",)
    assert "<td>Written for the first time</td>" in text
    assert f"<b>{write.after['lead_priority']}</b>" in text


def test_machine_traffic_that_was_left_out_is_on_the_page(opener: Opener) -> None:  # noqa: F811
    """Two links clicked within a second are said to be a machine's, with the reason."""
    with ExitStack() as stack:
        stage = opener.hubspot(4)
        stage.provision()
        lead, now = stage.people()[0], int(clock.now().timestamp() * 1000)
        for link in (1, 2):
            wish = {"contact": lead, "kind": "email_click", "at": now - 500 * link, "link": link}
            requests.post(f"{stage.url}/_sandbox/activities", json=wish, timeout=10).raise_for_status()
        stage.do(BACKFILL)
        text = unescape(serving(stack, stage).get(f"/crm/main/leads/{lead}").text)
    assert "Left out as machine traffic: 2 email_click." in text
    assert "2 of 2: several links within two seconds of each other; the last on " in text


def test_whoever_is_not_here_is_answered_in_words(served: Served) -> None:
    answer = served.get("/crm/main/leads/999999999")
    assert answer.status_code == 404
    assert "has no lead '999999999'" in unescape(answer.text)
    assert served.get("/crm/main/leads/x@example.com").status_code == 404


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, dict[str, str]]]:
    """Serve pages after leads were merged, deleted and excluded, and one was scored twice."""
    with ExitStack() as stack:
        stage: Stage = Opener(stack, tmp_path_factory.mktemp("changed")).salesforce(24)
        stage.configure(lambda connection: connection.setdefault("write", {}).update(guard="100%"))
        stage.provision()
        stage.do(BACKFILL)
        leads = [lead for lead in stage.people() if lead.startswith("00Q")]
        primary, other, deleted, busy = leads[:4]
        stage.merge(primary, other)
        stage.delete(deleted)
        for _ in range(3):
            stage.act(busy, "demo_request")
        stage.do(SYNC)
        stage.do(RECONCILE)
        yield serving(stack, stage), {"primary": primary, "other": other, "deleted": deleted, "busy": busy}


def test_a_merged_lead_leads_to_its_survivor(changed: tuple[Served, dict[str, str]]) -> None:
    served, who = changed
    answer = served.get(f"/crm/main/leads/{who['other']}")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/crm/main/leads/{who['primary']}?was={who['other']}"
    assert "was merged into this lead" in served.get(answer.headers["Location"]).text


def test_a_deleted_lead_is_said_to_be_deleted(changed: tuple[Served, dict[str, str]]) -> None:
    served, who = changed
    answer = served.get(f"/crm/main/leads/{who['deleted']}")
    assert answer.status_code == 404
    assert "was deleted in the CRM" in answer.text


def test_two_scores_make_a_course(changed: tuple[Served, dict[str, str]]) -> None:
    served, who = changed
    text = served.get(f"/crm/main/leads/{who['busy']}").text
    assert re.search(
        r'<svg role="img" aria-label="The score over time: -?\d+ at first, -?\d+ in the last of 2 writes"', text
    )
    assert "What they did" in text


@pytest.mark.parametrize("typed", ["{lead}", "  {lead} ", "{link}", "{address}"])
def test_a_lead_is_found_by_id_link_and_address(changed: tuple[Served, dict[str, str]], typed: str) -> None:
    """The address is known by its digest, so no call is made."""
    served, _ = changed
    address, lead = next(iter(served.stage.addresses().items()))
    with served.stage.job() as job:
        link = job.mirror.links().of(lead)
    words = {"named": typed.format(lead=lead, link=link, address=address)}
    answer = served.post("/crm/main/find", words)
    assert answer.status_code == 303, answer.text
    assert answer.headers["Location"].partition("?")[0] == f"/crm/main/leads/{lead}"


def test_an_unknown_address_is_asked_of_the_crm_and_is_in_no_address(changed: tuple[Served, dict[str, str]]) -> None:
    served, _ = changed
    answer = served.post("/crm/main/find", {"named": "nobody@example.invalid"})
    assert answer.status_code == 404
    assert "has no lead 'nobody@example.invalid'" in unescape(answer.text)
    assert served.get("/crm/main/find?named=nobody@example.invalid").status_code == 405
    assert served.post("/crm/main/find", {"named": " "}).headers["Location"] == "/crm/main/leads"


def test_accounts_have_pages_like_leads_and_lead_to_their_people(tmp_path: Path) -> None:
    with ExitStack() as stack:
        stage = Opener(stack, tmp_path).hubspot(60)
        stage.configure(scorecard="account-based")
        stage.provision()
        stage.do(BACKFILL)
        served = serving(stack, stage)
        with stage.job() as job:
            sizes = job.mirror.account_sizes().sort("leads", descending=True)
            account = sizes["account"][0]
            people = job.mirror.leads_of([account])
            key = job.boxes[1].key
        chosen = served.get(f"/choose?{urlencode({'at': 'main', 'was': 'main', 'box': key, 'page': 'leads'})}")
        listed = served.get(chosen.headers["Location"])
        assert "<h1>Accounts</h1>" in listed.text
        assert f">{account}<" in listed.text
        about = chosen.headers["Location"].partition("?")[2]
        page = served.get(f"/crm/main/leads/{account}?{about}")
        assert page.status_code == 200, page.text
        assert "Its people" in page.text
        assert set(re.findall(r'href="/crm/main/leads/(\d+)"', page.text)) <= set(people)
        lead = served.get(f"/crm/main/leads/{people[0]}").text
        assert "Its account" in lead
        assert f"/crm/main/leads/{account}?{about}" in unescape(lead)
        found = served.post(f"/crm/main/find?{about}", {"named": account})
        assert found.headers["Location"] == f"/crm/main/leads/{account}?{about}"


def test_the_form_in_the_header_leads_to_what_it_names(served: Served) -> None:
    assert served.get("/choose?at=main&page=leads").headers["Location"] == "/crm/main/leads"
    assert served.get("/choose?at=main&box=gone&page=elsewhere").headers["Location"] == "/crm/main/leads"
    assert served.get("/choose?at=other").status_code == 404


@pytest.mark.parametrize(
    ("points", "shown"),
    [
        ([101.125, -27.125], [101.13, -27.13]),
        ([0.005, 0.005, 0.99], [0.01, 0.0, 0.99]),
        ([12.5, 30.25, -3.0], [12.5, 30.25, -3.0]),
        ([0.1 + 0.2, 0.7], [0.3, 0.7]),
        ([], []),
    ],
)
def test_lines_to_the_hundredth_add_up(points: list[float], shown: list[float]) -> None:
    """The points of the lines, as page and command show them, add up to the score to the hundredth."""
    found = hundredths(pl.DataFrame({"points": points}, {"points": pl.Float64()}))["points"]
    assert found.to_list() == shown
    assert round(found.sum(), 2) == pytest.approx(sum(points), abs=0.0051)


def test_the_index_is_named_and_rounding_is_one_line(served: Served) -> None:
    """Beside the priority stands what the number is, and the line that rounds has no heading of its own."""
    text = unescape(served.get(f"/crm/main/leads/{top(served)}").text)
    assert re.search(r"index \d+ of 100", text)
    assert '<th scope="rowgroup" colspan="2">Total</th>' not in text

"""The list of leads: what the address asks for, what is refused, and what is exported."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import quote, urlencode

import polars as pl
import pytest

from pages.leads.asked import SORTS
from pipeline import clock
from pipeline.passes import BACKFILL, SYNC
from tests.pages.conftest import Served, serving
from tests.stage import Opener, Stage
from vocabulary.pages import Page
from vocabulary.rows import LEADS

ROW = re.compile(r'<th scope="row"><a href="/crm/main/leads/([^"?]+)')
FOUND = re.compile(r'role="status"><b>([\d,]+)</b>')


def ids(served: Served, **query: object) -> list[str]:
    """Return the leads of a page of the list."""
    return shown(served, f"/crm/main/leads?{urlencode(query, doseq=True)}")


def shown(served: Served, path: str) -> list[str]:
    answer = served.get(path)
    assert answer.status_code == 200, answer.text
    return ROW.findall(answer.text)


def count(served: Served, **query: object) -> int:
    text = served.get(f"/crm/main/leads?{urlencode(query, doseq=True)}").text
    found = FOUND.search(text)
    assert found, text
    return int(found[1].replace(",", ""))


@pytest.fixture(scope="module")
def results(served: Served) -> pl.DataFrame:
    """Return what the database says, in the order of urgency."""
    with served.stage.job() as job:
        outbox = job.scorecards[0].outbox
        return outbox.top(1000).join(outbox.listing().select("lead", "waits"), on="lead", maintain_order="left")


def test_the_pages_of_the_list_have_every_lead_once_in_the_order_of_urgency(
    served: Served, results: pl.DataFrame
) -> None:
    path, seen = "/crm/main/leads", list[str]()
    while path:
        seen += shown(served, path)
        onward = re.search(r'rel="next" href="([^"]+)"', served.get(path).text)
        path = unescape(onward[1]) if onward else ""
    assert seen == results["lead"].to_list()
    assert len(seen) > 50


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"priority": ["P2", "P3"]}, pl.col("lead_priority").is_in(["P2", "P3"])),
        ({"priority": "?"}, pl.col("lead_priority").is_null()),
        ({"grade": ["A+", "?"]}, (pl.col("lead_grade") == "A+") | pl.col("lead_grade").is_null()),
        ({"stage": "Aware", "urgency": "later"}, (pl.col("lead_readiness") == "Aware") & (pl.col("lead_urgency") == "later")),
        ({"status": "disqualified"}, pl.col("lead_score_status") == "disqualified"),
        ({"trend": "steady"}, pl.col("lead_score_trend") == "steady"),
        ({"score_min": 10, "score_max": "40.5"}, pl.col("lead_score").is_between(10, 40)),
        ({"index_min": 50, "fit_max": 30}, (pl.col("lead_priority_index") >= 50) & (pl.col("lead_fit") <= 30)),
        ({"since": "1d"}, pl.col("lead_priority_since").is_not_null()),
        ({"since": "2200-01-01"}, pl.lit(value=False)),
        ({"written": "1h"}, pl.col("told_at").is_not_null()),
        ({"waits": "no"}, ~pl.col("waits")),
        ({"moved": "7d"}, pl.lit(value=False)),
        ({"score_min": "", "moved": "", "priority": "P3"}, pl.col("lead_priority") == "P3"),
    ],
)  # fmt: skip
def test_filters_choose_what_the_database_says(
    served: Served, results: pl.DataFrame, query: dict[str, object], expected: pl.Expr
) -> None:
    wanted = results.filter(expected)
    answer = served.get(f"/crm/main/leads?{urlencode(query, doseq=True)}", headers={"HX-Request": "true"})
    assert answer.status_code == 200, answer.text
    found = FOUND.search(answer.text)
    assert found
    assert int(found[1]) == wanted.height
    assert ROW.findall(answer.text) == wanted["lead"].head(50).to_list()


def test_expires_within_lists_who_falls_by_then(served: Served, results: pl.DataFrame) -> None:
    until = clock.now() + timedelta(days=30)
    wanted = results.filter(pl.col("lead_expires_at") <= until)["lead"].to_list()
    assert ids(served, expires="30d") == wanted[:50]
    last = results["lead_expires_at"].max()
    assert isinstance(last, datetime)
    assert count(served, expires=f"{last:%Y-%m-%d}") == results["lead_expires_at"].drop_nulls().len()


def test_tenths_are_of_the_score_and_hold_everybody_who_has_one(served: Served, results: pl.DataFrame) -> None:
    """Leads with the same score are in the same tenth, so tenths may differ in size."""
    sizes = [count(served, tenth=tenth) for tenth in range(1, 11)]
    assert sum(sizes) == results["lead_score"].drop_nulls().len()
    best = ids(served, tenth=1, sort="-score")
    scores = dict(results.select("lead", "lead_score").iter_rows())
    assert scores[best[0]] == results["lead_score"].max()
    assert count(served, tenth=[1, 2]) == sizes[0] + sizes[1]


@pytest.mark.parametrize("name", SORTS)
@pytest.mark.parametrize("sign", ["", "-"])
def test_every_order_has_leads_without_a_value_last_and_ties_by_urgency(
    served: Served, results: pl.DataFrame, name: str, sign: str
) -> None:
    with served.stage.job() as job:
        scale = {"priority": job.scorecards[0].card.priorities}
    column = "lead" if name == "lead" else SORTS[name]
    values = dict(results.select("lead", value=column).iter_rows())
    urgency = results["lead"].to_list()
    listed = ids(served, sort=sign + name)
    found = [values[id_] for id_ in listed]
    assert [value is None for value in found] == sorted(value is None for value in found)
    known = [value for value in found if value is not None]
    if name in {"index", "score", "fit", "engagement", "likelihood", "since", "rose", "written", "expires", "priority"}:
        key = scale[name].index if name in scale else lambda value: value
        assert known == sorted(known, key=key, reverse=bool(sign))
    tied = [id_ for id_ in listed if values[id_] == found[0]]
    if name != "lead":
        assert tied == sorted(tied, key=urgency.index)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("priority=P9", "There is no priority 'P9'"),
        ("grade=a%2B", "Did you mean 'A+'?"),
        ("grade=Z+", "In an address, write a plus as %2B."),
        ("grade=+A", "There is no grade ' A'"),
        ("prio=P1", "Did you mean 'priority'?"),
        ("score_min=many", "is not a number"),
        ("score_min=nan", "is not a number"),
        ("score_min=1e99", "is not a number"),
        ("score_min=9&score_max=2", "score_min is greater than score_max"),
        ("score_min=1&score_min=2", "is given 2 times"),
        ("moved=soon", "neither a span such as 7d"),
        ("moved=999999999999d", "neither a span such as 7d"),
        ("expires=9999-12-31T23:59:59", "leads"),
        ("since=0001-01-01", "leads"),
        ("waits=perhaps", "neither yes nor no"),
        ("tenth=11", "from 1 to 10"),
        ("page=0", "from 1 to"),
        ("page=99999999999999999999", "from 1 to"),
        ("page=²", "from 1 to"),
        ("sort=name", "Nothing is sorted by"),
        ("sort=--score", "Nothing is sorted by"),
        ("priority=%00%FF%3Cscript%3E", "There is no priority"),
    ],
)
def test_an_address_with_a_mistake_is_answered_with_what_is_wrong(served: Served, query: str, said: str) -> None:
    answer = served.get(f"/crm/main/leads?{query}")
    assert answer.status_code in {200, 400}
    assert (answer.status_code == 400) == ('role="alert"' in answer.text)
    assert said in unescape(answer.text)
    assert "<script>" not in answer.text


def test_a_page_after_the_last_one_is_the_last_one(served: Served) -> None:
    assert ids(served, page=5000) == ids(served, page=2)


def test_a_form_leads_to_an_address_without_empty_parameters(served: Served) -> None:
    answer = served.get("/crm/main/leads?priority=P3&score_min=&moved=&sort=-score")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/crm/main/leads?priority=P3&sort=-score")
    by_htmx = served.get("/crm/main/leads?priority=P3&score_min=", headers={"HX-Request": "true"})
    assert by_htmx.headers["HX-Push-Url"] == "/crm/main/leads?priority=P3"


def test_each_choice_says_how_many_leads_it_would_list(served: Served, results: pl.DataFrame) -> None:
    text = served.get("/crm/main/leads?grade=%3F&priority=P4").text
    unknown = results.filter(pl.col("lead_grade").is_null())
    for place, priority in enumerate(("P1", "P2", "P3", "P4")):
        said = re.search(rf'id="priority-{place}">([\d,]+)<', text)
        held = unknown.filter(lead_priority=priority).height
        assert (int(said[1]) if said else 0) == held


def test_the_export_has_all_that_the_list_has_in_its_order(served: Served, results: pl.DataFrame) -> None:
    answer = served.get("/crm/main/leads.csv?priority=P4&sort=-score")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    wanted = results.filter(lead_priority="P4").sort(
        "lead_score", descending=True, nulls_last=True, maintain_order=True
    )
    assert [row["lead"] for row in rows] == wanted["lead"].to_list()
    assert rows[0]["lead_score"] == str(wanted["lead_score"][0])
    assert served.get("/crm/main/leads.csv?priority=P9").status_code == 400


def test_what_moved_shows_how(served: Served, tmp_path: Path) -> None:
    """A pass that writes another grade or stage makes a lead one that moved; its first write does not."""
    with ExitStack() as stack:
        stage = Opener(stack, tmp_path).hubspot(20)
        stage.configure(lambda connection: connection.setdefault("write", {}).update(guard="100%"))
        stage.provision()
        stage.do(BACKFILL)
        busy = stage.people()[0]
        for _ in range(3):
            stage.act(busy, "demo_request")
        assert stage.do(SYNC).state == "done"
        mine = serving(stack, stage)
        assert busy in ids(mine, moved="1d")
        text = mine.get("/crm/main/leads?moved=1d").text
        assert "What moved" in text
        assert " → " in text


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, list[str]]]:
    """Serve pages of leads whose ids are as odd as a file may make them."""
    with ExitStack() as stack:
        stage: Stage = Opener(stack, tmp_path_factory.mktemp("hostile")).hubspot(3)
        odd = [
            '=HYPERLINK("http://x")',
            "<script>alert(1)</script>",
            "a/b?c#d&e",
            "'\"`{{7*7}}",
            "مريم\u202e",
            "%2e%2e",
            " ",
        ]
        with stage.job() as job:
            seed(stage, odd)
            assert job.boxes
        yield serving(stack, stage), odd


def seed(stage: Stage, names: list[str]) -> None:
    """Store leads with these ids, and results of them."""
    with stage.job() as job:
        lease = job.store.lease("main", holder="test", ttl=timedelta(minutes=5), purpose="test")
        run = job.runs.start("backfill", lease)
        rows = [dict.fromkeys(LEADS) | {"lead": name} for name in names]
        job.mirror.save(Page("contacts", {}, leads=pl.DataFrame(rows, schema=LEADS)), lease)
        results = pl.DataFrame({"lead": names}).with_columns(
            lead_score=pl.lit(50), lead_priority=pl.lit("P1"), lead_why_now=pl.lit("<b>Bold</b> \u202e {{7*7}}")
        )
        job.scorecards[0].outbox.stage(results, run, lease, scored_at=datetime(2026, 11, 1, tzinfo=UTC))


def test_odd_ids_and_texts_are_shown_as_text_and_lead_to_their_pages(hostile: tuple[Served, list[str]]) -> None:
    served, odd = hostile
    answer = served.get("/crm/main/leads")
    assert "<script>alert" not in answer.text
    assert "<b>Bold" not in answer.text
    assert "{{7*7}}" in answer.text
    links = [unescape(found) for found in ROW.findall(answer.text)]
    assert sorted(links) == sorted(quote(id_, safe="") for id_ in odd)
    for link in links:
        page = served.get(f"/crm/main/leads/{link}")
        assert page.status_code == 200, page.text
        assert "<script>alert" not in page.text


def test_no_cell_of_an_export_runs_in_a_spreadsheet(hostile: tuple[Served, list[str]]) -> None:
    served, odd = hostile
    rows = list(csv.DictReader(io.StringIO(served.get("/crm/main/leads.csv").content.decode("utf-8-sig"))))
    assert sorted(row["lead"].removeprefix("'=") for row in rows) == sorted(id_.removeprefix("=") for id_ in odd)
    assert not any(row["lead"].startswith("=") for row in rows)


def test_before_the_first_pass_the_list_says_what_to_do(tmp_path: Path) -> None:
    with ExitStack() as stack:
        served = serving(stack, Opener(stack, tmp_path).hubspot(3))
        answer = served.get("/crm/main/leads")
        assert answer.status_code == 200
        assert "leadgauge backfill" in answer.text
        assert served.get("/crm/main/leads.csv").status_code == 200


def test_a_plus_that_was_typed_by_hand_leads_to_the_grade_that_has_it(served: Served, results: pl.DataFrame) -> None:
    """`grade=A+` is the grade A+ and never A: a list leads to its right address, an export has these leads."""
    answer = served.get("/crm/main/leads?grade=A+")
    assert (answer.status_code, answer.headers["location"]) == (303, "/crm/main/leads?grade=A%2B")
    exported = pl.read_csv(served.get("/crm/main/leads.csv?grade=A+").content, infer_schema=False)
    assert exported.height == results.filter(pl.col("lead_grade") == "A+").height


@pytest.mark.parametrize("query", ["of=dogs", "scorecard=xx", "scorecard=xx&of=leads"])
def test_a_scorecard_that_there_is_not_is_answered_with_those_there_are(served: Served, query: str) -> None:
    """A misspelt `of` or `scorecard` is answered with 400 and the parameters of every scorecard."""
    answer = served.get(f"/crm/main/leads?{query}")
    assert answer.status_code == 400
    assert "scorecard=&of=leads" in unescape(answer.text)


def test_a_day_is_said_with_one_since(served: Served) -> None:
    """A filter by a day says since when once, and by when a priority falls."""
    text = unescape(served.get("/crm/main/leads?since=2026-01-01&expires=2027-01-01&moved=2026-01-02").text)
    for words in ("Has its priority since 2026-01-01", "Priority expires by 2027-01-01", "Moved since 2026-01-02"):
        assert words in text

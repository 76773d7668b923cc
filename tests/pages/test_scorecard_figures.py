"""What each rule does, beside it."""

import re
from contextlib import ExitStack
from time import monotonic, sleep

import polars as pl

from pages.scorecard.counting import counted, numbered
from pipeline import clock
from pipeline.compute import Chunk, gathered
from scoring import Scorecard, score
from tests.pages.conftest import Served, serving
from tests.stage import Stage

PAGE = "/crm/main/scorecard"


def test_a_rule_fires_for_those_whose_explanation_names_it(stage: Stage) -> None:
    with stage.job() as job:
        active = job.scorecards[0]
        found = counted(job, active)
        given = gathered(job, active, Chunk(job.mirror.buckets))
        frames = given.frames
        lines = score(
            frames.leads, frames.activities, frames.touchpoints, active.card, clock.now(), given.previous,
            related=given.related, explain=True,
        ).lines.filter(pl.col("type").cast(pl.String) == "rule")  # fmt: skip
    assert (found.leads, found.everybody) == (60, True)
    names = {rule.name for section in active.card.sections.values() for rule in section.rules}
    assert len(found.rules) == len(names) == 30
    explained = lines.group_by("name").agg(pl.col("lead").n_unique()).cast({"name": pl.String})
    assert sorted(one.fired for one in found.rules.values() if one.fired) == sorted(explained["lead"])
    last = lines["latest"].max()
    assert max(one.latest for one in found.rules.values() if one.latest) == last


def test_rules_of_the_same_name_are_told_apart_by_their_places() -> None:
    rule = {"name": "Same", "lead": {"country": "DE"}, "points": 1}
    groups = [{"name": "One", "rules": [rule, rule]}, {"name": "Two", "rules": [rule]}]
    card = Scorecard.model_validate(
        {"scorecard": "x", "fields": {"country": "text"}, "score": {"fit": {"groups": groups}}}
    )
    names = [one.name for one in numbered(card).sections["fit"].rules]
    assert names == [f"score.fit.groups.{group}.rules.{place}" for group, place in ((0, 0), (0, 1), (1, 0))]


def test_the_page_comes_at_once_and_asks_for_the_figures_until_they_are_there(stage: Stage) -> None:
    with ExitStack() as stack:
        served = serving(stack, stage)
        first = served.get(PAGE).text
        assert 'hx-trigger="every 2s"' in first or "All 60 leads" in first
        page = _counted(served)
    assert "fires for" in page
    assert 'hx-trigger="every 2s"' not in page
    shares = re.findall(r'<b>([\d.]+) %</b><br><small><a href="[^"]+" aria-label="[^"]+">(\d+)</a>', page)
    assert 'href="/crm/main/report/records?key=rules%2Ffit%2FDecision+maker%2Ffired"' in page
    assert shares
    assert {share for share, fired in shares} == {f"{100 * int(fired) / 60:.1f}" for _, fired in shares}


def _counted(served: Served) -> str:
    page, until = "", monotonic() + 60
    while "All 60 leads" not in page and monotonic() < until:
        sleep(0.1)
        page = served.get(PAGE).text
    return page

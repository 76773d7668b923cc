"""What is drafted from a survey: valid whatever the CRM holds, with its counts, and nothing about single people."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config import load_settings
from config.checking import check_scorecard
from config.drafting import Access, drafted
from tests.examples import up_to
from vocabulary.survey import (
    Band,
    Count,
    Gap,
    Looked,
    Outcome,
    Survey,
    SurveyedField,
    SurveyedPage,
    SurveyedSource,
)

TODAY = date(2026, 11, 29)
ACCESS = {
    "hubspot": Access({"crm": "hubspot", "token": {"env": "HUBSPOT_TOKEN"}}),
    "salesforce": Access(
        {
            "crm": "salesforce",
            "domain": "acme.my",
            "auth": {"flow": "client_credentials", "consumer_key": {"env": "K"}, "consumer_secret": {"env": "S"}},
        }
    ),
}
LETTERS = st.characters(exclude_categories=("C", "Z")) | st.sampled_from("#:'\"{}[],&*!|>%@`-?01 yno~\\")
TEXTS = st.text(LETTERS, min_size=1, max_size=12).map(lambda text: text.strip() or "x")
"""What a CRM may hold, with everything that means something in YAML."""
ROLES = ("seniority", "job_title", "industry", "employees", "revenue", "country", "source", "mailbox")


def counts(draw: st.DrawFn, most: int, won: int) -> tuple[Count, ...]:
    values = draw(st.lists(TEXTS, max_size=12, unique_by=str.casefold))
    return tuple(
        Count(value, draw(st.integers(1, most)), draw(st.integers(0, won)), draw(st.just("") | TEXTS))
        for value in values
    )


@st.composite
def fields(draw: st.DrawFn, role: str | None, name: str) -> SurveyedField:
    records, won = draw(st.integers(0, 3000)), draw(st.integers(0, 300))
    looked = Looked(records, draw(st.integers(0, records))), Looked(won, draw(st.integers(0, won)))
    if role in ("employees", "revenue"):
        starts = (1, 11, 51, 201)
        bands = tuple(
            Band(low, high, draw(st.integers(0, 500)), draw(st.integers(0, 50)))
            for low, high in zip(starts, (10, 50, 200, None), strict=True)
        )
        return SurveyedField(name, {"": f"{name}_property"}, draw(TEXTS), "number", *looked, role=role, bands=bands)  # type: ignore[arg-type]
    type_ = "flag" if role == "mailbox" else draw(st.sampled_from(["text", "text", "flag", "number", "date"]))
    values = counts(draw, max(records, 1), won)
    if type_ == "flag":
        values = (Count("true", 7, 1), Count("false", 100, 20))
    kept = values if type_ in ("text", "flag") else ()
    return SurveyedField(name, {"": f"{name}_property"}, draw(TEXTS), type_, *looked, role=role, values=kept)  # type: ignore[arg-type]


@st.composite
def surveys(draw: st.DrawFn) -> Survey:
    roles = draw(st.lists(st.sampled_from(ROLES), unique=True))
    found = [draw(fields(role, role)) for role in roles]
    found += [draw(fields(None, f"own_{number}")) for number in range(draw(st.integers(0, 4)))]
    kinds = st.sampled_from(["demo_request", "content_download", "form_submit", "newsletter_signup", None])
    sources = draw(st.lists(st.builds(SurveyedSource, st.just("form"), TEXTS, kinds, st.integers(0, 50)), max_size=3))
    paths = st.sampled_from(["/pricing", "/preise", "/blog", "/jobs", "/kunden", "/docs", "/a/b", "/日本語", "/x:y"])
    pages = draw(
        st.lists(st.builds(SurveyedPage, paths, st.integers(3, 99), st.integers(3, 99)), unique_by=lambda p: p.path)
    )
    outcome = draw(st.none() | st.builds(Outcome, st.just("converted leads"), st.just(400), st.integers(1, 300)))
    gaps = draw(st.lists(st.builds(Gap, TEXTS, TEXTS, TEXTS), max_size=2))
    return Survey(
        crm=draw(st.sampled_from(["hubspot", "salesforce"])),
        account=draw(TEXTS),
        total=5000,
        looked=2000,
        sampled="the newest",
        calls=40,
        fields=tuple(found),
        stages=tuple(counts(draw, 100, 0)),
        sources=tuple(sources),
        pages=tuple(pages),
        outcome=outcome,
        gaps=tuple(gaps),
    )


CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large]


def problems(survey: Survey) -> list[str]:
    """Return what `check` says about a draft."""
    with TemporaryDirectory() as folder:
        for name, text in drafted(survey, ACCESS[survey.crm], TODAY).items():
            Path(folder, name).write_text(text, encoding="utf-8")
        report = check_scorecard(Path(folder, "scorecard.yaml"))
        load_settings(Path(folder, "leadgauge.yaml"))
        return list(map(str, [*report.mistakes, *report.slips]))


@settings(max_examples=5, deadline=None, suppress_health_check=CHECKS)
@given(surveys())
def test_a_draft_has_no_mistake_and_no_warning_whatever_the_crm_holds(survey: Survey) -> None:
    assert problems(survey) == []


@pytest.mark.slow
@settings(max_examples=up_to(40), deadline=None, suppress_health_check=CHECKS)
@given(surveys())
def test_many_drafts_have_no_mistake_and_no_warning(survey: Survey) -> None:
    assert problems(survey) == []

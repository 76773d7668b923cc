"""Scores random people and their accounts in frames, and compares the results with the reference."""
# ruff: noqa: ANN001, ANN002, ANN201, ANN204 - plain data in and out, read beside the specification

import polars as pl

from scoring import Related, Scorecard, Scorer, touchpoints
from scoring.apart import without_leads
from scoring.chunks import Chunks
from tests.scoring.comparing import ACTIVITY, compare_grade, compare_lines, compare_results
from tests.scoring.drawing import AS_OF
from tests.scoring.reference_accounts import together
from vocabulary.fields import DTYPES, TIME

PREVIOUS = {"lead": pl.String(), "lead_readiness": pl.String(), "as_of": TIME}


def scored(card, people, records, as_of=AS_OF, size=None):
    """The results of the engine, in chunks of this many leads."""
    leads = rows([lead for lead, _, _ in people], card["fields"], "lead", "account")
    history = [{"lead": lead["lead"], **one} for lead, activities, _ in people for one in activities]
    numbered, places = touchpoints(pl.DataFrame(history, schema=ACTIVITY))
    accounts = rows([record for record, _ in records], card["accounts"].get("fields", {}), "account")
    stood = [(record["account"], before) for record, before in records]
    around = Related(deals(card, people, records), accounts, previous(stood))
    scorer = InChunks(Scorecard.model_validate(card), size)
    before = previous([(lead["lead"], before) for lead, _, before in people])
    return scorer.score(leads, numbered, scorer.touchpoints(places), as_of, before, around, explain=True)


class InChunks(Scorer):
    """Scores in chunks of few leads."""

    def __init__(self, card, size):
        super().__init__(card)
        self.size = size

    def chunks(self, leads, related):
        """The leads in chunks of this size."""
        if self.size is None or not self.cohorts:
            return super().chunks(leads, related)
        return Chunks.whole(leads["account"], without_leads(leads, related), self.size)


def rows(given, fields, *more):
    """A frame of records with these fields and ids."""
    schema = {**dict.fromkeys(more, pl.String()), **{name: DTYPES[kind] for name, kind in fields.items()}}
    return pl.DataFrame([{name: one.get(name) for name in schema} for one in given], schema=schema)


def previous(stood):
    """The previous stages: a name, or a name and when it was computed."""
    found = [(who, *(before if isinstance(before, tuple) else (before, None))) for who, before in stood]
    return pl.DataFrame(found, schema=PREVIOUS, orient="row")


def deals(card, people, records):
    """The deals of leads, and those of accounts: one row for each lead that they have."""
    of_leads = [
        {"deal": one.get("deal", f"{lead['lead']} {place}"), "lead": lead["lead"], "account": one.get("account"), **one}
        for lead, _, _ in people
        for place, one in enumerate(lead.get("deals", []))
    ]
    there = {one["deal"] for one in of_leads}
    of_accounts = [
        {"deal": one["deal"], "lead": None, "account": record["account"], **one}
        for record, _ in records
        for one in record.get("deals", [])
        if one["deal"] not in there
    ]
    return rows([*of_leads, *of_accounts], card.get("deals", {}), "deal", "lead", "account")


def compare(card, people, records, as_of=AS_OF, size=None):
    """Check that the engine's results for these people and accounts equal the reference's."""
    answer = scored(card, people, records, as_of, size)
    leads, accounts = together(card, people, records, as_of)
    assert answer.results["lead"].to_list() == list(leads)
    agree(answer, leads, "grade" in card)
    own = any(part in card["accounts"] for part in ("score", "grade", "readiness"))
    assert (answer.accounts is not None) == own
    if own:
        assert set(answer.accounts.results["lead"]) == set(accounts)
        agree(answer.accounts, accounts, "grade" in card["accounts"])


def agree(scored, expected, grades):
    """Check the results, lines and grades by id."""
    for row in scored.results.iter_rows(named=True):
        one = expected[row["lead"]]
        compare_results(row, one)
        compare_lines(scored.lines.filter(pl.col("lead") == row["lead"]).to_dicts(), one)
        details = scored.grades.filter(pl.col("lead") == row["lead"]).to_dicts()
        assert len(details) == grades
        for detail in details:
            compare_grade(detail, one)

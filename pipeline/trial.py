"""Trial: what an edited scorecard, or the next run, makes of one lead or account, beside what is in force."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

import polars as pl

from pipeline.compute import around, scored
from pipeline.entrants import filled
from pipeline.explain import Explanation, box_of, explain
from pipeline.job import ActiveScorecard, Job
from pipeline.lookup import Named
from scoring import Likelihood, Scorecard, Scorer, verified
from store import Tolerances
from vocabulary.fields import ACCOUNT
from vocabulary.outputs import COMPUTED, SCORECARD, SCORED_AT

FINEST: Final = 0.005
"""Points that differ by less are the same as shown."""
_KEY: Final = ("part", "type", "name")


@dataclass(frozen=True, slots=True)
class Difference:
    """A result that differs."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class LineDifference:
    """A line of the explanation whose points or count differ; None on the side that lacks it."""

    part: str
    type: str
    name: str
    before: float | None
    after: float | None
    count_before: int | None
    count_after: int | None


@dataclass(frozen=True, slots=True)
class Trial:
    """One lead or account before and after."""

    named: Named
    scorecard: str
    as_of: datetime
    before_is: str
    """What `before` is: the results of the scorecard in force, or what was last written to the CRM."""
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    lines: Sequence[LineDifference]
    next_before: Sequence[str]
    next_after: Sequence[str]
    """What changes next if nothing happens."""
    writes: bool
    """Whether a run with this scorecard would write it."""
    link: str | None
    notes: Sequence[str] = ()

    @property
    def values(self) -> list[Difference]:
        """The results that differ. The card's version and the time of the write say nothing about the lead."""
        names = [name for name in {**self.before, **self.after} if name not in {SCORECARD, SCORED_AT}]
        pairs = (Difference(name, self.before.get(name), self.after.get(name)) for name in names)
        return [pair for pair in pairs if pair.before != pair.after]

    def as_json(self) -> dict[str, Any]:
        """Return the trial as JSON."""
        told = {name: value for name, value in asdict(self).items() if name not in {"as_of", "named"}}
        return (
            {self.named.of.removesuffix("s"): self.named.id}
            | told
            | {"as_of": self.as_of.isoformat(), "differs": [asdict(one) for one in self.values]}
        )


class WhichScorecard(Exception):  # noqa: N818 - named for the question
    """The connection has several scorecards, and none has the name of the edited one."""

    exit_code = 2


def in_force(job: Job, edited: Scorecard) -> ActiveScorecard:
    """Return the scorecard that an edited one would replace: the only one, or the one with its name."""
    if len(job.scorecards) == 1:
        return job.scorecards[0]
    same = [active for active in job.scorecards if active.card.name == edited.name]
    if len(same) == 1:
        return same[0]
    names = ", ".join(active.card.name for active in job.scorecards)
    raise WhichScorecard(
        f"{job.name} has several scorecards ({names}), and none or several are called '{edited.name}'. Give the edited"
        " scorecard the name of the one that it would replace."
    )


def _of_accounts(part: ActiveScorecard, scorer: Scorer) -> ActiveScorecard:
    """Return the part of an edited scorecard about accounts, in the place of the one in force."""
    has_results = scorer.company is not None and scorer.company.accounts.scored
    assert scorer.company is not None, "the scorecard needs accounts"
    return replace(part, card=scorer.company.scorer.card, scorer=scorer, has_results=has_results)


def _fitting(fitted: Likelihood | None, edited: Scorecard | None) -> Likelihood | None:
    """Return a likelihood if it was fitted on the points of an edited scorecard."""
    return fitted if fitted is not None and edited is not None and fitted.fits(edited) else None


def with_edited(job: Job, edited: Scorecard, named: Named, as_of: datetime) -> Trial:
    """Score a lead or an account by the scorecard in force and by an edited one."""
    active = in_force(job, edited)
    tried = in_place_of(active, edited)
    before, after = (explain(job, one, named.id, as_of, named.of) for one in (active, tried))
    return Trial(
        named,
        before.scorecard,
        as_of,
        "in force",
        before.results,
        after.results,
        _lines(before, after),
        _ahead(before),
        _ahead(after),
        writes=_compared(job, tried, named, as_of)["write"],
        link=after.link,
        notes=list(unread(job, edited)),
    )


def in_place_of(active: ActiveScorecard, edited: Scorecard) -> ActiveScorecard:
    """Return an edited scorecard in the place of the one in force, to compute with: nothing of it is stored."""
    fitted = _fitting(active.scorer.likelihood, edited)
    scorer = verified(Scorer(edited, fitted, of_accounts=_fitting(active.scorer.of_accounts, edited.company)))
    tried = replace(active, card=edited, scorer=scorer, touchpoints=scorer.touchpoints(), accounts=None)
    if scorer.cohorts and active.accounts:
        tried = replace(tried, accounts=_of_accounts(active.accounts, scorer))
    return tried


def with_next_run(job: Job, active: ActiveScorecard, named: Named, as_of: datetime) -> Trial:
    """Compare what the next run computes for a lead or an account with what was last written to the CRM."""
    after, row = explain(job, active, named.id, as_of, named.of), _compared(job, active, named, as_of)
    names = [name for name in COMPUTED if box_of(active, named.of).field(name) in job.outputs]
    return Trial(
        named,
        after.scorecard,
        as_of,
        "in the CRM",
        {name: row[f"told_{name}"] for name in names},
        {name: row[name] for name in names},
        (),
        (),
        _ahead(after),
        writes=row["write"],
        link=after.link,
    )


def _compared(job: Job, active: ActiveScorecard, named: Named, as_of: datetime) -> dict[str, Any]:
    found = scored(job, active, around(job, active, named.id, named.of), as_of, own=filled(job) is not None)
    results = found.part(named.of).results.filter(lead=named.id)
    compared = box_of(active, named.of).outbox.compare(results, Tolerances(dead_band=job.connection.write.dead_band))
    row: dict[str, Any] = compared.row(0, named=True)
    return row


def _ahead(one: Explanation) -> list[str]:
    return [change.says for change in one.ahead]


def _lines(before: Explanation, after: Explanation) -> list[LineDifference]:
    old, new = _numbered(before.lines), _numbered(after.lines)
    keys = list(dict.fromkeys([*old, *new]))
    pairs = ((key, old.get(key, {}), new.get(key, {})) for key in keys)
    return [
        LineDifference(*key[:3], a.get("points"), b.get("points"), a.get("count"), b.get("count"))
        for key, a, b in pairs
        if _differ(a, b)
    ]


def _numbered(lines: pl.DataFrame) -> dict[tuple[str, str, str, int], dict[str, Any]]:
    """Return lines by part, type, name and, as two rules may have the same name, number."""
    found: dict[tuple[str, str, str, int], dict[str, Any]] = {}
    for row in lines.iter_rows(named=True):
        number = sum(key[:3] == tuple(row[name] for name in _KEY) for key in found)
        found[row["part"], row["type"], row["name"], number] = row
    return found


def _differ(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    if not (a and b):
        return True
    return bool(abs(a["points"] - b["points"]) > FINEST or a["count"] != b["count"])


def unread(job: Job, edited: Scorecard) -> Iterator[str]:
    """Yield what makes a trial differ from a run: fields of the edited scorecard that were not read yet."""
    of_leads, of_deals = job.mirror.declared("leads"), job.mirror.declared("deals")
    of_accounts = {name.removeprefix(ACCOUNT): kind for name, kind in of_leads.items() if name.startswith(ACCOUNT)}
    company = {} if edited.accounts is None else edited.accounts.fields
    told = (("fields", edited.fields, of_leads), ("accounts", company, of_accounts), ("deals", edited.deals, of_deals))
    for option, fields, read in told:
        for name, kind in fields.items():
            if option == "fields" and name in job.connection.in_warehouse:
                continue
            mapping = "member_of" if kind == "member_of" else option
            if name not in getattr(job.connection, mapping):
                yield f"`{name}` is empty here: no CRM field is mapped to it under `{mapping}` in the settings."
            elif read.get(name) != kind:
                yield f"`{name}` is empty here: it was not read yet. The first pass with this card reads it."

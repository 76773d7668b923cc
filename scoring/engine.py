"""Scores leads: leads, activities, scorecard and a time in; one row per lead out, with explanations on request."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

import polars as pl

from scoring.accounts import account_ids, assigned
from scoring.apart import apart, without_leads
from scoring.card import Scorecard
from scoring.card.accounts import ACCOUNT_ID
from scoring.card.rules.ahead import NOW
from scoring.chunk import Chunk
from scoring.chunks import Chunks
from scoring.cohort import Cohort, Company
from scoring.conditions import split
from scoring.frames import known, microseconds_since_epoch
from scoring.gathering import Gathered
from scoring.history import History, Touchpoints
from scoring.likelihood import Likelihood
from scoring.outlook import Told, due_of
from scoring.prepared import Prepared
from scoring.related import NOTHING, Deals, Related
from scoring.results import DUE, EVERYTHING, Scored, previous_stages
from scoring.standing import STATE, state_of
from vocabulary.outputs import COMPUTED


class Scorer(Prepared):
    """A scorecard prepared for scoring any leads, and their accounts, at any time."""

    def __init__(
        self,
        card: Scorecard,
        likelihood: Likelihood | None = None,
        wanted: Collection[str] = COMPUTED,
        *,
        of_accounts: Likelihood | None = None,
        texts: bool = True,
        silence: bool = True,
    ) -> None:
        """Prepare, with the likelihoods of leads and of accounts; see `Prepared`."""
        super().__init__(card, likelihood, wanted, texts=texts, silence=silence)
        firms = Prepared(card.company, of_accounts, wanted, texts=texts, silence=silence) if card.company else None
        self.company = Company(card, firms, self.terms) if firms else None
        if self.company is not None:
            self.splits |= {one.content: split(one, card.scope) for one in self.company.asked}
            self.types |= self.company.fields
            self.borrowed |= self.company.figures

    @property
    def of_accounts(self) -> Likelihood | None:
        """The likelihood of accounts, if one was fitted."""
        return None if self.company is None else self.company.scorer.likelihood

    def touchpoints(self, frame: pl.DataFrame | None = None) -> Touchpoints:
        """Return touchpoints (`touchpoint`, `kind`, `url`, `name`) with the value of every activity condition for each.

        Keep them for the next batch and call `known` on them, so that each touchpoint is evaluated only once.
        """
        asked = Touchpoints(self.splits)
        return asked if frame is None else asked.known(frame)

    def gathered(self, leads: pl.DataFrame, activities: pl.DataFrame, as_of: datetime) -> Gathered:
        """Return the activities of these leads up to a time."""
        gathered = self.gather(leads["lead"], as_of)
        gathered.add(_with_numbers(activities, self.numbers))
        return gathered

    def gather(
        self, leads: pl.Series, as_of: datetime, chunks: Chunks | None = None, *, recognise: bool = False
    ) -> Gathered:
        """Return an empty store for the activities of these leads up to a time, which are computed in chunks.

        `recognise`: find out what machines did, which no column tells, if the scorecard ignores it. Activities may have
        `mail` and `sent_at` for that.
        """
        chunks = Chunks.even(len(leads)) if chunks is None else chunks
        counted, moment = self.card.counts_machines, microseconds_since_epoch(as_of)
        recognises = recognise and not counted
        return Gathered(moment, leads, chunks, self.numbers, self.card.calendar, counted, recognises)

    def chunk(  # noqa: PLR0913 - these are the inputs of a scorecard
        self,
        leads: pl.DataFrame,
        history: History,
        previous: pl.DataFrame,
        state: pl.DataFrame | None = None,
        related: Related = NOTHING,
        told: Told | None = None,
        *,
        explain: bool,
        details: bool,
    ) -> Scored:
        """Score a chunk: `leads` with `lead` and fields, their history and their previous stages (`PREVIOUS`).

        `state` (`scoring.standing.STATE`) adds the results that follow from it, `related` what figures are made of.
        `told` (needs `state`) adds when each lead is due again. `explain` adds the explanation lines, `details` the
        grade details.
        """
        leads, related = known(leads, self.types, self.card.placeholders), self._known(related)
        cohort = self._cohort(leads, history, related, details=details)
        looks_ahead = told is not None and not self.cohorts
        chunk = Chunk(self, leads, history, self._deals(leads, related), cohort, looks_ahead=looks_ahead)
        scored = chunk.scored(previous, state, explain=explain, details=details)
        if told is not None:
            due = due_of(chunk, told) if looks_ahead else _next_sweep(leads["lead"], history.scored_for)
            scored = replace(scored, due=due)
        if cohort is None:
            return scored
        if cohort.company.accounts.scored:
            scored = replace(scored, accounts=cohort.scored(related.previous, explain=explain, details=details))
        cohort.close()
        return scored

    def before_stages(self, leads: pl.DataFrame, history: History, related: Related = NOTHING) -> Chunk:
        """Return a chunk of leads without accounts whose points and grades are computed."""
        chunk = Chunk(
            self, known(leads, self.types, self.card.placeholders), history, self._deals(leads, self._known(related))
        )
        chunk.before_stages()
        return chunk

    def _known(self, related: Related) -> Related:
        """Return what leads are related to, without placeholders."""
        if not self.card.placeholders:
            return related
        of_accounts = {} if self.card.accounts is None else self.card.accounts.fields
        deals, accounts = (
            None if frame is None else known(frame, fields, self.card.placeholders)
            for frame, fields in ((related.deals, self.card.deals), (related.accounts, of_accounts))
        )
        return replace(related, deals=deals, accounts=accounts)

    def _cohort(self, leads: pl.DataFrame, history: History, related: Related, *, details: bool) -> Cohort | None:
        """Return the accounts of leads; None where these have only what their columns say of them."""
        if self.company is None or (related.accounts is None and ACCOUNT_ID not in leads.columns):
            return None
        cohort = Cohort.around(self.company, leads, related, history.scored_for)
        cohort.whole = details or state_of(related.previous, cohort.records) is not None
        return cohort

    def _deals(self, leads: pl.DataFrame, related: Related) -> Deals:
        return Deals.of(related.of(leads["lead"]), self.card.deals, self.card.calendar)

    def score(  # noqa: PLR0913 - these are the inputs of a scorecard
        self,
        leads: pl.DataFrame,
        activities: pl.DataFrame,
        touchpoints: Touchpoints,
        as_of: datetime,
        previous: pl.DataFrame | None = None,
        related: Related = NOTHING,
        told: Told | None = None,
        *,
        explain: bool = False,
    ) -> Scored:
        """Score leads as of `as_of`. The result has one row per lead, in the same order.

        `leads`: `lead` and the declared fields (an absent column means that all values are missing). `activities`:
        `lead`, `id`, `occurred_at`, `touchpoint`, and `seconds` and `value` if the scorecard uses them; those with a
        text in `machine` are a machine's and count only if the scorecard says so. `previous`: `lead` and
        `lead_readiness`, the last computed stage, perhaps `as_of`, the time it was computed for, and for the results
        that follow from it the columns of `scoring.standing.STATE`. `related`: their deals and their accounts, which
        leads name as `account`. `told`: what was written last; with it, and all of `previous`, the result says when
        each lead is due again.
        """
        leads = self.with_accounts(leads, related)
        chunks = self.chunks(leads, related)
        around = self.apart(leads, related, chunks)
        gathered = self.gather(leads["lead"], as_of, chunks)
        gathered.add(_with_numbers(activities, self.numbers))
        before, state = previous_stages(leads, previous), state_of(previous, leads)
        parts = []
        for number in range(len(chunks)):
            history = gathered.take(number, touchpoints)
            rows, stages = chunks.take(leads, number), chunks.take(before, number)
            stood = None if state is None else chunks.take(state, number)
            last = None if told is None or state is None else told.taken(rows)
            parts.append(
                self.chunk(rows, history, stages, stood, around[number], last, explain=explain, details=explain)
            )
        scored = parts[0] if len(parts) == 1 else Scored.together(parts).ordered(chunks)
        return scored if told is None else replace(scored, due=_until_ahead(scored.due, activities, as_of))

    @property
    def cohorts(self) -> bool:
        """Whether all leads of an account have to be in one chunk."""
        return self.company is not None and self.company.is_computed

    def with_accounts(self, leads: pl.DataFrame, related: Related) -> pl.DataFrame:
        """Return leads with their `account`: the one that they name, or the one of their domain."""
        if self.company is None or related.accounts is None or related.assigned:
            return leads
        rows, accounts = known(leads, self.types, self.card.placeholders), self._known(related).accounts
        assert accounts is not None
        return leads.with_columns(assigned(rows, accounts, self.company.accounts.by_domain))

    def apart(self, leads: pl.DataFrame, related: Related, chunks: Chunks) -> list[Related]:
        """Return what the leads of each chunk are related to; all of it where accounts need not be whole."""
        return apart(related, leads, chunks) if self.cohorts else [related] * len(chunks)

    def chunks(self, leads: pl.DataFrame, related: Related) -> Chunks:
        """Return which leads are computed together."""
        if not self.cohorts:
            return Chunks.even(leads.height)
        return Chunks.whole(account_ids(leads), without_leads(leads, related))

    def made(self, as_of: datetime) -> frozenset[str]:
        """Return the names of the results that this scorer produces, found by scoring a lead without data."""
        leads = pl.DataFrame({"lead": [""]})
        history = self.gather(leads["lead"], as_of).take(0, self.touchpoints())
        chunk = Chunk(self, leads, history, self._deals(leads, NOTHING))
        nothing = STATE.to_frame(eager=True).clear(1)
        chunk.scored(previous_stages(leads, None), nothing, explain=False, details=False)
        return frozenset(chunk.results)


def score(  # noqa: PLR0913 - these are the inputs of a scorecard
    leads: pl.DataFrame,
    activities: pl.DataFrame,
    touchpoints: pl.DataFrame,
    card: Scorecard,
    as_of: datetime,
    previous: pl.DataFrame | None = None,
    *,
    related: Related = NOTHING,
    likelihood: Likelihood | None = None,
    of_accounts: Likelihood | None = None,
    explain: bool = False,
) -> Scored:
    """Score leads once, like `Scorer.score`. `touchpoints`: `touchpoint`, `kind`, `url`, `name`."""
    scorer = Scorer(card, likelihood, EVERYTHING, of_accounts=of_accounts)
    places = scorer.touchpoints(touchpoints)
    return scorer.score(leads, activities, places, as_of, previous, related, explain=explain)


def _next_sweep(leads: pl.Series, as_of: int) -> pl.DataFrame:
    """Return that leads are due in the next sweep, since the figures of accounts move with those of other leads."""
    return leads.alias("lead").to_frame().with_columns(due_at=pl.lit(as_of + NOW)).cast(DUE)


def _until_ahead(due: pl.DataFrame, activities: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Return when leads are due if activities that lie ahead count, too: each does when its time comes."""
    ahead = activities.filter(pl.col("occurred_at") > as_of)
    first = ahead.group_by("lead").agg(pl.col("occurred_at").min().cast(pl.Int64).alias("next"))
    both = due.join(first, on="lead", how="left", maintain_order="left")
    return both.select("lead", due_at=pl.min_horizontal("due_at", "next"))


def _with_numbers(activities: pl.DataFrame, numbers: Sequence[str]) -> pl.DataFrame:
    """Add the requested number columns that are absent, as missing."""
    absent = [pl.lit(None, pl.Float64).alias(name) for name in numbers if name not in activities.columns]
    return activities.with_columns(*absent)

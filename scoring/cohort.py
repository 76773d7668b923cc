"""The accounts of a chunk of leads, computed beside them: what leads read of them, and their own results."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, Self

import numpy as np
import polars as pl

from scoring.accounts import account_ids
from scoring.asking import activity_conditions
from scoring.card import Scorecard
from scoring.card.accounts import ACCOUNT_ID, AccountEngagement
from scoring.card.declarations import ACCOUNT, RESULTS
from scoring.card.figures import LeadFigure
from scoring.card.walking import named_fields
from scoring.chunk import Chunk
from scoring.conditions import Terms
from scoring.figures import summarised
from scoring.history import History
from scoring.people import covered, strongest
from scoring.prepared import Prepared
from scoring.related import Deals, Related
from scoring.resets import CARD
from scoring.results import Scored, previous_stages
from scoring.standing import state_of
from vocabulary.arrays import Ints
from vocabulary.fields import TIME

NONE: Final = -1
"""The place of the account of a lead that has none."""


class Company:
    """The accounts of a scorecard, prepared for any chunk of leads."""

    def __init__(self, card: Scorecard, scorer: Prepared, terms: Terms) -> None:
        """Prepare; `scorer` is that of the accounts' own card, `terms` are those of the leads' card."""
        assert card.accounts is not None
        self.accounts, self.scorer, self.terms = card.accounts, scorer, terms
        named = named_fields(card)
        of_leads = {ACCOUNT + name: kind for name, kind in scorer.card.values.items() if ACCOUNT + name in named}
        made = {ACCOUNT + name for name in card.accounts.figures}
        self.fields = {name: kind for name, kind in of_leads.items() if name not in made}
        """The fields of their account that leads read, with their types."""
        self.figures = {name: kind for name, kind in of_leads.items() if name in made}
        """The figures of it that they read."""
        by_leads = {name: one for name, one in card.accounts.figures.items() if isinstance(one, LeadFigure)}
        self.early = {name: one for name, one in by_leads.items() if not one.is_late}
        self.late = {name: one for name, one in by_leads.items() if one.is_late}
        self.is_computed = card.accounts.scored or bool(card.accounts.figures)
        """Whether anything is made of what an account is related to."""
        counted = scorer.likelihood.counts if scorer.likelihood else ()
        self.asked = [*activity_conditions(scorer.card), *(one.condition for one in counted)]
        """What accounts need of the activities of their leads: for their card, and for the likelihood."""

    @property
    def engagement(self) -> AccountEngagement | None:
        """The engagement section of the accounts' card."""
        section = self.scorer.card.sections.get("engagement")
        return section if isinstance(section, AccountEngagement) else None


class Cohort:
    """The accounts of a chunk of leads, and which of them is whose."""

    def __init__(self, company: Company, records: pl.DataFrame, of: Ints, deals: Deals, as_of: Ints) -> None:
        """Prepare; `records` has the id of each account as `lead`, and its fields.

        `of`: the place of each lead's account; `as_of`: the time to score each account for.
        """
        self.company, self.records, self.of, self.deals, self.as_of = company, records, of, deals, as_of
        self.whole = False
        """Whether accounts need every activity of their leads, and not only those that their card asks for."""
        self.said = pl.DataFrame()
        """The figures of their account that leads bring themselves."""
        self._before: dict[int, Cohort] = {}
        self.leads: Chunk
        self.own: AccountChunk | None = None
        """The accounts while they are computed."""

    @classmethod
    def around(cls, company: Company, leads: pl.DataFrame, related: Related, as_of: int) -> Self:
        """Return the accounts that are given, and those that only leads name, of which no field is known."""
        named = account_ids(leads)
        given = pl.DataFrame(schema={ACCOUNT_ID: pl.String()}) if related.accounts is None else related.accounts
        fields = [name for name in company.accounts.fields if name in given.columns]
        if not company.is_computed:
            given = given.filter(pl.col(ACCOUNT_ID).cast(pl.String).is_in(named.unique().implode()))
        known = given.select(pl.col(ACCOUNT_ID).cast(pl.String).alias("lead"), *fields)
        strangers = pl.DataFrame({"lead": named.drop_nulls().unique(maintain_order=True)})
        strangers = strangers.join(known, on="lead", how="anti", maintain_order="left")
        records = pl.concat([known, strangers], how="diagonal")
        placed = records.select(pl.col("lead").alias(ACCOUNT_ID)).with_row_index("place")
        of = named.to_frame().join(placed, on=ACCOUNT_ID, how="left", maintain_order="left")["place"]
        deals = Deals.of_accounts(related, records["lead"], company.scorer.card.deals, company.scorer.card.calendar)
        places = of.cast(pl.Int64).fill_null(NONE).to_numpy()
        return cls(company, records, places, deals, np.full(records.height, as_of))

    def joined(self, leads: pl.DataFrame) -> pl.DataFrame:
        """Return the leads with the fields of their accounts, and without what they say themselves of figures."""
        self.said = leads.select(name for name in leads.columns if name in self.company.figures)
        fields = [self.records[name] for name in self.records.columns if ACCOUNT + name in self.company.fields]
        return leads.drop(self.said.columns).hstack(self._of_leads(fields))

    def first(self) -> list[pl.Series]:
        """Return the figures of deals that leads read, before their histories begin."""
        return self._read(self.company.scorer.figures.from_deals(self.deals, self.records["lead"], self.as_of))

    def begin(self, leads: Chunk) -> None:
        """Compute what needs no results of leads, and let the leads know of it."""
        self.leads, company = leads, self.company
        if company.is_computed:
            asked = None if self.whole else company.asked
            self.own = AccountChunk(self, leads.cuts.history(CARD).together(self.of, self.as_of, asked))
            self.own.learns(self._figures(company.early))
            leads.learns(self._read(self.own.figures))

    def end(self) -> None:
        """Compute what needs results of leads, and let the leads know of it."""
        if self.own is not None:
            late = self._figures(self.company.late)
            self.own.learns(late)
            self.own.frame = self.own.frame.hstack(self._people())
            self.leads.learns(self._read(late))

    def _of_leads(self, columns: Sequence[pl.Series]) -> list[pl.Series]:
        """Return columns of accounts as columns of their leads, null for leads without an account."""
        at = pl.Series(self.of, dtype=pl.Int64).set(pl.Series(self.of == NONE), None)
        return [column.gather(at).alias(ACCOUNT + column.name) for column in columns]

    def _read(self, figures: Sequence[pl.Series]) -> list[pl.Series]:
        """Return the figures that leads read, as their columns; what the leads say themselves comes first."""
        read = self._of_leads([one for one in figures if ACCOUNT + one.name in self.company.figures])
        return [self._first_said(one) if one.name in self.said.columns else one for one in read]

    def _first_said(self, figure: pl.Series) -> pl.Series:
        said = self.said[figure.name].cast(figure.dtype)
        return said.zip_with(said.is_not_null(), figure)

    def _figures(self, figures: Mapping[str, LeadFigure]) -> list[pl.Series]:
        """Return figures that are made of leads."""
        frame, wheres = self.leads.frame, [one.where for one in figures.values()]
        answers = self.company.terms.ask(frame, wheres)
        columns = []
        for (name, one), answer in zip(figures.items(), answers, strict=True):
            counts = self.of != NONE if one.where is None else (self.of != NONE) & (answer == 1)
            at = np.flatnonzero(counts)
            at = at[np.argsort(self.of[at], kind="stable")]
            values = None if one.field is None else frame[_column(one.field)].gather(at)
            columns.append(summarised(one.way, self.records.height, self.of[at], values).alias(name))
        return columns

    def _people(self) -> list[pl.Series]:
        """Return what the people of each account give it; disqualified leads do not count."""
        engagement, leads, accounts = self.company.engagement, self.leads, self.records.height
        columns: list[pl.Series] = []
        if engagement is None:
            return columns
        counts = (self.of != NONE) & ~leads.disqualified
        if engagement.people is not None:
            at = np.flatnonzero(counts)
            ids, points = leads.leads["lead"].gather(at), leads.frame["#engagement"].gather(at)
            columns += strongest(engagement.people, accounts, self.of[at], ids, points)
        if engagement.coverage is not None:
            (engaged,) = self.company.terms.ask(leads.frame, [engagement.coverage.engaged])
            at = np.flatnonzero(counts & (engaged == 1))
            values = leads.frame[engagement.coverage.by].gather(at)
            columns += covered(engagement.coverage, accounts, self.of[at], values)
        return columns

    def scored(self, previous: pl.DataFrame | None, *, explain: bool, details: bool) -> Scored:
        """Return the results of the accounts; `previous` has what was computed for them last."""
        assert self.own is not None
        before, state = previous_stages(self.records, previous), state_of(previous, self.records)
        return self.own.scored(before, state, explain=explain, details=details)

    def created(self) -> pl.Series:
        """Return when the first of the people of each account was created; null if that is not known."""
        given = self.leads.given
        at = np.flatnonzero(self.of != NONE)
        at = at[np.argsort(self.of[at], kind="stable")]
        nothing = pl.Series([None], dtype=TIME).new_from_index(0, given.height)
        moments = given["created_at"] if "created_at" in given.columns else nothing
        return summarised("min", self.records.height, self.of[at], moments.gather(at).cast(TIME)).alias("created_at")

    def before(self, by: int) -> "Cohort":
        """Return the same some microseconds before, with leads and accounts computed."""
        if by not in self._before:
            again = Cohort(self.company, self.records, self.of, self.deals, self.as_of - by)
            history, ahead = self.leads.history.earlier(by), self.leads.looks_ahead
            self._before[by] = self._computed(again, self.leads.given, history, None, looks_ahead=ahead)
        return self._before[by]

    def close(self) -> None:
        """Let go of leads and accounts, which know each other: else their memory waits for the garbage collector."""
        for again in self._before.values():
            again.close()
        self._before = {}
        del self.leads
        self.own = None

    def before_leads(self, by: int) -> Chunk:
        """Return the leads some microseconds before, computed."""
        return self.before(by).leads

    def later(self, chosen: Ints, moments: Ints) -> "Cohort":
        """Return some accounts at a later time of each, with their leads computed, if nothing happens."""
        place = np.full(self.records.height + 1, NONE)
        place[chosen] = np.arange(len(chosen))
        mine = np.flatnonzero(place[self.of] != NONE)
        of = place[self.of[mine]]
        history = self.leads.history.later(mine, moments[of])
        again = Cohort(self.company, self.records[chosen], of, self.deals, moments)
        return self._computed(again, self.leads.given[mine], history, self.leads.stood(mine))

    def _computed(
        self,
        again: "Cohort",
        leads: pl.DataFrame,
        history: History,
        stood: pl.DataFrame | None,
        *,
        looks_ahead: bool = False,
    ) -> "Cohort":
        chunk = Chunk(self.leads.scorer, leads, history, self.leads.deals, again, looks_ahead=looks_ahead)
        chunk.compute(previous_stages(leads, None) if stood is None else stood)
        return again


class AccountChunk(Chunk):
    """A chunk of accounts, whose results before and later follow from those of their leads."""

    few: ClassVar[int] = 0  # a cohort cannot hold an account twice

    def __init__(self, around: Cohort, history: History) -> None:
        """Prepare; `history` has what the leads of each account did."""
        super().__init__(around.company.scorer, around.records, history, around.deals)
        self.around = around

    def created(self) -> pl.DataFrame:
        """Return when the first of the people of each account was created."""
        return self.around.created().to_frame()

    def _before(self, by: int) -> Ints:
        own = self.around.before(by).own
        assert own is not None
        return own.score()

    def _later(self, chosen: Ints, moments: Ints) -> pl.Series:
        later = self.around.later(chosen, moments)
        assert later.own is not None
        priorities = later.own.priorities(self.stood(chosen))
        later.close()
        return priorities


def _column(name: str) -> str:
    """Return the column of a lead's field or result."""
    return f"#{name}" if name in RESULTS else name

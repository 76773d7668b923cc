"""A job: one connection with its scorecards, its part of the store and its connector."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from threading import Event
from typing import Final, Literal, Self

from config.likelihoods import load_likelihood
from config.settings import AnyConnection, ScorecardUse, Settings
from connectors.base import Connector, ConnectorError, Rests
from connectors.segments import used
from pipeline import clock
from pipeline.cluster.cluster import Cluster
from pipeline.connect import connect, connect_warehouse, output_fields, written
from pipeline.permit import Permit
from pipeline.sources import Sources
from scoring import Likelihood, Scorecard, Scorer, verified
from scoring.history import Touchpoints
from store import CrmFields, Mirror, Outbox, Runs, Store
from store.leads.departing import Departures
from store.leads.due import Due
from store.leads.entering import Entrants
from store.leads.excluding import Excluded
from store.mirror.removals import Removals
from vocabulary.fields import FieldType
from vocabulary.findings import Finding
from vocabulary.outputs import GUARDED, OFS, OUTPUTS, Of, field_of

logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ActiveScorecard:
    """One scorecard in use, with its outbox and its scorer: that of leads, or the part of it about their accounts."""

    card: Scorecard
    prefix: str
    outbox: Outbox
    scorer: Scorer
    """Scores the leads and their accounts."""
    touchpoints: Touchpoints
    """How the scorecard classifies the touchpoints seen so far; cached across chunks and passes."""
    of: Of = "leads"
    accounts: "ActiveScorecard | None" = None
    """The part about accounts, if the scorecard needs these with all of their leads."""
    has_results: bool = True
    """Whether it gives results; a part about accounts may only have figures for their leads."""

    @property
    def boxes(self) -> Sequence["ActiveScorecard"]:
        """This and its part about accounts, as far as they have results."""
        return [box for box in (self, self.accounts) if box is not None and box.has_results]

    @property
    def key(self) -> str:
        """What tells it from the others of the connection in the counts of a run."""
        return self.prefix if self.of == "leads" else f"{self.prefix} of accounts"

    def field(self, output: str) -> str:
        """Return the name of an output's field in the CRM."""
        return field_of(output, self.of, self.prefix)

    @property
    def likelihoods(self) -> Sequence[Likelihood]:
        """The likelihoods that were fitted: that of leads, that of accounts."""
        return [one for one in (self.scorer.likelihood, self.scorer.of_accounts) if one is not None]

    @property
    def name(self) -> str:
        """The scorecard's name, with its prefix if it has one, and whether it is the part about accounts."""
        return f"{self.prefix}{self.card.name}" + (" for accounts" if self.of == "accounts" else "")

    @property
    def guarded(self) -> tuple[str, ...]:
        """The guarded outputs that are written."""
        return tuple(name for name in GUARDED if name in self.outbox.written)

    @property
    def label(self) -> str:
        """A label that changes with the content of the scorecard or its likelihoods, and so with the results."""
        return " ".join([self.card.label, *(f"{one.fitted_at:%Y%m%dT%H%M%S}" for one in self.likelihoods)])


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a scorecard is activated from, here or in another process: no secret, and nothing about people."""

    card: Scorecard
    prefix: str
    names: Mapping[Of, Sequence[str]]
    """The outputs that are written."""
    off: Mapping[Of, Sequence[str]]
    """The outputs that are not."""
    fitted: Mapping[Of, Likelihood | None]
    scores_accounts: bool

    def activated(self, store: Store, connection: str) -> ActiveScorecard:
        """Return the scorecard, with its outbox in a store."""
        wanted = {*self.names["leads"], *self.names["accounts"]}
        scorer = verified(Scorer(self.card, self.fitted["leads"], wanted, of_accounts=self.fitted["accounts"]))
        places = scorer.touchpoints()
        accounts = self._of_accounts(store, connection, scorer, places) if scorer.cohorts else None
        outbox = self._outbox(store, connection, self.card, "leads")
        return ActiveScorecard(self.card, self.prefix, outbox, scorer, places, accounts=accounts)

    def _of_accounts(self, store: Store, connection: str, leads: Scorer, places: Touchpoints) -> ActiveScorecard:
        """Return the part of a scorecard about accounts."""
        assert leads.company is not None, "the scorecard needs accounts"
        card = leads.company.scorer.card
        outbox = self._outbox(store, connection, card, "accounts")
        return ActiveScorecard(card, self.prefix, outbox, leads, places, "accounts", has_results=self.scores_accounts)

    def _outbox(self, store: Store, connection: str, card: Scorecard, of: Of) -> Outbox:
        return store.outbox(connection, self.prefix, self.names[of], self.off[of], priorities=card.priorities, of=of)


@dataclass
class Job:
    """What a pass over one connection needs; each part is made on first use."""

    name: str
    connection: AnyConnection
    store: Store
    stop: Event = field(default_factory=Event)
    now: Callable[[], datetime] = clock.now
    offline: bool = False
    """Whether the work makes no call to the CRM, so that no secret is needed."""
    ready: bool = False
    """Whether a pass has told the store what the settings ask for, so that records can be read by themselves."""
    scored_at: datetime | None = None
    """The latest time that a pass of this process has scored for."""
    closed: bool = False
    cluster: Cluster | None = None
    """The machines that score with this one, if the settings name any."""
    _verified: Literal["nothing", "reading", "everything"] = "nothing"
    """What was found in order in the CRM."""

    @cached_property
    def permit(self) -> Permit:
        """The stop event that also forbids calls without the lease."""
        return Permit(self.stop)

    @cached_property
    def connector(self) -> Connector:
        """The connector to the CRM."""
        return connect(self.connection, self.permit, offline=self.offline)

    @cached_property
    def sources(self) -> Sources:
        """What is read: the CRM, and the warehouse beside it."""
        return Sources(self.connector, connect_warehouse(self.connection, self.permit))

    @cached_property
    def mirror(self) -> Mirror:
        """The copy of the CRM's leads and activities."""
        return self.store.mirror(self.name)

    @cached_property
    def crm_fields(self) -> CrmFields:
        """The CRM fields that leadgauge created or adopted."""
        return self.store.crm_fields(self.name)

    @cached_property
    def excluded(self) -> Excluded:
        """The leads that must not be scored."""
        return self.store.excluded(self.name)

    @cached_property
    def departures(self) -> Departures:
        """The leads whose fields are to be emptied."""
        return self.store.departures(self.name)

    @cached_property
    def entrants(self) -> Entrants:
        """The leads whose earlier activities are still to be read."""
        return self.store.entrants(self.name)

    @cached_property
    def due(self) -> Due:
        """What the CRM's feed said has changed, and was not read yet."""
        return self.store.due(self.name)

    @cached_property
    def removals(self) -> Removals:
        """The leads and activities missing from the CRM's answers."""
        return self.store.removals(self.name)

    @cached_property
    def runs(self) -> Runs:
        """The record of runs."""
        return self.store.runs(self.name)

    @cached_property
    def scorecards(self) -> tuple[ActiveScorecard, ...]:
        """The scorecards of the connection."""
        return tuple(self._activated(use) for use in self.connection.scorecards)

    @property
    def boxes(self) -> Sequence[ActiveScorecard]:
        """What is written: the results of all scorecards for leads, and for accounts."""
        return [box for active in self.scorecards for box in active.boxes]

    def _activated(self, use: ScorecardUse) -> ActiveScorecard:
        return self.recipe(use).activated(self.store, self.name)

    def recipe(self, use: ScorecardUse) -> Recipe:
        """Return what a scorecard of the connection is activated from."""
        names = {of: [output.name for output in written(self.connection, use, of)] for of in OFS}
        off = {of: [one.name for one in OUTPUTS if not self.connection.writes(one, use, of)] for of in OFS}
        fitted = {of: likelihood_of(use, of) for of in OFS}
        scored = use.card_of("accounts") is not None
        return Recipe(use.card, use.prefix, names, off, fitted, scores_accounts=scored)

    @cached_property
    def fields(self) -> dict[str, FieldType]:
        """The fields that the scorecards name, those of accounts with `account.`."""
        return dict(self.connection.wanted)

    @cached_property
    def in_crm(self) -> dict[str, FieldType]:
        """The fields of these that the CRM has; the others are in the warehouse."""
        return self.connection.in_crm

    @cached_property
    def of_deals(self) -> dict[str, FieldType]:
        """The fields of deals that the scorecards name."""
        return self.connection.of_deals

    @cached_property
    def segments(self) -> dict[str, dict[str, str]]:
        """The segment or campaign of each entry of the fields that list what a lead belongs to."""
        return used(self.connection.member_of, self.connection.wanted)

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """The output fields of all scorecards, by their names in the CRM."""
        return tuple(output.name for output in output_fields(self.connection))

    def verify(self, *, midway: bool = False, reads_only: bool = False) -> None:
        """Check rights, mapped fields and output fields in the CRM once; raise `NotReady` if a run is impossible.

        With `reads_only`, check only what reading needs.
        """
        if self._verified == "everything" or (reads_only and self._verified == "reading"):
            return
        found = [*self.connector.check(self.crm_fields.known(), reads_only=reads_only), *self.sources.check()]
        if errors := [finding for finding in found if finding.level == "error"]:
            raise NotReady(self.name, [_placed(self.connection, error) for error in errors], midway=midway)
        self._verified = "reading" if reads_only else "everything"

    def verify_again(self, *, reads_only: bool = False) -> None:
        """Check again, since a field may have been deleted, hidden or changed; raise `NotReady`."""
        self._verified = "nothing"
        self.verify(midway=True, reads_only=reads_only)

    @contextmanager
    def naming_fields(self, *, reads_only: bool = False) -> Iterator[None]:
        """If the CRM refuses a call because of a field, raise `NotReady`, which names the field, instead."""
        try:
            yield
        except ConnectorError as error:
            if error.about_fields:
                self.verify_again(reads_only=reads_only)
            raise

    def rest(self) -> None:
        """Let go of what is only needed during a pass."""
        made = self.__dict__.get("connector")
        if isinstance(made, Rests):
            made.rest()

    def close(self) -> None:
        """Close what was made of the connector and the warehouse."""
        self.closed = True
        if "sources" in self.__dict__:
            self.sources.close()
        elif "connector" in self.__dict__:
            self.connector.close()


def likelihood_of(use: ScorecardUse, of: Of = "leads") -> Likelihood | None:
    """Return the fitted likelihood of a scorecard; None if there is none, or if the points have changed since."""
    file, card = use.likelihood_of(of), use.card_of(of)
    if file is None or card is None or not file.exists():
        return None
    likelihood = load_likelihood(file)
    if not likelihood.fits(card):
        again = "calibrate" if of == "leads" else "calibrate --of accounts"
        logger.warning(
            "%s was fitted on different points than %s has now: no likelihood of %s is written until `%s` has run.",
            file,
            use.file,
            of,
            again,
        )
        return None
    return likelihood


@contextmanager
def opened(
    settings: Settings,
    name: str | None,
    stop: Event | None = None,
    now: Callable[[], datetime] = clock.now,
    *,
    offline: bool = False,
) -> Iterator[Job]:
    """Open the store and yield the job of a connection; `name` may be None if there is only one."""
    chosen = choose(settings, name)
    store = Store.open(settings.database_url, clock=now)
    job = Job(chosen, settings.connections[chosen], store, stop or Event(), now, offline, cluster=Cluster.of(settings))
    try:
        yield job
    except ConnectorError as error:
        error.add_note(f"The connection is defined in {job.connection.mistake((), '').place}.")
        raise
    finally:
        job.close()
        store.close()


class NotReady(Exception):  # noqa: N818 - named for the problem
    """The CRM does not allow a run yet. The message lists every reason with its remedy."""

    exit_code = 2

    def __init__(self, connection: str, errors: Sequence[str], *, midway: bool = False) -> None:
        what = "stopped; work done is kept" if midway else "is not ready to run; nothing was read or written"
        between = " " if len(errors) == 1 else "\n  "
        super().__init__(f"{connection} {what}:{between}" + "\n  ".join(errors))


def _placed(connection: AnyConnection, error: Finding) -> str:
    """Return an error as text, with its line if it is about an option in the settings."""
    path = tuple(error.subject.split("."))
    if connection.holds(path):
        return str(connection.mistake(path, error.message, error.remedy))
    return f"{error.subject}: {error.message} {error.remedy}".rstrip()


class WhichConnection(Exception):  # noqa: N818 - named for the question
    """The settings have several connections, or none with that name."""

    exit_code = 2

    @classmethod
    def of(cls, name: str, known: Iterable[str]) -> Self:
        """Return the error for a name that the settings do not have."""
        return cls(f"The settings have no connection '{name}'. They have: {', '.join(known)}.")


def choose(settings: Settings, name: str | None) -> str:
    """Return the connection named `name`, or the only one; raise `WhichConnection`."""
    names = list(settings.connections)
    if name is None and len(names) == 1:
        return names[0]
    if name in names:
        return name
    known = ", ".join(names)
    if name is None:
        raise WhichConnection(f"The settings have several connections. Choose one with --connection: {known}.")
    raise WhichConnection.of(name, names)

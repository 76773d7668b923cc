"""The connector protocol and the errors that connectors raise.

The errors are named for what the caller does next::

    ConnectorError
    ├── ConfigurationError   stop; a person must change a setting or a permission in the CRM
    ├── Unavailable          end this pass; retries are exhausted, and the next pass resumes
    ├── BudgetSpent          make no calls until `resets_at`
    └── Interrupted          the daemon was asked to stop while the connector was waiting

A refused row never raises: `push` returns it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol, runtime_checkable

import polars as pl

from vocabulary.expiries import Expiry
from vocabulary.feeds import Heard
from vocabulary.findings import LONGEST, Finding
from vocabulary.links import Links
from vocabulary.outputs import Of, Output
from vocabulary.outside import clean
from vocabulary.pages import Cursor, Page, Stream
from vocabulary.provisioned import NOTHING_KNOWN, Known, Provisioned
from vocabulary.survey import Survey
from vocabulary.writes import Pushed, Row, Value


class ConnectorError(Exception):
    """A CRM did not do what was asked. The message includes its answer and what to change.

    All parts are sanitised here (see `vocabulary.outside`), because they end up in terminals, logs and the database.
    """

    exit_code = 1
    about_fields = False
    """Whether the CRM refused because of a field; `check` finds out which one."""

    def __init__(self, message: str, *, answer: str = "", remedy: str = "") -> None:
        self.message, self.answer, self.remedy = clean(message, limit=LONGEST), clean(answer), clean(remedy)
        super().__init__(" ".join(part for part in (self.wrong, self.remedy) if part))

    @property
    def wrong(self) -> str:
        """The message, with the CRM's answer if there is one."""
        if not self.answer:
            return self.message
        return f"{self.message} It answered: {self.answer}" + ("" if self.answer.endswith((".", "!", "?")) else ".")


class ConfigurationError(ConnectorError):
    """A person must act: a setting is wrong, or a permission is missing in the CRM."""

    exit_code = 2


class Unavailable(ConnectorError):  # noqa: N818 - named for what the caller does next
    """The CRM was unreachable or kept failing. The next pass resumes."""


class BudgetSpent(ConnectorError):  # noqa: N818 - named for what the caller does next
    """The daily calls to the CRM are used up until `resets_at` (UTC)."""

    def __init__(self, message: str, resets_at: datetime, *, answer: str = "") -> None:
        super().__init__(message, answer=answer, remedy=f"Calls resume at {resets_at:%Y-%m-%d %H:%M} UTC.")
        self.resets_at = resets_at


class Interrupted(ConnectorError):  # noqa: N818 - named for what the caller does next
    """The process was asked to stop while it waited for the CRM."""

    exit_code = 130


@dataclass(frozen=True, slots=True)
class Located:
    """Where a lead is that a listing did not include."""

    place: Literal["here", "outside", "bin", "merged", "gone"]
    """`outside`: it exists, but the settings (such as a filter) exclude it. `gone`: not even in the recycle bin."""
    survivor: str | None = None
    """The record that a merged or converted lead continues as."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Calls made by this connector object, and the calls left today according to the CRM (None if it does not say)."""

    calls: int
    left_today: int | None = None
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """Expected calls and duration of a piece of work."""

    calls: int
    seconds: float


@runtime_checkable
class ComparesActivities(Protocol):
    """A CRM that can list which activities, conversions and accounts it has, to notice what no answer reports.

    Only for streams that are `compared`.
    """

    def present(self, stream: Stream, since: datetime | None) -> Iterator[Page]:
        """Yield pages with `present`: which of the stream's rows exist, by ids only, in the fewest calls.

        `since`: what happened before this may be left out; None asks for what a first pull would read. The last page
        is `listed`. Without that page the answer is incomplete, and nothing may be concluded from it.
        """

    def read_again(self, stream: Stream, records: Sequence[str], since: datetime | None) -> Iterator[Page]:
        """Yield pages with these records (`PRESENT`), and with those whose parent records changed since then.

        They are beside the stream (`aside`), unless reading all of it again takes fewer calls.
        """


@runtime_checkable
class Rests(Protocol):
    """A CRM's connector that keeps threads or sockets between two calls, for the next ones."""

    def rest(self) -> None:
        """Let go of idle threads and sockets; the next call makes new ones.

        A daemon may have hundreds of connectors, each of which does nothing for most of an hour.
        """


@runtime_checkable
class Feeds(Protocol):
    """A CRM that tells of changes as they happen, besides what its streams bring."""

    def listen(self, cursor: Cursor | None) -> Iterator[Heard]:
        """Yield what the feed tells after `cursor`, as it happens; without one, from now on.

        It does not end by itself, and yields every `ALIVE` at the latest; closing the iterator ends it. Own writes make
        nothing due. What the feed lost, since the cursor has expired or by an overflow, is a `gap`, after which it goes
        on. Raises `ConfigurationError` without the rights or the library that it needs, `BudgetSpent` if its allocation
        is used up, and `Unavailable` once its retries are exhausted.

        It runs in a thread beside passes, which use the same connector.
        """

    def read_due(self, due: pl.DataFrame) -> Iterator[Page]:
        """Yield what is `DUE` as it is now, on pages that are `aside`, in the fewest calls.

        What the CRM does not have any more, or the settings exclude, is `missing` or `gone` on them.
        """

    def floods(self, rows: int) -> bool:
        """Return whether writing this number of rows would use up much of what the feed may deliver in a day.

        Such writes are made with the feed closed; after them it begins anew.
        """


class Connector(Protocol):
    """A CRM. Constructed from its settings, the wanted fields and a stop event; thread-compatible.

    When the stop event is set, every wait ends at once by raising `Interrupted`.
    """

    crm: str

    def check(self, known: Known = NOTHING_KNOWN, *, reads_only: bool = False) -> list[Finding]:
        """Check whether credentials, permissions, mapped fields and output fields allow a run.

        `known` holds the output fields that the store records as ours. With `reads_only`, check only what reading
        needs: output fields may be missing, and the right to write too.
        """

    def overview(self) -> list[Finding]:
        """Return the kind that each form, campaign or type of task becomes, and how many there are, for a person.

        It makes more calls than `check`, which every backfill makes too.
        """

    def survey(self) -> Survey:
        """Look at what the CRM holds, to draft settings and a scorecard: only reading, in a bounded number of calls.

        It needs no scorecard. What the rights do not reach is named as a gap.
        """

    def streams(self) -> Sequence[Stream]:
        """Return the streams to read, in the order a pass reads them."""

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """Yield the pages after `cursor` until the CRM has no more for now.

        Without a cursor, read everything: a full listing, then the changes since the listing began. With a cursor,
        resume after the page it came with, in the listing or in the changes.
        """

    def pull_for(self, stream: Stream, leads: Sequence[str]) -> Iterator[Page]:
        """Yield what a stream has about leads that are new to the mirror, on pages that are `aside`.

        Of a stream that cannot be asked by lead, this yields the newest pages at most.
        """

    def read_leads(self, leads: Sequence[str]) -> Iterator[Page]:
        """Yield these leads as they are now, if the settings include them, on pages that are `aside`."""

    def lists_instead(self, stream: Stream, leads: int) -> bool:
        """Return whether listing the stream again takes fewer calls than reading it for this number of leads."""

    def provision(
        self,
        outputs: Sequence[Output],
        known: Known = NOTHING_KNOWN,
        *,
        adopt: Collection[str] = (),
        dry_run: bool = False,
    ) -> list[Provisioned]:
        """Create missing output fields of leads and accounts (`Output.of`), and add missing choices to ours.

        An existing field that is not ours is a clash and is left alone, unless `adopt` contains its output name or its
        name in the CRM. `known` is as in `check`. With `dry_run`, nothing is changed.
        """

    def remove(
        self, outputs: Sequence[Output], known: Known = NOTHING_KNOWN, *, dry_run: bool = False
    ) -> list[Provisioned]:
        """Delete the fields that leadgauge created. Adopted fields and those of others stay."""

    def push(self, rows: Sequence[Row], of: Of = "leads") -> Iterator[Sequence[Pushed]]:
        """Write rows of leads or of accounts; yield the answers as they arrive, exactly one answer per row."""

    def read(self, ids: Sequence[str], outputs: Sequence[str], of: Of = "leads") -> Mapping[str, Mapping[str, Value]]:
        """Return the current values of the output fields, omitting leads or accounts that the CRM does not have."""

    def locate(self, leads: Sequence[str], controls: Sequence[str] = ()) -> Mapping[str, Located]:
        """Look up where leads are by id, in as few calls as possible. Every lead gets an answer.

        `controls` are leads known to exist, requested along with the others. An answer that omits one of them is
        broken and raises `Unavailable`.
        """

    def find(self, address: str) -> str | None:
        """Return the id of the lead with this email address, as the CRM reports it now."""

    def names(self, ids: Sequence[str], of: Of = "leads") -> Mapping[str, str]:
        """Return what the CRM calls these leads or accounts, for people to read; nothing here is ever stored.

        Those without a name, and those that the CRM does not have, are left out. One call for a screenful of one kind,
        with few attempts, since a person waits.
        """

    def links(self) -> Links:
        """Return how to make the URLs of the pages of leads and accounts in the CRM. Makes no call after `check`."""

    def budget(self) -> Budget:
        """Return the calls made so far and the calls left as last reported by the CRM. Makes no call."""

    def expiries(self) -> Sequence[Expiry]:
        """Return what this connection depends on and when it ends, as far as is known. Makes no call after a pull."""

    def currency(self) -> str | None:
        """Return the currency of the amounts of deals, as far as the CRM says one. Makes no call after a pull."""

    def unread(self) -> Mapping[str, str]:
        """Return why streams could not be read by the last pull, by the stream's name. Makes no call."""

    def clock_offset(self) -> timedelta | None:
        """Return the CRM's clock minus this machine's, or None before the first dated answer. Makes no call.

        The CRM's clock is the date of its last answer, advanced by a monotonic clock so that a change of this machine's
        clock shows up. Time that the answer spent under way does not count as a difference.
        """

    def cost_of_push(self, rows: int) -> Cost:
        """Estimate the cost of writing this number of rows."""

    def close(self) -> None:
        """Release connections and threads."""

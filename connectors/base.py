"""What a connector is: the verbs, the pages it hands over, and the errors it raises.

The errors are named for what the caller does next::

    ConnectorError
    ├── ConfigurationError   stop; a person must change a setting or a right in the CRM
    ├── Unavailable          this pass ends, the next one resumes: retries are used up
    ├── BudgetSpent          stop calling until `resets_at`
    └── Interrupted          the daemon was asked to stop while the connector waited

A refused row is never raised: `push` returns it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from vocabulary.findings import LONGEST, Finding
from vocabulary.outputs import Output
from vocabulary.outside import clean
from vocabulary.pages import Cursor, Page, Stream
from vocabulary.provisioned import NOTHING_KNOWN, Known, Provisioned
from vocabulary.writes import Pushed, Row, Value


class ConnectorError(Exception):
    """A CRM did not do what was asked; says what it answered and what to change.

    All of it is cleaned here (see `vocabulary.outside`): what a CRM answers goes to terminals, logs and the database.
    """

    exit_code = 1
    about_fields = False
    """True where the CRM refused because of a field: `check` finds out which."""

    def __init__(self, message: str, *, answer: str = "", remedy: str = "") -> None:
        self.message, self.answer, self.remedy = clean(message, limit=LONGEST), clean(answer), clean(remedy)
        super().__init__(" ".join(part for part in (self.wrong, self.remedy) if part))

    @property
    def wrong(self) -> str:
        """What is wrong, with the CRM's answer where it gave one."""
        if not self.answer:
            return self.message
        return f"{self.message} It answered: {self.answer}" + ("" if self.answer.endswith((".", "!", "?")) else ".")


class ConfigurationError(ConnectorError):
    """A person must act: a setting is wrong, or the CRM does not grant a right."""

    exit_code = 2


class Unavailable(ConnectorError):  # noqa: N818 - named for what the caller does next
    """The CRM could not be reached, or went on failing; the next pass resumes."""


class BudgetSpent(ConnectorError):  # noqa: N818 - named for what the caller does next
    """The CRM's daily calls are used up until `resets_at` (UTC)."""

    def __init__(self, message: str, resets_at: datetime, *, answer: str = "") -> None:
        super().__init__(message, answer=answer, remedy=f"Calls resume at {resets_at:%Y-%m-%d %H:%M} UTC.")
        self.resets_at = resets_at


class Interrupted(ConnectorError):  # noqa: N818 - named for what the caller does next
    """The stop event was set during a wait."""


@dataclass(frozen=True, slots=True)
class Located:
    """Where a lead is that a listing did not bring."""

    place: Literal["here", "outside", "bin", "merged", "gone"]
    """`outside`: there, but not a lead by the settings, such as a filter. `gone`: neither there nor in the bin."""
    survivor: str | None = None
    """Who carries on a merged or converted lead."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Calls made by this connector object, and what the CRM says is left today (None where it does not say)."""

    calls: int
    left_today: int | None = None
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """What a piece of work is expected to take."""

    calls: int
    seconds: float


class Connector(Protocol):
    """A CRM behind few verbs. Made with its settings, the wanted fields and a stop event; thread-compatible.

    Every wait ends at once when the stop event is set, by raising `Interrupted`.
    """

    crm: str

    def check(self, known: Known = NOTHING_KNOWN) -> list[Finding]:
        """Find out whether credentials, rights, mapped fields and output fields allow a run.

        `known`: the output fields that the store remembers as ours.
        """

    def streams(self) -> Sequence[Stream]:
        """Return the streams to read, in the order in which a pass reads them."""

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """Yield the pages after `cursor`, ending when the CRM has no more for now.

        Without a cursor, everything is read: first a full listing, whose last cursor goes on to the changes since its
        start. With one, the pull resumes where that page ended, be it in the listing or in the changes.
        """

    def provision(
        self,
        outputs: Sequence[Output],
        known: Known = NOTHING_KNOWN,
        *,
        adopt: Collection[str] = (),
        dry_run: bool = False,
    ) -> list[Provisioned]:
        """Make the output fields that are missing, and add choices to ours.

        A field that is there and is not ours is a clash and stays as it is, unless `adopt` names it, by the output or
        by the CRM's name. `known`: what the store remembers. With `dry_run`, nothing is changed.
        """

    def remove(
        self, outputs: Sequence[Output], known: Known = NOTHING_KNOWN, *, dry_run: bool = False
    ) -> list[Provisioned]:
        """Take the fields that leadgauge made out of the CRM; adopted ones and those of others stay."""

    def push(self, rows: Sequence[Row]) -> Iterator[Sequence[Pushed]]:
        """Write rows, yielding the answers batch by batch as they come: exactly one answer for each row."""

    def read(self, leads: Sequence[str], outputs: Sequence[str]) -> Mapping[str, Mapping[str, Value]]:
        """Ask the CRM for what the output fields hold now; leads that it does not have are absent."""

    def locate(self, leads: Sequence[str], controls: Sequence[str] = ()) -> Mapping[str, Located]:
        """Ask by id where leads are, with as few calls as possible: one answer for each lead.

        `controls` are leads that were there a moment ago, and are asked for along with the others: an answer without
        them is broken, and raises `Unavailable`.
        """

    def find(self, address: str) -> str | None:
        """Ask the CRM for the id of the lead with this e-mail address."""

    def link(self, lead: str) -> str | None:
        """Return the address of the lead's page in the CRM, for people."""

    def budget(self) -> Budget:
        """Return the calls made so far, and what was left when the CRM last said so; makes no call."""

    def clock_offset(self) -> timedelta | None:
        """Return the CRM's clock minus this machine's, at present; None before an answer told it. Makes no call.

        The CRM's clock is that of the last answer, carried on by a monotonic clock, so that a machine whose clock was
        set since knows. An answer that took long is no difference: only what its duration does not explain counts.
        """

    def cost_of_push(self, rows: int) -> Cost:
        """Estimate what writing so many rows takes."""

    def close(self) -> None:
        """Give connections and threads back."""

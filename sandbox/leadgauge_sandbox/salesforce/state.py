"""The state of a running sandbox: the org, its sessions, jobs, limits, faults and statistics."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from leadgauge_sandbox.faults import Faults
from leadgauge_sandbox.salesforce.org import Org
from leadgauge_sandbox.salesforce.users import Credentials, Sessions

if TYPE_CHECKING:
    from leadgauge_sandbox.population import Population
    from leadgauge_sandbox.salesforce.cursors import Cursors
    from leadgauge_sandbox.salesforce.feeds.feed import Feed
    from leadgauge_sandbox.salesforce.job import Jobs
    from leadgauge_sandbox.salesforce.living import Living
    from leadgauge_sandbox.salesforce.old_jobs import OldJob

KEPT: Final = 20_000


@dataclass(slots=True)
class Statistics:
    """The calls so far."""

    calls: Counter[str] = field(default_factory=Counter)
    """Number of calls by verb and path."""
    statuses: Counter[int] = field(default_factory=Counter)
    log: list[tuple[str, str, int]] = field(default_factory=list)
    """(verb, path with query, status) of the latest calls."""
    reassigned: int = 0
    """Leads given to another owner by an assignment rule that the client did not switch off."""
    rows_written: int = 0

    def note(self, name: str, method: str, path: str, status: int) -> None:
        """Count a call."""
        self.calls[name] += 1
        self.statuses[status] += 1
        self.log.append((method, path, status))
        if len(self.log) > KEPT:
            del self.log[: KEPT // 2]


@dataclass(slots=True)
class Budget:
    """The daily limit of calls."""

    maximum: int
    used: int = 0


@dataclass(slots=True, repr=False)
class Sandbox:
    """The whole sandbox."""

    org: Org
    population: "Population"
    sessions: Sessions
    credentials: Credentials
    faults: Faults
    budget: Budget
    cursors: "Cursors"
    jobs: "Jobs"
    living: "Living"
    feed: "Feed"
    organization: str
    integration_user: str
    queue: str
    """The owner that an assignment rule gives leads to."""
    latency: float = 0.0
    old_jobs: dict[str, "OldJob"] = field(default_factory=dict)
    """Jobs of Bulk API 1.0."""
    statistics: Statistics = field(default_factory=Statistics)
    chain_limit: int = 100_000
    """Most visitor activities in one chain of page tokens."""

"""The cluster of a job: what the settings say about it, and the database that its workers open."""

from dataclasses import dataclass, field
from typing import Self

from config.cluster import ClusterOptions
from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Cluster:
    """The machines that score with this one."""

    options: ClusterOptions
    database_url: str = field(repr=False)
    """With its password: given only to worker processes that this one starts."""

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """Return the cluster that settings name, if they do."""
        return None if settings.cluster is None else cls(settings.cluster, settings.database_url)

"""What a connection reads: the CRM, and the warehouse beside it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.base import ComparesActivities, Connector
from connectors.warehouse.results import ResultsWriter
from connectors.warehouse.warehouse import Warehouse
from vocabulary.findings import Finding
from vocabulary.pages import Cursor, Page, Stream


@dataclass(frozen=True)
class Sources:
    """The streams of the CRM and of the warehouse, read alike."""

    crm: Connector
    warehouse: Warehouse | None = None

    def check(self) -> list[Finding]:
        """Check whether the warehouse can be read as the settings say; the CRM's own check is apart."""
        return self.warehouse.check() if self.warehouse else []

    def overview(self) -> list[Finding]:
        """Return how many rows of the warehouse there are, and how many cannot be used."""
        return self.warehouse.overview() if self.warehouse else []

    def streams(self) -> Sequence[Stream]:
        """Return the streams to read, in the order a pass reads them."""
        return [*self.crm.streams(), *(self.warehouse.streams() if self.warehouse else ())]

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """Yield the pages after `cursor`; see `Connector.pull`."""
        return self._of(stream).pull(stream, cursor)

    def pull_for(self, stream: Stream, leads: Sequence[str]) -> Iterator[Page]:
        """Yield what a stream has about leads that are new to the mirror; see `Connector.pull_for`."""
        return self._of(stream).pull_for(stream, leads)

    def lists_instead(self, stream: Stream, leads: int) -> bool:
        """Return whether listing the stream again takes fewer calls; see `Connector.lists_instead`."""
        return not self._in_warehouse(stream) and self.crm.lists_instead(stream, leads)

    def compared(self) -> Sequence[Stream]:
        """Return the streams whose rows can be listed by id."""
        in_crm = isinstance(self.crm, ComparesActivities)
        return [one for one in self.streams() if one.compared and (in_crm or self._in_warehouse(one))]

    def present(self, stream: Stream, since: datetime | None) -> Iterator[Page]:
        """Yield which rows there are; see `ComparesActivities.present`."""
        return self._lister(stream).present(stream, since)

    def read_again(self, stream: Stream, records: Sequence[str], since: datetime | None) -> Iterator[Page]:
        """Yield these records; see `ComparesActivities.read_again`."""
        if self.warehouse is not None and self._in_warehouse(stream):
            return self.warehouse.read_again(stream, records)
        assert isinstance(self.crm, ComparesActivities), "only these streams are compared"
        return self.crm.read_again(stream, records, since)

    def unread(self) -> Mapping[str, str]:
        """Return why streams could not be read by the last pull, by the stream's name."""
        return {**self.crm.unread(), **(self.warehouse.unread() if self.warehouse else {})}

    def left_out(self) -> list[str]:
        """Return sentences about rows of the warehouse that could not be used, and about what was not read of it."""
        if self.warehouse is None:
            return []
        labels = {stream.name: stream.label for stream in self.warehouse.streams()}
        unread = [f"{labels[name]} could not be read: {why}" for name, why in self.warehouse.unread().items()]
        return [*self.warehouse.left_out(), *unread]

    def results(self) -> ResultsWriter | None:
        """Return what writes results to the warehouse, if the settings want that."""
        return self.warehouse.results() if self.warehouse else None

    def close(self) -> None:
        """Close both."""
        self.crm.close()
        if self.warehouse is not None:
            self.warehouse.close()

    def _of(self, stream: Stream) -> Connector | Warehouse:
        return self.warehouse if self.warehouse is not None and self._in_warehouse(stream) else self.crm

    def _lister(self, stream: Stream) -> ComparesActivities | Warehouse:
        one = self._of(stream)
        assert isinstance(one, ComparesActivities | Warehouse), "only these streams are compared"
        return one

    def _in_warehouse(self, stream: Stream) -> bool:
        return self.warehouse is not None and stream.name in self.warehouse.names

"""The open leads of contacts, an object of HubSpot's: they get copies of what is written to their contact.

A lead belongs to its primary contact. It is open unless its stage is a closed one, which HubSpot calculates:
`hs_lead_is_open` and `hs_primary_contact_id` are properties of leads that others read (recorded in public integrations,
2026-11; HubSpot's documentation names neither).
"""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Any, Final

import polars as pl

from connectors.hubspot import frames
from connectors.hubspot.answers import BAD_REQUEST, NOT_FOUND, NotGranted, Rejected
from connectors.hubspot.contacts import ASSOCIATIONS_PAGE, associated
from connectors.hubspot.objects import Objects, Rows, changes
from connectors.hubspot.provisioning import Provisioner
from connectors.hubspot.streams import Reader, Timed
from connectors.hubspot.targets import OPEN_LEADS
from connectors.hubspot.transport import Transport
from connectors.hubspot.writing import Writer
from vocabulary.outputs import Output
from vocabulary.pages import Stream, plan_of
from vocabulary.provisioned import Known, Provisioned
from vocabulary.writes import Pushed, Row

logger = logging.getLogger(__name__)

STREAM: Final = Stream("open_leads", "open leads", relisted=True)
OPEN: Final = "hs_lead_is_open"
CONTACT: Final = "hs_primary_contact_id"
_FIELD: Final = "leads."
"""What the names of the copies begin with in our records, since contacts have properties of the same names."""
_EVER: Final = 1 << 60
"""Milliseconds that the first pull looks back."""


def known_of(known: Known) -> Known:
    """Return the properties of leads that are recorded, by their names on leads."""
    return {name.removeprefix(_FIELD): origin for name, origin in known.items() if name.startswith(_FIELD)}


def stream(outputs: Sequence[Output]) -> Stream:
    """Return the stream of open leads, which is read anew if other results are written."""
    return replace(STREAM, plan=plan_of([output.name for output in outputs]))


@dataclass(slots=True)
class OpenLeads:
    """Copies results of contacts onto their open leads. Thread-safe."""

    transport: Transport
    pool: Executor
    parallel: int
    outputs: Sequence[Output]
    """The results of leads that are written."""
    is_denied: bool = field(default=False, init=False)
    """Whether the token may not read or write leads, or the portal has none."""

    def provision(
        self, outputs: Sequence[Output], known: Known, adopt: Collection[str], *, dry_run: bool
    ) -> list[Provisioned]:
        """Create the properties of the copies, where the portal has leads and the token may."""
        provisioner = Provisioner(self.transport, OPEN_LEADS.type)
        return self._if_granted(lambda: provisioner.provision(outputs, known_of(known), adopt, dry_run=dry_run))

    def remove(self, outputs: Sequence[Output], known: Known, *, dry_run: bool) -> list[Provisioned]:
        """Archive the properties of the copies."""
        provisioner = Provisioner(self.transport, OPEN_LEADS.type)
        return self._if_granted(lambda: provisioner.remove(outputs, known_of(known), dry_run=dry_run))

    def _if_granted(self, act: Callable[[], list[Provisioned]]) -> list[Provisioned]:
        try:
            return [replace(one, field=f"{_FIELD}{one.field}", copies=True) for one in act()]
        except Rejected as rejected:
            self._give_up(rejected)
            return []

    def _give_up(self, rejected: Rejected) -> None:
        """Do without leads from now on, if it is because there are none for this token; raise any other refusal."""
        if not isinstance(rejected, NotGranted) and rejected.complaint.status not in {BAD_REQUEST, NOT_FOUND}:
            raise rejected
        if not self.is_denied:
            logger.warning("Open leads get no copies of the results: %s", rejected)
        self.is_denied = True

    def source(self, reader: Reader) -> Timed:
        """Return the source of the open leads that changed, with what they hold."""
        named = (CONTACT, *(output.name for output in self.outputs))
        is_open = {"propertyName": OPEN, "operator": "EQ", "value": "true"}
        objects = Objects(self.transport, OPEN_LEADS.type, named, only=(is_open,))
        return Timed(stream(self.outputs), reader, changes(objects, self._parts), _EVER)

    def _parts(self, rows: Rows) -> Mapping[str, Any]:
        contacts = pl.Series("lead", [_contact(row) for row in rows], pl.String)
        return {"copies": frames.outputs(rows, self.outputs).with_columns(contacts).drop_nulls("lead")}

    def along(self, rows: Sequence[Row], answers: Iterator[Sequence[Pushed]]) -> Iterator[Sequence[Pushed]]:
        """Yield the answers about contacts once their open leads have the same values.

        So contacts whose leads were not reached count as not answered, and are sent again.
        """
        values: dict[str, Mapping[str, Any]] = {}
        for row in rows:
            values[row.lead] = {**values.get(row.lead, {}), **row.values}
        waiting: list[Sequence[Pushed]] = []
        for batch in answers:
            waiting.append(batch)
            if sum(map(len, waiting)) >= ASSOCIATIONS_PAGE:
                self._copy(values, waiting)
                yield from waiting
                waiting = []
        self._copy(values, waiting)
        yield from waiting

    def _copy(self, values: Mapping[str, Mapping[str, Any]], answers: Sequence[Sequence[Pushed]]) -> None:
        written = [one.lead for batch in answers for one in batch if one.refusal is None and one.survivor is None]
        if self.is_denied or not written:
            return
        try:
            rows = [Row(lead, dict(values[contact])) for lead, contact in self._open(written)]
            refused = [one for batch in self._writer().push(rows) for one in batch if one.refusal]
        except NotGranted as denial:
            self._give_up(denial)
            return
        for one in refused[:1]:
            assert one.refusal is not None
            logger.warning(
                "HubSpot refused copies on %s open leads, as on %s: %s", len(refused), one.lead, one.refusal.message
            )

    def _open(self, contacts: Sequence[str]) -> list[tuple[str, str]]:
        """Return the open leads of contacts, each with its contact."""
        found = associated(self.transport, "contacts", OPEN_LEADS.type, contacts)
        ids = list(dict.fromkeys(lead for leads in found.values() for lead in leads))
        rows = Objects(self.transport, OPEN_LEADS.type, (OPEN, CONTACT)).read(ids) if ids else ()
        mine = set(contacts)
        held = [(str(row["id"]), _contact(row)) for row in rows if row["properties"].get(OPEN) == "true"]
        return [(lead, contact) for lead, contact in held if contact in mine]

    def _writer(self) -> Writer:
        decimals = {output.name: output.decimals for output in self.outputs}
        return Writer(self.transport, self.pool, self.parallel, decimals, OPEN_LEADS)


def _contact(row: Mapping[str, Any]) -> str | None:
    return row["properties"].get(CONTACT) or None

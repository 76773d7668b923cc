"""Leftovers: data and CRM fields of connections and scorecards that were removed from the settings."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from store import CrmFields, Status, Store
from vocabulary.outputs import fields_of

Named = Mapping[str, Collection[str] | None]
"""The connections in the settings, with the prefixes of their scorecards; None if those cannot be read."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """What is left of a scorecard, named by its prefix, or of a whole connection."""

    connection: str
    prefix: str | None
    """None for a whole connection."""
    leads: int
    activities: int
    fields: tuple[str, ...]
    """Fields still in the CRM, as far as the database knows."""

    @property
    def message(self) -> str:
        """What is left, in words."""
        held = f"{self.leads:,} leads with {self.activities:,} activities" if self.prefix is None else self._results
        gone = (
            "is no longer in the settings"
            if self.prefix is None
            else f"had {self._scorecard} that is no longer in the settings"
        )
        stays = f"; {len(self.fields)} fields are still in the CRM: {', '.join(self.fields)}" if self.fields else ""
        return f"{self.connection} {gone}. The database keeps {held}{stays}."

    @property
    def remedy(self) -> str:
        """What to do about it."""
        erase = "`leadgauge forget --orphans` erases what the database keeps."
        if not self.fields:
            return erase
        if self.prefix is None:
            return f"Delete the fields in the CRM, or put the connection back for `provision --remove`. {erase}"
        return f"`leadgauge provision --remove --orphans` removes the fields. {erase}"

    @property
    def _scorecard(self) -> str:
        return f"a scorecard with the prefix {self.prefix}" if self.prefix else "a scorecard without a prefix"

    @property
    def _results(self) -> str:
        return f"the results of {self.leads:,} leads"


def no_longer_written(fields: Collection[str]) -> str:
    """Return which fields keep old values, in words."""
    return f"leadgauge wrote {', '.join(fields)} before and no longer does; what they hold gets old."


WRITE_OR_REMOVE: Final = (
    "Switch them on under `outputs` in the settings (`outputs: all` writes every field), or remove them:"
    " `leadgauge provision --remove --orphans`."
)


def leftovers(store: Store, named: Named) -> list[Leftover]:
    """Return the leftovers in the database."""
    return [left for name in store.connections() for left in _of_connection(store, name, named)]


def _of_connection(store: Store, name: str, named: Named) -> Iterator[Leftover]:
    status, fields = store.status(name), store.crm_fields(name)
    if name not in named:
        others = named.keys() & set(store.connections())
        used = {one.field for other in others for one in store.crm_fields(other).list()}
        left = tuple(one.field for one in fields.list() if one.field not in used)
        counts = status.counts
        if counts.leads or counts.activities or counts.unclaimed or left or any(each.leads for each in status.outboxes):
            yield Leftover(name, None, counts.leads, counts.activities, left)
        return
    prefixes = named[name]
    if prefixes is not None:
        yield from _of_scorecards(status, fields, prefixes)


def _of_scorecards(status: Status, fields: CrmFields, prefixes: Collection[str]) -> Iterator[Leftover]:
    for prefix in dict.fromkeys(outbox.prefix for outbox in status.outboxes if outbox.prefix not in prefixes):
        mine = [outbox for outbox in status.outboxes if outbox.prefix == prefix]
        left = tuple(one.field for one in fields.list() if one.output in fields_of(prefix))
        if left or any(outbox.leads for outbox in mine):
            leads = sum(outbox.leads for outbox in mine if outbox.of == "leads")
            yield Leftover(status.connection, prefix, leads, 0, left)

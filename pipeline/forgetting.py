"""Forgetting: erase a person, or the data of connections and scorecards removed from the settings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import Any

from pipeline.handing import Work
from pipeline.lease import leased_by_name
from pipeline.leftovers import Leftover
from store import Lease, Mirror, Store
from vocabulary.rows import address_digest


@dataclass(frozen=True, slots=True)
class FoundLead:
    """A lead of one connection, and the digests of its e-mail addresses."""

    connection: str
    lead: str
    addresses: frozenset[str]


class SeveralPeople(Exception):  # noqa: N818 - named for the problem
    """An id belongs to different people in different connections."""

    exit_code = 2

    def __init__(self, named: str, found: Sequence[FoundLead]) -> None:
        places = ", ".join(one.connection for one in found)
        super().__init__(f"{named} is a different person in each of {places}. Choose one with --connection.")


def find_lead(store: Store, named: str, connection: str | None = None) -> list[FoundLead]:
    """Return a person's lead in every connection, given an id or an e-mail address.

    The id is looked up in `connection` only, if that is given, and its address in all others. The same id in several
    connections is the same person only if an address matches; otherwise `SeveralPeople` is raised.
    """
    names = store.connections()
    found = [one for name in names if connection in (None, name) if (one := _found(store, name, named))]
    addresses = [one.addresses for one in found]
    if len(found) > 1 and any(addresses) and not frozenset.intersection(*addresses):
        raise SeveralPeople(named, found)
    known = {one.connection for one in found}
    digests = sorted(frozenset[str]().union(*addresses))
    elsewhere = (_by_one_of(store, name, digests) for name in names if name not in known)
    return [*found, *(one for one in elsewhere if one)]


def waiting(store: Store, named: str) -> bool:
    """Return whether activities wait for a lead with this e-mail address, in any connection."""
    digest = address_digest(named) if "@" in named else None
    return digest is not None and any(store.mirror(name).waits_for(frozenset([digest])) for name in store.connections())


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Erases people; where a daemon has a connection, it does it."""

    store: Store
    stop: Event
    tell: Callable[[str], None]
    """Tells a person what is waited for."""
    stay_out: bool = False
    """Keep digests by which no pass of any connection stores the person again."""

    def forget(self, named: str, people: Sequence[FoundLead]) -> None:
        """Erase a person, given by an id or an e-mail address, and the leads found, from every connection."""
        digest = address_digest(named) if "@" in named else None
        known = frozenset[str]().union(*(one.addresses for one in people)) | ({digest} if digest else set())
        leads = {one.connection: one.lead for one in people}
        for name in [*leads, *(name for name in self.store.connections() if name not in leads)]:
            if name in leads or (known and (self.stay_out or self.store.mirror(name).waits_for(known))):
                self._forget_in(name, leads.get(name), known)

    def _forget_in(self, connection: str, lead: str | None, addresses: frozenset[str]) -> None:
        options = {"lead": lead, "addresses": sorted(addresses), "stay_out": self.stay_out}
        direct = partial(forget_one, self.store.mirror(connection), options)
        Work(self.store, connection, "forget", options, direct, self.tell).do(self.stop)


def forget_one(mirror: Mirror, options: Mapping[str, Any], lease: Lease) -> Mapping[str, Any]:
    """Erase a lead from a mirror, or only what waits for some addresses."""
    known, stay_out = frozenset(options["addresses"]), options["stay_out"]
    if options["lead"] is None:
        mirror.forget_addresses(known, lease, stay_out=stay_out)
    else:
        mirror.forget(options["lead"], lease, stay_out=stay_out, also=known)
    return {}


def forget_leftovers(store: Store, left: Sequence[Leftover]) -> None:
    """Erase the data of scorecards and connections that are no longer in the settings."""
    for one in left:
        with leased_by_name(store, one.connection, "forget") as lease:
            if one.prefix is None:
                store.forget_connection(one.connection, lease)
            else:
                store.forget_scorecard(one.connection, one.prefix, lease)


def _found(store: Store, name: str, named: str) -> FoundLead | None:
    if "@" in named:
        return _by_digest(store, name, address_digest(named))
    lead = store.mirror(name).resolve(named)
    return _lead(store, name, lead) if lead else _apart(store, name, named)


def _by_one_of(store: Store, name: str, digests: Sequence[str]) -> FoundLead | None:
    return next((one for digest in digests if (one := _by_digest(store, name, digest))), None)


def _by_digest(store: Store, name: str, address: str | None) -> FoundLead | None:
    lead = store.mirror(name).lead_of_address(address) if address else None
    if lead or not address:
        return _lead(store, name, lead) if lead else None
    return _apart(store, name, address)


def _lead(store: Store, name: str, lead: str) -> FoundLead:
    return FoundLead(name, lead, store.mirror(name).addresses_of(lead))


def _apart(store: Store, name: str, named: str) -> FoundLead | None:
    """Return the lead with this id or address digest that left the CRM and whose history is kept, or is excluded."""
    gone = store.mirror(name).vanished(named)
    lead = gone.lead if gone else store.excluded(name).lead_of(named)
    return _lead(store, name, lead) if lead else None

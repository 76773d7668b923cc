"""Forgetting: a person, or what the settings name no longer, out of every connection of the database."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.lease import leased_by_name
from pipeline.leftovers import Leftover
from store import Store
from vocabulary.rows import address_digest


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A lead of one connection, and the digest of its e-mail address."""

    connection: str
    lead: str
    address: str | None


class SeveralPeople(Exception):  # noqa: N818 - named for what is the matter
    """An id belongs to different people in different connections."""

    exit_code = 2

    def __init__(self, named: str, found: Sequence[Whereabouts]) -> None:
        places = ", ".join(one.connection for one in found)
        super().__init__(f"{named} is a different person in each of {places}. Say which is meant with --connection.")


def whereabouts(store: Store, named: str, connection: str | None = None) -> list[Whereabouts]:
    """Return where a person is known, by an id or an e-mail address: in `connection`, and under that address elsewhere.

    Ids mean something in one CRM only. Where an id is known in several connections, the people behind it are the same
    only where their addresses are.
    """
    names = store.connections()
    found = [one for name in names if connection in (None, name) if (one := _found(store, name, named))]
    addresses = {one.address for one in found}
    if len(found) > 1 and len(addresses) > 1:
        raise SeveralPeople(named, found)
    known = {one.connection for one in found}
    address = next(iter(addresses - {None}), None)
    elsewhere = (_by_digest(store, name, address) for name in names if address and name not in known)
    return [*found, *(one for one in elsewhere if one)]


def forget(store: Store, people: Sequence[Whereabouts]) -> None:
    """Erase a person wherever it is known."""
    for one in people:
        with leased_by_name(store, one.connection, "forget") as lease:
            store.mirror(one.connection).forget(one.lead, lease)


def forget_leftovers(store: Store, left: Sequence[Leftover]) -> None:
    """Erase what the database keeps of scorecards and connections that the settings name no longer."""
    for one in left:
        with leased_by_name(store, one.connection, "forget") as lease:
            if one.prefix is None:
                store.forget_connection(one.connection, lease)
            else:
                store.forget_scorecard(one.connection, one.prefix, lease)


def _found(store: Store, name: str, named: str) -> Whereabouts | None:
    if "@" in named:
        return _by_digest(store, name, address_digest(named))
    lead = store.mirror(name).resolve(named)
    return Whereabouts(name, lead, store.mirror(name).address_of(lead)) if lead else _vanished(store, name, named)


def _by_digest(store: Store, name: str, address: str | None) -> Whereabouts | None:
    lead = store.mirror(name).lead_of_address(address) if address else None
    if lead or not address:
        return Whereabouts(name, lead, address) if lead else None
    return _vanished(store, name, address)


def _vanished(store: Store, name: str, named: str) -> Whereabouts | None:
    """Return who left the CRM of this id, or with this digest of an address, and may come back."""
    gone = store.mirror(name).vanished(named)
    return Whereabouts(name, gone.lead, gone.address) if gone else None

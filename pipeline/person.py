"""A person, in every connection of a database."""

from typing import Any

from pipeline.forgetting import find_lead
from pipeline.lookup import UnknownLead
from store import Store
from vocabulary.rows import address_digest


def everything(store: Store, named: str, connection: str | None = None) -> dict[str, dict[str, list[Any]]]:
    """Return everything stored about a person, by connection and table; raise `UnknownLead` if there is nothing.

    The id is looked up in `connection` only, if that is given, and its address in all.
    """
    known = store.connections()
    if connection is not None and connection not in known:
        raise UnknownLead(f"The database has no connection '{connection}'. It has: {', '.join(known) or 'none'}.")
    found = find_lead(store, named, connection)
    digest = address_digest(named) if "@" in named else None
    addresses = {address for one in found for address in one.addresses} | ({digest} if digest else set())
    leads = {one.connection: one.lead for one in found}
    stored = {name: store.about(name, _ids(leads, name, named, connection), sorted(addresses)) for name in known}
    if not any(stored.values()):
        where = connection or ", ".join(known) or "no connection"
        raise UnknownLead(f"Nothing is stored about '{named}' (looked up in {where}).")
    return {name: rows for name, rows in stored.items() if rows}


def _ids(leads: dict[str, str], name: str, named: str, connection: str | None) -> list[str]:
    """Return the ids to look for: what waits for a lead that is not in the mirror has the id given."""
    if name in leads:
        return [leads[name]]
    return [named] if "@" not in named and connection in (None, name) and not leads else []

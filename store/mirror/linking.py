"""How to link to the pages of leads and accounts, so that commands need not ask the CRM."""

from dataclasses import asdict

import orjson
from sqlalchemy import Connection, select, update

from store.sql.leases import Transaction
from store.sql.schema import connections
from vocabulary.links import Links


def read(sql: Connection, connection: int) -> Links:
    """Return the links that a pass last saved; without any, nothing has a link."""
    text = sql.execute(select(connections.c.links).where(connections.c.connection == connection)).scalar_one()
    found = orjson.loads(text or "{}")
    return Links(**found) if "pages" in found else Links(found)  # older versions linked to leads only


def save(tx: Transaction, links: Links) -> None:
    """Save the links of a connection."""
    here = update(connections).where(connections.c.connection == tx.connection)
    tx.sql.execute(here.values(links=orjson.dumps(asdict(links)).decode()))

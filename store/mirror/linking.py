"""How to link to the pages of leads, so that commands need not ask the CRM."""

import orjson
from sqlalchemy import Connection, select, update

from store.sql.leases import Transaction
from store.sql.schema import connections
from vocabulary.links import Links


def read(sql: Connection, connection: int) -> Links:
    """Return the links that a pass last saved; without any, no lead has a link."""
    text = sql.execute(select(connections.c.links).where(connections.c.connection == connection)).scalar_one()
    return Links(orjson.loads(text or "{}"))


def save(tx: Transaction, links: Links) -> None:
    """Save the links of a connection."""
    here = update(connections).where(connections.c.connection == tx.connection)
    tx.sql.execute(here.values(links=orjson.dumps(dict(links.pages)).decode()))

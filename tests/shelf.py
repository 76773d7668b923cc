"""PostgreSQL databases of earlier tests, emptied for later ones: copying a database takes ten times as long."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import URL, Connection, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

KEPT = ("identity", "leadgauge_schema")
"""Tables whose rows belong to the database itself."""

_SHAPE = """
    SELECT md5(string_agg(part, '|' ORDER BY part)) FROM (
        SELECT concat('schema ', nspname, nspowner, nspacl::text) AS part FROM pg_namespace
            WHERE nspname !~ '^(pg_|information_schema)'
        UNION ALL SELECT concat('table ', relname, relkind, relowner, relacl::text, reloptions::text) FROM pg_class
            WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT concat('column ', relname, attname, atttypid, attnotnull) FROM pg_attribute
            JOIN pg_class ON attrelid = pg_class.oid WHERE relnamespace = 'public'::regnamespace AND attnum > 0
        UNION ALL SELECT concat('database ', datdba, datacl::text, datconnlimit, datallowconn) FROM pg_database
            WHERE datname = current_database()
        UNION ALL SELECT concat('setting ', setrole, setconfig::text) FROM pg_db_role_setting
            WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
        UNION ALL SELECT concat('version ', version_num) FROM public.leadgauge_schema
    ) AS parts
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL(:kept)"
_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@dataclass
class Shelf:
    """Databases that were copied from the same template and are free again."""

    shape: str
    """What tells whether a test left more than rows behind."""
    free: list[str] = field(default_factory=list)

    def give_back(self, server: URL, name: str) -> bool:
        """Empty a database and keep it; return False if it cannot be used again."""
        try:
            with alone(server, name) as connection:
                if shape_of(connection) != self.shape:
                    return False
                _empty(connection)
        except OperationalError:  # the test has dropped it, or closed it to everybody
            return False
        self.free.append(name)
        return True


@contextmanager
def alone(server: URL, name: str) -> Iterator[Connection]:
    """Open the only connection to a database."""
    url = server.set(drivername="postgresql+psycopg", database=name)
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(_OTHERS))
        yield connection


def shape_of(connection: Connection) -> str:
    """Return a digest of everything but rows."""
    return str(connection.execute(text(_SHAPE)).scalar_one())


def _empty(connection: Connection) -> None:
    names = connection.execute(text(_TABLES), {"kept": list(KEPT)}).scalars().all()
    asked = ", ".join(f'(SELECT 1 FROM "{name}" LIMIT 1)' for name in names)
    filled = [name for name, one in zip(names, connection.execute(text(f"SELECT {asked}")).one(), strict=True) if one]
    if filled:
        connection.execute(text(f"TRUNCATE {', '.join(filled)} RESTART IDENTITY"))

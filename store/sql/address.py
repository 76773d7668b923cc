"""The address of a database: an SQLite file, or a PostgreSQL server as libpq parses it."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from store.sql.errors import StoreError
from vocabulary.outside import remember

_POSTGRESQL: Final = re.compile(r"postgres(?:ql)?(?:\+psycopg)?://")
_SECRET: Final = ("password", "sslpassword")
_DEFAULTS: Final[dict[str, Any]] = {
    "connect_timeout": 10,
    "application_name": "leadgauge",
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
"""Defaults for PostgreSQL. The keepalives notice a server that disappeared within a minute."""
_NEITHER: Final = "`database:` must look like sqlite:///leadgauge.db or postgresql://user@host/name."
_NO_DRIVER: Final = (
    "`database:` names a PostgreSQL server, but its driver is missing: pip install 'leadgauge[postgres]'"
)


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a database. `name` is for display, without the password."""

    name: str
    file: Path | None = None
    """The SQLite file."""
    given: dict[str, Any] = field(default_factory=dict, repr=False)
    """For PostgreSQL: the parts and options of the address, by libpq's names."""

    @classmethod
    def parse(cls, url: str) -> Self:
        """Parse a URL. Error messages do not repeat it, since it may contain a password."""
        return cls._postgresql(url) if _POSTGRESQL.match(url) else cls._sqlite(url)

    @classmethod
    def _postgresql(cls, url: str) -> Self:
        """Let libpq parse the address, so that options, TLS and several hosts work as they do in `psql`."""
        try:
            from psycopg import ProgrammingError  # noqa: PLC0415 - slow to import, and not needed for SQLite
            from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - as above
        except ImportError:
            raise StoreError(_NO_DRIVER) from None

        try:
            given: dict[str, Any] = conninfo_to_dict(_POSTGRESQL.sub("postgresql://", url, count=1))
        except ProgrammingError as error:
            unknown = re.search(r'invalid URI query parameter: "(\w+)"', str(error))
            why = f" PostgreSQL has no option `{unknown[1]}`." if unknown else ""
            raise StoreError(f"`database:` is not a valid PostgreSQL address.{why}") from None
        for name in _SECRET:
            remember(str(given.get(name, "")))
        return cls(_shown(given), given=given)

    @classmethod
    def _sqlite(cls, url: str) -> Self:
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError):
            raise StoreError(_NEITHER) from None
        if parsed.get_backend_name() != "sqlite":
            raise StoreError(_NEITHER)
        if parsed.query:
            raise StoreError("`database:` must name only a file for SQLite; options are not supported.")
        if parsed.database in (None, "", ":memory:"):
            raise StoreError(
                "`database:` must name a file, like sqlite:///leadgauge.db; a database in memory loses its data."
            )
        assert parsed.database
        return cls(URL.create("sqlite", database=parsed.database).render_as_string(), Path(parsed.database))

    @property
    def conninfo(self) -> str:
        """The connection string for libpq."""
        from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - as above

        return make_conninfo(**{**_DEFAULTS, **self.given})

    @property
    def hosts(self) -> list[str]:
        """The host names; none for a Unix socket."""
        names = str(self.given.get("host", "")).split(",")
        return [name for name in names if name and not name.startswith(("/", "@"))]

    def sets(self, parameter: str) -> bool:
        """Return whether the address sets a server parameter through `options`."""
        name = parameter.replace("_", "[-_]")
        return re.search(rf"(?:-c\s*|--){name}\s*=", str(self.given.get("options", ""))) is not None


def _shown(given: dict[str, Any]) -> str:
    """Return the address for display, without the password."""
    user = str(given.get("user", ""))
    secret = ":***" if "password" in given else ""
    hosts, ports = str(given.get("host", "")).split(","), str(given.get("port", "")).split(",")
    at = ",".join(_place(host, (ports * len(hosts))[number]) for number, host in enumerate(hosts))
    return f"postgresql://{user}{secret}{'@' if user or secret else ''}{at}/{given.get('dbname', '')}"


def _place(host: str, port: str) -> str:
    return f"{host}:{port}" if port else host

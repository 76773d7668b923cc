"""The address of a database: SQLite's file, or a PostgreSQL as its own client reads the address."""

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
"""What an address that does not say otherwise gets; a server that is gone without a word is noticed in a minute."""
_NEITHER: Final = "`database:` must be like sqlite:///leadgauge.db or postgresql://user@host/name, and is neither."


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is: `name` is for people, without the password."""

    name: str
    file: Path | None = None
    """SQLite's file."""
    given: dict[str, Any] = field(default_factory=dict, repr=False)
    """For PostgreSQL: what the address says, by the names that libpq gives its parts and options."""

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read a URL; the message for a wrong one does not repeat it, since it may hold a password."""
        return cls._postgresql(url) if _POSTGRESQL.match(url) else cls._sqlite(url)

    @classmethod
    def _postgresql(cls, url: str) -> Self:
        """Let libpq read the address, so that it means here what it means to `psql`: options, TLS, several hosts."""
        from psycopg import ProgrammingError  # noqa: PLC0415 - who keeps the state in SQLite need not wait for it
        from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - as above

        try:
            given: dict[str, Any] = conninfo_to_dict(_POSTGRESQL.sub("postgresql://", url, count=1))
        except ProgrammingError as error:
            unknown = re.search(r'invalid URI query parameter: "(\w+)"', str(error))
            why = f" PostgreSQL knows no option `{unknown[1]}`." if unknown else ""
            raise StoreError(f"`database:` cannot be read as the address of a PostgreSQL.{why}") from None
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
            raise StoreError("`database:` must name a file of SQLite and nothing else: options are not taken.")
        if parsed.database in (None, "", ":memory:"):
            raise StoreError(
                "`database:` must name a file, like sqlite:///leadgauge.db: a database in memory forgets what it wrote."
            )
        assert parsed.database
        return cls(URL.create("sqlite", database=parsed.database).render_as_string(), Path(parsed.database))

    @property
    def conninfo(self) -> str:
        """The whole of what libpq is told."""
        from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - as above

        return make_conninfo(**{**_DEFAULTS, **self.given})

    @property
    def hosts(self) -> list[str]:
        """The names of the machines; none for a socket of this one."""
        names = str(self.given.get("host", "")).split(",")
        return [name for name in names if name and not name.startswith(("/", "@"))]

    def sets(self, parameter: str) -> bool:
        """Return whether the address sets a parameter of the server through `options`."""
        name = parameter.replace("_", "[-_]")
        return re.search(rf"(?:-c\s*|--){name}\s*=", str(self.given.get("options", ""))) is not None


def _shown(given: dict[str, Any]) -> str:
    """Return the address for people: who, where and which database."""
    user = str(given.get("user", ""))
    secret = ":***" if "password" in given else ""
    hosts, ports = str(given.get("host", "")).split(","), str(given.get("port", "")).split(",")
    at = ",".join(_place(host, (ports * len(hosts))[number]) for number, host in enumerate(hosts))
    return f"postgresql://{user}{secret}{'@' if user or secret else ''}{at}/{given.get('dbname', '')}"


def _place(host: str, port: str) -> str:
    return f"{host}:{port}" if port else host

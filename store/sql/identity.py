"""Whether the database is still the one that was opened: not deleted, not replaced, not another one of that name."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, select

from store.sql.errors import StoreError
from store.sql.schema import identity

_RESTART = (
    "Nothing was written. Put it back, or restart leadgauge to work with what is there; if that is a backup, run "
    "`leadgauge backfill --rewrite`."
)


class Replaced(StoreError):  # noqa: N818 - named for what happened
    """Where the database was there is none by now, or another one; what was open leads nowhere."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of SQLite as the system knows it: writing goes on into one that no name leads to any more."""

    path: Path
    device: int
    number: int

    @classmethod
    def at(cls, path: Path) -> Self:
        """Note which file is there now."""
        found = path.stat()
        return cls(path, found.st_dev, found.st_ino)

    def verify(self) -> None:
        """Raise `Replaced` where the name leads to no file any more, or to another one."""
        try:
            found = self.path.stat()
        except OSError as error:
            raise Replaced(f"The database {self.path} is gone ({error.strerror}). {_RESTART}") from None
        if (found.st_dev, found.st_ino) != (self.device, self.number):
            raise Replaced(f"The database {self.path} was replaced by another file under leadgauge. {_RESTART}")


def read(sql: Connection) -> str:
    """Return what tells this database from every other one."""
    return str(sql.execute(select(identity.c.id)).scalar_one())


def verify(sql: Connection, known: str, name: str) -> None:
    """Raise `Replaced` where this is not the database that is known."""
    if read(sql) != known:
        raise Replaced(f"The database {name} was replaced by another one under leadgauge. {_RESTART}")

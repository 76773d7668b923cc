"""Verifying that the database is still the one that was opened, and was not deleted or replaced."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, select

from store.sql.errors import StoreError
from store.sql.schema import identity

_RESTART = (
    "Nothing was written. Put it back, or restart leadgauge to use the current one; if that is a backup, run "
    "`leadgauge backfill --rewrite`."
)


class Replaced(StoreError):  # noqa: N818 - named for what happened
    """The database was deleted or replaced while it was open."""


@dataclass(frozen=True, slots=True)
class File:
    """The identity of an SQLite file. Without this check, writes would go to a deleted file unnoticed."""

    path: Path
    device: int
    number: int

    @classmethod
    def at(cls, path: Path) -> Self:
        """Return the identity of the current file."""
        found = path.stat()
        return cls(path, found.st_dev, found.st_ino)

    def verify(self) -> None:
        """Raise `Replaced` if the file was deleted or replaced."""
        try:
            found = self.path.stat()
        except OSError as error:
            raise Replaced(f"The database {self.path} is gone ({error.strerror}). {_RESTART}") from None
        if (found.st_dev, found.st_ino) != (self.device, self.number):
            raise Replaced(
                f"The database {self.path} was replaced by another file while leadgauge was running. {_RESTART}"
            )


def read(sql: Connection) -> str:
    """Return the unique id of this database."""
    return str(sql.execute(select(identity.c.id)).scalar_one())


def verify(sql: Connection, known: str, name: str) -> None:
    """Raise `Replaced` if the database does not have the id `known`."""
    if read(sql) != known:
        raise Replaced(f"The database {name} was replaced by another one while leadgauge was running. {_RESTART}")

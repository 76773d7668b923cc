"""The meaning of database errors, and which of them are temporary."""

from typing import Final

from sqlalchemy.exc import DBAPIError, OperationalError

from store.sql.errors import StoreError
from vocabulary.outside import clean

_SQLITE: Final = {
    "SQLITE_BUSY": "is locked by another process. Wait for it, or stop it",
    "SQLITE_LOCKED": "is locked by another process. Wait for it, or stop it",
    "SQLITE_PROTOCOL": "is locked by another process. Wait for it, or stop it",
    "SQLITE_CORRUPT": "is damaged. Restore a backup and run `leadgauge backfill --rewrite`, since the CRM knows "
    "more than the backup; or move the file away and run `leadgauge backfill` to fill a new one",
    "SQLITE_NOTADB": "is not an SQLite database, or is damaged. Check `database:` in the settings, or restore a backup "
    "and run `leadgauge backfill --rewrite`",
    "SQLITE_FULL": "has no space left on its disk. Free some space; no partial write was kept",
    "SQLITE_IOERR": "had a disk error. Check the disk and its space; no partial write was kept",
    "SQLITE_READONLY": "is not writable. Check the owner and rights of the file and its folder",
    "SQLITE_CANTOPEN": "could not be opened. Check that its folder exists and is writable",
    "SQLITE_PERM": "cannot be opened. Check the owner and rights of the file",
}
_POSTGRESQL: Final = {
    "08P01": "rejected a message. Check the options in `database:`, and the settings of a pooler in front of it",
    "08": "closed the connection. Check that the server runs and can be reached",
    "28P01": "refused the password. Check `database:` in the settings",
    "28": "refused the user: it does not exist, or pg_hba.conf does not allow it from here or without TLS",
    "3D": "does not exist on the server. Create it, or check `database:` in the settings",
    "3F": "does not have this schema. Create it, or check `search_path` in `database:`",
    "25P03": "ended a transaction that had been idle for too long. Check whether this machine was suspended",
    "25006": "is not writable: the server or the session is read-only",
    "25": "refused a transaction",
    "42501": "lacks a permission. Grant the user all rights on the database and its schema",
    "53100": "has no space left on its disk. Free some space; no partial write was kept",
    "53200": "has no memory left. Check the server's log",
    "53300": "has no connection left (max_connections, or a limit of the user or database). Raise it, or end others",
    "53": "has no resources left. Check the server's log",
    "55P03": "is locked by another process. Wait for it, or stop it",
    "57014": "cancelled a statement: it exceeded statement_timeout, or someone cancelled it. "
    "Raise the limit for this user: ALTER ROLE … SET statement_timeout = 0",
    "57P04": "was dropped. Create it, or check `database:` in the settings",
    "57P": "is shutting down or starting. Check the server",
    "58": "had a disk error. Check the disk and its space; no partial write was kept",
    "XX": "is damaged, according to the server. Check its log, restore a backup, run `leadgauge backfill --rewrite`",
}
_PASSING_SQLITE: Final = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")
_PASSING_POSTGRESQL: Final = ("08", "40001", "40P01", "53300", "55P03", "57P01", "57P02", "57P03", "57P05", "25P03")
_UNSUPPORTED: Final = "unsupported startup parameter"
"""pgbouncer's message for options that it does not support; it has no specific code."""


def passing(error: BaseException) -> bool:
    """Return whether a retry may succeed, because the database is locked, unreachable or starting."""
    if not isinstance(error, DBAPIError) or error.orig is None:
        return False
    if name := _sqlite_name(error):
        return name.startswith(_PASSING_SQLITE)
    if _permanent(error) or _UNSUPPORTED in _words(error):
        return False
    return error.connection_invalidated or _state(error).startswith(_PASSING_POSTGRESQL) or _unreachable(error)


def explained(error: DBAPIError, database: str) -> StoreError:
    """Return an error with the meaning and the remedy."""
    return StoreError(f"The database {database} {_meaning(error)}. It said: {_words(error)}")


def _meaning(error: DBAPIError) -> str:
    if name := _sqlite_name(error):
        return _first(_SQLITE, name) or "failed"
    if permanent := _permanent(error):
        return f"{permanent}. Check `database:` in the settings"
    if _UNSUPPORTED in _words(error):
        return (
            "is behind a pooler that does not support `options`. Remove them from `database:`, and set them on the "
            "server: "
            "ALTER ROLE … SET search_path = …"
        )
    if meaning := _first(_POSTGRESQL, _state(error)):
        return meaning
    if _unreachable(error):
        return "cannot be reached. Check that the server runs and `database:` in the settings"
    return "failed. Check `database:` in the settings"


def _first(meanings: dict[str, str], code: str) -> str | None:
    return next((meaning for start, meaning in meanings.items() if code.startswith(start)), None)


def _sqlite_name(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlite_errorname", "") or "")


def _state(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", "") or "")


def _unreachable(error: DBAPIError) -> bool:
    """Return whether PostgreSQL cannot be reached; such errors have no code."""
    return isinstance(error, OperationalError) and not _state(error)


def _permanent(error: DBAPIError) -> str:
    """Return the meaning of an error that no retry can fix (see `store.sql.connecting`); empty for others."""
    return str(getattr(error.orig, "meaning", ""))


def _words(error: DBAPIError) -> str:
    return clean(str(error.orig))

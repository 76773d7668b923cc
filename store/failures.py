"""What a database's errors mean, and which of them pass by themselves."""

from typing import Final

from sqlalchemy.exc import DBAPIError

from connectors.outside import clean
from store.errors import StoreError

_SQLITE: Final = {
    "SQLITE_BUSY": "is locked by another process. Wait for it, or stop it",
    "SQLITE_LOCKED": "is locked by another process. Wait for it, or stop it",
    "SQLITE_PROTOCOL": "is locked by another process. Wait for it, or stop it",
    "SQLITE_CORRUPT": "is damaged. Restore a backup, or move the file away and run `backfill` to fill a new one",
    "SQLITE_NOTADB": "is not an SQLite database, or is damaged. Check `database:` in the settings, or restore a backup",
    "SQLITE_FULL": "has no space left on its disk. Make room; nothing half-written was kept",
    "SQLITE_IOERR": "met an error of the disk. Check the disk and its space; nothing half-written was kept",
    "SQLITE_READONLY": "may not be written. Check the owner and rights of the file and its folder",
    "SQLITE_CANTOPEN": "could not be opened. Check that its folder exists and may be written",
    "SQLITE_PERM": "may not be opened. Check the owner and rights of the file",
}
_POSTGRESQL: Final = {
    "08": "broke the connection off. Check that the server runs and can be reached",
    "28": "refused the user or the password. Check `database:` in the settings",
    "3D": "does not exist on the server. Create it, or check `database:` in the settings",
    "25": "may not be written: the server or the session is read-only",
    "42501": "refuses a right that is needed. Grant the user all rights on the database and its schema",
    "53100": "has no space left on its disk. Make room; nothing half-written was kept",
    "53": "has no resources left. Look into the server's log",
    "55P03": "is locked by another process. Wait for it, or stop it",
    "57": "is shutting down or starting. Check the server",
    "XX": "is damaged, says the server. Look into its log and restore a backup",
}
_NOT_NOW: Final = ("starting up", "shutting down", "recovery", "too many", "terminating")
_PASSING_SQLITE: Final = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")
_PASSING_POSTGRESQL: Final = ("08", "40001", "40P01", "53300", "55P03", "57P", "25P03")


def passing(error: BaseException) -> bool:
    """Tell whether the same transaction may succeed in a moment: the database is locked, away, or starting."""
    if not isinstance(error, DBAPIError) or error.orig is None:
        return False
    if name := _sqlite_name(error):
        return name.startswith(_PASSING_SQLITE)
    state = _state(error)
    return error.connection_invalidated or state.startswith(_PASSING_POSTGRESQL) or _unreachable(error)


def explained(error: DBAPIError, database: str) -> StoreError:
    """Return what to tell a person about an error of the database named so."""
    return StoreError(f"The database {database} {_meaning(error)}. It said: {_words(error)}")


def _meaning(error: DBAPIError) -> str:
    if name := _sqlite_name(error):
        return _first(_SQLITE, name) or "failed"
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
    """Tell whether PostgreSQL could not be connected to for now; its client knows no code for that.

    An answer that begins with FATAL comes from a server that is there and will go on refusing, unless it says that it
    starts, stops or is full.
    """
    if type(error.orig).__name__ not in {"OperationalError", "ConnectionTimeout"} or _state(error):
        return False
    return "FATAL" not in _words(error) or any(words in _words(error) for words in _NOT_NOW)


def _words(error: DBAPIError) -> str:
    return clean(str(error.orig))

"""What a database's errors mean, and which of them pass by themselves."""

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
    "SQLITE_FULL": "has no space left on its disk. Make room; nothing half-written was kept",
    "SQLITE_IOERR": "met an error of the disk. Check the disk and its space; nothing half-written was kept",
    "SQLITE_READONLY": "may not be written. Check the owner and rights of the file and its folder",
    "SQLITE_CANTOPEN": "could not be opened. Check that its folder exists and may be written",
    "SQLITE_PERM": "may not be opened. Check the owner and rights of the file",
}
_POSTGRESQL: Final = {
    "08P01": "did not take what it was sent. Check the options in `database:`, and the settings of a pooler before it",
    "08": "broke the connection off. Check that the server runs and can be reached",
    "28P01": "refused the password. Check `database:` in the settings",
    "28": "refused the user: there is none of that name, or pg_hba.conf does not let it in from here or without TLS",
    "3D": "does not exist on the server. Create it, or check `database:` in the settings",
    "3F": "has no schema of that name. Create it, or check `search_path` in `database:`",
    "25P03": "ended a transaction that had been idle for too long. Check whether this machine was paused",
    "25006": "may not be written: the server or the session is read-only",
    "25": "refused a transaction",
    "42501": "refuses a right that is needed. Grant the user all rights on the database and its schema",
    "53100": "has no space left on its disk. Make room; nothing half-written was kept",
    "53200": "has no memory left. Look into the server's log",
    "53300": "has no connection left (max_connections, or a limit of the user or database). Raise it, or end others",
    "53": "has no resources left. Look into the server's log",
    "55P03": "is locked by another process. Wait for it, or stop it",
    "57014": "ended a statement: it took longer than statement_timeout allows, or somebody cancelled it. "
    "Raise the limit for this user: ALTER ROLE … SET statement_timeout = 0",
    "57P04": "was dropped. Create it, or check `database:` in the settings",
    "57P": "is shutting down or starting. Check the server",
    "58": "met an error of the disk. Check the disk and its space; nothing half-written was kept",
    "XX": "is damaged, says the server. Look into its log, restore a backup, and run `leadgauge backfill --rewrite`",
}
_PASSING_SQLITE: Final = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")
_PASSING_POSTGRESQL: Final = ("08", "40001", "40P01", "53300", "55P03", "57P01", "57P02", "57P03", "57P05", "25P03")
_NOT_TAKEN: Final = "unsupported startup parameter"
"""What pgbouncer, which has no code of its own for it, says to options that will never be taken."""


def passing(error: BaseException) -> bool:
    """Tell whether the same transaction may succeed in a moment: the database is locked, away, or starting."""
    if not isinstance(error, DBAPIError) or error.orig is None:
        return False
    if name := _sqlite_name(error):
        return name.startswith(_PASSING_SQLITE)
    if _hopeless(error) or _NOT_TAKEN in _words(error):
        return False
    return error.connection_invalidated or _state(error).startswith(_PASSING_POSTGRESQL) or _unreachable(error)


def explained(error: DBAPIError, database: str) -> StoreError:
    """Return what to tell a person about an error of the database named so."""
    return StoreError(f"The database {database} {_meaning(error)}. It said: {_words(error)}")


def _meaning(error: DBAPIError) -> str:
    if name := _sqlite_name(error):
        return _first(_SQLITE, name) or "failed"
    if hopeless := _hopeless(error):
        return f"{hopeless}. Check `database:` in the settings"
    if _NOT_TAKEN in _words(error):
        return (
            "is behind a pooler that takes no `options`. Take them out of `database:`, and set them on the server: "
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
    """Return whether PostgreSQL could not be connected to for now, by an error that has no code."""
    return isinstance(error, OperationalError) and not _state(error)


def _hopeless(error: DBAPIError) -> str:
    """Return what no retry will mend, as `store.sql.connecting` found out; empty for anything else."""
    return str(getattr(error.orig, "meaning", ""))


def _words(error: DBAPIError) -> str:
    return clean(str(error.orig))

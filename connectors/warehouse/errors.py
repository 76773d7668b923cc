"""What a database or a file says when it cannot be read, and what to do about it."""

from typing import Final

from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError

from connectors.base import ConfigurationError, ConnectorError, Unavailable

_ADDRESS: Final = "Write an address such as postgresql://USER:PASSWORD@HOST/NAME into the secret."
_NAMES: Final = ("no such table", "no such column", "syntax error", "no such function")
"""What SQLite says of a wrong query; it raises the error that others raise for a lost connection."""


def unopened(error: Exception, dialect: str) -> ConnectorError:
    """Return the error of an address that no connection can be made from. It never shows the address."""
    if isinstance(error, ArgumentError) and not isinstance(error, NoSuchModuleError):
        return ConfigurationError("The address of the warehouse cannot be read.", remedy=_ADDRESS)
    return ConfigurationError(
        f"The driver for the warehouse's address ({dialect}) is not installed.",
        remedy="Install the SQLAlchemy dialect of your database beside leadgauge, with its driver.",
    )


def unconnected(error: SQLAlchemyError) -> ConnectorError:
    """Return the error of a database that cannot be reached, or refuses us."""
    return Unavailable(
        "The warehouse cannot be reached.", answer=_said(error), remedy="Check its address, user and password."
    )


def unread(error: SQLAlchemyError, what: str) -> ConnectorError:
    """Return the error of a question that the database did not answer."""
    said = _said(error)
    lost = getattr(error, "connection_invalidated", False) or isinstance(error, OperationalError)
    if lost and not any(name in said for name in _NAMES):
        return Unavailable(f"The warehouse stopped answering while {what} was read.", answer=said)
    return ConfigurationError(
        f"The warehouse refused to give {what}.", answer=said, remedy="Correct the table or query, or grant SELECT."
    )


def unwritten(error: SQLAlchemyError, what: str) -> ConnectorError:
    """Return the error of a transaction that the database did not take."""
    return Unavailable(
        f"The warehouse did not take {what}.", answer=_said(error), remedy="Grant CREATE, INSERT, DELETE and SELECT."
    )


def _said(error: SQLAlchemyError) -> str:
    origin = error.orig if isinstance(error, DBAPIError) else error
    return next(iter(str(origin).strip().splitlines()), type(origin).__name__)

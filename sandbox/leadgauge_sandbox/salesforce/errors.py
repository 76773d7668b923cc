"""Salesforce's errors."""

from collections.abc import Sequence
from typing import Any, Final


class SalesforceError(Exception):
    """An error with its code and message; `status` is the HTTP status if it is the whole response."""

    def __init__(self, code: str, message: str, *, status: int = 400, fields: Sequence[str] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status, self.fields = code, message, status, fields

    def as_rest(self) -> list[dict[str, Any]]:
        """Return the body of a REST response: always a list."""
        body: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        return [body if self.fields is None else body | {"fields": list(self.fields)}]

    def as_save_error(self) -> dict[str, Any]:
        """Return the error of one row in a collection, where the code is called `statusCode`."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields or ())}

    def as_bulk(self) -> str:
        """Return the error as the `sf__Error` cell of a bulk job's failed rows."""
        return f"{self.code}:{self.message}:{', '.join(self.fields or ())} --"


NOT_FOUND: Final = ("NOT_FOUND", "The requested resource does not exist")
ROLLED_BACK: Final = (
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)


def not_found() -> SalesforceError:
    """Return the error for an unknown path."""
    return SalesforceError(*NOT_FOUND, status=404)


def no_external_id(name: str) -> SalesforceError:
    """Return the error for a key that is neither an id nor an external id field."""
    message = f"Provided external ID field does not exist or is not accessible: {name}"
    return SalesforceError("NOT_FOUND", message, status=404)


def rolled_back() -> SalesforceError:
    """Return the error for a valid row rolled back because another failed."""
    return SalesforceError(*ROLLED_BACK)


def entity_is_deleted() -> SalesforceError:
    """Return the error for a record in the recycle bin."""
    return SalesforceError("ENTITY_IS_DELETED", "entity is deleted", status=404, fields=())


def method_not_allowed(method: str, allowed: str) -> SalesforceError:
    """Return the error for a verb that a path does not support."""
    return SalesforceError(
        "METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed. Allowed are {allowed}", status=405
    )

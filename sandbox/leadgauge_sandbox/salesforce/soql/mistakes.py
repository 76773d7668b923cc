"""Salesforce's error messages for queries, with a caret below the place of the error."""

from typing import Final

from leadgauge_sandbox.salesforce.errors import SalesforceError

BEFORE: Final = 32
AFTER: Final = 40
"""How much of the query is shown around the error."""


def malformed(text: str, at: int, message: str) -> SalesforceError:
    """Return the error for a query that cannot be parsed."""
    return SalesforceError("MALFORMED_QUERY", _shown(text, at) + message)


def plainly_malformed(message: str) -> SalesforceError:
    """Return the error for a malformed query, without a position."""
    return SalesforceError("MALFORMED_QUERY", message)


def invalid_field(text: str, at: int, message: str) -> SalesforceError:
    """Return the error for a query that uses a field incorrectly."""
    return SalesforceError("INVALID_FIELD", _shown(text, at) + message)


def no_such_column(text: str, at: int, field: str, entity: str) -> SalesforceError:
    """Return the error for a field that does not exist or is not visible to the user."""
    return invalid_field(
        text,
        at,
        f"No such column '{field}' on entity '{entity}'. If you are attempting to use a custom field, be sure to "
        "append the '__c' after the custom field name. Please reference your WSDL or the describe call for the "
        "appropriate names.",
    )


def no_such_relation(text: str, at: int, relation: str, entity: str) -> SalesforceError:
    """Return the error for a relationship that does not exist."""
    return invalid_field(
        text,
        at,
        f"Didn't understand relationship '{relation}' in field path. If you are attempting to use a custom "
        "relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or "
        f"the describe call for the appropriate names. (entity '{entity}')",
    )


def no_such_object(text: str, at: int, name: str) -> SalesforceError:
    """Return the error for an object that does not exist."""
    return SalesforceError(
        "INVALID_TYPE",
        f"{_shown(text, at)}sObject type '{name}' is not supported. If you are attempting to use a custom object, be "
        "sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the "
        "appropriate names.",
    )


def _shown(text: str, at: int) -> str:
    start = max(0, at - BEFORE)
    line = text[start : at + AFTER].replace("\n", " ")
    row = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return f"\n{line}\n{' ' * (at - start)}^\nERROR at Row:{row}:Column:{column}\n"

"""Makes writers for calls: the user, assignment rules, and faults."""

from collections.abc import Mapping
from typing import Any

from leadgauge_sandbox.faults import hostile
from leadgauge_sandbox.salesforce.calls import Call
from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.org import RIGHTS
from leadgauge_sandbox.salesforce.schema.sobject import SObject
from leadgauge_sandbox.salesforce.state import Sandbox
from leadgauge_sandbox.salesforce.writer import Writer


def writer_for(sandbox: Sandbox, call: Call) -> Writer:
    """Return a writer for a REST call."""
    headers = call.headers
    rules_run = headers.get("sforce-auto-assign", "true").strip().lower() != "false"
    allowed = "allowsave=true" in headers.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()
    return make_writer(sandbox, call, rules_run=rules_run, duplicates_allowed=allowed)


def make_writer(sandbox: Sandbox, call: Call, *, rules_run: bool, duplicates_allowed: bool) -> Writer:
    """Return a writer for any call."""

    def assign() -> str | None:
        """Count an assignment and return the new owner, as an assignment rule does."""
        if not rules_run:
            return None
        sandbox.statistics.reassigned += 1
        return sandbox.queue

    def refuse(sobject: SObject, values: Mapping[str, Any]) -> SalesforceError | None:
        sandbox.statistics.rows_written += 1
        return _refusal(sandbox, sobject, values, duplicates_allowed=duplicates_allowed)

    return Writer(call.view(sandbox), assign, refuse)


def _refusal(
    sandbox: Sandbox, sobject: SObject, values: Mapping[str, Any], *, duplicates_allowed: bool
) -> SalesforceError | None:
    """Return the error of a lock, validation rule or duplicate rule for a row."""
    faults = sandbox.faults
    if sobject.name in RIGHTS and faults.active("no-permission-sets") is not None:
        return SalesforceError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", fields=())
    if sobject.name not in ("Lead", "Contact"):
        return None
    identifier = values.get("Id")
    if faults.strikes("row-lock"):
        message = f"unable to obtain exclusive access to this record or 1 records: {identifier or ''}"
        return SalesforceError("UNABLE_TO_LOCK_ROW", message, fields=())
    rule = faults.active("validation")
    if rule is not None and identifier is not None and _key(sandbox, identifier) % 10 == int(rule.number(7)):
        polite = "The sales operations team has locked this record"
        message = polite if faults.active("hostile") is None else hostile(None)
        return SalesforceError("FIELD_CUSTOM_VALIDATION_EXCEPTION", message, fields=())
    if not duplicates_allowed and faults.strikes("duplicates"):
        message = "Use one of these records?"
        return SalesforceError("DUPLICATES_DETECTED", message, fields=())
    return None


def _key(sandbox: Sandbox, identifier: str) -> int:
    found = sandbox.org.record(identifier)
    key = None if found is None else found[0].value(found[1], "Person_Key__c")
    return -1 if key is None else int(key)

"""Switches faults on, and applies those that change the org's records."""

from typing import Any, Final

from leadgauge_sandbox.faults import Fault
from leadgauge_sandbox.salesforce.state import Sandbox

TIED: Final = ("Lead", "Contact")


def set_fault(sandbox: Sandbox, name: str, argument: object = None, **limits: Any) -> None:
    """Switch a fault on, with the limits of `Fault`; raises `UnknownFault`."""
    fault = sandbox.faults.set(name, argument, **limits)
    if name == "ties":
        _tie(sandbox, fault)


def _tie(sandbox: Sandbox, fault: Fault) -> None:
    """Stamp records as a mass update in one transaction does."""
    at = sandbox.org.clock.second()
    for name in TIED:
        table = sandbox.org.tables[name]
        for row in range(min(len(table), int(fault.number(len(table))))):
            table.update(row, {"SystemModstamp": at, "LastModifiedDate": at})

"""Switches faults on, and does at once to the org's records what some of them stand for."""

from typing import Final

from sandbox.salesforce.state import Sandbox

TIED: Final = ("Lead", "Contact")


def set_fault(
    sandbox: Sandbox, name: str, argument: float | None = None, *, times: int | None = None, path: str = ""
) -> None:
    """Switch a fault on; raises UnknownFault."""
    sandbox.faults.set(name, argument, times=times, path=path)
    if name == "ties":
        _tie(sandbox, argument)


def read_faults(sandbox: Sandbox, spelled: str) -> None:
    """Switch on the faults spelled `NAME,NAME:ARG,…`; raises UnknownFault."""
    for each in filter(None, (part.strip() for part in spelled.split(","))):
        sandbox.faults.read(each)
        name, _, argument = each.partition(":")
        if name == "ties":
            _tie(sandbox, float(argument) if argument else None)


def _tie(sandbox: Sandbox, most: float | None) -> None:
    """Stamp records as one transaction of a mass update would."""
    at = sandbox.org.clock.second()
    for name in TIED:
        table = sandbox.org.tables[name]
        for row in range(len(table) if most is None else min(len(table), int(most))):
            table.update(row, {"SystemModstamp": at, "LastModifiedDate": at})

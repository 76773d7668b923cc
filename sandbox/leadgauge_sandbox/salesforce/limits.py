"""`/limits`, the versions, and the list of resources."""

from typing import Any, Final

from leadgauge_sandbox.salesforce.calls import Call, Reply, reply
from leadgauge_sandbox.salesforce.errors import SalesforceError, not_found
from leadgauge_sandbox.salesforce.state import Sandbox

FIRST, LAST = 31, 67
"""Oldest and newest API version; 31 to 40 are removed in summer 2028: Salesforce help article 005321531 (2026-11)."""
_SEASONS: Final = ("Winter '{}", "Spring '{}", "Summer '{}")
_WINTER_15: Final = 32
RESOURCES: Final = ("tooling", "query", "queryAll", "search", "sobjects", "limits", "jobs", "composite", "recent")
_FIXED: Final = {
    "ConcurrentAsyncGetReportInstances": 200,
    "DailyAsyncApexExecutions": 250_000,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyBulkV2QueryJobs": 10_000,
    "DailyGenericStreamingApiEvents": 10_000,
    "DailyStreamingApiEvents": 10_000,
    "DataStorageMB": 5_120,
    "FileStorageMB": 20_480,
    "HourlyAsyncReportRuns": 1_200,
    "MassEmail": 5_000,
    "SingleEmail": 5_000,
}


def limits(sandbox: Sandbox, _call: Call) -> Reply:
    """Return what is left of each limit."""
    budget = sandbox.budget
    daily = {"Max": budget.maximum, "Remaining": max(0, budget.maximum - budget.used)}
    fixed: dict[str, Any] = {name: {"Max": most, "Remaining": most} for name, most in _FIXED.items()}
    fixed["DailyBulkV2QueryJobs"]["Remaining"] -= sandbox.jobs.queries_started
    most, used = sandbox.feed.deliveries.maximum, sandbox.feed.deliveries.used
    feed = {"DailyDeliveredPlatformEvents": {"Max": most, "Remaining": max(0, most - used)}}
    return reply(dict(sorted({"DailyApiRequests": daily, **feed, **fixed}.items())))


def record_count(sandbox: Sandbox, call: Call) -> Reply:
    """Return the approximate record counts of the objects in `?sObjects=`, or of all."""
    view = call.view(sandbox)
    wanted = [name.strip() for name in call.parameters.get("sObjects", "").split(",") if name.strip()]
    found = [view.find(name) for name in wanted] if wanted else view.all()
    counted = [each for each in found if each is not None and not each.virtual]
    return reply({"sObjects": [{"count": len(sandbox.org.tables[each.name]), "name": each.name} for each in counted]})


def versions(_sandbox: Sandbox, _call: Call) -> Reply:
    """List the API versions."""
    return reply([_version(number) for number in range(FIRST, LAST + 1)])


def _version(number: int) -> dict[str, str]:
    year, season = divmod(number - _WINTER_15, 3)
    return {"label": _SEASONS[season].format(15 + year), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}


def resources(sandbox: Sandbox, call: Call) -> Reply:
    """List the resources of an API version."""
    base = f"/services/data/v{call.version}"
    return reply(
        {name: f"{base}/{name}" for name in RESOURCES}
        | {"identity": f"{call.base}/id/{sandbox.organization}/{call.user}"}
    )


def recent(_sandbox: Sandbox, _call: Call) -> Reply:
    """List the recently viewed records: an integration user has none."""
    return reply([])


def check_version(version: str) -> None:
    """Refuse an API version that is unknown or retired."""
    number, _, minor = version.partition(".")
    if not number.isdigit() or minor != "0" or int(number) > LAST:
        raise not_found()
    if int(number) < FIRST:
        message = f"API version {version} is retired. Please use a later version."
        raise SalesforceError("UNSUPPORTED_API_VERSION", message, status=410)

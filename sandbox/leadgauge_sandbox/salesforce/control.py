"""The control API: `/_sandbox/…` counts calls, switches faults, moves the clock and lets people act."""

import random
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from leadgauge_sandbox.catalogue import PLACES
from leadgauge_sandbox.population import Activity
from leadgauge_sandbox.salesforce import identifiers
from leadgauge_sandbox.salesforce.calls import Call, Reply, reply, route
from leadgauge_sandbox.salesforce.consequences import consequences
from leadgauge_sandbox.salesforce.currencies import enable
from leadgauge_sandbox.salesforce.deeds import KINDS, Deeds
from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.mischief import set_fault
from leadgauge_sandbox.salesforce.org import Org
from leadgauge_sandbox.salesforce.persons import make_person
from leadgauge_sandbox.salesforce.relations import relate
from leadgauge_sandbox.salesforce.state import Sandbox, Statistics
from leadgauge_sandbox.salesforce.table import Table
from leadgauge_sandbox.salesforce.tracking import track
from leadgauge_sandbox.salesforce.values import read_value


def _mistake(message: str) -> SalesforceError:
    return SalesforceError("SANDBOX", message)


def stats(sandbox: Sandbox, _call: Call) -> Reply:
    """Return the calls by path and by status since the start or the last reset."""
    found = sandbox.statistics
    return reply(
        {
            "total": sum(found.calls.values()),
            "calls": dict(found.calls),
            "statuses": {str(status): count for status, count in found.statuses.items()},
            "reassigned": found.reassigned,
            "rows_written": found.rows_written,
            "sign_ins": sandbox.sessions.started,
            "refused_sign_ins": sandbox.sessions.refused,
        }
    )


def reset(sandbox: Sandbox, _call: Call) -> Reply:
    """Reset the counts."""
    sandbox.statistics = Statistics()
    return reply({})


def log(sandbox: Sandbox, _call: Call) -> Reply:
    """List the latest calls."""
    entries = sandbox.statistics.log
    return reply({"log": [{"method": method, "path": path, "status": status} for method, path, status in entries]})


def faults(sandbox: Sandbox, _call: Call) -> Reply:
    """Return the faults that are on, and all known ones."""
    return reply(sandbox.faults.told())


def switch_fault(sandbox: Sandbox, call: Call) -> Reply:
    """Switch a fault on: {"name", "argument"?, "times"?, "path"?, "skip"?, "each"?}."""
    wish = call.fields()
    limits = {name: wish[name] for name in ("times", "path", "skip", "each") if wish.get(name) is not None}
    try:
        set_fault(sandbox, str(wish.get("name")), wish.get("argument"), **limits)
    except ValueError as error:
        raise _mistake(str(error)) from None
    return faults(sandbox, call)


def clear_faults(sandbox: Sandbox, call: Call) -> Reply:
    """Switch one fault off, or all of them."""
    wish = call.fields() if call.body else {}
    sandbox.faults.clear(wish.get("name"))
    return faults(sandbox, call)


def clock(sandbox: Sandbox, _call: Call) -> Reply:
    """Return the time, in milliseconds since 1970."""
    return reply({"now": int(sandbox.org.clock.now().timestamp() * 1000)})


def move_clock(sandbox: Sandbox, call: Call) -> Reply:
    """Hold the clock (`hold`: true or milliseconds since 1970), or move it forward (`advance`: milliseconds)."""
    wish = call.fields()
    if "hold" in wish:
        at = wish["hold"]
        sandbox.org.clock.hold(None if at is True else datetime.fromtimestamp(int(at) / 1000, UTC))
    if "advance" in wish:
        sandbox.org.clock.advance(int(wish["advance"]) / 1000)
    return clock(sandbox, call)


def step(sandbox: Sandbox, call: Call) -> Reply:
    """Move the clock forward by some milliseconds (`by`) and let the population act in that time."""
    sandbox.org.clock.advance(int(call.fields().get("by", 0)) / 1000)
    changes = sandbox.living.step(sandbox.faults)
    return reply({"changes": dict(Counter(type(change).__name__ for change in changes))})


def latency(sandbox: Sandbox, call: Call) -> Reply:
    """Set the delay of every call: {"seconds"}."""
    sandbox.latency = float(call.fields().get("seconds", 0))
    return reply({"seconds": sandbox.latency})


def credentials(sandbox: Sandbox, call: Call) -> Reply:
    """Return what a client needs to sign in."""
    return reply({"base_url": call.base, **sandbox.credentials.as_json()})


def sessions(sandbox: Sandbox, call: Call) -> Reply:
    """Set how long sessions last (`seconds`), and end all open ones (`end`)."""
    wish = call.fields()
    if "seconds" in wish:
        sandbox.sessions.lasting = timedelta(seconds=float(wish["seconds"]))
    if wish.get("end"):
        sandbox.sessions.end()
    return reply({"seconds": sandbox.sessions.lasting.total_seconds()})


def budget(sandbox: Sandbox, call: Call) -> Reply:
    """Set the daily calls: {"maximum"?, "used"?}; and the most rows of a chain of Pardot pages (`chain`)."""
    wish = call.fields()
    sandbox.budget.maximum = int(wish.get("maximum", sandbox.budget.maximum))
    sandbox.budget.used = int(wish.get("used", sandbox.budget.used))
    sandbox.chain_limit = int(wish.get("chain", sandbox.chain_limit))
    return reply({"maximum": sandbox.budget.maximum, "used": sandbox.budget.used, "chain": sandbox.chain_limit})


def jobs(sandbox: Sandbox, call: Call) -> Reply:
    """Set how many seconds a bulk job takes: {"delay"}."""
    sandbox.jobs.delay = float(call.fields().get("delay", 0))
    return reply({"delay": sandbox.jobs.delay})


def hide(sandbox: Sandbox, call: Call) -> Reply:
    """Hide fields such as `Lead.Budget__c` from users without a permission set for them: {"fields": […]}."""
    names = [str(name) for name in call.fields().get("fields", [])]
    sandbox.org.guarded.update(names)
    return reply({"guarded": sorted(sandbox.org.guarded)})


def set_rights(sandbox: Sandbox, call: Call) -> Reply:
    """Take rights away from the integration user: {"unseen": ["Task"], "reads_only": true}."""
    wish, org = call.fields(), sandbox.org
    org.unseen = {str(name) for name in wish.get("unseen", [])}
    org.reads_only = bool(wish.get("reads_only"))
    return reply({"unseen": sorted(org.unseen), "reads_only": org.reads_only})


def set_currencies(sandbox: Sandbox, call: Call) -> Reply:
    """Set the org's currencies and rates: {"corporate": "EUR", "rates": {"USD": 1.25}}."""
    wish = call.fields()
    enable(sandbox.org, str(wish["corporate"]), wish.get("rates", {}), sandbox.integration_user)
    return reply({})


def refer(sandbox: Sandbox, call: Call) -> Reply:
    """Make a flow of the org use fields such as `Lead.Lead_Score__c`: {"fields": […]}."""
    sandbox.org.referenced.update(str(name) for name in call.fields().get("fields", []))
    return reply({"referenced": sorted(sandbox.org.referenced)})


def convert(sandbox: Sandbox, call: Call) -> Reply:
    """Convert a lead: {"lead": id, "contact"?: id of an existing one, "opportunity"?: false for none}."""
    wish = call.fields()
    contact = identifiers.normalise(str(wish["contact"])) if "contact" in wish else None
    made = bool(wish.get("opportunity", True))
    at = sandbox.org.clock.second()
    return reply(sandbox.living.convert(str(wish.get("lead")), at, contact=contact, opportunity=made))


def merge(sandbox: Sandbox, call: Call) -> Reply:
    """Merge two records of one object: {"survivor": id, "loser": id}."""
    wish = call.fields()
    (table, survivor), (other, loser) = (_found(sandbox.org, str(wish.get(name))) for name in ("survivor", "loser"))
    if table is not other:
        raise _mistake("Only records of one object can be merged.")
    sandbox.living.merge(table, survivor, loser, sandbox.org.clock.second())
    return reply({})


def person(sandbox: Sandbox, call: Call) -> Reply:
    """Turn a contact and its account into a person account: {"contact": id}."""
    _, row = _found(sandbox.org, str(call.fields().get("contact")))
    return reply({"account": make_person(sandbox.org, row)})


def delete(sandbox: Sandbox, call: Call) -> Reply:
    """Move a record to the recycle bin: {"id"}."""
    table, row = _found(sandbox.org, str(call.fields().get("id")))
    sandbox.living.delete(table, row, sandbox.org.clock.second())
    return reply({})


def restore(sandbox: Sandbox, call: Call) -> Reply:
    """Restore a record from the recycle bin: {"id"}."""
    table, row = _found(sandbox.org, str(call.fields().get("id")))
    sandbox.living.restore(table, row, sandbox.org.clock.second())
    return reply({})


def erase(sandbox: Sandbox, call: Call) -> Reply:
    """Delete a record permanently, as emptying the recycle bin does: {"id"}."""
    table, row = _found(sandbox.org, str(call.fields().get("id")))
    sandbox.living.erase(table, row)
    return reply({})


def deed(sandbox: Sandbox, call: Call) -> Reply:
    """Let people change records that a seed picks: {"kind", "seed"}."""
    wish = call.fields()
    if wish.get("kind") not in KINDS:
        raise _mistake(f"Unknown kind: {wish}. There are: {', '.join(KINDS)}")
    Deeds(sandbox.living, random.Random(wish.get("seed")), sandbox.org.clock.second()).do(str(wish["kind"]))
    return reply({})


def change(sandbox: Sandbox, call: Call) -> Reply:
    """Change a record now as another user: {"id", "values": {…}}; times and dates in ISO format."""
    wish = call.fields()
    table, row = _found(sandbox.org, str(wish.get("id")))
    at = sandbox.org.clock.second()
    seller = sandbox.living.setting.seller
    stamps = {"LastModifiedById": seller, "LastModifiedDate": at, "SystemModstamp": at}
    given = {name: read_value(table.sobject.fields[name], value) for name, value in wish.get("values", {}).items()}
    look = partial(_as_it_will_be, table, row, given)
    values = consequences(table.sobject.name, given, look, sandbox.org.clock.now()) | given

    def work() -> None:
        track(sandbox.org, table, row, values, seller, at)
        table.update(row, values | {name: stamp for name, stamp in stamps.items() if name in table.sobject.fields})
        relate(sandbox.org, table, row, values, seller, at)

    sandbox.living.commit(sandbox.faults, at, work)
    return reply({})


def _as_it_will_be(table: Table, row: int, values: Mapping[str, Any], name: str) -> Any:
    return values[name] if name in values else table.value(row, name)


def act(sandbox: Sandbox, call: Call) -> Reply:
    """Let a person do something now: {"person": number, "kind", "name"?, "seconds"?}."""
    wish = call.fields()
    places = [
        number
        for number, place in enumerate(PLACES)
        if place.kind == wish.get("kind") and wish.get("name") in (None, place.name)
    ]
    if not places:
        raise _mistake(f"Unknown kind or name: {wish}")
    at = sandbox.org.clock.second()
    activity = Activity(int(wish["person"]), places[0], int(at.timestamp() * 1000), wish.get("seconds"))
    sandbox.living.act(activity, at)
    return reply({})


def _found(org: Org, identifier: str) -> tuple[Table, int]:
    found = org.record(identifiers.normalise(identifier) or "")
    if found is None:
        raise _mistake(f"There is no record {identifier}.")
    return found


ROUTES: Final = (
    route("/_sandbox/stats", get=stats, delete=reset),
    route("/_sandbox/log", get=log),
    route("/_sandbox/faults", get=faults, post=switch_fault, delete=clear_faults),
    route("/_sandbox/clock", get=clock, post=move_clock),
    route("/_sandbox/step", post=step),
    route("/_sandbox/latency", post=latency),
    route("/_sandbox/credentials", get=credentials),
    route("/_sandbox/sessions", post=sessions),
    route("/_sandbox/budget", post=budget),
    route("/_sandbox/jobs", post=jobs),
    route("/_sandbox/hidden", post=hide),
    route("/_sandbox/rights", post=set_rights),
    route("/_sandbox/referenced", post=refer),
    route("/_sandbox/currencies", post=set_currencies),
    route("/_sandbox/convert", post=convert),
    route("/_sandbox/merge", post=merge),
    route("/_sandbox/person", post=person),
    route("/_sandbox/delete", post=delete),
    route("/_sandbox/restore", post=restore),
    route("/_sandbox/erase", post=erase),
    route("/_sandbox/deeds", post=deed),
    route("/_sandbox/change", post=change),
    route("/_sandbox/activities", post=act),
)

"""Writes the same values to the same leads with leadgauge and with the bulk helpers of the vendors' clients.

    python -m bench.writing [--crm hubspot salesforce] [--leads 3000]

All write to a sandbox over HTTP, each another score, which is then read back from all leads. A line for each says what
it took, without importing its libraries.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bench.contenders import common
from bench.contest import Arena, Contender, arena, line
from bench.hubspot import OUTPUTS, rows
from bench.pulling import Job, hubspot, hubspot_job, salesforce, salesforce_job
from connectors.salesforce.fields import field_name
from vocabulary.writes import Row

WRITTEN = tuple(output for output in OUTPUTS if output.type != "time")
OURS = Contender("leadgauge", "bench.writing", "write")
CONTENDERS: Mapping[str, Sequence[Contender]] = {
    "hubspot": (OURS, Contender("hubspot-api-client_batch_update", "clients.py", "hubspot-writes")),
    "salesforce": (
        OURS,
        Contender("simple-salesforce_bulk", "clients.py", "bulk_update"),
        Contender("simple-salesforce_bulk2", "clients.py", "bulk2_update"),
    ),
}
SEEN = ("lead_score", "lead_score_reasons")
OBJECTS = {"00Q": "Lead", "003": "Contact"}
Connect = Callable[[Job], Any]
CONNECTORS: Mapping[str, tuple[Callable[[Arena], Job], Connect]] = {
    "hubspot": (hubspot_job, hubspot),
    "salesforce": (salesforce_job, lambda job: salesforce(job, OUTPUTS)),
}


def write(job: Job) -> None:
    """Write as a pass of leadgauge does, from rows of its outbox."""
    given = [Row(one["lead"], one["values"]) for one in job["rows"]]
    with common.measured(job, "leadgauge") as ids:
        connector = CONNECTORS[job["crm"]][1](job)
        answers = [answer for batch in connector.push(given) for answer in batch]
        connector.close()
        ids["people"] = [answer.lead for answer in answers if answer.refusal is None]


def asked(crm: str, written: Sequence[Row]) -> Job:
    """Return the rows as leadgauge gets them, and as the client of this CRM does."""
    told: Job = {"rows": [{"lead": row.lead, "values": dict(row.values)} for row in written]}
    if crm == "salesforce":
        told["objects"] = {name: [] for name in OBJECTS.values()}
        for row in written:
            values = {field_name(name): value for name, value in row.values.items()}
            told["objects"][OBJECTS[row.lead[:3]]].append({"Id": row.lead, **values})
    return told


def contest(crm: str, place: Arena) -> Iterator[str]:
    """Let all contenders write; yield their lines."""
    make, connect = CONNECTORS[crm]
    job = {**make(place), "crm": crm, "url": place.url}
    connector = connect(job)
    connector.provision(OUTPUTS)
    streams = [stream for stream in connector.streams() if stream.lists]
    leads = [lead for stream in streams for page in connector.pull(stream, None) for lead in page.leads["lead"]]
    for number, contender in enumerate(CONTENDERS[crm], 1):
        given = rows(leads, number)
        done = place.run(contender, {**job, **asked(crm, given)})
        held = connector.read(leads, SEEN)
        wanted = {row.lead: {name: row.values[name] for name in SEEN} for row in given}
        if wrong := [lead for lead in leads if dict(held[lead]) != wanted[lead]]:
            raise SystemExit(f"{contender.name} did not write {len(wrong)} of {len(leads)}: {held[wrong[0]]}")
        yield line("writing", contender, done, crm=crm, rows=len(leads), fields=len(WRITTEN))
    connector.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--crm", nargs="+", choices=list(CONTENDERS), default=list(CONTENDERS))
    parser.add_argument("--leads", type=int, default=3_000)
    parser.add_argument("--contend", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.contend:
        write(json.load(sys.stdin))
        return
    for crm in given.crm:
        with arena(crm, given.leads) as place:
            for told in contest(crm, place):
                print(told, flush=True)


if __name__ == "__main__":
    main()

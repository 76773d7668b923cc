"""Contenders: Singer taps, run as their commands do, with the messages written to a file."""

import contextlib
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from common import Job, measured, only

START = "2015-01-01T00:00:00Z"
STREAMS = {"people": "contacts", "accounts": "companies"}


def hubspot(job: Job) -> None:
    """Read with Meltano's tap-hubspot: it lists each object with all properties.

    It discovers only the streams that are read: some of the others do not exist in the sandbox, and each costs a call.
    """
    from tap_hubspot import streams  # noqa: PLC0415 - each tap has an environment of its own
    from tap_hubspot.tap import TapHubspot  # noqa: PLC0415 - as above

    class Chosen(TapHubspot):
        def discover_streams(self) -> list[Any]:
            known = {"people": streams.ContactStream, "accounts": streams.CompanyStream}
            return [known[what](self) for what in job["whats"]]

    config = {"access_token": job["token"], "start_date": START}
    out = Path(job["folder"]) / "messages.jsonl"
    with measured(job, "meltano-tap-hubspot", "singer-sdk") as ids:
        with _written_to(out):
            Chosen(config=config, parse_env_config=False).sync_all()
        for what in job["whats"]:
            ids[what] = lambda what=what: [one["id"] for one in _records(out, STREAMS[what])]


def salesforce(job: Job) -> None:
    """Read with Singer's tap-salesforce: the same fields of each object, without those of related records."""
    import tap_salesforce  # noqa: PLC0415 - as above

    folder = Path(job["folder"])
    out, config, catalog = folder / "messages.jsonl", folder / "config.json", folder / "catalog.json"
    access = {"client_id": job["key"], "client_secret": job["secret"], "refresh_token": job["refresh"]}
    options = {"start_date": START, "api_type": job["api"], "select_fields_by_default": "false", "is_sandbox": "false"}
    config.write_text(json.dumps(access | options))
    with measured(job, "tap-salesforce") as ids:
        found = io.StringIO()
        with contextlib.redirect_stdout(found):
            _run(tap_salesforce.main, "--config", config, "--discover")
        streams = json.loads(found.getvalue())["streams"]
        wanted = {query["object"]: query["columns"] for query in job["queries"].values()}
        streams = [one for one in streams if one["tap_stream_id"] in wanted]
        for one in streams:
            _select_fields(one, wanted[one["tap_stream_id"]])
        catalog.write_text(json.dumps({"streams": streams}))
        with _written_to(out):
            _run(tap_salesforce.main, "--config", config, "--properties", catalog)
        for what, query in job["queries"].items():
            ids[what] = lambda name=query["object"]: [one["Id"] for one in _records(out, name)]


def _run(main: Any, *words: Any) -> None:
    sys.argv = ["tap", *map(str, words)]
    main()


def _select_fields(stream: dict[str, Any], columns: list[str]) -> None:
    for entry in stream["metadata"]:
        name = entry["breadcrumb"][-1] if entry["breadcrumb"] else None
        entry["metadata"]["selected"] = name is None or name in columns
        if name is None:
            entry["metadata"] |= {"replication-method": "INCREMENTAL", "replication-key": "SystemModstamp"}


@contextlib.contextmanager
def _written_to(file: Path) -> Iterator[None]:
    with file.open("w", encoding="utf-8") as out, contextlib.redirect_stdout(out):
        yield


def _records(file: Path, stream: str) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            message = json.loads(line)
            if message["type"] == "RECORD" and message["stream"] == stream:
                yield message["record"]


WAYS = {"hubspot": hubspot, "salesforce": salesforce}

if __name__ == "__main__":
    only(WAYS)

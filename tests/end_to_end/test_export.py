"""`export` prints everything stored about a person, from every table and connection."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import create_engine, inspect, text

from pipeline.passes import BACKFILL
from tests.stage import Stage

Open = Callable[..., Stage]


def exported(stage: Stage, named: str) -> dict[str, Any]:
    done = stage.leadgauge("export", named)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["connections"]["main"]
    return found


def test_every_row_that_names_the_person_is_printed(crm: Open) -> None:
    stage = crm(60)
    stage.provision()
    stage.do(BACKFILL)
    address, lead = next(iter(stage.addresses().items()))
    found = exported(stage, lead)
    assert found == exported(stage, address)
    assert found["leads"][0]["lead"] == lead
    assert found["results"][0]["lead_score_status"]
    assert found["writes"][0]["after"]
    assert {"kind", "url", "name", "occurred_at"} <= found["activities"][0].keys()
    with stage.job() as job:
        url = str(job.store._database.engine.url)
    engine = create_engine(url)
    with engine.connect() as sql:
        for table in inspect(engine).get_table_names():
            if "lead" in {column["name"] for column in inspect(engine).get_columns(table)}:
                count = sql.execute(text(f"SELECT count(*) FROM {table} WHERE lead = :lead"), {"lead": lead}).scalar()
                assert len(found.get(table, [])) == count, table
    engine.dispose()


def test_an_unknown_lead_is_refused(hubspot: Open) -> None:
    stage = hubspot(20)
    stage.provision()
    stage.do(BACKFILL)
    done = stage.leadgauge("export", "nobody@example.invalid")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Nothing is stored about 'nobody@example.invalid'" in done.stderr

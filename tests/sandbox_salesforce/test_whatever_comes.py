"""Whatever clients send is answered or refused, and leaves rows that can still be read."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.salesforce import create_app
from sandbox.salesforce.app import router
from sandbox.salesforce.calls import Call
from sandbox.salesforce.clock import Clock
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.schema.standard import standard_objects
from sandbox.salesforce.state import Sandbox
from tests.sandbox_salesforce.conftest import NOW, population

OBJECTS = {name: sorted(each.fields) for name, each in standard_objects().items() if not each.virtual}
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=300),
    st.sampled_from(["00Q8d0000000001EAA", "2026-01-01", "2026-01-01T00:00:00Z", "2026-13-01", "true"]),
    st.lists(st.integers(0, 3), max_size=2),
    st.dictionaries(st.text(max_size=5), st.integers(0, 3), max_size=2),
)
RECORDS = st.sampled_from(sorted(OBJECTS)).flatmap(
    lambda name: st.tuples(st.just(name), st.dictionaries(st.sampled_from(OBJECTS[name]), VALUES, max_size=4))
)


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    app = create_app(population(), clock=Clock(NOW))
    found: Sandbox = app.state.sandbox
    return found


@settings(max_examples=300, deadline=None)
@given(
    record=RECORDS, row=st.integers(1, 5), verb=st.sampled_from(["POST", "PATCH", "DELETE", "GET"]), whole=st.booleans()
)
def test_records_of_any_content_are_written_or_refused(
    sandbox: Sandbox, record: tuple[str, dict[str, Any]], row: int, verb: str, whole: bool
) -> None:
    name, values = record
    table = sandbox.org.tables[name]
    path = f"/services/data/v60.0/sobjects/{name}"
    if verb != "POST":
        path += f"/{table.identifier(row)}"
    body: Any = values
    if whole and verb in ("POST", "PATCH"):
        path = "/services/data/v60.0/composite/sobjects"
        body = {
            "allOrNone": row == 1,
            "records": [{"attributes": {"type": name}, "id": table.identifier(row), **values}],
        }
    call = Call(verb, path, body=orjson.dumps(body), user=sandbox.integration_user)
    try:
        _, handler = router().find(call)
        assert handler(sandbox, call).status in (200, 201, 204)
    except SalesforceError as refusal:
        assert refusal.status in (400, 404, 405)  # noqa: PT017 - either is right
    stored = [each.name for each in table.sobject.fields.values() if each.formula is None and each.type != "address"]
    assert table.frame(stored).height == len(table) - len(table.purged)

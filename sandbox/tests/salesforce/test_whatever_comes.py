"""Any request is answered or refused, and leaves rows that can still be read."""

from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadgauge_sandbox.salesforce import create_app
from leadgauge_sandbox.salesforce.app import router
from leadgauge_sandbox.salesforce.calls import Call
from leadgauge_sandbox.salesforce.clock import Clock
from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.schema.standard import standard_objects
from sandbox.tests.salesforce.conftest import NOW, population
from tests.examples import up_to

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


class Whole:
    """A sandbox that is printed without its rows in a failing example."""

    def __init__(self) -> None:
        self.sandbox = create_app(population(), clock=Clock(NOW)).state.sandbox

    def answer(self, call: Call) -> int:
        """Return the status of a response or an error."""
        call.user = self.sandbox.integration_user
        try:
            _, handler = router().find(call)
            status: int = handler(self.sandbox, call).status
        except SalesforceError as refusal:
            return refusal.status
        return status


@pytest.fixture(scope="module")
def org() -> Whole:
    return Whole()


@settings(max_examples=up_to(300), deadline=None)
@given(
    record=RECORDS, row=st.integers(1, 5), verb=st.sampled_from(["POST", "PATCH", "DELETE", "GET"]), whole=st.booleans()
)
def test_records_of_any_content_are_written_or_refused(
    org: Whole, record: tuple[str, dict[str, Any]], row: int, verb: str, whole: bool
) -> None:
    name, values = record
    table = org.sandbox.org.tables[name]
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
    assert org.answer(Call(verb, path, body=orjson.dumps(body))) in (200, 201, 204, 400, 404, 405)
    stored = [each.name for each in table.sobject.fields.values() if each.formula is None and each.type != "address"]
    assert table.frame(stored).height == len(table) - len(table.purged)


FIELDS = ["Id", "name", "Email", "CreatedDate", "Budget__c", "Owner.Name", "IsConverted", "Purchase_By__c", "Nope"]
FUNCTIONS = ["COUNT()", "COUNT(Id)", "MAX(Budget__c)", "SUM(Name)", "CALENDAR_YEAR(CreatedDate)", "toLabel(Status)"]
OPERANDS = st.sampled_from(
    [*FIELDS, *FUNCTIONS, "DAY_ONLY(convertTimezone(CreatedDate))", "HOUR_IN_DAY(Purchase_By__c)"]
)
ITEMS = st.one_of(
    OPERANDS,
    OPERANDS.map("{} alias".format),
    st.sampled_from(["FIELDS(ALL)", "(SELECT Id FROM CampaignMembers)", "TYPEOF Owner WHEN User THEN Username END"]),
)
LITERALS = st.sampled_from(["'a'", "5", "null", "TODAY", "LAST_N_DAYS:3", "2026-01-01", "2026-01-01T00:00:00Z", "true"])
COMPARISONS = st.one_of(
    st.builds("{} {} {}".format, OPERANDS, st.sampled_from(["=", "!=", "<", "LIKE", "INCLUDES"]), LITERALS),
    st.builds("{} IN ({}, {})".format, OPERANDS, LITERALS, LITERALS),
    st.builds("{} NOT IN (SELECT {} FROM Contact)".format, OPERANDS, OPERANDS),
)
CONDITIONS = st.one_of(
    COMPARISONS,
    st.builds("{} AND {}".format, COMPARISONS, COMPARISONS),
    st.builds("({} OR NOT {})".format, COMPARISONS, COMPARISONS),
)
QUERIES = st.builds(
    "SELECT {} FROM {} {} {} {} {}".format,
    st.lists(ITEMS, min_size=1, max_size=3).map(", ".join),
    st.sampled_from(["Lead", "Task", "FieldDefinition"]),
    st.one_of(st.just(""), CONDITIONS.map("WHERE {}".format)),
    st.one_of(
        st.just(""),
        st.builds("GROUP BY {}".format, OPERANDS),
        st.builds("GROUP BY {} HAVING {}".format, OPERANDS, CONDITIONS),
    ),
    st.one_of(st.just(""), st.builds("ORDER BY {} DESC NULLS LAST".format, OPERANDS)),
    st.sampled_from(["", "LIMIT 3", "LIMIT 0 OFFSET 2"]),
)


@settings(max_examples=up_to(600), deadline=None)
@given(query=QUERIES)
def test_queries_of_any_parts_are_answered_or_refused(org: Whole, query: str) -> None:
    assert org.answer(Call("GET", "/services/data/v60.0/query", urlencode({"q": query}))) in (200, 400)

"""Every misshape changes one response as its name says, in JSON, CSV and XML; the next response is correct."""

import csv
import io
from typing import Any

import pytest
import requests

from leadgauge_sandbox.misshapes import MISSHAPES
from sandbox.tests.salesforce.conftest import Api

LEADS = "SELECT Id, Email FROM Lead"
READ = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><SessionHeader><sessionId>{}</sessionId>'
    "</SessionHeader></e:Header><e:Body><readMetadata><type>CustomField</type><fullNames>Lead.Person_Key__c</fullNames>"
    "<fullNames>Lead.Budget__c</fullNames></readMetadata></e:Body></e:Envelope>"
)


def struck(api: Api, name: str, argument: Any = None, path: str = "query", **query: Any) -> requests.Response:
    api.control("faults", name=name, argument=argument, times=1)
    answer = api.call("GET", path, params=query or ({"q": LEADS} if path == "query" else {}), allow_redirects=False)
    api.control("faults", "DELETE")
    return answer


def results(api: Api, name: str, argument: Any = None, rows: int = 50, **query: Any) -> tuple[Any, list[Any]]:
    """Return headers and rows of a page of a job's result, changed by a fault."""
    job = api.bulk_query(LEADS)
    answer = struck(api, name, argument, f"jobs/query/{job}/results", maxRecords=rows, **query)
    return answer.headers, list(csv.DictReader(io.StringIO(answer.text, newline="")))


def test_json_lacks_keys_rows_and_links(api: Api) -> None:
    api.fault("small-pages", 50)
    whole = api.get("query", q=LEADS)
    assert "totalSize" not in struck(api, "missing-key", "totalSize").json()
    assert struck(api, "nothing-there").json() == {"totalSize": 0, "done": True, "records": []}
    api.fault("small-pages", 50)
    assert struck(api, "early-end").json().keys() == {"totalSize", "done", "records"}
    api.fault("small-pages", 50)
    assert struck(api, "other-host").json()["nextRecordsUrl"].startswith("http://127.0.0.1:9/services/")
    api.fault("small-pages", 50)
    assert struck(api, "loop-link", path=whole["nextRecordsUrl"]).json()["nextRecordsUrl"] == whole["nextRecordsUrl"]
    assert len(struck(api, "short-rows", 3).json()["records"]) == whole["totalSize"] - 3


def test_csv_lacks_columns_headers_and_rows(api: Api) -> None:
    headers, rows = results(api, "missing-key", "Email")
    assert (list(rows[0]), headers["Sforce-NumberOfRecords"]) == (["Id"], "50")
    assert "Sforce-Locator" not in results(api, "missing-key", "Sforce-Locator")[0]
    assert {row["Email"] for row in results(api, "null-list", "Email")[1]} == {""}
    assert sum(row["Id"] == "wrong" for row in results(api, "wrong-type", "Id")[1]) == 1
    assert [len(results(api, name)[1]) for name in ("no-rows", "short-rows", "repeated-rows")] == [0, 49, 100]
    headers, rows = results(api, "nothing-there")
    assert (rows, headers["Sforce-NumberOfRecords"], headers["Sforce-Locator"]) == ([], "0", "null")
    assert results(api, "early-end")[0]["Sforce-Locator"] == "null"
    following = results(api, "slow")[0]["Sforce-Locator"]
    assert results(api, "loop-link", locator=following)[0]["Sforce-Locator"] == following


def metadata(api: Api, name: str, argument: Any = None) -> str:
    token = api.session.headers["Authorization"].removeprefix("Bearer ")  # type: ignore[union-attr]
    api.control("faults", name=name, argument=argument, times=1)
    address = f"{api.base}/services/Soap/m/60.0/{api.sandbox.organization}"
    answer = api.session.post(address, data=READ.format(token), headers={"Content-Type": "text/xml"}, timeout=10)
    api.control("faults", "DELETE")
    return answer.text


def test_xml_lacks_elements_and_rows(api: Api) -> None:
    whole = metadata(api, "slow")
    assert whole.count("fullName>") == 4
    assert metadata(api, "missing-key", "fullName").count("fullName>") == 2
    assert ">wrong<" in metadata(api, "wrong-type", "fullName")
    assert metadata(api, "nothing-there").count("records") == 0
    assert metadata(api, "short-rows").count("fullName>") == 2
    assert metadata(api, "repeated-rows").count("fullName>") == 8
    assert metadata(api, "empty-object") == "{}"


def test_a_body_may_be_cut_without_a_sign(api: Api) -> None:
    answer = struck(api, "truncated-json")
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize("name", MISSHAPES)
def test_each_is_a_fault_of_the_org(api: Api, name: str) -> None:
    """It always strikes with `times`, and never when it is off."""
    api.fault("small-pages", 50)
    following = api.get("query", q=LEADS)["nextRecordsUrl"]
    api.control("faults", name=name, argument=0.001 if name == "drip" else 1 if name == "blanks" else None, times=1)
    api.session.headers["Accept-Encoding"] = "gzip"
    with api.session.get(api.base + following, stream=True, allow_redirects=False, timeout=10):
        assert api.sandbox.faults.active(name).spent
    api.control("faults", "DELETE")
    assert api.get(following)["records"]

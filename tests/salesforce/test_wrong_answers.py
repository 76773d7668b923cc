"""Wrong responses in well-formed HTTP are retried and never taken for empty results; none gives a traceback."""

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from threading import Event
from typing import Any

import polars as pl
import pytest

from connectors.base import ConfigurationError, ConnectorError, Interrupted, Unavailable
from connectors.salesforce import Salesforce
from leadgauge_sandbox.misshapes import MISSHAPES
from leadgauge_sandbox.salesforce.state import Sandbox
from tests.pauses import Hurried
from tests.salesforce.sandboxed import OUTPUTS, connector, faulty, joined, pulled, served, tell
from vocabulary.pages import Page
from vocabulary.writes import Pushed, Row

Org = tuple[Sandbox, str]
NO_ANSWER = ("empty-object", "empty-body", "no-content", "error-200", "html-200", "truncated-json", "redirect")
"""Responses that are not answers at all."""

KINDS = (*NO_ANSWER, *(name for name in MISSHAPES if name not in (*NO_ANSWER, "drip", "blanks", "wrong-date")))
"""All faults that end with their call; those about time are tested separately."""

SHORT = ("no-rows", "nothing-there", "short-rows")
"""Faults that cannot be detected without a total, as in Account Engagement."""

always = partial(faulty, times=10_000)
"""Switches a fault on that strikes every call, or a given number."""

STREAMS = ("accounts", "leads", "tasks", "campaigns", "web_visits", "pardot")


@pytest.fixture(scope="module")
def org() -> Iterator[Org]:
    with served(120) as found:
        yield found


@pytest.fixture(scope="module", params=["rest", "bulk"])
def way(request: pytest.FixtureRequest) -> dict[str, Any]:
    """How large results are read: by REST or by jobs."""
    return {"bulk_reads_above": 0 if request.param == "bulk" else 20_000}


def whole(org: Org, *left_out: str, **changes: Any) -> dict[str, pl.DataFrame]:
    """Return all rows of some streams, sorted."""
    salesforce = connector(*org, Hurried(), **changes)
    return {name: everything(pulled(salesforce, name)) for name in STREAMS if name not in left_out}


def everything(pages: list[Page]) -> pl.DataFrame:
    kinds = ("leads", "accounts", "activities")
    kind = next((kind for kind in kinds if any(getattr(page, kind).height for page in pages)), "activities")
    found = joined(pages, kind).unique()
    return found.sort([name for name, kind in found.schema.items() if not kind.is_nested()])


class Passes:
    """The pages of a stream, pulled in any number of passes."""

    def __init__(self, salesforce: Salesforce, stream: str) -> None:
        self._salesforce = salesforce
        self._stream = next(known for known in salesforce.streams() if known.name == stream)
        self.pages: list[Page] = []

    def go(self) -> None:
        """Pull once from where the last pull ended."""
        for page in self._salesforce.pull(self._stream, self.pages[-1].cursor if self.pages else None):
            self.pages.append(page)


@pytest.fixture(scope="module")
def right(org: Org) -> dict[str, pl.DataFrame]:
    return whole(org)


def same(found: Mapping[str, pl.DataFrame], right: Mapping[str, pl.DataFrame]) -> bool:
    return all(found[name].equals(right[name]) for name in found)


@pytest.mark.parametrize("skip", [0, 2])
@pytest.mark.parametrize("name", KINDS)
def test_a_wrong_answer_at_every_address_brings_the_same_rows_as_right_ones(
    org: Org, way: dict[str, Any], right: dict[str, pl.DataFrame], name: str, skip: int
) -> None:
    if name in ("null-list", "wrong-type") and not way["bulk_reads_above"]:
        pytest.skip("a cell of text may hold anything")
    with always(org[1], "small-pages", 50):
        # A short page shows in the total, so the fault must not strike each listing again.
        tell(org[1], "faults", name=name, times=1, each=name not in ("short-rows", "early-end"), skip=skip)
        assert same(whole(org, *(("pardot",) if name in SHORT else ()), **way), right)


@pytest.mark.parametrize("name", NO_ANSWER)
def test_what_goes_on_ends_in_one_sentence_that_names_salesforce(org: Org, name: str) -> None:
    with always(org[1], name), pytest.raises(ConnectorError) as caught:
        whole(org)
    assert "Salesforce" in str(caught.value)
    assert caught.value.remedy
    assert "<html" not in str(caught.value)


@pytest.mark.parametrize("key", ["totalSize", "done", "records", "records.Id", "records.IsDeleted", "records.Email"])
@pytest.mark.parametrize("name", ["missing-key", "wrong-type"])
def test_a_page_of_records_has_all_its_keys(org: Org, key: str, name: str) -> None:
    with always(org[1], name, key), pytest.raises(Unavailable, match="failed 8 times"):
        pulled(connector(*org, Hurried()), "leads")


def test_a_page_that_is_not_the_last_one_names_the_next(org: Org) -> None:
    pages, salesforce = always(org[1], "small-pages", 50), connector(*org, Hurried())
    with pages, always(org[1], "missing-key", "nextRecordsUrl"), pytest.raises(Unavailable, match="nextRecordsUrl"):
        pulled(salesforce, "leads")


@pytest.mark.parametrize("key", ["Sforce-NumberOfRecords", "Id", "SystemModstamp", "IsDeleted"])
@pytest.mark.parametrize("name", ["missing-key", "wrong-type"])
def test_a_page_of_csv_has_its_columns_and_headers(org: Org, key: str, name: str) -> None:
    with always(org[1], name, key, path="/results"), pytest.raises(Unavailable, match=key):
        pulled(connector(*org, Hurried(), bulk_reads_above=0), "leads")


@pytest.mark.parametrize("name", ["short-rows", "repeated-rows", "no-rows"])
@pytest.mark.parametrize("bulk_reads_above", [0, 20_000])
def test_rows_are_held_against_what_salesforce_announced(org: Org, name: str, bulk_reads_above: int) -> None:
    path = "/query" if bulk_reads_above else "/results"
    with always(org[1], name, path=path), pytest.raises(Unavailable) as caught:
        pulled(connector(*org, Hurried(), bulk_reads_above=bulk_reads_above), "leads")
    assert re.search("announced|counts|repeats|read before", str(caught.value))


@pytest.mark.parametrize("name", ["loop-link", "back-link"])
@pytest.mark.parametrize("bulk_reads_above", [0, 20_000])
def test_a_page_that_leads_back_ends_the_pull(org: Org, name: str, bulk_reads_above: int) -> None:
    pages, salesforce = always(org[1], "small-pages", 20), connector(*org, Hurried(), bulk_reads_above=bulk_reads_above)
    with pages, always(org[1], name), pytest.raises(Unavailable, match=r"leads back|nextRecordsUrl"):
        pulled(salesforce, "leads")


def test_an_empty_listing_is_held_against_the_count_and_listed_once_more(
    org: Org, right: dict[str, pl.DataFrame]
) -> None:
    with always(org[1], "nothing-there", path="/query", times=1):
        pages = pulled(connector(*org, Hurried()), "leads")
    assert everything(pages).equals(right["leads"])
    assert [page.total for page in pages if page.listed] == [right["leads"].height]


@pytest.mark.parametrize("stream", ["leads", "accounts", "tasks"])
def test_a_listing_that_stays_empty_never_comes_to_its_end(
    org: Org, right: dict[str, pl.DataFrame], stream: str
) -> None:
    found = Passes(connector(*org, Hurried()), stream)
    with (
        always(org[1], "nothing-there", path="/query"),
        pytest.raises(Unavailable, match=r"counts \d+ records of"),
    ):
        found.go()
    assert not any(page.listed for page in found.pages)
    found.go()
    assert everything(found.pages).equals(right[stream])


def test_a_job_whose_result_is_empty_is_started_anew_by_the_next_pass(org: Org, right: dict[str, pl.DataFrame]) -> None:
    found = Passes(connector(*org, Hurried(), bulk_reads_above=0), "leads")
    with always(org[1], "nothing-there", path="/results"), pytest.raises(Unavailable, match="returned 0"):
        found.go()
    found.go()
    assert everything(found.pages).equals(right["leads"])


def test_a_body_that_drips_is_given_up(org: Org) -> None:
    with always(org[1], "drip", 0.3, path="/query"), pytest.raises(Unavailable, match="longer than allowed"):
        pulled(connector(*org, Hurried(), timeout="1s"), "leads")


@pytest.mark.parametrize("name", ["drip", "slow"])
def test_a_stop_ends_a_call_at_once(org: Org, name: str) -> None:
    stop, ended = Event(), Event()
    salesforce = connector(*org, stop)
    streams = {known.name: known for known in salesforce.streams()}
    salesforce.find("nobody@x.example")

    def read() -> None:
        with pytest.raises(Interrupted):
            list(salesforce.pull(streams["leads"], None))
        ended.set()

    with always(org[1], name, 60.0 if name == "slow" else 0.5, times=99, path="/query"):
        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        time.sleep(0.5)
        stop.set()
        assert ended.wait(20), "the time-out of a call is two minutes"


def test_a_body_without_end_is_not_taken(org: Org) -> None:
    with always(org[1], "blanks", 80, path="/query"), pytest.raises(Unavailable, match="more than 64 MB"):
        pulled(connector(*org, Hurried()), "leads")


@pytest.mark.parametrize("name", ["other-host", "redirect"])
@pytest.mark.parametrize(
    "path", ["/query", "/results", "/visitor-activities", "/oauth2/token", "/tooling/composite", "/userinfo"]
)
def test_no_credential_goes_to_another_host(own_org: Org, name: str, path: str) -> None:
    """Whatever a response names, the other host gets no request."""
    with served(0) as (other, elsewhere), always(own_org[1], "small-pages", 20):
        tell(own_org[1], "faults", name=name, argument=elsewhere, path=path, times=10_000)
        for bulk_reads_above in (0, 20_000):
            salesforce = connector(*own_org, Hurried(), bulk_reads_above=bulk_reads_above)
            words = [in_words(partial(pulled, salesforce, stream)) for stream in ("leads", "pardot")]
            words.append(in_words(partial(salesforce.provision, OUTPUTS)))
            assert all("Salesforce" in said for said in words if said)
        assert not other.statistics.calls


def in_words(work: Callable[[], object]) -> str:
    """Return the message of a known failure; any other failure is raised."""
    try:
        work()
    except ConnectorError as error:
        return str(error)
    return ""


@pytest.fixture
def ready(own_org: Org) -> Org:
    """An org with our fields."""
    connector(*own_org, Hurried()).provision(OUTPUTS)
    return own_org


@pytest.mark.parametrize("bulk_writes_above", [0, 2_000], ids=["bulk", "rest"])
@pytest.mark.parametrize("name", KINDS)
def test_every_row_is_written_and_answered_for_whatever_the_answers_are(
    ready: Org, name: str, bulk_writes_above: int
) -> None:
    leads = [row["Id"] for row in ready[0].org.rows("Lead") if not row["IsConverted"]][:20]
    rows = [Row(lead, {"lead_score": number}) for number, lead in enumerate(leads)]
    salesforce = connector(*ready, Hurried(), bulk_writes_above=bulk_writes_above)
    answers: list[Pushed] = []
    with always(ready[1], name, times=1, each=True):
        said = in_words(lambda: answers.extend(answer for batch in salesforce.push(rows) for answer in batch))
    held = {row["Id"]: row["Lead_Score__c"] for row in ready[0].org.rows("Lead")}
    assert "Salesforce" in said or sorted(answer.lead for answer in answers) == sorted(leads)
    assert all(answer.refusal or held[answer.lead] == leads.index(answer.lead) for answer in answers)
    assert all(answer.refusal is None or answer.refusal.retry for answer in answers)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        *(("/tooling/", name) for name in (*KINDS, "session-expired", "503-html", "503", "lost-answer")),
        *(("/sobjects/PermissionSet", name) for name in ("lost-answer", "missing-key", "503")),
        *(("/query", name) for name in ("nothing-there", "short-rows")),
        *(("/composite/sobjects", name) for name in ("lost-answer", "repeated-rows", "short-rows")),
    ],
)
def test_provisioning_survives_wrong_answers(own_org: Org, path: str, name: str) -> None:
    with always(own_org[1], name, times=2, path=path):
        found = connector(*own_org, Hurried()).provision(OUTPUTS)
    assert {item.action for item in found} == {"created"}
    assert {item.action for item in connector(*own_org, Hurried()).provision(OUTPUTS)} == {"unchanged"}


@pytest.mark.parametrize("name", ["empty-object", "html-200", "503-html", "error-200", "missing-key"])
def test_provisioning_that_fails_for_good_prints_no_markup(own_org: Org, name: str) -> None:
    with always(own_org[1], name, path="/tooling/"), pytest.raises(ConnectorError) as caught:
        connector(*own_org, Hurried()).provision(OUTPUTS)
    said = str(caught.value)
    assert "Salesforce" in said
    assert "<" not in said
    assert caught.value.remedy


@pytest.mark.parametrize("flow", ["password", "jwt"])
@pytest.mark.parametrize("name", [*NO_ANSWER, "missing-key", "wrong-type", "503-html"])
def test_signing_in_in_any_flow_survives_wrong_answers(own_org: Org, name: str, flow: str, tmp_path: Any) -> None:
    auth = signing_in(own_org[0], flow, tmp_path)
    with always(own_org[1], name, times=2, path="/services/"):
        assert connector(*own_org, Hurried(), auth=auth, api_version="64.0").find("nobody@x.example") is None


def signing_in(sandbox: Sandbox, flow: str, folder: Any) -> dict[str, Any]:
    """Return the settings of a flow, with its secrets in files."""
    known = sandbox.credentials
    secrets = {
        "password": {"password": known.password, "security_token": known.security_token},
        "jwt": {"consumer_key": known.consumer_key, "private_key": known.as_json()["private_key"]},
    }[flow]
    for name, secret in secrets.items():
        (folder / name).write_text(secret)
    places = {name: {"file": str(folder / name)} for name in secrets}
    return {"flow": flow, "username": known.username, **places}


def test_an_org_at_a_host_that_is_not_salesforce_s_is_refused_by_name(own_org: Org) -> None:
    evil = always(own_org[1], "other-host", "https://salesforce.com.evil.example", path="/oauth2/token")
    with evil, pytest.raises(ConfigurationError, match=r"names https://salesforce\.com\.evil\.example .*`domain`"):
        connector(*own_org, Hurried()).find("nobody@x.example")


def test_an_answer_without_rows_is_not_the_end_of_the_time_it_was_asked_for(own_org: Org) -> None:
    """Changes have no total: after an empty result, objects and Account Engagement are read for the same period again."""
    found = {name: Passes(connector(*own_org, Hurried()), name) for name in ("leads", "pardot")}
    for passes in found.values():
        passes.go()
    lead = next(row for row in own_org[0].org.rows("Lead") if not row["IsConverted"])
    tell(own_org[1], "clock", advance=3_600_000)
    tell(own_org[1], "change", id=lead["Id"], values={"Title": "Seen after all"})
    tell(own_org[1], "activities", person=int(lead["Person_Key__c"]), kind="email_click")
    with always(own_org[1], "nothing-there", path="/query"):
        found["leads"].go()
    with always(own_org[1], "no-rows", path="/visitor-activities"):
        found["pardot"].go()
    tell(own_org[1], "clock", advance=3_600_000)
    for passes in found.values():
        passes.go()
    assert found["leads"].pages[-2].leads["job_title"].to_list() == ["Seen after all"]
    assert found["pardot"].pages[-1].activities["kind"].to_list() == ["email_click"]

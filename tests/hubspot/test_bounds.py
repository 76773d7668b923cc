"""Calls end in time, bodies are limited, and credentials go only to their origin."""

import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from urllib3.util import Timeout

from connectors.base import Interrupted, Unavailable
from connectors.deadlines import Overdue, Watch
from connectors.hubspot import downloads, exporting
from connectors.hubspot.downloads import Downloads, Unsafe
from leadgauge_sandbox.server import serve
from tests.hubspot.conftest import DAY, NOON, OUTPUTS, Account, Pull, stream

Faulty = Callable[..., None]


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Another host and the headers it receives."""
    arrived: list[dict[str, str]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        arrived.append({name.decode().lower(): value.decode() for name, value in scope["headers"]})
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b"nothing here"})

    with serve(app) as url:
        yield url, arrived


@pytest.mark.parametrize("path", ["/objects/contacts$", "/search$"])
def test_body_that_drips_is_cut_and_asked_for_again(account: Account, pull: Pull, path: str) -> None:
    leads = [account.contact(NOON - DAY, email=f"p{n}@x.example") for n in range(120)]
    account.app.state.mischief.set("drip", 1, times=1, path=path)
    connector = account.connect(call_timeout=1.0)
    assert [lead for page in pull(connector, "contacts") for lead in page.leads["lead"]] == leads
    assert account.portal.faults.active("drip").spent


def test_body_that_always_drips_ends_the_pull(account: Account, pull: Pull) -> None:
    account.app.state.mischief.set("drip", 1, times=9)
    with pytest.raises(Unavailable, match="longer than allowed"):
        pull(account.connect(call_timeout=0.5, attempts=2), "contacts")


@pytest.mark.parametrize("slow", ["drip", "latency"])
def test_stop_ends_a_call_that_would_take_hours(account: Account, pull: Pull, slow: str) -> None:
    """Both with a slow response and with none yet."""
    if slow == "drip":
        account.app.state.mischief.set("drip", 5, times=9)
    else:
        account.gate.latency = 8
    stop, ended = Event(), list[BaseException]()
    connector = account.connect(stop=stop)

    def work() -> None:
        try:
            pull(connector, "contacts")
        except Interrupted as error:
            ended.append(error)

    thread = Thread(target=work, daemon=True)
    thread.start()
    thread.join(1.0)
    stop.set()
    thread.join(6.0)
    assert [type(error) for error in ended] == [Interrupted]


def test_blanks_that_unpack_without_end_are_not_taken(account: Account, pull: Pull) -> None:
    """A few hundred kilobytes on the wire are 400 MB in memory; the next response is accepted."""
    lead = account.contact(NOON - DAY, email="p@x.example")
    account.app.state.mischief.set("blanks", 400, times=1, path="/objects/contacts$")
    assert [one for page in pull(account.connect(), "contacts") for one in page.leads["lead"]] == [lead]
    account.app.state.mischief.set("blanks", 400, times=9)
    with pytest.raises(Unavailable, match="more than 64 MB"):
        pull(account.connect(attempts=1), "contacts")


def test_error_page_has_bounds_too(account: Account, pull: Pull) -> None:
    account.app.state.mischief.set("500", times=9)
    account.app.state.mischief.set("blanks", 400, times=9)
    with pytest.raises(Unavailable):
        pull(account.connect(attempts=1), "contacts")


def test_redirect_takes_no_token_anywhere(account: Account, pull: Pull, elsewhere: Any) -> None:
    url, arrived = elsewhere
    account.app.state.mischief.set("redirect", url, times=9)
    with pytest.raises(Unavailable, match="redirect"):
        pull(account.connect(attempts=2), "contacts")
    assert arrived == []


def test_link_to_another_host_is_never_followed(account: Account, pull: Pull, elsewhere: Any) -> None:
    url, arrived = elsewhere
    leads = [account.contact(NOON - DAY, email=f"p{n}@x.example") for n in range(250)]
    account.app.state.mischief.set("other-host", url, times=99)
    assert [lead for page in pull(account.connect(), "contacts") for lead in page.leads["lead"]] == leads
    assert account.portal.faults.active("other-host").met
    assert arrived == []


def exported(account: Account) -> set[str]:
    """Fill an account for exports and return its leads."""
    account.connect().provision(OUTPUTS)
    return {account.contact(NOON - DAY, email=f"p{n}@x.example") for n in range(120)}


def test_file_of_an_export_is_fetched_without_credentials(account: Account, pull: Pull, elsewhere: Any) -> None:
    """HubSpot may name any host for it."""
    url, arrived = elsewhere
    exported(account)
    account.app.state.mischief.set("other-host", url, times=9, path="/status$")
    with pytest.raises(Unavailable):
        pull(account.connect(exports="always", attempts=1), "contacts")
    assert len(arrived) == 1
    assert not {"authorization", "cookie"} & set(arrived[0])


@pytest.mark.parametrize(
    ("base_url", "address"),
    [
        ("https://api.hubapi.com", "http://files.example/export.csv"),
        ("https://api.hubapi.com", "file:///etc/passwd"),
        ("https://api.hubapi.com", "https://user:word@files.example/export.csv"),
        ("http://127.0.0.1:8901", "ftp://127.0.0.1/export.csv"),
    ],
)
def test_file_comes_by_https_only(base_url: str, address: str, tmp_path: Path) -> None:
    fetching = Downloads(base_url, Timeout(connect=1, read=1), Watch(Event()))
    with (tmp_path / "file").open("w+b") as file, pytest.raises(Unsafe):
        fetching.fetch(address, file)


def test_file_is_not_fetched_from_inside_our_network(account: Account, tmp_path: Path) -> None:
    """Whatever its name resolves to: the connection is checked before a byte is sent."""
    fetching = Downloads("https://api.hubapi.com", Timeout(connect=1, read=1), Watch(Event()))
    address = account.url.replace("http://", "https://")
    with (tmp_path / "file").open("w+b") as file, pytest.raises(Unsafe, match="inside our own network"):
        fetching.fetch(address, file)


def test_redirect_of_a_file_is_checked_alike(account: Account, pull: Pull) -> None:
    exported(account)
    account.app.state.mischief.set("redirect", "ftp://files.example", times=1, path="/_files/")
    with pytest.raises(Unavailable, match="ftp instead of https"):
        pull(account.connect(exports="always"), "contacts")


def test_redirect_of_a_file_is_followed(account: Account, pull: Pull) -> None:
    leads = exported(account)
    account.app.state.mischief.set("redirect", account.url, times=1, path="/_files/")
    pages = pull(account.connect(exports="always"), "contacts")
    assert {lead for page in pages for lead in page.leads["lead"]} == leads


def test_file_that_drips_is_given_up(
    account: Account, pull: Pull, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A download may take long if it keeps the minimum rate."""
    monkeypatch.setattr(downloads, "_WINDOW", 0.5)
    exported(account)
    account.app.state.mischief.set("drip", 0.1, times=1, path="/_files/")
    pages = pull(account.connect(exports="always"), "contacts")
    assert account.portal.faults.active("drip").spent
    assert pages[-2].listed


@pytest.mark.parametrize("fault", ["empty-body", "html-200", "error-200", "no-content", "500"])
def test_file_that_is_no_export_is_fetched_again(account: Account, pull: Pull, fault: str) -> None:
    leads = exported(account)
    account.app.state.mischief.set(fault, times=1, path="/_files/")
    pages = pull(account.connect(exports="always"), "contacts")
    assert {lead for page in pages for lead in page.leads["lead"]} == leads
    assert any(page.listed for page in pages)


def test_people_in_an_export_have_no_name_on_disk(
    account: Account, pull: Pull, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is read, the temporary folder has no visible file: a killed process leaves nothing behind."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(exporting, "PAGE", 40)
    exported(account)
    connector = account.connect(exports="always")
    seen = 0
    for page in connector.pull(stream(connector, "contacts"), None):
        seen += page.leads.height
        assert list(tmp_path.iterdir()) == []
    assert seen > 200


def test_start_removes_what_an_earlier_version_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only ours: a folder with other files stays."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, other, fresh = (tmp_path / f"leadgauge-{name}" for name in ("abc", "other", "fresh"))
    for folder, name in ((left, "export"), (left, "part-0"), (other, "notes.txt"), (fresh, "export")):
        folder.mkdir(exist_ok=True)
        (folder / name).write_text("p@x.example")
    for folder in (left, other):
        os.utime(folder, (0, 0))
    exporting.remove_leftovers()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["leadgauge-fresh", "leadgauge-other"]
    assert (other / "notes.txt").exists()
    assert stat.S_ISDIR(fresh.stat().st_mode)


def test_call_past_its_deadline_is_named_for_it(account: Account) -> None:
    watch = Watch(Event())
    account.gate.latency = 3
    fetching = Downloads(account.url, Timeout(connect=1, read=30), watch)
    with pytest.raises(Overdue), watch.call(0.3):
        fetching._pool.request("GET", f"{account.url}/crm/v3/objects/contacts")

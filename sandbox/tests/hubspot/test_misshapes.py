"""Every misshape changes one response in the way its name says; the next response is correct."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from leadgauge_sandbox.misshapes import MISSHAPES

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from sandbox.tests.hubspot.conftest import Sandbox

PAGE = "/crm/v3/objects/contacts"


def struck(full: Sandbox, name: str, argument: Any = None, path: str = PAGE, **query: Any) -> requests.Response:
    full.mischief.set(name, argument, times=1)
    answer = full.call("GET", path, params={"limit": 100, **query})
    full.mischief.clear(name)
    return answer


@pytest.mark.parametrize(
    ("name", "status", "text"),
    [
        ("empty-object", 200, "{}"),
        ("empty-body", 200, ""),
        ("no-content", 204, ""),
        ("error-200", 200, '"status":"error"'),
        ("html-200", 200, "<html>"),
    ],
)
def test_another_body(full: Sandbox, name: str, status: int, text: str) -> None:
    answer = struck(full, name)
    assert (answer.status_code, text in answer.text) == (status, True)
    assert len(full.get(PAGE, limit=100)["results"]) == 100


def test_a_page_without_its_type(full: Sandbox) -> None:
    assert "Content-Type" not in struck(full, "html-200").headers


def test_a_missing_key(full: Sandbox) -> None:
    assert set(struck(full, "missing-key", "results").json()) == {"paging"}
    assert "after" not in struck(full, "missing-key", "paging.next.after").json()["paging"]["next"]
    rows = struck(full, "missing-key", "results.id").json()["results"]
    assert sum("id" not in row for row in rows) == 1


def test_null_for_a_list(full: Sandbox) -> None:
    assert struck(full, "null-list").json()["results"] is None


def test_a_value_of_another_type(full: Sandbox) -> None:
    assert struck(full, "wrong-type", "results").json()["results"] == "wrong"
    assert struck(full, "wrong-type", "results.id").json()["results"] != full.get(PAGE, limit=100)["results"]


def test_a_drawn_key_comes_from_the_seed(start: Callable[..., Sandbox]) -> None:
    """The same seed drops the same key from the same call of a path."""

    def keys(seed: int) -> list[list[str]]:
        sandbox = start(120, seed=seed, reuse=True)
        sandbox.mischief.set("missing-key", times=9)
        return [sorted(sandbox.get(PAGE)) for _ in range(9)]

    assert keys(7) == keys(7) != keys(8)


def test_rows_that_are_not_there(full: Sandbox) -> None:
    assert struck(full, "no-rows").json() == {"results": [], "paging": full.get(PAGE, limit=100)["paging"]}
    assert struck(full, "nothing-there").json() == {"results": []}
    assert len(struck(full, "short-rows").json()["results"]) == 99
    assert len(struck(full, "short-rows", 30).json()["results"]) == 70
    assert len(struck(full, "repeated-rows").json()["results"]) == 200


def test_a_total_that_tells_of_nothing(full: Sandbox) -> None:
    full.mischief.set("nothing-there", times=1)
    assert full.search({"limit": 5}) == {"total": 0, "results": []}


def test_links_that_lead_nowhere(full: Sandbox) -> None:
    """A first page was not reached by a link, so the fault waits for the second."""
    assert "paging" not in struck(full, "early-end").json()
    full.mischief.set("loop-link", times=1)
    second = full.get(PAGE, limit=100)["paging"]["next"]["after"]
    assert full.get(PAGE, limit=100, after=second)["paging"]["next"]["after"] == second
    third = full.get(PAGE, limit=100, after=second)["paging"]["next"]["after"]
    assert third != second
    assert struck(full, "back-link", after=100).json()["paging"]["next"]["after"] == second


def test_links_to_another_host(full: Sandbox) -> None:
    link = struck(full, "other-host", "http://127.0.0.1:99").json()["paging"]["next"]["link"]
    assert link.startswith("http://127.0.0.1:99/crm/v3/objects/contacts?")


def test_a_redirect_to_another_host(full: Sandbox) -> None:
    full.mischief.set("redirect", "http://127.0.0.1:99", times=1)
    answer = full.call("GET", PAGE, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (307, f"http://127.0.0.1:99{PAGE}")


def test_a_body_that_drips(full: Sandbox) -> None:
    full.mischief.set("drip", 0.05, times=1)
    with full.session.get(full.url + PAGE, stream=True, timeout=5) as answer:
        assert len(answer.raw.read1(10_000, decode_content=False)) < 100


def test_blanks_without_end(full: Sandbox) -> None:
    """A few kilobytes become many megabytes, and the response is still correct."""
    answer = struck(full, "blanks", 20)
    assert int(answer.headers["Content-Length"]) < 100_000
    assert len(answer.content) > 20_000_000
    assert len(answer.json()["results"]) == 100


def test_dates_that_are_wrong(full: Sandbox) -> None:
    assert full.call("GET", PAGE).headers["Date"] == "Wed, 18 Nov 2026 11:06:40 GMT"
    assert struck(full, "wrong-date").headers["Date"] == "Wed, 18 Nov 2026 12:06:40 GMT"
    assert struck(full, "wrong-date", -86_400).headers["Date"] == "Tue, 17 Nov 2026 11:06:40 GMT"
    assert "99 Foo" in struck(full, "bad-date").headers["Date"]


def test_what_finds_nothing_to_change_waits(full: Sandbox) -> None:
    full.mischief.set("missing-key", "events", times=1)
    assert full.call("GET", PAGE).json()["results"]
    assert not full.portal.faults.active("missing-key").met  # type: ignore[union-attr]


@pytest.mark.parametrize("name", MISSHAPES)
def test_each_is_a_fault_of_the_account(full: Sandbox, name: str) -> None:
    """It always strikes a listing with `times`, and never when it is off."""
    full.mischief.set(name, 0.01 if name == "drip" else None, times=1)
    full.session.headers["Accept-Encoding"] = "gzip"
    with full.session.get(f"{full.url}{PAGE}?limit=1&after=2", stream=True, allow_redirects=False, timeout=5):
        assert full.portal.faults.active(name).spent  # type: ignore[union-attr]
    full.mischief.clear()
    assert len(full.get(PAGE, limit=1)["results"]) == 1


def test_the_first_calls_are_let_through(full: Sandbox) -> None:
    full.post("/_sandbox/faults", {"name": "empty-object", "times": 1, "skip": 2})
    assert [full.call("GET", PAGE).text == "{}" for _ in range(4)] == [False, False, True, False]


def test_each_path_counts_alone(full: Sandbox) -> None:
    full.post("/_sandbox/faults", {"name": "empty-object", "times": 1, "each": True})
    texts = [full.call("GET", path).text for path in (PAGE, "/crm/v3/objects/companies") for _ in range(2)]
    assert [text == "{}" for text in texts] == [True, False, True, False]

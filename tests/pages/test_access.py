"""Who gets in, as whom, and what keeps other sites out."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from pydantic import ValidationError

from config.pages import Pages
from connectors.base import ConfigurationError
from pages.access.signing_in import way_of
from tests.pages.conftest import Served, serving
from tests.pages.provider import CLIENT, SECRET, Provider
from tests.stage import Stage

ANNA, BEN = "anna-has-this-long-token", "ben-has-another-long-token"
LEADS = "/crm/main/leads"
HTML = {"Accept": "text/html"}


@pytest.fixture
def by_token(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Serve pages for which people have tokens."""
    monkeypatch.setenv("ANNA", ANNA)
    monkeypatch.setenv("BEN", BEN)
    people = {"anna": {"token": {"env": "ANNA"}, "role": "approver"}, "ben": {"token": {"env": "BEN"}}}
    with ExitStack() as stack:
        yield serving(stack, stage, Pages.model_validate({"port": 0, "sign_in": {"type": "token", "people": people}}))


def browser(served: Served, **options: Any) -> requests.Session:
    """Return a browser with cookies that has opened the sign-in page."""
    session = requests.Session()
    session.headers.update(HTML | options)
    session.get(served.url + "/sign-in", timeout=30)
    return session


def token_in(page: str) -> str:
    found = re.search(r'name="csrftoken" value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


def enter(session: requests.Session, served: Served, token: str, wanted: str = LEADS) -> requests.Response:
    form = token_in(session.get(served.url + "/sign-in", timeout=30).text)
    data = {"csrftoken": form, "token": token, "next": wanted}
    return session.post(served.url + "/sign-in", data=data, timeout=30)


def test_a_browser_without_a_session_is_sent_to_sign_in_and_comes_back_to_its_page(by_token: Served) -> None:
    sent = by_token.get(LEADS + "?priority=P1", headers=HTML)
    assert sent.status_code == 303
    assert sent.headers["Location"] == "/sign-in?next=%2Fcrm%2Fmain%2Fleads%3Fpriority%3DP1"
    session = browser(by_token)
    page = enter(session, by_token, ANNA)
    assert page.url == by_token.url + LEADS
    assert "anna <small>approver" in page.text


def test_a_wrong_token_is_refused_in_words_and_opens_nothing(by_token: Served) -> None:
    session = browser(by_token)
    refused = enter(session, by_token, "anna-has-this-long-tokem")
    assert refused.status_code == 403
    assert "Nobody has this token" in refused.text
    assert session.get(by_token.url + LEADS, timeout=30).url.startswith(by_token.url + "/sign-in")


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(by_token: Served, wanted: str) -> None:
    assert enter(browser(by_token), by_token, ANNA, wanted).url == by_token.url + "/"


def test_a_program_sends_its_token_in_a_header(by_token: Served) -> None:
    right = by_token.get(LEADS, headers={"Authorization": f"Bearer {BEN}"})
    assert "ben <small>viewer" in right.text
    assert by_token.get(LEADS, headers={"Authorization": "Bearer nothing"}).status_code == 401
    assert by_token.get(LEADS).status_code == 401


def test_after_signing_out_the_pages_are_closed(by_token: Served) -> None:
    session = browser(by_token)
    form = token_in(enter(session, by_token, ANNA).text)
    session.post(by_token.url + "/sign-out", data={"csrftoken": form}, timeout=30)
    assert session.get(by_token.url + LEADS, timeout=30).url.startswith(by_token.url + "/sign-in")


def test_a_session_of_htmx_that_ended_leads_to_the_sign_in_page(by_token: Served) -> None:
    ended = by_token.get(LEADS, headers={"HX-Request": "true"})
    assert (ended.status_code, ended.headers["HX-Redirect"]) == (401, "/sign-in")


def test_the_session_cannot_be_read_by_scripts_and_cannot_be_made_up(by_token: Served) -> None:
    session = browser(by_token)
    enter(session, by_token, ANNA)
    cookie = next(one for one in session.cookies if one.name == "leadgauge")
    assert cookie.has_nonstandard_attr("httponly")
    forged = {"Cookie": f"leadgauge={cookie.value[:-4]}AAAA", **HTML}
    assert by_token.get(LEADS, headers=forged).status_code == 303


@pytest.mark.parametrize("short", [("short", "fewer than 20"), (BEN, "the token of somebody else"), ("", "is missing")])
def test_tokens_that_protect_nobody_are_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, short: tuple[str, str]
) -> None:
    monkeypatch.setenv("ANNA", short[0])
    monkeypatch.setenv("BEN", BEN)
    people = {name: {"token": {"env": name.upper()}} for name in ("ben", "anna")}
    with pytest.raises(ConfigurationError, match=short[1]):
        way_of(Pages.model_validate({"sign_in": {"type": "token", "people": people}}))


# Other sites


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_a_form_on_another_site_changes_nothing_even_without_signing_in(
    served: Served, headers: dict[str, str], code: int
) -> None:
    answer = requests.post(served.url + "/sign-out", headers=headers, data={"a": "b"}, timeout=30)
    assert answer.status_code == code
    assert "another site" in answer.text


def test_a_form_without_its_token_is_out_of_date(by_token: Served) -> None:
    session = browser(by_token)
    enter(session, by_token, ANNA)
    answer = session.post(by_token.url + "/sign-out", data={"csrftoken": "old"}, timeout=30)
    assert answer.status_code == 403
    assert "out of date" in answer.text


def test_a_request_of_unknown_or_endless_length_is_refused(served: Served) -> None:
    chunked = requests.post(served.url + "/sign-out", data=iter([b"a=b"]), timeout=30)
    large = requests.post(served.url + "/sign-out", data=b"x" * 4_000_001, timeout=30)
    assert (chunked.status_code, large.status_code) == (411, 413)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_this_machine_has_three_names(served: Served, host: str) -> None:
    port = served.url.rpartition(":")[2]
    assert served.get("/", headers={"Host": f"{host}:{port}"}).status_code == 200


# A proxy


@pytest.fixture
def behind(stage: Stage) -> Iterator[Any]:
    """Return what serves pages behind a proxy."""
    with ExitStack() as stack:

        def made(**options: Any) -> Served:
            roles = {"approver": ["anna@example.com"], "editor": "marketing"}
            way = {"type": "proxy", "groups": "X-Groups", "roles": roles, **options}
            return serving(stack, stage, Pages.model_validate({"port": 0, "sign_in": way}))

        yield made


@pytest.mark.parametrize(
    ("headers", "role"),
    [
        ({"X-Forwarded-User": "Anna@Example.com"}, "approver"),
        ({"X-Forwarded-User": "ben", "X-Groups": "sales, Marketing"}, "editor"),
        ({"X-Forwarded-User": "carl"}, None),
        ({"X-Forwarded-User": ""}, None),
        ({}, None),
    ],
)
def test_whom_the_proxy_names_has_the_role_of_the_settings(
    behind: Any, headers: dict[str, str], role: str | None
) -> None:
    answer = behind().get(LEADS, headers=headers)
    assert answer.status_code == (200 if role else 403)
    assert (f"<small>{role}</small>" in answer.text) == bool(role)


def test_whoever_asks_past_the_proxy_is_refused_whatever_address_they_claim(behind: Any) -> None:
    served = behind(trusted=["10.1.0.0/16"])
    claimed = {"X-Forwarded-User": "anna@example.com", "X-Forwarded-For": "10.1.0.5"}
    assert served.get(LEADS, headers=claimed).status_code == 403


# An identity provider


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Run an identity provider that signs in Anna."""
    made = Provider({"email": "anna@example.com", "email_verified": True, "groups": ["marketing"]})
    made.start()
    yield made
    assert made.serving is not None
    made.serving.close()


@pytest.fixture
def with_oidc(stage: Stage, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Serve pages for which the provider signs people in."""
    monkeypatch.setenv("CLIENT_SECRET", SECRET)
    way = {
        "type": "oidc",
        "issuer": provider.issuer,
        "client_id": CLIENT,
        "client_secret": {"env": "CLIENT_SECRET"},
        "groups": "groups",
        "roles": {"approver": "anna@example.com", "editor": "marketing"},
    }
    with ExitStack() as stack:
        port = free_port()
        public = f"http://127.0.0.1:{port}"
        yield serving(stack, stage, Pages.model_validate({"port": port, "public_url": public, "sign_in": way}))


def free_port() -> int:
    import socket  # noqa: PLC0415 - only here

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_the_provider_signs_a_person_in_and_the_settings_give_the_role(with_oidc: Served, provider: Provider) -> None:
    page = requests.Session().get(with_oidc.url + LEADS, headers=HTML, timeout=30)
    assert page.url == with_oidc.url + LEADS
    assert "anna@example.com <small>approver" in page.text
    assert provider.asked["code_challenge_method"] == "S256"


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"email": "ben@example.com"}, "editor"),
        ({"email": "ben@example.com", "groups": "marketing"}, "editor"),
        ({"email": "ben@example.com", "groups": ["sales"]}, None),
        ({"email": "anna@example.com", "email_verified": False}, None),
        ({"email": None}, None),
    ],
)
def test_a_person_without_a_role_or_a_proved_address_stays_outside(
    with_oidc: Served, provider: Provider, claims: dict[str, Any], role: str | None
) -> None:
    provider.claims |= claims
    page = requests.Session().get(with_oidc.url + LEADS, headers=HTML, timeout=30)
    assert page.status_code == (200 if role else 403)
    assert (f"<small>{role}</small>" in page.text) == bool(role)


@pytest.mark.parametrize(
    "alter", [{"nonce": "replayed"}, {"aud": "another"}, {"exp": 1}, {"iss": "https://evil.example"}]
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    with_oidc: Served, provider: Provider, alter: dict[str, Any]
) -> None:
    provider.alter = alter
    page = requests.Session().get(with_oidc.url + LEADS, headers=HTML, timeout=30)
    assert page.status_code == 403
    assert "anna" not in page.text


def test_a_forged_token_and_a_refusal_are_answered_in_words(with_oidc: Served, provider: Provider) -> None:
    provider.forged = True
    assert requests.Session().get(with_oidc.url + LEADS, headers=HTML, timeout=30).status_code == 403
    provider.forged, provider.refuses = False, True
    page = requests.Session().get(with_oidc.url + LEADS, headers=HTML, timeout=30)
    assert page.status_code == 403
    assert "did not sign you in" in page.text


def test_a_provider_that_is_down_is_named(with_oidc: Served, provider: Provider) -> None:
    assert provider.serving is not None
    provider.serving.close()
    page = requests.Session().get(with_oidc.url + LEADS, headers=HTML, timeout=30)
    assert page.status_code == 502
    assert "cannot be reached" in page.text


# Settings that would let anybody in


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"host": "0.0.0.0"}, "say in `sign_in` who may"),
        ({"public_url": "https://leads.example.com"}, "say in `sign_in` who may"),
        ({"public_url": "http://leads.example.com"}, "not encrypted"),
        ({"public_url": "https://leads.example.com/x"}, "has a path"),
        ({"host": "0.0.0.0", "sign_in": {"type": "proxy", "roles": {"viewer": "*"}}}, "in the clear"),
        ({"sign_in": {"type": "proxy", "roles": {}}}, "nobody could sign in"),
        ({"sign_in": {"type": "proxy", "roles": {"viewer": "*"}, "trusted": "proxy"}}, "neither an address nor"),
        (
            {
                "sign_in": {
                    "type": "oidc",
                    "issuer": "http://login.example.com",
                    "client_id": "x",
                    "roles": {"viewer": "*"},
                }
            },
            "not encrypted",
        ),
        ({"sign_in": {"type": "token", "people": {"anna": {"token": "in the file"}}}}, "must not be written"),
    ],
)
def test_settings_that_would_let_anybody_in_are_refused(options: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(why)):
        Pages.model_validate(options)


def test_check_names_the_line_where_nobody_could_sign_in(stage: Stage) -> None:
    right = stage.settings_file.read_text(encoding="utf-8")
    pages = "\npages:\n  sign_in: {type: token, people: {anna: {token: {env: NO_SUCH_TOKEN}}}}\n"
    stage.settings_file.write_text(right + pages, encoding="utf-8")
    try:
        done = stage.leadgauge("check")
    finally:
        stage.settings_file.write_text(right, encoding="utf-8")
    assert done.returncode == 2
    assert "pages.sign_in" in done.stdout
    assert "NO_SUCH_TOKEN" in done.stdout

"""The one way to HubSpot: every call is made here, within the limits, with time-outs, and repeated where that is right.

The client's own retries and models stay off: urllib3 would sleep as long as a server says and repeat nothing but GET,
and models cost thirty times the CPU of the JSON itself.
"""

import logging
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Lock, local
from typing import Any, Final, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hubspot import HubSpot as Client
from hubspot.crm.objects.exceptions import ApiException
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError
from urllib3.util import Timeout
from urllib3.util.retry import Retry

from connectors.base import Budget, BudgetSpent, ConfigurationError, ConnectorError
from connectors.hubspot import answers
from connectors.hubspot.access import access
from connectors.hubspot.answers import OK, TOO_MANY, UNAUTHORIZED, Answer, Complaint, NotGranted, Rejected, following
from connectors.hubspot.paths import PATHS
from connectors.hubspot.settings import HubSpotSettings
from connectors.limits import Allowance, pause
from connectors.retrying import Fatal, Lost, Patience, Refused, Verdict

logger = logging.getLogger(__name__)

T = TypeVar("T")
Query = Iterable[tuple[str, str]]
_BURST_SECONDS: Final = 10.0
_SMALLEST_BURST: Final = 100
"""Calls per 10 seconds of the smallest subscription: assumed until HubSpot tells more."""
_LOCKED: Final = frozenset({423, 477})
_UNCERTAIN: Final = frozenset({408, 499})


class _Failed(Exception):  # noqa: N818 - a signal between two functions of this module
    """One attempt that HubSpot did not answer with success."""

    def __init__(self, what: str, answer: Answer, token: str) -> None:
        super().__init__(f"{what}: HTTP {answer.status}")
        self.what, self.answer, self.token = what, answer, token
        self.complaint = Complaint.of(answer)


class Transport:
    """Calls HubSpot for any number of threads, and keeps the books on what is left."""

    def __init__(self, settings: HubSpotSettings, stop: Event, *, attempts: int | None = None) -> None:
        self._settings, self._stop = settings, stop
        self._timeout = (settings.connect_timeout, settings.read_timeout)
        self._client = _client(settings)
        self._paths = PATHS[settings.api]
        self._burst = Allowance(round(_SMALLEST_BURST * settings.limits.burst), _BURST_SECONDS, stop)
        self._searches = Allowance(settings.limits.searches_per_second, 1.0, stop)
        self._patience = Patience(stop, self._verdict, attempts=attempts or settings.attempts)
        self._access = access(settings, self._grant)
        self._lock = Lock()
        self._thread = local()
        self._calls = 0
        self._daily: tuple[float, float] | None = None
        self._day_ends = datetime.max.replace(tzinfo=UTC)
        self._clock: tuple[float, float] | None = None
        self._account: Mapping[str, Any] | None = None

    def get(self, path: str, query: Query = (), **names: str) -> dict[str, Any]:
        """Return what HubSpot answers to a GET."""
        return self._ask("GET", path, names, query=query)

    def pages(self, path: str, query: Query = (), **names: str) -> Iterator[Mapping[str, Any]]:
        """Yield the results of a GET, page by page until the last."""
        answer = self.get(path, query, **names)
        yield from answer.get("results") or []
        while after := following(answer):
            answer = self.get(path, [*query, ("after", after)], **names)
            yield from answer.get("results") or []

    def post(self, path: str, body: Any, *, repeatable: bool = True, **names: str) -> dict[str, Any]:
        """Return what HubSpot answers to a POST. Say `repeatable=False` where doing it twice would do harm."""
        return self._ask("POST", path, names, body=body, repeatable=repeatable)

    def upload(self, path: str, form: Query | Iterable[tuple[str, Any]], **names: str) -> dict[str, Any]:
        """Return what HubSpot answers to a form with files; it is not sent twice."""
        return self._ask("POST", path, names, form=form, repeatable=False)

    def patch(self, path: str, body: Any, **names: str) -> dict[str, Any]:
        """Return what HubSpot answers to a PATCH, which is safe to repeat."""
        return self._ask("PATCH", path, names, body=body)

    def delete(self, path: str, **names: str) -> None:
        """Delete something; doing it twice does no harm."""
        self._ask("DELETE", path, names)

    def download(self, address: str, path: Path) -> None:
        """Save a file from an address that HubSpot signed; our token does not go there."""

        def attempt() -> None:
            pool, timeout = self._client.rest_client.pool_manager, Timeout(*self._timeout)
            with pool.request("GET", address, preload_content=False, timeout=timeout) as raw, path.open("wb") as file:
                if raw.status != OK:
                    raise _Failed("the download of an export", Answer(raw.status, raw.headers, raw.read(1000)), "")
                shutil.copyfileobj(raw, file)

        self._patience(attempt)

    def pause(self, seconds: float) -> None:
        """Wait; raises `Interrupted` at once when asked to stop."""
        pause(self._stop, seconds)

    def now(self) -> datetime:
        """HubSpot's clock: that of its last answer, and the time since."""
        if self._clock is None:
            self.account()
        with self._lock:
            theirs, ours = self._clock or (time.time(), time.monotonic())
        return datetime.fromtimestamp(int(theirs + time.monotonic() - ours), UTC)

    def clock_offset(self) -> timedelta | None:
        """Return HubSpot's clock minus this machine's: that of the last answer with a date, and the time since."""
        with self._lock:
            if self._clock is None:
                return None
            theirs, ours = self._clock
        return timedelta(seconds=theirs + time.monotonic() - ours - time.time())

    def timing(self, work: Callable[[], T]) -> tuple[T, int]:
        """Do some work in this thread, and tell when it got its first answer, by HubSpot's clock in milliseconds."""
        self._thread.first = None
        done = work()
        first: float | None = self._thread.first
        return done, int((first or self.now().timestamp()) * 1000)

    def account(self) -> Mapping[str, Any]:
        """Return the account's details: portalId, timeZone, uiDomain."""
        if self._account is None:
            self._account = self.get("account")
        return self._account

    def budget(self) -> Budget:
        """Return the calls made, and what was left of the day when HubSpot last said so."""
        with self._lock:
            left = None if self._daily is None else int(self._daily[1])
            return Budget(self._calls, left, None if left is None else self._midnight())

    @property
    def access_setting(self) -> str:
        """The setting that holds the credentials, in words for a message."""
        return self._access.setting

    @property
    def calls_per_second(self) -> float:
        """How many calls a second the burst limit grants us."""
        return self._burst.calls / _BURST_SECONDS

    def close(self) -> None:
        """Close the connections."""
        self._client.rest_client.pool_manager.clear()

    def _ask(
        self,
        method: str,
        path: str,
        names: Mapping[str, str],
        *,
        query: Query = (),
        body: Any = None,
        form: Any = None,
        repeatable: bool = True,
    ) -> dict[str, Any]:
        address = self._paths[path].format_map({name: quote(part, safe="") for name, part in names.items()})
        limit = self._searches if path == "search" else self._burst

        def attempt() -> dict[str, Any]:
            self._check_the_day()
            limit.acquire()
            return self._send(method, address, list(query), body, form)

        return self._patience(attempt, repeatable=repeatable)

    def _send(self, method: str, address: str, query: list[tuple[str, str]], body: Any, form: Any) -> dict[str, Any]:
        token = self._access.token()
        headers = {**self._client.default_headers, "Authorization": f"Bearer {token}"}
        if form is not None:
            headers["Content-Type"] = "multipart/form-data"
        answer = self._exchange(method, address, headers, query_params=query, body=body, post_params=form)
        if not 200 <= answer.status < 300:  # noqa: PLR2004 - HTTP's own numbers
            raise _Failed(f"{method} {address}", answer, token)
        return _parsed(f"{method} {address}", answer, token)

    def _exchange(self, method: str, address: str, headers: dict[str, str], **parts: Any) -> Answer:
        with self._lock:
            self._calls += 1
        try:
            raw = self._client.request(
                method,
                self._settings.base_url + address,
                headers=headers,
                _preload_content=False,
                _request_timeout=self._timeout,
                **parts,
            )
        except ApiException as error:
            if not error.status:
                raise ConfigurationError(
                    "The connection to HubSpot is not secure.", answer=str(error.reason), remedy="Check `base_url`."
                ) from None
            answer = Answer(error.status, error.headers, error.body or b"")
        else:
            answer = Answer(raw.status, raw.headers, raw.data)
        self._note(answer)
        return answer

    def _grant(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        headers = {**self._client.default_headers, "Content-Type": "application/x-www-form-urlencoded"}
        address = self._paths["token"]

        def attempt() -> dict[str, Any]:
            answer = self._exchange("POST", address, dict(headers), post_params=dict(form))
            if answer.status != OK:
                raise _Failed("the refresh of the token", answer, "")
            return _parsed("the refresh of the token", answer, "")

        return self._patience(attempt)

    def _note(self, answer: Answer) -> None:
        """Learn clock and limits from the headers of an answer."""
        date, most = answer.date, answer.number("X-HubSpot-RateLimit-Max")
        day, left = answer.number("X-HubSpot-RateLimit-Daily"), answer.number("X-HubSpot-RateLimit-Daily-Remaining")
        with self._lock:
            if date is not None:
                self._clock = (date, time.monotonic())
                self._thread.first = getattr(self._thread, "first", None) or date
            if day is not None and left is not None:
                self._daily, self._day_ends = (day, left), self._midnight()
        if most:
            self._fit_burst(round(most * self._settings.limits.burst))

    def _fit_burst(self, calls: int) -> None:
        if calls != self._burst.calls:
            self._burst.resize(calls)

    def _check_the_day(self) -> None:
        """Raise `BudgetSpent` where our share of the day's calls is used up, until the day is over."""
        if self._daily is None or datetime.now(UTC) >= self._day_ends:
            return
        day, left = self._daily
        if left <= day * (1 - self._settings.budget):
            raise BudgetSpent(
                f"leadgauge may spend {self._settings.budget:.0%} of HubSpot's {day:.0f} calls a day (`budget`),"
                f" and only {left:.0f} are left.",
                self._resets_at(),
            )

    def _resets_at(self) -> datetime:
        """When calls may resume; asks once more for the account's time zone where it is not known yet."""
        if self._account is None:
            with suppress(_Failed, HTTPError, ConnectorError):
                self._account = self._send("GET", self._paths["account"], [], None, None)
        return self._midnight()

    @property
    def left_today(self) -> int | None:
        """How many of the day's calls are left to us, None where HubSpot does not say."""
        if self._daily is None:
            return None
        day, left = self._daily
        return max(int(left - day * (1 - self._settings.budget)), 0)

    def _midnight(self) -> datetime:
        """When the account's next day begins, by its own time zone as far as it is known."""
        now = datetime.now(UTC)
        local = now.astimezone(_zone(self._account or {}))
        return (local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)).astimezone(UTC)

    def _verdict(self, error: Exception) -> Verdict:
        match error:
            case _Failed():
                return self._judge(error)
            case MaxRetryError(reason=NewConnectionError() | ConnectTimeoutError() as reason):
                return Refused(f"{self._settings.base_url} cannot be reached: {_brief(reason)}")
            case HTTPError():
                return Lost(f"the connection broke: {_brief(error)}")
            case _:
                return Fatal(error)

    def _judge(self, failed: _Failed) -> Verdict:
        status, asked = failed.answer.status, failed.answer.number("Retry-After")
        said = f"{status} {failed.complaint.message}"
        if status < 300 or status >= 500 or status in _UNCERTAIN:  # noqa: PLR2004 - HTTP's own numbers
            return Lost(said, asked)
        if status in _LOCKED:
            return Refused(said, asked)
        if status == TOO_MANY:
            return self._limited(failed.complaint, asked)
        if status == UNAUTHORIZED and self._access.expire(failed.token):
            return Refused(said, 0.0)
        return Fatal(self._refusal(failed))

    def _limited(self, complaint: Complaint, asked: float | None) -> Verdict:
        """Tell the day's limit from a burst and from search; only the first ends the pass."""
        kind = f"{complaint.policy} {complaint.message}".upper()
        if "DAILY" in kind:
            return Fatal(
                BudgetSpent("HubSpot's calls of the day are used up.", self._resets_at(), answer=complaint.message)
            )
        limit = self._burst if "TEN_SECONDLY" in kind else self._searches
        limit.hold(asked or 1.0)
        return Refused(complaint.message, asked)

    def _refusal(self, failed: _Failed) -> Rejected:
        match failed.answer.status:
            case answers.UNAUTHORIZED:
                return Rejected(
                    failed.what, failed.complaint, f"Check the token in {self.access_setting}: it is wrong or revoked."
                )
            case _ if not failed.token:
                remedy = f"Check `oauth`: client_id, client_secret and {self.access_setting}."
                return Rejected(failed.what, failed.complaint, remedy)
            case answers.FORBIDDEN:
                return NotGranted(failed.what, failed.complaint)
            case _:
                return Rejected(failed.what, failed.complaint)


def _client(settings: HubSpotSettings) -> Any:
    """Build the client's HTTP part once: each access to one of its attributes would make a new one."""
    made = Client(
        host=settings.base_url, retry=Retry(0, redirect=0), connection_pool_maxsize=settings.limits.parallel * 2
    )
    client = made.crm.objects.basic_api.api_client
    client.set_default_header("Accept-Encoding", "gzip")
    client.set_default_header("Accept", "application/json")
    return client


def _parsed(what: str, answer: Answer, token: str) -> dict[str, Any]:
    try:
        return answer.json()
    except ValueError:
        raise _Failed(what, answer, token) from None


def _zone(account: Mapping[str, Any]) -> ZoneInfo:
    try:
        return ZoneInfo(str(account.get("timeZone", "UTC")))
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _brief(error: object) -> str:
    """Name an error without its whole chain of objects."""
    return f"{type(error).__name__}: {str(error).rsplit(': ', 1)[-1]}"

"""The one way to HubSpot: every call is made here, within the limits, with time-outs, and repeated where that is right.

The client's own retries and models stay off: urllib3 would sleep as long as a server says and repeat nothing but GET,
and models cost thirty times the CPU of the JSON itself.
"""

import logging
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, local
from typing import IO, Any, Final, TypeVar
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
from hubspot import HubSpot as Client
from urllib3 import PoolManager
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError, SSLError
from urllib3.util import Timeout
from urllib3.util.retry import Retry

from connectors.base import Budget, BudgetSpent, ConfigurationError, ConnectorError, Unavailable
from connectors.deadlines import Overdue, Watch, watched
from connectors.hubspot import answers, bodies, downloads
from connectors.hubspot.access import Access
from connectors.hubspot.answers import (
    NO_CONTENT,
    NOT_FOUND,
    TOO_MANY,
    UNAUTHORIZED,
    Answer,
    Complaint,
    NotGranted,
    Rejected,
    following,
)
from connectors.hubspot.downloads import Downloads
from connectors.hubspot.paths import PATHS
from connectors.hubspot.readings import EMPTY, Asked, Doubtful, Misshapen, Reading, reading
from connectors.hubspot.settings import HubSpotSettings
from connectors.limits import Allowance, pause
from connectors.retrying import Fatal, Lost, Patience, Refused, Verdict

logger = logging.getLogger(__name__)

T = TypeVar("T")
Query = Iterable[tuple[str, str]]
_BURST_SECONDS: Final = 10.0
_SMALLEST_BURST: Final = 100
"""Calls per 10 seconds of the smallest subscription: assumed until HubSpot tells more."""
_LAST_WORDS: Final = 3.0
"""Seconds that a call which may write still gets for its answer when we are asked to stop."""
_UPLOAD_SECONDS: Final = 3600.0
_USUAL: Final = 3
"""How often an endpoint's doubtful answers must have come twice to be taken at once."""
_MOST_PAGES: Final = 10_000
_LIMITED: Final = (
    "Other apps of the account spend the same limits: look into their use in HubSpot, lower `limits.burst` or"
    " `limits.searches_per_second`, or wait: a pass goes on from here."
)
_LOCKED: Final = frozenset({423, 477})
_UNCERTAIN: Final = frozenset({408, 499})


class _Failed(Exception):  # noqa: N818 - a signal between two functions of this module
    """One attempt that HubSpot did not answer with success."""

    def __init__(self, what: str, answer: Answer, token: str) -> None:
        super().__init__(f"{what}: HTTP {answer.status}")
        self.what, self.answer, self.token = what, answer, token
        self.complaint = Complaint.of(answer)


class _Odd(Exception):  # noqa: N818 - a signal between two functions of this module
    """One attempt whose answer is not what its endpoint always gives."""

    def __init__(self, said: str, seconds: float | None = None) -> None:
        super().__init__(said)
        self.seconds = seconds


class Transport:
    """Calls HubSpot for any number of threads, and keeps the books on what is left."""

    def __init__(self, settings: HubSpotSettings, stop: Event, access: Access, *, attempts: int | None = None) -> None:
        self._settings, self._stop, self._access = settings, stop, access
        self._timeout = Timeout(connect=settings.connect_timeout, read=settings.read_timeout)
        self._watch = Watch(stop)
        self._headers, self._http = _client(settings)
        self._downloads = Downloads(settings.base_url, self._timeout, self._watch)
        self._paths = PATHS[settings.api]
        self._burst = Allowance(round(_SMALLEST_BURST * settings.limits.burst), _BURST_SECONDS, stop)
        self._searches = Allowance(settings.limits.searches_per_second, 1.0, stop)
        self._patience = Patience(stop, self._verdict, crm="HubSpot", attempts=attempts or settings.attempts)
        self._confirmed: Counter[str] = Counter()
        self._lock = Lock()
        self._thread = local()
        self._calls = 0
        self._daily: tuple[float, float] | None = None
        self._day_ends = datetime.max.replace(tzinfo=UTC)
        self._clock: tuple[float, float] | None = None
        self._account: Mapping[str, Any] | None = None

    def get(self, path: str, query: Query = (), *, sure: bool = False, **names: str) -> dict[str, Any]:
        """Return what HubSpot answers to a GET; an empty page only where it comes twice, if it has to be `sure`."""
        return self._ask("GET", path, names, Asked(list(query), sure=sure))

    def pages(self, path: str, query: Query = (), *, sure: bool = False, **names: str) -> Iterator[Mapping[str, Any]]:
        """Yield the results of a GET, page by page until the last."""
        answer = self.get(path, query, sure=sure, **names)
        yield from answer["results"]
        for _ in range(_MOST_PAGES):
            if (after := following(answer)) is None:
                return
            answer = self.get(path, [*query, ("after", after)], sure=False, **names)
            yield from answer["results"]
        raise Unavailable(f"HubSpot's pages of {path} have no end: {_MOST_PAGES} were read.")

    def post(self, path: str, body: Any, *, query: Query = (), repeatable: bool = True, **names: str) -> dict[str, Any]:
        """Return what HubSpot answers to a POST. Say `repeatable=False` where doing it twice would do harm."""
        return self._ask("POST", path, names, Asked(list(query), body=body), repeatable=repeatable)

    def upload(self, path: str, form: Query | Iterable[tuple[str, Any]], **names: str) -> dict[str, Any]:
        """Return what HubSpot answers to a form with files; it is not sent twice."""
        return self._ask("POST", path, names, Asked(), form=form, repeatable=False)

    def patch(self, path: str, body: Any, **names: str) -> dict[str, Any]:
        """Return what HubSpot answers to a PATCH, which is safe to repeat."""
        return self._ask("PATCH", path, names, Asked(body=body))

    def delete(self, path: str, **names: str) -> None:
        """Delete something; doing it twice does no harm."""
        address, tried = self._address(path, names), 0

        def attempt() -> None:
            nonlocal tried
            tried += 1
            try:
                answer = self._send("DELETE", address, Asked())
            except _Failed as failed:
                if failed.answer.status == NOT_FOUND and tried > 1:
                    return  # an attempt whose answer was lost deleted it
                raise
            if answer.status != NO_CONTENT:
                raise _Odd(f"DELETE {address}: HTTP {answer.status} instead of 204")

        self._patience(self._within_limits(path, attempt))

    def download(self, address: str, target: IO[bytes], check: Callable[[IO[bytes]], None]) -> None:
        """Save a file from an address that HubSpot signed; `check` raises `Misshapen` where it is no such file."""

        def attempt() -> None:
            target.seek(0)
            target.truncate()
            self._downloads.fetch(address, target)
            check(target)

        self._patience(attempt)

    def pause(self, seconds: float) -> None:
        """Wait; raises `Interrupted` at once when asked to stop."""
        pause(self._stop, seconds)

    def now(self) -> datetime:
        """HubSpot's clock: that of its last answer, and the time since; never ahead of our own."""
        if self._clock is None:
            self.account()
        with self._lock:
            theirs, ours = self._clock or (time.time(), time.monotonic())
        return datetime.fromtimestamp(int(_earlier(theirs + time.monotonic() - ours)), UTC)

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
        return done, int(_earlier(first or self.now().timestamp()) * 1000)

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
        self._http.clear()
        self._downloads.close()

    def grant(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        """Return what HubSpot answers to a form that asks for a token."""
        address, read = self._address("token", {}), reading("POST", "token")

        def attempt() -> dict[str, Any]:
            answer = self._exchange("POST", address, dict(self._headers), fields=dict(form), encode_multipart=False)
            if not answer.good:
                raise _Failed("the refresh of the token", answer, "")
            return self._read("the refresh of the token", answer, read, Asked())

        return self._patience(attempt)

    def _address(self, path: str, names: Mapping[str, str]) -> str:
        return self._paths[path].format_map({name: quote(part, safe="") for name, part in names.items()})

    def _within_limits(self, path: str, call: Callable[[], T]) -> Callable[[], T]:
        """Return a call that waits for its turn."""
        limit = self._searches if path == "search" else self._burst

        def made() -> T:
            self._check_the_day()
            limit.acquire()
            return call()

        return made

    def _ask(
        self,
        method: str,
        path: str,
        names: Mapping[str, str],
        asked: Asked,
        *,
        form: Any = None,
        repeatable: bool = True,
    ) -> dict[str, Any]:
        address, read = self._address(path, names), reading(method, path)
        what, doubts = f"{method} {address}", list[str]()

        def attempt() -> dict[str, Any]:
            answer = self._send(method, address, asked, form)
            return self._read(what, answer, read, asked, doubts)

        return self._patience(self._within_limits(path, attempt), repeatable=repeatable)

    def _read(
        self, what: str, answer: Answer, read: Reading, asked: Asked, doubts: list[str] | None = None
    ) -> dict[str, Any]:
        """Return an answer that is what its endpoint gives; one in doubt has to come twice, see `readings`."""
        try:
            found = answer.json()
        except ValueError as error:
            raise _Odd(f"{what}: {error}") from None
        try:
            read(found, asked)
        except Misshapen as error:
            raise _Odd(f"{what}: {error}") from None
        except Doubtful as doubt:
            if not self._is_usual(what, str(doubt), doubts):
                raise _Odd(f"{what}: {doubt}", 0.0 if asked.sure else None) from None
        return found

    def _is_usual(self, what: str, doubt: str, doubts: list[str] | None) -> bool:
        """Return whether a doubtful answer came before, or such answers are the way of this endpoint."""
        if doubts is None or self._confirmed[what] >= _USUAL:
            return True
        if doubt in doubts:
            self._confirmed[what] += 0 if doubt == EMPTY else 1
            return True
        doubts.append(doubt)
        return False

    def _send(self, method: str, address: str, asked: Asked, form: Any = None) -> Answer:
        """Return an answer of success."""
        token = self._access.token(self)
        headers = {**self._headers, "Authorization": f"Bearer {token}"}
        if form is not None:
            answer = self._exchange(method, address, headers, fields=form, encode_multipart=True)
        elif asked.body is not None:
            headers["Content-Type"] = "application/json"
            query = f"?{urlencode(asked.pairs)}" if asked.pairs else ""
            answer = self._exchange(method, address + query, headers, body=orjson.dumps(asked.body))
        else:
            answer = self._exchange(method, address, headers, fields=asked.pairs)
        if not answer.good:
            raise _Failed(f"{method} {address}", answer, token)
        return answer

    def _exchange(self, method: str, address: str, headers: dict[str, str], **parts: Any) -> Answer:
        """Make one call. A redirect is not followed: it would take the token along."""
        with self._lock:
            self._calls += 1
        seconds = _UPLOAD_SECONDS if parts.get("encode_multipart") else self._settings.call_timeout
        with self._watch.call(seconds, grace=0.0 if method == "GET" else _LAST_WORDS):
            raw = self._http.request(
                method,
                self._settings.base_url + address,
                headers=headers,
                preload_content=False,
                redirect=False,
                timeout=self._timeout,
                **parts,
            )
            answer = Answer(raw.status, raw.headers, bodies.body(raw))
        self._note(answer)
        return answer

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
            with suppress(_Failed, _Odd, HTTPError, ConnectorError):
                answer = self._send("GET", self._paths["account"], Asked())
                self._account = self._read("the account", answer, reading("GET", "account"), Asked())
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
            case MaxRetryError(reason=SSLError() as reason) if _mistrusts(reason):
                return Fatal(_insecure(reason))
            case HTTPError():
                return Lost(f"the connection broke: {_brief(error)}")
            case _Odd() | bodies.TooLarge() | Overdue():
                return Lost(str(error), getattr(error, "seconds", None))
            case _:
                return self._verdict_of_download(error)

    def _verdict_of_download(self, error: Exception) -> Verdict:
        match error:
            case Misshapen() | downloads.Slow():
                return Lost(f"the download of an export: {error}")
            case downloads.Refused() if error.status < 300 or error.status >= 500 or error.status == TOO_MANY:  # noqa: PLR2004 - HTTP's own numbers
                return Lost(f"the download of an export: HTTP {error.status}")
            case downloads.Refused():
                complaint = Complaint.of(Answer(error.status, {}, error.said))
                return Fatal(
                    Unavailable(
                        "The file of an export is not given.",
                        answer=f"{error.status} {complaint.message}",
                        remedy="Its address is good for some minutes only; the next pass asks for it again.",
                    )
                )
            case downloads.Unsafe():
                return Fatal(Unavailable("The file of an export is not fetched from there.", answer=str(error)))
            case _:
                return Fatal(error)

    def _judge(self, failed: _Failed) -> Verdict:
        status, asked = failed.answer.status, failed.answer.number("Retry-After")
        said = f"{status} {failed.complaint.message}"
        if 300 <= status < 400:  # noqa: PLR2004 - HTTP's own numbers
            return Lost(f"{failed.what}: {status}, a redirect, which is not followed as it would take the token along")
        if status >= 500 or status in _UNCERTAIN:  # noqa: PLR2004 - HTTP's own numbers
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
        return Refused(f"{TOO_MANY} {complaint.message}", asked, _LIMITED)

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


def _client(settings: HubSpotSettings) -> tuple[Mapping[str, str], PoolManager]:
    """Return the client's headers and connections, built once: each access to its attributes would make new ones."""
    made = Client(
        host=settings.base_url, retry=Retry(0, redirect=False), connection_pool_maxsize=settings.limits.parallel * 2
    )
    client = made.crm.objects.basic_api.api_client
    headers = {**client.default_headers, "Accept-Encoding": "gzip", "Accept": "application/json"}
    return headers, watched(client.rest_client.pool_manager)


def _earlier(theirs: float) -> float:
    """Return the earlier of both clocks: a cursor that is ahead skips changes, one that lags reads some twice."""
    return min(theirs, time.time())


def _mistrusts(reason: SSLError) -> bool:
    return any(isinstance(one, ssl.SSLCertVerificationError) for one in (reason, *reason.args))


def _insecure(reason: SSLError) -> ConfigurationError:
    return ConfigurationError(
        "The connection to HubSpot is not secure.", answer=str(reason), remedy="Check `base_url`, and the certificates."
    )


def _zone(account: Mapping[str, Any]) -> ZoneInfo:
    try:
        return ZoneInfo(str(account.get("timeZone", "UTC")))
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _brief(error: object) -> str:
    """Name an error without its whole chain of objects."""
    return f"{type(error).__name__}: {str(error).rsplit(': ', 1)[-1]}"

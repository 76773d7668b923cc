"""The HTTP transport to HubSpot. Every call goes through it, with rate limits, timeouts and retries.

The client's own retries and models are not used: urllib3 would sleep for any `Retry-After` and never retry a POST, and
the models of hubspot-api-client 12.0.0 take 35 times the CPU of parsing the JSON (measured on 100 contacts).
"""

import logging
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
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
    MULTI_STATUS,
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
from connectors.hubspot.downloads import OF_EXPORTS, Downloads, Limits
from connectors.hubspot.paths import PATHS, UNCOUNTED
from connectors.hubspot.readings import EMPTY, Asked, Doubtful, Misshapen, Reading, reading
from connectors.hubspot.settings import PRODUCTION, HubSpotSettings
from connectors.limits import Allowance, pause
from connectors.retrying import LONGEST, Fatal, Lost, Patience, Refused, Verdict
from connectors.unreached import unreached
from vocabulary.doing import add, span, told

logger = logging.getLogger(__name__)

T = TypeVar("T")
Query = Iterable[tuple[str, str]]
_BURST_SECONDS: Final = 10.0
# 100 calls per 10 seconds for Free and Starter (https://developers.hubspot.com/apisbytier), 190 for Professional and
# Enterprise (https://developers.hubspot.com/changelog/increasing-our-api-limits, 2026-11).
_SMALLEST_BURST: Final = 100
"""Calls per 10 seconds of the smallest subscription, assumed until an answer's headers state the actual limit."""
_STOP_GRACE: Final = 3.0
"""Seconds that a call which may write still has to answer after a request to stop."""
_UPLOAD_SECONDS: Final = 3600.0
_USUAL: Final = 3
"""Confirmed doubtful answers of an endpoint after which such answers are accepted at once."""
_MOST_PAGES: Final = 10_000
_LIMITED: Final = (
    "Other apps of the account share these limits: check their usage in HubSpot, lower `limits.burst` or"
    " `limits.searches_per_second`, or wait; the next pass resumes from this point."
)
# 423: locked for 2 seconds after many writes. 477: the account is being moved to another data centre, with Retry-After.
# Neither call was carried out: https://developers.hubspot.com/docs/api-reference/error-handling (2026-11).
_LOCKED: Final = frozenset({423, 477})
_UNCERTAIN: Final = frozenset({408, 499})  # the call may have been carried out before it timed out or was dropped


class _Failed(Exception):  # noqa: N818 - a signal between two functions of this module
    """An attempt that HubSpot answered with an error."""

    def __init__(self, what: str, answer: Answer, token: str) -> None:
        super().__init__(f"{what}: HTTP {answer.status}")
        self.what, self.answer, self.token = what, answer, token
        self.complaint = Complaint.of(answer)


class _Odd(Exception):  # noqa: N818 - a signal between two functions of this module
    """An attempt whose answer is not valid for its endpoint."""

    def __init__(self, said: str, seconds: float | None = None) -> None:
        super().__init__(said)
        self.seconds = seconds


class FileRefused(Unavailable):
    """The URL of a file does not give it, or not any more."""


class Transport:
    """Calls HubSpot from any number of threads, and tracks the remaining calls."""

    def __init__(
        self,
        settings: HubSpotSettings,
        stop: Event,
        access: Access,
        *,
        attempts: int | None = None,
        longest: float = LONGEST,
        hurried: bool = False,
    ) -> None:
        """Wait for `longest` seconds at most where HubSpot asks to wait.

        With `hurried`, a host that cannot be reached is reported at once.
        """
        self._settings, self._stop, self._access = settings, stop, access
        self._timeout = Timeout(connect=settings.connect_timeout, read=settings.read_timeout)
        self._watch = Watch(stop)
        self._headers, self._http = _client(settings)
        self._downloads = Downloads(settings.base_url, self._timeout, self._watch)
        self._paths = PATHS[settings.api]
        self._burst = Allowance(round(_SMALLEST_BURST * settings.limits.burst), _BURST_SECONDS, stop)
        self._searches = Allowance(settings.limits.searches_per_second, 1.0, stop)
        at_once = partial(unreached, crm="HubSpot", setting="`base_url`") if hurried else lambda _: None
        self._patience = Patience(
            stop,
            self._verdict,
            crm="HubSpot",
            attempts=attempts or settings.attempts,
            longest=longest,
            at_once=at_once,
        )
        self._confirmed: Counter[str] = Counter()
        self._lock = Lock()
        self._thread = local()
        self._calls = 0
        self._daily: tuple[float, float] | None = None
        self._day_ends = datetime.max.replace(tzinfo=UTC)
        self._clock: tuple[float, float] | None = None
        self._account: Mapping[str, Any] | None = None

    def get(self, path: str, query: Query = (), *, sure: bool = False, **names: str) -> dict[str, Any]:
        """Return the answer to a GET. With `sure`, an empty page is accepted only when it comes twice.

        It is empty if the endpoint answers that there is nothing (`Reading.may_be_nothing`).
        """
        return self._ask("GET", path, names, Asked(list(query), sure=sure))

    def pages(self, path: str, query: Query = (), *, sure: bool = False, **names: str) -> Iterator[Mapping[str, Any]]:
        """Yield the results of all pages of a GET."""
        answer = self.get(path, query, sure=sure, **names)
        yield from answer["results"]
        for _ in range(_MOST_PAGES):
            if (after := following(answer)) is None:
                return
            answer = self.get(path, [*query, ("after", after)], sure=False, **names)
            yield from answer["results"]
        raise Unavailable(f"HubSpot's pages of {path} do not end: {_MOST_PAGES} were read.")

    def post(
        self,
        path: str,
        body: Any,
        *,
        query: Query = (),
        sure: bool = False,
        repeatable: bool = True,
        **names: str,
    ) -> dict[str, Any]:
        """Return the answer to a POST. Pass `repeatable=False` if repeating it would be harmful.

        With `sure`, a doubtful answer is asked for again without a pause.
        """
        return self._ask("POST", path, names, Asked(list(query), body=body, sure=sure), repeatable=repeatable)

    def upload(self, path: str, form: Query | Iterable[tuple[str, Any]], **names: str) -> dict[str, Any]:
        """Return the answer to a form with files, which is not repeated."""
        return self._ask("POST", path, names, Asked(), form=form, repeatable=False)

    def patch(self, path: str, body: Any, **names: str) -> dict[str, Any]:
        """Return the answer to a PATCH, which is safe to repeat."""
        return self._ask("PATCH", path, names, Asked(body=body))

    def delete(self, path: str, **names: str) -> None:
        """Delete something, which is safe to repeat."""
        address, tried = self._address(path, names), 0

        def attempt() -> None:
            nonlocal tried
            tried += 1
            try:
                with span("call", method="DELETE", path=self._paths[path]):
                    answer = self._send("DELETE", address, Asked())
            except _Failed as failed:
                if failed.answer.status == NOT_FOUND and tried > 1:
                    return  # an earlier attempt deleted it, but its answer was lost
                raise
            if answer.status != NO_CONTENT:
                raise _Odd(f"DELETE {address}: HTTP {answer.status} instead of 204")

        self._patience(self._within_limits(path, attempt))

    def download(
        self, address: str, target: IO[bytes], check: Callable[[IO[bytes]], None], limits: Limits = OF_EXPORTS
    ) -> None:
        """Download a file from a signed URL. `check` raises `Misshapen` if it is not the expected file.

        Raises `FileRefused` if the URL does not give a file, as it does only for some minutes.
        """

        def attempt() -> None:
            target.seek(0)
            target.truncate()
            self._downloads.fetch(address, target, limits)
            check(target)

        self._patience(attempt)

    def pause(self, seconds: float) -> None:
        """Wait, raising `Interrupted` as soon as the stop event is set."""
        pause(self._stop, seconds)

    def now(self) -> datetime:
        """Return the time by HubSpot's clock: the date of its last answer plus the time since; never ahead of ours."""
        if self._clock is None:
            self.account()
        with self._lock:
            theirs, ours = self._clock or (time.time(), time.monotonic())
        return datetime.fromtimestamp(int(_earlier(theirs + time.monotonic() - ours)), UTC)

    def clock_offset(self) -> timedelta | None:
        """Return HubSpot's clock, by its last answer with a date, minus this machine's."""
        with self._lock:
            if self._clock is None:
                return None
            theirs, ours = self._clock
        return timedelta(seconds=theirs + time.monotonic() - ours - time.time())

    def timing(self, work: Callable[[], T]) -> tuple[T, int]:
        """Run some work in this thread, and return when it got its first answer, by HubSpot's clock in milliseconds."""
        self._thread.first = None
        done = work()
        first: float | None = self._thread.first
        return done, int(_earlier(first or self.now().timestamp()) * 1000)

    def account(self) -> Mapping[str, Any]:
        """Return the account's details: portalId, timeZone, uiDomain."""
        if self._account is None:
            self._account = self._ask_account()
        return self._account

    def _ask_account(self) -> Mapping[str, Any]:
        """Read the account, which is the first call of each pass: a 404 means that HubSpot lacks this API version."""
        try:
            return self.get("account")
        except Rejected as rejected:
            lacks_version = rejected.complaint.status == NOT_FOUND and self._settings.api != "v3"
            who, base_url = rejected.complaint.who, self._settings.base_url
            if who == "Salesforce" or (who == "A web page" and not lacks_version):
                raise _another(rejected, base_url) from rejected
            if not lacks_version:
                raise
            doubt = "" if base_url == PRODUCTION else f" If {base_url} is not HubSpot, correct `base_url`."
            raise ConfigurationError(
                f"HubSpot does not answer version {self._settings.api} of its API for this account.",
                answer=rejected.answer,  # HubSpot's own 404 is a page too (recorded)
                remedy=f"Set `api: v3` in the connection.{doubt}",
            ) from rejected

    def budget(self) -> Budget:
        """Return the calls made, and the calls left today as last reported by HubSpot."""
        with self._lock:
            left = None if self._daily is None else int(self._daily[1])
            return Budget(self._calls, left, None if left is None else self._midnight())

    @property
    def access_setting(self) -> str:
        """The setting that holds the credentials, worded for a message."""
        return self._access.setting

    @property
    def calls_per_second(self) -> float:
        """Calls per second within the burst limit."""
        return self._burst.calls / _BURST_SECONDS

    def close(self) -> None:
        """Close the connections that are idle; a call after this makes a new one."""
        self._http.clear()
        self._downloads.close()

    def grant(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        """Return the answer to a token request."""
        address, read = self._address("token", {}), reading("POST", "token")

        def attempt() -> dict[str, Any]:
            with span("call", method="POST", path=address):
                answer = self._exchange("POST", address, dict(self._headers), fields=dict(form), encode_multipart=False)
            if not answer.good:
                raise _Failed("the request for a token", answer, "")
            return self._read("the request for a token", answer, read, Asked())

        return self._patience(attempt)

    def _address(self, path: str, names: Mapping[str, str]) -> str:
        return self._paths[path].format_map({name: quote(part, safe="") for name, part in names.items()})

    def _within_limits(self, path: str, call: Callable[[], T]) -> Callable[[], T]:
        """Wrap a call so that it waits for its rate limit.

        Search has its own limit, 5 calls per second for the whole account since
        https://developers.hubspot.com/changelog/increasing-our-api-limits (2026-11), and is exempt from the burst
        limit. Its answers carry no limit headers but the daily ones (recorded), so only our own clock can pace it.
        """
        limit = self._searches if path == "search" else self._burst

        def made() -> T:
            if path not in UNCOUNTED:
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
            with span("call", method=method, path=self._paths[path]):
                answer = self._send(method, address, asked, form)
                return self._read(what, answer, read, asked, doubts)

        return self._patience(self._within_limits(path, attempt), repeatable=repeatable)

    def _read(
        self, what: str, answer: Answer, read: Reading, asked: Asked, doubts: list[str] | None = None
    ) -> dict[str, Any]:
        """Return a valid answer. A doubtful one must come twice, see `readings`."""
        if read.may_be_nothing and answer.status == NO_CONTENT:
            return {}
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
        """Return whether a doubtful answer came before, or is common at this endpoint."""
        if doubts is None or self._confirmed[what] >= _USUAL:
            return True
        if doubt in doubts:
            self._confirmed[what] += 0 if doubt == EMPTY else 1
            return True
        doubts.append(doubt)
        return False

    def _send(self, method: str, address: str, asked: Asked, form: Any = None) -> Answer:
        """Return a successful answer."""
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
        if answer.status == MULTI_STATUS:
            doing = told(status=answer.status, request=answer.request)
            logger.info("HubSpot carried out %s %s for some of its records only", method, address, extra=doing)
        return answer

    def _exchange(self, method: str, address: str, headers: dict[str, str], **parts: Any) -> Answer:
        """Make one call. Redirects are not followed, because they would leak the token."""
        with self._lock:
            self._calls += 1
        seconds = _UPLOAD_SECONDS if parts.get("encode_multipart") else self._settings.call_timeout
        with self._watch.call(seconds, grace=0.0 if method == "GET" else _STOP_GRACE):
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
        add(status=answer.status)
        self._note(answer)
        return answer

    def _note(self, answer: Answer) -> None:
        """Read clock and limits from the headers of an answer. OAuth apps get no daily headers."""
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
        """Raise `BudgetSpent` if our share of the day's calls is used up, until the day is over."""
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
        """Return when calls may resume, requesting the account's time zone if it is not known yet."""
        if self._account is None:
            with suppress(_Failed, _Odd, HTTPError, ConnectorError):
                answer = self._send("GET", self._paths["account"], Asked())
                self._account = self._read("the account", answer, reading("GET", "account"), Asked())
        return self._midnight()

    @property
    def certificates(self) -> Mapping[str, datetime]:
        """When the certificates of the hosts that were called end."""
        return self._watch.certificates

    @property
    def left_today(self) -> int | None:
        """Number of today's calls left to us, or None if HubSpot does not say."""
        if self._daily is None:
            return None
        day, left = self._daily
        return max(int(left - day * (1 - self._settings.budget)), 0)

    def _midnight(self) -> datetime:
        """Return when the account's next day begins, in UTC if its time zone is unknown.

        "The daily limits reset at midnight based on the time zone setting of the HubSpot account":
        https://developers.hubspot.com/apisbytier (2026-11).
        """
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
                return Lost(f"the download of a file: {error}")
            case downloads.Refused() if error.status < 300 or error.status >= 500 or error.status == TOO_MANY:  # noqa: PLR2004 - HTTP's own numbers
                return Lost(f"the download of a file: HTTP {error.status}")
            case downloads.Refused():
                complaint = Complaint.of(Answer(error.status, {}, error.said))
                return Fatal(
                    FileRefused(
                        "A file that HubSpot offers was refused.",
                        answer=f"{error.status} {complaint.message}",
                        remedy="Its URL is only valid for some minutes; the next pass requests it again.",
                    )
                )
            case downloads.Unsafe():
                return Fatal(Unavailable("The URL of a file that HubSpot offers is not trusted.", answer=str(error)))
            case _:
                return Fatal(error)

    def _judge(self, failed: _Failed) -> Verdict:
        """Return what an error means, and log it with HubSpot's own id of the call, which its support asks for."""
        verdict = self._meaning(failed)
        ends = isinstance(verdict, Fatal) and failed.answer.status != NOT_FOUND
        doing = told(status=failed.answer.status, code=failed.complaint.code, request=failed.answer.request)
        logger.log(logging.INFO if ends else logging.DEBUG, "HubSpot refused %s", failed.what, extra=doing)
        return verdict

    def _meaning(self, failed: _Failed) -> Verdict:
        status, asked = failed.answer.status, failed.answer.number("Retry-After")
        said = f"{status} {failed.complaint.message}"
        if 300 <= status < 400:  # noqa: PLR2004 - HTTP's own numbers
            return Lost(f"{failed.what}: {status}, a redirect, which is not followed because it would leak the token")
        # 502, 503, 504 and Cloudflare's 521 to 524 are temporary: "pause your requests for a few seconds, then retry",
        # https://developers.hubspot.com/docs/api-reference/error-handling (2026-11).
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
        """Distinguish the daily limit, which ends the pass, from the burst and search limits.

        The burst's 429 names its policy TEN_SECONDLY_ROLLING or DAILY; that of search has neither a policy nor a
        Retry-After, only "You have reached your secondly limit." (recorded).
        """
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
            case _ if not failed.token:
                return Rejected(failed.what, failed.complaint, f"Check {self._access.granted_by}.")
            case answers.UNAUTHORIZED:
                return Rejected(
                    failed.what, failed.complaint, f"Check the token in {self.access_setting}: it is wrong or revoked."
                )
            case answers.FORBIDDEN:
                return NotGranted(failed.what, failed.complaint, self._access.holder)
            case _:
                return Rejected(failed.what, failed.complaint)


def _client(settings: HubSpotSettings) -> tuple[Mapping[str, str], PoolManager]:
    """Return the client's headers and connection pool.

    They are taken out once, because hubspot-api-client 12.0.0 creates a new pool on every access to its attributes. It
    also requests uncompressed answers by default.
    """
    made = Client(
        host=settings.base_url, retry=Retry(0, redirect=False), connection_pool_maxsize=settings.limits.parallel * 2
    )
    client = made.crm.objects.basic_api.api_client
    headers = {**client.default_headers, "Accept-Encoding": "gzip", "Accept": "application/json"}
    return headers, watched(client.rest_client.pool_manager)


def _earlier(theirs: float) -> float:
    """Return the earlier of both clocks: a cursor that is ahead skips changes, one that is behind reads some twice."""
    return min(theirs, time.time())


def _mistrusts(reason: SSLError) -> bool:
    return any(isinstance(one, ssl.SSLCertVerificationError) for one in (reason, *reason.args))


def _another(rejected: Rejected, base_url: str) -> ConfigurationError:
    who = rejected.complaint.who
    change = "Set `crm: salesforce`, or the address of HubSpot" if who == "Salesforce" else "Set the address of HubSpot"
    return ConfigurationError(
        f"{who} answers at {base_url}, not HubSpot.",
        answer=rejected.answer,
        remedy=f"{change}: without `base_url` it is {PRODUCTION}.",
    )


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
    """Return an error's type and message, without urllib3's chain of object representations."""
    return f"{type(error).__name__}: {str(error).rsplit(': ', 1)[-1]}"

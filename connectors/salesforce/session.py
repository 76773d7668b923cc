"""One signed-in session with Salesforce, shared by all threads: timeouts, one sign-in at a time, calls counted."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event, Lock
from typing import Any, Final, TypeVar

import orjson
import requests
from simple_salesforce.api import Salesforce as Client

from connectors.base import Budget, ConfigurationError
from connectors.retrying import Patience
from connectors.salesforce.clock import Clock
from connectors.salesforce.errors import NEXT_LOOK, Expired, Problem, classify, day_is_spent
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.signin import judge_sign_in, sign_in, sign_in_address
from connectors.salesforce.wire import Adapter, Answer, Http
from connectors.unreached import unreached
from vocabulary.outside import remember

T = TypeVar("T")
CLIENT_NAME: Final = "leadgauge"
HEADERS: Final = {
    "Content-Type": "application/json",
    # "If the header is not provided in the request, the default value is TRUE", so each written score would reassign
    # the lead (2026-11):
    # https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_autoassign.htm
    "Sforce-Auto-Assign": "FALSE",
    "Sforce-Call-Options": f"client={CLIENT_NAME}",
    "Sforce-Duplicate-Rule-Header": "allowSave=true",  # an existing duplicate must not block its score
    "Sforce-Query-Options": "batchSize=2000",  # the maximum, and only a hint: pages may be smaller, see `rest`
}
SIGN_IN_PAUSE: Final = timedelta(minutes=1)
"""Pause after a refused sign-in, because repeated ones would lock the user out."""

BRIEF_ATTEMPTS: Final = 3
"""Attempts per call while a person is waiting."""

RENEWALS: Final = 3
"""Maximum sign-ins per call. Without a maximum, simple-salesforce 1.12.10 would sign in for ever."""

_USAGE: Final = re.compile(r"(?:^|[;,\s])api-usage=(\d+)/(\d+)")


class Session:
    """Calls Salesforce, signing in when needed. Answers are parsed, and failures raise `connectors.base` errors."""

    def __init__(self, settings: SalesforceSettings, stop: Event, *, hurried: bool = False) -> None:
        """With `hurried`, a host that cannot be reached is reported at once while a person is waiting (`briefly`)."""
        self.settings = settings
        self.stop = stop
        self._hurried = hurried
        self.clock = Clock()
        self._patience = self._patient()
        self._wire = Adapter(settings.timeout.total_seconds(), settings.base_url, stop, self.clock.note)
        self.http = self._equipped()
        self.missing: set[str] = set()
        """Objects that the last pull of a stream could do without, because Salesforce does not show them."""
        self._lock = Lock()
        self._client: Client | None = None
        self._refused: tuple[datetime, ConfigurationError] | None = None
        self._counting = Lock()
        self._calls = 0
        self._used: tuple[int, int] | None = None
        self._blocked_until = datetime.min.replace(tzinfo=UTC)

    def _patient(self, **how: Any) -> Patience:
        return Patience(self.stop, classify, crm="Salesforce", **how)

    @contextmanager
    def briefly(self) -> Iterator[None]:
        """Limit the attempts per call while a person is waiting."""
        at_once = partial(unreached, crm="Salesforce", setting="`domain` or `base_url`")
        self._patience = self._patient(attempts=BRIEF_ATTEMPTS, **({"at_once": at_once} if self._hurried else {}))
        try:
            yield
        finally:
            self._patience = self._patient()

    def _equipped(self) -> Http:
        """Return the HTTP session, with our timeouts, redirected to `base_url` if set, and with calls counted."""
        http = Http()
        http.trust_env = self.settings.base_url is None
        http.hooks["response"].append(self._observe)
        http.mount("https://", self._wire)
        http.mount("http://", self._wire)
        self._wire.trust(sign_in_address(self.settings))
        if pardot := self.settings.activities.pardot:
            self._wire.trust(pardot.host)
        return http

    def call(self, method: str, path: str, **options: Any) -> Answer:
        """Make a call whose answer only needs to be successful; see `ask`."""
        return self.ask(lambda answer: answer, method, path, **options)

    def ask(  # noqa: PLR0913 - what makes up a call
        self,
        reading: Callable[[Answer], T],
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = True,
    ) -> T:
        """Call `path` and return the answer parsed by `reading`, which raises `Unreadable` if it is invalid.

        `path` is relative to the API version, absolute (`/services/…`) or a whole URL. Unless `repeatable`, the call is
        repeated only if Salesforce certainly did not carry it out.
        """
        content = orjson.dumps(body) if body is not None else data

        def attempt(client: Client) -> T:
            response = self.http.request(
                method,
                _url(client, path),
                params=params,
                data=content,
                headers={**HEADERS, "Authorization": f"Bearer {client.session_id}", **(headers or {})},
            )
            return reading(_success(Answer.of(response, self.clock)))

        return self.signed_in(attempt, repeatable=repeatable)

    def signed_in(self, attempt: Callable[[Client], T], *, repeatable: bool = True) -> T:
        """Return the result of `attempt`, repeated if its `Problem`, `Expired` or `Unreadable` allows it."""
        return self._patience(lambda: self._renewing(attempt), repeatable=repeatable)

    def client(self, stale: Client | None = None) -> Client:
        """Return the signed-in client, signing in if there is none or if it is the `stale` one."""
        with self._lock:
            if self._client is None or self._client is stale:
                self._client = self._sign_in()
            return self._client

    def now(self) -> datetime:
        """Return the time by Salesforce's clock, in whole seconds."""
        self.client()  # signing in reads the clock
        return self.clock.now()

    def budget(self) -> Budget:
        """Return the calls made, and the calls left today as last reported by Salesforce."""
        used, most = self._used or (0, 0)
        left = max(int(most * self.settings.budget) - used, 0) if most else None
        return Budget(self._calls, left)

    @property
    def is_signed_in(self) -> bool:
        """Whether there is a session."""
        return self._client is not None

    @property
    def home(self) -> str:
        """The URL of the org, for people."""
        return self.settings.base_url or f"https://{self.client().sf_instance}"

    @property
    def certificates(self) -> Mapping[str, datetime]:
        """When the certificates of the hosts that were called end."""
        return self._wire.certificates

    def close(self) -> None:
        """Release the connections; a call after this makes a new one."""
        self.http.close()

    def _renewing(self, attempt: Callable[[Client], T]) -> T:
        """Make a call, and again after a new sign-in if the session has expired."""
        self._within_budget()
        client = self.client()
        for _ in range(RENEWALS):
            try:
                return attempt(client)
            except Expired:
                client = self.client(stale=client)
        try:
            return attempt(client)
        except Expired as expired:
            raise _useless_session(expired) from expired

    def _within_budget(self) -> None:
        if datetime.now(UTC) < self._blocked_until:
            used, most = self._used or (0, 0)
            raise day_is_spent(f"{used} of {most} calls, of which `budget` allows {self.settings.budget:.0%}")

    def _sign_in(self) -> Client:
        """Sign in. Called under the lock, so that threads whose session expired sign in once for all."""
        if self._refused and datetime.now(UTC) < self._refused[0]:
            raise self._refused[1]
        try:
            session_id, instance = self._patience(lambda: sign_in(self.settings, self.http))
        except ConfigurationError as error:
            self._refused = (datetime.now(UTC) + SIGN_IN_PAUSE, error)
            raise
        remember(session_id)
        self._wire.trust(f"https://{instance}")
        return Client(
            session_id=session_id,
            instance=instance,
            version=self.settings.api_version,
            session=self.http,
            object_pairs_hook=dict,
        )

    def _observe(self, response: requests.Response, **_: Any) -> None:
        """Count a call, record the usage from its answer, and validate what simple-salesforce would parse."""
        with self._counting:
            self._calls += 1
        answer = Answer.of(response, self.clock)
        judge_sign_in(self.settings, answer, response.url)
        if found := _USAGE.search(response.headers.get("Sforce-Limit-Info", "")):
            self._used = (int(found[1]), int(found[2]))
            if self._used[0] >= self._used[1] * self.settings.budget:
                self._blocked_until = datetime.now(UTC) + NEXT_LOOK


def _url(client: Client, path: str) -> str:
    if path.startswith(("https://", "http://")):
        return path
    return f"https://{client.sf_instance}{path}" if path.startswith("/") else f"{client.base_url}{path}"


def _success(answer: Answer) -> Answer:
    """Return a successful answer. The OAuth endpoints report an expired session as `Bad_OAuth_Token`."""
    if answer.status == requests.codes.unauthorized or answer.content.startswith(b"Bad_OAuth_Token"):
        raise Expired.of(answer.status, answer.headers, answer.content)
    if answer.status >= requests.codes.multiple_choices or answer.is_page:
        raise Problem.of(answer.status, answer.headers, answer.content)
    return answer


def _useless_session(problem: Problem) -> ConfigurationError:
    return ConfigurationError(
        "Salesforce refuses a session that it has just granted.",
        answer=str(problem),
        remedy="Check the app's policies: IP relaxation, session timeout, `api` scope, permitted users; and whether the"
        " user is frozen, as after calls from a VPN or proxy (Setup > Users).",
    )

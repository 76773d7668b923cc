"""One signed-in session with Salesforce, shared by all threads: time-outs, one refresh at a time, calls counted."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from threading import Event, Lock
from typing import Any, Final

import orjson
import requests
from simple_salesforce.api import Salesforce as Client

from connectors.base import Budget, ConfigurationError
from connectors.retrying import Patience
from connectors.salesforce.clock import Clock
from connectors.salesforce.errors import NEXT_LOOK, Problem, classify, day_is_spent
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.signin import judge_sign_in, sign_in
from connectors.salesforce.wire import Adapter, Answer

CLIENT_NAME: Final = "leadgauge"
HEADERS: Final = {
    "Content-Type": "application/json",
    "Sforce-Auto-Assign": "FALSE",  # else a written score would run the lead assignment rules again
    "Sforce-Call-Options": f"client={CLIENT_NAME}",
    "Sforce-Duplicate-Rule-Header": "allowSave=true",
    "Sforce-Query-Options": "batchSize=2000",
}
SIGN_IN_PAUSE: Final = timedelta(minutes=1)
"""After a refused sign-in no other is tried for so long: a storm of them would lock the user out."""

RENEWALS: Final = 3
"""How often one call signs in anew, at most."""

_USAGE: Final = re.compile(r"(?:^|[;,\s])api-usage=(\d+)/(\d+)")


class Session:
    """Calls Salesforce, signing in when needed; answers come raw, failures as `connectors.base` errors."""

    def __init__(self, settings: SalesforceSettings, stop: Event) -> None:
        self.settings = settings
        self.stop = stop
        self._patience = Patience(stop, classify)
        self._http = requests.Session()
        self.equip(self._http)
        self._lock = Lock()
        self._client: Client | None = None
        self._refused: tuple[datetime, ConfigurationError] | None = None
        self._counting = Lock()
        self._calls = 0
        self._used: tuple[int, int] | None = None
        self._blocked_until = datetime.min.replace(tzinfo=UTC)
        self.clock = Clock()

    def equip(self, http: requests.Session) -> None:
        """Give a requests session our time-outs and our address, and count its calls."""
        http.trust_env = self.settings.base_url is None
        http.hooks["response"].append(self._observe)
        adapter = Adapter(self.settings.timeout.total_seconds(), self.settings.base_url)
        http.mount("https://", adapter)
        http.mount("http://", adapter)

    def json(self, method: str, path: str, **options: Any) -> Any:
        """Call and return the answer's JSON; None where the answer is empty."""
        return self.call(method, path, **options).json

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = True,
    ) -> Answer:
        """Call `path`: relative to the API's version, from the root (`/services/…`), or a whole address.

        A call that is not `repeatable` is made again only where Salesforce certainly did nothing.
        """
        content = orjson.dumps(body) if body is not None else data

        def attempt(client: Client) -> Answer:
            with self._http.request(
                method,
                _url(client, path),
                params=params,
                data=content,
                headers={**HEADERS, "Authorization": f"Bearer {client.session_id}", **(headers or {})},
                stream=True,
            ) as response:
                return Answer.read(response, self.clock)

        return self._patience(lambda: self._signed_in(attempt), repeatable=repeatable)

    def client(self, stale: Client | None = None) -> Client:
        """Return the client that is signed in; signs in once where there is none, or where it is the `stale` one."""
        with self._lock:
            if self._client is None or self._client is stale:
                self._client = self._sign_in()
            return self._client

    def now(self) -> datetime:
        """Return the time by Salesforce's clock, in whole seconds."""
        self.client()  # signing in reads the clock
        return self.clock.now()

    def budget(self) -> Budget:
        """Return the calls made, and what was left of the day when Salesforce last said so."""
        used, most = self._used or (0, 0)
        left = max(int(most * self.settings.budget) - used, 0) if most else None
        return Budget(self._calls, left)

    @property
    def is_signed_in(self) -> bool:
        """Whether there is a session."""
        return self._client is not None

    @property
    def home(self) -> str:
        """The address of the org, for people."""
        return self.settings.base_url or f"https://{self.client().sf_instance}"

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def _signed_in(self, attempt: Callable[[Client], Answer]) -> Answer:
        """Call, and again after a new sign-in where the session had expired."""
        self._within_budget()
        client = self.client()
        answer = attempt(client)
        for _ in range(RENEWALS):
            if not _is_expired(answer):
                break
            client = self.client(stale=client)
            answer = attempt(client)
        if _is_expired(answer):
            raise _useless_session(_problem(answer))
        if answer.status >= requests.codes.multiple_choices or answer.is_page:
            raise _problem(answer)
        return answer

    def _within_budget(self) -> None:
        if datetime.now(UTC) < self._blocked_until:
            used, most = self._used or (0, 0)
            raise day_is_spent(f"{used} of {most} calls, of which `budget` lets us use {self.settings.budget:.0%}")

    def _sign_in(self) -> Client:
        """Sign in; called under the lock, so that many threads whose session expired sign in once."""
        if self._refused and datetime.now(UTC) < self._refused[0]:
            raise self._refused[1]
        try:
            session_id, instance = self._patience(lambda: sign_in(self.settings, self._http))
        except ConfigurationError as error:
            self._refused = (datetime.now(UTC) + SIGN_IN_PAUSE, error)
            raise
        return Client(
            session_id=session_id,
            instance=instance,
            version=self.settings.api_version,
            session=self._http,
            object_pairs_hook=dict,
        )

    def _observe(self, response: requests.Response, **_: Any) -> None:
        """Count a call, and read clock and usage off its answer."""
        with self._counting:
            self._calls += 1
        self.clock.note(response.headers)
        judge_sign_in(response)
        if found := _USAGE.search(response.headers.get("Sforce-Limit-Info", "")):
            self._used = (int(found[1]), int(found[2]))
            if self._used[0] >= self._used[1] * self.settings.budget:
                self._blocked_until = datetime.now(UTC) + NEXT_LOOK


def _url(client: Client, path: str) -> str:
    if path.startswith(("https://", "http://")):
        return path
    return f"https://{client.sf_instance}{path}" if path.startswith("/") else f"{client.base_url}{path}"


def _is_expired(answer: Answer) -> bool:
    """Whether the session is over; the addresses of OAuth say so in words of their own."""
    return answer.status == requests.codes.unauthorized or answer.content.startswith(b"Bad_OAuth_Token")


def _problem(answer: Answer) -> Problem:
    return Problem.of(answer.status, answer.headers, answer.content)


def _useless_session(problem: Problem) -> ConfigurationError:
    return ConfigurationError(
        "Salesforce refuses a session that it has just granted.",
        answer=str(problem),
        remedy="Check the connected app's policies: IP relaxation, session time-out, `api` scope, permitted users.",
    )

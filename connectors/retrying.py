"""The retry policy for all calls: retry what is safe to repeat, report the rest.

A connector's `classify` returns a verdict on each failure; this module does the waiting.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Final, NoReturn, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from connectors.base import ConnectorError, Interrupted, Unavailable
from connectors.limits import pause

T = TypeVar("T")
_REMEDY: Final = (
    "Check the network and the URL in the settings, or try again later: the next pass resumes from this point."
)
LONGEST: Final = 300.0
"""Seconds that are waited at most where a CRM asks to wait."""
_BACK_OFF: Final = wait_exponential(multiplier=1, min=1, max=60)


@dataclass(frozen=True, slots=True)
class Refused:
    """The CRM did not carry out the call, so it is always safe to repeat, after `seconds` if the CRM gave a delay."""

    reason: str
    seconds: float | None = None
    remedy: str = ""
    """What a person can do if this persists; by default, check the network and the URL."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The CRM may or may not have carried out the call, so it is repeated only if that is harmless."""

    reason: str
    seconds: float | None = None
    remedy: str = ""
    """As in `Refused`."""


@dataclass(frozen=True, slots=True)
class Fatal:
    """Retrying is pointless: this error is raised to the caller."""

    error: Exception


Verdict = Refused | Lost | Fatal


class _Again(Exception):  # noqa: N818 - a signal between two functions of this module
    def __init__(self, verdict: Refused | Lost) -> None:
        super().__init__(verdict.reason)
        self.verdict = verdict


class Patience:
    """Retries failed calls as `classify` says, up to `attempts` times, waiting at most `longest` seconds each time.

    `BudgetSpent` and `ConfigurationError` are raised at once, `Unavailable` when the attempts are exhausted and
    `Interrupted` as soon as `stop` is set.
    """

    def __init__(
        self,
        stop: Event,
        classify: Callable[[Exception], Verdict],
        *,
        crm: str = "The CRM",
        attempts: int = 8,
        longest: float = LONGEST,
        at_once: Callable[[Exception], ConnectorError | None] = lambda _: None,
    ) -> None:
        """`at_once` returns the error to raise without another attempt, or None."""
        self._stop, self._classify, self._crm, self._longest = stop, classify, crm, longest
        self._at_once = at_once
        self._retrying = Retrying(
            retry=retry_if_exception_type(_Again),
            stop=stop_after_attempt(attempts),
            wait=self._wait,
            sleep=lambda seconds: pause(stop, seconds),
            retry_error_callback=self._give_up,
        )

    def __call__(self, call: Callable[[], T], *, repeatable: bool = True) -> T:
        """Return the result of `call`. Unless `repeatable`, it is not made again once it may have had an effect."""
        return self._retrying.copy()(lambda: self._attempt(call, repeatable))

    def _attempt(self, call: Callable[[], T], repeatable: bool) -> T:  # noqa: FBT001 - private
        if self._stop.is_set():
            raise Interrupted("No further call was made to the CRM.")
        try:
            return call()
        except ConnectorError:
            raise
        except Exception as error:
            raise self._judge(error, repeatable) from error

    def _judge(self, error: Exception, repeatable: bool) -> Exception:  # noqa: FBT001 - private
        if unreached := self._at_once(error):
            return unreached
        match self._classify(error):
            case Fatal(final):
                return final
            case Lost(reason) if not repeatable:
                message = f"A call to {self._crm} may or may not have been carried out, and is not repeated."
                return Unavailable(message, answer=reason)
            case Refused(reason, seconds, remedy) | Lost(reason, seconds, remedy) if (seconds or 0) > self._longest:
                message = f"{self._crm} asks to wait for {seconds:.0f} seconds."
                return Unavailable(message, answer=reason, remedy=remedy)
            case verdict:
                return _Again(verdict)

    @staticmethod
    def _wait(state: RetryCallState) -> float:
        assert state.outcome is not None
        again = state.outcome.exception()
        assert isinstance(again, _Again)
        jitter = 1 + random.random() / 4  # noqa: S311 - spreads out threads; not for security
        asked = again.verdict.seconds
        return (_BACK_OFF(state) if asked is None else asked) * jitter

    def _give_up(self, state: RetryCallState) -> NoReturn:
        assert state.outcome is not None
        again = state.outcome.exception()
        assert isinstance(again, _Again)
        tried, since = state.attempt_number, datetime.now(UTC) - timedelta(seconds=state.seconds_since_start or 0.0)
        failed = f"{self._crm} failed {tried} times in a row."
        refused = f"{self._crm} did not take a call in {tried} attempts since {since:%H:%M} UTC."
        raise Unavailable(
            refused if isinstance(again.verdict, Refused) else failed,
            answer=str(again),
            remedy=again.verdict.remedy or _REMEDY,
        ) from again

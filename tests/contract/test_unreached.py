"""A host that cannot be reached is reported at once in `check`, while passes keep trying."""

from collections.abc import Callable
from socket import EAI_AGAIN, EAI_NONAME, gaierror

import pytest
import requests
from urllib3.connection import HTTPConnection
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NameResolutionError, NewConnectionError

from connectors.base import ConfigurationError, ConnectorError, Unavailable
from connectors.unreached import unreached
from pipeline.connect import connect
from tests.pauses import Hurried
from tests.stage import Stage

CONNECTION = HTTPConnection("crm.example")
NOBODY_LISTENS = "http://127.0.0.1:9"


def unresolved(number: int) -> NameResolutionError:
    error = NameResolutionError("crm.example", CONNECTION, gaierror(number, "said"))
    error.__cause__ = gaierror(number, "said")
    return error


@pytest.mark.parametrize(
    ("reason", "kind", "said"),
    [
        (unresolved(EAI_NONAME), ConfigurationError, "There is no host crm.example. Check `base_url` in the settings."),
        (unresolved(EAI_AGAIN), Unavailable, "no name server answers for crm.example"),
        (NewConnectionError(CONNECTION, "Connection refused"), Unavailable, "crm.example refuses the connection"),
        (ConnectTimeoutError(CONNECTION, "timed out"), Unavailable, "no connection in time"),
    ],
)
@pytest.mark.parametrize("wrap", [lambda error: error, requests.ConnectionError])
def test_what_is_wrong_is_said_with_what_to_do(
    reason: Exception, kind: type[ConnectorError], said: str, wrap: Callable[[Exception], Exception]
) -> None:
    """As urllib3 raises it, and as requests wraps it."""
    found = unreached(wrap(MaxRetryError(HTTPConnection("x"), "/", reason)), "HubSpot", "`base_url`")  # type: ignore[arg-type]
    assert type(found) is kind
    assert said in str(found)


def test_any_other_error_is_left_to_the_retries() -> None:
    assert unreached(requests.ConnectionError("reset by peer"), "HubSpot", "`base_url`") is None


def test_check_says_at_once_that_nothing_listens_and_exits_1(crm: Callable[..., Stage]) -> None:
    stage = crm(leads=1)
    stage.configure(lambda connection: connection.update(base_url=NOBODY_LISTENS))
    done = stage.leadgauge("check")
    assert done.returncode == 1, done.stdout
    assert "127.0.0.1 refuses the connection." in done.stdout
    assert "in a row" not in done.stdout
    assert "attempts" not in done.stdout


def test_the_check_of_a_pass_keeps_trying(crm: Callable[..., Stage]) -> None:
    stage = crm(leads=1)
    stage.configure(lambda connection: connection.update(base_url=NOBODY_LISTENS))
    connector = connect(stage.settings().connections["main"], Hurried())
    with pytest.raises(Unavailable, match=r"3 attempts|3 times in a row"):
        connector.check()
    connector.close()

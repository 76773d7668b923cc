"""Sending one message to one sink."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from threading import Event
from typing import Final

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, stop_when_event_set

from config.notify import EmailSink, Sink, SlackSink, TeamsSink, WebhookSink
from connectors.base import ConfigurationError
from connectors.deadlines import Watch
from pipeline.notify import mail, slack, teams, webhook
from pipeline.notify.message import Message
from pipeline.notify.posting import DEADLINE, address, post
from pipeline.notify.undelivered import Undelivered

ATTEMPTS: Final = 2
"""How often a call is made before the message goes back into the queue."""
PATIENCE: Final = 5.0
"""The most seconds between two attempts; a sink that asks for more gets the message later."""


def send(
    sink: Sink, message: Message, stop: Event, *, deadline: float = DEADLINE, attempts: int = ATTEMPTS
) -> Mapping[str, datetime]:
    """Send a message; raise `Undelivered` if the sink did not take it. Return when its certificates end, by host.

    After a lost answer it is sent again: an e-mail then has the same Message-ID, a webhook the same `id` and the header
    Idempotency-Key.
    """
    again = Retrying(
        retry=retry_if_exception(_is_passing),
        stop=stop_after_attempt(attempts) | stop_when_event_set(stop),
        wait=_pause,
        sleep=partial(_wait, stop),
        reraise=True,
    )
    watch = Watch(stop)
    again(lambda: _send(sink, message, watch, deadline))
    return watch.certificates


def wrong(sink: Sink) -> dict[str, str]:
    """Return what is wrong with the secrets of a sink, by option, without asking the sink."""
    found: dict[str, str] = {}
    for name, secret in sink.secrets.items():
        try:
            value = secret.reveal()
            if name == "url":
                address(value)
            elif not value.isprintable():
                found[name] = "the secret has characters that cannot be in it, such as a line break"
        except (ConfigurationError, Undelivered) as error:
            found[name] = str(error)
    return found


def _send(sink: Sink, message: Message, watch: Watch, deadline: float) -> None:
    if faults := wrong(sink):
        raise Undelivered("; ".join(f"`{name}`: {why}" for name, why in faults.items()))
    match sink:
        case EmailSink():
            mail.send(sink, message, watch, deadline)
        case SlackSink():
            post(sink.url.reveal(), slack.payload(message), {}, watch, deadline)
        case TeamsSink():
            post(sink.url.reveal(), teams.payload(message), {}, watch, deadline)
        case WebhookSink():
            login = {"Authorization": sink.authorization.reveal()} if sink.authorization else {}
            headers = {"Idempotency-Key": message.id, **login}
            post(sink.url.reveal(), webhook.payload(message), headers, watch, deadline)


def _wait(stop: Event, seconds: float) -> None:
    stop.wait(seconds)


def _is_passing(error: BaseException) -> bool:
    return isinstance(error, Undelivered) and not error.at_fault and (error.wait or 0.0) <= PATIENCE


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return error.wait if isinstance(error, Undelivered) and error.wait is not None else 1.0

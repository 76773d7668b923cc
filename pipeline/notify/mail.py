"""E-mail by SMTP: encrypted, verified, and plain text."""

import logging
import smtplib
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import Any, Final

from config.notify import EmailSink
from connectors.base import Interrupted
from connectors.deadlines import Call, Overdue, Watch
from pipeline.notify.message import Message
from pipeline.notify.posting import GRACE, TO_CONNECT
from pipeline.notify.undelivered import Undelivered
from vocabulary.outside import clean

_REASONS: Final[Mapping[type[Exception], str]] = {
    smtplib.SMTPAuthenticationError: "{host} refused the login",
    smtplib.SMTPNotSupportedError: "{host} does not offer what is asked of it: encryption, or a login",
    smtplib.SMTPRecipientsRefused: "{host} refused every recipient",
    ssl.SSLError: "the certificate of {host} cannot be verified, or it does not speak TLS",
    Overdue: "{host} cannot be reached: it took longer than allowed",
    TimeoutError: "{host} cannot be reached: it took longer than allowed",
    Interrupted: "leadgauge was stopped",
}

logger: Final = logging.getLogger(__name__)


class _Client(smtplib.SMTP):
    """An SMTP client whose connection the deadline can cut, and which encrypts from the start if asked to."""

    def __init__(self, host: str, call: Call, context: ssl.SSLContext | None, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._host, self._call, self._context = host, call, context  # STARTTLS verifies the certificate for `_host`

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        made = socket.create_connection((host, port), min(TO_CONNECT, timeout))
        made.settimeout(timeout)
        self._call.spares.append(made.dup())
        self._call.sockets.append(self._call.spares[-1])
        if self._context is None:
            return made
        secure = self._context.wrap_socket(made, server_hostname=host)
        self._call.note_certificate(host, secure)
        return secure


def composed(sink: EmailSink, message: Message) -> EmailMessage:
    """Return the e-mail. A header cannot be injected: the title is one clean line, addresses are checked."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = clean(message.title, limit=140)
    mail["From"], mail["To"] = sink.sender, ", ".join(sink.to)
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = f"<{message.id}@{sink.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office reply
    mail.set_content(message.text + "\n", charset="utf-8", cte="base64")
    return mail


def send(sink: EmailSink, message: Message, watch: Watch, deadline: float) -> None:
    """Send an e-mail; raise `Undelivered` if the server did not accept it."""
    _talking(sink, watch, deadline, lambda client: _handed_over(client, sink, message))


def _handed_over(client: smtplib.SMTP, sink: EmailSink, message: Message) -> None:
    refused = client.send_message(composed(sink, message), sink.sender, list(sink.to))
    if refused:  # the others have it, and would have it twice
        logger.warning("%s refused %s of %s recipients of an e-mail", sink.host, len(refused), len(sink.to))


def _talking(sink: EmailSink, watch: Watch, deadline: float, work: Callable[[smtplib.SMTP], None]) -> None:
    context = ssl.create_default_context()
    password = sink.password.reveal() if sink.password else None
    try:
        with watch.call(deadline, grace=GRACE) as call:
            client = _Client(sink.host, call, context if sink.security == "tls" else None, deadline)
            try:
                client.connect(sink.host, sink.its_port)
                if sink.security == "starttls":
                    client.starttls(context=context)  # raises if the server does not offer it
                    call.note_certificate(sink.host, client.sock)
                if sink.user is not None and password is not None:
                    client.login(sink.user, password)
                work(client)
            finally:
                _leave(client)
    except (smtplib.SMTPException, OSError, Overdue, Interrupted, ValueError) as error:
        raise Undelivered(_reason(sink.host, error)) from None  # its text may have the login


def _leave(client: smtplib.SMTP) -> None:
    """Close the connection. What the server says now does not matter: it has accepted the e-mail, or not."""
    with suppress(smtplib.SMTPException, OSError):
        if client.sock is not None:
            client.sock.settimeout(1.0)
            client.quit()
    client.close()


def _reason(host: str, error: Exception) -> str:
    for kind, why in _REASONS.items():
        if isinstance(error, kind):
            return why.format(host=host)
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{host} answered {error.smtp_code}: {clean(_text(error.smtp_error), limit=150)}"
    return f"{host} cannot be reached: no connection, or it broke off"


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said

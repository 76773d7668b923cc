"""Sanitise external text before it reaches a terminal, a log or the database.

A CRM's error text may contain control sequences, newlines that forge log lines, someone's email address, or our own
token echoed back. `clean` is applied where such text enters: errors, refusals, findings and every log line.
"""

import html
import re
from collections import deque
from typing import Final
from urllib.parse import quote

LIMIT: Final = 600
"""Maximum characters kept of one external text."""
SECRET: Final = "[secret]"  # noqa: S105 - the placeholder for one
ADDRESS: Final = "[e-mail]"

_MOST: Final = 20_000
"""Maximum characters examined; an error page may be megabytes long."""
_SEARCHED: Final = 4
"""Multiple of `limit` that is searched for addresses and tokens, because each match shortens the text."""
_SHORTEST: Final = 6
"""Known secrets shorter than this are not masked, because they would match inside ordinary words."""
_DIGITS: Final = 3
_KNOWN: Final[deque[tuple[str, ...]]] = deque(maxlen=200)
"""Secrets that this process has read or been granted, each in every form an answer may echo it in.

Access tokens are renewed every half hour, so the oldest entries are dropped.
"""

_SEQUENCES: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,100}[ -/]{0,10}[@-~]?"  # cursor, colours
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]{0,500}(?:\x07|\x1b\\|\x9c)"  # titles, links, device strings
    r"|\x1b[ -/]{0,10}[0-~]"
)
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_UNPRINTABLE: Final = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_PAGE: Final = re.compile(r"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_UNSEEN: Final = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_TAG: Final = re.compile(r"<[^<>]{0,2000}>")
_MAIL: Final = re.compile(r"[^\s@<>\"'(),:;=\[\]{}|/\\]{1,64}(?:@|%40)(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
_NAMED: Final = (
    r"authorization|access[_-]?token|refresh[_-]?token|id[_-]?token|client[_-]?secret|consumer[_-]?secret|api[_-]?key"
    r"|hapikey|password|passwd|pwd|secret|session[_-]?id|assertion|code[_-]?verifier|token|sig|(?:x-amz-)?signature"
    r"|x-amz-security-token|x-amz-credential|policy|cookie"
)
_CREDENTIALS: Final = (
    (re.compile(r"-----BEGIN [A-Z ]{0,40}-----.*?(?:-----END [A-Z ]{0,40}-----|$)", re.DOTALL), SECRET),
    (re.compile(r"(?i)\b(authorization[\"']?\s*[:=]\s*[\"']?)(?:(\w+)\s+)?[^\s\"',;<>]+"), rf"\g<1>{SECRET}"),
    (re.compile(r"(?i)\b(bearer|basic|oauth)\s+(?=\S*[\d._+/=~-])[\w.~+/=!-]{8,}"), rf"\g<1> {SECRET}"),
    (re.compile(rf"(?i)(<(?:\w+:)?(?:{_NAMED})\b[^<>]{{0,200}}>)[^<]*"), rf"\g<1>{SECRET}"),
    (
        re.compile(rf"(?i)\b((?:{_NAMED})[\"']?\s*(?:=|\"?:)\s*[\"']?)(?=[^\s\"',;&<>\[\]]{{6}})[^\s\"',;&<>]+"),
        rf"\g<1>{SECRET}",
    ),
    (re.compile(r"(://)[^\s/@:]{0,100}:[^\s/@]{1,200}@"), rf"\g<1>{SECRET}@"),
    (re.compile(r"\b00D[A-Za-z0-9]{12,15}![\w.]{4,}"), SECRET),  # a Salesforce session id
    (re.compile(r"\bpat-[a-z]{2}\d?-[0-9a-zA-Z-]{8,}"), SECRET),  # a HubSpot private-app token
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?"), SECRET),
)
_OPAQUE: Final = re.compile(r"[A-Za-z0-9+=-]{32,}")
"""A candidate for a token of any format; `_is_token` decides."""


def remember(secret: str) -> None:
    """Mask a secret from now on wherever external text contains it."""
    forms = (secret, *sorted({quote(secret, safe=""), repr(secret)[1:-1]} - {secret}))
    if len(secret) >= _SHORTEST and forms not in _KNOWN:
        _KNOWN.append(forms)


def clean(text: object, *, limit: int = LIMIT) -> str:
    """Sanitise external text into one line of at most `limit` characters, without email addresses or secrets."""
    seen = _without_tags(_known_masked(str(text)[:_MOST]))
    said = _masked(_cut(" ".join(_bare(seen).split()), _SEARCHED * limit))
    return said if len(said) <= limit else said[: limit - 1].rstrip() + "…"


def printable(text: str) -> str:
    """Return our own text, which may quote external text, without terminal control sequences. Newlines are kept."""
    return _bare(_known_masked(text))


def escaped(json: str) -> str:
    """Return equivalent JSON in which terminal control characters are escaped."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json)


def _bare(text: str) -> str:
    return _INVISIBLE.sub("", _SEQUENCES.sub("", text))


def _without_tags(text: str) -> str:
    """Return the text content of an HTML page, and any other text unchanged."""
    if not _PAGE.match(text):
        return text
    return html.unescape(_TAG.sub(" ", _UNSEEN.sub(" ", text)))


def _known_masked(text: str) -> str:
    found = [form for forms in _KNOWN for form in forms if form in text]
    for form in sorted(found, key=len, reverse=True):  # one secret may contain another
        text = text.replace(form, SECRET)
    return text


def _cut(line: str, length: int) -> str:
    """Return whole words up to a length, because half a token would not be recognised as one."""
    return line if len(line) <= length else " ".join([*line[:length].split(" ")[:-1], "…"])


def _masked(line: str) -> str:
    for pattern, instead in _CREDENTIALS:
        line = pattern.sub(instead, line)
    line = _OPAQUE.sub(lambda found: SECRET if _is_token(found[0]) else found[0], line)
    return _MAIL.sub(ADDRESS, _known_masked(line))


def _is_token(word: str) -> bool:
    """Return whether a long word mixes upper case, lower case and digits, as tokens do and names and ids do not."""
    return word != word.lower() and word != word.upper() and sum(map(str.isdigit, word)) >= _DIGITS

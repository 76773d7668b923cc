"""Which kind of activity a row of a table is about, by its words."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

import polars as pl

from meaning.forms import kind_of_form
from meaning.words import folded

_DONE: Final = re.compile(
    r"\b(open(s|ed)?|click(s|ed)?|visit(s|ed)?|view(s|ed)?|download(s|ed)?|attend(s|ed|ance)?|register(s|ed)?|registration"
    r"|request(s|ed)?"
    r"|submit(s|ted)?|submission|fill(s|ed)? (in|out)|subscrib(e|es|ed)|subscription|sign(s|ed)? ?up|trial"
    r"|repl(y|ies|ied)|bounce(s|d)?|unsubscrib(e|es|ed)|watch(es|ed)?|demo|webinars?|webcasts?|geoffnet|geklickt|besucht"
    r"|heruntergeladen|teilgenommen|angemeldet|abgemeldet|hard bounces?)\b"
)
"""Words of something that leads do."""
_EVENT: Final = "event|conference|trade ?show|messe|booth|exhibition|in person"
_KINDS: Final[Mapping[str, str]] = {
    r"unsubscrib|opt(ed)? ?out|abgemeldet|abmeldung": "unsubscribe",
    r"bounce": "bounce",
    r"spam": "spam_complaint",
    r"(e ?mail|newsletter).*(open|geoffnet)|(open|geoffnet).*(e ?mail|newsletter)": "email_open",
    r"(e ?mail|newsletter|link).*(click|geklickt)|(click|geklickt).*(e ?mail|newsletter|link)": "email_click",
    r"(e ?mail).*(repl|answer|respon)|(repl|answer|respon).*(e ?mail)": "email_reply",
    r"(webinar|webcast|web seminar).*(regist|sign|anmeld)|regist.*(webinar|webcast)": "webinar_register",
    r"webinar|webcast|web seminar": "webinar_attend",
    rf"({_EVENT}).*(regist|anmeld)|regist.*({_EVENT})": "event_register",
    rf"\b({_EVENT})\b": "event_attend",
    r"\b(page|pages|website|web ?site|url|seite)\b|visit|besucht": "page_view",
    r"\b(social|linkedin|twitter|facebook)\b": "social_engage",
    r"\bchat\b": "chat",
    r"\b(call|phone|telefon)": "call",
    r"\bmeeting": "meeting",
}
"""Patterns of folded words and the kinds that they tell, the first that is found."""


@cache
def kind_of(text: str) -> str | None:
    """Return the kind of activity that a text names, or None."""
    words = _folded(text)
    found = next((kind for pattern, kind in _KINDS.items() if re.search(pattern, words)), None)
    return found or _of_form(text) or ("form_submit" if re.search(r"\bforms?\b|\bformular", words) else None)


def is_done(text: str) -> bool:
    """Return whether a text names something that leads do, and not what they are."""
    return bool(_DONE.search(_folded(text)))


def _of_form(text: str) -> str | None:
    found: str | None = pl.DataFrame({"text": [text]}).select(kind_of_form(pl.col("text")))["text"].item()
    return found


@cache
def _folded(text: str) -> str:
    found: str = pl.DataFrame({"text": [text]}).select(folded(pl.col("text")))["text"].item()
    return found

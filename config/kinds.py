"""The kinds of activity that have a fixed meaning, with what they mean. Others may be used as well."""

from collections.abc import Mapping
from typing import Final

KINDS: Final[Mapping[str, str]] = {
    "page_view": "looked at a page of the website",
    "email_open": "opened a marketing e-mail",
    "email_click": "clicked a link in a marketing e-mail",
    "email_reply": "answered an e-mail",
    "form_submit": "sent a form that is none of the more telling ones below",
    "content_download": "downloaded a whitepaper, case study or the like",
    "webinar_register": "registered for a webinar",
    "webinar_attend": "attended a webinar",
    "event_attend": "attended an event",
    "social_engage": "reacted to a post",
    "demo_request": "asked for a demonstration",
    "pricing_request": "asked for a price or an offer",
    "contact_request": "asked to be contacted",
    "trial_start": "started a trial",
    "chat": "wrote in the chat",
    "call": "was on the phone with sales",
    "meeting": "met sales",
    "sales_email": "was written to by sales",
    "unsubscribe": "unsubscribed",
    "bounce": "an e-mail came back",
    "spam_complaint": "marked an e-mail as spam",
}

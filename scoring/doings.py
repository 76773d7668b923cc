"""What activities are called in sentences, and whose they are."""

from collections.abc import Mapping
from typing import Final

SAID: Final[Mapping[str, str]] = {
    "demo_request": "Asked for a demo",
    "pricing_request": "Asked for a price",
    "contact_request": "Asked to be contacted",
    "trial_start": "Started a trial",
    "chat": "Used the chat",
    "email_reply": "Replied to an email",
    "content_download": "Downloaded content",
    "webinar_register": "Registered for a webinar",
    "webinar_attend": "Attended a webinar",
    "event_register": "Registered for an event",
    "event_attend": "Attended an event",
    "call": "Had a call",
    "meeting": "Had a meeting",
    "support_request": "Asked for support",
    "newsletter_signup": "Subscribed to a newsletter",
}
"""How a sentence begins about kinds that say what the lead did; other kinds have the name of their rule."""

TOUCHES: Final[Mapping[str, str]] = {
    "meeting": "met",
    "call": "called",
    "sales_email": "wrote",
    "no_show": "no-show",
    "call_attempt": "tried to call",
}
"""The kinds of activities by which sales reaches out, and how a next step tells them.

Of several at one moment the first in this order counts.
"""
REACHED: Final = ("meeting", "call", "sales_email")
"""Those by which it reached the lead; the others were attempts."""

THEIRS: Final = (
    "email_reply",
    "chat",
    "form_submit",
    "content_download",
    "webinar_register",
    "event_register",
    "newsletter_signup",
    "survey",
    "demo_request",
    "pricing_request",
    "contact_request",
    "trial_start",
    "support_request",
)
"""The kinds of activities by which a lead writes to us: answers, forms, requests."""

"""The activity kinds with a fixed meaning. Other kinds can be used too."""

from collections.abc import Mapping
from typing import Final

KINDS: Final[Mapping[str, str]] = {
    "page_view": "viewed a page of the website",
    "email_open": "opened a marketing email",
    "email_click": "clicked a link in a marketing email",
    "email_reply": "replied to an email",
    "form_submit": "submitted a form that has no kind of its own below",
    "content_download": "downloaded a whitepaper, case study or similar",
    "webinar_register": "registered for a webinar",
    "webinar_attend": "attended a webinar",
    "event_attend": "attended an event",
    "social_engage": "reacted to a post",
    "demo_request": "asked for a demo",
    "pricing_request": "asked for a price or a quote",
    "contact_request": "asked to be contacted",
    "trial_start": "started a trial",
    "product_use": "used the product, or did something in it that the name says",
    "chat": "used the chat",
    "call": "had a phone call with sales",
    "call_attempt": "was called by sales, who did not reach the lead: nobody answered, a voicemail, a wrong number",
    "meeting": "had a meeting with sales",
    "no_show": "did not come to a meeting with sales",
    "sales_email": "got an email from sales",
    "newsletter_signup": "subscribed to a newsletter",
    "event_register": "registered for an event",
    "support_request": "asked for support",
    "job_application": "applied for a job",
    "survey": "answered a survey",
    "preferences": "changed which messages to get, on a form",
    "unsubscribe": "unsubscribed",
    "bounce": "an email to the lead bounced",
    "spam_complaint": "marked an email as spam",
}

"""The invented company's pages, forms, mailings, webinars and sales activities."""

from dataclasses import dataclass
from typing import Final

SITE: Final = "https://www.acme-analytics.example"


@dataclass(frozen=True, slots=True)
class Place:
    """The place of an activity: a page, form, mailing, webinar or kind of call."""

    kind: str
    name: str
    url: str | None = None
    cold: float = 0.0
    warm: float = 0.0
    hot: float = 0.0
    """Relative frequency for leads with no, some and strong intent."""


def _pages() -> list[Place]:
    shown = {
        "/": ("Acme Analytics", 9, 6, 4),
        "/product": ("Product tour", 3, 5, 5),
        "/product/integrations": ("Integrations", 1, 3, 3),
        "/product/security": ("Security", 0.5, 1, 2),
        "/pricing": ("Pricing", 0.8, 3, 8),
        "/pricing/enterprise": ("Enterprise pricing", 0.1, 0.6, 2.5),
        "/customers": ("Customers", 1, 2, 2),
        "/docs/getting-started": ("Getting started", 1, 2, 2),
        "/about": ("About us", 1.5, 1, 0.5),
        "/careers": ("Careers", 1.5, 0.5, 0.05),
        "/careers/data-engineer": ("Data engineer (m/f/d)", 0.8, 0.2, 0.02),
    }
    return [Place("page_view", name, SITE + path, *weights) for path, (name, *weights) in shown.items()]


def _posts() -> list[Place]:
    titles = (
        "Five signs of a warm lead",
        "Attribution without tears",
        "What a pipeline review is for",
        "Was Vertrieb von Statistik lernt",
        "数据驱动的销售",
        "The quiet cost of bad data",
        "Forecasts that hold",
        "Why we deleted half our dashboards",
        "A field guide to intent",
        "Notes from forty sales calls",
    )
    return [
        Place("page_view", title, f"{SITE}/blog/{number:02d}", 1.2, 1.0, 0.4) for number, title in enumerate(titles, 1)
    ]


def _downloads() -> list[Place]:
    titles = ("Whitepaper: lead scoring that lasts", "Case study: Northwind", "Buyer's guide 2026", "ROI calculator")
    return [
        Place("content_download", title, f"{SITE}/resources/{number}", 0.4, 2.0, 1.5)
        for number, title in enumerate(titles, 1)
    ]


def _forms() -> list[Place]:
    return [
        Place("demo_request", "Request a demo", f"{SITE}/demo", 0.05, 0.4, 3.0),
        Place("pricing_request", "Ask for a quote", f"{SITE}/pricing/quote", 0.02, 0.2, 1.6),
        Place("contact_request", "Contact us", f"{SITE}/contact", 0.15, 0.4, 0.8),
        Place("form_submit", "Newsletter", f"{SITE}/newsletter", 1.0, 0.8, 0.2),
    ]


def _mailings() -> list[Place]:
    subjects = ("Product news", "Your monthly digest", "New: integrations", "Invitation: live tour", "Customer story")
    mails = [(kind, subject) for kind in ("email_open", "email_click") for subject in subjects]
    weight = {"email_open": (2.2, 1.8, 1.2), "email_click": (0.5, 1.0, 1.2)}
    places = [Place(kind, subject, None, *weight[kind]) for kind, subject in mails]
    return [*places, Place("unsubscribe", "Product news", None, 0.6, 0.1, 0.02), Place("bounce", "Product news")]


def _webinars() -> list[Place]:
    titles = ("Lead scoring live", "Ask the analysts", "Roadmap, autumn", "Forecasting for sales", "Data quality day")
    seen = [Place("webinar_register", title, f"{SITE}/webinars/{i}", 0.3, 1.2, 0.8) for i, title in enumerate(titles)]
    return [*seen, *(Place("webinar_attend", title, f"{SITE}/webinars/{i}") for i, title in enumerate(titles))]


def _sales() -> list[Place]:
    return [
        Place("call", "Introductory call"),
        Place("call", "Follow-up call"),
        Place("meeting", "Discovery meeting"),
        Place("meeting", "Product demonstration"),
        Place("sales_email", "Your request"),
        Place("sales_email", "Proposal"),
        Place("email_reply", "Re: Your request"),
    ]


PLACES: Final[tuple[Place, ...]] = (
    *_pages(),
    *_posts(),
    *_downloads(),
    *_forms(),
    *_mailings(),
    *_webinars(),
    *_sales(),
)
"""All places; an activity refers to one by its index."""

TAGS: Final = (
    "",
    "?utm_source=newsletter&utm_medium=email",
    "?utm_source=google&utm_medium=cpc&gclid=EAIaIQob",
    "?utm_campaign=autumn&_hsenc=p2ANqtz",
)
"""Tracking parameters of URLs; an activity refers to one by its index."""

FORM_KINDS: Final = ("content_download", "demo_request", "pricing_request", "contact_request", "form_submit")
SHORT: Final = 240
"""Seconds of a call or meeting below which it did not take place: nobody answered, or nobody came."""
VOICEMAIL: Final = "Left voicemail"
NO_SHOW: Final = "No-show: "
SALES_KINDS: Final = ("call", "meeting", "sales_email", "email_reply")
MAIL_KINDS: Final = ("email_open", "email_click", "unsubscribe", "bounce")


def places_of(*kinds: str) -> list[int]:
    """Return the indexes of the places for these kinds of activity."""
    return [number for number, place in enumerate(PLACES) if place.kind in kinds]

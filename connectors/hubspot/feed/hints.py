"""Which property of a contact moves with which activity, where HubSpot tells of properties but not of the activity.

The journal and webhooks know records and their properties. Page views, submissions and marketing emails are no records,
but HubSpot itself keeps counters and times of them on the contact:
https://knowledge.hubspot.com/properties/hubspots-default-contact-properties (2026-11). A change of one of these means
that the stream has something new about this contact. They may lag behind the activity itself, and not every activity
moves one, so the streams remain what is complete.
"""

from collections.abc import Mapping
from typing import Final

from connectors.hubspot.portal import FORM_EVENT, PAGE_EVENT

_CONVERSIONS: Final = ("recent_conversion_date", "num_conversion_events")
"""When the contact last submitted a form, and how often it did."""
_LOGGED: Final = ("notes_last_updated",)
"""When a call, chat, email, meeting, note or task was last logged with the contact."""
_CONTACTED: Final = ("notes_last_contacted", *_LOGGED)
"""When a call, chat, one-to-one email or meeting was last logged, besides."""

HINTS: Final[Mapping[str, tuple[str, ...]]] = {
    f"events.{PAGE_EVENT}": ("hs_analytics_last_timestamp", "hs_analytics_num_page_views"),
    f"events.{FORM_EVENT}": _CONVERSIONS,
    "forms": _CONVERSIONS,
    "events.e_v2_contact_replied_sequence_email": ("hs_sales_email_last_replied",),
    "email_events.OPEN": ("hs_email_last_open_date", "hs_email_open"),
    "email_events.CLICK": ("hs_email_last_click_date", "hs_email_click"),
    "email_events.BOUNCE": ("hs_email_bounce",),
    "email_events.STATUSCHANGE": ("hs_email_optout",),
    "emails": ("hs_sales_email_last_replied", *_CONTACTED),
    "calls": _CONTACTED,
    "meetings": _CONTACTED,
    "communications": _CONTACTED,
    "notes": _LOGGED,
    "tasks": _LOGGED,
}
"""The properties by stream.

Nothing moves with a spam complaint, a participation in a webinar or an event of one's own type, which the streams
bring. Engagements are records, so they are told of by themselves; what is named for them here is for portals that
refuse a subscription to them.
"""

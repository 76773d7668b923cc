"""The default properties and groups of every account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from leadgauge_sandbox.hubspot.properties import Property, define

if TYPE_CHECKING:
    from leadgauge_sandbox.hubspot.types import ObjectType

STAGES: Final = {
    "subscriber": "Subscriber",
    "lead": "Lead",
    "marketingqualifiedlead": "Marketing Qualified Lead",
    "salesqualifiedlead": "Sales Qualified Lead",
    "opportunity": "Opportunity",
    "customer": "Customer",
    "evangelist": "Evangelist",
    "other": "Other",
}
SOURCES: Final = (
    "ORGANIC_SEARCH",
    "PAID_SEARCH",
    "EMAIL_MARKETING",
    "SOCIAL_MEDIA",
    "REFERRALS",
    "DIRECT_TRAFFIC",
    "OFFLINE",
    "OTHER_CAMPAIGNS",
)
STATUSES: Final = (
    "NEW",
    "OPEN",
    "IN_PROGRESS",
    "OPEN_DEAL",
    "UNQUALIFIED",
    "ATTEMPTED_TO_CONTACT",
    "CONNECTED",
    "BAD_TIMING",
)
INDUSTRIES: Final = (
    "Software",
    "Finance",
    "IT services",
    "SaaS",
    "Manufacturing",
    "Retail",
    "Healthcare",
    "Education",
    "Logistics",
)
BUYING_ROLES: Final = {
    "BLOCKER": "Blocker",
    "BUDGET_HOLDER": "Budget Holder",
    "CHAMPION": "Champion",
    "DECISION_MAKER": "Decision Maker",
    "END_USER": "End User",
    "EXECUTIVE_SPONSOR": "Executive Sponsor",
    "INFLUENCER": "Influencer",
    "LEGAL_AND_COMPLIANCE": "Legal & Compliance",
    "OTHER": "Other",
}
"""The options of a recorded contact schema."""
SENIORITIES: Final = ("executive", "director", "manager", "individual", "student")

CALL_OUTCOMES: Final = {
    "9d9162e7-6cf3-4944-bf63-4dff82258764": "Busy",
    "f240bbac-87c9-4f6e-bf70-924b57d47db7": "Connected",
    "a4c4c377-d246-4b32-a13b-75a56a4cd0ff": "Left live message",
    "b2cf5968-551e-4856-9783-52b3da59a7d0": "Left voicemail",
    "73a0d17f-1163-4015-bdd5-ec830791da20": "No answer",
    "17b47fee-58de-441e-a44c-c6300d46f273": "Wrong number",
}
"""The outcomes of calls that every account has:
https://developers.hubspot.com/docs/api-reference/latest/crm/activities/calls/guide (2026-11)."""

TEXT: Final = ("string", "text")
NUMBER: Final = ("number", "number")
DATE: Final = ("date", "date")
TIME: Final = ("datetime", "date")
FLAG: Final = ("bool", "booleancheckbox", {"true": "Yes", "false": "No"})

Row = tuple[str, str, tuple[Any, ...]]

CONTACT: Final[tuple[Row, ...]] = (
    ("email", "Email", TEXT),
    ("firstname", "First Name", TEXT),
    ("lastname", "Last Name", TEXT),
    ("phone", "Phone Number", ("string", "phonenumber")),
    ("mobilephone", "Mobile Phone Number", ("string", "phonenumber")),
    ("jobtitle", "Job Title", TEXT),
    ("company", "Company Name", TEXT),
    ("website", "Website URL", TEXT),
    ("address", "Street Address", TEXT),
    ("city", "City", TEXT),
    ("zip", "Postal Code", TEXT),
    ("country", "Country/Region", TEXT),
    ("industry", "Industry", TEXT),
    ("numemployees", "Number of Employees", TEXT),
    ("annualrevenue", "Annual Revenue", TEXT),
    ("associatedcompanyid", "Primary Associated Company ID", NUMBER),
    ("hubspot_owner_id", "Contact owner", TEXT),
    ("lifecyclestage", "Lifecycle Stage", ("enumeration", "radio", STAGES)),
    ("hs_lead_status", "Lead Status", ("enumeration", "radio", STATUSES)),
    ("hs_additional_emails", "Additional email addresses", TEXT),
    (
        "hs_buying_role",
        "Buying Role",
        ("enumeration", "checkbox", BUYING_ROLES),
    ),
    ("seniority", "Seniority", ("enumeration", "select", SENIORITIES)),
    ("budget", "Budget", NUMBER),
    ("purchase_by", "Wants to buy by", DATE),
    ("is_student", "Is a student", FLAG),
    ("lead_source", "Lead source", TEXT),
)
"""Properties that users and integrations may write."""

CONTACT_DERIVED: Final[tuple[Row, ...]] = (
    ("createdate", "Create Date", TIME),
    ("lastmodifieddate", "Last Modified Date", TIME),
    ("hs_object_id", "Record ID", NUMBER),
    ("hs_email_domain", "Email Domain", TEXT),
    ("hs_full_name_or_email", "Full name or email", TEXT),
    ("hs_all_contact_vids", "All vids for a contact", TEXT),
    ("hs_merged_object_ids", "Merged record IDs", TEXT),
    ("hs_calculated_merged_vids", "Merged vids with timestamps of a contact", TEXT),
    ("hs_is_contact", "Is a contact", FLAG),
    ("hs_is_unworked", "Contact unworked", FLAG),
    ("hs_pipeline", "Pipeline", TEXT),
    ("hs_registered_member", "Registered member", NUMBER),
    ("hs_membership_has_accessed_private_content", "Accessed private content", NUMBER),
    ("hs_associated_target_accounts", "Associated Target Accounts", NUMBER),
    ("hs_currently_enrolled_in_prospecting_agent", "Enrolled in prospecting agent", FLAG),
    ("hs_prospecting_agent_actively_enrolled_count", "Prospecting agent, active", NUMBER),
    ("hs_prospecting_agent_total_enrolled_count", "Prospecting agent, total", NUMBER),
    ("hs_sequences_actively_enrolled_count", "Sequences enrolled", NUMBER),
    ("hs_analytics_num_page_views", "Number of Pageviews", NUMBER),
    ("hs_analytics_num_visits", "Number of Sessions", NUMBER),
    ("hs_analytics_num_event_completions", "Number of event completions", NUMBER),
    ("hs_analytics_first_timestamp", "Time First Seen", TIME),
    ("hs_analytics_last_timestamp", "Time Last Seen", TIME),
    ("hs_analytics_last_visit_timestamp", "Time of Last Session", TIME),
    ("hs_analytics_last_url", "Last Page Seen", TEXT),
    ("hs_analytics_source", "Original Traffic Source", ("enumeration", "select", SOURCES)),
    ("hs_email_delivered", "Marketing emails delivered", NUMBER),
    ("hs_email_open", "Marketing emails opened", NUMBER),
    ("hs_email_click", "Marketing emails clicked", NUMBER),
    ("hs_email_bounce", "Marketing emails bounced", NUMBER),
    ("hs_email_last_open_date", "Last marketing email open date", TIME),
    ("hs_email_last_click_date", "Last marketing email click date", TIME),
    ("hs_email_last_send_date", "Last marketing email send date", TIME),
    ("hs_email_optout", "Unsubscribed from all email", FLAG),
    ("hs_email_sends_since_last_engagement", "Sends since last engagement", NUMBER),
    ("num_conversion_events", "Number of Form Submissions", NUMBER),
    ("num_unique_conversion_events", "Number of Unique Forms Submitted", NUMBER),
    ("first_conversion_date", "First Conversion Date", TIME),
    ("first_conversion_event_name", "First Conversion", TEXT),
    ("recent_conversion_date", "Recent Conversion Date", TIME),
    ("recent_conversion_event_name", "Recent Conversion", TEXT),
    ("hs_sales_email_last_replied", "Recent Sales Email Replied Date", TIME),
    ("hs_last_sales_activity_timestamp", "Last Engagement Date", TIME),
    ("notes_last_updated", "Last Activity Date", TIME),
    ("notes_last_contacted", "Last Contacted", TIME),
    ("num_notes", "Number of Sales Activities", NUMBER),
    ("num_contacted_notes", "Number of times contacted", NUMBER),
    ("hubspotscore", "HubSpot Score", NUMBER),
)
"""Properties that only HubSpot writes."""

COMPANY: Final[tuple[Row, ...]] = (
    ("name", "Company name", TEXT),
    ("domain", "Company Domain Name", TEXT),
    ("website", "Website URL", TEXT),
    ("industry", "Industry", ("enumeration", "select", INDUSTRIES)),
    ("numberofemployees", "Number of Employees", NUMBER),
    ("annualrevenue", "Annual Revenue", NUMBER),
    ("country", "Country/Region", TEXT),
    ("city", "City", TEXT),
    ("phone", "Phone Number", ("string", "phonenumber")),
    ("description", "Description", TEXT),
    ("twitterhandle", "Twitter Handle", TEXT),
    ("facebookfans", "Facebook Fans", NUMBER),
    ("lifecyclestage", "Lifecycle Stage", ("enumeration", "radio", STAGES)),
    ("hubspot_owner_id", "Company owner", TEXT),
    ("hs_is_target_account", "Target Account", FLAG),
)
ENGAGEMENT: Final[tuple[Row, ...]] = (
    ("hs_timestamp", "Activity date", TIME),
    ("hubspot_owner_id", "Activity assigned to", TEXT),
    ("hs_activity_type", "Type", TEXT),
    ("hs_body_preview", "Body preview", TEXT),
)
WRITABLE: Final[dict[str, tuple[Row, ...]]] = {
    "contacts": CONTACT,
    "companies": COMPANY,
    "deals": (
        ("dealname", "Deal Name", TEXT),
        ("amount", "Amount", NUMBER),
        ("closedate", "Close Date", TIME),
        ("pipeline", "Pipeline", TEXT),
        ("dealstage", "Deal Stage", TEXT),
        ("dealtype", "Deal Type", TEXT),
        ("hubspot_owner_id", "Deal owner", TEXT),
    ),
    "tickets": (
        ("subject", "Ticket name", TEXT),
        ("content", "Ticket description", TEXT),
        ("hs_pipeline", "Pipeline", TEXT),
        ("hs_pipeline_stage", "Ticket status", TEXT),
    ),
    "products": (("name", "Name", TEXT), ("price", "Unit price", NUMBER), ("description", "Description", TEXT)),
    "line_items": (("name", "Name", TEXT), ("quantity", "Quantity", NUMBER), ("amount", "Net price", NUMBER)),
    "calls": (
        *ENGAGEMENT,
        ("hs_call_title", "Call title", TEXT),
        ("hs_call_body", "Call notes", ("string", "html")),
        ("hs_call_direction", "Call direction", ("enumeration", "select", ("INBOUND", "OUTBOUND"))),
        ("hs_call_disposition", "Call outcome", ("enumeration", "select", CALL_OUTCOMES)),
        ("hs_call_duration", "Call duration", NUMBER),
        (
            "hs_call_status",
            "Call status",
            (
                "enumeration",
                "select",
                ("COMPLETED", "NO_ANSWER", "BUSY", "FAILED", "CANCELED", "IN_PROGRESS", "QUEUED"),
            ),
        ),
    ),
    "emails": (
        *ENGAGEMENT,
        ("hs_email_subject", "Email subject", TEXT),
        ("hs_email_text", "Email body", ("string", "textarea")),
        (
            "hs_email_direction",
            "Email direction",
            ("enumeration", "select", ("EMAIL", "INCOMING_EMAIL", "FORWARDED_EMAIL")),
        ),
        (
            "hs_email_status",
            "Email send status",
            ("enumeration", "select", ("SENT", "BOUNCED", "FAILED", "SCHEDULED", "SENDING", "DRAFT")),
        ),
        ("hs_email_open_count", "Opens", NUMBER),
        ("hs_email_click_count", "Clicks", NUMBER),
        ("hs_email_reply_count", "Replies", NUMBER),
        ("hs_email_headers", "Email headers", TEXT),
    ),
    "meetings": (
        *ENGAGEMENT,
        ("hs_meeting_title", "Meeting name", TEXT),
        ("hs_meeting_body", "Meeting description", ("string", "html")),
        (
            "hs_meeting_outcome",
            "Meeting outcome",
            ("enumeration", "select", ("SCHEDULED", "COMPLETED", "RESCHEDULED", "NO_SHOW", "CANCELED")),
        ),
        ("hs_meeting_start_time", "Start time", TIME),
        ("hs_meeting_end_time", "End time", TIME),
    ),
    "notes": (*ENGAGEMENT, ("hs_note_body", "Note body", ("string", "html"))),
    "tasks": (
        *ENGAGEMENT,
        ("hs_task_subject", "Task title", TEXT),
        (
            "hs_task_status",
            "Task status",
            ("enumeration", "select", ("NOT_STARTED", "IN_PROGRESS", "WAITING", "COMPLETED", "DEFERRED")),
        ),
        ("hs_task_type", "Task type", ("enumeration", "select", ("EMAIL", "CALL", "TODO"))),
        ("hs_task_completion_date", "Completed at", TIME),
    ),
    "communications": (
        *ENGAGEMENT,
        (
            "hs_communication_channel_type",
            "Channel type",
            ("enumeration", "select", ("WHATS_APP", "LINKEDIN_MESSAGE", "SMS")),
        ),
        ("hs_communication_logged_from", "Logged from", TEXT),
        ("hs_communication_body", "Communication body", ("string", "html")),
    ),
    "leads": (
        ("hs_lead_name", "Lead name", TEXT),
        ("hs_lead_type", "Lead type", TEXT),
        ("hs_pipeline", "Lead pipeline", TEXT),
        ("hs_pipeline_stage", "Lead stage", TEXT),
    ),
}
CUSTOM: Final = frozenset({"seniority", "budget", "purchase_by", "is_student", "lead_source"})
"""Contact properties that this account has made itself: HubSpot does not mark them as defined by itself."""
INFORMATION: Final = {
    "contacts": ("contactinformation", "Contact information"),
    "companies": ("companyinformation", "Company information"),
}


def groups(kind: ObjectType) -> list[dict[str, Any]]:
    """Return the property groups of a type."""
    name, label = INFORMATION.get(
        kind.name, (f"{kind.singular}information", f"{kind.singular.capitalize()} information")
    )
    return [{"name": name, "label": label, "displayOrder": 0, "archived": False}]


def shipped(kind: ObjectType) -> dict[str, Property]:
    """Return the properties that HubSpot defines for a type."""
    group = groups(kind)[0]["name"]
    own = [
        define(name, label, *shape, group=group, unique=name == kind.unique)
        for name, label, shape in WRITABLE.get(kind.name, ())
    ]
    for each in own:
        if kind.name == "contacts" and each.name in CUSTOM:
            del each.body["hubspotDefined"]
    rows = (*CONTACT_DERIVED, *ORIGIN) if kind.name == "contacts" else _common(kind)
    kept = [define(name, label, *shape, group=group, read_only=True) for name, label, shape in rows]
    stages = [(f"hs_lifecyclestage_{stage}_date", f"Became a {name} date", TIME) for stage, name in STAGES.items()]
    dated = stages if kind.name in INFORMATION else []
    kept += [define(name, label, *shape, group=group, read_only=True) for name, label, shape in dated]
    return {each.name: each for each in (*own, *kept)}


def _common(kind: ObjectType) -> tuple[Row, ...]:
    own = ((kind.created, "Create date", TIME), (kind.modified, "Last modified date", TIME))
    merged = ("hs_merged_object_ids", "Merged record IDs", TEXT)
    return (*own, *CALCULATED.get(kind.name, ()), ("hs_object_id", "Record ID", NUMBER), merged, *ORIGIN)


CALCULATED: Final[dict[str, tuple[Row, ...]]] = {
    "companies": (("num_associated_contacts", "Number of Associated Contacts", NUMBER),),
    "deals": (
        ("hs_is_closed", "Is Deal Closed?", FLAG),
        ("hs_is_closed_won", "Is Closed Won", FLAG),
        ("hs_is_closed_lost", "Is closed lost", FLAG),
        ("amount_in_home_currency", "Amount in company currency", NUMBER),
        ("hs_primary_associated_company", "Primary Associated Company", NUMBER),
    ),
    "leads": (
        ("hs_lead_is_open", "Is open", FLAG),
        ("hs_primary_contact_id", "Primary contact ID", NUMBER),
    ),
}
"""Properties that HubSpot calculates for records of a type."""
ORIGIN: Final[tuple[Row, ...]] = (
    ("hs_object_source", "Record source", TEXT),
    ("hs_object_source_id", "Record source ID", TEXT),
    ("hs_object_source_label", "Record source label", TEXT),
)

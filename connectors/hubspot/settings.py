"""The settings of a HubSpot connection. The descriptions here are what the documentation prints."""

from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from connectors.addresses import ServerAddress
from connectors.feedback import SWITCHED, Feedback
from connectors.marked import ReadBy
from connectors.secret import Secret
from connectors.segments import Entries
from meaning.becoming import Becomes
from meaning.derive import FieldSource, OwnWords
from meaning.derive import checked as checked_source
from vocabulary.feedback import FIELD
from vocabulary.patterns import checked
from vocabulary.units import Share, Span

PRODUCTION: Final = "https://api.hubapi.com"


COMPANY: Final = "company."
"""Prefix of a mapping to a property of the primary company."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Pattern = Annotated[str, AfterValidator(checked)]


class OAuth(_Section):
    """Access by an OAuth app, refreshed before it expires."""

    client_id: str = Field(description="Client ID of the app.")
    client_secret: Secret = Field(description="Client secret of the app.")
    refresh_token: Secret = Field(description="Refresh token that HubSpot gave when the app was installed.")


class JournalApp(_Section):
    """The app by which HubSpot tells of changes as they happen, through its webhooks journal."""

    client_id: str = Field(
        min_length=1, description="Client ID of an app of the developer platform, installed in the account."
    )
    client_secret: Secret = Field(
        description="Client secret of the app. Webhooks that HubSpot pushes are signed with it too."
    )


_EVENTS: Final[dict[str, str | None]] = {
    "e_visited_page": "page_view",
    "e_form_submission_v2": "form_submit",
    "e_v2_contact_replied_sequence_email": "email_reply",
}
_EMAIL_EVENTS: Final = {
    "OPEN": "email_open",
    "CLICK": "email_click",
    "BOUNCE": "bounce",
    "SPAMREPORT": "spam_complaint",
    "STATUSCHANGE": "unsubscribe",
}


class ActivitySettings(_Section):
    """Which activities are read, and which kind each becomes. A kind of `null`, or a source left out, is not read."""

    since: Span = Field(
        default=timedelta(days=365),
        description="How far back the first pull reads activities: what happened since then, and engagements that "
        "changed since then.",
    )
    events: dict[str, str | None] = Field(
        default=_EVENTS,
        description="Event types of the events API (Enterprise) and their kinds. `{}` turns the source off.",
    )
    email_events: dict[Literal["OPEN", "CLICK", "BOUNCE", "SPAMREPORT", "STATUSCHANGE"], str | None] = Field(
        default=_EMAIL_EVENTS,  # type: ignore[arg-type]  # the keys are these literals
        description="Types of marketing-email events and their kinds; opens and clicks by machines are left out.",
    )
    forms: Literal["auto"] | bool = Field(
        default="auto",
        description="Read submissions form by form: `auto` where the events API is missing, `true` or `false`.",
    )
    webinars: Annotated[
        dict[Literal["REGISTERED", "ATTENDED", "CANCELLED", "NO_SHOW"], str | None],
        ReadBy("connectors.hubspot.webinars:SOURCE"),
    ] = Field(
        default={"REGISTERED": "webinar_register", "ATTENDED": "webinar_attend"},
        description="States of participation in marketing events and their kinds.",
    )
    calls: str | None = Field(default="call", description="Kind of logged calls that reached the lead.")
    call_attempts: str | None = Field(
        default="call_attempt",
        description="Kind of calls that did not reach it, by their outcome: busy, no answer, a voicemail or another"
        " message, a wrong number.",
    )
    unreached: tuple[Pattern, ...] = Field(
        default=(),
        description="Further outcomes of calls that did not reach the lead: regular expressions (Rust's syntax), found"
        " anywhere in the outcome's label without case.",
    )
    meetings: str | None = Field(default="meeting", description="Kind of meetings that took place or are to.")
    no_shows: str | None = Field(default="no_show", description="Kind of meetings to which the lead did not come.")
    emails: str | None = Field(default="sales_email", description="Kind of one-to-one emails sent to the lead.")
    email_replies: str | None = Field(
        default="email_reply", description="Kind of one-to-one emails that the lead sent."
    )
    notes: str | None = Field(default=None, description="Kind of notes.")
    tasks: str | None = Field(default=None, description="Kind of completed tasks.")
    communications: str | None = Field(
        default="chat", description="Kind of logged messages: WhatsApp, LinkedIn, SMS and the like."
    )
    derived: Literal["auto"] | bool = Field(
        default="auto",
        description=(
            "Make activities from contact properties such as the time of the last page view: `auto` where the better"
            " source is missing in this portal, `true`, `false`."
        ),
    )
    by_form: tuple[Becomes, ...] = Field(
        default=(),
        description="Kinds of forms by their name, else by the URL of their page; these go before the shipped words.",
    )
    by_page: tuple[Becomes, ...] = Field(
        default=(), description="Kinds of page views by title or URL; without a match a view stays a `page_view`."
    )


class Outcomes(_Section):
    """Which conversions are read, for `calibrate`: `customer`, `opportunity_created` and `opportunity_won`."""

    customer: str | None = Field(
        default="hs_lifecyclestage_customer_date",
        description="Contact property with the time when the lead became a customer; `null`: not read.",
    )
    opportunities: bool = Field(
        default=False, description="Read deals: created and won, for every contact of the deal."
    )


class FeedbackProperty(Feedback):
    """The contact property that sales fills: `Good`, `Bad fit`, `Bad timing` or `Bot`. It is read, never written."""

    field: str = Field(
        default=FIELD.name,
        pattern=r"^[a-z][a-z0-9_]*$",
        description="The contact property. `provision` creates the default where the portal lacks it.",
    )


class Limits(_Section):
    """How much of HubSpot's limits leadgauge may use."""

    burst: Share = Field(default=0.95, description="Share of the calls per 10 seconds, as told by HubSpot's headers.")
    searches_per_second: int = Field(
        default=4, ge=1, le=50, description="Searches a second; HubSpot allows 5 to all apps of an account together."
    )
    parallel: int = Field(default=16, ge=1, le=32, description="Calls under way at the same time.")


def _one_object(text: str) -> str:
    source = FieldSource.parse(text)
    if not source.starts_with(COMPANY) and any(path.startswith(COMPANY) for path in source.paths):
        raise ValueError(f"'{text}' mixes properties of the contact and of its company: name those of one of them")
    return text


def _of_company(text: str) -> str:
    if any(path.startswith(COMPANY) for path in FieldSource.parse(text).paths):
        raise ValueError(f"'{text}' is of the company anyway: write it without `{COMPANY}` here")
    return checked_source(text)


class HubSpotSettings(_Section):
    """A HubSpot account: how to reach it, what to read, how much of its limits to use."""

    crm: Literal["hubspot"] = Field(description="Which CRM this connection is for.")
    token: Secret | None = Field(
        default=None, description="Access token of a service key or private app. Either this or `oauth`."
    )
    oauth: OAuth | None = Field(default=None, description="Access by an OAuth app instead of a token.")
    feed: JournalApp | None = Field(
        default=None, description="The app by which HubSpot tells of [changes as they happen](hubspot.md#feed)."
    )
    base_url: ServerAddress = Field(
        default=PRODUCTION,
        description="Where the API is; change it for a sandbox or a proxy.",
    )
    api: Literal["2026-09", "v3"] = Field(
        default="2026-09",
        description="Version of HubSpot's API. `v3` is for portals that refuse the newer one; it ends in "
        "September 2027.",
    )
    fields: dict[str, Annotated[str, AfterValidator(_one_object)]] = Field(
        default={},
        description="CRM property of each field of the scorecard: `jobtitle`, or `company.industry` of its company; or "
        "what is [derived](#derived-values) from it, such as `seniority(jobtitle)`.",
    )
    accounts: dict[str, Annotated[str, AfterValidator(_of_company)]] = Field(
        default={},
        description="Company property of each field that the scorecard declares under `accounts`: `domain`, "
        "`numberofemployees`, or what is [derived](#derived-values) from it.",
    )
    deals: dict[str, Annotated[str, AfterValidator(checked_source)]] = Field(
        default={},
        description="Deal property of each field that the scorecard declares under `deals`: `amount`, `closedate`, or "
        "what is [derived](#derived-values) from it, such as `open: not(hs_is_closed)`.",
    )
    member_of: dict[str, Entries] = Field(
        default={},
        description="For each field that the scorecard declares as `member_of`, a list of contacts (segment) for each"
        " entry, by its id or name: `{segments: {partners: 123, customers: Our customers}}`.",
    )
    lead_object: Literal["auto", "off"] = Field(
        default="off",
        description="Copy the results onto the open leads (HubSpot's object Lead) of a contact: `auto` where the "
        "portal has them and the token may.",
    )
    feedback: Annotated[FeedbackProperty | None, SWITCHED] = Field(
        default=None,
        description="What sales says about a lead, in a property that sales fills: `true`, or whose values mean what."
        " Off unless given.",
    )
    words: OwnWords = Field(default=OwnWords(), description="Words of your own for derived values.")
    history: bool = Field(
        default=False, description="Also read what the mapped properties held before, for `calibrate`: twice the calls."
    )
    activities: ActivitySettings = Field(default=ActivitySettings(), description="Which activities are read.")
    outcomes: Outcomes = Field(default=Outcomes(), description="Which conversions are read, for `calibrate`.")
    budget: Share = Field(
        default=0.8, description="Share of the account's calls a day that may be spent; the rest is left to others."
    )
    limits: Limits = Field(default=Limits(), description="How much of HubSpot's limits may be used.")
    overlap: Span = Field(
        default=timedelta(minutes=10),
        description="How far each pull looks back over the last one, as search lags behind.",
    )
    late_look: Span = Field(
        default=timedelta(hours=1),
        description="How late every stretch of time is read a second time, for what came in late.",
    )
    links_every: Span = Field(
        default=timedelta(hours=6),
        description="How often the contacts of recent calls, meetings, emails and the like are read again.",
    )
    links_within: Span = Field(
        default=timedelta(days=30),
        description="How long after its last change an engagement's contacts are read again every `links_every`.",
    )
    deletions_every: Span = Field(
        default=timedelta(hours=1), description="How often the recycle bin is read for deleted contacts."
    )
    full_reads_every: Span = Field(
        default=timedelta(minutes=15),
        description="How often forms and webinars are read, which HubSpot can only list in full.",
    )
    exports: Literal["auto", "always", "never"] = Field(
        default="auto", description="Read full listings through the exports API: `auto` where it is large and pays."
    )
    export_above: int = Field(
        default=500_000, ge=0, description="How many records make a listing large enough for `exports: auto`."
    )
    imports: Literal["auto", "always", "never"] = Field(
        default="auto", description="Write through the imports API: `auto` where there is much to write and it pays."
    )
    import_above: int = Field(default=500_000, ge=0, description="How many rows are much for `imports: auto`.")
    connect_timeout: float = Field(default=5.0, gt=0, description="Seconds to wait for a connection.")
    read_timeout: float = Field(default=60.0, gt=0, description="Seconds to wait for the next part of an answer.")
    call_timeout: float = Field(
        default=120.0,
        gt=0,
        description="Seconds that a call may take in all, however its answer comes; files take longer.",
    )
    listing_gap: Share = Field(
        default=0.02,
        description=(
            "How much less than HubSpot's search counts a full listing may bring before it is taken for incomplete."
        ),
    )
    attempts: int = Field(default=8, ge=1, le=20, description="How often a failing call is made before the pass ends.")

    @field_validator("lead_object", mode="before")
    @classmethod
    def _off(cls, value: Any) -> Any:
        return "off" if value is False else value

    @model_validator(mode="after")
    def _exactly_one_access(self) -> "HubSpotSettings":
        if (self.token is None) == (self.oauth is None):
            raise ValueError("give either `token: {env: NAME}` or `oauth: {client_id, client_secret, refresh_token}`")
        return self

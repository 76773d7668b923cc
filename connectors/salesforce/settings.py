"""The settings of a connection to Salesforce; `docs/settings.md` is made from these descriptions."""

import re
from datetime import timedelta
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from connectors.addresses import ServerAddress
from connectors.feedback import SWITCHED, Feedback
from connectors.marked import ReadBy, marked
from connectors.salesforce.fields import field_name
from connectors.secret import Secret
from connectors.segments import Entries
from meaning.becoming import Becomes
from meaning.derive import FieldSource, OwnWords
from vocabulary.feedback import FEEDBACK, FIELD
from vocabulary.patterns import checked
from vocabulary.units import Share, Span

ObjectName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$")]
"""The API name of an object, such as `Web_Visit__c`."""

FieldPath = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*){0,5}$")]
"""The API name of a field, or a path to a field of a parent, such as `Account.Industry`."""

_PATH: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*){0,5}")


def _mapping(text: str) -> str:
    for path in FieldSource.parse(text).paths:
        if not _PATH.fullmatch(path):
            raise ValueError(f"'{path}' is no field's API name: write one like Title or Account.Industry")
    return text


MappedField = Annotated[str, AfterValidator(_mapping)]
"""A field path, or what is derived from it: `seniority(Title)`, `domain(Email)`."""

Pattern = Annotated[str, AfterValidator(checked)]

Condition = Annotated[str, Field(min_length=1, max_length=4000)]
"""A SOQL condition, as after WHERE."""

TASK_KINDS: Final = {"Call": "call", "Email": "sales_email", "ListEmail": "sales_email"}
EMAIL_TASKS: Final = frozenset({"Email", "ListEmail"})
"""Task subtypes that Salesforce creates for every email message."""

CAMPAIGN_KINDS: Final = {
    "Webinar": "webinar_attend",
    "Conference": "event_attend",
    "Trade Show": "event_attend",
    "Seminar / Conference": "event_attend",
    "Content": "content_download",
    "Content Syndication": "content_download",
    "Social Media": "social_engage",
}
PARDOT_KINDS: Final = {
    "1": "email_click",
    "2": "page_view",
    "4": "form_submit",
    "11": "email_open",
    "12": "unsubscribe",
    "13": "bounce",
    "14": "spam_complaint",
    "20": "social_engage",
    "29": "webinar_register",
    "28": "webinar_attend",
}


class Strict(BaseModel):
    """Settings refuse unknown keys and cannot be changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _switch(value: Any) -> Any:
    """Interpret `true`, `false`, `on` or `off` instead of a section as the section's `read`."""
    if value in ("on", "off"):
        return {"read": value == "on"}
    return {"read": value} if isinstance(value, bool) else value


class Jwt(Strict):
    """The JWT bearer flow: an External Client App trusts a certificate; no password and no approval by hand."""

    flow: Literal["jwt"] = Field(description="`jwt`: sign in with a private key. The best choice for a daemon.")
    username: str = Field(min_length=1, description="The integration user's name, such as `leadgauge@acme.example`.")
    consumer_key: Secret = Field(description="The app's consumer key.")
    private_key: Secret = Field(description="The private key (PEM) of the certificate that the app holds.")


class ClientCredentials(Strict):
    """The client credentials flow: the External Client App runs as the user named in its policies."""

    flow: Literal["client_credentials"] = Field(
        description="`client_credentials`: sign in with the app's key and secret. `domain` must be a My Domain."
    )
    consumer_key: Secret = Field(description="The app's consumer key.")
    consumer_secret: Secret = Field(description="The app's consumer secret.")


class Password(Strict):
    """User name, password and security token over SOAP: for old orgs only; Salesforce retires it in Summer '27."""

    flow: Literal["password"] = Field(
        description="`password`: sign in with a password. Salesforce retires it in Summer '27; `check` warns."
    )
    username: str = Field(min_length=1, description="The integration user's name.")
    password: Secret = Field(description="The integration user's password.")
    security_token: Secret = Field(description="The security token that Salesforce mails when the password changes.")


Auth = Annotated[Jwt | ClientCredentials | Password, Field(discriminator="flow")]


class ScoredObject(Strict):
    """One of the two objects whose records are scored."""

    read: bool = Field(default=True, description="Whether these records are read, scored and written.")
    filter: Condition | None = Field(
        default=None,
        description="A SOQL condition; records that do not meet it are left alone, such as `Status != 'Unqualified'`.",
    )


SwitchedObject = Annotated[ScoredObject, BeforeValidator(_switch)]


class Objects(Strict):
    """The objects whose records are scored, both in one pass."""

    Lead: SwitchedObject = Field(default=ScoredObject(), description="Leads that are not converted.")
    Contact: SwitchedObject = Field(default=ScoredObject(), description="Contacts, with the fields of their account.")


class FieldOf(Strict):
    """A scorecard field that has different names on Lead and on Contact."""

    Lead: MappedField | None = Field(default=None, description="The field of a lead; left out where a lead has none.")
    Contact: MappedField | None = Field(
        default=None, description="The field of a contact, or of its account: `Account.Industry`."
    )


class FeedbackField(Feedback):
    """The field that sales fills: `Good`, `Bad fit`, `Bad timing` or `Bot`. It is read, and never written."""

    field: FieldPath | FieldOf = Field(
        default=field_name(FIELD.name),
        description="The field of leads and contacts, or one for each: `{Lead: Verdict__c, Contact: Verdict__c}`."
        " `provision` creates the default where the org lacks it.",
    )


class Tasks(Strict):
    """Calls and e-mails that sales people log as completed tasks."""

    read: bool = Field(default=True, description="Whether completed tasks count as activities.")
    kinds: dict[str, str] = Field(
        default=TASK_KINDS,
        description="Kind of activity by the task's `TaskSubtype`; other tasks are left out, and those of e-mails "
        "where `emails` is on.",
    )
    attempts: str | None = Field(
        default="call_attempt",
        description="Kind of calls that did not reach the lead, by what their Call Result (`CallDisposition`) says, or "
        "their subject where a call has neither a result nor a duration: voicemail, no answer, busy, wrong number.",
    )
    unreached: tuple[Pattern, ...] = Field(
        default=(),
        description="Further results of such calls: regular expressions (Rust's syntax), found anywhere without case.",
    )
    types: dict[str, str] = Field(
        default={},
        description="Kind by the task's `Type` where the subtype gives none, such as `{Demo: meeting}`.",
    )
    subjects: dict[Pattern, str] = Field(
        default={},
        description="Kind by the subject where neither gives one: regular expressions (Rust's syntax), such as "
        "`{'^call with': call}`; the first that matches decides.",
    )
    shared: bool = Field(
        default=False,
        description="Also count tasks for the further people on them. Only for orgs with Shared Activities.",
    )


class Events(Strict):
    """Meetings in the calendar."""

    read: bool = Field(default=True, description="Whether events count as activities.")
    kind: str = Field(default="meeting", min_length=1, description="The kind of activity that an event is.")
    outcome: FieldPath = Field(
        default="Subject",
        description="The field that tells what came of an event. Salesforce has none of its own, so people write it "
        "into the subject, or an org adds a field.",
    )
    outcomes: dict[Pattern, str | None] = Field(
        default={"no.?show": "no_show"},
        description="Kind by what that field says: regular expressions (Rust's syntax), found anywhere without case; "
        "the first that matches decides, and an empty kind leaves the event out, such as `{'^cancel': null}`.",
    )
    shared: bool = Field(
        default=False, description="Also count events for the further invitees. Only for orgs with Shared Activities."
    )


class CampaignBecomes(Becomes):
    """A pattern and the kinds of activity that members of the campaigns it matches have."""

    added: str | None = Field(
        default=None, description="The kind of being added to such a campaign; empty: being added is no activity."
    )


class Campaigns(Strict):
    """Campaign members: who was invited, registered and responded."""

    read: bool = Field(default=True, description="Whether campaign members count as activities.")
    responded: dict[str, str] = Field(
        default=CAMPAIGN_KINDS,
        description="Kind of activity of a member who responded, by the campaign's `Type`.",
    )
    added: dict[str, str] = Field(
        default={"Webinar": "webinar_register"},
        description="Kind of activity of being added to a campaign, by the campaign's `Type`.",
    )
    by_campaign: tuple[CampaignBecomes, ...] = Field(
        default=(),
        description="Kinds where the `Type` gives none, by the campaign's name or `Type`; the first pattern that is "
        "found in either decides.",
    )
    added_at: FieldPath = Field(default="CreatedDate", description="The field with the time of being added.")
    responded_at: FieldPath = Field(
        default="FirstRespondedDate",
        description="The field with the time of the response. Salesforce's own holds the day only.",
    )
    otherwise: str | None = Field(
        default="campaign_response",
        description="Kind of activity of a response to any other campaign; empty leaves it out.",
    )


class Emails(Strict):
    """E-mail messages with the people they went to (Enhanced Email)."""

    read: bool = Field(default=True, description="Whether e-mail messages count as activities.")
    sent: str | None = Field(
        default="sales_email", description="Kind of a message sent to the lead; empty leaves it out."
    )
    received: str | None = Field(
        default="email_reply", description="Kind of a message from the lead; empty leaves it out."
    )
    opened: str | None = Field(
        default="email_open", description="Kind of the first opening of a message; empty leaves it out."
    )
    bounced: str | None = Field(default="bounce", description="Kind of a message that came back; empty leaves it out.")


class KindOf(Strict):
    """The kind of an activity as a field of the record tells it."""

    field: FieldPath = Field(description="The field that tells the kind.")
    kinds: dict[str, str] = Field(min_length=1, description="Kind of activity by the field's value, whatever its case.")
    otherwise: str | None = Field(default=None, description="Kind for any other value; empty leaves the record out.")


class Source(Strict):
    """An object whose records are activities: page visits, product events, anything the org keeps."""

    name: str = Field(
        pattern=r"^[a-z][a-z0-9_]{0,39}$", description="A name of your choice; stands before the ids of its activities."
    )
    object: ObjectName = Field(description="The API name of the object, such as `Web_Visit__c`.")
    filter: Condition | None = Field(default=None, description="A SOQL condition that the records must meet.")
    time: FieldPath = Field(description="The field that holds when it happened.")
    lead: tuple[FieldPath, ...] = Field(
        default=(),
        description="The lookup to the lead or contact; several are tried in order, such as `[Contact__c, Lead__c]`.",
    )
    address: FieldPath | None = Field(
        default=None, description="The field with the e-mail address, for records whose lookup is empty."
    )
    kind: str | KindOf = Field(description="The kind of activity, or the field that tells it.")
    url: FieldPath | None = Field(default=None, description="The field with the page's address.")
    title: FieldPath | None = Field(default=None, description="The field with the name of the page, form or asset.")
    seconds: FieldPath | None = Field(default=None, description="The field with the seconds spent.")
    value: FieldPath | None = Field(default=None, description="The field with a number that rules may use.")

    @field_validator("lead", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _belongs_to_somebody(self) -> Self:
        if not self.lead and not self.address:
            raise ValueError("this source identifies no person: set `lead` to a lookup, or `address` to an email field")
        return self


class Pardot(Strict):
    """Visitor activities of Account Engagement (Pardot)."""

    business_unit: str = Field(pattern=r"^0Uv\w{12}(\w{3})?$", description="The business unit's id; begins with `0Uv`.")
    host: ServerAddress = Field(
        default="https://pi.pardot.com",
        description="Where the business unit lives; `https://pi.demo.pardot.com` for a training org.",
    )
    kinds: dict[str, str] = Field(
        default=PARDOT_KINDS, description="Kind of activity by the number of the visitor activity's type."
    )


_PAGES: Final = ".lightning.force.com"
_READERS: Final = "connectors.salesforce.activities"


class ActivitySettings(Strict):
    """What counts as an activity, and of which kind."""

    since: Span = Field(
        default=timedelta(days=365),
        description="How far back the first pull reads activities: what happened since then, and what was made or "
        "changed since then.",
    )
    tasks: Annotated[Tasks, BeforeValidator(_switch), ReadBy(f"{_READERS}:TASKS")] = Field(
        default=Tasks(), description="Completed tasks."
    )
    events: Annotated[Events, BeforeValidator(_switch), ReadBy(f"{_READERS}:EVENTS")] = Field(
        default=Events(), description="Meetings."
    )
    campaigns: Annotated[Campaigns, BeforeValidator(_switch), ReadBy(f"{_READERS}:CAMPAIGNS")] = Field(
        default=Campaigns(), description="Campaign members and their responses."
    )
    emails: Annotated[Emails, BeforeValidator(_switch), ReadBy(f"{_READERS}:EMAILS")] = Field(
        default=Emails(read=False), description="E-mail messages; needs Enhanced Email, off unless given."
    )
    sources: tuple[Source, ...] = Field(default=(), description="Further objects whose records are activities.")
    pardot: Pardot | None = Field(default=None, description="Account Engagement (Pardot); off unless given.")

    @property
    def task_kinds(self) -> dict[str, str]:
        """The kinds of tasks, without those of emails if the messages themselves are read."""
        kinds = self.tasks.kinds.items()
        return {subtype: kind for subtype, kind in kinds if not (self.emails.read and subtype in EMAIL_TASKS)}

    @model_validator(mode="after")
    def _distinct_names(self) -> Self:
        names = [source.name for source in self.sources]
        taken = sorted(
            {name for name in names if names.count(name) > 1 or name in RESERVED | marked(type(self)).keys()}
        )
        if taken:
            raise ValueError(f"source names must be distinct and not built in: rename {', '.join(taken)}")
        return self


class Outcomes(Strict):
    """What counts as a conversion, for `calibrate`."""

    conversions: bool = Field(
        default=True, description="Deliver `lead_converted`: a lead was converted, on its conversion date."
    )
    opportunities: Literal["contact_roles", "accounts", "off"] = Field(
        default="contact_roles",
        description="Deliver `opportunity_created` and `opportunity_won` for the contacts in an opportunity's contact "
        "roles, or for every contact of its account.",
    )

    @field_validator("opportunities", mode="before")
    @classmethod
    def _off(cls, value: Any) -> Any:
        return "off" if value is False else value


LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
_ENDPOINT: Final = re.compile(r"(?P<host>[A-Za-z0-9.-]+|\[::1\]):(?P<port>[1-9]\d{0,4})", re.ASCII)
_PUBSUB: Final = ".pubsub.salesforce.com"
_MOST_PORT: Final = 65_535
_TOPIC: Final = re.compile(r"/data/[A-Za-z][A-Za-z0-9_]*")


def _endpoint(text: str) -> str:
    """Return the host and port of the Pub/Sub API; the session is sent there, so only Salesforce's are taken."""
    found = _ENDPOINT.fullmatch(text.strip())
    if found is None or int(found["port"]) > _MOST_PORT:
        raise ValueError(f"'{text}' is no host with a port: write one like api.pubsub.salesforce.com:7443")
    if not (found["host"].lower().endswith(_PUBSUB) or found["host"] in LOOPBACK):
        raise ValueError(
            f"'{found['host']}' is not Salesforce's: write a host that ends with {_PUBSUB}, such as"
            " api.pubsub.salesforce.com:7443, or one on this machine"
        )
    return text.strip()


def _topic(text: str) -> str:
    if not _TOPIC.fullmatch(text.strip()):
        raise ValueError(f"'{text}' is no channel: write one like /data/ChangeEvents or /data/leadgauge__chn")
    return text.strip()


OWN_CHANNEL: Final = "/data/leadgauge__chn"
"""The channel that `provision` makes."""


class Feed(Strict):
    """Changes as they happen: change data capture over the Pub/Sub API."""

    endpoint: Annotated[str, AfterValidator(_endpoint), WithJsonSchema({"type": "string"})] = Field(
        default="api.pubsub.salesforce.com:7443",
        description="Host and port of the Pub/Sub API; for data in the EU `api.deu.pubsub.salesforce.com:7443`. On"
        " this machine, such as a sandbox's, it is called without encryption.",
    )
    channels: Annotated[
        tuple[Annotated[str, AfterValidator(_topic)], ...],
        BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
        Field(min_length=1),
    ] = Field(
        default=(OWN_CHANNEL,),
        description="The channel to subscribe to. The default one is made by `provision`. Another may be"
        " `/data/ChangeEvents`, whose objects are chosen in Setup, or a list of single ones such as"
        " `[/data/LeadChangeEvent, /data/ContactChangeEvent]`.",
    )
    most_objects: int = Field(
        default=5,
        ge=1,
        le=100,
        description="How many objects the channel made by `provision` follows. An org may select 5 unless it bought"
        " more; those that matter first for time are taken, and the streams of the others are polled.",
    )

    @property
    def is_ours(self) -> bool:
        """Whether the channel is the one that `provision` makes."""
        return self.channels == (OWN_CHANNEL,)


def _org_domain(text: str) -> str:
    """Return what stands before `.salesforce.com`, also of a whole address or that of Lightning pages.

    Both are https://MyDomain.my.salesforce.com and https://MyDomain.lightning.force.com:
    https://help.salesforce.com/s/articleView?id=sf.domain_name_url_formats.htm (2026-11).
    """
    host = re.sub(r"^https?://", "", text.strip()).partition("/")[0].lower()
    domain = host.removesuffix(".salesforce.com")
    if host.endswith(_PAGES):
        domain = f"{host.removesuffix(_PAGES)}.my"
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,120}", domain):
        raise ValueError(f"'{text}' is no domain: write what stands before .salesforce.com, such as acme.my")
    return domain


class SalesforceSettings(Strict):
    """A connection to Salesforce."""

    crm: Literal["salesforce"] = Field(description="The CRM of this connection.")
    auth: Auth = Field(description="How to sign in.")
    domain: Annotated[str, AfterValidator(_org_domain), WithJsonSchema({"type": "string"})] = Field(
        default="login",
        description="What stands before `.salesforce.com` where you sign in: your My Domain, such as `acme.my` or "
        "`acme--uat.sandbox.my`; or `login`, or `test` for sandboxes.",
    )
    base_url: ServerAddress | None = Field(
        default=None,
        description="Send every call to this address instead, such as `http://127.0.0.1:8902` of `leadgauge sandbox "
        "salesforce`.",
    )
    api_version: str = Field(
        default="67.0",
        pattern=r"^\d\d\.0$",
        description="The version of Salesforce's API. For `password` the default is 64.0, the last one with it.",
    )
    timeout: Span = Field(
        default=timedelta(seconds=120),
        description="How long one call may stay without an answer before it is given up.",
    )
    budget: Share = Field(
        default=0.8,
        description="The share of the CRM's calls a day that leadgauge may spend; the rest is left to others.",
    )
    objects: Objects = Field(default=Objects(), description="Which records are scored.")
    fields: dict[str, MappedField | FieldOf] = Field(
        default={},
        description="The Salesforce field of each scorecard field: one for both objects (`job_title: Title`), or one "
        "for each (`industry: {Lead: Industry, Contact: Account.Industry}`); or what is "
        "[derived](#derived-values) from it, such as `seniority(Title)`.",
    )
    accounts: dict[str, MappedField] = Field(
        default={},
        description="Account field of each field that the scorecard declares under `accounts`: `NumberOfEmployees`, "
        "`Owner.Name`, or what is [derived](#derived-values) from it.",
    )
    deals: dict[str, MappedField] = Field(
        default={},
        description="Opportunity field of each field that the scorecard declares under `deals`: `Amount`, "
        "`Campaign.Name`, or what is [derived](#derived-values) from it, such as `open: not(IsClosed)`.",
    )
    member_of: dict[str, Entries] = Field(
        default={},
        description="For each field that the scorecard declares as `member_of`, a campaign for each entry, by its id or"
        " name: `{campaigns: {summit: 701Kj00000abcdeIAA, webinar: Spring webinar}}`.",
    )
    feedback: Annotated[FeedbackField | None, SWITCHED] = Field(
        default=None,
        description="What sales says about a lead, in a field that sales fills: `true`, or whose values mean what."
        " Off unless given.",
    )
    words: OwnWords = Field(default=OwnWords(), description="Words of your own for derived values.")
    history: bool = Field(
        default=False,
        description="Also read what the mapped fields held before, for `calibrate`: those on the lead or contact itself"
        " that the org tracks.",
    )
    activities: ActivitySettings = Field(
        default=ActivitySettings(), description="What counts as an activity, and of which kind."
    )
    outcomes: Outcomes = Field(default=Outcomes(), description="What counts as a conversion, for `calibrate`.")
    feed: Annotated[Feed | None, SWITCHED] = Field(
        default=None,
        description="Also learn of changes as they happen, by change data capture: `true`, or how. Needs"
        " `pip install 'leadgauge[feeds]'` and `leadgauge provision`. Off unless given.",
    )
    overlap: Span = Field(
        default=timedelta(minutes=10),
        description="How far back each pass reads again, because Salesforce shows some changes late.",
    )
    formulas_every: Span = Field(
        default=timedelta(days=1),
        description="How often everything is read again where a mapped field is a formula or lies on a parent record: "
        "Salesforce does not tell when those change.",
    )
    bulk_reads_above: int = Field(
        default=20_000, ge=0, description="More records than this are read through Bulk API 2.0, fewer through REST."
    )
    bulk_writes_above: int = Field(
        default=2_000, ge=0, description="More records than this are written through Bulk API 2.0, fewer through REST."
    )
    permission_set: str = Field(
        default="leadgauge",
        pattern=r"^[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*$",
        description="The API name of the permission set that `provision` makes and assigns to the integration user.",
    )

    @model_validator(mode="before")
    @classmethod
    def _last_with_passwords(cls, given: Any) -> Any:
        """Choose the API version for the password flow, which has no newer one."""
        auth = given.get("auth") if isinstance(given, dict) else None
        if isinstance(auth, dict) and auth.get("flow") == "password" and "api_version" not in given:
            return {**given, "api_version": f"{LAST_SOAP_LOGIN}"}
        return given

    @model_validator(mode="after")
    def _one_object_at_least(self) -> Self:
        if not (self.objects.Lead.read or self.objects.Contact.read):
            raise ValueError("no object is scored: enable Lead, Contact or both in `objects`")
        return self

    @model_validator(mode="after")
    def _flow_fits(self) -> Self:
        if self.auth.flow == "client_credentials" and self.domain in ("login", "test") and not self.base_url:
            raise ValueError("client_credentials needs your My Domain: set `domain`, such as `acme.my`")
        if self.auth.flow == "password" and float(self.api_version) > LAST_SOAP_LOGIN:
            raise ValueError("the password flow ends with API version 64.0: set `api_version` to 64.0, or use jwt")
        return self

    def field_of(self, name: str, kind: Literal["Lead", "Contact"]) -> str | None:
        """Return the mapping of a scorecard field for one of the two objects."""
        said = self.feedback is not None and name == FEEDBACK
        mapped = self.feedback.field if self.feedback is not None and said else self.fields.get(name)
        return getattr(mapped, kind) if isinstance(mapped, FieldOf) else mapped

    def source_of(self, name: str, kind: Literal["Lead", "Contact"]) -> FieldSource | None:
        """Return what a scorecard field is read from on one of the two objects."""
        path = self.field_of(name, kind)
        if path is None:
            return None
        return self.feedback.source(path) if self.feedback and name == FEEDBACK else FieldSource.parse(path)


RESERVED: Final = frozenset({"accounts", "leads", "pardot", "opportunities", "history"})
"""Names of streams that are not options marked with `ReadBy`."""

LAST_SOAP_LOGIN: Final = 64.0
"""The last API version with SOAP `login()`, which ends in summer 2027 (Salesforce help article 005132110)."""

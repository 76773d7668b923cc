"""Validate the answers of each endpoint. An answer without a required part counts as lost, and the call is repeated.

A missing key never means empty: proxies, load balancers and overloaded servers answer `{}`, 204 or an error body with
status 200. The shapes and required keys are from recorded traffic and the REST, Bulk 2.0 and OAuth guides (Winter '27).
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal, Self, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from connectors.salesforce.errors import Unreadable, code_and_text
from connectors.salesforce.wire import Answer

T = TypeVar("T")
Text = Annotated[str, Field(min_length=1)]
Number = Annotated[int, Field(ge=0)]


class Shape(BaseModel):
    """The required part of an answer; anything else is ignored."""

    model_config = ConfigDict(strict=True, frozen=True)


class Counted(Shape):
    """The answer to `SELECT COUNT()`."""

    totalSize: Number  # noqa: N815 - Salesforce's names
    done: Literal[True]


class QueryPage(Shape):
    """One page of a query's result."""

    totalSize: Number  # noqa: N815
    done: bool
    records: list[dict[str, Any]]
    # It contains `query` after a `queryAll` too:
    # https://developer.salesforce.com/docs/platform/api-rest/guide/resources-queryall-more-results.html (2026-11).
    nextRecordsUrl: str | None = Field(default=None, pattern=r"^/services/data/v[\d.]+/(?:tooling/)?query[\w/-]*$")  # noqa: N815


class StartedJob(Shape):
    """A Bulk API 2.0 job that was created."""

    id: Text


class QueryJob(Shape):
    """The state of a query job."""

    state: Literal["UploadComplete", "InProgress", "JobComplete", "Failed", "Aborted"]
    numberRecordsProcessed: Number | None = None  # noqa: N815 - present once it is complete
    errorMessage: str | None = None  # noqa: N815

    @property
    def said(self) -> str:
        """Why it failed, in Salesforce's words."""
        return self.errorMessage or f"the job ended as {self.state}"


class IngestJob(Shape):
    """The state of a write job."""

    state: Literal["Open", "UploadComplete", "InProgress", "JobComplete", "Failed", "Aborted"]
    numberRecordsProcessed: Number | None = None  # noqa: N815 - present once it runs
    numberRecordsFailed: Number | None = None  # noqa: N815
    errorMessage: str | None = None  # noqa: N815

    @property
    def said(self) -> str:
        """Why it failed, in Salesforce's words."""
        return self.errorMessage or f"the job ended as {self.state}"


class SaveError(Shape):
    """Why a row was refused."""

    statusCode: Text  # noqa: N815 - `statusCode` here, `errorCode` everywhere else (recorded)
    message: str
    fields: list[str] = []


class Saved(Shape):
    """The result for one row of a collection; a refused one has no id (recorded)."""

    success: bool
    errors: list[SaveError]
    id: str | None = None


class Choice(Shape):
    """An entry of a picklist."""

    value: str


class DescribedField(Shape):
    """One field of an object, as the integration user sees it."""

    name: Text
    label: str | None
    type: Text
    calculated: bool
    # "The formula specified for this field":
    # https://developer.salesforce.com/docs/platform/salesforce-pages-developers-guide/guide/pages-variables-global-objecttype-schema-fields-reference.html
    # (2026-11); null in the recorded descriptions of other fields.
    calculatedFormula: str | None = None  # noqa: N815
    updateable: bool
    custom: bool
    referenceTo: list[str]  # noqa: N815
    relationshipName: str | None  # noqa: N815
    picklistValues: list[Choice]  # noqa: N815
    length: int
    precision: int
    scale: int
    digits: int
    inlineHelpText: str | None  # noqa: N815
    nillable: bool
    unique: bool
    encrypted: bool
    restrictedPicklist: bool  # noqa: N815
    groupable: bool


class Described(Shape):
    """An object, which always has fields."""

    fields: Annotated[list[DescribedField], Field(min_length=1)]


class DefinedField(Shape):
    """One field of an object, as shown in Setup."""

    QualifiedApiName: Text
    DataType: str
    Description: str | None


class Definitions(Shape):
    """The fields of an object, of which there is always at least one."""

    totalSize: Number  # noqa: N815
    done: bool
    records: Annotated[list[DefinedField], Field(min_length=1)]

    @model_validator(mode="after")
    def _all_are_there(self) -> Self:
        if self.done and len(self.records) != self.totalSize:
            raise ValueError("the number of records differs from `totalSize`")
        return self


class Named(Shape):
    """An object in the list of all."""

    name: Text


class Objects(Shape):
    """All objects, of which every org has some."""

    sobjects: Annotated[list[Named], Field(min_length=1)]


class Identity(Shape):
    """The signed-in user."""

    user_id: Text
    organization_id: Text


class Limit(Shape):
    """One limit of an org."""

    Max: Number
    Remaining: Number


class Limits(Shape):
    """The limits of an org, as far as they are of use; an org may lack each."""

    DailyApiRequests: Limit
    DailyDeliveredPlatformEvents: Limit | None = None


class Created(Shape):
    """A record that was created."""

    id: Text
    success: Literal[True]


class PicklistValue(Shape):
    """A choice in the definition of a picklist."""

    valueName: Text  # noqa: N815 - `fullName` in the Metadata API
    description: str | None = None


class Choices(Shape):
    """The choices of one picklist."""

    value: list[PicklistValue]


class ValueSet(Shape):
    """The choices of a picklist: its own ones, or the name of a global value set."""

    restricted: bool | None
    valueSetDefinition: Choices | None  # noqa: N815
    valueSetName: str | None  # noqa: N815


class FieldMetadata(Shape):
    """The definition of a custom field. The Tooling API returns every attribute, null where there is none."""

    type: Text
    description: str | None
    inlineHelpText: str | None  # noqa: N815
    formula: str | None
    required: bool | None
    unique: bool | None
    length: int | None
    precision: int | None
    scale: int | None
    valueSet: ValueSet | None  # noqa: N815


class CustomField(Shape):
    """A custom field of the Tooling API."""

    Id: Text
    FullName: Text
    Metadata: FieldMetadata


class CompositePart(Shape):
    """The answer to one part of a composite call."""

    body: Any
    httpStatusCode: int  # noqa: N815
    referenceId: Text  # noqa: N815


class Composite(Shape):
    """The answers to all parts of a composite call."""

    compositeResponse: Annotated[list[CompositePart], Field(min_length=1)]  # noqa: N815


class Token(Shape):
    """A sign-in that succeeded."""

    access_token: Text
    instance_url: Text


class VisitorActivities(Shape):
    """One page of Account Engagement."""

    values: list[dict[str, Any]]
    nextPageToken: str | None  # noqa: N815 - null on the last page


def json_of(answer: Answer) -> Any:
    """Return the JSON of an answer."""
    try:
        return orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        said = "no body" if not answer.content.strip() else "a body that is not JSON"
        raise Unreadable(f"{answer.status} with {said}") from None


def shaped(shape: type[T]) -> Callable[[Answer], T]:
    """Return a function that parses answers of a shape."""
    read = of_part(shape)
    return lambda answer: read(answer.status, json_of(answer))


def of_part(shape: type[T]) -> Callable[[int, Any], T]:
    """Return a function that parses the status and the body of a part of an answer."""
    adapter: TypeAdapter[T] = TypeAdapter(shape)

    def read(status: int, found: Any) -> T:
        try:
            return adapter.validate_python(found)
        except ValidationError as error:
            raise Unreadable(f"{status} {_why(error, found)}") from None

    return read


def _why(error: ValidationError, found: Any) -> str:
    """Return what is wrong with an answer, without quoting its values."""
    if isinstance(found, list) and (code_and_text(found)[0]):
        return "with an error: " + " ".join(code_and_text(found))
    first = error.errors(include_input=False, include_context=False, include_url=False)[0]
    place = ".".join(map(str, first["loc"])) or "the whole"
    return f"with an invalid part: {place}: {first['msg'].lower()}"


def number_in(headers: Mapping[str, str], name: str) -> int:
    """Return a required header that is a whole number."""
    text = headers.get(name, "")
    if not text.isdecimal():
        raise Unreadable(f"the header {name} is missing or not a number")
    return int(text)


def text_in(headers: Mapping[str, str], name: str) -> str:
    """Return a required header."""
    if not headers.get(name):
        raise Unreadable(f"the header {name} is missing")
    return headers[name]


COUNTED: Final = shaped(Counted)
QUERY_PAGE: Final = shaped(QueryPage)
STARTED_JOB: Final = shaped(StartedJob)
QUERY_JOB: Final = shaped(QueryJob)
INGEST_JOB: Final = shaped(IngestJob)
_SAVED: Final = shaped(list[Saved])

DEFINITIONS: Final = shaped(Definitions)
DESCRIBED: Final = shaped(Described)
OBJECTS: Final = shaped(Objects)
LIMITS: Final = shaped(Limits)
IDENTITY: Final = shaped(Identity)
CREATED: Final = shaped(Created)
CREATED_PART: Final = of_part(Created)
CUSTOM_FIELD: Final = of_part(CustomField)
COMPOSITE: Final = shaped(Composite)
TOKEN: Final = shaped(Token)
ACTIVITIES: Final = shaped(VisitorActivities)


def saved_rows(rows: int, answer: Answer) -> list[Saved]:
    """Parse the results of a batch, of which there is one for each row; a refused row has its error."""
    saved = _SAVED(answer)
    if len(saved) != rows:
        raise Unreadable(f"{len(saved)} results for {rows} rows")
    if any(not result.success and not result.errors for result in saved):
        raise Unreadable("a refused row without its error")
    return saved

"""What an answer of each endpoint always has. One that lacks it is no answer: the call counts as lost and is repeated.

Absence is never emptiness: proxies, load balancers and servers in trouble answer `{}`, 204 or an error body with status
200. Shapes and which keys are always there: recorded traffic, and the REST, Bulk 2.0 and OAuth guides (Winter '27).
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
    """What an answer must have; what else it has does not matter."""

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
    nextRecordsUrl: str | None = Field(default=None, pattern=r"^/services/data/v[\d.]+/query[\w/-]*$")  # noqa: N815


class StartedJob(Shape):
    """A job of Bulk API 2.0 that was made."""

    id: Text


class QueryJob(Shape):
    """How a query job goes."""

    state: Literal["UploadComplete", "InProgress", "JobComplete", "Failed", "Aborted"]
    numberRecordsProcessed: Number | None = None  # noqa: N815 - there when it is complete
    errorMessage: str | None = None  # noqa: N815

    @property
    def said(self) -> str:
        """Why it failed, in Salesforce's words."""
        return self.errorMessage or f"the job ended as {self.state}"


class IngestJob(Shape):
    """How a write job goes."""

    state: Literal["Open", "UploadComplete", "InProgress", "JobComplete", "Failed", "Aborted"]
    numberRecordsProcessed: Number | None = None  # noqa: N815 - there once it runs
    numberRecordsFailed: Number | None = None  # noqa: N815
    errorMessage: str | None = None  # noqa: N815

    @property
    def said(self) -> str:
        """Why it failed, in Salesforce's words."""
        return self.errorMessage or f"the job ended as {self.state}"


class SaveError(Shape):
    """Why a row was refused."""

    statusCode: Text  # noqa: N815
    message: str
    fields: list[str] = []


class Saved(Shape):
    """What became of one row of a collection; a refused one carries no id."""

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


class Described(Shape):
    """An object: every one has fields."""

    fields: Annotated[list[DescribedField], Field(min_length=1)]


class DefinedField(Shape):
    """One field of an object, as Setup has it."""

    QualifiedApiName: Text
    DataType: str
    Description: str | None


class Definitions(Shape):
    """The fields of an object: every one has some."""

    totalSize: Number  # noqa: N815
    done: bool
    records: Annotated[list[DefinedField], Field(min_length=1)]

    @model_validator(mode="after")
    def _all_are_there(self) -> Self:
        if self.done and len(self.records) != self.totalSize:
            raise ValueError("there are more or fewer records than it counts")
        return self


class Named(Shape):
    """An object in the list of all."""

    name: Text


class Objects(Shape):
    """All objects: every org has some."""

    sobjects: Annotated[list[Named], Field(min_length=1)]


class Identity(Shape):
    """Who is signed in."""

    user_id: Text


class Created(Shape):
    """A record that was made."""

    id: Text
    success: Literal[True]


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
        said = "no body" if not answer.content.strip() else "what is no JSON"
        raise Unreadable(f"{answer.status} with {said}") from None


def shaped(shape: type[T]) -> Callable[[Answer], T]:
    """Return the reading of answers that have a shape."""
    adapter: TypeAdapter[T] = TypeAdapter(shape)

    def read(answer: Answer) -> T:
        found = json_of(answer)
        try:
            return adapter.validate_python(found)
        except ValidationError as error:
            raise Unreadable(f"{answer.status} {_why(error, found)}") from None

    return read


def _why(error: ValidationError, found: Any) -> str:
    """Say what is wrong with an answer, without a value of it."""
    if isinstance(found, list) and (code_and_text(found)[0]):
        return "with an error: " + " ".join(code_and_text(found))
    first = error.errors(include_input=False, include_context=False, include_url=False)[0]
    place = ".".join(map(str, first["loc"])) or "the whole"
    return f"with what is not as it always is: {place}: {first['msg'].lower()}"


def number_in(headers: Mapping[str, str], name: str) -> int:
    """Return a header that is a whole number, and always there."""
    text = headers.get(name, "")
    if not text.isdecimal():
        raise Unreadable(f"the header {name} is missing or no number")
    return int(text)


def text_in(headers: Mapping[str, str], name: str) -> str:
    """Return a header that is always there."""
    if not headers.get(name):
        raise Unreadable(f"the header {name} is missing")
    return headers[name]


COUNTED: Final = shaped(Counted)
QUERY_PAGE: Final = shaped(QueryPage)
STARTED_JOB: Final = shaped(StartedJob)
QUERY_JOB: Final = shaped(QueryJob)
INGEST_JOB: Final = shaped(IngestJob)
SAVED: Final = shaped(list[Saved])
DEFINITIONS: Final = shaped(Definitions)
DESCRIBED: Final = shaped(Described)
OBJECTS: Final = shaped(Objects)
IDENTITY: Final = shaped(Identity)
CREATED: Final = shaped(Created)
TOKEN: Final = shaped(Token)
ACTIVITIES: Final = shaped(VisitorActivities)

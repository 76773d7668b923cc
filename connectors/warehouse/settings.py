"""The settings of a warehouse. The descriptions here are what the documentation prints."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from connectors.secret import Secret
from vocabulary.units import Span

Column = Annotated[str, Field(min_length=1, description="The name of a column.")]
Name = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="Lower-case letters, digits and `_`, starting with a letter."),
]
Kind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="A kind of activity.")]
ENDINGS: Final = (".parquet", ".csv")


class _Section(BaseModel):
    """A section of the settings."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Whose(_Section):
    """Whose a row is: one column that has the e-mail address of a lead, or its id in the CRM."""

    email: Column | None = Field(
        default=None, description="The column with the e-mail address. Only its digest is stored."
    )
    id: Column | None = Field(
        default=None, description="The column with the id in the CRM: of a contact, or of a lead; 18 characters."
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> "Whose":
        if (self.email is None) == (self.id is None):
            raise ValueError("name one column: {email: COLUMN} or {id: COLUMN}")
        return self

    @property
    def column(self) -> str:
        """The column that is named."""
        return self.email or self.id or ""


class KindFrom(_Section):
    """Kinds of activities by the values of a column."""

    column: Column = Field(description="The column that says what happened.")
    kinds: dict[str, Kind] = Field(
        min_length=1,
        description="The kind that each value becomes. Rows with other values are left out, and counted by `check`.",
    )


class Rows(_Section):
    """Where rows come from, and which of them are new."""

    table: str | None = Field(default=None, min_length=1, description="A table or view: `NAME` or `SCHEMA.NAME`.")
    query: str | None = Field(
        default=None, min_length=1, description="A `SELECT` of your own, in the words of the database."
    )
    files: str | None = Field(
        default=None,
        min_length=1,
        description="Parquet or CSV files instead of a database, relative to the settings file; `*` stands for any"
        " name, such as `exports/*.parquet`.",
    )
    lead: Whose = Field(description="Whose a row is.")
    changed_at: Column | None = Field(
        default=None,
        description="The column that says when a row was loaded or last changed. A sync reads what changed since the"
        " last one. Default for activities: the column `at`. Fields without it are read in full by each sync.",
    )
    late: Span = Field(
        default=timedelta(hours=1),
        description="How far each sync looks back over the last one, for rows that arrive late.",
    )

    @field_validator("files")
    @classmethod
    def _beside_the_settings(cls, files: str | None, info: ValidationInfo) -> str | None:
        if files is None:
            return None
        if not files.lower().endswith(ENDINGS):
            raise ValueError("the name of the files must end in .parquet or .csv")
        return str(Path((info.context or {}).get("folder", "."), files))

    @model_validator(mode="after")
    def _exactly_one_source(self) -> "Rows":
        if sum(one is not None for one in (self.table, self.query, self.files)) != 1:
            raise ValueError("say where the rows are: one of `table`, `query` and `files`")
        return self

    @property
    def cursor(self) -> str | None:
        """The column by which rows are followed; None if they are read in full each time."""
        return self.changed_at

    @property
    def used(self) -> dict[str, str]:
        """The columns that are read, by the option that names each."""
        named = {f"lead.{'email' if self.lead.email else 'id'}": self.lead.column}
        return named | ({"changed_at": self.cursor} if self.cursor else {})

    @property
    def columns(self) -> list[str]:
        """The columns that are read, each once."""
        return list(dict.fromkeys(self.used.values()))


class ActivityRows(Rows):
    """Rows of which each is something that a lead did."""

    id: Column | None = Field(
        default=None,
        description="The column with the unique id of a row. Without one, equal rows count once, and a row that"
        " changes counts as another.",
    )
    kind: Kind | KindFrom = Field(description="The kind of all rows, or by the values of a column.")
    at: Column = Field(description="The column that says when it happened.")
    url: Column | None = Field(default=None, description="The column with the URL.")
    name: Column | None = Field(default=None, description="The column with the name of a page, form or feature.")
    seconds: Column | None = Field(default=None, description="The column that says how long it took, in seconds.")
    value: Column | None = Field(default=None, description="The column with an amount or another number.")

    @property
    def cursor(self) -> str:
        """The column by which rows are followed."""
        return self.changed_at or self.at

    @property
    def used(self) -> dict[str, str]:
        """The columns that are read, by the option that names each."""
        kind = {"kind": self.kind.column} if isinstance(self.kind, KindFrom) else {}
        options = ("id", "at", "url", "name", "seconds", "value")
        plain = {option: getattr(self, option) for option in options}
        return {**super().used, **kind, **{option: column for option, column in plain.items() if column}}

    @property
    def kinds(self) -> list[str]:
        """The kinds of activities that the rows become."""
        return list(self.kind.kinds.values()) if isinstance(self.kind, KindFrom) else [self.kind]


class FieldRows(Rows):
    """Rows that say something about leads: their plan, how many seats they pay for."""

    columns_of: dict[Name, Column] = Field(
        alias="columns",
        min_length=1,
        description="The field of the scorecards that each column feeds: `{plan: plan_name}`. The scorecard declares"
        " its type.",
    )

    @property
    def used(self) -> dict[str, str]:
        """The columns that are read, by the option that names each."""
        return super().used | {f"columns.{field}": column for field, column in self.columns_of.items()}


class Results(_Section):
    """Where results are written besides the CRM: what it was told, once it was told."""

    table: str | None = Field(
        default=None,
        min_length=1,
        description="A table of `database`, `NAME` or `SCHEMA.NAME`. It is made if it is not there.",
    )
    parquet: str | None = Field(
        default=None, min_length=1, description="A Parquet file, relative to the settings file, replaced by a rename."
    )

    @field_validator("parquet")
    @classmethod
    def _beside_the_settings(cls, parquet: str | None, info: ValidationInfo) -> str | None:
        if parquet is not None and not parquet.lower().endswith(".parquet"):
            raise ValueError("the name of the file must end in .parquet")
        return parquet and str(Path((info.context or {}).get("folder", "."), parquet))

    @model_validator(mode="after")
    def _exactly_one(self) -> "Results":
        if (self.table is None) == (self.parquet is None):
            raise ValueError("say where results go: {table: NAME} or {parquet: FILE}")
        return self


class Warehouse(_Section):
    """A database or files beside the CRM, in which more is known about its leads."""

    database: Secret | None = Field(
        default=None,
        description="The address of the database, such as `postgresql://USER:PASSWORD@HOST/NAME`, kept as a secret:"
        " `{env: WAREHOUSE_URL}`. Any address that SQLAlchemy knows, if its driver is installed.",
    )
    timezone: str | None = Field(
        default=None,
        description="The time zone of times that name none, such as `Europe/Berlin`. Without it such times are"
        " refused.",
    )
    activities: dict[Name, ActivityRows] = Field(
        default={}, description="What leads did, each source under a name that you choose."
    )

    fields: dict[Name, FieldRows] = Field(
        default={}, description="Fields of leads, each source under a name that you choose."
    )

    results: Results | None = Field(
        default=None, description="Where to write results besides the CRM. Nowhere unless given."
    )

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, zone: str | None) -> str | None:
        if zone is not None and zone not in available_timezones():
            raise ValueError("this is not the name of a time zone: write one such as Europe/Berlin")
        return zone and ZoneInfo(zone).key

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> "Warehouse":
        tables = [rows for _, rows in self.sources() if rows.files is None]
        if self.database is None and (tables or (self.results and self.results.table)):
            raise ValueError("`table` and `query` need an address: add `database: {env: WAREHOUSE_URL}`")
        return self

    @model_validator(mode="after")
    def _each_field_once(self) -> "Warehouse":
        named = [field for rows in self.fields.values() for field in rows.columns_of]
        if twice := sorted({field for field in named if named.count(field) > 1}):
            raise ValueError(f"two sources feed {', '.join(twice)}: keep one of them")
        return self

    def sources(self) -> Iterator[tuple[str, Rows]]:
        """Yield every source of rows, with its path in the settings below `warehouse`."""
        yield from ((f"activities.{name}", rows) for name, rows in self.activities.items())
        yield from ((f"fields.{name}", rows) for name, rows in self.fields.items())

    @property
    def mapped(self) -> Mapping[str, str]:
        """The fields of leads that come from here, each with the option that maps it."""
        return {
            field: f"warehouse.fields.{name}.columns.{field}"
            for name, rows in self.fields.items()
            for field in rows.columns_of
        }

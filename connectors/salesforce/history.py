"""Previous values of mapped fields, from Salesforce's field history tracking, for `calibrate`."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import polars as pl

from connectors.salesforce import frames
from connectors.salesforce.parts import Contents, StreamObject
from connectors.salesforce.people import KINDS, Kind, Mapped, mapped
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.soql import one_of
from vocabulary.feedback import FEEDBACK
from vocabulary.fields import TIME, FieldType
from vocabulary.rows import FIELD_HISTORY

OBJECTS: Final[Mapping[Kind, str]] = {"Contact": "ContactHistory", "Lead": "LeadHistory"}
"""The objects with the changes of tracked fields. An org without tracked fields may lack them."""


def history(settings: SalesforceSettings, wanted: Mapping[str, FieldType]) -> list[StreamObject]:
    """Return how changes of mapped fields are read, for fields on the lead or contact itself.

    Those of feedback are read without `history` too: when it was given is a part of it.
    """
    followed = wanted if settings.history else {name: wanted[name] for name in said_by_sales(settings, wanted)}
    kinds = [kind for kind in KINDS if getattr(settings.objects, kind).read]
    own = {kind: [field for field in mapped(settings, followed, kind) if "." not in field.paths[0]] for kind in kinds}
    return [_part(kind, fields) for kind, fields in own.items() if fields]


def said_by_sales(settings: SalesforceSettings, wanted: Mapping[str, FieldType]) -> list[str]:
    """Return the name of the field with feedback, if it is read."""
    return [FEEDBACK] if settings.feedback is not None and FEEDBACK in wanted else []


def _part(kind: Kind, fields: Sequence[Mapped]) -> StreamObject:
    owner = f"{kind}Id"
    listed = one_of("Field", sorted({field.paths[0] for field in fields}))
    contents = partial(_contents, owner, fields)
    columns = (owner, "Field", "OldValue", "NewValue")
    stamp = "CreatedDate"
    return StreamObject(OBJECTS[kind], columns, contents, listed=listed, stamp=stamp, optional=True, people=(owner,))


def _contents(owner: str, fields: Sequence[Mapped], rows: pl.DataFrame) -> Contents:
    alive = rows.filter(pl.col("IsDeleted") == "false")
    changes = [_changes(owner, field, alive) for field in fields]
    return Contents(history=pl.concat([FIELD_HISTORY.to_frame(), *changes]))


def _changes(owner: str, field: Mapped, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("Field").str.to_lowercase() == field.paths[0].lower()).select(
        pl.col(owner).alias("lead"),
        pl.lit(field.name).alias("field"),
        frames.moment("CreatedDate").cast(TIME).alias("since"),
        _held("NewValue", field).alias("value"),
        _held("OldValue", field).alias("before"),
    )


def _held(column: str, field: Mapped) -> pl.Expr:
    derivation = field.source.derivation
    return derivation.apply(pl.col(column), field.own).cast(pl.String) if derivation else pl.col(column)

"""Convert HubSpot's rows, whose values are all strings, into the neutral frames, column by column."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Final

import polars as pl

from connectors.hubspot.answers import PropertiesGone
from connectors.hubspot.mapping import Fields, Type, properties_of
from connectors.odd import OddValues
from meaning.derive import FieldSource, OwnWords
from vocabulary.fields import FLAGS, LISTS, TIME, FieldType
from vocabulary.moments import DAY, written
from vocabulary.outputs import Output
from vocabulary.rows import ACCOUNTS, ACTIVITIES, ADDRESSES, DEALS, LEADS, PRESENT, address_digest

Record = Mapping[str, Any]
DEAL_COMPANY: Final = "hs_primary_associated_company"
"""The deal property with the id of its primary company: public extracts of portals join them by it (2026-11)."""
_DAY_IN_MS: Final = 86_400_000
_EPOCH: Final = r"^-?\d{10,14}$"


def leads(rows: Sequence[Record], fields: Fields, odd: OddValues) -> pl.DataFrame:
    """Convert contacts to leads with the mapped fields. `associatedcompanyid` is the primary company."""
    properties = [row["properties"] for row in rows]
    raw: dict[str, list[Any]] = {
        "lead": [str(row["id"]) for row in rows],
        "account": [found.get("associatedcompanyid") for found in properties],
        "address": [address_digest(found.get("email")) for found in properties],
        "created_at": [
            found.get("createdate") or row.get("createdAt") for row, found in zip(rows, properties, strict=True)
        ],
        **_columns(properties, properties_of(fields.contact)),
    }
    return _typed(raw, _LEAD, fields, "contact", odd)


def addresses(rows: Sequence[Record]) -> pl.DataFrame:
    """Return the digests of the additional e-mail addresses of contacts, in `hs_additional_emails` ("a@x;b@x")."""
    found = [
        (str(row["id"]), address_digest(address))
        for row in rows
        for address in (row["properties"].get("hs_additional_emails") or "").split(";")
    ]
    return pl.DataFrame(found, ADDRESSES, orient="row").drop_nulls().unique(maintain_order=True)


def accounts(rows: Sequence[Record], fields: Fields, odd: OddValues) -> pl.DataFrame:
    """Convert companies to accounts with the mapped fields."""
    raw: dict[str, list[Any]] = {
        "account": [str(row["id"]) for row in rows],
        **_columns([row["properties"] for row in rows], properties_of(fields.company)),
    }
    return _typed(raw, _ACCOUNT, fields, "company", odd)


def deals(rows: Sequence[Record], fields: Fields, odd: OddValues, *, conversions: bool) -> pl.DataFrame:
    """Convert deals with the mapped fields; `conversions`: whether their creation and winning count as such."""
    properties = [row["properties"] for row in rows]
    raw: dict[str, list[Any]] = {
        "deal": [str(row["id"]) for row in rows],
        "account": [found.get(DEAL_COMPANY) for found in properties],
        "created_at": [found.get("createdate") if conversions else None for found in properties],
        "won_at": [found.get("closedate") if conversions and _is_won(found) else None for found in properties],
        "for_account": ["false"] * len(rows),
        **_columns(properties, properties_of(fields.deal)),
    }
    return _typed(raw, _DEAL, fields, "deal", odd)


def _is_won(found: Record) -> bool:
    return bool(found.get("hs_is_closed_won") == "true")


def outputs(rows: Sequence[Record], fields: Sequence[Output]) -> pl.DataFrame:
    """Return the current values of our properties; null if they do not exist yet."""
    properties = [row["properties"] for row in rows]
    raw = {
        "lead": [str(row["id"]) for row in rows],
        **{field.name: [found.get(field.name) for found in properties] for field in fields},
    }
    types = {"lead": "text", **{field.name: _HELD_AS[field.type] for field in fields}}
    return _strings(raw).with_columns(_not_blank(pl.all())).select(_converted(tuple(types.items())))


def records(ids: Iterable[str]) -> pl.DataFrame:
    """Return which records there are, whoever they belong to."""
    return pl.DataFrame({"lead": None, "address": None, "record": list(ids)}, PRESENT)


def activities(found: Iterable[tuple[Any, ...]]) -> pl.DataFrame:
    """Convert tuples in the order of `ACTIVITIES` to its frame. Times are ISO text or milliseconds since 1970.

    Activities without a time, or with neither a lead nor an address, are dropped.
    """
    columns = list(zip(*found, strict=True))
    if not columns:
        return ACTIVITIES.to_frame()
    given = dict(zip(ACTIVITIES, columns, strict=False))  # what all of them lack at the end is missing
    frame = _strings({name: given.get(name, [None] * len(columns[0])) for name in ACTIVITIES}).select(_ACTIVITY)
    return frame if _complete(frame) else frame.filter(_COUNTS)


def derived(history: pl.DataFrame, source: FieldSource, own: OwnWords) -> pl.DataFrame:
    """Return versions of a property as the values of the field that is derived from it."""
    if source.derivation is None:
        return history
    return history.with_columns(source.derivation.apply(pl.col("value"), own).cast(pl.String).alias("value"))


def times(values: Sequence[Any]) -> pl.Series:
    """Parse ISO times, dates or milliseconds since 1970; null for anything else."""
    return pl.Series("time", values, pl.String, strict=False).to_frame().select(_time(pl.col("time"))).to_series()


def _columns(properties: Sequence[Record], names: Sequence[str]) -> dict[str, list[Any]]:
    """Return properties by name with a point before. Raise `PropertiesGone` if no row has a property's key.

    An empty property is returned as null, one that does not exist is silently omitted (recorded).
    """
    gone = [name for name in names if properties and not any(name in found for found in properties)]
    if gone:
        raise PropertiesGone(gone)
    return {f".{name}": [found.get(name) for found in properties] for name in names}


def _column(name: str) -> pl.Expr:
    return pl.col(f".{name}")


def _typed(
    raw: Mapping[str, Sequence[Any]],
    own: tuple[tuple[str, FieldType], ...],
    fields: Fields,
    type_: Type,
    odd: OddValues,
) -> pl.DataFrame:
    text = _strings(raw).with_columns(_not_blank(pl.all()))
    typed = text.select(*_converted(own), *_mapped(fields, type_))
    odd.look(text, typed, fields.mapped(type_), _column)
    return typed


@lru_cache(maxsize=16)
def _mapped(fields: Fields, type_: Type) -> Sequence[pl.Expr]:
    """Return the columns of the mapped fields, the same for every page: derivations remember what they were asked."""
    mapped = fields.mapped(type_).items()
    return [source.value(kind, _column, _read, fields.own).alias(name) for name, (source, kind) in mapped]


def _read(value: pl.Expr, wanted: FieldType) -> pl.Expr:
    return _kept(value) if wanted == "time" else _CONVERSIONS[wanted](value)


def _strings(raw: Mapping[str, Sequence[Any]]) -> pl.DataFrame:
    return pl.DataFrame(raw, dict.fromkeys(raw, pl.String), strict=False)


def _complete(activities: pl.DataFrame) -> bool:
    """Return whether every activity has a time and a lead, so that no filter is needed."""
    return not activities["occurred_at"].has_nulls() and not activities["lead"].has_nulls()


@cache
def _converted(types: tuple[tuple[str, FieldType], ...]) -> list[pl.Expr]:
    return [_CONVERSIONS[type_](pl.col(name)).alias(name) for name, type_ in types]


def _not_blank(value: pl.Expr) -> pl.Expr:
    return pl.when(value.str.strip_chars() != "").then(value)


def _number(value: pl.Expr) -> pl.Expr:
    number = value.str.strip_chars().cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _flag(value: pl.Expr) -> pl.Expr:
    folded = value.str.strip_chars().str.to_lowercase()
    return folded.replace_strict(FLAGS, default=None, return_dtype=pl.Boolean)


def _time(value: pl.Expr) -> pl.Expr:
    text = value.str.strip_chars()
    stamp = text.str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    day = text.str.to_datetime("%Y-%m-%d", time_unit="us", time_zone="UTC", strict=False)
    epoch = pl.when(text.str.contains(_EPOCH)).then(text).cast(pl.Int64, strict=False)
    read = pl.coalesce(stamp, day, pl.from_epoch(epoch, "ms").dt.cast_time_unit("us").dt.replace_time_zone("UTC"))
    return pl.when(read.dt.year().is_between(1, 9999)).then(read)  # ISO texts have no others


def _kept(value: pl.Expr) -> pl.Expr:
    """Return times as ISO texts, and days without a clock as days.

    Properties of the type `date` come as days, or as milliseconds of midnight UTC, whatever the zone of the portal:
    https://developers.hubspot.com/docs/faq/how-should-timestamps-be-formatted-for-hubspots-apis (2026-11),
    https://github.com/airbytehq/airbyte/pull/10576. Properties of the type `datetime` come as ISO times.
    """
    text, moment = value.str.strip_chars(), _time(value)
    midnight = text.str.contains(_EPOCH) & (moment.dt.epoch("ms") % _DAY_IN_MS == 0)
    is_day = text.str.contains(DAY) | midnight
    return pl.when(is_day).then(moment.dt.strftime("%Y-%m-%d")).otherwise(written(moment))


def _list(value: pl.Expr) -> pl.Expr:
    entries = value.str.split(";").list.eval(
        pl.element().str.strip_chars().filter(pl.element().str.strip_chars() != "")
    )
    return pl.when(entries.list.len() > 0).then(entries)


_CONVERSIONS: Final[Mapping[str, Callable[[pl.Expr], pl.Expr]]] = {
    "text": lambda value: value,
    "number": _number,
    "flag": _flag,
    "time": _time,
    "date": lambda value: _time(value).dt.date(),
    **dict.fromkeys(LISTS, _list),
}

_LEAD: Final[tuple[tuple[str, FieldType], ...]] = tuple(
    (name, "time" if name == "created_at" else "text") for name in LEADS
)
_ACCOUNT: Final[tuple[tuple[str, FieldType], ...]] = tuple((name, "text") for name in ACCOUNTS)
_DEAL: Final[tuple[tuple[str, FieldType], ...]] = tuple(
    (name, "time" if dtype == TIME else "flag" if dtype == pl.Boolean else "text") for name, dtype in DEALS.items()
)
_HELD_AS: Final[Mapping[str, FieldType]] = {"number": "number", "time": "time", "choice": "text", "text": "text"}
_TYPES: Final[dict[str, FieldType]] = {
    "occurred_at": "time",
    "seconds": "number",
    "value": "number",
    "sent_at": "time",
}
_ACTIVITY: Final = [
    _CONVERSIONS[_TYPES.get(name, "text")](_not_blank(pl.col(name))).cast(dtype).alias(name)
    for name, dtype in ACTIVITIES.items()
]
"""Activities come from HubSpot itself rather than from people's input, so mismatched values are not reported."""
_COUNTS: Final = pl.col("occurred_at").is_not_null() & pl.any_horizontal(pl.col("lead", "address").is_not_null())

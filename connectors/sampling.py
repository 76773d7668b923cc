"""Turn sampled records into counts that tell nothing about single people.

Used by what looks at a CRM before there is a scorecard (`Connector.survey`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlsplit

import polars as pl

from meaning.derive import BY_NAME, OwnWords
from vocabulary.fields import FLAGS, FieldType
from vocabulary.outside import clean
from vocabulary.survey import Band, Count, Looked, Role, SurveyedField, SurveyedPage

MOST_VALUES: Final = 12
"""Values that are named per field."""
_SHARED: Final = 3
"""A value of a text field is named if this many sampled leads have it, so that it tells about no single person."""
_COVERED: Final = 0.3
"""Share of the filled records that the named values of a text field must cover; else it identifies records."""
_OWN: Final = 0.02
"""Share of the values that may be the record's own name or address before the whole field is left out."""
_LONGEST: Final = 60
_SIZES: Final = (1, 11, 51, 201, 501, 1001, 5001)
_AMOUNTS: Final = (0, 1_000_000, 10_000_000, 50_000_000, 250_000_000)
STARTS: Final[Mapping[str, Sequence[int]]] = {"employees": _SIZES, "revenue": _AMOUNTS}
"""Where the bands of a number begin, by its role."""

_PERSONAL: Final = re.compile(
    r"\b((first|last|full|middle|maiden|sur|given|family|user|nick|contact|partner|spouse|assistant) ?names?|name"
    r"|salutation|vorname|nachname|familienname|ansprechpartner(in)?|nom|prenom|nombre|apellidos?|cognome"
    r"|e ?mails?|mails?|phones?|telephone|telefon|tel|mobile|mobil|handy|cell|fax|whatsapp"
    r"|address|street|strasse|adresse|direccion|indirizzo|zip|plz|postal|postcode|postleitzahl"
    r"|birth ?(day|date)?|dob|geburt\w*|gender|geschlecht|religion|ethnicity|iban|bic|passport|ssn|salary|gehalt"
    r"|ip|guid|uuid|token|password|twitter\w*|linked ?in\w*|facebook\w*|skype\w*|url|website|avatar|photo|signature"
    r"|descriptions?|comments?|notes?|messages?)\b"
)
"""Names and labels of fields that hold something about a single person, however often it is shared."""
_ADDRESS: Final = re.compile(r"@|https?:|www\.")
_PHONE: Final = re.compile(r"^[+(]?\d[\d ()./-]{5,}$")


@dataclass(frozen=True, slots=True)
class Column:
    """A field to look at: where it is in a record, and what is known about it."""

    path: str
    sources: Mapping[str, str]
    label: str
    type: FieldType
    role: Role | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    """How the CRM shows each value of a field with fixed choices; empty for any other."""
    derivation: str = ""

    @property
    def name(self) -> str:
        """A name for the field of the scorecard."""
        return self.role or slug(self.path)

    @property
    def personal(self) -> bool:
        """Whether its name or label says that it is about a single person."""
        return self.role is None and bool(_PERSONAL.search(_words(self.path)) or _PERSONAL.search(_words(self.label)))


Row = Mapping[str, str | None]
"""A record: its values by path."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The records that were looked at, and the paths of what identifies the person in each."""

    rows: Sequence[Row]
    identity: Sequence[str]

    def texts(self, path: str) -> list[str | None]:
        """Return the values of a field, blank ones as None."""
        return [(row.get(path) or "").strip() or None for row in self.rows]

    def without_own(self, path: str) -> list[str | None] | None:
        """Return the values without those that contain the person's own name or address; None if those are many."""
        texts = self.texts(path)
        own = [bool(text) and self._is_own(text or "", row) for text, row in zip(texts, self.rows, strict=True)]
        if sum(own) > max(len([text for text in texts if text]) * _OWN, 1):
            return None
        return [None if mine else text for text, mine in zip(texts, own, strict=True)]

    def _is_own(self, text: str, row: Row) -> bool:
        words = set(re.split(r"\W+", text.casefold()))
        for path in self.identity:
            held = (row.get(path) or "").strip().casefold()
            if held and (held == text.casefold() or (held in words and len(held) > 2)):  # noqa: PLR2004 - Al, Bo
                return True
        return False


def surveyed(column: Column, leads: Sample, won: Sample) -> SurveyedField:
    """Return a field with its fill and, unless it is about single people, its most frequent values."""
    base, converted = leads.texts(column.path), won.texts(column.path)
    looked = Looked(len(base), _filled(base)), Looked(len(converted), _filled(converted))
    found = SurveyedField(column.name, _sources(column), column.label, column.type, *looked, role=column.role)
    if column.role in STARTS:
        return _with_bands(found, column, base, converted)
    if column.type not in {"text", "flag"} or column.personal:
        return found
    if column.role == "mailbox":
        return with_counts(found, column, Counter(_texts(base)), Counter(_texts(converted)))
    kept, kept_won = leads.without_own(column.path), won.without_own(column.path)
    if kept is None or kept_won is None:
        return found
    return with_counts(found, column, Counter(_texts(kept)), Counter(_texts(kept_won)))


def with_counts(
    found: SurveyedField, column: Column, leads: Mapping[str, int], won: Mapping[str, int], *, least: int = _SHARED
) -> SurveyedField:
    """Return a field with its most frequent values, derived if the column says so."""
    if column.derivation:
        return _derived(found, column, leads, won)
    if column.type == "flag":
        leads, won = _as_flags(leads), _as_flags(won)
    fixed = bool(column.labels) or column.type == "flag"
    told = [(value, count) for value, count in _frequent(leads) if clean(value) == value]
    named = [value for value, count in told if fixed or (count >= least and shareable(value))]
    covered = sum(leads[value] for value in named[:MOST_VALUES])
    if not fixed and covered < sum(leads.values()) * _COVERED:
        return replace(found, distinct=len(leads))
    values = tuple(_count(value, leads, won, column.labels) for value in named[:MOST_VALUES])
    return replace(found, values=values, distinct=len(leads))


def fullest(fields: Iterable[SurveyedField]) -> tuple[SurveyedField, ...]:
    """Return the fields with one per role, the fullest, and with distinct names."""
    found: dict[str, SurveyedField] = {}
    for each in fields:
        key = f"role:{each.role}" if each.role else "|".join(each.sources.values())
        if key not in found or each.leads.share > found[key].leads.share:
            found[key] = each
    names: Counter[str] = Counter()
    distinct = []
    for each in found.values():
        names[each.name] += 1
        again = names[each.name]
        distinct.append(each if again == 1 else replace(each, name=f"{each.name}_{again}"))
    return tuple(distinct)


def shareable(value: str) -> bool:
    """Return whether a value may be shown: it is no address, number to call, or long text."""
    return len(value) <= _LONGEST and not _ADDRESS.search(value) and not _PHONE.match(value)


def slug(path: str) -> str:
    """Return a field name made of the end of a path: `Product_Line__c` becomes `product_line`."""
    last = path.rpartition(".")[2].removesuffix("__c")
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", last)
    name = re.sub(r"\W+|_+", "_", words).strip("_").casefold()
    return name if name and name[0].isalpha() else f"field_{name}"


def pages_seen(addresses: Iterable[tuple[str, str]]) -> tuple[SurveyedPage, ...]:
    """Return the pages that several leads saw, by the first parts of their path, the most seen first.

    `addresses` are leads with the URLs of pages. Queries are left out, and so is a deeper path that few leads saw,
    because it may identify one of them.
    """
    views: Counter[str] = Counter()
    viewers: dict[str, set[str]] = {}
    for lead, address in addresses:
        for path in _beginnings(address):
            views[path] += 1
            viewers.setdefault(path, set()).add(lead)
    seen = [SurveyedPage(path, count, len(viewers[path])) for path, count in views.most_common()]
    return tuple(page for page in seen if page.leads >= _SHARED and shareable(page.path))


def _beginnings(address: str) -> list[str]:
    """Return the first part of a URL's path, and the first two; none for the start page."""
    try:
        path = urlsplit(address if "://" in address else f"//{address}").path
    except ValueError:
        return []
    parts = [part for part in path.casefold().split("/") if part]
    return ["/" + "/".join(parts[:depth]) for depth in (1, 2) if len(parts) >= depth]


def _derived(found: SurveyedField, column: Column, leads: Mapping[str, int], won: Mapping[str, int]) -> SurveyedField:
    derived = _derive(column.derivation, {*leads, *won})
    counts, of_won = _regrouped(leads, derived), _regrouped(won, derived)
    unread = [Count(value, count) for value, count in _frequent(leads) if derived[value] is None]
    shown = tuple(one for one in unread if one.leads >= _SHARED and shareable(one.value))[:MOST_VALUES]
    values = tuple(_count(value, counts, of_won, {}) for value, _ in _frequent(counts)[:MOST_VALUES])
    return replace(found, values=values, distinct=len(counts), unread=shown)


def _derive(name: str, texts: Iterable[str]) -> dict[str, str | None]:
    """Return what a derivation makes of each text, as text."""
    column = pl.Series("text", sorted(texts), pl.String)
    made = pl.DataFrame([column]).select(BY_NAME[name].apply(pl.col("text"), OwnWords())).to_series()
    told = [None if value is None else str(value).lower() if isinstance(value, bool) else str(value) for value in made]
    return dict(zip(column.to_list(), told, strict=True))


def _regrouped(counts: Mapping[str, int], derived: Mapping[str, str | None]) -> Counter[str]:
    grouped: Counter[str] = Counter()
    for value, count in counts.items():
        if (made := derived[value]) is not None:
            grouped[made] += count
    return grouped


def _with_bands(
    found: SurveyedField, column: Column, leads: Sequence[str | None], won: Sequence[str | None]
) -> SurveyedField:
    starts = STARTS[column.role or ""]
    counts, of_won = (_in_bands(texts, starts, column.derivation) for texts in (leads, won))
    ends: list[int | None] = [*(start - 1 for start in starts[1:]), None]
    bands = zip(starts, ends, counts, of_won, strict=True)
    return replace(found, bands=tuple(Band(low, high, n, m) for low, high, n, m in bands))


def _in_bands(texts: Sequence[str | None], starts: Sequence[int], derivation: str) -> list[int]:
    apply = BY_NAME[derivation or "number"].apply
    numbers = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)}).select(apply(pl.col("text"), OwnWords()))
    counts = [0] * len(starts)
    for number in numbers.to_series().drop_nulls():
        at = max((place for place, start in enumerate(starts) if number >= start), default=None)
        if at is not None:
            counts[at] += 1
    return counts


def _sources(column: Column) -> Mapping[str, str]:
    if not column.derivation:
        return column.sources
    return {kind: f"{column.derivation}({path})" for kind, path in column.sources.items()}


def _as_flags(counts: Mapping[str, int]) -> Counter[str]:
    flags: Counter[str] = Counter()
    for value, count in counts.items():
        if (flag := FLAGS.get(value.casefold())) is not None:
            flags[str(flag).lower()] += count
    return flags


def _frequent(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def _count(value: str, leads: Mapping[str, int], won: Mapping[str, int], labels: Mapping[str, str]) -> Count:
    label = clean(labels.get(value, ""))
    return Count(clean(value), leads.get(value, 0), won.get(value, 0), label if label != value else "")


def _texts(values: Iterable[str | None]) -> list[str]:
    return [value for value in values if value]


def _filled(values: Iterable[str | None]) -> int:
    return sum(value is not None for value in values)


def _words(path: str) -> str:
    return re.sub(r"[^a-zà-ÿ0-9]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", path).casefold())

"""Find custom objects that look like visits of a website or other activities of leads, and the pages in them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from connectors.base import ConfigurationError
from connectors.salesforce import rest
from connectors.salesforce.describe import Descriptions, FieldInfo
from connectors.salesforce.overview import groups
from connectors.salesforce.people import KINDS
from connectors.salesforce.session import Session
from connectors.salesforce.soql import Query
from connectors.sampling import pages_seen
from meaning.forms import kind_of_form
from vocabulary.survey import SurveyedPage, SurveyedSource

_LIKELY: Final = re.compile(
    r"visit|page|web|action|activit|event|click|download|submission|form|session|besuch|seite|aktion", re.IGNORECASE
)
_MOST: Final = 5
"""Objects that are described."""
_VIEWS: Final = 500
_SECONDS: Final = re.compile(r"second|duration|sekunden|dauer", re.IGNORECASE)
_KIND: Final = re.compile(r"kind|type|action|event|art$|typ$", re.IGNORECASE)
_TITLE: Final = re.compile(r"title|asset|page|name", re.IGNORECASE)


@dataclass(slots=True)
class Visits:
    """The sources of activities that custom objects may be; each is a guess by names and types."""

    session: Session
    descriptions: Descriptions
    sources: list[dict[str, Any]] = field(default_factory=list)
    found: list[SurveyedSource] = field(default_factory=list)
    words: str = ""

    def pages(self) -> tuple[SurveyedPage, ...]:
        """Look for the objects, and return the pages that several leads saw."""
        likely = [name for name in self.descriptions.objects() if name.endswith("__c") and _LIKELY.search(name)]
        for name in likely[:_MOST]:
            source = self._source(name)
            if source:
                self.sources.append(source)
        viewed = next((source for source in self.sources if source["kind"] == "page_view"), None)
        if viewed is None:
            return ()
        self.words = f"the newest {_VIEWS} records of {viewed['object']}"
        return pages_seen(self._views(viewed))

    def _source(self, name: str) -> dict[str, Any] | None:
        """Return the settings of a source if records of the object belong to leads and have a time and a URL."""
        try:
            fields = list(self.descriptions.fields(name).values())
        except ConfigurationError:
            return None  # it is not visible after all
        leads = [each.name for kind in KINDS for each in fields if kind in each.refers_to and each.custom]
        times = [each.name for each in fields if each.type == "datetime" and each.custom]
        urls = [each.name for each in fields if each.type == "url" or (each.custom and "url" in each.name.lower())]
        if not leads or not times or not urls:
            return None
        kind = self._kind(name, fields)
        self.found.append(
            SurveyedSource("records of", name, kind if isinstance(kind, str) else f"what {kind['field']} says")
        )
        source = {"name": _short(name), "object": name, "time": times[0], "lead": leads, "kind": kind, "url": urls[0]}
        return {**source, **dict(self._details(fields, urls[0]))}

    def _kind(self, name: str, fields: list[FieldInfo]) -> str | dict[str, Any]:
        """Return the kinds by the values of a field that tells them, or a page view."""
        for each in fields:
            if each.custom and each.groupable and _KIND.search(each.name) and each.type in {"picklist", "string"}:
                values = [value for (value,), _ in groups(self.session, name, (each.name,), most=20) if value]
                if kinds := _kinds(values):
                    return {"field": each.name, "kinds": kinds}
        return "page_view"

    def _details(self, fields: list[FieldInfo], url: str) -> Iterator[tuple[str, str]]:
        texts = [each for each in fields if each.type == "string" and each.name != url and _TITLE.search(each.name)]
        custom = [each.name for each in texts if each.custom] or [each.name for each in texts if each.name == "Name"]
        if custom:
            yield "title", custom[0]
        numbers = [each.name for each in fields if each.type in {"double", "int"} and _SECONDS.search(each.name)]
        if numbers:
            yield "seconds", numbers[0]

    def _views(self, source: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        columns = ("Id", *source["lead"], source["url"])
        rows = rest.rows(self.session, Query(source["object"], columns, order=f"{source['time']} DESC", limit=_VIEWS))
        for _, *leads, address in rows.iter_rows():
            lead = next(filter(None, leads), None)
            if lead and address:
                yield lead, address


def _kinds(values: list[str]) -> dict[str, str]:
    """Return the kinds of values that name one, as the name of a form does."""
    column = pl.Series("value", [value.replace("_", " ") for value in values], pl.String)
    kinds = pl.DataFrame([column]).select(kind_of_form(pl.col("value"))).to_series().to_list()
    return {value: kind for value, kind in zip(values, kinds, strict=True) if kind}


def _short(name: str) -> str:
    return re.sub(r"\W+|_+", "_", name.removesuffix("__c")).strip("_").lower()[:40]

"""Activities derived from contact properties, for portals that do not provide the activities themselves.

A property such as "time of the last page view" proves that one happened, and a counter identifies it. The activity's id
contains the counter, so the same view read twice counts once, and each pull that sees a higher counter adds one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from connectors.hubspot import frames
from connectors.hubspot.kinds import KindsOf, Named


@dataclass(frozen=True, slots=True)
class Trace:
    """Properties that describe the last activity of a kind, and the better source that replaces them."""

    source: str
    time: str
    counter: str | None
    kind: str
    name: str | None = None
    url: str | None = None


# Every subscription has these properties, while the events API needs Enterprise:
# https://developers.hubspot.com/docs/guides/api/analytics-and-events/event-analytics (2026-11).
TRACES: Final = (
    Trace(
        "page_views",
        "hs_analytics_last_timestamp",
        "hs_analytics_num_page_views",
        "page_view",
        url="hs_analytics_last_url",
    ),
    Trace(
        "forms", "recent_conversion_date", "num_conversion_events", "form_submit", name="recent_conversion_event_name"
    ),
    Trace("email_events", "hs_email_last_open_date", "hs_email_open", "email_open"),
    Trace("email_events", "hs_email_last_click_date", "hs_email_click", "email_click"),
    Trace("email_replies", "hs_sales_email_last_replied", None, "email_reply"),
)


Seen = tuple[str, Mapping[str, Any], Trace]
"""A lead, its properties, and a trace that they show."""


@dataclass(frozen=True, slots=True)
class Derived:
    """Derives activities from the traces whose better source is unavailable."""

    traces: Sequence[Trace]
    of_page: KindsOf
    of_form: KindsOf

    @classmethod
    def without(cls, missing: Callable[[str], bool], of_page: KindsOf, of_form: KindsOf) -> "Derived":
        """Select the traces of unavailable sources."""
        return cls([trace for trace in TRACES if missing(trace.source)], of_page, of_form)

    @property
    def properties(self) -> tuple[str, ...]:
        """The contact properties to read."""
        named = [name for trace in self.traces for name in (trace.time, trace.counter, trace.name, trace.url)]
        return tuple(dict.fromkeys(name for name in named if name))

    def activities(self, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
        """Return the activities derived from the properties of contacts."""
        seen = [
            (str(row["id"]), row["properties"], trace)
            for row in rows
            for trace in self.traces
            if row["properties"].get(trace.time)
        ]
        named = [(_told(found, trace.name), _told(found, trace.url)) for _, found, trace in seen]
        return frames.activities(
            (lead, None, _identity(found, trace), kind, found[trace.time], url, name, None, None)
            for (lead, found, trace), (name, url), kind in zip(seen, named, self._kinds(seen, named), strict=True)
        )

    def _kinds(self, seen: Sequence[Seen], named: Sequence[Named]) -> list[str]:
        """Return the kind of each trace: by name for pages and forms, otherwise the trace's own kind."""
        pages, forms = self.of_page(named), self.of_form(named)
        by_trace = {"page_view": pages, "form_submit": forms}
        return [
            by_trace[trace.kind][at] if trace.kind in by_trace else trace.kind for at, (*_, trace) in enumerate(seen)
        ]


def _told(found: Mapping[str, Any], name: str | None) -> str | None:
    return found.get(name) if name else None


def _identity(found: Mapping[str, Any], trace: Trace) -> str:
    return f"derived:{trace.time}:{_told(found, trace.counter) or found[trace.time]}"

"""Activities made from contact properties, for portals that do not give the activities themselves.

A property such as "time of the last page view" says that one happened, and its counter says which: the activity's id
holds the counter, so the same view read twice counts once, and every pull that sees the counter moved adds one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from connectors.hubspot import frames
from connectors.hubspot.kinds import KindOf


@dataclass(frozen=True, slots=True)
class Trace:
    """Properties that tell of the last activity of a sort, and the source that tells better."""

    source: str
    time: str
    counter: str | None
    kind: str
    name: str | None = None
    url: str | None = None


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


@dataclass(frozen=True, slots=True)
class Derived:
    """Makes activities of those traces whose better source is missing."""

    traces: Sequence[Trace]
    of_page: KindOf
    of_form: KindOf

    @classmethod
    def without(cls, missing: Callable[[str], bool], of_page: KindOf, of_form: KindOf) -> "Derived":
        """Follow the traces of sources that are missing."""
        return cls([trace for trace in TRACES if missing(trace.source)], of_page, of_form)

    @property
    def properties(self) -> tuple[str, ...]:
        """The contact properties to read."""
        named = [name for trace in self.traces for name in (trace.time, trace.counter, trace.name, trace.url)]
        return tuple(dict.fromkeys(name for name in named if name))

    def activities(self, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
        """Return the activities that the properties of contacts tell of."""
        return frames.activities(
            self._activity(str(row["id"]), found, trace)
            for row in rows
            if (found := row.get("properties"))
            for trace in self.traces
            if found.get(trace.time)
        )

    def _activity(self, lead: str, found: Mapping[str, Any], trace: Trace) -> tuple[Any, ...]:
        at = found[trace.time]
        which = found.get(trace.counter) if trace.counter else None
        name = found.get(trace.name) if trace.name else None
        url = found.get(trace.url) if trace.url else None
        return (
            lead,
            None,
            f"derived:{trace.time}:{which or at}",
            self._kind(trace, name, url),
            at,
            url,
            name,
            None,
            None,
        )

    def _kind(self, trace: Trace, name: str | None, url: str | None) -> str:
        match trace.kind:
            case "page_view":
                return self.of_page(name, url)
            case "form_submit":
                return self.of_form(name, url)
            case other:
                return other

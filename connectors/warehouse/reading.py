"""A source read as a stream: everything first, then what changed, with a look back for rows that arrive late.

The cursor of a reading that is complete says until when rows were seen (`until`). That of a reading that goes on says
from when to resume (`from`), and what `until` may be at the most once it is complete (`until_most`): while it paused,
rows may have arrived late that are older than where it resumed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import polars as pl

from connectors.warehouse.settings import Rows
from connectors.warehouse.wanted import Source, Wanted
from vocabulary.pages import Cursor

_FIRST: Final[Mapping[str, Any]] = {}


@dataclass
class Reading:
    """One pull of a source: which rows are wanted, and the cursor after each batch."""

    rows: Rows
    cursor: Cursor | None
    began: datetime
    """When it began: no row is taken to be from later, whatever clock it was stamped by."""
    in_order: bool
    _seen: datetime | None = field(default=None, init=False)

    @property
    def is_first(self) -> bool:
        """Whether no reading was complete yet."""
        return not self._known.get("whole")

    @property
    def since(self) -> datetime | None:
        """From when on rows are read; None for all."""
        if resumed := self._moment("from"):
            return resumed
        until = self._moment("until")
        return until - self.rows.late if until and self.rows.cursor else None

    def batches(self, source: Source) -> Iterator[pl.DataFrame]:
        """Yield the rows."""
        yield from source.batches(self.rows.columns, Wanted(changed=self.rows.cursor, since=self.since))

    def after(self, changed: pl.Series | None) -> Cursor:
        """Return the cursor that resumes after a batch whose rows changed at these times."""
        last = changed.max() if changed is not None else None
        if isinstance(last, datetime):
            self._seen = max(last, self._seen or last)
        resumes = self._seen if self.in_order and self._seen else self._moment("from")
        most = self._moment("until_most") or resumes
        return _written({**self._known, "from": resumes, "until_most": most})

    def end(self) -> Cursor:
        """Return the cursor once all rows were read."""
        known = [one for one in (self._seen, self._moment("until")) if one is not None]
        until = min(max(known), self.began) if known else None
        most = self._moment("until_most")
        if until is not None and most is not None:
            until = min(until, most)
        return _written({"whole": True, "until": until})

    @property
    def _known(self) -> Mapping[str, Any]:
        return self.cursor or _FIRST

    def _moment(self, name: str) -> datetime | None:
        text = self._known.get(name)
        return datetime.fromisoformat(text) if isinstance(text, str) else None


def _written(parts: Mapping[str, Any]) -> Cursor:
    told = {name: one.isoformat() if isinstance(one, datetime) else one for name, one in parts.items()}
    return {name: one for name, one in told.items() if one is not None}

"""Who belongs to segments or campaigns: only those are read whose members changed, one after the other, by page.

A segment that cannot be read keeps the members that it had: it is missing, the rights do not reach it, its answer
fails, or its answer names fewer members than the CRM counts. A large one is read the less often, like a recycle bin.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Protocol

import polars as pl
from pydantic import AfterValidator, BeforeValidator

from connectors.base import ConfigurationError, ConnectorError, Unavailable
from vocabulary.fields import FieldType
from vocabulary.findings import Finding
from vocabulary.pages import Cursor, Page, Stream
from vocabulary.rows import MEMBERSHIPS

STREAM: Final = Stream("segments", "memberships", segments=True, relisted=True, plan="segments")
"""The plan never changes; it makes the cursor go when the stream is switched off."""
_PER_PAGE: Final = 30_000
"""Milliseconds that must pass per page of a segment before it is read again: at most 2,880 calls a day for each."""
_SPARE_ROWS: Final = 10_000
"""Members that a reading may find beyond twice as many as the CRM counts, before it is taken for endless."""


def _id_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _told(text: str) -> str:
    if not text.strip():
        raise ValueError("this names no segment: write its id or its name")
    return text.strip()


def _some(entries: dict[str, str]) -> dict[str, str]:
    if not entries:
        raise ValueError("no entry is given: write `ENTRY: ID` for each, or remove the field")
    return entries


Named = Annotated[str, BeforeValidator(_id_as_text), AfterValidator(_told)]
"""The id of a segment, which may be written as a number, or its name."""
Entries = Annotated[dict[str, Named], AfterValidator(_some)]
"""The segment of each entry of a field."""


def used(member_of: Mapping[str, Mapping[str, str]], wanted: Mapping[str, FieldType]) -> dict[str, dict[str, str]]:
    """Return the entries of the wanted fields that list memberships."""
    fields = [name for name, type_ in wanted.items() if type_ == "member_of"]
    return {name: dict(member_of[name]) for name in fields if name in member_of}


def named(member_of: Mapping[str, Mapping[str, str]], wanted: Mapping[str, FieldType]) -> list[str]:
    """Return the segments of the wanted fields, as the settings name them."""
    return list(dict.fromkeys(one for entries in used(member_of, wanted).values() for one in entries.values()))


@dataclass(frozen=True, slots=True)
class Seen:
    """What a CRM says of a segment."""

    id: str
    size: int
    mark: str
    """Differs whenever its members do."""


@dataclass(frozen=True, slots=True)
class Members:
    """A page of the members of a segment."""

    leads: Sequence[str]
    rows: int
    """How many members it has, also those that are no leads."""
    after: str | None
    """Where the next page begins; None on the last."""


class Segmented(Protocol):
    """A CRM with segments."""

    def look(self, known: Mapping[str, str | None]) -> Mapping[str, Seen | str]:
        """Return what the CRM says of each segment, or why it cannot be read. `known`: the ids found before."""

    def members(self, id_: str, after: str | None, *, some: bool) -> Members:
        """Return a page of a segment's members. `some`: the CRM counts some, so an empty first page is doubtful."""

    def of_leads(self, named: Sequence[str], leads: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return which of these leads belong to each of these segments."""

    def now(self) -> int:
        """Return the CRM's time in milliseconds."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the cursor keeps of a segment: JSON."""

    id: str
    mark: str | None = None
    """What it was when its members were last read; None if a reading failed since."""
    read: int = 0
    pages: int = 0


@dataclass(frozen=True, slots=True)
class _Reading:
    """A segment to be read, or that is being read: JSON."""

    segment: str
    id: str
    size: int
    mark: str
    began: int = 0
    pages: int = 0
    rows: int = 0
    after: str | None = None


@dataclass(frozen=True, slots=True)
class _State:
    kept: Mapping[str, _Kept]
    unread: Mapping[str, str]
    """Why segments cannot be read."""
    todo: Sequence[_Reading] = ()

    @classmethod
    def of(cls, cursor: Cursor | None) -> "_State":
        told = cursor or {"kept": {}, "unread": {}, "todo": []}
        kept = {name: _Kept(**one) for name, one in told["kept"].items()}
        return cls(kept, told["unread"], [_Reading(**one) for one in told["todo"]])

    @property
    def cursor(self) -> Cursor:
        kept = {name: _json(one) for name, one in self.kept.items()}
        return {"kept": kept, "unread": dict(self.unread), "todo": [_json(one) for one in self.todo]}

    def failed(self, why: str) -> "_State":
        """Return the state after the first segment could not be read to its end."""
        first, *rest = self.todo
        kept = {**self.kept, first.segment: _Kept(first.id)}
        return _State(kept, {**self.unread, first.segment: why}, rest)

    def done(self, reading: _Reading) -> "_State":
        """Return the state after the first segment was read to its end."""
        kept = _Kept(reading.id, reading.mark, reading.began, reading.pages)
        return replace(self, kept={**self.kept, reading.segment: kept}, todo=self.todo[1:])


def looked(crm: Segmented, names: Sequence[str]) -> Mapping[str, Seen | str] | ConnectorError:
    """Return what a CRM says of segments, or why it says nothing."""
    try:
        return crm.look(dict.fromkeys(names)) if names else {}
    except (Unavailable, ConfigurationError) as error:
        return error


def _json(one: _Kept | _Reading) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__slots__}


@dataclass(frozen=True, slots=True)
class Segments:
    """The stream of memberships."""

    crm: Segmented
    named: Sequence[str]
    gap: float
    """Share of a segment that may be missing from what is read of it."""

    def pull(self, cursor: Cursor | None) -> Iterator[Page]:
        """Yield the members of each segment that changed, and at the end which segments could not be read."""
        state = _State.of(cursor)
        state = state if state.todo else self._looked_at(state)
        while state.todo:
            state, parts = self._read(state)
            yield Page(STREAM.name, state.cursor, **parts, unread_segments=None if state.todo else state.unread)
            if not state.todo:
                return
        yield Page(STREAM.name, state.cursor, unread_segments=state.unread)

    def of_leads(self, leads: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        """Yield the memberships of some leads; none without the right, which `pull` tells."""
        try:
            found = self.crm.of_leads(self.named, leads)
        except ConfigurationError:
            return
        now = self.crm.now()
        yield {"memberships": pl.concat([_rows(name, now, members) for name, members in found.items()] or [_NOBODY])}

    def _looked_at(self, state: _State) -> _State:
        ids = {name: state.kept[name].id if name in state.kept else None for name in self.named}
        try:
            found = self.crm.look(ids)
        except (Unavailable, ConfigurationError) as error:
            found = dict.fromkeys(self.named, _said(error))
        kept = {name: one for name, one in state.kept.items() if name in ids}
        unread = {name: one for name, one in found.items() if isinstance(one, str)}
        seen = {name: one for name, one in found.items() if isinstance(one, Seen)}
        todo = [_Reading(name, one.id, one.size, one.mark) for name, one in seen.items()]
        return _State(kept, unread, [one for one in todo if self._is_due(one, kept.get(one.segment))])

    def _is_due(self, seen: _Reading, kept: _Kept | None) -> bool:
        if kept is None or kept.id != seen.id or kept.mark is None:
            return True
        return kept.mark != seen.mark and self.crm.now() - kept.read >= kept.pages * _PER_PAGE

    def _read(self, state: _State) -> tuple[_State, dict[str, Any]]:
        """Read a page of the first segment; return the state after it, and the parts of a page for the mirror."""
        first = state.todo[0]
        try:
            page = self.crm.members(first.id, first.after, some=first.size > 0)
        except (Unavailable, ConfigurationError) as error:
            return state.failed(_said(error)), {}
        began = first.began or self._begins(state.kept.get(first.segment))
        read = replace(first, began=began, pages=first.pages + 1, rows=first.rows + page.rows, after=page.after)
        parts: dict[str, Any] = {"memberships": _rows(first.segment, began, page.leads)}
        if read.rows > 2 * read.size + _SPARE_ROWS:
            return state.failed(f"its pages do not end: it counts {read.size:,} members"), parts
        if page.after is not None:
            return replace(state, todo=[read, *state.todo[1:]]), parts
        if read.rows < read.size * (1 - self.gap) or (read.size and not read.rows):
            return state.failed(f"it counts {read.size:,} members, but lists {read.rows:,}"), parts
        return state.done(read), {**parts, "whole_segments": {first.segment: _moment(began)}}

    def _begins(self, kept: _Kept | None) -> int:
        """Return when a reading begins: later than the one before, whatever the clock says."""
        return max(self.crm.now(), kept.read + 1 if kept else 0)


def _said(error: ConnectorError) -> str:
    return str(error).rstrip(".")


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _rows(segment: str, began: int, leads: Sequence[str]) -> pl.DataFrame:
    at = _moment(began)
    return pl.DataFrame([(segment, lead, at) for lead in leads], MEMBERSHIPS, orient="row")


_NOBODY: Final = MEMBERSHIPS.to_frame()


def findings(
    member_of: Mapping[str, Mapping[str, str]],
    wanted: Mapping[str, FieldType],
    found: Mapping[str, Seen | str] | ConnectorError,
) -> Iterator[Finding]:
    """Yield what `check` says of fields that list memberships. `found`: what the CRM says of each segment."""
    entries = used(member_of, wanted)
    for name in (one for one, type_ in wanted.items() if type_ == "member_of" and one not in member_of):
        message = f"Nothing says what {name} lists: it is empty for every lead."
        yield Finding("warning", f"member_of.{name}", message, f"Add `member_of: {{{name}: {{ENTRY: ID}}}}`.")
    for name in (one for one in member_of if one not in entries):
        message = f"The memberships of {name} are mapped, but no scorecard declares it; they are not read."
        yield Finding("note", f"member_of.{name}", message)
    if isinstance(found, ConnectorError):
        yield Finding("warning", "member_of", f"Memberships cannot be read. {found.wrong} {_STAY}", found.remedy)
        return
    for field, segments in entries.items():
        told = [(entry, segment, found[segment]) for entry, segment in segments.items()]
        for entry, segment, one in told:
            if isinstance(one, str):
                message = f"The members of {segment} cannot be read: {one}. {_STAY}"
                yield Finding("warning", f"member_of.{field}.{entry}", message, _CORRECT)
        sizes = [f"{entry} ({one.size:,} members)" for entry, _, one in told if isinstance(one, Seen)]
        if sizes:
            yield Finding("note", f"member_of.{field}", f"{field} lists {', '.join(sizes)}.")


_STAY: Final = "Whoever was in it before stays in it."
_CORRECT: Final = "Correct its id or name, or restore it in the CRM."

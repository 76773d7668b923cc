"""The list of leads, or accounts: filtered, sorted, counted, paged and exported."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

import polars as pl
from starlette.concurrency import iterate_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response, StreamingResponse

from connectors.files.writing import harmless
from pages.leads.asked import ABOUT, CHOICES, EXPIRES, NUMBERS, PAST, UNKNOWN, Asked, BadAddress, asked
from pages.leads.sheet import ROWS, Sheet, held
from pages.rendering import label
from pages.viewing import View
from scoring import outputs
from vocabulary.outputs import BY_NAME
from vocabulary.units import counted

BAD: Final = 400
SEE_OTHER: Final = 303
SHOWN: Final = ("priority", "index", "score", "grade", "stage", "urgency", "likelihood", "since")
"""The columns of the list that it can be sorted by, beside the lead."""
SPANS: Final[Mapping[str, tuple[str, Sequence[str]]]] = {
    "moved": ("Moved in the last", ("1d", "7d", "30d", "90d")),
    "since": ("Has its priority since", ("1d", "7d", "30d", "90d")),
    "rose": ("Priority rose in the last", ("1d", "7d", "30d", "90d")),
    EXPIRES: ("Priority expires within", ("1d", "3d", "7d", "30d")),
    "written": ("Written in the last", ("1h", "1d", "7d", "30d")),
}
"""The filters by time: what they say, and what a form offers."""
UNITS: Final[Mapping[str, str]] = {"m": "minute", "h": "hour", "d": "day", "w": "week"}
AT_ONCE: Final = 20_000
"""The rows of an export that are made at a time."""
TEXTS: Final = ("lead_why_now", "lead_next_step")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the list, with the address that sorts by it."""

    name: str
    label: str
    href: str
    sorted: str
    """How the list is sorted by it: `ascending`, `descending`, or nothing."""
    is_number: bool


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a filter, and how many leads it would list."""

    value: str
    label: str
    leads: int
    chosen: bool
    place: int


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, and the address without it."""

    label: str
    href: str


def listed(view: View) -> Response:
    """Show the leads that the address asks for."""
    sheet = sheet_of(view)
    pairs = view.request.query_params.multi_items()
    try:
        wanted = asked(pairs, sheet.scales, view.box.card)
    except BadAddress as error:
        return _page(view, sheet, Asked(), error=str(error))
    by_htmx = "HX-Request" in view.request.headers
    if any(_is_off(name, value, wanted) for name, value in pairs if name not in ABOUT) and not by_htmx:
        return RedirectResponse(_address(view, wanted.query()), SEE_OTHER)
    return _page(view, sheet, wanted)


def _is_off(name: str, value: str, wanted: Asked) -> bool:
    """Return whether a parameter is empty, or does not say its choice as it is."""
    return not value.strip() or (name in CHOICES and (name, value) not in wanted.given)


def sheet_of(view: View) -> Sheet:
    """Return the leads of a page, with the choices of the scorecard and those that earlier ones gave."""
    columns = view.columns
    scales = {output.name: output.choices for output in outputs(view.box.card) if output.type == "choice"}

    def with_earlier(name: str) -> Sequence[str]:
        earlier = sorted(one for one in held(columns, name) if one is not None and one not in scales[name])
        return [*scales[name], *earlier]

    return Sheet(columns, {name: with_earlier(name) for name in scales}, view.box.outbox.movers)


def _page(view: View, sheet: Sheet, wanted: Asked, error: str = "") -> Response:
    numbers = sheet.chosen(wanted)
    pages = max(1, -(-len(numbers) // ROWS))
    page = min(wanted.page, pages)
    rows = sheet.rows(numbers[(page - 1) * ROWS : page * ROWS])
    ids = [row["lead"] for row in rows]
    answer = view.render(
        "leads/list.html",
        BAD if error else 200,
        error=error,
        asked=wanted,
        rows=rows,
        texts=_texts(view, ids),
        moves=view.box.outbox.moved(ids, wanted.moved) if wanted.moved else None,
        links=view.job.mirror.links(),
        held=view.held,
        differ=int(sheet.frame["waits"].sum()),
        found=len(numbers),
        columns=_columns(view, sheet, wanted),
        options=_options(sheet, wanted),
        numbers=[name for name, output in NUMBERS.items() if sheet.has(output)],
        spans=_spans(sheet),
        chips=list(_chips(view, sheet, wanted)),
        sheet=sheet,
        labels=_label,
        span_said=span_said,
        page_number=page,
        pages=pages,
        turn=lambda to: _address(view, wanted.query(page=to, **_sorting(wanted))),
        export=_address(view, wanted.query(), "leads.csv"),
        names=names_address(view, ids) if rows else "",
        clear=_address(view, Asked(sort=wanted.sort, descending=wanted.descending).query()),
        of_lead=lambda id_: lead_address(view, id_),
    )
    if "HX-Request" in view.request.headers and not error:
        answer.headers["HX-Push-Url"] = _address(view, wanted.query(**({"page": page} if page > 1 else {})))
    return answer


def lead_address(view: View, id_: str) -> str:
    """Return the address of the page of a lead, or account."""
    return view.url(f"leads/{quote(id_, safe='')}")


def names_address(view: View, ids: Sequence[str]) -> str:
    """Return where the names of some leads are asked for; empty if the settings do not want names."""
    return _address(view, urlencode([("id", id_) for id_ in ids]), "names") if view.site.pages.names else ""


def _sorting(wanted: Asked) -> dict[str, str]:
    return {"sort": wanted.sorting} if wanted.sort else {}


def _address(view: View, query: str, page: str = "leads") -> str:
    """Return the address of a page about the same scorecard with further parameters."""
    start = view.url(page)
    return start + (("&" if "?" in start else "?") + query if query else "")


def _texts(view: View, ids: Sequence[str]) -> Mapping[str, Mapping[str, str | None]]:
    """Return the texts of the leads of a page, which are not kept in memory. Who has just left has none."""
    found = view.box.outbox.computed(ids).select("lead", *TEXTS) if ids else pl.DataFrame()
    return {row["lead"]: row for row in found.iter_rows(named=True)}


def _columns(view: View, sheet: Sheet, wanted: Asked) -> list[Column]:
    by, descending = (wanted.sort, wanted.descending) if wanted.sort else sheet.usual
    return [
        Column(
            "lead", view.of.removesuffix("s").capitalize(), *_sorted_by(view, wanted, "lead", by, descending), False
        ),
        *(
            Column(name, _label(name), *_sorted_by(view, wanted, name, by, descending), name in NUMBERS)
            for name in SHOWN
            if sheet.has(_output(name)) or _output(name) in sheet.scales
        ),
    ]


def _sorted_by(view: View, wanted: Asked, name: str, by: str, descending: bool) -> tuple[str, str]:  # noqa: FBT001 - how the list is sorted
    """Return the address that sorts by a column, the other way round if it is sorted so already, and how it is."""
    is_by = name == by
    down = not descending if is_by else name in {*NUMBERS, *PAST}
    return (
        _address(view, wanted.query(sort=f"-{name}" if down else name)),
        ("descending" if descending else "ascending") if is_by else "",
    )


def _output(name: str) -> str:
    return {**CHOICES, **NUMBERS, **PAST, EXPIRES: "lead_expires_at"}[name]


def _label(name: str) -> str:
    return {"since": "Since", "written": "Written", "trend": "Trend"}.get(name) or label(_output(name))


def _options(sheet: Sheet, wanted: Asked) -> Mapping[str, list[Option]]:
    """Return the choices of each filter. What no lead has is left out, unless it is chosen."""
    found = {}
    for name, counts in sheet.counts(wanted).items():
        chosen = wanted.values(name)
        values = [*sheet.scales[CHOICES[name]], UNKNOWN]
        every = [
            Option(value, "none" if value == UNKNOWN else value, leads, value in chosen, place)
            for place, (value, leads) in enumerate(zip(values, counts, strict=True))
        ]
        there = {UNKNOWN if one is None else one for one in held(sheet.columns, CHOICES[name])}
        if offered := [one for one in every if one.chosen or one.value in there]:
            found[name] = offered
    return found


def _spans(sheet: Sheet) -> Mapping[str, tuple[str, Sequence[tuple[str, str]]]]:
    there = [name for name in SPANS if name == "moved" or sheet.has(_output(name))]
    return {name: (SPANS[name][0], [(span, span_said(span)) for span in SPANS[name][1]]) for name in there}


def span_said(span: str) -> str:
    """Return a span as people say it, such as `7 days`; anything else as it is."""
    found = re.fullmatch(r"(\d+)([mhdw])", span)
    return counted(int(found[1]), f"{UNITS[found[2]]}s") if found else span


def _chips(view: View, sheet: Sheet, wanted: Asked) -> Iterator[Chip]:
    for name, value in wanted.given:
        yield Chip(_said(view, sheet, name, value), _address(view, wanted.without(name, value)))


def _said(view: View, sheet: Sheet, name: str, value: str) -> str:
    """Return what a parameter chooses, in words."""
    if name in CHOICES:
        return f"{_label(name)} {'none' if value == UNKNOWN else value}"
    if name in SPANS:
        words = SPANS[name][0]
        is_span = re.fullmatch(r"\d+[mhdw]", value)
        return f"{words} {span_said(value)}" if is_span else f"{_since(words)} {value}"
    if name == "waits":
        return _waiting_said(value == "yes", held=view.held is not None)
    if name == "tenth":
        return f"Tenth {value} by {label(sheet.tenths_of).lower()}"
    number, _, side = name.rpartition("_")
    return f"{_label(number)} {'at least' if side == 'min' else 'at most'} {value}"


def _since(words: str) -> str:
    """Return what a filter by time says before a day."""
    if words.endswith((" since", " within")):
        return words.replace(" within", " by")
    return f"{words.rpartition(' in the ')[0]} since"


def _waiting_said(waits: bool, *, held: bool) -> str:  # noqa: FBT001 - as the address has it
    if held:
        return "Differs from what the CRM was told" if waits else "As the CRM was told"
    return "Waits to be written" if waits else "Nothing waits to be written"


def exported(view: View) -> Response:
    """Return the leads that the address asks for as CSV, which a spreadsheet may open."""
    sheet = sheet_of(view)
    try:
        wanted = asked(view.request.query_params.multi_items(), sheet.scales, view.box.card)
    except BadAddress as error:
        raise HTTPException(BAD, str(error)) from None
    names = [name for name in sheet.frame.columns if name in BY_NAME or name == "lead"]
    filled = [name for name in names if name == "lead" or sheet.has(name)]
    frame = sheet.frame.select(filled)[sheet.chosen(wanted)]
    kind = "text/csv; charset=utf-8"
    file = f"{quote(view.job.name, safe='')}-{view.of}.csv"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{file}"}
    return StreamingResponse(iterate_in_threadpool(_csv(frame)), media_type=kind, headers=headers)


def _csv(frame: pl.DataFrame) -> Iterator[bytes]:
    """Yield a CSV for a spreadsheet: with a mark for UTF-8, all texts quoted, none of them a formula."""
    told = frame.with_columns(pl.col(pl.Datetime("us", "UTC")).dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    for start in range(0, max(told.height, 1), AT_ONCE):
        part = harmless(told[start : start + AT_ONCE])
        yield part.write_csv(
            include_header=start == 0, include_bom=start == 0, quote_style="non_numeric", float_precision=1
        ).encode()

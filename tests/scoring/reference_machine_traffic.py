"""The recogniser of machine traffic once more, slow and obvious: one lead after the other, as the documentation says."""
# ruff: noqa: C901 - as long as the page

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import floor
from typing import Any

KINDS = ("email_open", "email_click", "page_view")
Row = Mapping[str, Any]
Found = dict[tuple[str, str], dict[str, int]]
Reason = tuple[str, str, int]


def marks(rows: Sequence[Row], scanning: Collection[int] = ()) -> Found:
    """Return {id: {reason: figure}} for rows of {lead, id, kind, at, url, name, mail, sent, domain}.

    `at` is in seconds after half a second past a whole minute.
    """
    found: Found = {}
    for lead in {row["lead"] for row in rows}:
        told = [row for row in rows if row["lead"] == lead and row["kind"] in KINDS]
        exact = [row for row in told if row["at"] % 60 != 59.5]
        mine = sorted(told if 2 * len(exact) > len(told) else exact, key=lambda row: (row["at"], row["id"]))
        for id_, reason, figure in (*of_mails(mine, links(rows), scanning), *of_pages(mine)):
            reasons = found.setdefault((lead, id_), {})
            reasons[reason] = max(figure, reasons.get(reason, figure))
        clicked = [row for row in mine if row["kind"] == "email_click" and is_machine(row, found)]
        for id_, reason, figure in prefetched(mine, gateway=bool(clicked)):
            found.setdefault((lead, id_), {})[reason] = figure
        for row in mine:
            for click in clicked:
                waited = click["at"] - row["at"]
                same = row["mail"] is not None and row["mail"] == click["mail"]
                if row["kind"] == "email_open" and same and 0 <= waited <= 120:
                    note(found, row, "beside", floor(min(waited_for(row, clicked))))
                if row["kind"] == "page_view" and -2 <= waited <= 0:
                    ago = min(row["at"] - one["at"] for one in clicked if one["at"] <= row["at"])
                    note(found, row, "followed", floor(ago))
    return found


def waited_for(row: Row, clicked: Sequence[Row]) -> list[float]:
    return [one["at"] - row["at"] for one in clicked if one["mail"] == row["mail"] and one["at"] >= row["at"]]


def is_machine(row: Row, found: Found) -> bool:
    return (row["lead"], row["id"]) in found


def note(found: Found, row: Row, reason: str, figure: int) -> None:
    found.setdefault((row["lead"], row["id"]), {})[reason] = figure


def links(rows: Sequence[Row]) -> dict[str | None, set[str]]:
    """Return the links of each mailing that anybody clicked."""
    known: dict[str | None, set[str]] = {}
    for row in rows:
        if row["kind"] == "email_click" and row["url"]:
            known.setdefault(row["name"], set()).add(row["url"])
    return known


def runs(rows: Sequence[Row], gap: float) -> list[list[Row]]:
    """Return runs of rows that follow each other within the gap."""
    found: list[list[Row]] = []
    for row in rows:
        if found and row["at"] - found[-1][-1]["at"] <= gap:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def of_mails(mine: Sequence[Row], known: Mapping[str | None, set[str]], scanning: Collection[int]) -> Iterator[Reason]:
    opens, clicks = ([row for row in mine if row["kind"] == kind] for kind in ("email_open", "email_click"))
    for row in (*opens, *clicks):
        if row["sent"] is not None and row["at"] - row["sent"] <= 10:
            yield row["id"], "at_delivery", floor(row["at"] - row["sent"])
        if row["sent"] is not None and row["domain"] in scanning and row["at"] - row["sent"] <= 120:
            yield row["id"], "domain", floor(row["at"] - row["sent"])
    for run in runs(clicks, 2):
        different = len({(row["url"], row["name"]) for row in run})
        unnamed = sum(row["url"] is None for row in run)
        if len(run) > 1 and (different > 1 or unnamed >= 3):
            yield from ((row["id"], "burst", max(different, unnamed)) for row in run)
    for name, all_of_it in known.items():
        for run in runs([row for row in clicks if row["name"] == name and row["url"]], 60):
            if len(all_of_it) >= 4 and {row["url"] for row in run} == all_of_it and took(run) <= 60:
                yield from ((row["id"], "all_links", len(all_of_it)) for row in run)
    for row in clicks:
        first = min((one["at"] for one in opens if one["mail"] == row["mail"] is not None), default=None)
        soon = row["sent"] is not None and row["at"] - row["sent"] <= 600
        if first is not None and first - row["at"] > 60 and soon:
            yield row["id"], "before_open", floor(first - row["at"])
    for run in runs(opens, 2):
        letters = {row["mail"] if row["mail"] is not None else (row["url"], row["name"]) for row in run}
        if len(letters) >= 3:
            yield from ((row["id"], "bulk", len(letters)) for row in run)


def prefetched(mine: Sequence[Row], *, gateway: bool) -> Iterator[Reason]:
    opens = [row for row in mine if row["kind"] == "email_open" and row["mail"] is not None]
    first: dict[int, float] = {}
    for row in opens:
        first[row["mail"]] = min(row["at"], first.get(row["mail"], row["at"]))
    sent = {row["mail"]: row["sent"] for row in opens}
    quick = sum(sent[mail] is not None and at - sent[mail] <= 60 for mail, at in first.items())
    if len(first) >= 3 and quick >= 2 / 3 * len(first):
        for row in opens:
            soon = row["sent"] is not None and row["at"] - row["sent"] <= 60
            if soon or (not gateway and row["at"] == first[row["mail"]]):
                yield row["id"], "prefetch", quick


def took(run: Sequence[Row]) -> float:
    return run[-1]["at"] - run[0]["at"]


def of_pages(mine: Sequence[Row]) -> Iterator[Reason]:
    views = [row for row in mine if row["kind"] == "page_view"]
    for within, count in ((10, 20), (300, 150)):
        for place in range(len(views) - count + 1):
            some = views[place : place + count]
            if took(some) <= within:
                yield from ((row["id"], "views", count) for row in some)

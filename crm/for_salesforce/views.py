"""List views of leads and contacts, and compact layouts.

The columns are named as in the views that every org has (read in published projects, 2026-11).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.salesforce.fields import field_name
from crm.boards import Board
from crm.for_salesforce.metadata import Component, Org, of_object
from crm.for_salesforce.naming import api_name, label, present
from vocabulary.outputs import INSUFFICIENT, OFS

_OWNER: Final = "CORE.USERS.ALIAS"
_OWNERS_NAME: Final = "CORE.USERS.FIRST_NAME"
"""Empty where a queue owns the record, which has a name but no first name."""
_FIRST: Final = {"Lead": ("FULL_NAME", "LEAD.COMPANY"), "Contact": ("FULL_NAME", "ACCOUNT.NAME")}
_LAST: Final = {"Lead": ("LEAD.PHONE", _OWNER), "Contact": ("CONTACT.PHONE1", _OWNER)}
_OF_RECORD: Final = {
    "Lead": ("Name", "Company", "Phone"),
    "Contact": ("Name", "AccountId", "Phone"),
    "Account": ("Name", "Industry", "Phone"),
}
_HALF: Final = 2


@dataclass(frozen=True, slots=True)
class View:
    """A list view: which records it has by our fields, and which of our fields are its columns."""

    name: str
    label: str
    needs: tuple[str, ...]
    """The outputs without which it would have no meaning."""
    columns: tuple[str, ...]
    objects: tuple[str, ...] = ("Lead", "Contact")

    def stands(self, board: Board) -> bool:
        """Return whether the scorecard has the outputs that the view needs."""
        return all(key in board.leads for key in self.needs)


CALL: Final = View(
    "call_now", "Call now", ("priority",), ("priority", "priority_index", "grade", "next_step", "why_now", "expires_at")
)
UNOWNED: Final = View(
    "unowned", "Hot and unowned", ("priority",), ("priority", "grade", "readiness", "why_now"), objects=("Lead",)
)
COOLING: Final = View(
    "cooling",
    "Cooling down",
    ("score_trend", "priority"),
    ("priority", "score", "score_trend", "readiness", "next_step", "expires_at"),
)
ASK: Final = View("ask", "Ask for data", ("score_status",), ("score_status", "readiness", "next_step", "why_now"))
VIEWS: Final = (CALL, UNOWNED, COOLING, ASK)


def components(boards: Sequence[Board], org: Org) -> Iterator[Component]:
    """Yield the list views and compact layouts of all scorecards."""
    for board in boards:
        for name in org.leads:
            for view in VIEWS:
                if name in view.objects and view.stands(board):
                    yield _list_view(board, name, view)
        yield from _layouts(board, org)


def left_out(boards: Sequence[Board], org: Org) -> Iterator[str]:
    """Yield the views that a scorecard lacks, and what they need."""
    for board in boards:
        for view in VIEWS:
            if not view.stands(board) and set(view.objects) & set(org.leads):
                lacking = [f"lead_{key}" for key in view.needs if key not in board.leads]
                yield f"the list view {label(board, view.label)}, which needs {' and '.join(lacking)}"


def _list_view(board: Board, name: str, view: View) -> Component:
    return of_object(
        "ListView",
        name,
        "listViews",
        "listView",
        {
            "fullName": api_name(board, view.name),
            "columns": [*_FIRST[name], *present(board, "leads", *view.columns), *_LAST[name]],
            "filterScope": "Everything",
            "filters": list(_filters(board, view)),
            "label": label(board, view.label),
        },
    )


def _filters(board: Board, view: View) -> Iterator[dict[str, str]]:
    """Yield the conditions of a view, all of which must hold."""
    if view is ASK:
        yield _is(board, "score_status", INSUFFICIENT)
        return
    choices = board.leads["priority"].output.choices
    if view is COOLING:
        yield _is(board, "score_trend", "falling")
        yield _is(board, "priority", *choices[: (len(choices) + 1) // _HALF])
        return
    yield _is(board, "priority", choices[0])
    if view is UNOWNED:
        yield {"field": _OWNERS_NAME, "operation": "equals"}


def _is(board: Board, key: str, *values: str) -> dict[str, str]:
    field = field_name(board.leads[key].output.name)
    return {"field": field, "operation": "equals", "value": ",".join(map(_quoted, values))}


def _quoted(value: str) -> str:
    """Return a value for a comma-separated list, in quotes if it has a comma itself."""
    return f'"{value}"' if "," in value else value


def _layouts(board: Board, org: Org) -> Iterator[Component]:
    """Yield a compact layout of each object. It takes ten fields at most."""
    for of in OFS:
        fields = present(board, of, "priority", "grade", "readiness", "urgency", "next_step", "expires_at")
        for name in org.objects(of) if fields else ():
            standard = _OF_RECORD[name]
            elements: dict[str, Any] = {
                "fullName": api_name(board, "summary"),
                "fields": [standard[0], *fields, *standard[1:]],
                "label": label(board, "Lead scoring"),
            }
            yield of_object("CompactLayout", name, "compactLayouts", "compactLayout", elements)

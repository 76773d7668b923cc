"""The addresses of the pages about scorecards."""

from typing import Final

from starlette.routing import Route

from pages.scorecard import editing, reviewing, views

_AT: Final = "/crm/{connection}/scorecard"

ROUTES: Final = [
    Route(_AT, views.shown),
    Route(f"{_AT}/edit", editing.opened),
    Route(f"{_AT}/edit", editing.edited, methods=["POST"]),
    Route(f"{_AT}/preview", editing.previewed, methods=["POST"]),
    Route(f"{_AT}/plan", editing.planned),
    Route(f"{_AT}/completions", editing.completed, methods=["POST"]),
    Route(f"{_AT}/marks", editing.marked, methods=["POST"]),
    Route(f"{_AT}/propose", reviewing.asked, methods=["POST"]),
    Route(f"{_AT}/proposals", reviewing.listed),
    Route(f"{_AT}/proposals", reviewing.proposed, methods=["POST"]),
    Route(f"{_AT}/proposals/{{number:int}}", reviewing.shown),
    Route(f"{_AT}/proposals/{{number:int}}", reviewing.decided, methods=["POST"]),
]

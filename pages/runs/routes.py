"""The addresses of the pages about runs."""

from typing import Final

from starlette.routing import Route

from pages.runs import acting, listing, one

AT: Final = "/crm/{connection}"
RUN: Final = f"{AT}/runs/{{run:int}}"

ROUTES: Final = [
    Route(f"{AT}/runs", listing.listed),
    Route(RUN, one.shown),
    Route(f"{RUN}/live", one.refreshed),
    Route(f"{RUN}/accept", acting.ask_to_accept, methods=["GET"]),
    Route(f"{RUN}/accept", acting.accept, methods=["POST"]),
    Route(f"{RUN}/undo", acting.ask_to_undo, methods=["GET"]),
    Route(f"{RUN}/undo", acting.undo, methods=["POST"]),
    Route(f"{AT}/removals", acting.removals, methods=["GET"]),
    Route(f"{AT}/removals", acting.accept_removals, methods=["POST"]),
    Route(f"{AT}/refused", listing.refused),
]

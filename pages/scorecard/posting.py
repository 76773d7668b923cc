"""Forms that are posted: read in full, for people with a role."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from config.pages import Role
from pages.viewing import View, about_a_scorecard

FIELDS: Final = 20_000
"""A card of 300 rules has some 2,000 values."""
LARGEST: Final = 4_000_000
"""Bytes of one field: that of the whole text."""

Form = Mapping[str, str]
Posted = Callable[[View, Form], Response]


def posted(role: Role) -> Callable[[Posted], Callable[[Request], object]]:
    """Return a decorator for the handler of a form that needs a role."""

    def decorated(handler: Posted) -> Callable[[Request], object]:
        @wraps(handler)
        async def endpoint(request: Request) -> Response:
            form: dict[str, str] = {}
            async with request.form(max_files=0, max_fields=FIELDS, max_part_size=LARGEST) as read:
                form |= {name: value for name, value in read.items() if isinstance(value, str)}

            def answer(view: View) -> Response:
                view.require(role)
                return handler(view, form)

            return await run_in_threadpool(about_a_scorecard(answer), request)

        return endpoint

    return decorated

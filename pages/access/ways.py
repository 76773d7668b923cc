"""The ways to sign in: each says who asks, and has pages of its own if a person has to do something."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol
from urllib.parse import quote

from starlette.requests import Request
from starlette.routing import BaseRoute

from pages.access.person import LOCAL, Person

SIGN_IN: Final = "/sign-in"
WHO: Final = "who"
"""What the session calls the person."""


class Way(Protocol):
    """A way to sign in."""

    routes: Sequence[BaseRoute]
    """Its pages, below `SIGN_IN`, for everybody."""

    def person(self, request: Request) -> Person | None:
        """Return who asks; None if that is unknown, or the person has no role."""


class Local:
    """Nobody signs in, since only this machine can reach the pages."""

    routes: Sequence[BaseRoute] = ()

    def person(self, request: Request) -> Person:  # noqa: ARG002 - the verb of all ways
        """Return the person in front of this machine."""
        return LOCAL


def begin(request: Request, who: Mapping[str, Any]) -> None:
    """Begin the session of a person. What the session held before is dropped."""
    request.session.clear()
    request.session[WHO] = dict(who)


def next_page(wanted: str) -> str:
    """Return where to go after signing in: a page of this site, whatever the address says."""
    inside = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if inside else "/"


def to_sign_in(request: Request) -> str:
    """Return the address of the sign-in page, from which the person comes back here."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"{SIGN_IN}?next={quote(here, safe='')}"

"""What stands before every page: sizes, origins, sessions, CSRF tokens, and who asks."""

import secrets
from typing import Final

from asgi_csrf import asgi_csrf
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.pages import Pages
from pages.access.ways import SIGN_IN, Way, to_sign_in

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""Nothing from elsewhere, in no frame, and no copy on disk. Charts have their styles inline."""

FORBIDDEN: Final = 403
LARGEST: Final = 4_000_000
"""Bytes of a request: far more than any scorecard has."""

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""
OURS: Final = frozenset({"same-origin", "none"})
"""Where a browser says that a request comes from a page of ours, or from the person."""
OPEN: Final = ("/static/", SIGN_IN)
"""What is there for everybody."""


def before_pages(pages: Pages, way: Way) -> list[Middleware]:
    """Return what stands before the pages, the outermost first."""
    key, prefix = secrets.token_hex(32), "__Host-" if pages.is_encrypted else ""
    return [
        # A page elsewhere must not reach this one by a name that it resolves to this machine (DNS rebinding).
        Middleware(TrustedHostMiddleware, allowed_hosts=_hosts(pages), www_redirect=False),
        Middleware(Guard),
        Middleware(
            SessionMiddleware,
            secret_key=key,
            session_cookie=f"{prefix}leadgauge",
            max_age=int(pages.session.total_seconds()),
            https_only=pages.is_encrypted,
            same_site="lax",  # strict would lose the session on the way back from an identity provider
        ),
        Middleware(
            asgi_csrf,
            signing_secret=key,
            cookie_name=f"{prefix}csrftoken",
            cookie_secure=pages.is_encrypted,
            cookie_samesite="Strict",
            send_csrf_failed=_out_of_date,
        ),
        Middleware(Entrance, way=way),
    ]


def _hosts(pages: Pages) -> list[str]:
    public = [pages.public_host] if pages.public_host else []
    return ["localhost", "127.0.0.1", "[::1]", pages.host, *public]


async def _out_of_date(scope: Scope, send: Send, _why: object) -> None:
    """Answer a form without its token, such as one that was opened before leadgauge was started again."""

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    told = "This page is out of date. Go back, load it again, and repeat what you did."
    await PlainTextResponse(told, FORBIDDEN)(scope, nothing, send)


class Guard:
    """Refuses requests that are too large or come from other sites, and says what an answer allows the browser."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = None if scope["method"] in SAFE else _refused(Headers(scope=scope))
        await (refused or self._app)(scope, receive, _with_headers(send))


def _refused(headers: Headers) -> Response | None:
    """Return the answer to a request that must not change anything."""
    length = headers.get("content-length", "")
    if not length.isdecimal():
        return PlainTextResponse("Say how long the request is.", 411)
    if int(length) > LARGEST:
        return PlainTextResponse("The request is too large.", 413)
    if _is_foreign(headers):
        return PlainTextResponse("This request comes from another site.", FORBIDDEN)
    return None


def _is_foreign(headers: Headers) -> bool:
    """Return whether a browser says that another site made the request. Programs say nothing of that."""
    if site := headers.get("sec-fetch-site"):
        return site not in OURS
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host")


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                given.setdefault(name, value)
        await send(message)

    return sent


class Entrance:
    """Finds out who asks, and sends whom nobody knows to the sign-in page."""

    def __init__(self, app: ASGIApp, way: Way) -> None:
        self._app, self._way = app, way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        person = self._way.person(request)
        request.state.person = person
        opened = person is not None or scope["path"].startswith(OPEN)
        await (self._app if opened else _turned_away(request, self._way))(scope, receive, send)


def _turned_away(request: Request, way: Way) -> Response:
    if not way.routes:
        return PlainTextResponse("You have no role here: ask who runs leadgauge.", FORBIDDEN)
    if request.headers.get("hx-request"):
        return PlainTextResponse("Sign in again.", 401, {"HX-Redirect": SIGN_IN})
    if request.method in SAFE and "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(to_sign_in(request), 303)
    return PlainTextResponse("Sign in, or send a token: Authorization: Bearer …", 401, {"WWW-Authenticate": "Bearer"})

"""From the settings to the way to sign in, and signing out."""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from config.pages import ByProxy, ByToken, Pages
from pages.access.oidc import Oidc
from pages.access.proxy import Proxy
from pages.access.tokens import Tokens
from pages.access.ways import Local, Way


def way_of(pages: Pages) -> Way:
    """Return the way to sign in; raise `ConfigurationError` if a secret or a library is missing."""
    wanted = pages.sign_in
    if wanted is None:
        return Local()
    if isinstance(wanted, ByToken):
        return Tokens(wanted)
    if isinstance(wanted, ByProxy):
        return Proxy(wanted)
    return Oidc(wanted, pages.public_url or f"http://localhost:{pages.port}")


def sign_out(request: Request) -> Response:
    """End the session."""
    request.session.clear()
    return RedirectResponse("/", 303)


ROUTES: Final = [Route("/sign-out", sign_out, methods=["POST"])]

"""Who may see and do what: people, their roles, and what an answer allows a browser."""

from dataclasses import dataclass
from typing import Final, Literal

from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response

Role = Literal["viewer", "editor", "approver"]
ROLES: Final[tuple[Role, ...]] = ("viewer", "editor", "approver")
"""The roles; each may do what those before it may."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who uses the pages."""

    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Return whether a person may do what this role may."""
        return ROLES.index(self.role) >= ROLES.index(role)


LOCAL: Final = Person("this machine", "approver")
"""Who uses the pages where only this machine can reach them."""

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""Nothing from elsewhere, in no frame, and no copy on disk. Charts have their styles inline."""


class Access(BaseHTTPMiddleware):
    """Says who asks, and what the answer allows the browser."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Answer a request."""
        request.state.person = LOCAL
        answer = await call_next(request)
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer

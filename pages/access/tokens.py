"""Signing in with a token: in a form for people, in the header `Authorization` for programs."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from config.pages import ByToken
from connectors.base import ConfigurationError
from pages.access.person import Person
from pages.access.ways import SIGN_IN, WHO, begin, next_page
from pages.viewing import render

SHORTEST: Final = 20
"""Characters of a token: too many to be guessed, so that tries need not be counted."""
WRONG: Final = 403
SEEN: Final = 303


class Tokens:
    """People who each have a token of their own."""

    def __init__(self, settings: ByToken) -> None:
        """Read the tokens; raise `ConfigurationError` if one is missing, short, or given twice."""
        self._people = {name: Person(name, person.role) for name, person in settings.people.items()}
        self._tokens = _read(settings)
        self.routes: Sequence[BaseRoute] = [
            Route(SIGN_IN, self._ask, methods=["GET"]),
            Route(SIGN_IN, self._enter, methods=["POST"]),
        ]

    def person(self, request: Request) -> Person | None:
        """Return who has the session, or the token in the header."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._with(token.strip())
        who = request.session.get(WHO, {})
        # The session names a token's digest, so that it ends when the person gets another token.
        name = who.get("name")
        return self._people.get(name) if name and who.get("by") == _mark(self._tokens.get(name, "")) else None

    def _with(self, token: str) -> Person | None:
        given = token.encode()
        found = [name for name, known in self._tokens.items() if hmac.compare_digest(known.encode(), given)]
        return self._people[found[0]] if found else None

    def _ask(self, request: Request) -> Response:
        return render(request, "sign-in.html", next=next_page(request.query_params.get("next", "/")), wrong=False)

    async def _enter(self, request: Request) -> Response:
        form = await request.form()
        wanted, person = next_page(str(form.get("next", "/"))), self._with(str(form.get("token", "")).strip())
        if person is None:
            return render(request, "sign-in.html", WRONG, next=wanted, wrong=True)
        begin(request, {"name": person.name, "by": _mark(self._tokens[person.name])})
        return RedirectResponse(wanted, SEEN)


def _read(settings: ByToken) -> Mapping[str, str]:
    tokens: dict[str, str] = {}
    for name, person in settings.people.items():
        token = person.token.reveal()
        if len(token) < SHORTEST:
            why = f"The token of {name} in {person.token.place} has fewer than {SHORTEST} characters."
            raise ConfigurationError(why, remedy="Make one with `openssl rand -hex 24`.")
        if token in tokens.values():
            raise ConfigurationError(f"{name} has the token of somebody else.", remedy="Give each person their own.")
        tokens[name] = token
    return tokens


def _mark(token: str) -> str:
    """Return a short digest of a token, from which the token cannot be found."""
    return hmac.digest(token.encode(), b"leadgauge session", "sha256").hex()[:32]

"""Signing in at an identity provider by OpenID Connect: authorization code with PKCE."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from config.pages import ByOidc
from connectors.base import ConfigurationError
from pages.access.person import Person
from pages.access.ways import SIGN_IN, WHO, begin, next_page
from vocabulary.outside import clean

NEXT: Final = "next"
REFUSED: Final = 403
UNREACHED: Final = 502
DONE: Final = f"{SIGN_IN}/done"

logger: Final = logging.getLogger(__name__)


class Oidc:
    """People whom an identity provider has signed in."""

    def __init__(self, settings: ByOidc, public_url: str) -> None:
        """`public_url`: where the provider sends the browser back to. Raise `ConfigurationError`."""
        self._settings, self._back = settings, public_url + DONE
        self._provider = _provider(settings)
        self.routes: Sequence[BaseRoute] = [
            Route(SIGN_IN, self._leave, methods=["GET"]),
            Route(DONE, self._come_back, methods=["GET"]),
        ]

    def person(self, request: Request) -> Person | None:
        """Return who has the session, with the role that the settings give now."""
        who = request.session.get(WHO)
        if not who:
            return None
        role = self._settings.roles.of([who["name"], *who["groups"]])
        return Person(who["name"], role) if role else None

    async def _leave(self, request: Request) -> Response:
        request.session[NEXT] = next_page(request.query_params.get(NEXT, "/"))
        answer = await self._asked(self._provider.authorize_redirect(request, self._back))
        assert isinstance(answer, Response)
        return answer

    async def _come_back(self, request: Request) -> Response:
        wanted = next_page(request.session.get(NEXT, "/"))
        token = await self._asked(self._provider.authorize_access_token(request))
        begin(request, self._who(token.get("userinfo") or {}))
        return RedirectResponse(wanted, 303)

    async def _asked(self, asking: Any) -> Any:
        """Return the provider's answer, or answer the browser in words why there is none."""
        from authlib.common.errors import AuthlibBaseError  # noqa: PLC0415 - an extra
        from httpx2 import HTTPError  # noqa: PLC0415 - an extra
        from joserfc.errors import JoseError  # noqa: PLC0415 - an extra

        try:
            return await asking
        except (AuthlibBaseError, JoseError) as error:
            logger.warning("Signing in failed: %s", clean(str(error)))
            raise HTTPException(REFUSED, "The identity provider did not sign you in. Try again.") from None
        except (HTTPError, ValueError, KeyError) as error:
            logger.warning("The identity provider gave no usable answer: %s", clean(repr(error)))
            raise HTTPException(UNREACHED, "The identity provider cannot be reached now. Try again later.") from None

    def _who(self, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the name and the groups of a person; answer 403 if the person has no role."""
        name = claims.get(self._settings.name)
        groups = claims.get(self._settings.groups) if self._settings.groups else None
        several = groups if isinstance(groups, list) else [groups]
        who = str(name or "")
        if not who:
            raise HTTPException(REFUSED, f"The identity provider does not say `{self._settings.name}` of you.")
        if self._settings.name == "email" and claims.get("email_verified") is False:
            raise HTTPException(REFUSED, "The identity provider has not verified your e-mail address.")
        found = [str(group) for group in several if group is not None]
        if self._settings.roles.of([who, *found]) is None:
            raise HTTPException(REFUSED, f"{who} has no role here: ask who runs leadgauge.")
        return {"name": who, "groups": found}


def _provider(settings: ByOidc) -> Any:
    try:
        from authlib.integrations.starlette_client import OAuth  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigurationError(
            "Signing in by `oidc` needs further libraries.", remedy="Run `pip install 'leadgauge[oidc]'`."
        ) from None
    return OAuth().register(
        "provider",
        client_id=settings.client_id,
        client_secret=settings.client_secret.reveal() if settings.client_secret else None,
        server_metadata_url=f"{settings.issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": settings.scopes, "code_challenge_method": "S256", "timeout": 10},
    )

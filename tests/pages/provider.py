"""An identity provider with OpenID Connect on this machine, which misbehaves on request."""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from time import time
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from pipeline.http import Serving, served

CLIENT = "leadgauge"
SECRET = "a-secret-of-the-client"


@dataclass
class Provider:
    """Signs in whoever comes, as the person in `claims`."""

    claims: dict[str, Any]
    alter: dict[str, Any] = field(default_factory=dict)
    """Claims of the token that replace the right ones."""
    forged: bool = False
    """Whether the token is signed with a key that is not published."""
    refuses: bool = False
    asked: dict[str, str] = field(default_factory=dict)
    """What the browser was sent with."""
    serving: Serving | None = None
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"}))

    @property
    def issuer(self) -> str:
        assert self.serving is not None
        return f"http://127.0.0.1:{self.serving.port}"

    def start(self) -> None:
        routes = [
            Route("/.well-known/openid-configuration", self._about),
            Route("/keys", lambda _: JSONResponse({"keys": [self.key.as_dict(private=False)]})),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
        ]
        self.serving = served(Starlette(routes=routes), "127.0.0.1", 0, "provider", most=20)

    def _about(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    def _authorize(self, request: Request) -> Response:
        self.asked = dict(request.query_params)
        answer = {"error": "access_denied"} if self.refuses else {"code": "the-code"}
        back = urlencode(answer | {"state": self.asked["state"]})
        return RedirectResponse(f"{self.asked['redirect_uri']}?{back}", 302)

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        proof = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        if urlsafe_b64encode(proof).rstrip(b"=").decode() != self.asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300} | self.claims
        claims |= {"nonce": self.asked["nonce"]} | self.alter
        key = RSAKey.generate_key(2048, {"kid": "one"}) if self.forged else self.key
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})

"""A small OpenID Connect provider on a port of its own: as strict as a real one, and as false as it is told."""

import base64
import hashlib
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, Form, Header
from fastapi.responses import JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "madoguchi", "a secret of the two"


@dataclass
class SmallProvider:
    """Who is signed in at it, what its tokens say besides, and what it was asked."""

    issuer: str
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1", "preferred_username": "aki", "name": "Aki"})
    groups: list[str] = field(default_factory=list)
    false: dict[str, Any] = field(default_factory=dict)  # claims that overwrite the right ones
    in_userinfo: bool = False  # tell the groups there instead of in the token
    elsewhere: str | None = None  # a token endpoint on another machine
    refuse: bool = False
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    signs_with: RSAKey | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def application(self) -> FastAPI:
        """The provider's routes."""
        application = FastAPI()
        for method, path, take in (
            ("GET", "/.well-known/openid-configuration", self.described),
            ("GET", "/keys", self.keys),
            ("GET", "/authorize", self.authorize),
            ("POST", "/token", self.token),
            ("GET", "/userinfo", self.userinfo),
        ):
            application.add_api_route(path, take, methods=[method], response_model=None)
        return application

    def described(self) -> dict[str, str]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": self.elsewhere or f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
        }

    def keys(self) -> dict[str, Any]:
        return dict(KeySet([self.key]).as_dict(private=False))

    def authorize(
        self,
        response_type: str,
        client_id: str,
        redirect_uri: str,
        state: str,
        nonce: str,
        code_challenge: str,
        code_challenge_method: str,
    ) -> Response:
        assert (response_type, client_id, code_challenge_method) == ("code", CLIENT, "S256")
        if self.refuse:
            return RedirectResponse(f"{redirect_uri}?error=access_denied&state={state}", 303)
        code = secrets.token_urlsafe()
        self.codes[code] = {"to": redirect_uri, "nonce": nonce, "challenge": code_challenge}
        return RedirectResponse(f"{redirect_uri}?code={code}&state={state}", 303)

    def token(
        self,
        code: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
        authorization: Annotated[str, Header()],
    ) -> Response:
        given = self.codes.pop(code, None)  # each works once
        digest = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
        known = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if given is None or (given["to"], given["challenge"]) != (redirect_uri, digest) or known not in authorization:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": given["nonce"]} | self.person
        claims |= ({} if self.in_userinfo else {"groups": self.groups}) | self.false
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.signs_with or self.key)
        return JSONResponse({"access_token": "t", "token_type": "Bearer", "expires_in": 60, "id_token": signed})

    def userinfo(self) -> dict[str, Any]:
        return {"sub": self.person["sub"], "groups": self.groups}


@contextmanager
def served(application: FastAPI, port: int) -> Iterator[None]:
    """The application on a port of this machine."""
    server = uvicorn.Server(uvicorn.Config(application, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield
    server.should_exit = True
    thread.join()


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port

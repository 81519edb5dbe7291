"""The company's identity provider: OpenID Connect, code flow with PKCE, to one issuer and no other address.

Gives who signed in and the rights of their groups. Knows nothing of cookies, pages or accounts.
"""

import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2 as httpx  # what Authlib calls with where it is installed, as here
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from assistant.access import RANK
from assistant.errors import NotAllowed, Refusal
from assistant.settings import Settings

ALGORITHMS = ["RS256", "PS256", "ES256", "RS384", "RS512", "ES384", "EdDSA"]  # signed with the provider's own key
TIMEOUT = 10.0  # seconds for each call
DESCRIBED_FOR = 3600.0  # seconds that the provider's description and keys are kept
LEEWAY = 60  # seconds that the two clocks may differ
ADMINISTRATOR = "administrator"

log = logging.getLogger("madoguchi")


@dataclass(frozen=True)
class Departure:
    """A browser sent to the provider: what must come back with it."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Identity:
    """Who signed in at the provider, with the rights of this person's groups.

    roles: the highest role in each domain that the setting names, None where no group gives one. administrator: None
    where the setting leaves administrators alone.
    """

    issuer: str
    subject: str
    name: str
    display_name: str
    roles: Mapping[str, str | None] = field(default_factory=dict)
    administrator: bool | None = None


class Provider:
    """The one provider that the settings name."""

    def __init__(self, settings: Settings) -> None:
        """Raises nothing and asks nothing: the provider may be down while the assistant starts."""
        self._settings = settings
        self.issuer = (settings.oidc_issuer or "").rstrip("/")
        self._described: tuple[float, dict[str, Any], KeySet] | None = None

    def departure(self, come_back: str) -> Departure:
        """Where to send a browser. Raises Refusal where the provider does not answer."""
        described, _ = self._description()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        with self._client(come_back) as client:
            address, _ = client.create_authorization_url(
                described["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return Departure(address, state, nonce, verifier)

    def arrival(self, code: str, departure: Departure, come_back: str) -> Identity:
        """Who came back with `code`. Raises NotAllowed for an answer that is not sound, Refusal for none."""
        described, keys = self._description()
        try:
            with self._client(come_back) as client:
                token = client.fetch_token(
                    described["token_endpoint"],
                    code=code,
                    code_verifier=departure.verifier,
                    grant_type="authorization_code",
                )
                claims = self._claims(str(token.get("id_token", "")), keys, departure.nonce)
                if self._settings.oidc_groups_claim not in claims and "userinfo_endpoint" in described:
                    told = _fetched(client, described["userinfo_endpoint"], withhold_token=False)
                    if told.get("sub") != claims["sub"]:
                        raise NotAllowed("provider_unsound")
                    claims = told | claims
        except (AuthlibBaseError, JoseError, httpx.HTTPStatusError, ValueError) as error:
            log.warning("the identity provider's answer was refused: %s", error)
            raise NotAllowed("provider_unsound") from error
        except httpx.HTTPError as error:
            raise Refusal("provider_down") from error
        return self._identity(claims)

    def _description(self) -> tuple[dict[str, Any], KeySet]:
        if self._described is None or time.monotonic() - self._described[0] > DESCRIBED_FOR:
            try:
                with self._client("") as client:
                    described = _fetched(client, f"{self.issuer}/.well-known/openid-configuration")
                    if str(described["issuer"]).rstrip("/") != self.issuer:
                        raise ValueError(f"the provider calls itself {described['issuer']}")
                    keys = KeySet.import_key_set(_fetched(client, described["jwks_uri"]))  # type: ignore[arg-type]
            except (httpx.HTTPError, JoseError, ValueError, KeyError) as error:
                log.warning("the identity provider cannot be used: %s", error)
                raise Refusal("provider_down") from error
            self._described = (time.monotonic(), described, keys)
        return self._described[1], self._described[2]

    def _claims(self, id_token: str, keys: KeySet, nonce: str) -> dict[str, Any]:
        try:
            claims = jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims
        except JoseError:
            self._described = None  # keys may have been changed; the next sign-in asks for them anew
            raise
        client = self._settings.oidc_client_id or ""
        jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "values": [self.issuer, f"{self.issuer}/"]},
            aud={"essential": True, "value": client},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(claims)
        if claims.get("azp", client) != client:
            raise NotAllowed("provider_unsound")
        return dict(claims)

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        subject = str(claims["sub"])
        name = str(claims.get("preferred_username") or claims.get("email") or subject)
        groups = claims.get(self._settings.oidc_groups_claim, [])
        roles, administrator = rights_of(groups if isinstance(groups, list) else [], self._settings.oidc_rights)
        return Identity(self.issuer, subject, name, str(claims.get("name") or name), roles, administrator)

    def _client(self, come_back: str) -> OAuth2Client:
        secret = self._settings.oidc_client_secret
        return OAuth2Client(
            self._settings.oidc_client_id,
            secret.get_secret_value() if secret else None,
            scope=self._settings.oidc_scope,
            redirect_uri=come_back,
            code_challenge_method="S256",
            timeout=TIMEOUT,
            leeway=0,  # the token is used at once, and a short-lived one is good enough for that
            trust_env=False,
            event_hooks={"request": [self._only_the_issuer]},
        )

    def _only_the_issuer(self, request: httpx.Request) -> None:
        allowed, asked = urlsplit(self.issuer), request.url
        if (asked.scheme, asked.netloc.decode()) != (allowed.scheme, allowed.netloc):
            raise httpx.UnsupportedProtocol(f"{asked.host} is not the issuer", request=request)


def _fetched(client: OAuth2Client, address: str, withhold_token: bool = True) -> dict[str, Any]:
    answer = client.request("GET", address, withhold_token=withhold_token).raise_for_status().json()
    if not isinstance(answer, dict):
        raise ValueError(f"{address} gave no object")
    return answer


def rights_of(groups: list[Any], rights: Mapping[str, str]) -> tuple[dict[str, str | None], bool | None]:
    """The roles that groups give, by domain, and whether they make an administrator.

    Args:
        rights: group -> rights, words with blanks between: 'domain:role' or 'administrator'.
    """
    roles: dict[str, str | None] = {}
    administrator: bool | None = None
    for group, words in rights.items():
        member = group in groups
        for word in words.split():
            if word == ADMINISTRATOR:
                administrator = member or bool(administrator)
                continue
            domain, role = word.split(":")
            held = roles.get(domain)
            better = member and RANK[role] > RANK.get(held or "", 0)
            roles[domain] = role if better else held
    return roles, administrator

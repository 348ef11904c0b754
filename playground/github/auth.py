"""Who is calling, and what they may do: personal tokens, app signatures, installation tokens.

Law: a route names the one permission it needs, and this file alone says whether the caller has it.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import jwt

from .config import GitHubStandInConfig
from .errors import ApiError
from .store import Store

_LEVELS = {"none": 0, "read": 1, "write": 2, "admin": 3}


@dataclass(frozen=True)
class Actor:
    """`repositories` None means all. `permissions` is an installation's; a person's follow from their role."""

    kind: Literal["nobody", "user", "app", "installation", "actions"]
    login: str
    permissions: Mapping[str, str]
    repositories: frozenset[int] | None = None
    scopes: frozenset[str] = frozenset()

    def allows(self, config: GitHubStandInConfig, need: str, repo_id: int | None) -> bool:
        """Return whether `area:level` is granted on that repository (None: not about one)."""
        area, _, level = need.partition(":")
        if self.kind == "actions":
            return True
        if self.kind == "user":
            person = config.person(self.login)
            held = _LEVELS[person.permission] if person and "repo" in self.scopes else 0
            return held >= _LEVELS[level] and area != "app"
        if self.kind == "installation":
            inside = self.repositories is None or repo_id is None or repo_id in self.repositories
            return inside and _LEVELS[self.permissions.get(area, "none")] >= _LEVELS[level]
        return False

    def sees(self, config: GitHubStandInConfig, repo_id: int) -> bool:
        return self.allows(config, "metadata:read", repo_id)


NOBODY = Actor("nobody", "", {})
ACTIONS = Actor("actions", "github-actions[bot]", {})


def identify(authorization: str, config: GitHubStandInConfig, store: Store) -> Actor:
    """Return the caller of an Authorization header. Raises 401 for anything that is given and wrong."""
    if not authorization:
        return NOBODY
    scheme, _, value = authorization.partition(" ")
    value = value.strip()
    if scheme.lower() == "basic":
        value = _basic_password(value)
    elif scheme.lower() not in {"token", "bearer"}:
        raise bad_credentials()
    if value.count(".") == 2:
        return _app(value, config)
    return _token(value, config, store)


def bad_credentials(message: str = "Bad credentials") -> ApiError:
    return ApiError(401, message)


def _basic_password(value: str) -> str:
    try:
        _, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        raise bad_credentials() from None
    return password


def _token(value: str, config: GitHubStandInConfig, store: Store) -> Actor:
    for held in config.tokens:
        if secrets.compare_digest(held.token.encode(), value.encode()):
            return Actor("user", held.login, {}, scopes=held.scopes)
    issued = store.one("installation_token", key=value)
    if issued is None or issued["expires"] < time.time():
        raise bad_credentials()
    chosen = issued["repositories"]
    return Actor(
        "installation",
        config.bot_login,
        issued["permissions"],
        frozenset(chosen) if chosen is not None else None,
    )


def _app(value: str, config: GitHubStandInConfig) -> Actor:
    app = config.app
    if app is None:
        raise bad_credentials("A JSON web token could not be decoded")
    try:
        claims: dict[str, Any] = jwt.decode(
            value, app.public_key, algorithms=["RS256"], leeway=5, options={"require": ["iat", "exp", "iss"]}
        )
    except jwt.ExpiredSignatureError:
        raise bad_credentials("'Expiration time' claim ('exp') must be a numeric value in the future") from None
    except jwt.PyJWTError:
        raise bad_credentials("A JSON web token could not be decoded") from None
    if str(claims["iss"]) != str(app.app_id):
        raise ApiError(404, "Integration not found")
    if claims["exp"] - time.time() > 605:
        raise bad_credentials("'Expiration time' claim ('exp') is too far in the future")
    return Actor("app", config.bot_login, {})


def issue_installation_token(
    config: GitHubStandInConfig, store: Store, permissions: Mapping[str, str], repositories: list[int] | None
) -> tuple[str, float]:
    """Return a new installation token and when it ends (epoch seconds)."""
    token = "ghs_" + secrets.token_urlsafe(27).replace("-", "x").replace("_", "y")
    expires = time.time() + config.installation_token_seconds
    body = {"permissions": dict(permissions), "repositories": repositories, "expires": expires}
    store.add("installation_token", body, key=token)
    return token, expires

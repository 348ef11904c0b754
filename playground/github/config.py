"""The settings of the GitHub stand-in.

Law: everything a run depends on is in here; the stand-in reads no environment variable and no file outside `root`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

Permission = Literal["none", "read", "write", "admin"]

APP_PERMISSIONS: Mapping[str, str] = {
    "actions": "read",
    "checks": "write",
    "contents": "write",
    "deployments": "read",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
    "statuses": "write",
}

APP_EVENTS = (
    "check_run", "check_suite", "deployment", "deployment_status", "issue_comment", "pull_request",
    "pull_request_review", "push", "status", "workflow_run",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """A GitHub account. `permission` holds for every repository of the stand-in."""

    login: str
    name: str
    permission: Permission = "write"

    @property
    def email(self) -> str:
        return f"{self.login}@users.noreply.playground.test"


@dataclass(frozen=True)
class PersonalToken:
    """A personal access token (classic). Without the `repo` scope it may not touch repositories."""

    token: str
    login: str
    scopes: frozenset[str] = frozenset({"repo"})


@dataclass(frozen=True)
class AppIdentity:
    """A registered and installed GitHub App. `public_key` is PEM; the app keeps the private half.

    Only `events` are sent to it (and `ping` and `installation`, which need no subscription).
    """

    app_id: int
    public_key: str
    installation_id: int = 7001
    slug: str = "shipmate"
    name: str = "Shipmate"
    permissions: Mapping[str, str] = field(default_factory=lambda: dict(APP_PERMISSIONS))
    events: tuple[str, ...] = APP_EVENTS


PEOPLE = (
    Person("ana", "Ana Prado"),
    Person("ben", "Ben Okafor", "admin"),
    Person("cleo", "Cleo Marsh", "admin"),
    Person("mallory", "Mallory Quist", "none"),
    Person("shipmate-bot", "Shipmate"),
)


@dataclass(frozen=True)
class GitHubStandInConfig:
    """`public_url` and `pages_url` are origins without a trailing slash, e.g. `http://127.0.0.1:8480`.

    `ci_wrap` is put before every CI command line; `{workdir}` in it becomes the checkout's path. It must end in that
    directory (`--chdir`). `pages_url` may be another host name of the same port: previews are then served only there.
    """

    root: Path
    public_url: str
    tokens: tuple[PersonalToken, ...] = ()
    app: AppIdentity | None = None
    webhook_url: str | None = None
    webhook_secret: str = ""
    people: tuple[Person, ...] = PEOPLE
    teams: tuple[str, ...] = ("platform",)
    pages_url: str | None = None
    protect_default_branch: bool = True
    required_checks: tuple[str, ...] = ()
    auto_ci: bool = True
    ci_wrap: tuple[str, ...] | None = None
    ci_path: str = "/usr/local/bin:/usr/bin:/bin"
    ci_env: Mapping[str, str] = field(default_factory=dict)
    ci_workers: int = 2
    ci_seconds: float = 600.0
    ci_output_bytes: int = 2_000_000
    ci_unsupported: Literal["failure", "neutral"] = "failure"
    mergeable_delay: float = 0.3
    installation_token_seconds: int = 3600
    rate_limit: int = 15000
    webhook_seconds: float = 10.0

    @property
    def api_url(self) -> str:
        return f"{self.public_url}/api/v3"

    @property
    def pages_origin(self) -> str:
        return self.pages_url or self.public_url

    @property
    def pages_host(self) -> str | None:
        """Return the Host header under which only previews are served; None where previews share the origin."""
        if self.pages_url is None or urlsplit(self.pages_url).netloc == urlsplit(self.public_url).netloc:
            return None
        return urlsplit(self.pages_url).netloc

    def person(self, login: str) -> Person | None:
        return next((person for person in self.people if person.login == login), None)

    @property
    def bot_login(self) -> str:
        return f"{self.app.slug}[bot]" if self.app else "shipmate[bot]"


def new_private_key() -> str:
    """Return a fresh RSA key (PEM) for an app of the playground."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()


def public_key_of(private_key: str) -> str:
    """Return the public half (PEM) of a private key (PEM)."""
    key = serialization.load_pem_private_key(private_key.encode(), password=None)
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )

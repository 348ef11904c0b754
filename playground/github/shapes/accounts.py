"""People, bots and apps as GitHub prints them."""

from __future__ import annotations

import base64
import zlib
from typing import Any

from ..config import AppIdentity, GitHubStandInConfig

Shape = dict[str, Any]
_EPOCH = "2026-01-01T00:00:00Z"
ACTIONS_LOGIN = "github-actions[bot]"
ACTIONS_SLUG = "github-actions"


def node_id(kind: str, ident: int | str) -> str:
    """Return an opaque node id, stable per object."""
    return base64.b64encode(f"0{len(kind)}:{kind}{ident}".encode()).decode()


def user_id(login: str) -> int:
    return 10_000 + zlib.crc32(login.lower().encode()) % 90_000_000


def user(config: GitHubStandInConfig, login: str) -> Shape:
    """Return `simple-user`."""
    ident = user_id(login)
    url = f"{config.api_url}/users/{login}"
    return {
        "login": login, "id": ident, "node_id": node_id("User", ident), "gravatar_id": "",
        "avatar_url": f"{config.public_url}/avatars/{login}.svg", "url": url,
        "html_url": f"{config.public_url}/{login}",
        "followers_url": f"{url}/followers", "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}", "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions", "organizations_url": f"{url}/orgs", "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}", "received_events_url": f"{url}/received_events",
        "type": "Bot" if login.endswith("[bot]") else "User", "site_admin": False, "user_view_type": "public",
    }  # fmt: skip


def public_user(config: GitHubStandInConfig, login: str) -> Shape:
    """Return `public-user`: as `GET /user` and `GET /users/{login}` answer."""
    person = config.person(login)
    return {
        **user(config, login), "name": person.name if person else login, "company": None, "blog": "", "location": None,
        "email": person.email if person else None, "hireable": None, "bio": None, "twitter_username": None,
        "public_repos": 0, "public_gists": 0, "followers": 0, "following": 0, "created_at": _EPOCH,
        "updated_at": _EPOCH,
    }  # fmt: skip


def app_sender(config: GitHubStandInConfig) -> Shape:
    return user(config, config.bot_login)


def app(config: GitHubStandInConfig, identity: AppIdentity) -> Shape:
    """Return `integration`."""
    return {
        "id": identity.app_id, "client_id": f"Iv1.{identity.app_id:016x}", "slug": identity.slug,
        "node_id": node_id("App", identity.app_id), "owner": user(config, "acme"), "name": identity.name,
        "description": "", "external_url": config.public_url, "html_url": f"{config.public_url}/apps/{identity.slug}",
        "created_at": _EPOCH, "updated_at": _EPOCH, "permissions": dict(identity.permissions),
        "events": list(identity.events), "installations_count": 1,
    }  # fmt: skip


def actions_app(config: GitHubStandInConfig) -> Shape:
    """Return the app that CI's check runs belong to."""
    identity = AppIdentity(15368, "", 0, ACTIONS_SLUG, "GitHub Actions", {"checks": "write", "actions": "write"}, ())
    return app(config, identity)


def app_by_slug(config: GitHubStandInConfig, slug: str) -> Shape:
    """Return our own app, GitHub Actions, or another app of that slug."""
    if config.app and config.app.slug == slug:
        return app(config, config.app)
    if slug == ACTIONS_SLUG:
        return actions_app(config)
    return app(config, AppIdentity(app_id_of(slug), "", 0, slug, slug, {"checks": "write"}, ()))


def app_id_of(slug: str) -> int:
    """Return the id of another app, made from its slug so that a test can name it."""
    return 100_000 + zlib.crc32(slug.encode()) % 900_000


def installation(config: GitHubStandInConfig, identity: AppIdentity) -> Shape:
    """Return `installation`."""
    url = f"{config.api_url}/app/installations/{identity.installation_id}"
    return {
        "id": identity.installation_id, "account": user(config, "acme"), "repository_selection": "all",
        "access_tokens_url": f"{url}/access_tokens", "repositories_url": f"{config.api_url}/installation/repositories",
        "html_url": f"{config.public_url}/settings/installations/{identity.installation_id}",
        "app_id": identity.app_id, "client_id": f"Iv1.{identity.app_id:016x}", "target_id": user_id("acme"),
        "target_type": "Organization", "permissions": dict(identity.permissions), "events": list(identity.events),
        "created_at": _EPOCH, "updated_at": _EPOCH, "single_file_name": None, "has_multiple_single_files": False,
        "single_file_paths": [], "app_slug": identity.slug, "suspended_by": None, "suspended_at": None,
    }  # fmt: skip

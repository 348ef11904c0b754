"""GitHub: who we are, what we may do in every served repository, and where webhooks go."""

from __future__ import annotations

import time
from collections.abc import Mapping

from bot.checkup import Diagnosis, fail, ok, warn
from bot.checkup.clock import skew
from bot.checkup.https import Response, ask
from bot.settings import WorkerSettings
from bot.settings.groups import GitHub
from workers.checkup.ci_secrets import open_secrets

NEEDED: Mapping[str, str] = {
    "contents": "write",
    "pull_requests": "write",
    "issues": "write",
    "checks": "read",
    "statuses": "read",
    "actions": "read",
    "deployments": "read",
    "metadata": "read",
}
_RANK = {"none": 0, "read": 1, "write": 2, "admin": 3}
_INSTALL = "Install the app there (the app's page, Install App), for this repository."


def check(settings: WorkerSettings) -> list[Diagnosis]:
    """Ask the REST API; nothing is written."""
    github = settings.github
    if "github" in settings.stand_ins:
        return [ok("GitHub", "the stand-in of the playground (set GITHUB_TOKEN or GITHUB_APP_ID for the real one)")]
    return _app(settings) if github.app_id else _token(settings)


def _token(settings: WorkerSettings) -> list[Diagnosis]:
    github = settings.github
    token = github.token.get_secret_value() if github.token else ""
    me = ask(f"{github.api_url}/user", token=token)
    if me.status != 200:
        return [_refused("GITHUB_TOKEN", me)]
    found = [ok("GITHUB_TOKEN", f"belongs to {me.body.get('login')}"), *skew("GitHub", me)]
    for name in settings.rules.repositories:
        answer = ask(f"{github.api_url}/repos/{name}", token=token)
        if answer.status != 200:
            found.append(
                fail(name, f"cannot be seen: {answer.why()}", "Give the token access to it, or correct its name.")
            )
        elif not (answer.body.get("permissions") or {}).get("push"):
            found.append(fail(name, "the token may not push", "Give it Contents and Pull requests: read and write."))
        else:
            found.append(ok(name, f"may be pushed to (default branch {answer.body.get('default_branch')})"))
            found.append(open_secrets(github.api_url, token, name, settings.rules.ask_before_ci))
    return found


def _app(settings: WorkerSettings) -> list[Diagnosis]:
    github = settings.github
    app = ask(f"{github.api_url}/app", token=app_jwt(github))
    if app.status != 200:
        return [_refused("GITHUB_APP_PRIVATE_KEY", app)]
    found = [ok("GITHUB_APP_ID", f"the app {app.body.get('name') or app.body.get('slug')}"), *skew("GitHub", app)]
    found += _permissions(
        "app permissions", app.body.get("permissions") or {}, "Set them at the app (Permissions & events)."
    )
    for name in settings.rules.repositories:
        found += _installed(github, name)
        if found[-1].level == "ok":
            found.append(open_secrets(github.api_url, _token_for(github, name), name, settings.rules.ask_before_ci))
    return found


def _installed(github: GitHub, name: str) -> list[Diagnosis]:
    installation = ask(f"{github.api_url}/repos/{name}/installation", token=app_jwt(github))
    if installation.status != 200:
        return [fail(name, f"the app is not installed for it: {installation.why()}", _INSTALL)]
    number = installation.body.get("id")
    if github.app_installation_id and number != github.app_installation_id:
        says = f"belongs to installation {number}, not {github.app_installation_id}"
        return [fail(name, says, "Correct GITHUB_APP_INSTALLATION_ID, or leave it out.")]
    found = _permissions(
        name, installation.body.get("permissions") or {}, "Accept the app's new permissions (Settings, Applications)."
    )
    if installation.body.get("suspended_at"):
        found.append(fail(name, "the installation is suspended", "Unsuspend it (Settings, Applications)."))
    return found


def _token_for(github: GitHub, name: str) -> str:
    """Return a token of the app's installation, "" where GitHub gives none: then nothing can be looked at."""
    installation = ask(f"{github.api_url}/repos/{name}/installation", token=app_jwt(github)).body.get("id")
    tokens = f"{github.api_url}/app/installations/{installation}/access_tokens"
    return str(ask(tokens, token=app_jwt(github), post=b"{}").body.get("token") or "")


def _permissions(subject: str, given: Mapping[str, str], fix: str) -> list[Diagnosis]:
    missing = [
        f"{name}: {level}" for name, level in NEEDED.items() if _RANK.get(given.get(name, "none"), 0) < _RANK[level]
    ]
    if missing:
        return [fail(subject, f"missing {', '.join(missing)}", fix)]
    return [ok(subject, "the app has the permissions it needs")]


def webhook(github: GitHub, wanted: str) -> list[Diagnosis]:
    """Ask whether the app's webhook points to `wanted`, which only who holds the bot's settings too can know."""
    if not github.app_id:
        return []
    answer = ask(f"{github.api_url}/app/hook/config", token=app_jwt(github))
    if answer.status != 200:
        return [warn("webhook", f"its configuration cannot be read: {answer.why()}", f"It should point to {wanted}.")]
    if str(answer.body.get("url", "")).rstrip("/") != wanted:
        return [warn("webhook", f"points to {answer.body.get('url') or 'nowhere'}", f"Point it to {wanted}.")]
    if answer.body.get("content_type") != "json":
        return [warn("webhook", "its content type is not application/json", "Set it at the app (General, Webhook).")]
    return [ok("webhook", f"points to {wanted}")]


def _refused(subject: str, answer: Response) -> Diagnosis:
    if answer.status == 0:
        return fail(subject, answer.why(), "Check the network, a proxy, or GITHUB_API_URL.")
    if answer.status == 401:
        return fail(
            subject, f"GitHub refuses it: {answer.why()}", "Make a new one, or check that id and key belong together."
        )
    return fail(
        subject, f"GitHub answers {answer.why()}", "Check GITHUB_API_URL (REST base, e.g. https://host/api/v3)."
    )


def app_jwt(github: GitHub) -> str:
    """Return the app's own token, valid for five minutes from a minute ago, as GitHub asks for it."""
    import jwt

    now = int(time.time())
    key = github.app_private_key.get_secret_value() if github.app_private_key else ""
    return jwt.encode({"iat": now - 60, "exp": now + 300, "iss": str(github.app_id)}, key, algorithm="RS256")

"""Slack: the token and its scopes, how deliveries and GitHub's webhooks arrive, the clock."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.checkup import Diagnosis, fail, ok, warn
from bot.checkup.clock import skew
from bot.checkup.https import ask
from bot.settings import BotSettings, Role

SCOPES = frozenset(
    [
        "app_mentions:read",
        "assistant:write",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "metadata.message:read",
        "reactions:read",
        "reactions:write",
        "team:read",
        "usergroups:read",
        "users:read",
    ]
)
_NEEDED = frozenset(
    ["app_mentions:read", "chat:write", "im:history", "channels:history", "users:read", "reactions:write"]
)
_TOKEN_FIXES = {
    "invalid_auth": "Copy the Bot User OAuth Token again (OAuth & Permissions).",
    "not_authed": "Copy the Bot User OAuth Token again (OAuth & Permissions).",
    "account_inactive": "The app was removed from the workspace: install it again.",
    "token_revoked": "The token was revoked: install the app again and copy the new one.",
    "token_expired": "Token rotation is on; Shipmate needs a token that stays: turn rotation off and install again.",
}


def token(settings: Role) -> list[Diagnosis]:
    """Ask the Web API whose token it is, and what it may do."""
    slack = settings.slack
    if "slack" in settings.stand_ins:
        return [ok("Slack", "the stand-in of the playground (set SLACK_BOT_TOKEN for the real one)")]
    answer = ask(f"{slack.api_url}auth.test", token=slack.bot_token.get_secret_value(), post=b"")
    body = answer.body if isinstance(answer.body, dict) else {}
    if answer.status == 0:
        return [fail("SLACK_BOT_TOKEN", answer.why(), "Check the network, a proxy, or SLACK_API_URL.")]
    if not body.get("ok"):
        error = str(body.get("error") or f"HTTP {answer.status}")
        fix = _TOKEN_FIXES.get(error, "Check SLACK_BOT_TOKEN and SLACK_API_URL.")
        return [fail("SLACK_BOT_TOKEN", f"Slack refuses it: {error}", fix)]
    found = [ok("SLACK_BOT_TOKEN", f"{body.get('user', 'the bot')} in {body.get('team', 'the workspace')}")]
    found += _scopes(answer.headers.get("x-oauth-scopes", ""))
    return found + skew("Slack", answer)


def _scopes(header: str) -> list[Diagnosis]:
    given = {scope.strip() for scope in header.split(",") if scope.strip()}
    if not given:
        return [
            warn(
                "Slack scopes",
                "Slack doesn't say which scopes the token has",
                "Compare them under OAuth & Permissions.",
            )
        ]
    missing = SCOPES - given
    if not missing:
        return [ok("Slack scopes", f"all {len(SCOPES)} are there")]
    make = fail if missing & _NEEDED else warn
    fix = "Add them under OAuth & Permissions, then reinstall the app."
    return [make("Slack scopes", f"missing: {' '.join(sorted(missing))}", fix)]


def check(settings: BotSettings) -> list[Diagnosis]:
    """Ask whose token it is; where Slack knows it, try how deliveries arrive."""
    found, slack = token(settings), settings.slack
    if "slack" in settings.stand_ins or any(one.level == "fail" and one.subject == "SLACK_BOT_TOKEN" for one in found):
        return found
    if slack.app_token:
        answer = ask(f"{slack.api_url}apps.connections.open", token=slack.app_token.get_secret_value(), post=b"")
        body = answer.body if isinstance(answer.body, dict) else {}
        if body.get("ok"):
            found.append(ok("SLACK_APP_TOKEN", "Socket Mode opens a connection"))
        else:
            fix = "Create an app-level token with the scope connections:write, and turn Socket Mode on."
            found.append(fail("SLACK_APP_TOKEN", f"Socket Mode does not open: {answer.why()}", fix))
    if slack.signing_secret and not slack.app_token:
        host = urlsplit(settings.web.public_url).hostname or ""
        if host in {"127.0.0.1", "localhost", "0.0.0.0"}:  # noqa: S104 - compared
            fix = "Set PUBLIC_URL to where Slack can reach this bot, or use Socket Mode (SLACK_APP_TOKEN)."
            found.append(fail("PUBLIC_URL", f"{settings.web.public_url} cannot be reached by Slack", fix))
        else:
            says = f"deliveries are expected at {settings.web.public_url}/slack/events"
            found.append(ok("SLACK_SIGNING_SECRET", f"is set; {says} (a wrong secret shows as 401 in the bot's log)"))
    return found

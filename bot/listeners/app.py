"""Our Bolt app: authorised by what we learned about ourselves, so that no delivery waits for a question to Slack.

Law: while we do not know who we are, nothing is acknowledged (`Intake` sees to it).
"""

from __future__ import annotations

import asyncio

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.listeners import register, slack_errors
from bot.listeners.services import Identity, Services

log = structlog.get_logger("slack")


def web_client(token: str, api_url: str) -> AsyncWebClient:
    """Return a client for answers to single people; it waits once where Slack says that it has to."""
    client = AsyncWebClient(token=token, base_url=api_url.rstrip("/") + "/", timeout=10)
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    return client


def create_bolt(services: Services) -> AsyncApp:
    """Return the Bolt app with all listeners. It is given only what was checked and kept (`bot.listeners.intake`)."""

    async def authorize() -> AuthorizeResult:
        me = services.identity
        return AuthorizeResult(
            enterprise_id=None,
            team_id=me.team_id or None,
            bot_token=services.client.token,
            bot_user_id=me.bot_user_id or None,
            bot_id=me.bot_id or None,
        )

    app = AsyncApp(
        signing_secret="",
        request_verification_enabled=False,
        client=AsyncWebClient(base_url=services.client.base_url),
        authorize=authorize,
    )
    register(app, services)
    return app


async def identify(client: AsyncWebClient, identity: Identity, team: str = "", pause: float = 1.0) -> None:
    """Ask Slack who we are until it answers; `team` is the only workspace that is accepted, where it is given."""
    while not identity.known:
        try:
            who = await client.auth_test()
            if team and who["team_id"] != team:
                log.error("another_workspace", expected=team, found=who["team_id"])
            else:
                identity.app_id = await _app_id(client, str(who.get("bot_id") or ""))
                identity.bot_id = str(who.get("bot_id") or "")
                identity.bot_user_id = str(who["user_id"])
                identity.team_id = str(who["team_id"])
                log.info("known_to_slack", team=identity.team_id, app=identity.app_id, user=identity.bot_user_id)
                return
        except SlackApiError as error:
            log.error("slack_refuses_us", error=slack_errors.code(error), fix="run `shipmate doctor`")
        except Exception as error:  # network trouble of any kind: Slack will be there later
            log.warning("slack_not_reached", error=repr(error)[:200])
        await asyncio.sleep(pause)
        pause = min(pause * 2, 30.0)


async def _app_id(client: AsyncWebClient, bot_id: str) -> str:
    """Return our app's id; empty where the token may not ask, and then only the workspace is compared."""
    try:
        answer = await client.bots_info(bot=bot_id)
        return str((answer.get("bot") or {}).get("app_id") or "")
    except SlackApiError as error:
        log.warning("app_id_unknown", error=slack_errors.code(error))
        return ""

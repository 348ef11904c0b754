"""auth.test, team.info, bots.info, apps.connections.open, blocks.validate and the assistant's status line.

Law: `auth.test` says who the token is; everything an app knows about itself starts there.
"""

from __future__ import annotations

from playground.slack.blockkit import block_problems
from playground.slack.state import Doc
from playground.slack.view_shapes import view_problems
from playground.slack.web_api.registry import ApiError, Call, invalid, method


@method("auth.test")
async def auth_test(call: Call) -> Doc:
    config = call.parts.config
    return {
        "url": config.public_url.rstrip("/") + "/",
        "team": config.team_name,
        "user": config.bot_name.lower(),
        "team_id": config.team_id,
        "user_id": config.bot_user_id,
        "bot_id": config.bot_id,
        "is_enterprise_install": False,
    }


@method("team.info", scopes="team:read", optional="team domain", refuses="team_not_found")
async def team_info(call: Call) -> Doc:
    config = call.parts.config
    if call.text("team", config.team_id) != config.team_id:
        raise ApiError("team_not_found")
    icon = {"image_default": True}
    return {"team": {"id": config.team_id, "name": config.team_name, "domain": config.team_domain, "icon": icon}}


@method("bots.info", scopes="users:read", optional="bot", refuses="bot_not_found")
async def bots_info(call: Call) -> Doc:
    config = call.parts.config
    if call.text("bot", config.bot_id) != config.bot_id:
        raise ApiError("bot_not_found")
    bot = {"id": config.bot_id, "app_id": config.app_id, "user_id": config.bot_user_id, "name": config.bot_name}
    return {"bot": bot | {"deleted": False, "updated": 0, "icons": {}}}


@method("apps.connections.open", app_token=True, refuses="not_allowed_token_type")
async def connections_open(call: Call) -> Doc:
    base = call.parts.config.public_url.rstrip("/").replace("http", "ws", 1)
    return {"url": f"{base}/link?ticket={call.parts.sockets.ticket()}&app_id={call.parts.config.app_id}"}


@method("blocks.validate", optional="blocks message view", refuses="invalid_blocks, invalid_arguments")
async def blocks_validate(call: Call) -> Doc:
    given = [name for name in ("blocks", "message", "view") if name in call.args]
    if len(given) != 1:
        raise invalid("exactly one of blocks, message and view is required")
    value = call.args[given[0]]
    if given[0] == "view":
        surface = value.get("type", "modal") if isinstance(value, dict) else "modal"
        problems = view_problems(value, "home" if surface == "home" else "modal")
    else:
        problems = block_problems(
            value.get("blocks", []) if given[0] == "message" and isinstance(value, dict) else value
        )
    if problems:
        raise ApiError("invalid_blocks", errors=problems, response_metadata={"messages": problems})
    return {}


@method(
    "assistant.threads.setStatus",
    scopes="assistant:write",
    required="channel_id thread_ts",
    optional="status loading_messages",
    refuses="channel_not_found, thread_not_found",
)
async def set_status(call: Call) -> Doc:
    channel = call.channel("channel_id", member="channel_not_found")
    if call.parts.state.message(channel["id"], call.text("thread_ts")) is None:
        raise ApiError("thread_not_found")
    status = call.text("status")
    call.parts.bus.publish("status", channel=channel["id"], thread_ts=call.text("thread_ts"), status=status)
    return {}

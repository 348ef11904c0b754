"""users.* and usergroups.*: who people are.

Law: what an app may conclude about a person (guest, stranger, bot, gone) is in these answers and nowhere else.
"""

from __future__ import annotations

import time

from playground.slack.state import Doc
from playground.slack.web_api.registry import ApiError, Call, method, page


@method("users.info", scopes="users:read", required="user", optional="include_locale", refuses="user_not_found")
async def info(call: Call) -> Doc:
    user = call.user()
    return {"user": user | ({"locale": "en-GB"} if call.flag("include_locale") else {})}


@method(
    "users.list",
    scopes="users:read",
    optional="cursor include_locale limit",
    refuses="invalid_cursor, invalid_limit",
)
async def list_(call: Call) -> Doc:
    found, cursor = page(call.parts.state.every("user"), call, 200)
    return {"members": found, "cache_ts": int(time.time()), "response_metadata": {"next_cursor": cursor}}


@method("usergroups.list", scopes="usergroups:read", optional="include_count include_disabled include_users")
async def groups(call: Call) -> Doc:
    hidden = ({"users"} if not call.flag("include_users") else set()) | (
        {"user_count"} if not call.flag("include_count") else set()
    )
    found = call.parts.state.every("usergroup")
    return {"usergroups": [{key: value for key, value in group.items() if key not in hidden} for group in found]}


@method(
    "usergroups.users.list",
    scopes="usergroups:read",
    required="usergroup",
    optional="include_disabled",
    refuses="no_such_subteam",
)
async def group_users(call: Call) -> Doc:
    group = call.parts.state.get("usergroup", call.text("usergroup"))
    if group is None:
        raise ApiError("no_such_subteam")
    return {"users": group["users"]}

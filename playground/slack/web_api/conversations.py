"""conversations.*: reading what was said and who is where.

Law: history needs the scope of the conversation's kind and membership; metadata is shown only when asked for.
"""

from __future__ import annotations

from playground.slack.state import Doc
from playground.slack.web_api.registry import ApiError, Call, method, page

RANGE = "cursor inclusive include_all_metadata latest limit oldest"


def _kind(channel: Doc) -> str:
    return "im" if channel.get("is_im") else "groups" if channel.get("is_private") else "channels"


def _shown(call: Call, channel: Doc) -> Doc:
    mine = call.parts.config.bot_user_id in channel["members"]
    shown = {key: value for key, value in channel.items() if key != "members"}
    return shown if channel.get("is_im") else shown | {"is_member": mine, "num_members": len(channel["members"])}


def _metadata(call: Call) -> bool:
    return call.flag("include_all_metadata") and "metadata.message:read" in call.parts.config.scopes


def _window(call: Call, messages: list[Doc]) -> list[Doc]:
    oldest, latest = call.text("oldest") or "0", call.text("latest") or "9999999999.999999"
    inclusive = call.flag("inclusive")

    def inside(ts: str) -> bool:
        low, high, at = float(oldest), float(latest), float(ts)
        return low <= at <= high if inclusive else low < at < high

    try:
        return [message for message in messages if inside(message["ts"])]
    except ValueError:
        raise ApiError("invalid_ts_oldest" if not _is_number(oldest) else "invalid_ts_latest") from None


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


@method(
    "conversations.history",
    by_kind="history",
    required="channel",
    optional=RANGE,
    refuses="channel_not_found, not_in_channel, missing_scope, invalid_cursor, invalid_limit, invalid_ts_oldest",
)
async def history(call: Call) -> Doc:
    channel = call.channel()
    call.need(f"{_kind(channel)}:history")
    newest_first = list(reversed(_window(call, call.parts.state.history(channel["id"]))))
    found, cursor = page(newest_first, call, 100, 999)
    shown = [call.parts.workspace.present(channel["id"], doc, _metadata(call)) for doc in found]
    answer: Doc = {"messages": shown, "has_more": bool(cursor), "pin_count": 0}
    return answer | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


@method(
    "conversations.replies",
    by_kind="history",
    required="channel ts",
    optional=RANGE,
    refuses="channel_not_found, not_in_channel, missing_scope, thread_not_found, invalid_cursor",
)
async def replies(call: Call) -> Doc:
    channel = call.channel()
    call.need(f"{_kind(channel)}:history")
    asked = call.parts.state.message(channel["id"], call.text("ts"))
    if asked is None:
        raise ApiError("thread_not_found")
    root = asked.get("thread_ts", asked["ts"])
    thread = call.parts.state.thread(channel["id"], root) if root == asked["ts"] else [asked]
    kept = [doc for doc in thread if doc["ts"] == root or doc in _window(call, thread)]
    found, cursor = page(kept, call, 1000)
    metadata = _metadata(call)
    shown = [call.parts.workspace.present(channel["id"], doc, metadata) for doc in found]
    if len(thread) > 1:
        shown = [{"thread_ts": root, **doc} for doc in shown]
    answer: Doc = {"messages": shown, "has_more": bool(cursor)}
    return answer | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


@method(
    "conversations.info",
    by_kind="read",
    required="channel",
    optional="include_locale include_num_members",
    refuses="channel_not_found, missing_scope",
)
async def info(call: Call) -> Doc:
    channel = call.channel(member=None)
    call.need(f"{_kind(channel)}:read")
    return {"channel": _shown(call, channel)}


@method(
    "conversations.members",
    by_kind="read",
    required="channel",
    optional="cursor limit",
    refuses="channel_not_found, missing_scope",
)
async def members(call: Call) -> Doc:
    channel = call.channel(member=None)
    call.need(f"{_kind(channel)}:read")
    # Slack may give fewer than were asked for: only an empty cursor is the end.
    listed = [{"id": member} for member in channel["members"]]
    found, cursor = page(listed, call, 100, given=call.parts.config.members_page)
    return {"members": [member["id"] for member in found], "response_metadata": {"next_cursor": cursor}}


@method(
    "conversations.list",
    by_kind="read",
    optional="cursor exclude_archived limit types",
    refuses="missing_scope, invalid_types, invalid_cursor",
)
async def list_(call: Call) -> Doc:
    wanted = [name.strip() for name in (call.text("types") or "public_channel").split(",")]
    names = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}
    if not set(wanted) <= set(names):
        raise ApiError("invalid_types")
    for name in wanted:
        call.need(f"{names[name]}:read")
    kinds = {names[name] for name in wanted}
    mine = call.parts.config.bot_user_id
    rooms = [room for room in call.parts.state.every("channel") if _kind(room) in kinds]
    rooms = [room for room in rooms if _kind(room) == "channels" or mine in room["members"]]
    found, cursor = page(rooms, call, 100)
    return {"channels": [_shown(call, room) for room in found], "response_metadata": {"next_cursor": cursor}}


@method(
    "conversations.open",
    scopes="im:write",
    optional="channel users return_im prevent_creation",
    refuses="user_not_found, users_list_not_supplied, not_enough_users (group messages are not modelled)",
)
async def open_(call: Call) -> Doc:
    if call.text("channel"):
        channel = call.channel(member="channel_not_found")
    else:
        users = [user for user in call.text("users").split(",") if user]
        if len(users) != 1:
            raise ApiError("not_enough_users" if users else "users_list_not_supplied")
        found = call.parts.workspace.dm(users[0])
        if found is None:
            raise ApiError("user_not_found")
        channel = found
    shown = _shown(call, channel) if call.flag("return_im") else {"id": channel["id"]}
    return {"no_op": True, "already_open": True, "channel": shown}

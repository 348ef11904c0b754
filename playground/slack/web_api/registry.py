"""Which methods the Web API has, what each takes and needs, and how a call is refused.

Law: a method takes exactly the arguments it declares. Slack ignores unknown ones; here a typo is refused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from playground.slack.parts import Parts
from playground.slack.state import Doc

JSON_ARGUMENTS = {"blocks", "attachments", "metadata", "view", "files", "message", "loading_messages"}


class ApiError(Exception):
    """`{"ok": false, "error": word, **extra}`."""

    def __init__(self, word: str, **extra: Any) -> None:
        super().__init__(word)
        self.word, self.extra = word, extra


def invalid(*messages: str) -> ApiError:
    """Return invalid_arguments, naming what is wrong."""
    return ApiError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {message}" for message in messages]})


@dataclass(frozen=True)
class Call:
    """One call: its arguments with JSON ones parsed, and the parts of the stand-in."""

    parts: Parts
    args: Doc

    def text(self, name: str, default: str = "") -> str:
        value = self.args.get(name, default)
        if not isinstance(value, str):
            raise invalid(f"{name} must be a string [json-pointer:/{name}]")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.args.get(name, default)
        if isinstance(value, bool):
            return value
        if str(value).lower() in ("1", "true"):
            return True
        if str(value).lower() in ("0", "false", ""):
            return False
        raise invalid(f"{name} must be a boolean [json-pointer:/{name}]")

    def number(self, name: str, default: int, most: int) -> int:
        try:
            value = int(self.args.get(name, default))
        except (TypeError, ValueError):
            raise invalid(f"{name} must be an integer [json-pointer:/{name}]") from None
        if not 1 <= value <= most:
            raise ApiError("invalid_limit") if name == "limit" else invalid(f"{name} must be from 1 to {most}")
        return value

    def need(self, scope: str) -> None:
        """Raises missing_scope unless the bot token has it."""
        held = self.parts.config.scopes
        if scope not in held:
            raise ApiError("missing_scope", needed=scope, provided=",".join(sorted(held)))

    def channel(self, name: str = "channel", member: str | None = "not_in_channel") -> Doc:
        """Return the conversation; `member` is the error word when the bot is not in it (None: it need not be)."""
        key = self.text(name)
        found = self.parts.state.get("channel", key)
        if found is None and key.startswith("#"):
            found = self.parts.workspace.channel(key)
        if found is None and name == "channel" and (user := self.parts.state.get("user", key)):
            found = self.parts.workspace.dm(user["id"])
        if found is None or (found.get("is_private") and self.parts.config.bot_user_id not in found["members"]):
            raise ApiError("channel_not_found")
        if member and self.parts.config.bot_user_id not in found["members"]:
            raise ApiError(member)
        return found

    def message(self, channel: Doc, ts: str, word: str = "message_not_found") -> Doc:
        found = self.parts.state.message(channel["id"], ts)
        if found is None or found.get("subtype") == "tombstone":
            raise ApiError(word)
        return found

    def user(self, name: str = "user") -> Doc:
        found = self.parts.state.get("user", self.text(name))
        if found is None:
            raise ApiError("user_not_found")
        return found


Handler = Callable[[Call], Awaitable[Doc]]


@dataclass(frozen=True)
class Method:
    name: str
    handler: Handler
    scopes: tuple[str, ...]
    required: tuple[str, ...]
    optional: tuple[str, ...]
    by_kind: str
    app_token: bool
    refuses: str

    @property
    def arguments(self) -> frozenset[str]:
        return frozenset((*self.required, *self.optional, "token", "team_id"))


METHODS: dict[str, Method] = {}


def method(
    name: str,
    *,
    scopes: str = "",
    by_kind: str = "",
    required: str = "",
    optional: str = "",
    refuses: str = "",
    app_token: bool = False,
) -> Callable[[Handler], Handler]:
    """Declare a method. Names are separated by spaces; `refuses` lists its error words for the coverage table.

    `by_kind` (`history`, `read`) is the half of the scope that the kind of conversation completes.
    """

    def register(handler: Handler) -> Handler:
        needs, takes, may = tuple(scopes.split()), tuple(required.split()), tuple(optional.split())
        METHODS[name] = Method(name, handler, needs, takes, may, by_kind, app_token, refuses)
        return handler

    return register


def page(
    items: list[Doc], call: Call, default: int, most: int = 1000, given: int | None = None
) -> tuple[list[Doc], str]:
    """Return one page of a list by `cursor` and `limit` (or the `given` size), and the next cursor ('' at the end)."""
    limit = min(call.number("limit", default, most), given or most)
    cursor = call.text("cursor") or "at:0"
    if not cursor.startswith("at:") or not cursor[3:].isdigit():
        raise ApiError("invalid_cursor")
    start = int(cursor[3:])
    return items[start : start + limit], f"at:{start + limit}" if start + limit < len(items) else ""

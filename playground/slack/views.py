"""Modals and home tabs: what is open on whose phone.

Law: a person has one stack of at most three views; the top one is what they see.
"""

from __future__ import annotations

import secrets
from typing import Any

from playground.slack.bus import Bus
from playground.slack.config import SlackStandInConfig
from playground.slack.events import new_id
from playground.slack.state import Doc, State

DEEPEST = 3


class ViewError(Exception):
    """A Slack error word."""


class Views:
    def __init__(self, config: SlackStandInConfig, state: State, bus: Bus) -> None:
        self._config, self._state, self._bus = config, state, bus

    def stack(self, user_id: str) -> list[Doc]:
        """Return this person's open modals, root first."""
        found = self._state.get("stack", user_id)
        return found["views"] if found else []

    def find(self, view_id: str | None, external_id: str | None) -> tuple[str, Doc] | None:
        """Return the person and the view, if it is open."""
        for stack in self._state.every("stack"):
            for view in stack["views"]:
                if view["id"] == view_id or (external_id and view["external_id"] == external_id):
                    return stack["user"], view
        return None

    def open(self, user_id: str, spec: Doc) -> Doc:
        """Return a new root view; what was open before is gone."""
        view = self._made(spec, None, None)
        self._save(user_id, [view])
        return view

    def push(self, user_id: str, spec: Doc) -> Doc:
        stack = self.stack(user_id)
        if not stack:
            raise ViewError("not_found")
        if len(stack) >= DEEPEST:
            raise ViewError("push_limit_reached")
        view = self._made(spec, stack[0]["id"], stack[-1]["id"])
        self._save(user_id, [*stack, view])
        return view

    def update(self, view_id: str | None, external_id: str | None, spec: Doc, expected_hash: str | None) -> Doc:
        found = self.find(view_id, external_id)
        if found is None:
            raise ViewError("not_found")
        user_id, old = found
        if expected_hash and expected_hash != old["hash"]:
            raise ViewError("hash_conflict")
        kept = {key: old[key] for key in ("id", "root_view_id", "previous_view_id")}
        view = self._made(spec, None, None, old["external_id"]) | kept
        self._save(user_id, [view if open_view["id"] == view["id"] else open_view for open_view in self.stack(user_id)])
        return view

    def close(self, user_id: str, everything: bool) -> list[Doc]:
        """Close the top view or all of them; returns the closed ones, top first."""
        stack = self.stack(user_id)
        left = [] if everything else stack[:-1]
        self._save(user_id, left)
        return list(reversed(stack[len(left) :]))

    def publish(self, user_id: str, spec: Doc, expected_hash: str | None) -> Doc:
        """Set a person's home tab."""
        old = self._state.get("home", user_id)
        if expected_hash and old and expected_hash != old["hash"]:
            raise ViewError("hash_conflict")
        view = self._made(spec, None, None) | ({"id": old["id"], "root_view_id": old["id"]} if old else {})
        self._state.put("home", user_id, view)
        self._bus.publish("home", to=user_id, view=view)
        return view

    def _save(self, user_id: str, stack: list[Doc]) -> None:
        self._state.put("stack", user_id, {"user": user_id, "views": stack})
        self._bus.publish("views", to=user_id, stack=stack)

    def _made(self, spec: Doc, root: str | None, previous: str | None, external_id: str = "") -> Doc:
        external = spec.get("external_id") or external_id
        if spec.get("external_id") and spec["external_id"] != external_id and self.find(None, spec["external_id"]):
            raise ViewError("duplicate_external_id")
        key = new_id("V")
        blocks = with_ids(spec["blocks"])
        made: dict[str, Any] = {"id": key, "team_id": self._config.team_id, "type": spec["type"], "blocks": blocks}
        made |= {"private_metadata": spec.get("private_metadata", ""), "callback_id": spec.get("callback_id", "")}
        made |= {"state": {"values": {}}, "hash": f"{self._state.next_ts()}.{secrets.token_hex(4)}"}
        made |= {
            "clear_on_close": bool(spec.get("clear_on_close")),
            "notify_on_close": bool(spec.get("notify_on_close")),
        }
        made |= {"title": spec.get("title"), "close": spec.get("close"), "submit": spec.get("submit")}
        made |= {
            "submit_disabled": bool(spec.get("submit_disabled")),
            "root_view_id": root or key,
            "previous_view_id": previous,
        }
        made |= {"app_id": self._config.app_id, "bot_id": self._config.bot_id, "external_id": external}
        return made | {"app_installed_team_id": self._config.team_id}


def with_ids(blocks: list[Doc]) -> list[Doc]:
    """Return the blocks with the ids Slack makes up where the app gave none."""
    made = []
    for given in blocks:
        block = {**given}
        block.setdefault("block_id", secrets.token_hex(3))
        for place in ("element", "accessory"):
            if isinstance(block.get(place), dict) and block[place].get("type") != "image":
                block[place] = {"action_id": secrets.token_hex(3), **block[place]}
        if block["type"] in ("actions", "context_actions"):
            block["elements"] = [{"action_id": secrets.token_hex(3), **element} for element in block["elements"]]
        made.append(block)
    return made

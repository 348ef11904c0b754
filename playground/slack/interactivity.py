"""Taps, modals, shortcuts and commands: from a person's finger to the app's answer, and what the phone shows then.

Law: Slack tries an interaction once. Without a 2xx within three seconds the person sees a warning, nothing else.
"""

from __future__ import annotations

from typing import Any

from playground.slack.config import SlackStandInConfig
from playground.slack.deliveries import Deliveries
from playground.slack.request_url import Outcome
from playground.slack.state import Doc
from playground.slack.tokens import Tokens
from playground.slack.values import NotOffered, action, find, missing, state_values
from playground.slack.view_shapes import view_problems
from playground.slack.views import ViewError, Views
from playground.slack.workspace import Workspace, bot_message

TROUBLE = "We had some trouble connecting. Try again?"


class Interactivity:
    def __init__(
        self, config: SlackStandInConfig, workspace: Workspace, views: Views, tokens: Tokens, deliveries: Deliveries
    ) -> None:
        self._config, self._workspace, self._views = config, workspace, views
        self._tokens, self._deliveries = tokens, deliveries

    # Payloads.
    def _who(self, user: Doc) -> Doc:
        named = {"id": user["id"], "username": user["name"], "name": user["name"], "team_id": user["team_id"]}
        common = {"user": named, "api_app_id": self._config.app_id, "token": "verification-token-is-not-used"}
        team = {"id": self._config.team_id, "domain": self._config.team_domain}
        return common | {"team": team, "enterprise": None, "is_enterprise_install": False}

    def _place(self, channel: Doc) -> Doc:
        return {"id": channel["id"], "name": "directmessage" if channel.get("is_im") else channel["name"]}

    def _reply_to(self, user: Doc, channel: Doc, message: Doc | None) -> str:
        source = message or {}
        target = {"channel": channel["id"], "user": user["id"], "message_ts": source.get("ts")}
        target |= {"thread_ts": source.get("thread_ts"), "ephemeral": bool(source.get("is_ephemeral"))}
        return self._tokens.response_url(self._config.public_url, target)

    def press_payload(
        self, user: Doc, channel: Doc, ts: str, action_id: str, block_id: str | None, picked: Any, values: Doc
    ) -> Doc:
        """Return the block_actions payload of a tap on a message. Raises NotOffered when there is nothing to tap."""
        whispered = self._workspace.state.ephemeral(channel["id"], ts)
        if whispered and whispered[0] == user["id"]:
            message = whispered[1]
        elif (found := self._workspace.state.message(channel["id"], ts)) and user["id"] in channel["members"]:
            message = self._workspace.present(channel["id"], found)
        else:
            raise NotOffered("this person sees no such message")
        blocks = message.get("blocks", [])
        block, element = find(blocks, action_id, block_id)
        if element.get("visible_to_user_ids") and user["id"] not in element["visible_to_user_ids"]:
            raise NotOffered("this person does not see that button")
        container = {"type": "message", "message_ts": ts, "channel_id": channel["id"]}
        container |= {"is_ephemeral": bool(message.get("is_ephemeral"))}
        if message.get("thread_ts"):
            container["thread_ts"] = message["thread_ts"]
        state = {"values": state_values(blocks, values)}
        made = {"type": "block_actions", **self._who(user), "container": container, "channel": self._place(channel)}
        made |= {"message": message, "state": state, "actions": [action(block, element, picked)]}
        made |= {"trigger_id": self._tokens.trigger(user["id"]), "response_url": self._reply_to(user, channel, message)}
        return made

    def view_press_payload(
        self, user: Doc, view: Doc, action_id: str, block_id: str | None, picked: Any, values: Doc
    ) -> Doc:
        """Return the block_actions payload of a tap inside a modal or the home tab."""
        block, element = find(view["blocks"], action_id, block_id)
        shown = view | {"state": {"values": state_values(view["blocks"], values)}}
        made = {
            "type": "block_actions",
            **self._who(user),
            "container": {"type": "view", "view_id": view["id"]},
            "view": shown,
        }
        return made | {"trigger_id": self._tokens.trigger(user["id"]), "actions": [action(block, element, picked)]}

    def shortcut_payload(self, user: Doc, channel: Doc, ts: str, callback_id: str) -> Doc:
        """Return the message_action payload of a message shortcut. Raises NotOffered."""
        message = self._workspace.state.message(channel["id"], ts)
        if message is None or user["id"] not in channel["members"]:
            raise NotOffered("this person sees no such message")
        if callback_id not in {shortcut.callback_id for shortcut in self._config.shortcuts}:
            raise NotOffered(f"the app has no message shortcut {callback_id!r}")
        made = {
            "type": "message_action",
            **self._who(user),
            "channel": self._place(channel),
            "callback_id": callback_id,
        }
        made |= {"message_ts": ts, "message": self._workspace.present(channel["id"], message)}
        made |= {"action_ts": self._workspace.state.next_ts(), "trigger_id": self._tokens.trigger(user["id"])}
        return made | {"response_url": self._reply_to(user, channel, message)}

    # Doing it.
    async def send(self, payload: Doc) -> Doc:
        """Deliver an interaction payload as it is and say how the phone looks afterwards."""
        return _seen(await self._deliveries.interaction("interactive", payload))

    async def submit(self, user: Doc, view: Doc, picked: Doc) -> Doc:
        """Submit the top modal: the phone's own complaints first, then the app's `response_action`."""
        values = state_values(view["blocks"], picked)
        complaints = missing(view["blocks"], values)
        if complaints:
            return {"ok": False, "error": "incomplete", "errors": complaints}
        shown = view | {"state": {"values": values}}
        payload = {"type": "view_submission", **self._who(user), "view": shown, "response_urls": []}
        payload["trigger_id"] = self._tokens.trigger(user["id"])
        outcome = await self._deliveries.interaction("interactive", payload)
        if not outcome.ok:
            return _seen(outcome)
        return self._answer_submission(user, view, outcome.json())

    def _answer_submission(self, user: Doc, view: Doc, answer: Doc) -> Doc:
        what = answer.get("response_action")
        try:
            if what is None or what == "clear":
                self._views.close(user["id"], everything=what == "clear")
                return {"ok": True, "closed": True}
            if what == "errors":
                known = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
                errors = answer.get("errors")
                if not isinstance(errors, dict) or not errors or not set(errors) <= known:
                    return {"ok": False, "error": "bad_response_action", "warning": TROUBLE}
                return {"ok": False, "error": "errors", "errors": errors}
            if (
                what in ("update", "push")
                and isinstance(answer.get("view"), dict)
                and not view_problems(answer["view"])
            ):
                if what == "push":
                    self._views.push(user["id"], answer["view"])
                else:
                    self._views.update(view["id"], None, answer["view"], None)
                return {"ok": True, "closed": False}
        except ViewError as problem:
            return {"ok": False, "error": str(problem), "warning": TROUBLE}
        return {"ok": False, "error": "bad_response_action", "warning": TROUBLE}

    async def close(self, user: Doc, everything: bool) -> Doc:
        """Close the top modal; the app hears only of views that asked for it."""
        for view in self._views.close(user["id"], everything):
            if view["notify_on_close"]:
                payload = {"type": "view_closed", **self._who(user), "view": view, "is_cleared": everything}
                await self._deliveries.interaction("interactive", payload)
        return {"ok": True}

    async def command(self, user: Doc, channel: Doc, command: str, text: str) -> Doc:
        """Return a slash command; a text or blocks in the answer is shown at once."""
        if command not in {known.command for known in self._config.commands}:
            raise NotOffered(f"{command} is not a valid command")
        body = {
            "token": "verification-token-is-not-used",
            "team_id": self._config.team_id,
            "team_domain": self._config.team_domain,
        }
        body |= {"channel_id": channel["id"], "channel_name": self._place(channel)["name"], "user_id": user["id"]}
        body |= {"user_name": user["name"], "command": command, "text": text, "api_app_id": self._config.app_id}
        body |= {"is_enterprise_install": "false", "response_url": self._reply_to(user, channel, None)}
        outcome = await self._deliveries.interaction(
            "slash_commands", body | {"trigger_id": self._tokens.trigger(user["id"])}
        )
        if not outcome.ok:
            word = "operation_timeout" if outcome.reason == "http_timeout" else "dispatch_failed"
            whole = f'{command} failed with the error "{word}"'
            self._workspace.whisper(channel, user["id"], {"type": "message", "user": "USLACKBOT", "text": whole})
            return _seen(outcome)
        answer = outcome.json() or ({"text": outcome.body.decode(errors="replace")} if outcome.body.strip() else {})
        if answer.get("text") or answer.get("blocks"):
            fields = {key: answer[key] for key in ("text", "blocks") if answer.get(key)}
            message = bot_message(self._config, {"text": "", **fields})
            if answer.get("response_type") == "in_channel":
                self._workspace.post(channel, message)
            else:
                self._workspace.whisper(channel, user["id"], message)
        return {"ok": True}


def _seen(outcome: Outcome) -> Doc:
    """Return what the phone makes of the app's answer."""
    if outcome.ok:
        return {"ok": True, "status": outcome.status}
    error = "operation_timeout" if outcome.reason == "http_timeout" else "dispatch_failed"
    return {"ok": False, "error": error, "status": outcome.status, "warning": TROUBLE}

"""What Slack hands the app for a short while: trigger ids and response URLs.

Law: a trigger id opens one view within three seconds; a response URL works five times within thirty minutes.
"""

from __future__ import annotations

import secrets
import time

from playground.slack.config import SlackStandInConfig
from playground.slack.state import Doc, State

RESPONSE_SECONDS = 30 * 60
RESPONSE_USES = 5


class TriggerError(Exception):
    """A Slack error word."""


class Tokens:
    def __init__(self, config: SlackStandInConfig, state: State) -> None:
        self._config, self._state = config, state
        self._triggers: dict[str, tuple[str, float, bool]] = {}

    def trigger(self, user_id: str) -> str:
        made = f"{int(time.time())}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}"
        self._triggers[made] = (user_id, time.monotonic() + self._config.trigger_seconds, False)
        if len(self._triggers) > 5000:
            now = time.monotonic()
            self._triggers = {key: value for key, value in self._triggers.items() if value[1] > now}
        return made

    def redeem(self, trigger_id: str) -> str:
        """Return the person a trigger id stands for. Raises TriggerError."""
        user_id, until, used = self._triggers.get(trigger_id, ("", 0.0, False))
        if not user_id:
            raise TriggerError("invalid_trigger_id")
        if time.monotonic() > until:
            raise TriggerError("expired_trigger_id")
        if used:
            raise TriggerError("exchanged_trigger_id")
        self._triggers[trigger_id] = (user_id, until, True)
        return user_id

    def response_url(self, public_url: str, target: Doc) -> str:
        """Return a response URL. `target`: channel, user, and of the message it came from message_ts, thread_ts,
        ephemeral.
        """
        key = secrets.token_urlsafe(18)
        self._state.put("response_url", key, target | {"until": time.time() + RESPONSE_SECONDS, "uses": RESPONSE_USES})
        return f"{public_url.rstrip('/')}/actions/{self._config.team_id}/{key}"

    def use_response_url(self, key: str) -> Doc | str:
        """Return the target, or Slack's error word."""
        target = self._state.get("response_url", key)
        if target is None:
            return "invalid_url"
        if target["until"] < time.time():
            return "expired_url"
        if target["uses"] <= 0:
            return "used_url"
        self._state.put("response_url", key, target | {"uses": target["uses"] - 1})
        return target

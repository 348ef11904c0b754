"""People as Slack describes them at the moment they do something."""

from __future__ import annotations

from typing import Literal

from bot.domain.frozen import Frozen

Standing = Literal["member", "guest", "stranger", "bot", "gone", "absent", "unknown"]


class Actor(Frozen):
    """Who did something, as Slack described them at that moment.

    `absent` means that they are not in the conversation of the change, `unknown` that Slack could not be asked.
    """

    id: str
    name: str
    standing: Standing = "member"

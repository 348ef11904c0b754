"""What a stand-in workspace is made of: its people, channels, tokens and the one app installed in it.

Law: the app under test gets nothing from here but the values Slack itself would hand out (tokens, secret, ids).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HOME_TEAM = "T0PLAYGRND"


@dataclass(frozen=True)
class Person:
    """One member. `team_id` None means the workspace's own team; `colour` is the avatar's, as #rrggbb."""

    id: str
    name: str
    real_name: str
    title: str
    colour: str
    is_admin: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    deleted: bool = False
    team_id: str | None = None


@dataclass(frozen=True)
class ChannelSeed:
    """A channel that exists from the start. `members` are person ids; the bot is a member by default."""

    id: str
    name: str
    members: tuple[str, ...]
    topic: str = ""
    is_private: bool = False
    bot_is_member: bool = True
    is_ext_shared: bool = False


@dataclass(frozen=True)
class Suggestion:
    """A prompt offered as a chip above the composer: tapping it fills the composer, the person still sends it."""

    text: str
    why: str = ""


@dataclass(frozen=True)
class MessageShortcut:
    """An entry of a message's menu that the app declared in its manifest."""

    callback_id: str
    name: str


@dataclass(frozen=True)
class SlashCommand:
    """A slash command that the app declared in its manifest; `command` includes the slash."""

    command: str
    description: str
    usage_hint: str = ""


ANA = Person("U0ANA00001", "ana", "Ana Soto", "Product manager", "#b4447a")
BEN = Person("U0BEN00001", "ben", "Ben Okafor", "Engineer", "#2f6fb2")
CLEO = Person("U0CLEO0001", "cleo", "Cleo Marsh", "Platform engineer", "#7a4fb8", is_admin=True)
MALLORY = Person("U0MAL00001", "mallory", "Mallory Vane", "Guest", "#8a6d1f", is_restricted=True)
EVE = Person("U0EVE00001", "eve", "Eve Lind", "Another company", "#4d6a58", is_stranger=True, team_id="T0OTHER001")

TILL = ChannelSeed("C0TILL0001", "till", (ANA.id, BEN.id, CLEO.id, MALLORY.id), "The market-stall till")
RANDOM = ChannelSeed(
    "C0RANDOM01", "random", (ANA.id, BEN.id, CLEO.id, MALLORY.id), "Anything else", bot_is_member=False
)

SCOPES = frozenset(
    {
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
    }
)
EVENTS = frozenset({"app_mention", "message.channels", "message.groups", "message.im", "app_home_opened"})


@dataclass(frozen=True)
class SlackStandInConfig:
    """Everything the stand-in needs to know.

    `events_url` is where the app takes events, interactions and commands (None: Socket Mode alone). `scopes` and
    `events` are those of the app's manifest. `members_page` is the most members that one answer lists.
    Times are seconds; `retry_delays` are the waits before each retry.
    """

    state_path: Path
    events_url: str | None = None
    public_url: str = "http://127.0.0.1:8031"
    bot_token: str = "xoxb-playground-0000000000"  # noqa: S105  (opens nothing but the stand-in)
    app_token: str = "xapp-playground-0000000000"  # noqa: S105  (opens nothing but the stand-in)
    signing_secret: str = "playground-signing-secret"  # noqa: S105  (opens nothing but the stand-in)
    app_id: str = "A0SHIPMATE"
    team_id: str = HOME_TEAM
    team_domain: str = "playground"
    team_name: str = "Playground"
    bot_name: str = "Shipmate"
    bot_user_id: str = "U0SHIPMATE"
    bot_id: str = "B0SHIPMATE"
    people: tuple[Person, ...] = (ANA, BEN, CLEO, MALLORY)
    channels: tuple[ChannelSeed, ...] = (TILL, RANDOM)
    usergroups: tuple[tuple[str, str, tuple[str, ...]], ...] = (("S0ENG00001", "engineers", (BEN.id, CLEO.id)),)
    notice: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    shortcuts: tuple[MessageShortcut, ...] = (MessageShortcut("make_change", "Make this change"),)
    commands: tuple[SlashCommand, ...] = (SlashCommand("/shipmate", "What Shipmate is doing", "[help | status]"),)
    scopes: frozenset[str] = SCOPES
    events: frozenset[str] = EVENTS
    retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
    ack_seconds: float = 3.0
    trigger_seconds: float = 3.0
    members_page: int = 1000

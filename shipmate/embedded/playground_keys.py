"""Tokens, secrets, keys and ports of the stand-ins, made on first use and kept in `<home>/playground/keys.json`.

Law: every process of one home reads the same file; nothing in it opens anything but the stand-ins of this machine.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from shipmate.embedded import ports
from shipmate.embedded.once import read_or_create, replace


class PlaygroundKeys(BaseModel):
    """What the stand-ins hand out, and the ports of the bot and of the three of them on 127.0.0.1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slack_bot_token: str
    slack_app_token: str
    slack_signing_secret: str
    github_app_id: int
    github_app_private_key: str
    github_installation_id: int
    github_token: str
    github_webhook_secret: str
    claude_api_key: str
    bot_port: int
    slack_port: int
    github_port: int
    claude_port: int

    @property
    def slack_url(self) -> str:
        """Return the stand-in's origin; the Web API is below it at /api/, the phone page at /."""
        return f"http://127.0.0.1:{self.slack_port}"

    @property
    def github_url(self) -> str:
        """Return the stand-in's origin; REST is below it at /api/v3."""
        return f"http://127.0.0.1:{self.github_port}"

    @property
    def pages_url(self) -> str:
        """Return the origin of previews: the same port under another name, so that a preview shares nothing with the
        pages.
        """
        return f"http://localhost:{self.github_port}"

    @property
    def claude_url(self) -> str:
        """Return the stand-in's origin, as ANTHROPIC_BASE_URL has it."""
        return f"http://127.0.0.1:{self.claude_port}"


class KeysUnreadable(Exception):
    """The file of keys is there, but is not one; the message names it."""


def path_in(home: Path) -> Path:
    """Return where the keys of a home lie."""
    return home / "playground" / "keys.json"


def generate(*, usual_ports: bool) -> PlaygroundKeys:
    """Return fresh keys. Takes about 0.1 s for the app's RSA key."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    chosen = ports.choose(tuple(ports.USUAL), usual=usual_ports)
    return PlaygroundKeys(
        slack_bot_token=f"xoxb-playground-{secrets.token_hex(16)}",
        slack_app_token=f"xapp-playground-{secrets.token_hex(16)}",
        slack_signing_secret=secrets.token_hex(16),
        github_app_id=4242,
        github_app_private_key=pem.decode(),
        github_installation_id=7001,
        github_token=f"ghp_playground{secrets.token_hex(13)}",
        github_webhook_secret=secrets.token_hex(20),
        claude_api_key=f"scripted-{secrets.token_hex(16)}",
        bot_port=chosen["bot"],
        slack_port=chosen["slack"],
        github_port=chosen["github"],
        claude_port=chosen["claude"],
    )


def load_or_create(home: Path, *, usual_ports: bool = False) -> PlaygroundKeys:
    """Return the home's keys, made now if there are none. Raises `KeysUnreadable`, or OSError where home cannot be
    written.
    """
    path = path_in(home)
    raw = read_or_create(path, lambda: generate(usual_ports=usual_ports).model_dump_json(indent=2).encode())
    try:
        return PlaygroundKeys.model_validate_json(raw)
    except ValidationError as fault:
        raise KeysUnreadable(f"{path} does not hold playground keys") from fault


def move_taken_ports(home: Path, names: frozenset[str]) -> tuple[str, ...]:
    """Replace the ports of those `names` ("bot", "slack", ...) on which another process listens; return the names.

    Call it only while no process of this home runs.
    """
    keys = load_or_create(home)
    taken = tuple(name for name in sorted(names) if not ports.is_free(getattr(keys, f"{name}_port")))
    if taken:
        kept = frozenset(getattr(keys, f"{name}_port") for name in ports.USUAL)
        fresh = ports.choose(taken, usual=False, avoid=kept)
        moved = keys.model_copy(update={f"{name}_port": port for name, port in fresh.items()})
        replace(path_in(home), moved.model_dump_json(indent=2).encode())
    return taken

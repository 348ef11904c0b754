"""What the Slack app is declared to be, what the stand-in grants, and what our code uses are one list."""

from __future__ import annotations

import re
from pathlib import Path

from bot.checkup.slack import SCOPES
from playground.slack import config as stand_in

ROOT = Path(__file__).parents[2]
MANIFEST = (ROOT / "slack-manifest.yaml").read_text()


def listed(key: str) -> set[str]:
    """The items of a YAML list of plain words below `key`."""
    block = re.search(rf"^( *){key}:\n((?:\1 +- \S+\n)+)", MANIFEST, re.M)
    assert block, key
    return {line.strip().removeprefix("- ") for line in block.group(2).splitlines()}


def test_scopes_are_the_same_in_manifest_stand_in_doctor_and_env_example() -> None:
    scopes = listed("bot")
    assert scopes == SCOPES == stand_in.SCOPES
    documented = re.search(r"Bot token scopes: (.*?)\n# Events", (ROOT / ".env.example").read_text(), re.S)
    assert documented
    assert set(documented.group(1).replace("#", " ").split()) == scopes


def test_events_are_the_same_in_manifest_stand_in_and_env_example() -> None:
    events = listed("bot_events")
    assert events == stand_in.EVENTS
    documented = re.search(r"# Events: (.*)", (ROOT / ".env.example").read_text())
    assert documented
    assert set(documented.group(1).split()) == events


def test_the_shortcut_and_the_command_are_those_that_we_listen_to() -> None:
    from bot.listeners.commands import COMMAND
    from bot.listeners.shortcuts import MAKE_CHANGE

    assert re.findall(r"callback_id: (\S+)", MANIFEST) == [MAKE_CHANGE]
    assert re.findall(r"- command: (\S+)", MANIFEST) == [COMMAND]


def test_texts_keep_slacks_limits() -> None:
    found = re.search(r"agent_description: (.*)", MANIFEST)
    assert found
    assert len(found.group(1)) <= 300
    assert len(re.findall(r"- title:", MANIFEST)) <= 4
    short = re.search(r"^  description: (.*)", MANIFEST, re.M)
    assert short
    assert len(short.group(1)) <= 140

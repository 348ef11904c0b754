"""Completes what the operator set with stand-ins and embedded defaults.

Law: the choice is made service by service; a set of wrong settings leaves nothing behind in the state folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.settings.checks import artifacts_url, database_url, redis_url
from bot.settings.sources import Problem
from shipmate.embedded import broker_address, toolbox
from shipmate.embedded.playground_keys import KeysUnreadable, PlaygroundKeys, generate, load_or_create, path_in

_ALONE = {
    "slack": ("SLACK_API_URL",),
    "github": ("GITHUB_API_URL", "GITHUB_SERVER_URL", "GITHUB_WEBHOOK_SECRET"),
    "claude": ("ANTHROPIC_BASE_URL",),
}
_STAND_IN_POLL_SECONDS = "3"
"""Nobody's rate limit is spent by asking a stand-in often."""
_NEEDED = {"slack": "SLACK_BOT_TOKEN", "github": "GITHUB_TOKEN or GITHUB_APP_ID", "claude": "ANTHROPIC_API_KEY"}


@dataclass(frozen=True)
class Completed:
    """Every setting's value by name, what follows from the choice per group, and sentences for the log."""

    values: dict[str, str]
    derived: Mapping[str, Mapping[str, Any]]
    github_stand_in: bool
    notes: tuple[str, ...]


def complete(values: Mapping[str, str], home: Path, problems: list[Problem]) -> Completed:
    """Fill in everything that is not set. Appends to `problems`; touches the home only while there are none."""
    given = dict(values)
    wrong = {problem.name.removesuffix("_FILE") for problem in problems}
    stand_in = {
        "slack": not {"SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"} & (given.keys() | wrong),
        "github": not {"GITHUB_TOKEN", "GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY", "GITHUB_APP_INSTALLATION_ID"}
        & (given.keys() | wrong),
        "claude": "ANTHROPIC_API_KEY" not in given.keys() | wrong,
    }
    notes = [
        f"{name} is set without {_NEEDED[service]}: it is ignored, the stand-in is used."
        for service, on in stand_in.items()
        for name in _ALONE[service]
        if on and name in given
    ]
    if any(stand_in.values()) or {"DATABASE_URL", "REDIS_URL", "ARTIFACTS_URL"} - given.keys():
        _make_private(home, problems)
    _complete_storage(given, home, problems)
    if any(stand_in.values()):
        keys = _keys(given, home, problems)
        for service, on in stand_in.items():
            if on:
                given.update(_stand_in_values(service, keys))
        if stand_in["github"]:
            given.setdefault("SHIPMATE_POLL_SECONDS", _STAND_IN_POLL_SECONDS)
        given.setdefault("PORT", str(keys.bot_port))
    _complete_urls(given)
    if (tools := toolbox.find()) and "SHIPMATE_TOOLBOX" not in given:
        given["SHIPMATE_TOOLBOX"] = str(tools)
    derived: dict[str, dict[str, Any]] = {service: {"stand_in": on} for service, on in stand_in.items()}
    derived["storage"] = {"embedded_broker": "REDIS_URL" not in values and "REDIS_URL" not in wrong}
    return Completed(given, derived, stand_in["github"], tuple(notes))


def _make_private(home: Path, problems: list[Problem]) -> None:
    """A new state folder is its owner's alone, since the database in it holds what was said in Slack."""
    if "?" in str(home) or not str(home).isprintable():
        mend = "Give a folder without question marks and line breaks in its path."
        problems.append(Problem("SHIPMATE_HOME", "has a character in it that a database's address cannot hold", mend))
    if problems or home.exists():
        return
    try:
        home.mkdir(parents=True, mode=0o700)
    except FileExistsError:
        return  # another process was quicker
    except OSError as fault:
        problems.append(_unwritable(home, fault))


def _keys(given: Mapping[str, str], home: Path, problems: list[Problem]) -> PlaygroundKeys:
    if not problems:
        try:
            return load_or_create(home, usual_ports="SHIPMATE_HOME" not in given)
        except KeysUnreadable as fault:
            problems.append(Problem("SHIPMATE_HOME", str(fault), f"Remove {path_in(home)}; it is made again."))
        except OSError as fault:
            problems.append(_unwritable(home, fault))
    return generate(usual_ports=False)


def _stand_in_values(service: str, keys: PlaygroundKeys) -> dict[str, str]:
    match service:
        case "slack":
            return {
                "SLACK_BOT_TOKEN": keys.slack_bot_token,
                "SLACK_SIGNING_SECRET": keys.slack_signing_secret,
                "SLACK_API_URL": f"{keys.slack_url}/api/",
            }
        case "github":
            return {
                "GITHUB_APP_ID": str(keys.github_app_id),
                "GITHUB_APP_PRIVATE_KEY": keys.github_app_private_key,
                "GITHUB_APP_INSTALLATION_ID": str(keys.github_installation_id),
                "GITHUB_WEBHOOK_SECRET": keys.github_webhook_secret,
                "GITHUB_API_URL": f"{keys.github_url}/api/v3",
                "GITHUB_SERVER_URL": keys.github_url,
            }
        case _:
            return {"ANTHROPIC_API_KEY": keys.claude_api_key, "ANTHROPIC_BASE_URL": keys.claude_url}


def _complete_storage(given: dict[str, str], home: Path, problems: list[Problem]) -> None:
    if "DATABASE_URL" in given:
        given["DATABASE_URL"] = database_url(given["DATABASE_URL"], problems)
    else:
        given["DATABASE_URL"] = f"sqlite:///{home / 'shipmate.db'}"
    if "ARTIFACTS_URL" in given:
        given["ARTIFACTS_URL"] = artifacts_url(given["ARTIFACTS_URL"], problems)
    else:
        given["ARTIFACTS_URL"] = str(home / "artifacts")
    if "REDIS_URL" in given:
        given["REDIS_URL"] = redis_url(given["REDIS_URL"], problems)
        return
    given["REDIS_URL"] = "redis+socket:///unknown"
    if not problems:
        try:
            given["REDIS_URL"] = broker_address.url(home)
        except OSError as fault:
            problems.append(_unwritable(home, fault))


def _complete_urls(given: dict[str, str]) -> None:
    api, server = given.get("GITHUB_API_URL", "").rstrip("/"), given.get("GITHUB_SERVER_URL", "").rstrip("/")
    if api and not server and api.endswith("/api/v3"):
        given["GITHUB_SERVER_URL"] = api.removesuffix("/api/v3")
    elif server and not api and server != "https://github.com":
        given["GITHUB_API_URL"] = f"{server}/api/v3"
    port = given.get("PORT", "8030")
    if "PUBLIC_URL" not in given and port.isdecimal() and 0 < int(port) < 65536:
        host = given.get("HOST", "127.0.0.1")
        given["PUBLIC_URL"] = f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{port}"  # noqa: S104 - compared, not bound


def _unwritable(home: Path, fault: OSError) -> Problem:
    return Problem(
        "SHIPMATE_HOME",
        f"{home} cannot be written ({fault.strerror or fault})",
        "Give a folder that this user can write to.",
    )

"""Completes what the operator set with stand-ins and embedded defaults, and says what each process is handed of it.

Law: the choice is made service by service; a set of wrong settings leaves nothing behind in the state folder. A process
is handed the settings of its role and no others.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bot.settings import HOME, ROLES, BotSettings, Role, Service, Settings, WorkerSettings, load, names, secret_names
from bot.settings.checks import absolute
from bot.settings.file import operator_file
from bot.settings.sources import ENV_FILE, Problem, SettingsInvalid, merged, read_values
from shipmate.embedded import broker_address, toolbox
from shipmate.embedded.playground_keys import KeysUnreadable, PlaygroundKeys, load_or_create, path_in

PLAYGROUND_REPOSITORY = "acme/till"
_KEYS: Mapping[Service, frozenset[str]] = {
    "slack": frozenset(["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"]),
    "github": frozenset(["GITHUB_TOKEN", "GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY", "GITHUB_APP_INSTALLATION_ID"]),
    "claude": frozenset(["ANTHROPIC_API_KEY"]),
}
"""A service is real as soon as one of these is set."""
_ALONE: Mapping[Service, tuple[str, ...]] = {
    "slack": ("SLACK_API_URL",),
    "github": ("GITHUB_API_URL", "GITHUB_SERVER_URL", "GITHUB_WEBHOOK_SECRET"),
    "claude": ("ANTHROPIC_BASE_URL",),
}
_NEEDED = {"slack": "SLACK_BOT_TOKEN", "github": "GITHUB_TOKEN or GITHUB_APP_ID", "claude": "ANTHROPIC_API_KEY"}
"""What makes it real."""
_STAND_IN_POLL_SECONDS = "3"
"""Nobody's rate limit is spent by asking a stand-in often."""


@dataclass(frozen=True)
class Completed:
    """The settings of a whole Shipmate. `environ` holds every variable; `notes` are sentences for the log at start."""

    environ: Mapping[str, str] = field(repr=False)
    stand_ins: frozenset[Service]
    embedded_broker: bool
    notes: tuple[str, ...] = ()

    @cached_property
    def bot(self) -> BotSettings:
        """Return the bot's settings."""
        return load(BotSettings, self.environ)

    @cached_property
    def worker(self) -> WorkerSettings:
        """Return a worker's settings."""
        return load(WorkerSettings, self.environ)

    @property
    def home(self) -> Path:
        """Return the absolute state folder."""
        return Path(self.environ["SHIPMATE_HOME"])

    def of(self, role: type[Settings]) -> dict[str, str]:
        """Return the environment of a process of that role: its settings, and what is no setting of Shipmate's."""
        others = _with_files(ROLES) - _with_files([role])
        return {**{name: value for name, value in self.environ.items() if name not in others}, ENV_FILE: os.devnull}


def complete(
    environ: Mapping[str, str], env_file: Path | None = None, roles: Sequence[type[Role]] = ROLES
) -> Completed:
    """Fill in everything that is not set, for processes of `roles`. Raises `SettingsInvalid`."""
    problems: list[Problem] = []
    known = _with_files(ROLES)
    said = merged({}, env_file, problems)
    every = {**{name: value for name, value in said.items() if name in known}, **environ}
    _refuse([*problems, *(one for role in roles for one in _wrong(role, every) if not one.missing)])
    values, _ = read_values(names(), secret_names(), every, None)
    stand_ins = _stand_ins(values.keys(), roles)
    home = absolute(Path(values.get("SHIPMATE_HOME", HOME)))
    filled = {"SHIPMATE_HOME": str(home), "SHIPMATE_STAND_INS": ",".join(sorted(stand_ins))}
    try:
        if stand_ins or {"DATABASE_URL", "REDIS_URL", "ARTIFACTS_URL"} - values.keys():
            _make_private(home)
        defaults = dict(_defaults(values, home, stand_ins))
        filled |= {name: value for name, value in defaults.items() if name not in values}
        if stand_ins:
            keys = load_or_create(home, usual_ports="SHIPMATE_HOME" not in values)
            filled |= {name: value for service in stand_ins for name, value in _keys_of(service, keys).items()}
            filled.setdefault("PORT", values.get("PORT", str(keys.bot_port)))
    except KeysUnreadable as fault:
        _refuse([Problem("SHIPMATE_HOME", str(fault), f"Remove {path_in(home)}; it is made again.")])
    except OSError as fault:
        what = f"{home} cannot be written ({fault.strerror or fault})"
        _refuse([Problem("SHIPMATE_HOME", what, "Give a folder that this user can write to.")])
    files = {f"{name}_FILE" for name in filled}
    notes = (
        f"{name} is set without {_NEEDED[service]}: it is ignored, the stand-in is used."
        for service in _KEYS
        for name in _ALONE[service]
        if service in stand_ins and name in values
    )
    completed = Completed(
        environ={**{name: value for name, value in every.items() if name not in files}, **filled},
        stand_ins=stand_ins,
        embedded_broker="REDIS_URL" not in values,
        notes=tuple(notes),
    )
    _refuse([one for role in roles for one in _wrong(role, completed.environ)])
    return completed


def _stand_ins(have: Set[str], roles: Sequence[type[Role]]) -> frozenset[Service]:
    """Return the services without a key. A bot alone that has the real Slack belongs to workers with keys elsewhere."""
    found = frozenset(service for service, keys in _KEYS.items() if not keys & have)
    return found if WorkerSettings in roles or "slack" in found else frozenset()


def _with_files(roles: Sequence[type[Settings]]) -> frozenset[str]:
    return frozenset(names(*roles)) | {f"{name}_FILE" for name in secret_names(*roles)}


def _wrong(role: type[Role], environ: Mapping[str, str]) -> Sequence[Problem]:
    try:
        load(role, environ)
    except SettingsInvalid as invalid:
        return invalid.problems
    return ()


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise SettingsInvalid(dict.fromkeys(problems))


def _make_private(home: Path) -> None:
    """Make a new state folder its owner's alone, since the database in it holds what was said in Slack."""
    if "?" in str(home) or not str(home).isprintable():
        fix = "Give a folder without question marks and line breaks in its path."
        what = "has a character in it that a database's address cannot hold"
        _refuse([Problem("SHIPMATE_HOME", what, fix)])
    with contextlib.suppress(FileExistsError):
        home.mkdir(parents=True, mode=0o700)


def _defaults(values: Mapping[str, str], home: Path, stand_ins: frozenset[Service]) -> Iterator[tuple[str, str]]:
    """Yield what is used of everything that is not set."""
    yield "DATABASE_URL", f"sqlite:///{home / 'shipmate.db'}"
    if "REDIS_URL" not in values:
        yield "REDIS_URL", broker_address.url(home)
    if tools := toolbox.find():
        yield "SHIPMATE_TOOLBOX", str(tools)
    if "github" in stand_ins:
        yield "SHIPMATE_POLL_SECONDS", _STAND_IN_POLL_SECONDS
        if not operator_file(values, []).rules.repositories:
            yield "SHIPMATE_REPOSITORIES", PLAYGROUND_REPOSITORY


def _keys_of(service: Service, keys: PlaygroundKeys) -> dict[str, str]:
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
        case "claude":
            return {"ANTHROPIC_API_KEY": keys.claude_api_key, "ANTHROPIC_BASE_URL": keys.claude_url}

"""The operator's file (`shipmate.toml`): served repositories, channel defaults, people, roles, budget, package hosts.

Law: nothing in it is guessed. An unknown key, a wrong type or a name that cannot exist is refused with its line, and
all such mistakes are reported together.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import Annotated, NamedTuple, Self, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.domain.rules import AskBeforeCi, Rules
from bot.domain.tiers import Effort, Tier
from bot.settings.sources import Problem

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_PERSON = re.compile(r"[UW][A-Z0-9]{2,30}")
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,30}|#[^\s#]{1,80}")
_HOST = re.compile(r"(?:[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,37}[A-Za-z0-9])?(?:\[bot\])?")


def _matching(pattern: re.Pattern[str], sentence: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(sentence)
        return value

    return AfterValidator(check)


Repository = Annotated[str, _matching(_REPOSITORY, 'a repository is written "owner/name"')]
PersonId = Annotated[
    str, _matching(_PERSON, "a person is a Slack member id, such as U0123ABCD (profile, Copy member ID)")
]
ChannelKey = Annotated[str, _matching(_CHANNEL, 'a channel is its id, such as C0123ABCD, or "#name"')]
Login = Annotated[str, _matching(_LOGIN, "that is not a GitHub login")]
PackageHost = Annotated[
    str, _matching(_HOST, 'a host is one exact name, such as "pypi.org" or "packages.example.com:8443"')
]
PackageUrl = Annotated[
    str, _matching(re.compile(r"|https?://[^/?#@\s]+(/[^?#\s]*)?"), "an address begins with https:// and names no user")
]
TierName = Annotated[str, _matching(re.compile(r"[a-z][a-z0-9_-]{0,29}"), "a tier's name is one word in lower case")]
FilePath = Annotated[str, _matching(re.compile(r"|/[^\0\n]+"), "a file's path is absolute")]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Person(_Table):
    github: Login


class _Roles(_Table):
    ask: list[PersonId] = []
    approve: list[PersonId] = []
    self_approval: bool = False


class _Budget(_Table):
    rounds: int = Field(default=3, ge=0, le=100)
    vetoes: int = Field(default=2, ge=0, le=10)
    turns: int = Field(default=60, ge=1, le=10_000)
    minutes: int = Field(default=60, ge=1, le=24 * 60)
    tokens: int = Field(default=2_000_000, ge=1000, le=1_000_000_000)
    dollars: float = Field(default=10.0, gt=0, le=100_000, strict=False)


class _Tier(_Table):
    model: str = ""
    effort: Effort | None = None
    turns: int | None = Field(default=None, ge=1, le=10_000)
    minutes: int | None = Field(default=None, ge=1, le=24 * 60)
    tokens: int | None = Field(default=None, ge=1000, le=1_000_000_000)
    dollars: float | None = Field(default=None, gt=0, le=100_000, strict=False)


class Setup(_Table):
    """Where packages that a repository's tests need may come from; see `shipmate.example.toml`.

    `hosts` None means the public registries that the package tools themselves know; an empty list, none at all.
    """

    hosts: list[PackageHost] | None = None
    local_hosts: list[PackageHost] = []
    index: PackageUrl = ""
    registry: PackageUrl = ""
    certificates: FilePath = ""
    source_builds: bool = False

    @model_validator(mode="after")
    def _sources_are_reachable(self) -> Self:
        listed = [*(self.hosts or []), *self.local_hosts]
        for key, url in (("index", self.index), ("registry", self.registry)):
            place = urlsplit(url)
            if not url or (self.hosts is None and place.scheme == "https"):
                continue
            if place.netloc.lower() not in {host.lower() for host in listed}:
                raise ValueError(f'{key}: list its host, "{place.netloc}", in hosts or local_hosts as well')
            if place.scheme == "http" and place.netloc.lower() not in {host.lower() for host in self.local_hosts}:
                raise ValueError(f"{key}: plain http is for local_hosts alone")
        return self


class Network(_Table):
    """The hosts that repositories may name in their policy files; see `shipmate.example.toml`."""

    allow: list[PackageHost] = []
    allow_local: list[PackageHost] = []


class _OperatorFile(_Table):
    repositories: list[Repository] = []
    channels: dict[ChannelKey, Repository] = {}
    people: dict[PersonId, _Person] = {}
    ask_before_ci: AskBeforeCi = "risky"
    roles: _Roles = _Roles()
    budget: _Budget = _Budget()
    tiers: dict[TierName, _Tier] = {}
    setup: Setup = Setup()
    network: Network = Network()


class Operator(NamedTuple):
    """What the operator has decided; `path` is None where there is no file."""

    path: Path | None
    rules: Rules
    setup: Setup
    network: Network


def operator_file(
    values: Mapping[str, str], problems: list[Problem], *, tables: Set[str] = frozenset(["setup", "network"])
) -> Operator:
    """Read the operator's file and SHIPMATE_REPOSITORIES, which, where set, replaces the file's list.

    Of `[setup]` and `[network]` only those in `tables` are looked at. A missing file is a problem only where
    SHIPMATE_CONFIG names it. Problems are appended with "file:line" as name.
    """
    config = Path(values.get("SHIPMATE_CONFIG", "shipmate.toml")).expanduser()
    before = len(problems)
    text, table = _read(config, required="SHIPMATE_CONFIG" in values, problems=problems)
    unused = {"setup", "network"} - tables
    used = {name: part for name, part in table.items() if name not in unused}
    content = _validated(used, text, config, problems)
    repositories = _from_environment(values, problems)
    if repositories is None:
        repositories = tuple(dict.fromkeys(content.repositories))
        if not repositories and len(problems) == before:
            fix = f'Set SHIPMATE_REPOSITORIES=owner/name, or repositories = ["owner/name"] in {config.name}.'
            problems.append(Problem("SHIPMATE_REPOSITORIES", "no repository is served", fix, missing=True))
    served = {name.lower() for name in repositories}
    for channel, repository in content.channels.items():
        if served and repository.lower() not in served:
            problems.append(
                Problem(
                    f"{config}:{line_of(text, ('channels', channel))}",
                    f"{channel} points to {repository}, which is not served",
                    "Add it to repositories, or change the channel's default.",
                )
            )
    rules = Rules(
        repositories=repositories,
        channels=dict(content.channels),
        people={person: entry.github for person, entry in content.people.items()},
        may_ask=tuple(content.roles.ask),
        may_approve=tuple(content.roles.approve),
        self_approval=content.roles.self_approval,
        ask_before_ci=content.ask_before_ci,
        max_rounds=content.budget.rounds,
        max_turns=content.budget.turns,
        max_minutes=content.budget.minutes,
        max_tokens=content.budget.tokens,
        max_dollars=content.budget.dollars,
        max_vetoes=content.budget.vetoes,
        tiers={name: Tier(**tier.model_dump()) for name, tier in content.tiers.items()},
    )
    return Operator(config.absolute() if config.exists() else None, rules, content.setup, content.network)


def _from_environment(values: Mapping[str, str], problems: list[Problem]) -> tuple[str, ...] | None:
    if "SHIPMATE_REPOSITORIES" not in values:
        return None
    found = tuple(dict.fromkeys(part for part in re.split(r"[,\s]+", values["SHIPMATE_REPOSITORIES"]) if part))
    wrong = [name for name in found if not _REPOSITORY.fullmatch(name)]
    if wrong:
        problems.append(
            Problem(
                "SHIPMATE_REPOSITORIES",
                f"{', '.join(repr(name) for name in wrong)} is not a repository's full name",
                "Write owner/name, several separated by commas: acme/app,acme/site.",
            )
        )
    return found


def _read(config: Path, *, required: bool, problems: list[Problem]) -> tuple[str, dict[str, object]]:
    try:
        text = config.read_bytes().decode()
        return text, tomllib.loads(text)
    except FileNotFoundError:
        if required:
            problems.append(
                Problem("SHIPMATE_CONFIG", f"{config} does not exist", "Create it, or unset SHIPMATE_CONFIG.")
            )
    except (OSError, UnicodeDecodeError) as fault:
        what = "is not UTF-8 text" if isinstance(fault, UnicodeDecodeError) else f"cannot be read ({fault.strerror})"
        problems.append(Problem(str(config), what, "Make it a readable UTF-8 text file."))
    except tomllib.TOMLDecodeError as fault:
        found = re.search(r"line (\d+)", str(fault))
        line = found.group(1) if found else str(text.count("\n") + 1)
        problems.append(Problem(f"{config}:{line}", f"is not valid TOML: {fault}", "Correct that line."))
    return "", {}


def _validated(table: dict[str, object], text: str, config: Path, problems: list[Problem]) -> _OperatorFile:
    try:
        return _OperatorFile.model_validate(table)
    except ValidationError as fault:
        for error in fault.errors(include_url=False):
            path = tuple(str(part) for part in error["loc"] if part != "[key]")
            what, fix = error["msg"].removeprefix("Value error, "), "Correct that line."
            if error["type"] == "extra_forbidden":
                what, fix = "no such key", f"The keys there: {', '.join(_keys(path))}."
            problems.append(Problem(f"{config}:{line_of(text, path)}", f"{'.'.join(path)}: {what}", fix))
        return _OperatorFile()


def _keys(path: Sequence[str]) -> Iterable[str]:
    """Return the keys of the table that the last part of `path` stands in."""
    kind: object = _OperatorFile
    for part in path[:-1]:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            kind = kind.model_fields[part].annotation
        else:
            kind = get_args(kind)[-1]
    return kind.model_fields if isinstance(kind, type) and issubclass(kind, BaseModel) else ()


_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_HEADER = re.compile(r"\s*\[\[?\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_PART = re.compile(r"""[A-Za-z0-9_-]+|"([^"]*)"|'([^']*)'""")


def line_of(text: str, path: Sequence[str]) -> int:
    """Return the line (from 1) of the longest written prefix of `path`; 1 where nothing of it is written in the
    file.
    """
    best, line = 0, 1
    table: tuple[str, ...] = ()
    for number, written in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(written):
            key = table = _parts(header.group(1))
        elif assignment := _KEY.match(written):
            key = (*table, *_parts(assignment.group(1)))
        else:
            continue
        if len(key) > best and tuple(path[: len(key)]) == key:
            best, line = len(key), number
    return line


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.group(0).strip("\"'") for part in _PART.finditer(dotted))

"""Every setting of Shipmate: a frozen model per role, read once at the start of a process.

Law: a role reads, and complains about, only what it uses. So a bot runs where no key of GitHub or Claude is, a worker
where no signing secret is, and a sandbox runner reads no setting at all. Inner code gets plain values from here and
reads no environment of its own. `.env.example` lists the names of all roles, and a test compares the two.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.domain.rules import Rules
from bot.settings.checks import absolute, split
from bot.settings.file import Network, Setup, operator_file
from bot.settings.groups import (
    Claude,
    GitHub,
    LogLevel,
    SettingsGroup,
    Slack,
    SlackApp,
    Storage,
    StorageOfWorker,
    Web,
    Work,
)
from bot.settings.sources import Problem, SettingsInvalid, env_file_for_parts, read_values

HOME = ".shipmate"
Service = Literal["slack", "github", "claude"]
SERVICES: tuple[Service, ...] = ("slack", "github", "claude")


class Settings(BaseSettings):
    """The settings that every process reads: `home` is the absolute state folder, `stand_ins` are the services that are
    not real.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True, validate_default=True
    )

    home: Annotated[Path, AfterValidator(absolute)] = Field(
        default=Path(HOME), alias="SHIPMATE_HOME", description="A folder."
    )
    stand_ins: Annotated[frozenset[Service], BeforeValidator(split)] = Field(
        default=frozenset(), alias="SHIPMATE_STAND_INS", description="slack, github and claude, separated by commas."
    )
    log_level: LogLevel = Field(default="INFO", alias="LOG_LEVEL", description="DEBUG, INFO, WARNING or ERROR.")

    FURTHER: ClassVar[tuple[str, ...]] = ()
    """Names that are read besides the aliases of the fields."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings gives the signature
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values from `load` alone, which knows secret files and names every problem at once."""
        return (init_settings,)


class Role(Settings):
    """The settings that bot and worker share. `rules` are from the operator's file, whose path is `config`."""

    slack: Slack
    storage: Storage
    config: Path | None
    rules: Rules

    FURTHER: ClassVar[tuple[str, ...]] = ("SHIPMATE_CONFIG", "SHIPMATE_REPOSITORIES")


class BotSettings(Role):
    """The bot's: Slack's deliveries, GitHub's webhooks, pages."""

    slack: SlackApp
    web: Web


class WorkerSettings(Role):
    """A worker's: the keys of GitHub and Claude, the sandbox, and where packages may come from."""

    github: GitHub
    claude: Claude
    storage: StorageOfWorker
    work: Work
    setup: Setup
    network: Network


ROLES: tuple[type[Role], ...] = (BotSettings, WorkerSettings)
S = TypeVar("S", bound=Settings)


def groups(role: type[Settings]) -> dict[str, type[SettingsGroup]]:
    """Return the groups of a role's settings, by field."""
    kinds = {name: field.annotation for name, field in role.model_fields.items()}
    return {name: kind for name, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, SettingsGroup)}


def names(*roles: type[Settings]) -> tuple[str, ...]:
    """Return the names of the settings of `roles` (without any: of all), without the NAME_FILE variants."""
    return tuple(dict.fromkeys(name for role in roles or ROLES for name in (*_fields(role), *role.FURTHER)))


def secret_names(*roles: type[Settings]) -> frozenset[str]:
    """Return the names of the settings that may be given as NAME_FILE."""
    every = [_fields(role) for role in roles or ROLES]
    return frozenset(name for fields in every for name, field in fields.items() if "SecretStr" in repr(field))


def load(role: type[S], environ: Mapping[str, str] | None = None, env_file: Path | None = None) -> S:
    """Read and validate the settings of a role from `environ`, or from this process's own and its file of settings.

    Raises `SettingsInvalid` with all problems at once.
    """
    if environ is None:
        environ, env_file = os.environ, env_file or env_file_for_parts()
    values, problems = read_values(names(role), secret_names(role), environ, env_file)
    have = values.keys() | {problem.name.removesuffix("_FILE") for problem in problems}
    problems += [one for group in groups(role).values() for one in group.half_set(have)]
    if "ARTIFACTS_URL" in names(role):
        values.setdefault("ARTIFACTS_URL", str(absolute(Path(values.get("SHIPMATE_HOME", HOME))) / "artifacts"))
    given: dict[str, Any] = {name: values[name] for name in _aliases(role) if name in values}
    for field, group in groups(role).items():
        given[field] = {name: values[name] for name in _aliases(group) if name in values}
    if "rules" in role.model_fields:
        tables = {name for name in ("setup", "network") if name in role.model_fields}
        read = operator_file(values, problems, tables=frozenset(tables))
        given.update(config=read.path, rules=read.rules, **{name: getattr(read, name) for name in tables})
    try:
        settings = role(**given)
    except ValidationError as fault:
        problems += _problems(role, fault, {problem.name.removesuffix("_FILE") for problem in problems})
    if problems:
        raise SettingsInvalid(problems)
    return settings


def _aliases(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias: field for field in model.model_fields.values() if field.alias}


def _fields(role: type[Settings]) -> dict[str, FieldInfo]:
    found: dict[str, FieldInfo] = {}
    for model in (*groups(role).values(), role):
        found |= _aliases(model)
    return found


def _problems(role: type[Settings], fault: ValidationError, known: set[str]) -> Iterator[Problem]:
    fields = _fields(role)
    for error in fault.errors(include_input=False, include_url=False):
        name = next(str(part) for part in error["loc"] if part in fields)
        if name in known:
            continue
        missing = error["type"] == "missing"
        what = error["msg"].removeprefix("Value error, ")
        what = "is not set" if missing else what[:1].lower() + what[1:]
        fix = f"Expected: {fields[name].description}{' `shipmate up` starts one of its own.' if missing else ''}"
        yield Problem(name, what, fix, missing=missing)

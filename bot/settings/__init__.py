"""Every setting of Shipmate: one frozen model, a group per concern, read once at the start of a process.

Law: inner code gets plain values from here and reads no environment of its own. A field's alias is the name an operator
writes; `.env.example` lists exactly these names, and a test compares the two.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.domain.rules import Rules
from bot.settings.checks import http_url, private_key, slack_api_url, unserved_services, upper_case
from bot.settings.file import Network, Setup, read_hosts, read_rules
from bot.settings.sources import Problem, SettingsInvalid, read_values

HttpUrl = Annotated[str, AfterValidator(http_url)]


class Group(BaseModel):
    """A frozen group. Fields with an alias come from the setting of that name; the others are derived by `load`."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)


class Slack(Group):
    """How to reach Slack. `stand_in` means the playground's; Socket Mode is used where `app_token` is set."""

    bot_token: SecretStr = Field(alias="SLACK_BOT_TOKEN", description="A bot token, which begins with xoxb-.")
    signing_secret: SecretStr | None = Field(
        default=None,
        alias="SLACK_SIGNING_SECRET",
        description="The signing secret of Basic Information (for HTTP delivery).",
    )
    app_token: SecretStr | None = Field(
        default=None,
        alias="SLACK_APP_TOKEN",
        description="An app-level token with connections:write, which begins with xapp-.",
    )
    api_url: Annotated[str, AfterValidator(slack_api_url)] = Field(
        default="https://slack.com/api/", alias="SLACK_API_URL", description="A URL such as https://slack.com/api/."
    )
    stand_in: bool = False

    @property
    def socket_mode(self) -> bool:
        """Whether deliveries come through a connection of our own instead of HTTP requests to us."""
        return self.app_token is not None


class GitHub(Group):
    """How to reach GitHub: a token, or an app (id and private key, PEM text). URLs have no trailing slash."""

    token: SecretStr | None = Field(default=None, alias="GITHUB_TOKEN", description="A personal access token.")
    app_id: int | None = Field(
        default=None, ge=1, alias="GITHUB_APP_ID", description="The number on the app's settings page."
    )
    app_private_key: Annotated[SecretStr, AfterValidator(private_key)] | None = Field(
        default=None, alias="GITHUB_APP_PRIVATE_KEY", description="The app's RSA private key, the whole PEM text."
    )
    app_installation_id: int | None = Field(
        default=None, ge=1, alias="GITHUB_APP_INSTALLATION_ID", description="A number; leave it out to have it found."
    )
    webhook_secret: SecretStr | None = Field(
        default=None,
        alias="GITHUB_WEBHOOK_SECRET",
        description="The secret of the webhook; without one, GitHub is polled.",
    )
    api_url: HttpUrl = Field(
        default="https://api.github.com",
        alias="GITHUB_API_URL",
        description="A URL such as https://github.example.com/api/v3.",
    )
    server_url: HttpUrl = Field(
        default="https://github.com", alias="GITHUB_SERVER_URL", description="A URL such as https://github.example.com."
    )
    stand_in: bool = False


class Claude(Group):
    """How to reach Claude. With `stand_in` the model is scripted, and everything shown to a person has to say so."""

    api_key: SecretStr = Field(alias="ANTHROPIC_API_KEY", description="An API key, which begins with sk-ant-.")
    base_url: HttpUrl | None = Field(
        default=None, alias="ANTHROPIC_BASE_URL", description="A URL such as https://api.anthropic.com."
    )
    model: str = Field(
        default="claude-opus-5-5", alias="SHIPMATE_MODEL", description="The model that makes the changes."
    )
    second_model: str = Field(
        default="",
        alias="SHIPMATE_SECOND_MODEL",
        description="The model that goes on where the first one declines to answer; without it, the change is stuck.",
    )
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = Field(
        default=None, alias="SHIPMATE_EFFORT", description="low, medium, high, xhigh or max."
    )
    context_tokens: int = Field(
        default=200_000,
        ge=50_000,
        le=1_000_000,
        alias="SHIPMATE_CONTEXT_TOKENS",
        description="Tokens from 50000 to 1000000.",
    )
    judge_model: str = Field(
        default="",
        alias="SHIPMATE_JUDGE_MODEL",
        description="The model that reviews a change; without it, the one that makes the changes.",
    )
    judge_effort: Literal["low", "medium", "high", "xhigh", "max"] | None = Field(
        default=None, alias="SHIPMATE_JUDGE_EFFORT", description="low, medium, high, xhigh or max."
    )
    triage_model: str = Field(
        default="claude-haiku-5-5",
        alias="SHIPMATE_TRIAGE_MODEL",
        description="The model for titles and short summaries.",
    )
    stand_in: bool = False


class Storage(Group):
    """Broker, database and artifacts. The URLs may hold passwords; `embedded_broker` means that we run it ourselves."""

    redis_url: SecretStr = Field(
        alias="REDIS_URL", description="redis://, rediss:// or redis+socket://; without it a broker of our own runs."
    )
    database_url: SecretStr = Field(
        alias="DATABASE_URL", description="postgresql://user:password@host/name, or sqlite:////absolute/path.db."
    )
    artifacts_url: SecretStr = Field(
        alias="ARTIFACTS_URL", description="s3://bucket/prefix, file:///folder, or an absolute folder."
    )
    embedded_broker: bool = False


class Web(Group):
    """Where the bot listens, and the URL (no trailing slash) under which others reach it."""

    host: str = Field(default="127.0.0.1", alias="HOST", description="The address to listen on.")
    port: int = Field(default=8030, ge=1, le=65535, alias="PORT", description="A port from 1 to 65535.")
    public_url: HttpUrl = Field(
        default="", alias="PUBLIC_URL", description="A URL such as https://shipmate.example.com."
    )


class Work(Group):
    """How the workers work: the sandbox, and seconds of a claim's lease, between sweeps, between readings of GitHub."""

    sandbox: Literal["bubblewrap", "runner", "process"] = Field(
        default="bubblewrap",
        alias="SHIPMATE_SANDBOX",
        description="bubblewrap, runner (in a process without secrets), or process (no isolation; development only).",
    )
    runner_socket: Path | None = Field(
        default=None, alias="SHIPMATE_RUNNER_SOCKET", description="The socket of a runner that is started elsewhere."
    )
    toolbox: Path | None = Field(
        default=None, alias="SHIPMATE_TOOLBOX", description="A folder whose bin/ has test tools for sandboxes."
    )
    lease_seconds: float = Field(
        default=30, ge=1, le=3600, alias="SHIPMATE_LEASE_SECONDS", description="Seconds from 1 to 3600."
    )
    sweep_seconds: float = Field(
        default=2, ge=0.1, le=600, alias="SHIPMATE_SWEEP_SECONDS", description="Seconds, 0.1 to 600."
    )
    poll_seconds: float = Field(
        default=30, ge=0.1, le=3600, alias="SHIPMATE_POLL_SECONDS", description="Seconds, 0.1 to 3600."
    )
    reserve_mb: int = Field(
        default=200, ge=0, le=1_000_000, alias="SHIPMATE_RESERVE_MB", description="Megabytes from 0 to 1000000."
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(upper_case)] = Field(
        default="INFO", alias="LOG_LEVEL", description="DEBUG, INFO, WARNING or ERROR."
    )


class Settings(BaseSettings):
    """All of it. `home` is the absolute state folder; `notes` are sentences worth a line in the log at start."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid")

    slack: Slack
    github: GitHub
    claude: Claude
    storage: Storage
    web: Web
    work: Work
    home: Path
    config: Path | None
    rules: Rules
    setup: Setup = Setup()
    network: Network = Network()
    notes: tuple[str, ...] = ()

    GROUPS: ClassVar[Mapping[str, type[Group]]] = {
        "slack": Slack,
        "github": GitHub,
        "claude": Claude,
        "storage": Storage,
        "web": Web,
        "work": Work,
    }
    PLAIN: ClassVar[Mapping[str, str]] = {
        "SHIPMATE_HOME": ".shipmate",
        "SHIPMATE_CONFIG": "shipmate.toml",
        "SHIPMATE_REPOSITORIES": "",
    }

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings gives the signature
        init_settings: PydanticBaseSettingsSource,
        *_: Any,
        **__: Any,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Values come through `load` alone, which knows stand-ins, secret files and how to say what is wrong."""
        return (init_settings,)

    @property
    def stand_ins(self) -> frozenset[str]:
        """Which of "slack", "github" and "claude" are the playground's."""
        flags = {"slack": self.slack.stand_in, "github": self.github.stand_in, "claude": self.claude.stand_in}
        return frozenset(name for name, on in flags.items() if on)


def names() -> tuple[str, ...]:
    """Every setting's name, without the NAME_FILE variants, in the order of the model."""
    aliases = [str(f.alias) for group in Settings.GROUPS.values() for f in group.model_fields.values() if f.alias]
    return (*aliases, *Settings.PLAIN)


def secret_names() -> frozenset[str]:
    """The settings that may be given as NAME_FILE."""
    return frozenset(
        str(field.alias)
        for group in Settings.GROUPS.values()
        for field in group.model_fields.values()
        if field.alias and "SecretStr" in repr(field.annotation)
    )


def load(environ: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")) -> Settings:
    """Read, complete and validate every setting; `environ` is the process's own where it is not given.

    Stand-ins and embedded defaults fill what is not set: their secrets are made in the state folder on first use, so
    that every process of one home agrees. Raises `SettingsInvalid` with all problems at once.
    """
    from shipmate.embedded.defaults import complete

    values, problems = read_values(names(), secret_names(), os.environ if environ is None else environ, env_file)
    home = Path(values.get("SHIPMATE_HOME", Settings.PLAIN["SHIPMATE_HOME"])).expanduser().absolute()
    problems += unserved_services(values, {problem.name.removesuffix("_FILE") for problem in problems})
    completed = complete(values, home, problems)
    config = Path(values.get("SHIPMATE_CONFIG", Settings.PLAIN["SHIPMATE_CONFIG"])).expanduser()
    rules = read_rules(values, config, github_stand_in=completed.github_stand_in, problems=problems)
    groups: dict[str, Group] = {}
    for name, group in Settings.GROUPS.items():
        given = {
            str(f.alias): completed.values[f.alias] for f in group.model_fields.values() if f.alias in completed.values
        }
        try:
            groups[name] = group.model_validate({**given, **completed.derived.get(name, {})})
        except ValidationError as fault:
            problems += _problems(group, fault, {problem.name.removesuffix("_FILE") for problem in problems})
    if problems:
        raise SettingsInvalid(problems)
    used = config.absolute() if config.exists() else None
    setup, network = read_hosts(config)
    return Settings(
        **groups,  # type: ignore[arg-type]  # each group has its field's name
        home=home,
        config=used,
        rules=rules,
        setup=setup,
        network=network,
        notes=completed.notes,
    )


def _problems(group: type[Group], fault: ValidationError, known: set[str]) -> list[Problem]:
    found = []
    fields = {str(field.alias): field for field in group.model_fields.values() if field.alias}
    for error in fault.errors(include_input=False, include_url=False):
        name = str(error["loc"][0])
        if error["type"] == "missing" and known:
            continue  # a consequence of a service that is half set, which is said already
        if name in fields and name not in known:
            what = error["msg"].removeprefix("Value error, ")
            what = "is not set" if error["type"] == "missing" else what[:1].lower() + what[1:]
            found.append(Problem(name, what, f"Expected: {fields[name].description}"))
    return found

"""The settings by concern: a frozen group each, from which a role's settings are put together.

A field's alias is the name that an operator writes. A group with a field that its role does not use would make that
role ask for a secret it must not hold, so a concern that two roles use in part has two groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from bot.settings import checks
from bot.settings.sources import Problem

HttpUrl = Annotated[str, AfterValidator(checks.http_url)]
Key = Annotated[SecretStr, AfterValidator(checks.one_line)]
Effort = Literal["low", "medium", "high", "xhigh", "max"]


class SettingsGroup(BaseModel):
    """A frozen group, made from the set values of its aliases."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)

    @classmethod
    def half_set(cls, _have: Set[str]) -> Iterable[Problem]:
        """Name what is missing beside the settings in `_have`, or contradicts one of them."""
        return ()


class Slack(SettingsGroup):
    """How to call Slack's Web API."""

    bot_token: Annotated[Key, AfterValidator(checks.begins("xoxb-", "a bot token"))] = Field(
        alias="SLACK_BOT_TOKEN", description="A bot token, which begins with xoxb-."
    )
    api_url: Annotated[str, AfterValidator(checks.slack_api_url)] = Field(
        default="https://slack.com/api/", alias="SLACK_API_URL", description="A URL such as https://slack.com/api/."
    )


class SlackApp(Slack):
    """Slack as the bot knows it: also how deliveries arrive. With `app_token` that is Socket Mode."""

    signing_secret: Key | None = Field(
        default=None,
        alias="SLACK_SIGNING_SECRET",
        description="The signing secret of Basic Information (for HTTP delivery).",
    )
    app_token: Annotated[Key, AfterValidator(checks.begins("xapp-", "an app-level token"))] | None = Field(
        default=None,
        alias="SLACK_APP_TOKEN",
        description="An app-level token with connections:write, which begins with xapp-.",
    )

    @classmethod
    def half_set(cls, have: Set[str]) -> Iterable[Problem]:
        """Name what is missing for deliveries to arrive, or to be answered."""
        return checks.slack_half_set(have)


class GitHub(SettingsGroup):
    """How to reach GitHub: a token, or an app (id and private key, PEM text). URLs have no trailing slash."""

    token: Key | None = Field(default=None, alias="GITHUB_TOKEN", description="A personal access token.")
    app_id: int | None = Field(
        default=None, ge=1, alias="GITHUB_APP_ID", description="The number on the app's settings page."
    )
    app_private_key: Annotated[SecretStr, AfterValidator(checks.private_key)] | None = Field(
        default=None, alias="GITHUB_APP_PRIVATE_KEY", description="The app's RSA private key, the whole PEM text."
    )
    app_installation_id: int | None = Field(
        default=None, ge=1, alias="GITHUB_APP_INSTALLATION_ID", description="A number; leave it out to have it found."
    )
    api_url: HttpUrl = Field(
        default="https://api.github.com",
        alias="GITHUB_API_URL",
        description="A URL such as https://github.example.com/api/v3.",
    )
    server_url: HttpUrl = Field(
        default="https://github.com", alias="GITHUB_SERVER_URL", description="A URL such as https://github.example.com."
    )

    @model_validator(mode="before")
    @classmethod
    def _both_urls(cls, given: dict[str, str]) -> dict[str, str]:
        """Derive the REST base and the server of GitHub Enterprise from each other."""
        api, server = (given.get(name, "").rstrip("/") for name in ("GITHUB_API_URL", "GITHUB_SERVER_URL"))
        if api.endswith("/api/v3") and not server:
            return {**given, "GITHUB_SERVER_URL": api.removesuffix("/api/v3")}
        if server and not api and server != "https://github.com":
            return {**given, "GITHUB_API_URL": f"{server}/api/v3"}
        return given

    @classmethod
    def half_set(cls, have: Set[str]) -> Iterable[Problem]:
        """Name what is missing for a token or an app, and refuse both at once."""
        return checks.github_half_set(have)


class Claude(SettingsGroup):
    """How to reach Claude, and which models do what."""

    api_key: Key = Field(alias="ANTHROPIC_API_KEY", description="An API key, which begins with sk-ant-.")
    base_url: HttpUrl | None = Field(
        default=None, alias="ANTHROPIC_BASE_URL", description="A URL such as https://api.anthropic.com."
    )
    model: str = Field(
        default="claude-opus-5-5", alias="SHIPMATE_MODEL", description="The model that makes the changes."
    )
    second_model: str = Field(
        default="",
        alias="SHIPMATE_SECOND_MODEL",
        description="The model that takes over if the first one declines; without it, the change gets stuck.",
    )
    effort: Effort | None = Field(default=None, alias="SHIPMATE_EFFORT", description="low, medium, high, xhigh or max.")
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
    judge_effort: Effort | None = Field(
        default=None, alias="SHIPMATE_JUDGE_EFFORT", description="low, medium, high, xhigh or max."
    )
    triage_model: str = Field(
        default="claude-haiku-5-5",
        alias="SHIPMATE_TRIAGE_MODEL",
        description="The model for titles and short summaries.",
    )


class Storage(SettingsGroup):
    """Broker and database, whose URLs may hold passwords, and how much room work leaves on the disks."""

    redis_url: Annotated[SecretStr, AfterValidator(checks.redis_url)] = Field(
        alias="REDIS_URL", description="redis://:password@host:6379/0, rediss://... for TLS, or redis+socket:///path."
    )
    database_url: Annotated[SecretStr, AfterValidator(checks.database_url)] = Field(
        alias="DATABASE_URL", description="postgresql://user:password@host/name, or sqlite:////absolute/path.db."
    )
    reserve_mb: int = Field(
        default=200, ge=0, le=1_000_000, alias="SHIPMATE_RESERVE_MB", description="Megabytes from 0 to 1000000."
    )


class StorageOfWorker(Storage):
    """Storage as a worker uses it: with the artifacts, which no bot reads."""

    artifacts_url: Annotated[SecretStr, AfterValidator(checks.artifacts_url)] = Field(
        alias="ARTIFACTS_URL", description="s3://bucket/prefix, file:///folder, or an absolute folder."
    )


class Web(SettingsGroup):
    """Where the bot listens, the URL (no trailing slash) under which others reach it, and GitHub's webhook secret."""

    host: str = Field(default="127.0.0.1", alias="HOST", description="The address to listen on.")
    port: int = Field(default=8030, ge=1, le=65535, alias="PORT", description="A port from 1 to 65535.")
    public_url: HttpUrl = Field(
        default="", alias="PUBLIC_URL", description="A URL such as https://shipmate.example.com."
    )
    webhook_secret: Key | None = Field(
        default=None,
        alias="GITHUB_WEBHOOK_SECRET",
        description="The secret of the webhook; without one, GitHub is polled.",
    )

    @model_validator(mode="before")
    @classmethod
    def _local_url(cls, given: dict[str, str]) -> dict[str, str]:
        """Without a public URL, use the one on this machine."""
        port = given.get("PORT", "8030")
        if "PUBLIC_URL" in given or not (port.isdecimal() and 0 < int(port) < 65536):
            return given
        return {**given, "PUBLIC_URL": f"http://{reachable(given.get('HOST', '127.0.0.1'))}:{port}"}


def reachable(host: str) -> str:
    """Return the address at which this machine itself reaches a server that listens on `host`."""
    return "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104 - compared, not bound


class Work(SettingsGroup):
    """How a worker works: the sandbox, and seconds of a claim's lease, between sweeps, between readings of GitHub."""

    sandbox: Literal["bubblewrap", "runner", "process"] = Field(
        default="bubblewrap",
        alias="SHIPMATE_SANDBOX",
        description="bubblewrap, runner (in a process without secrets), or process (no isolation; development only).",
    )
    runner_socket: Path | None = Field(
        default=None, alias="SHIPMATE_RUNNER_SOCKET", description="The socket of a runner that you start yourself."
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


LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(checks.upper_case)]

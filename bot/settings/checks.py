"""What makes a single setting wrong, and which settings only make sense together.

Law: a message says what is wrong without repeating the value, since the value may be a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.settings.sources import Problem


def http_url(value: str) -> str:
    """An http(s) URL without user, query or fragment; a trailing slash is dropped."""
    if not value:
        return value
    try:
        parts = urlsplit(value)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError as fault:
        raise ValueError("is not a URL") from fault
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_fine:
        raise ValueError("is not an http:// or https:// URL with a host")
    if parts.username or parts.password:
        raise ValueError("must not hold a user name or password")
    if parts.query or parts.fragment or any(ch.isspace() for ch in value):
        raise ValueError("must be a plain URL, without ?, # or spaces")
    return value.rstrip("/")


def slack_api_url(value: str) -> str:
    """Like `http_url`, with the trailing slash that slack_sdk needs to join method names to it."""
    return f"{http_url(value)}/"


def upper_case(value: str) -> str:
    """Words such as log levels are accepted in any case."""
    return value.upper()


def private_key(value: SecretStr) -> SecretStr:
    """An RSA private key in PEM; the two characters `\\n`, as one-line files have them, become line breaks."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    text = value.get_secret_value().replace("\\n", "\n").strip() + "\n"
    if "PRIVATE KEY" not in text:
        raise ValueError("is not a PEM private key (no BEGIN ... PRIVATE KEY line)")
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError) as fault:
        raise ValueError("cannot be read as a PEM private key (cut off, or protected by a passphrase)") from fault
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("is not an RSA key, which GitHub Apps use")
    return SecretStr(text)


_ONE_LINE = (
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_APP_TOKEN",
    "GITHUB_TOKEN",
    "GITHUB_WEBHOOK_SECRET",
    "ANTHROPIC_API_KEY",
)
"""Keys that stand in a header or sign one: a line break there is another header, or a signature that never fits."""


def unserved_services(values: Mapping[str, str], unreadable: set[str]) -> list[Problem]:
    """Services that are half set: some of their keys are there, but not enough to reach them."""
    have = values.keys() | unreadable
    found: list[Problem] = []
    if "SLACK_BOT_TOKEN" in have and not have & {"SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"}:
        found.append(
            Problem(
                "SLACK_BOT_TOKEN",
                "is set, but nothing says how Slack's deliveries arrive",
                "Set SLACK_APP_TOKEN (Socket Mode, no public URL needed) or SLACK_SIGNING_SECRET (HTTP).",
            )
        )
    found += [
        Problem(
            name,
            "is set, but SLACK_BOT_TOKEN is not",
            "Set SLACK_BOT_TOKEN too, or unset both to use the Slack of the playground.",
        )
        for name in ("SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN")
        if name in have and "SLACK_BOT_TOKEN" not in have
    ]
    if "GITHUB_TOKEN" in have and have & {"GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY"}:
        found.append(
            Problem(
                "GITHUB_TOKEN", "is set beside a GitHub App", "Keep the token or the app, so that it is clear who acts."
            )
        )
    found += [
        Problem(missing, f"is not set, but {present} is", f"Set both, or unset {present}.")
        for present, missing in (
            ("GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY"),
            ("GITHUB_APP_PRIVATE_KEY", "GITHUB_APP_ID"),
            ("GITHUB_APP_INSTALLATION_ID", "GITHUB_APP_ID"),
        )
        if present in have and missing not in have
    ]
    for name, prefix, kind in (
        ("SLACK_BOT_TOKEN", "xoxb-", "a bot token"),
        ("SLACK_APP_TOKEN", "xapp-", "an app-level token"),
    ):
        if name in values and not values[name].startswith(prefix):
            found.append(
                Problem(
                    name,
                    f"is not {kind} (it does not begin with {prefix})",
                    "Copy it again from your Slack app's page.",
                )
            )
    found += [
        Problem(name, "holds a line break or another character that no key holds", "Copy it again, as one line.")
        for name in _ONE_LINE
        if not values.get(name, "").isprintable()
    ]
    return list({problem.name: problem for problem in found}.values())


def database_url(value: str, problems: list[Problem]) -> str:
    """The SQLAlchemy URL for a DATABASE_URL: PostgreSQL through psycopg 3, or a SQLite file."""
    mend = "Write postgresql://user:password@host:5432/name, or sqlite:////absolute/path/shipmate.db."
    scheme, found, rest = value.partition("://")
    if not found or not rest.strip("/"):
        problems.append(Problem("DATABASE_URL", "is not a database URL", mend))
        return value
    if scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
        try:
            parts = urlsplit(f"postgresql://{rest}")
            usable = bool(parts.path.strip("/")) and (parts.port is None or parts.port > 0)
        except ValueError:
            usable = False
        if not usable:
            problems.append(Problem("DATABASE_URL", "names no database, or its port is not a number", mend))
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite":
        return value
    problems.append(Problem("DATABASE_URL", f"{scheme}:// is not supported", mend))
    return value


def redis_url(value: str, problems: list[Problem]) -> str:
    """A Redis URL as kombu reads it; `unix://` is rewritten to kombu's `redis+socket://`."""
    scheme, found, rest = value.partition("://")
    mend = "Write redis://:password@host:6379/0, rediss://... for TLS, or redis+socket:///path/to/socket."
    if scheme == "unix" and rest:
        scheme = "redis+socket"
    if not found or not rest or scheme not in {"redis", "rediss", "redis+socket"}:
        problems.append(Problem("REDIS_URL", "is not a Redis URL", mend))
        return value
    if scheme != "redis+socket":
        try:
            parts = urlsplit(f"http://{rest}")
            usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            usable = False
        if not usable:
            problems.append(Problem("REDIS_URL", "has no host, or its port is not a number", mend))
    return f"{scheme}://{rest}"


def artifacts_url(value: str, problems: list[Problem]) -> str:
    """An `s3://` URL as given, or the absolute path of a folder."""
    if value.startswith("s3://") and len(value) > len("s3://"):
        return value
    path = value.removeprefix("file://")
    if path.startswith("/") and "://" not in path:
        return path
    problems.append(
        Problem(
            "ARTIFACTS_URL", "is neither an s3:// URL nor an absolute folder", "Write s3://bucket/prefix or /folder."
        )
    )
    return value

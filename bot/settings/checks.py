"""Checks of a single setting, and of settings that only make sense together.

Law: a message says what is wrong without repeating the value, since the value may be a secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.settings.sources import Problem


def http_url(value: str) -> str:
    """Return an http(s) URL without its trailing slash; refuse one with a user, query or fragment."""
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
    """Return the URL with the trailing slash that slack_sdk needs to join method names to it."""
    return f"{http_url(value)}/"


def upper_case(value: str) -> str:
    """Accept words such as log levels in any case."""
    return value.upper()


def private_key(value: SecretStr) -> SecretStr:
    """Return an RSA private key in PEM, with line breaks for the two characters `\\n` of one-line files."""
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


def one_line(value: SecretStr) -> SecretStr:
    """Refuse a key with a line break: in a header that is another header, and a signature by it never fits."""
    if not value.get_secret_value().isprintable():
        raise ValueError("holds a line break or another character that no key holds: copy it again, as one line")
    return value


def begins(prefix: str, kind: str) -> Callable[[SecretStr], SecretStr]:
    """Refuse a value that does not begin with `prefix`, as every `kind` does."""

    def check(value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(prefix):
            raise ValueError(
                f"is not {kind} (it does not begin with {prefix}): copy it again from your Slack app's page"
            )
        return value

    return check


def absolute(path: Path) -> Path:
    """Return the path from the root, with ~ replaced."""
    return path.expanduser().absolute()


def split(value: object) -> object:
    """Return the parts of a comma-separated text."""
    return frozenset(filter(None, value.replace(" ", "").split(","))) if isinstance(value, str) else value


def slack_half_set(have: Set[str]) -> Iterator[Problem]:
    """Name what a bot lacks to get Slack's deliveries, or to answer them."""
    if "SLACK_BOT_TOKEN" in have and not have & {"SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"}:
        yield Problem(
            "SLACK_BOT_TOKEN",
            "is set, but no way for Slack to deliver events is",
            "Set SLACK_APP_TOKEN (Socket Mode, no public URL needed) or SLACK_SIGNING_SECRET (HTTP).",
        )
    for name in ("SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"):
        if name in have and "SLACK_BOT_TOKEN" not in have:
            yield Problem(
                name,
                "is set, but SLACK_BOT_TOKEN is not",
                "Set SLACK_BOT_TOKEN too, or unset both: `shipmate up` then uses the Slack of the playground.",
            )


def github_half_set(have: Set[str]) -> Iterator[Problem]:
    """Name what a worker lacks to reach GitHub, and refuse two ways at once."""
    app = have & {"GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY", "GITHUB_APP_INSTALLATION_ID"}
    if "GITHUB_TOKEN" in have and have & {"GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY"}:
        fix = "Keep the token or the app, so that it is clear who acts."
        yield Problem("GITHUB_TOKEN", "is set beside a GitHub App", fix)
    if "GITHUB_TOKEN" not in have and not app:
        fix = "Set it, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY. `shipmate up` runs a stand-in without them."
        yield Problem("GITHUB_TOKEN", "is not set, and neither is a GitHub App", fix, missing=True)
    found = {
        missing: Problem(missing, f"is not set, but {present} is", f"Set both, or unset {present}.")
        for present, missing in (
            ("GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY"),
            ("GITHUB_APP_PRIVATE_KEY", "GITHUB_APP_ID"),
            ("GITHUB_APP_INSTALLATION_ID", "GITHUB_APP_ID"),
        )
        if present in have and missing not in have
    }
    yield from found.values()


def database_url(given: SecretStr) -> SecretStr:
    """Return the SQLAlchemy URL for a DATABASE_URL: PostgreSQL through psycopg 3, or a SQLite file."""
    value = given.get_secret_value()
    scheme, found, rest = value.partition("://")
    if not found or not rest.strip("/"):
        raise ValueError("is not a database URL")
    if scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
        try:
            parts = urlsplit(f"postgresql://{rest}")
            usable = bool(parts.path.strip("/")) and (parts.port is None or parts.port > 0)
        except ValueError:
            usable = False
        if not usable:
            raise ValueError("names no database, or its port is not a number")
        return SecretStr(f"postgresql+psycopg://{rest}")
    if scheme != "sqlite":
        raise ValueError(f"{scheme}:// is not supported")
    return given


def redis_url(given: SecretStr) -> SecretStr:
    """Return a Redis URL as kombu reads it; `unix://` becomes kombu's `redis+socket://`."""
    scheme, found, rest = given.get_secret_value().partition("://")
    if scheme == "unix" and rest:
        scheme = "redis+socket"
    if not found or not rest or scheme not in {"redis", "rediss", "redis+socket"}:
        raise ValueError("is not a Redis URL")
    if scheme != "redis+socket":
        try:
            parts = urlsplit(f"http://{rest}")
            usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            usable = False
        if not usable:
            raise ValueError("has no host, or its port is not a number")
    return SecretStr(f"{scheme}://{rest}")


def artifacts_url(given: SecretStr) -> SecretStr:
    """Return an `s3://` URL as given, or the absolute path of a folder."""
    value = given.get_secret_value()
    if value.startswith("s3://") and len(value) > len("s3://"):
        return given
    path = value.removeprefix("file://")
    if not path.startswith("/") or "://" in path:
        raise ValueError("is neither an s3:// URL nor an absolute folder")
    return SecretStr(path)

"""The broker: reachable, recent enough, and set never to drop a message."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import redis

from bot.checkup import Diagnosis, fail, ok, warn
from bot.settings import Role


def check(settings: Role, subject: str = "REDIS_URL", whose: str = "") -> list[Diagnosis]:
    """Look at version and settings of the server; `subject` and `whose` are for one that is not the operator's."""
    client = connect(settings.storage.redis_url.get_secret_value())
    try:
        info = client.info("server")
        version = str(info.get("valkey_version") or info.get("redis_version"))
        found = [ok(subject, f"{whose}{info.get('server_name', 'redis')} {version}")]
        if int(version.split(".", maxsplit=1)[0]) < 6:
            found.append(warn(subject, f"version {version} is old", "Use Redis 6.2 or newer, or Valkey."))
        return found + _policies(client, subject)
    except redis.AuthenticationError as fault:
        return [fail(subject, f"refuses the password: {fault}", "Correct the user or password in REDIS_URL.")]
    except redis.RedisError as fault:
        return [
            fail(subject, f"cannot be reached: {fault}", "Check host and port of REDIS_URL, and that the server runs.")
        ]
    finally:
        client.close()


def _policies(client: redis.Redis, subject: str) -> list[Diagnosis]:
    try:
        policy = str(client.config_get("maxmemory-policy").get("maxmemory-policy"))
        kept = str(client.config_get("appendonly").get("appendonly"))
    except redis.RedisError:
        fix = "Make sure that maxmemory-policy is noeviction and appendonly is yes."
        return [warn(subject, "does not show its settings", fix)]
    found = []
    if policy != "noeviction":
        says = f"maxmemory-policy is {policy}: under memory pressure it drops messages"
        found.append(
            warn(subject, says, "CONFIG SET maxmemory-policy noeviction (lost messages cost time, not changes).")
        )
    if kept != "yes":
        found.append(
            warn(
                subject,
                "appendonly is off: after a restart, work goes on some seconds later",
                "CONFIG SET appendonly yes.",
            )
        )
    return found or [ok(subject, "drops nothing (noeviction, append-only file)")]


def connect(url: str) -> redis.Redis:
    """Return a client for a URL as kombu writes it, which asks once and waits five seconds at most."""
    scheme, _, rest = url.partition("://")
    if scheme != "redis+socket":
        return redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5, retry=None)
    parts = urlsplit(f"http://{rest}")
    return redis.Redis(
        unix_socket_path=unquote(parts.path), password=unquote(parts.password or "") or None, socket_timeout=5
    )

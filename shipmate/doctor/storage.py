"""Database and artifacts: reachable, up to date, writable; and room on the disk."""

from __future__ import annotations

from pathlib import Path

from bot.artifacts import Artifacts
from bot.settings import Settings
from bot.store import Store, StoreDown
from bot.store.disk_space import disk_space_of
from shipmate.doctor import Finding, fail, ok, warn

_LITTLE = 2_000_000_000
_PROBE = b"written by `shipmate doctor`\n"


def database(settings: Settings) -> list[Finding]:
    """Connects, and compares the tables with what this version needs."""
    url = settings.storage.database_url.get_secret_value()
    kind = "PostgreSQL" if url.startswith("postgresql") else "SQLite"
    if kind == "SQLite" and not Path(url.removeprefix("sqlite:///")).exists():
        return [ok("database", f"SQLite in {settings.home}; it is made when Shipmate starts")]
    store = Store(url)
    try:
        if store.ready():
            return [ok("database", f"{kind}, its tables are up to date")]
        return [
            warn(
                "database", f"{kind}, its tables are not up to date", "Run `shipmate migrate`, or just start Shipmate."
            )
        ]
    except StoreDown as fault:
        return [
            fail("DATABASE_URL", f"cannot be reached: {fault}", "Check host, user, password and name in DATABASE_URL.")
        ]
    finally:
        store.close()


def artifacts(settings: Settings) -> list[Finding]:
    """Writes one small artifact (always the same) and reads it back."""
    where = settings.storage.artifacts_url.get_secret_value()
    mend = "Check that the folder or bucket in ARTIFACTS_URL exists and may be written; for s3:// install shipmate[s3]."
    try:
        kept = Artifacts(where)
        name = kept.put(_PROBE)
        if kept.get(name) != _PROBE:
            return [fail("ARTIFACTS_URL", "what was written comes back changed", mend)]
    except Exception as fault:  # any storage library may be behind it, each with its own errors
        return [fail("ARTIFACTS_URL", f"cannot be used: {type(fault).__name__}: {str(fault)[:200]}", mend)]
    return [ok("artifacts", f"can be written and read ({'a bucket' if where.startswith('s3:') else 'a folder'})")]


def disk(settings: Settings) -> list[Finding]:
    """Free space where Shipmate writes."""
    storage = settings.storage
    left = disk_space_of(
        settings.home,
        storage.database_url.get_secret_value(),
        storage.artifacts_url.get_secret_value(),
        settings.work.reserve_mb * 1_000_000,
    ).left()
    if left is None:
        return [warn("disk", "cannot be asked how full it is", "Check that SHIPMATE_HOME can be read.")]
    if left.short:
        mend = "All work waits until there is room: free some space, or move SHIPMATE_HOME to a larger disk."
        return [fail("disk", left.words(), mend)]
    if left.free < _LITTLE:
        return [warn("disk", left.words(), "Free some space: mirrors and checkouts of repositories need it.")]
    return [ok("disk", f"{left.free / 1e9:.1f} GB free at {left.folder}")]

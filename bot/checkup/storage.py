"""The database: reachable, up to date; and room on the disk."""

from __future__ import annotations

from pathlib import Path

from bot.checkup import Diagnosis, fail, ok, warn
from bot.settings import Role
from bot.store import Store, StoreDown
from bot.store.disk_space import disk_space_of

_LITTLE = 2_000_000_000


def database(settings: Role) -> list[Diagnosis]:
    """Connect, and compare the tables with what this version needs."""
    url = settings.storage.database_url.get_secret_value()
    kind = "PostgreSQL" if url.startswith("postgresql") else "SQLite"
    if kind == "SQLite" and not Path(url.removeprefix("sqlite:///")).exists():
        return [ok("database", f"SQLite in {settings.home}; it is made when Shipmate starts")]
    store = Store(url)
    try:
        if store.ready():
            return [ok("database", f"{kind}, its tables are up to date")]
        return [
            warn("database", f"{kind}, its tables are not up to date", "Start Shipmate, or run `shipmate migrate`.")
        ]
    except StoreDown as fault:
        return [
            fail("DATABASE_URL", f"cannot be reached: {fault}", "Check host, user, password and name in DATABASE_URL.")
        ]
    finally:
        store.close()


def disk(settings: Role, artifacts_url: str = "") -> list[Diagnosis]:
    """Look at the free space where Shipmate writes."""
    storage = settings.storage
    reserve = storage.reserve_mb * 1_000_000
    left = disk_space_of(settings.home, storage.database_url.get_secret_value(), artifacts_url, reserve).left()
    if left is None:
        return [warn("disk", "cannot be asked how full it is", "Check that SHIPMATE_HOME can be read.")]
    if left.short:
        fix = "Free some space, or move SHIPMATE_HOME to a larger disk. Until then all work waits."
        return [fail("disk", left.words(), fix)]
    if left.free < _LITTLE:
        return [warn("disk", left.words(), "Free some space: mirrors and checkouts of repositories need it.")]
    return [ok("disk", f"{left.free / 1e9:.1f} GB free at {left.folder}")]

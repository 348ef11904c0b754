"""What survives a restart, in one SQLite file: calls, cache entries, faults to come, and the signing key."""

from __future__ import annotations

import json
import secrets
import sqlite3
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS prefixes (hash TEXT PRIMARY KEY, seconds INTEGER NOT NULL, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS faults (id INTEGER PRIMARY KEY, remaining INTEGER NOT NULL, fault TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS calls (
  id INTEGER PRIMARY KEY, at REAL NOT NULL, request_hash TEXT NOT NULL, conversation TEXT NOT NULL,
  turn INTEGER NOT NULL, model TEXT NOT NULL, stream INTEGER NOT NULL, script TEXT NOT NULL, outcome TEXT NOT NULL,
  message_id TEXT NOT NULL DEFAULT '', usage TEXT NOT NULL DEFAULT '{}');
CREATE INDEX IF NOT EXISTS calls_by_request ON calls (request_hash);
"""


class State:
    """The file at `path`. Used from one event loop's thread only; every method is one short transaction."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)
        self._db.execute("INSERT OR IGNORE INTO meta VALUES ('signing_key', ?)", (secrets.token_hex(32),))
        self.signing_key = bytes.fromhex(self.get("signing_key", ""))

    def close(self) -> None:
        self._db.close()

    def get(self, name: str, default: str) -> str:
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(row["value"]) if row else default

    def put(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    # Prompt cache.

    def has_prefix(self, hash: str, now: float) -> bool:
        row = self._db.execute("SELECT 1 FROM prefixes WHERE hash = ? AND expires > ?", (hash, now)).fetchone()
        return row is not None

    def keep_prefix(self, hash: str, seconds: int, now: float) -> None:
        self._db.execute("DELETE FROM prefixes WHERE expires <= ?", (now,))
        self._db.execute("INSERT OR REPLACE INTO prefixes VALUES (?, ?, ?)", (hash, seconds, now + seconds))

    def refresh_prefix(self, hash: str, now: float) -> None:
        self._db.execute("UPDATE prefixes SET expires = ? + seconds WHERE hash = ?", (now, hash))

    # Faults to come.

    def add_fault(self, fault: dict[str, Any], times: int) -> None:
        self._db.execute("INSERT INTO faults (remaining, fault) VALUES (?, ?)", (times, json.dumps(fault)))

    def faults(self) -> list[tuple[int, int, dict[str, Any]]]:
        """Return every fault still due as (id, times left, fault), oldest first."""
        rows = self._db.execute("SELECT id, remaining, fault FROM faults WHERE remaining > 0 ORDER BY id").fetchall()
        return [(row["id"], row["remaining"], json.loads(row["fault"])) for row in rows]

    def use_fault(self, id: int) -> None:
        self._db.execute("UPDATE faults SET remaining = remaining - 1 WHERE id = ?", (id,))

    def clear_faults(self) -> None:
        self._db.execute("DELETE FROM faults")

    # Calls received.

    def open_call(
        self, at: float, *, request_hash: str, conversation: str, turn: int, model: str, stream: bool, script: str
    ) -> int:
        cursor = self._db.execute(
            "INSERT INTO calls (at, request_hash, conversation, turn, model, stream, script, outcome)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 'started')",
            (at, request_hash, conversation, turn, model, int(stream), script),
        )
        return int(cursor.lastrowid or 0)

    def close_call(self, id: int, outcome: str, message_id: str = "", usage: dict[str, Any] | None = None) -> None:
        self._db.execute(
            "UPDATE calls SET outcome = ?, message_id = ?, usage = ? WHERE id = ?",
            (outcome, message_id, json.dumps(usage or {}), id),
        )

    def calls(self) -> list[dict[str, Any]]:
        rows = self._db.execute("SELECT * FROM calls ORDER BY id").fetchall()
        return [{**dict(row), "stream": bool(row["stream"]), "usage": json.loads(row["usage"])} for row in rows]

    def clear_calls(self) -> None:
        self._db.execute("DELETE FROM calls")

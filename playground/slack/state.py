"""The workspace's memory: one SQLite file, so that a restart forgets nothing.

Law: called from the event loop's thread only; every call is one short statement, so nothing here is awaited.
"""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path
from typing import Any

Doc = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS docs (kind TEXT, id TEXT, doc TEXT NOT NULL, PRIMARY KEY (kind, id));
CREATE TABLE IF NOT EXISTS messages (channel TEXT, ts TEXT, thread_ts TEXT, doc TEXT NOT NULL,
  PRIMARY KEY (channel, ts));
CREATE INDEX IF NOT EXISTS replies ON messages (channel, thread_ts, ts);
CREATE TABLE IF NOT EXISTS ephemerals (channel TEXT, ts TEXT, user TEXT, doc TEXT NOT NULL,
  PRIMARY KEY (channel, ts));
CREATE TABLE IF NOT EXISTS reactions (channel TEXT, ts TEXT, name TEXT, user TEXT,
  PRIMARY KEY (channel, ts, name, user));
CREATE TABLE IF NOT EXISTS notifications (id INTEGER PRIMARY KEY, user TEXT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS blobs (id TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL,
  due REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL, log TEXT NOT NULL DEFAULT '[]');
CREATE INDEX IF NOT EXISTS waiting ON deliveries (state, due);
"""


class State:
    """Documents by kind and id, and the few things that are asked for in order."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)
        newest = self._one("SELECT max(ts) FROM (SELECT ts FROM messages UNION ALL SELECT ts FROM ephemerals)")
        self._last = int(newest.replace(".", "")) if newest else 0

    def close(self) -> None:
        self._db.close()

    def next_ts(self) -> str:
        """Return a message timestamp: `seconds.micros`, unique in the workspace and always rising, also over
        restarts.
        """
        self._last = max(time.time_ns() // 1000, self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def _one(self, sql: str, *values: Any) -> Any:
        row = self._db.execute(sql, values).fetchone()
        return row[0] if row else None

    def _docs(self, sql: str, *values: Any) -> list[Doc]:
        return [json.loads(row[0]) for row in self._db.execute(sql, values)]

    # Documents: users, channels, usergroups, views, homes, files, triggers, response_urls, read marks.
    def put(self, kind: str, key: str, doc: Doc) -> None:
        self._db.execute(
            "INSERT INTO docs VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET doc = excluded.doc",
            (kind, key, json.dumps(doc)),
        )

    def get(self, kind: str, key: str) -> Doc | None:
        found = self._one("SELECT doc FROM docs WHERE kind = ? AND id = ?", kind, key)
        return json.loads(found) if found else None

    def every(self, kind: str) -> list[Doc]:
        return self._docs("SELECT doc FROM docs WHERE kind = ? ORDER BY rowid", kind)

    def drop(self, kind: str, key: str) -> None:
        self._db.execute("DELETE FROM docs WHERE kind = ? AND id = ?", (kind, key))

    def put_blob(self, key: str, content: bytes) -> None:
        self._db.execute("INSERT OR REPLACE INTO blobs VALUES (?, ?)", (key, content))

    def blob(self, key: str) -> bytes | None:
        found = self._one("SELECT content FROM blobs WHERE id = ?", key)
        return bytes(found) if found is not None else None

    # Messages.
    def save_message(self, channel: str, doc: Doc) -> None:
        thread = doc.get("thread_ts") or doc["ts"]
        self._db.execute(
            "INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?)", (channel, doc["ts"], thread, json.dumps(doc))
        )

    def message(self, channel: str, ts: str) -> Doc | None:
        found = self._one("SELECT doc FROM messages WHERE channel = ? AND ts = ?", channel, ts)
        return json.loads(found) if found else None

    def remove_message(self, channel: str, ts: str) -> None:
        self._db.execute("DELETE FROM messages WHERE channel = ? AND ts = ?", (channel, ts))
        self._db.execute("DELETE FROM reactions WHERE channel = ? AND ts = ?", (channel, ts))

    def history(self, channel: str) -> list[Doc]:
        """Return top-level messages (and broadcast replies), oldest first."""
        return self._docs(
            "SELECT doc FROM messages WHERE channel = ?"
            " AND (thread_ts = ts OR json_extract(doc, '$.subtype') = 'thread_broadcast') ORDER BY ts",
            channel,
        )

    def last_message(self, channel: str) -> Doc | None:
        found = self._one(
            "SELECT doc FROM messages WHERE channel = ? AND thread_ts = ts ORDER BY ts DESC LIMIT 1", channel
        )
        return json.loads(found) if found else None

    def thread(self, channel: str, thread_ts: str) -> list[Doc]:
        """Return the root and its replies, oldest first."""
        return self._docs(
            "SELECT doc FROM messages WHERE channel = ? AND thread_ts = ? ORDER BY ts", channel, thread_ts
        )

    def save_ephemeral(self, channel: str, user: str, doc: Doc) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO ephemerals VALUES (?, ?, ?, ?)", (channel, doc["ts"], user, json.dumps(doc))
        )

    def ephemeral(self, channel: str, ts: str) -> tuple[str, Doc] | None:
        """Return the person who sees it, and the message."""
        row = self._db.execute(
            "SELECT user, doc FROM ephemerals WHERE channel = ? AND ts = ?", (channel, ts)
        ).fetchone()
        return (row[0], json.loads(row[1])) if row else None

    def ephemerals(self, user: str, channel: str | None = None) -> list[Doc]:
        return self._docs(
            "SELECT doc FROM ephemerals WHERE user = ? AND channel = coalesce(?, channel) ORDER BY ts", user, channel
        )

    def remove_ephemeral(self, channel: str, ts: str) -> None:
        self._db.execute("DELETE FROM ephemerals WHERE channel = ? AND ts = ?", (channel, ts))

    def add_reaction(self, channel: str, ts: str, name: str, user: str) -> bool:
        made = self._db.execute("INSERT OR IGNORE INTO reactions VALUES (?, ?, ?, ?)", (channel, ts, name, user))
        return made.rowcount == 1

    def remove_reaction(self, channel: str, ts: str, name: str, user: str) -> bool:
        gone = self._db.execute(
            "DELETE FROM reactions WHERE channel = ? AND ts = ? AND name = ? AND user = ?", (channel, ts, name, user)
        )
        return gone.rowcount == 1

    def reactions(self, channel: str, ts: str) -> list[Doc]:
        found: dict[str, list[str]] = {}
        rows = self._db.execute(
            "SELECT name, user FROM reactions WHERE channel = ? AND ts = ? ORDER BY rowid", (channel, ts)
        )
        for name, user in rows:
            found.setdefault(name, []).append(user)
        return [{"name": name, "users": users, "count": len(users)} for name, users in found.items()]

    def add_notification(self, user: str, doc: Doc) -> int:
        made = self._db.execute("INSERT INTO notifications (user, doc) VALUES (?, ?)", (user, json.dumps(doc)))
        return int(made.lastrowid or 0)

    def notifications(self, user: str) -> list[Doc]:
        return self._docs("SELECT doc FROM notifications WHERE user = ? ORDER BY id", user)

    # Deliveries: state is waiting | held | delivered | failed; `due` is a Unix time.
    def add_delivery(self, kind: str, body: Doc, state: str, due: float) -> int:
        made = self._db.execute(
            "INSERT INTO deliveries (kind, state, due, body) VALUES (?, ?, ?, ?)", (kind, state, due, json.dumps(body))
        )
        return int(made.lastrowid or 0)

    def deliveries(self, states: tuple[str, ...]) -> list[Doc]:
        marks = ",".join("?" * len(states))
        columns = "id, kind, state, due, attempts, body, log"
        sql = f"SELECT {columns} FROM deliveries WHERE state IN ({marks}) ORDER BY id"  # noqa: S608  (marks alone)
        return [
            {"id": i, "kind": k, "state": s, "due": d, "attempts": a, "body": json.loads(b), "log": json.loads(lg)}
            for i, k, s, d, a, b, lg in self._db.execute(sql, states)
        ]

    def note_attempt(self, delivery: int, state: str, due: float, attempts: int, log: list[Doc]) -> None:
        self._db.execute(
            "UPDATE deliveries SET state = ?, due = ?, attempts = ?, log = ? WHERE id = ?",
            (state, due, attempts, json.dumps(log), delivery),
        )

    def move_deliveries(self, old: str, new: str) -> None:
        self._db.execute("UPDATE deliveries SET state = ? WHERE state = ?", (new, old))

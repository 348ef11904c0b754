"""The stand-in's memory: one SQLite file of JSON documents, so that everything survives a restart.

Law: a document is replaced whole under the lock; nobody keeps one over a call that may change it.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Doc = dict[str, Any]

_SCHEMA = """
create table if not exists documents (
    kind text not null, id integer not null, repo integer not null, key text not null, body text not null,
    primary key (kind, id));
create index if not exists documents_by_key on documents (kind, repo, key);
create table if not exists counters (name text primary key, value integer not null);
create table if not exists requests (
    id integer primary key, at real not null, method text not null, route text not null, path text not null,
    status integer not null, actor text not null);
"""


def now() -> str:
    """Return this second as GitHub writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Store:
    """Documents by kind and id. `key` is an optional second name (a sha, a branch) to find them by."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=normal")
        self._db.executescript(_SCHEMA)
        self._depth = 0

    def close(self) -> None:
        with self.lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Provide all or nothing; may be nested (the outermost one counts)."""
        with self.lock:
            outermost = self._depth == 0
            if outermost:
                self._db.execute("begin immediate")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if outermost:
                    self._db.execute("rollback")
                raise
            self._depth -= 1
            if outermost:
                self._db.execute("commit")

    def next(self, counter: str, start: int = 1) -> int:
        with self.transaction():
            row = self._db.execute("select value from counters where name = ?", (counter,)).fetchone()
            value = row[0] + 1 if row else start
            self._db.execute("insert or replace into counters values (?, ?)", (counter, value))
        return int(value)

    def add(self, kind: str, body: Doc, *, repo: int = 0, key: str = "") -> Doc:
        """Store a new document; it gets `id`, and keeps `repo_id` beside its own fields."""
        with self.transaction():
            body = {**body, "id": self.next(kind, 1001), "repo_id": repo}
            self._db.execute(
                "insert into documents values (?, ?, ?, ?, ?)", (kind, body["id"], repo, key, json.dumps(body))
            )
        return body

    def get(self, kind: str, ident: int) -> Doc | None:
        with self.lock:
            row = self._db.execute("select body from documents where kind = ? and id = ?", (kind, ident)).fetchone()
        return json.loads(row[0]) if row else None

    def update(self, kind: str, ident: int, *, rekey: str | None = None, **changes: Any) -> Doc:
        """Change fields of one document (and its key with `rekey`); the new one. Raises KeyError when it is gone."""
        with self.transaction():
            body = self.get(kind, ident)
            if body is None:
                raise KeyError(f"{kind} {ident}")
            body.update(changes)
            self._db.execute(
                "update documents set body = ?, key = coalesce(?, key) where kind = ? and id = ?",
                (json.dumps(body), rekey, kind, ident),
            )
        return body

    def remove(self, kind: str, ident: int) -> None:
        with self.transaction():
            self._db.execute("delete from documents where kind = ? and id = ?", (kind, ident))

    def find(
        self,
        kind: str,
        *,
        repo: int | None = None,
        key: str | None = None,
        where: Callable[[Doc], bool] | None = None,
    ) -> list[Doc]:
        """Return documents in the order they were added."""
        query = "select body from documents where kind = ?"
        bound: list[Any] = [kind]
        if repo is not None:
            query += " and repo = ?"
            bound.append(repo)
        if key is not None:
            query += " and key = ?"
            bound.append(key)
        with self.lock:
            rows = self._db.execute(query + " order by id", bound).fetchall()
        found = [json.loads(row[0]) for row in rows]
        return [body for body in found if where(body)] if where else found

    def one(self, kind: str, *, repo: int | None = None, key: str | None = None) -> Doc | None:
        found = self.find(kind, repo=repo, key=key)
        return found[-1] if found else None

    def log_request(self, at: float, method: str, route: str, path: str, status: int, actor: str) -> None:
        with self.transaction():
            self._db.execute(
                "insert into requests (at, method, route, path, status, actor) values (?, ?, ?, ?, ?, ?)",
                (at, method, route, path, status, actor),
            )

    def requests(self, *, since: float = 0.0, limit: int = 1000) -> list[Doc]:
        """Return the newest calls, oldest first."""
        with self.lock:
            rows = self._db.execute(
                "select at, method, route, path, status, actor from requests where at >= ? order by id desc limit ?",
                (since, limit),
            ).fetchall()
        names = ("at", "method", "route", "path", "status", "actor")
        return [dict(zip(names, row, strict=True)) for row in reversed(rows)]

    def request_counts(self) -> dict[str, int]:
        with self.lock:
            rows = self._db.execute("select method || ' ' || route, count(*) from requests group by 1").fetchall()
        return {row[0]: row[1] for row in rows}

    def calls_since(self, at: float) -> int:
        with self.lock:
            row = self._db.execute("select count(*) from requests where at >= ?", (at,)).fetchone()
        return int(row[0])

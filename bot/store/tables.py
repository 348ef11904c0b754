"""The tables. Times are seconds of the epoch on the database's own clock; JSON is text, so that hashes are stable.

Law: the column lists here and the newest migration say the same; a test compares them.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_serial = BigInteger().with_variant(Integer, "sqlite")

changes = Table(
    "changes",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("phase", String(16), nullable=False),
    Column("team", String(32), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("thread_ts", String(32), nullable=False),
    Column("requester", String(32), nullable=False),
    Column("repository", String(200)),
    Column("branch", String(200)),
    Column("pull_number", Integer),
    Column("undo_number", Integer),
    Column("state", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    UniqueConstraint("team", "channel", "thread_ts", name="uq_changes_thread"),
    Index("ix_changes_pull", "repository", "pull_number"),
    Index("ix_changes_updated_at", "updated_at"),
)

journal = Table(
    "journal",
    metadata,
    Column("seq", _serial, primary_key=True, autoincrement=True),
    Column("change_id", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("key", String(200), nullable=False, unique=True),
    Column("at", Float, nullable=False),
    Column("event", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_journal_change", "change_id", "seq"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _serial, primary_key=True, autoincrement=True),
    Column("change_id", String(32), nullable=False),
    Column("lane", String(8), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("run_after", Float, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("attempts", Integer, nullable=False, default=0),
    Column("fence", Integer, nullable=False, default=0),
    Column("nudged", Integer, nullable=False, default=0),
    Column("hintable", Integer, nullable=False, default=0),
    Column("lease_until", Float),
    Column("owner", String(80)),
    Column("created_at", Float, nullable=False),
    Column("started_at", Float),
    Column("done_at", Float),
    Index("ix_outbox_open", "state", "run_after"),
    Index("ix_outbox_change", "change_id", "lane", "state"),
)

turns = Table(
    "turns",
    metadata,
    Column("change_id", String(32), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("request_hash", String(64), nullable=False),
    Column("begun", Integer, nullable=False),
    Column("reply", Text),
    Column("stop_reason", String(40)),
    Column("usage", Text, nullable=False),
    Column("results", Text),
    Column("tree", String(64)),
    Column("notes_read", Integer, nullable=False),
    Column("at", Float, nullable=False),
    Column("model", String(80), nullable=False, server_default=""),
)

calls = Table(
    "calls",
    metadata,
    Column("change_id", String(32), primary_key=True),
    Column("request_hash", String(64), primary_key=True),
    Column("begun", Integer, nullable=False),
    Column("reply", Text),
    Column("at", Float, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", _serial, primary_key=True, autoincrement=True),
    Column("source", String(8), nullable=False),
    Column("key", String(200), nullable=False),
    Column("message", String(100)),
    Column("body", LargeBinary, nullable=False),
    Column("headers", Text, nullable=False),
    Column("received_at", Float, nullable=False),
    Column("taken_at", Float, nullable=False),
    Column("done_at", Float),
    UniqueConstraint("source", "key", name="uq_deliveries_key"),
    UniqueConstraint("source", "message", name="uq_deliveries_message"),
    Index("ix_deliveries_undone", "done_at", "taken_at"),
)

locks = Table(
    "locks",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("until", Float, nullable=False),
)

marks = Table(
    "marks",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("value", Float, nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(64), nullable=False),
)

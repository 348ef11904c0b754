"""A real PostgreSQL for the tests: one cluster per test process, one database per test, gone afterwards.

Law: a missing PostgreSQL fails the run; nothing is ever skipped for want of it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

MISSING = (
    "PostgreSQL's server programs (initdb, postgres) are needed and were not found on the PATH, by pg_config or under "
    "/usr/lib/postgresql. Get them with: apt-get install postgresql"
)


def programs() -> Path:
    """The folder with `initdb` and `postgres`."""
    found = [Path(path).resolve().parent for path in (shutil.which("postgres"), shutil.which("initdb")) if path]
    if config := shutil.which("pg_config"):
        said = subprocess.run([config, "--bindir"], capture_output=True, encoding="utf-8", timeout=20, check=True)
        found.append(Path(said.stdout.strip()))
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda at: int(at.parent.name.split(".")[0]))
    for folder in (*found, *reversed(newest)):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise AssertionError(MISSING)


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: who it runs as instead, as arguments of `subprocess`."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise AssertionError("root runs the tests, and there is neither a user postgres nor nobody")


@dataclass
class Cluster:
    """A running server on 127.0.0.1 and a private socket."""

    folder: Path
    port: int
    server: subprocess.Popen[bytes] | None = None
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        return f"postgresql://tester@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template1") -> str:
        """The URL of a new database, a copy of `template`; `drop` it when done."""
        name = f"t{next(self._numbers)}"
        self._administer(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop(self, url: str) -> None:
        self._administer(f"DROP DATABASE IF EXISTS {url.rsplit('/', 1)[1]} WITH (FORCE)")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = [str(programs() / "postgres"), "-D", str(self.folder / "data")]
        with (self.folder / "log").open("ab") as log:
            self.server = subprocess.Popen(command, stdout=log, stderr=log, **_unprivileged())
        deadline = time.monotonic() + 60
        while not self.answers():
            said = (self.folder / "log").read_text(errors="replace")[-2000:]
            assert self.server.poll() is None, f"PostgreSQL ended at once:\n{said}"
            assert time.monotonic() < deadline, f"PostgreSQL did not answer:\n{said}"
            time.sleep(0.02)

    def kill(self) -> None:
        """End the server at once, as a crash of its machine would: recovery happens at the next start."""
        if self.server is not None:
            self.server.send_signal(signal.SIGQUIT)
            self.server.wait(60)
            self.server = None

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _administer(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A new cluster, running; removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="shipmate-postgres-"))
    rights = _unprivileged()
    if rights:
        os.chown(folder, rights["user"], rights["group"])
    made = Cluster(folder, _free_port())
    try:
        initdb = [str(programs() / "initdb"), "-D", str(folder / "data"), "-U", "tester", "-A", "trust", "-E", "UTF8"]
        initdb += ["--no-sync", "--locale=C"]
        run = subprocess.run(initdb, check=False, capture_output=True, timeout=120, **rights)
        assert run.returncode == 0, run.stderr.decode(errors="replace")
        with (folder / "data" / "postgresql.conf").open("a") as conf:
            conf.write(f"listen_addresses = '127.0.0.1'\nport = {made.port}\n")
            conf.write(f"unix_socket_directories = '{folder}'\nmax_connections = 200\n")
            # The tests kill processes and never cut the power: what was written reaches the disk in its own time.
            conf.write("fsync = off\nfull_page_writes = off\nautovacuum = off\n")
            conf.write("wal_level = minimal\nmax_wal_senders = 0\nshared_buffers = 32MB\n")
        made.start()
        yield made
    finally:
        made.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

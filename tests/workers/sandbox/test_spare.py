"""A spare joins its group before anything, knows nothing, is replaced when it died, and ends with its worker."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from workers.sandbox import cgroups
from workers.sandbox.launcher import SandboxStartFailed
from workers.sandbox.spare import PROGRAM, Spare, Spares


@pytest.fixture
def spares() -> Iterator[Spares]:
    kept = Spares(64)
    yield kept
    kept.close()


def test_a_spare_becomes_the_command_in_its_folder_without_an_environment(spares: Spares, tmp_path: Path) -> None:
    read, write = os.pipe()
    spare = spares.take()
    process = spare.become(["/bin/sh", "-c", "pwd >&7; env >&7; ls /proc/self/fd >&7"], [(write, 7)], str(tmp_path))
    os.close(write)
    with os.fdopen(read) as said:
        lines = said.read().split()
    assert process.wait(60) == 0
    assert lines[0] == str(tmp_path)
    assert {line.partition("=")[0] for line in lines[1:] if "=" in line} <= {"PWD", "OLDPWD", "SHLVL", "_"}
    assert {"7"} <= {line for line in lines if line.isdigit()} <= {"0", "1", "2", "3", "7"}


def test_a_spare_stands_in_its_control_group_before_it_becomes_anything(spares: Spares) -> None:
    spare = spares.take()
    if spare.group is None:
        pytest.skip("this host gives us no control groups")
    name = spare.group.folders[0].name
    assert name in Path(f"/proc/{spare.process.pid}/cgroup").read_text(encoding="utf-8")
    spare.end()
    assert not any(folder.exists() for folder in spare.group.folders)


def test_outside_its_control_group_it_becomes_nothing(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        argv = [sys.executable, "-I", "-S", str(PROGRAM), str(theirs.fileno()), str(tmp_path / "no-such-group")]
        ended = subprocess.run(argv, pass_fds=[theirs.fileno()], capture_output=True, timeout=20, check=False)
    assert ended.returncode == 125
    assert b"cgroup.procs cannot be joined" in ended.stderr


def test_one_that_died_while_it_waited_is_replaced(spares: Spares) -> None:
    spares.refill()
    first = spares.take()
    spares.refill()
    second = spares.take()
    second.process.kill()
    second.process.wait()
    spares._next = _done(second)
    third = spares.take()
    assert third.waits()
    assert {first.process.pid, second.process.pid}.isdisjoint({third.process.pid})
    first.end()
    third.end()


def test_it_ends_when_its_worker_is_gone(spares: Spares) -> None:
    spare = spares.take()
    spare.line.close()
    watch = os.pidfd_open(spare.process.pid)
    assert select.select([watch], [], [], 10)[0]
    os.close(watch)
    spare.end()


def test_a_command_that_is_not_there_says_so(spares: Spares, tmp_path: Path) -> None:
    read, write = os.pipe()
    process = spares.take().become(["/no/such/program"], [(write, 2)], str(tmp_path))
    os.close(write)
    with os.fdopen(read) as said:
        assert said.read() == "/no/such/program: No such file or directory\n"
    assert process.wait(60) == 124


def test_one_that_is_gone_cannot_become_anything(spares: Spares, tmp_path: Path) -> None:
    spare = spares.take()
    spare.process.kill()
    spare.process.wait()
    with pytest.raises(SandboxStartFailed):
        spare.become(["/bin/true"], [], str(tmp_path))


def test_closing_leaves_no_process_and_no_group() -> None:
    kept = Spares(64)
    kept.refill()
    waiting = kept._next
    assert waiting is not None
    spare = waiting.result(10)
    kept.close()
    assert spare.process.returncode is not None
    assert spare.group is None or not any(folder.exists() for folder in spare.group.folders)
    assert cgroups.MOST_PROCESSES > 0


def _done(spare: Spare) -> Future[Spare]:
    future: Future[Spare] = Future()
    future.set_result(spare)
    return future

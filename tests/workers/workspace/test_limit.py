"""A workspace may grow so far, in bytes and in files, whoever writes it and when; then it is ended in words."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.workers.workspace.conftest import tip
from tests.workers.workspace.overlaid import Ground
from workers.sandbox import gauge
from workers.sandbox.long_lived import LongLivedSandbox
from workers.sandbox.session import BashSession
from workers.workspace import Workspace, WorkspaceLimit
from workers.workspace.mirror import BareMirror


@pytest.fixture(autouse=True)
def any_growth_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gauge, "_BYTES", 0)
    monkeypatch.setattr(gauge, "_FILES", 0)


@pytest.fixture(params=[True, False], ids=["over", "plain"])
def small(request: pytest.FixtureRequest, mirror: BareMirror, tmp_path: Path) -> Workspace:
    made = Ground(mirror, tmp_path).workspace(tip(mirror), layers=request.param)
    return replace(made, limit=WorkspaceLimit(bytes=8 << 20, files=300))


def test_a_command_that_writes_too_much_is_ended(mirror: BareMirror, tmp_path: Path, small: Workspace) -> None:
    with Ground(mirror, tmp_path).session(small) as session:
        ran = session.run("while :; do head -c 1000000 /dev/urandom >>big; done")
        assert (ran.exit_code, ran.flooded) == (None, True)
        assert "more than the 8 MB" in ran.output
        assert session.run("rm big; ls").exit_code == 0


def test_a_command_that_makes_too_many_files_is_ended(mirror: BareMirror, tmp_path: Path, small: Workspace) -> None:
    with Ground(mirror, tmp_path).session(small) as session:
        ran = session.shell("n=0; while :; do n=$((n+1)); : >f$n; done")
        assert (ran.exit_code, ran.flooded) == (None, True)
        assert "more than the 300 files" in ran.output


def test_what_runs_between_two_commands_is_watched_too(mirror: BareMirror, tmp_path: Path, small: Workspace) -> None:
    with Ground(mirror, tmp_path).session(small) as session:
        session.shell("(while :; do head -c 1000000 /dev/urandom >>big; done) &")
        assert isinstance(session, BashSession)
        assert isinstance(session._starter, LongLivedSandbox)
        sandbox = session._starter._sandbox
        assert sandbox is not None
        assert until(sandbox.ended)


def test_work_within_the_room_is_let_be(mirror: BareMirror, tmp_path: Path, small: Workspace) -> None:
    with Ground(mirror, tmp_path).session(small) as session:
        assert session.run("for i in $(seq 100); do head -c 10000 /dev/zero >f$i; done; sleep 0.6").exit_code == 0


def until(fact: Callable[[], object], seconds: float = 20.0) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.05)
    return True

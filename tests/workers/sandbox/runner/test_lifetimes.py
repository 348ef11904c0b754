"""What happens to sessions when one of the two processes is gone."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.workers.sandbox.runner.running import REPOSITORY, Runner, command, running, until
from tests.workers.sandbox.test_session import alive, nap
from workers import TryAgain
from workers.sandbox import SandboxUnavailable
from workers.sandbox.runner.box import RunnerSandbox
from workers.sandbox.runner.client import RunnerGone
from workers.sandbox.session import BashSession
from workers.stages.provision import sandboxed

__all__ = ["nap"]


def test_a_killed_worker_leaves_nothing_in_the_runner(nap: str, runner: Runner, workspace: Path) -> None:
    code = f"""
from pathlib import Path
from types import SimpleNamespace
from workers.sandbox.runner.box import RunnerSandbox
session = RunnerSandbox(Path({str(runner.root)!r})).open(Path({str(workspace)!r}))
session.shell("setsid sleep {nap} >/dev/null 2>&1 &")
print("ready", flush=True)
session.run("sleep {nap}")
"""
    worker = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=REPOSITORY)
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"ready\n"
    assert until(lambda: len(alive(f"sleep\x00{nap}\x00")) == 2)
    worker.kill()
    worker.wait()
    worker.stdout.close()
    assert until(lambda: not alive(nap))
    assert runner.box().probe() == ()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_runner_that_goes_takes_its_sandboxes_and_the_stage_is_tried_again(
    number: signal.Signals, nap: str, tmp_path: Path
) -> None:
    said = []

    def long(session: BashSession) -> None:
        with pytest.raises(TryAgain) as gone:
            session.run(f"sleep {nap}")
        said.append(str(gone.value))

    with running(tmp_path) as runner:
        session = runner.box().open(runner.place("c1"))
        session.shell(f"sleep {nap} &")
        thread = threading.Thread(target=long, args=(session,))
        thread.start()
        assert until(lambda: len(alive(f"sleep\x00{nap}\x00")) == 2)
        runner.process.send_signal(number)
        runner.process.wait(60)
        thread.join(60)
        assert until(lambda: not alive(nap))
        with pytest.raises(RunnerGone):
            session.shell("true")
        session.close()
    assert "runner" in said[0]


def test_a_session_that_a_fresh_runner_does_not_know_is_tried_again(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        session = first.box().open(first.place("c1"))
        first.process.kill()
        first.process.wait()
    with running(tmp_path):
        with pytest.raises(RunnerGone, match="was restarted"):
            session.run("true")
        session.close()
        with pytest.raises(RuntimeError, match="closed"):
            session.run("true")


def test_the_next_runner_is_found_where_the_last_one_was_killed(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        place = first.place("c1")
        box = first.box()
        assert box.open(place).run("echo a >kept").exit_code == 0
        first.process.kill()
        first.process.wait()
    with pytest.raises(RunnerGone):
        box.open(place)
    with running(tmp_path):
        session = box.open(place)
        assert session.run("cat kept").output == "a\n"
        session.close()


def test_two_runners_do_not_share_one_socket(runner: Runner) -> None:
    second = subprocess.run(
        command(runner.root), cwd=REPOSITORY, capture_output=True, env={"PATH": "/usr/bin:/bin"}, check=False
    )
    assert second.returncode == 2
    assert b"another runner listens there" in second.stderr
    assert runner.box().layers(runner.root) in {True, False}


def test_a_worker_without_a_runner_is_told_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable, match="shipmate runner"):
        RunnerSandbox(tmp_path, start_seconds=0).probe()


def test_a_worker_waits_for_a_runner_that_is_just_starting(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(RunnerSandbox(tmp_path, start_seconds=60).probe)
        with running(tmp_path):
            assert found.result(60) == ()


def test_two_hundred_sessions_live_at_the_same_time(runner: Runner, tmp_path: Path) -> None:
    place = runner.place(f"{tmp_path.name}-many")
    box = runner.box()
    with ThreadPoolExecutor(16) as pool:
        sessions = list(pool.map(lambda _: box.open(place), range(200)))
        said = list(pool.map(lambda at: sessions[at].run(f"echo {at}").output, range(0, 200, 10)))
        list(pool.map(lambda session: session.close(), sessions))
    assert said == [f"{at}\n" for at in range(0, 200, 10)]


def test_a_stage_that_finds_no_runner_comes_back_and_does_not_give_up(tmp_path: Path) -> None:
    place = tmp_path / "checkouts" / "c1"
    place.mkdir(parents=True)
    context: Any = SimpleNamespace(tools=SimpleNamespace(sandbox=RunnerSandbox(tmp_path)))
    with pytest.raises(TryAgain, match="cannot be reached") as again, sandboxed(context, place):
        pass
    assert again.value.after_seconds > 0
    assert not again.value.counts

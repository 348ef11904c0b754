"""Sessions: limits, cancelling, the persistent bash, and that nothing outlives them. Both kinds of sandbox."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workers.sandbox import Limits, leftovers
from workers.sandbox.bubblewrap import Bubblewrap
from workers.sandbox.long_lived import LongLivedSandbox, process_one
from workers.sandbox.process import ProcessSandbox, _Starter
from workers.sandbox.session import BashSession

TOOLBOX = Path(__file__).resolve().parents[3] / ".toolbox"


@pytest.fixture(params=["bubblewrap", "process"])
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Bubblewrap | ProcessSandbox:
    kind = Bubblewrap if request.param == "bubblewrap" else ProcessSandbox
    return kind(tmp_path / "home", TOOLBOX)


@pytest.fixture
def any_session(box: Bubblewrap | ProcessSandbox, workspace: Path) -> Iterator[BashSession]:
    made = box.open(workspace)
    yield made
    made.close()


@pytest.fixture
def nap() -> str:
    """A number of seconds that no other process of this machine sleeps for."""
    return f"60.{secrets.randbelow(10**12):012d}"


def alive(mark: str) -> list[str]:
    """Host pids of processes whose command line holds `mark`."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):  # it ended meanwhile; even a look at its folder fails then
            if mark.encode() in Path("/proc", name, "cmdline").read_bytes():
                found.append(name)
    return found


def until(fact: Callable[[], object], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.02)
    return True


def test_a_command_gives_its_exit_code_and_both_streams_in_order(any_session: BashSession) -> None:
    ran = any_session.run("echo out; echo err >&2; exit 3")
    assert (ran.exit_code, ran.output) == (3, "out\nerr\n")


def test_stdin_and_environment_are_given_to_one_command(any_session: BashSession) -> None:
    assert any_session.run("cat; echo $WORD", stdin=b"in:", env={"WORD": "word"}).output == "in:word\n"
    assert any_session.run("cat; echo $WORD").output == "\n"


def test_a_command_longer_than_one_argument_may_be_runs(any_session: BashSession) -> None:
    assert any_session.run("true " + "x" * 300_000 + "; echo ran").output == "ran\n"


def test_odd_characters_reach_the_command_unchanged(any_session: BashSession) -> None:
    text = "ä 'single' \"double\" $HOME `tick` \\ back"
    assert any_session.run("cat <<'END'\n" + text + "\nEND").output == text + "\n"
    assert any_session.shell("cat <<'END'\n" + text + "\nEND").output == text + "\n"


def test_bytes_that_are_no_text_are_replaced(any_session: BashSession) -> None:
    assert any_session.run("printf 'a\\377b'").output == "a\ufffdb"


def test_a_command_over_its_time_is_killed(nap: str, any_session: BashSession) -> None:
    ran = any_session.run(f"echo begun; sleep {nap}", limits=Limits(wall_seconds=0.5))
    assert (ran.exit_code, ran.timed_out, ran.output) == (None, True, "begun\n")
    assert ran.seconds < 5
    assert until(lambda: not alive(nap))


def test_a_flood_is_cut_and_killed(nap: str, any_session: BashSession) -> None:
    ran = any_session.run(f"yes {nap}", limits=Limits(output_bytes=10_000))
    assert (ran.exit_code, ran.flooded, len(ran.output)) == (None, True, 10_000)


def test_a_command_that_fills_the_disk_is_ended_in_words(
    nap: str, any_session: BashSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = iter([10 << 30, 2 << 30, 600 << 20])
    monkeypatch.setattr("workers.sandbox.reading.free_bytes", lambda _: next(left))
    ran = any_session.run(f"sleep {nap}")
    assert (ran.exit_code, ran.flooded) == (None, True)
    assert "disk" in ran.output


def test_a_disk_that_was_nearly_full_before_ends_nothing(
    any_session: BashSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.sandbox.reading.free_bytes", lambda _: 100 << 20)
    assert any_session.run("sleep 0.6; echo done").output == "done\n"


def test_a_cancelled_command_ends_within_half_a_second(nap: str, any_session: BashSession) -> None:
    stop = threading.Event()
    began: list[float] = []

    def soon() -> bool:
        if not began:
            began.append(time.monotonic())
            stop.set()
        return stop.is_set()

    ran = any_session.run(f"sleep {nap}", cancelled=soon)
    assert (ran.exit_code, ran.cancelled) == (None, True)
    assert time.monotonic() - began[0] < 2


def test_closing_from_another_thread_ends_a_command_under_way(nap: str, any_session: BashSession) -> None:
    threading.Timer(0.3, any_session.close).start()
    ran = any_session.run(f"sleep {nap}")
    assert ran.cancelled
    assert ran.seconds < 30
    with pytest.raises(RuntimeError, match="closed"):
        any_session.run("true")


def test_closing_from_another_thread_ends_a_shell_command_under_way(nap: str, any_session: BashSession) -> None:
    threading.Timer(0.3, any_session.close).start()
    assert any_session.shell(f"sleep {nap}").cancelled


def test_daemons_are_gone_after_the_command(nap: str, any_session: BashSession) -> None:
    ran = any_session.run(f"setsid nohup sleep {nap} >/dev/null 2>&1 & disown; echo started")
    assert ran.output == "started\n"
    assert until(lambda: not alive(nap))


def test_daemons_of_the_shell_live_until_the_session_closes(nap: str, any_session: BashSession) -> None:
    any_session.shell(f"setsid nohup sleep {nap} >/dev/null 2>&1 & disown")
    assert until(lambda: alive(nap))
    any_session.close()
    any_session.close()
    assert until(lambda: not alive(nap))


def test_the_shell_keeps_folder_variables_and_functions(any_session: BashSession) -> None:
    any_session.shell("cd /; X=5; greet() { echo hello $X; }; export Y=6")
    ran = any_session.shell("pwd; greet; bash -c 'echo $Y'")
    assert (ran.exit_code, ran.output) == (0, "/\nhello 5\n6\n")


def test_the_shell_survives_syntax_errors_and_failures(any_session: BashSession) -> None:
    assert any_session.shell("if then").exit_code != 0
    assert any_session.shell("false").exit_code == 1
    assert any_session.shell("echo fine").output == "fine\n"


def test_output_without_a_line_end_is_kept_as_it_is(any_session: BashSession) -> None:
    assert any_session.shell("printf abc").output == "abc"
    assert any_session.shell("true").output == ""
    assert any_session.shell("printf '\\n\\n'").output == "\n\n"


def test_a_command_that_reads_stdin_does_not_eat_the_next_one(any_session: BashSession) -> None:
    assert any_session.shell("cat").exit_code == 0
    assert any_session.shell("echo next").output == "next\n"


def test_a_shell_that_exits_begins_anew(any_session: BashSession) -> None:
    any_session.shell("X=5")
    assert any_session.shell("exit 9").exit_code == 9
    assert any_session.shell("echo [$X]").output == "[]\n"


def test_a_shell_command_over_its_time_takes_the_shell_with_it(nap: str, any_session: BashSession) -> None:
    any_session.shell("X=5")
    ran = any_session.shell(f"sleep {nap}", limits=Limits(wall_seconds=0.4))
    assert (ran.exit_code, ran.timed_out) == (None, True)
    assert any_session.shell("echo [$X]").output == "[]\n"
    assert until(lambda: not alive(nap))


def test_a_restart_ends_what_the_shell_started(nap: str, any_session: BashSession) -> None:
    any_session.shell(f"X=5; sleep {nap} &")
    any_session.restart()
    assert until(lambda: not alive(nap))
    assert any_session.shell("echo [$X]").output == "[]\n"


def test_a_traced_shell_ends_where_it_should(any_session: BashSession) -> None:
    assert any_session.shell("set -xv; echo a").exit_code == 0
    ran = any_session.shell("echo b; false")
    assert "\nb\n" in ran.output
    assert ran.exit_code == 1


def test_a_large_output_of_the_shell_is_whole(any_session: BashSession) -> None:
    ran = any_session.shell("seq 1 20000")
    assert ran.output.splitlines()[-1] == "20000"
    assert len(ran.output.splitlines()) == 20000


def test_many_commands_leave_no_file_descriptor_behind(any_session: BashSession) -> None:
    any_session.run("true")
    any_session.shell("true")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        any_session.run("true")
        any_session.shell("exit 1")
    assert len(os.listdir("/proc/self/fd")) <= before + 1


def test_a_killed_worker_takes_its_sandbox_with_it(nap: str, tmp_path: Path, workspace: Path) -> None:
    code = f"""
import sys, threading
from pathlib import Path
from workers.sandbox.bubblewrap import Bubblewrap
session = Bubblewrap(Path({str(tmp_path)!r}) / "home").open(Path({str(workspace)!r}))
session.shell(f"setsid sleep {nap} >/dev/null 2>&1 &")
print("ready", flush=True)
session.run(f"sleep {nap}")
"""
    worker = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3])
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"ready\n"
    assert until(lambda: len(alive(f"sleep\x00{nap}\x00")) == 2)
    worker.kill()
    worker.wait()
    worker.stdout.close()
    assert until(lambda: not alive(nap))


def test_a_sandbox_that_waits_for_a_dead_worker_is_removed_by_the_next(
    nap: str, tmp_path: Path, workspace: Path
) -> None:
    code = f"""
import os, signal
from pathlib import Path
from workers.sandbox import launcher
from workers.sandbox.bubblewrap import Bubblewrap
session = Bubblewrap(Path({str(tmp_path)!r}) / "home").open(Path({str(workspace)!r}))
launcher._first = lambda fd: os.kill(os.getpid(), signal.SIGKILL)
session.run(f"sleep {nap}")
"""
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], check=False)
    # it may still be on its way into waiting when the first look comes
    assert until(lambda: leftovers.remove() >= 0 and not alive(nap))


def test_the_sandboxes_of_living_workers_are_left_alone(nap: str, any_session: BashSession) -> None:
    any_session.shell(f"sleep {nap} &")
    assert until(lambda: alive(f"sleep\x00{nap}\x00"))
    leftovers.remove()
    assert alive(f"sleep\x00{nap}\x00")


def test_a_sandbox_whose_worker_is_gone_before_it_begins_ends_by_itself(tmp_path: Path, workspace: Path) -> None:
    box = Bubblewrap(tmp_path / "home", TOOLBOX)
    session = box.open(workspace)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    starter = session._starter
    assert isinstance(starter, LongLivedSandbox)
    argv = process_one(ours, theirs)
    sandbox = starter._launcher.launch(lambda: starter._begin(argv, theirs.fileno()))
    theirs.close()
    ours.close()
    assert until(sandbox.ended)
    sandbox.release()
    session.close()


def test_a_worker_killed_while_its_plain_process_starts_leaves_nothing(tmp_path: Path, workspace: Path) -> None:
    read_end, write_end = os.pipe()
    session = ProcessSandbox(tmp_path / "home").open(workspace)
    starter = session._starter
    assert isinstance(starter, _Starter)
    starter._life = (read_end, starter._life[1])
    os.close(write_end)
    ran = session.run("echo ran")
    assert (ran.exit_code, ran.output) == (125, "")
    session.close()

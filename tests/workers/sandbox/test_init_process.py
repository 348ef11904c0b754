"""Process 1 of a sandbox and the overseers below it cannot be stopped, spoken for or outlived from inside."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from tests.workers.sandbox.test_session import alive, until
from workers.sandbox import Limits, SandboxUnavailable
from workers.sandbox import bubblewrap as bubblewraps
from workers.sandbox.bubblewrap import Bubblewrap
from workers.sandbox.launcher import Running
from workers.sandbox.long_lived import LongLivedSandbox
from workers.sandbox.session import BashSession

OVERSEER = "ps=$(cut -d' ' -f4 /proc/$$/stat)"


def test_a_process_that_ends_between_two_looks_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: Path) -> bytes:
        raise ProcessLookupError  # what Linux answers for the folder of a process that has just ended

    monkeypatch.setattr(os, "listdir", lambda _: ["1", str(os.getpid()), "self"])
    ours = Path("/proc/self/cmdline").read_bytes().split(b"\0")[0].decode()
    assert alive(ours) != []
    monkeypatch.setattr(Path, "read_bytes", gone)
    assert alive(ours) == []


def _sandbox(session: BashSession) -> Running:
    assert isinstance(session._starter, LongLivedSandbox)
    assert session._starter._sandbox is not None
    return session._starter._sandbox


def test_commands_share_one_sandbox_and_its_scratch_folders(session: BashSession) -> None:
    first = session.run("echo kept >/tmp/kept; readlink /proc/self/ns/pid").output
    assert session.run("readlink /proc/self/ns/pid; cat /tmp/kept").output == f"{first}kept\n"
    assert session.shell("readlink /proc/self/ns/pid").output == first


def test_what_a_command_leaves_running_is_gone_when_it_returns(session: BashSession) -> None:
    session.run("(setsid sleep 60.4711 >/dev/null 2>&1 &) ; (trap '' TERM HUP; setsid sleep 60.4711 </dev/null &) ")
    assert not alive("60.4711")


def test_what_the_shell_started_outlives_a_clean_command(session: BashSession) -> None:
    session.shell("sleep 60.4712 & echo $! >/tmp/pid")
    assert session.run("kill -0 $(cat /tmp/pid)").exit_code == 0
    session.restart()
    assert until(lambda: not alive("60.4712"))


def test_process_1_cannot_be_killed_or_stopped_from_inside(session: BashSession) -> None:
    for signal in ("KILL", "STOP", "TERM", "INT", "HUP", "SEGV", "CHLD"):
        session.run(f"kill -{signal} 1")
    assert session.run("echo alive").output == "alive\n"


def test_neither_process_1_nor_an_overseer_can_be_read_or_written(session: BashSession) -> None:
    attempt = "(exec 3<>/proc/$p/$f) 2>/dev/null && echo open $p $f; cat /proc/$p/$f 2>/dev/null"
    ran = session.run(
        f"{OVERSEER}; for p in 1 $ps; do for f in mem fd/0 environ maps; do {attempt}; done; done; echo end"
    )
    assert ran.output == "end\n"


def test_a_command_that_kills_its_overseer_has_failed_and_leaves_nothing(session: BashSession) -> None:
    ran = session.run(f"{OVERSEER}; setsid sleep 60.4713 & {OVERSEER}; kill -9 $ps; sleep 60.4713")
    assert ran.exit_code not in {0, None}
    assert until(lambda: not alive("60.4713"))
    assert session.run("echo next").output == "next\n"


def test_a_sandbox_that_died_unnoticed_is_begun_anew(session: BashSession, monkeypatch: pytest.MonkeyPatch) -> None:
    assert session.run("echo first").output == "first\n"
    old = _sandbox(session)
    old.kill()
    monkeypatch.setattr(old, "ended", lambda: False)
    assert session.run("cat", stdin=b"second").output == "second"
    assert _sandbox(session) is not old


def test_a_command_that_stops_its_overseer_takes_the_sandbox_with_it(
    session: BashSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.sandbox.long_lived._OBEY_SECONDS", 0.3)
    ran = session.run(f"{OVERSEER}; kill -STOP $ps; sleep 60.4714", limits=Limits(wall_seconds=0.5))
    assert (ran.exit_code, ran.timed_out) == (None, True)
    assert until(lambda: not alive("60.4714"))
    assert session.run("echo next").output == "next\n"


def test_no_command_inherits_a_descriptor_of_the_machinery(session: BashSession) -> None:
    for run in (session.run, session.shell):
        listed = run("ls -l /proc/self/fd | grep -o ' [0-9]* -> .*'").output
        assert "socket" not in listed
        assert "memfd:sandbox" not in listed


def test_limits_of_one_command_do_not_bind_the_next(session: BashSession) -> None:
    assert session.run("ulimit -f; ulimit -n; ulimit -c", limits=Limits(file_bytes=1 << 20)).output == "1024\n8192\n0\n"
    assert session.run("ulimit -f").output == f"{(2 << 30) // 1024}\n"


def test_signals_are_as_programs_expect_them(session: BashSession) -> None:
    code = "import signal; print([signal.getsignal(getattr(signal, n)).name for n in ('SIGTERM', 'SIGCHLD')])"
    assert session.run(f'python3 -c "{code}"').output.count("SIG_DFL") == 2
    assert session.run("yes | head -1; echo ${PIPESTATUS[0]}").output == "y\n141\n"
    assert session.run("trap").output == ""


def test_many_commands_at_the_same_time_keep_apart(session: BashSession) -> None:
    found: dict[int, str] = {}

    def one(number: int) -> None:
        found[number] = session.run(f"echo {number}; sleep 0.1; echo {number}").output

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: f"{number}\n{number}\n" for number in range(8)}


def test_a_sandbox_that_died_begins_again(session: BashSession) -> None:
    session.shell("X=5")
    _sandbox(session).kill()
    assert session.shell("echo [$X]").output == "[]\n"
    assert session.run("echo again").output == "again\n"


def test_a_sandbox_without_python_says_so(tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewraps, "interpreter", lambda _: "/usr/bin/no-python")
    with pytest.raises(SandboxUnavailable, match=r"did not begin|no-python"):
        Bubblewrap(tmp_path / "home").open(workspace)


def test_a_command_with_a_nul_is_an_error_of_ours(session: BashSession) -> None:
    with pytest.raises(ValueError, match="null"):
        session.run("echo \0")


def test_each_command_of_an_installation_finds_an_unused_sandbox(
    bubblewrap: Bubblewrap, workspace: Path, tmp_path: Path
) -> None:
    (tmp_path / "deps").mkdir()
    (tmp_path / "proxy").touch()
    session = bubblewrap.open_setup(workspace, tmp_path / "deps", tmp_path / "proxy")
    assert session.run("echo x >/tmp/x; echo y >/deps/y").exit_code == 0
    assert session.run("test -e /tmp/x || cat /deps/y").output == "y\n"
    session.close()

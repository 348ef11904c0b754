from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shipmate.supervise.child import Spec
from shipmate.supervise.guardian import end_groups
from shipmate.supervise.supervisor import ProcessStartFailed, Supervisor

SLEEPER = "import time, pathlib, sys; pathlib.Path(sys.argv[1]).write_text('on'); time.sleep(600)"
WITH_GRANDCHILD = """
import pathlib, subprocess, sys, time
deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", deaf])
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
time.sleep(600)
"""


def until(fact: Callable[[], bool], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


def spec(tmp_path: Path, name: str, code: str = SLEEPER, **more: bool) -> Spec:
    mark = tmp_path / f"{name}.mark"
    return Spec(name, (sys.executable, "-u", "-c", code, str(mark)), dict(os.environ), lambda _: mark.exists(), **more)


def test_children_are_ready_when_they_say_so_and_end_with_the_supervisor(tmp_path: Path) -> None:
    with Supervisor(tmp_path, echo=False) as supervisor:
        for name in ("one", "two"):
            supervisor.start(spec(tmp_path, name))
        supervisor.wait_ready(["one", "two"], 15)
        pids = list(supervisor.processes().values())
        assert len(pids) == 2
        assert all(alive(pid) for pid in pids)
    assert not any(alive(pid) for pid in pids)


def test_the_whole_group_ends_even_a_grandchild_that_ignores_the_signal(tmp_path: Path) -> None:
    with Supervisor(tmp_path, echo=False) as supervisor:
        supervisor.start(spec(tmp_path, "parent", WITH_GRANDCHILD))
        supervisor.wait_ready(["parent"], 15)
        until(lambda: (tmp_path / "parent.mark").read_text() != "")
        grandchild = int((tmp_path / "parent.mark").read_text())
        assert alive(grandchild)
    until(lambda: not alive(grandchild))


def test_a_child_that_crashes_is_started_again_and_its_leftovers_are_killed(tmp_path: Path) -> None:
    with Supervisor(tmp_path, echo=False) as supervisor:
        supervisor.start(spec(tmp_path, "parent", WITH_GRANDCHILD))
        supervisor.wait_ready(["parent"], 15)
        first = supervisor.processes()["parent"]
        until(lambda: (tmp_path / "parent.mark").read_text() != "")
        grandchild = int((tmp_path / "parent.mark").read_text())
        os.kill(first, signal.SIGKILL)

        def again() -> bool:
            supervisor.tend()
            return supervisor.processes().get("parent", first) != first

        until(again)
        until(lambda: not alive(grandchild))
        assert alive(supervisor.processes()["parent"])


def test_a_child_that_never_works_fails_the_start_with_its_last_words(tmp_path: Path) -> None:
    bad = spec(tmp_path, "bad", "import sys; print('no such database'); sys.exit(7)")
    with pytest.raises(ProcessStartFailed) as caught, Supervisor(tmp_path, echo=False) as supervisor:
        supervisor.start(bad)
        supervisor.wait_ready(["bad"], 30)
    assert (caught.value.name, caught.value.code) == ("bad", 7)
    assert "no such database" in caught.value.tail


def test_wrong_settings_of_a_child_are_not_tried_again(tmp_path: Path) -> None:
    code = "import sys; open(sys.argv[1] + '.count', 'a').write('x'); sys.exit(2)"
    with pytest.raises(ProcessStartFailed) as caught, Supervisor(tmp_path, echo=False) as supervisor:
        supervisor.start(spec(tmp_path, "picky", code))
        supervisor.wait_ready(["picky"], 30)
    assert caught.value.code == 2
    assert (tmp_path / "picky.mark.count").read_text() == "x"


def test_a_child_that_is_not_ready_in_time_fails_the_start_and_is_ended(tmp_path: Path) -> None:
    slow = Spec("slow", (sys.executable, "-c", "import time; time.sleep(600)"), dict(os.environ), lambda _: False)
    with pytest.raises(ProcessStartFailed, match="not ready in time"), Supervisor(tmp_path, echo=False) as supervisor:
        supervisor.start(slow)
        pid = supervisor.processes()["slow"]
        supervisor.wait_ready(["slow"], 0.3)
    assert not alive(pid)


def test_those_marked_last_outlive_the_others(tmp_path: Path) -> None:
    order = tmp_path / "order"
    code = (
        "import pathlib, signal, sys, time\n"
        "def end(*_):\n"
        f"    open({str(order)!r}, 'a').write(sys.argv[1].rpartition('/')[2] + ' '); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "pathlib.Path(sys.argv[1]).write_text('on')\n"
        "time.sleep(600)\n"
    )
    with Supervisor(tmp_path, echo=False) as supervisor:
        supervisor.start(spec(tmp_path, "broker", code, last=True))
        supervisor.start(spec(tmp_path, "worker", code))
        supervisor.wait_ready(["broker", "worker"], 15)
    assert order.read_text().split() == ["worker.mark", "broker.mark"]


PARENT = '''
import os, sys
from pathlib import Path
from shipmate.supervise.child import Spec
from shipmate.supervise.supervisor import Supervisor
home = Path(sys.argv[1])
code = """
import pathlib, signal, sys, time
for number in (1, 2, 15):
    signal.signal(number, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).write_text("on")
time.sleep(600)
"""
with Supervisor(home, echo=False) as supervisor:
    for name in ("one", "two"):
        mark = home / name
        argv = (sys.executable, "-c", code, str(mark))
        supervisor.start(Spec(name, argv, dict(os.environ), lambda _, mark=mark: mark.exists()))
    supervisor.wait_ready(["one", "two"], 15)
    (home / "pids").write_text(" ".join(map(str, supervisor.processes().values())))
    supervisor.run()
'''


def pids_of(home: Path) -> list[int]:
    until(lambda: (home / "pids").exists() and len((home / "pids").read_text().split()) == 2)
    return [int(text) for text in (home / "pids").read_text().split()]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_nothing_is_left_however_the_supervisor_ends(tmp_path: Path, number: signal.Signals) -> None:
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(PARENT), str(tmp_path)], cwd=Path.cwd())
    pids = pids_of(tmp_path)
    process.send_signal(number)
    if number is not signal.SIGKILL:
        process.send_signal(number)
        assert process.wait(60) == 0
    else:
        process.wait(60)
    until(lambda: not any(alive(pid) for pid in pids))


def test_ending_groups_that_are_gone_already_is_harmless() -> None:
    began = time.monotonic()
    end_groups({2**22 + 7}, polite_seconds=5.0)
    assert time.monotonic() - began < 1.0

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shipmate.supervise.home_lock import AlreadyRuns, HomeLock, who_runs


def test_a_second_one_is_told_who_runs_and_where(tmp_path: Path) -> None:
    lock = HomeLock(tmp_path)
    lock.write({"url": "http://127.0.0.1:8031/"})
    with pytest.raises(AlreadyRuns) as caught:
        HomeLock(tmp_path)
    assert caught.value.running.pid == os.getpid()
    assert caught.value.running.facts == {"url": "http://127.0.0.1:8031/"}
    running = who_runs(tmp_path)
    assert running is not None
    assert running.pid == os.getpid()
    lock.release()
    assert who_runs(tmp_path) is None
    HomeLock(tmp_path).release()


def test_a_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    code = (
        "import sys, time, pathlib\n"
        "from shipmate.supervise.home_lock import HomeLock\n"
        "lock = HomeLock(pathlib.Path(sys.argv[1])); print('held', flush=True); time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path.cwd())
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    assert who_runs(tmp_path) is not None
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    process.stdout.close()
    assert who_runs(tmp_path) is None
    HomeLock(tmp_path).release()


def test_a_home_where_nothing_ever_ran_is_free(tmp_path: Path) -> None:
    assert who_runs(tmp_path) is None

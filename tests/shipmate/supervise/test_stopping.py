"""A stop that a signal's handler may set, whatever it interrupts."""

from __future__ import annotations

import signal
import subprocess
import sys

from shipmate.supervise.stopping import Stopping

STORM = """
import os, signal
from shipmate.supervise.stopping import Stopping
stopping, heard = Stopping(), []
def handler(number, frame):
    heard.append(number)
    if len(heard) == 3000:
        stopping.set()
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
while not stopping.wait(0.0001):
    pass
signal.setitimer(signal.ITIMER_REAL, 0)
print("stopped", len(heard) >= 3000)
"""


def test_what_is_set_is_seen_at_once_and_stays() -> None:
    stopping = Stopping()
    assert not stopping.wait(0)
    stopping.set()
    stopping.set()
    assert stopping.is_set()
    assert stopping.wait(60)
    assert stopping.wait(60)


def test_a_handler_may_set_it_in_the_middle_of_a_wait() -> None:
    stopping = Stopping()
    before = signal.signal(signal.SIGUSR1, lambda *_: stopping.set())
    try:
        signal.raise_signal(signal.SIGUSR1)
        assert stopping.wait(60)
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_thousands_of_signals_in_the_middle_of_waits_block_nobody() -> None:
    ran = subprocess.run([sys.executable, "-c", STORM], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.split() == ["stopped", "True"]

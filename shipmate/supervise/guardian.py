"""End the supervisor's process groups if the supervisor itself was killed.

Law: it depends on nothing but the standard library and its input pipe. The pipe's end means that the supervisor is
gone, whatever the reason; groups still registered then are ended, first politely, then not.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time

POLITE_SECONDS = 5.0


def main() -> None:
    """Reads lines "+PGID" and "-PGID" from standard input until its end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        sign, group = line[0], line[1:].strip()
        if group.isdecimal() and int(group) > 1:
            (groups.add if sign == "+" else groups.discard)(int(group))
    end_groups(groups)


def end_groups(groups: set[int], polite_seconds: float = POLITE_SECONDS) -> None:
    """Send SIGTERM to every group, and SIGKILL to those that are still there after `polite_seconds`."""
    for group in groups:
        _signal(group, signal.SIGTERM)
    deadline = time.monotonic() + polite_seconds
    while time.monotonic() < deadline and any(_signal(group, 0) for group in groups):
        select.select([], [], [], 0.05)
    for group in groups:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main()

"""Whether a person asked to stop, passed on to everything that waits.

Law: a signal's handler runs in the middle of anything, so it takes no lock: an `Event` whose `wait` it interrupts would
never be set.
"""

from __future__ import annotations

import os
import select


class Stopping:
    """Like `threading.Event` for one waiting thread, and safe to set from a signal's handler."""

    def __init__(self) -> None:
        self._set = False
        self._told, self._tell = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    def set(self) -> None:
        """From now on `is_set`, and nobody waits."""
        if not self._set:
            self._set = True
            os.write(self._tell, b"!")

    def is_set(self) -> bool:
        """Return whether it was set."""
        return self._set

    def wait(self, seconds: float) -> bool:
        """Wait until it is set, at most so long, and return whether it is."""
        select.select([self._told], [], [], seconds)
        return self._set

    def __del__(self) -> None:
        os.close(self._told)
        os.close(self._tell)

"""Merge the logs: each process's lines go to one stream, after its name, and to a file of its own.

Law: a line of a child is data. Control characters in it do not reach the terminal.
"""

from __future__ import annotations

import os
import re
import sys
import threading
from collections import deque
from pathlib import Path
from typing import IO

from shipmate.embedded.once import private_folder

_COLOURS = ("36", "35", "32", "33", "34", "31")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LONGEST = 16 * 1024
_LARGEST = 10 * 1024 * 1024


class MergedLog:
    """Where children's lines go. With `echo` they are printed too, in colour on a terminal without NO_COLOR."""

    def __init__(self, home: Path, *, echo: bool, stream: IO[str] | None = None) -> None:
        self.folder = private_folder(home / "logs")
        self._stream = stream or sys.stderr
        self._echo = echo
        self._colour = self._stream.isatty() and not os.environ.get("NO_COLOR")
        self._names: list[str] = []
        self._lock = threading.Lock()

    def of(self, name: str) -> ChildLog:
        """Return the log of one process."""
        with self._lock:
            if name not in self._names:
                self._names.append(name)
        return ChildLog(self, name)

    def say(self, name: str, line: str, *, always: bool = False) -> None:
        """Print one line of `name`; `always` even where children are not echoed."""
        if not (self._echo or always):
            return
        with self._lock:
            label = f"{name:<10} │ "
            if self._colour:
                at = self._names.index(name) if name in self._names else 0
                label = f"\x1b[{_COLOURS[at % len(_COLOURS)]}m{label}\x1b[0m"
            try:
                print(label + line, file=self._stream, flush=True)
            except (BrokenPipeError, ValueError):
                self._echo = False


class ChildLog:
    """One process's lines: the last few in memory, all of them in `<folder>/<name>.log`."""

    def __init__(self, merged: MergedLog, name: str) -> None:
        self.name = name
        self.path = merged.folder / f"{name}.log"
        self._merged = merged
        self._last: deque[str] = deque(maxlen=40)

    def tail(self) -> list[str]:
        """Return the last lines, oldest first."""
        return list(self._last)

    def follow(self, pipe: IO[bytes] | None) -> None:
        """Read `pipe` to its end in the background."""
        threading.Thread(target=self._read, args=(pipe,), name=f"log-{self.name}", daemon=True).start()

    def _read(self, pipe: IO[bytes] | None) -> None:
        if pipe is None:
            return
        if self.path.exists() and self.path.stat().st_size > _LARGEST:
            self.path.replace(self.path.with_suffix(".log.1"))
        with pipe, self.path.open("ab", buffering=0) as kept:
            while raw := pipe.readline(_LONGEST):
                try:
                    kept.write(raw if raw.endswith(b"\n") else raw + b"\n")
                except OSError:
                    """A full disk must not stop the process whose pipe this is."""
                line = _CONTROL.sub("·", raw.decode(errors="replace").rstrip("\r\n"))
                self._last.append(line)
                self._merged.say(self.name, line)

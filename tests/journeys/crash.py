"""The crash switch of the test builds: the process kills itself, once per point, where it was told to.

Law: the points wait in a file (`run/crash-at` of the home), so that what was used stays used in the next process;
`CRASH_AT=<step>:<before|after>[:n]` in the environment fills that file where there is none yet.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

_guard = threading.Lock()


def _file() -> Path:
    return Path(os.environ["SHIPMATE_HOME"]) / "run" / "crash-at"


def arm() -> None:
    """Take the points from the environment, unless they were taken before."""
    wanted, file = os.environ.get("CRASH_AT", ""), _file()
    if wanted and not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(wanted.replace(",", "\n") + "\n")


def point(step: str, when: str) -> None:
    """Die here, if that is what the file says; a point with `:n` counts down first."""
    with _guard:
        file = _file()
        lines = file.read_text().split() if file.exists() else []
        for index, line in enumerate(lines):
            name, _, count = line.partition(f":{when}")
            if name != step or f":{when}" not in line:
                continue
            left = int(count.removeprefix(":") or "1") - 1
            lines[index : index + 1] = [f"{step}:{when}:{left}"] if left else []
            fresh = file.with_suffix(".new")
            fresh.write_text("".join(f"{one}\n" for one in lines))
            fresh.replace(file)
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
                signal.pause()
            return


def around(step: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """`call`, with a crash point before and after it."""

    def crashing(*given: Any, **named: Any) -> Any:
        point(step, "before")
        answer = call(*given, **named)
        point(step, "after")
        return answer

    return crashing


class Crashing:
    """Stands before an object: every method of it has crash points named `<name>.<method>`.

    `deeper` names methods whose answer is wrapped likewise, under its own name.
    """

    def __init__(self, inner: Any, name: str, deeper: dict[str, str] | None = None) -> None:
        self._inner, self._name, self._deeper = inner, name, deeper or {}

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found
        if name in self._deeper:
            return lambda *given, **named: Crashing(found(*given, **named), self._deeper[name])
        return around(f"{self._name}.{name}", found)

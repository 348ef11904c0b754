"""Where a stage's time goes: calls and seconds per port, so that our own share is what remains.

Law: measuring wraps the ports from outside; no stage knows of it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

Port = TypeVar("Port")
Given = ParamSpec("Given")

_INNER = frozenset({"mirror", "open"})
"""Methods that answer with another port, which is measured too."""


class Spent(threading.local):
    """Seconds and calls of the stage that runs in this thread."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.calls: dict[str, int] = {}
        self.deep = 0

    def begin(self) -> None:
        """Start again at zero."""
        self.seconds, self.calls, self.deep = {}, {}, 0

    def report(self) -> dict[str, dict[str, float]]:
        """Return {port: {"calls": n, "seconds": s}} since `begin`."""
        return {
            name: {"calls": self.calls[name], "seconds": round(seconds, 4)} for name, seconds in self.seconds.items()
        }


SPENT = Spent()


class _Measured:
    def __init__(self, port: object, name: str) -> None:
        self._port = port
        self._name = name

    def __getattr__(self, attribute: str) -> object:
        found = getattr(self._port, attribute)
        return self._timed(attribute, found) if callable(found) else found

    def _timed(self, attribute: str, call: Callable[Given, object]) -> Callable[Given, object]:
        def timed(*args: Given.args, **kwargs: Given.kwargs) -> object:
            began = time.perf_counter()
            SPENT.deep += 1
            try:
                answer = call(*args, **kwargs)
            finally:
                SPENT.deep -= 1
                if SPENT.deep == 0:  # a call made within a measured call is part of that one
                    taken = time.perf_counter() - began
                    SPENT.seconds[self._name] = SPENT.seconds.get(self._name, 0.0) + taken
                    SPENT.calls[self._name] = SPENT.calls.get(self._name, 0) + 1
            return _Measured(answer, self._name) if attribute in _INNER else answer

        return timed


def measured(port: Port, name: str) -> Port:
    """Return `port`, with the time of every call counted under `name`."""
    return cast(Port, _Measured(port, name))

"""Our own small programs, sent into the sandbox with every call and run there by its Python.

Law: what a program answers is text. Nothing that comes out of a sandbox is unmarshalled or evaluated out here.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable
from pathlib import Path

from workers.agent.tools.tool_result import ToolResult
from workers.sandbox import Limits, Session
from workers.sandbox.programs import INWARD, compiled


class SandboxProgram:
    """One of the files here whose name begins with "inside"."""

    def __init__(self, file: str) -> None:
        self._sent = compiled((Path(__file__).parent / file).read_bytes(), file)

    def run(
        self, given: dict[str, object], session: Session, limits: Limits, cancelled: Callable[[], bool]
    ) -> ToolResult | str:
        """Return what the program answered; or, as plain text, what came instead of an answer."""
        try:
            # Version 2 is what every Python 3 reads.
            call = marshal.dumps({name: _whole(value) for name, value in given.items()}, 2)
        except (RecursionError, ValueError):
            return ToolResult("The call's input is nested too deeply.", failed=True)
        ran = session.run(INWARD, limits=limits, stdin=self._sent + call, cancelled=cancelled)
        if ran.exit_code == 0 and ran.output[:1] in {"+", "-"}:
            return ToolResult(ran.output[1:], failed=ran.output[0] == "-")
        return "it took too long" if ran.timed_out else ran.output.strip()[-500:] or "no output"


def _whole(value: object) -> object:
    """Return the value without halves of characters, which no file can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_whole(key): _whole(part) for key, part in value.items()}
    return [_whole(part) for part in value] if isinstance(value, list) else value

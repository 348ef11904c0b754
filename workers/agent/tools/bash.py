"""The model's shell: the session's persistent bash."""

from __future__ import annotations

from collections.abc import Callable

from workers.agent import Block
from workers.agent.tools.tool_result import MOST, ToolResult, clean
from workers.sandbox import Limits, Ran, Session

NAME = "bash"
TOOL: Block = {"type": "bash_20250124", "name": NAME}
LIMITS = Limits(wall_seconds=300.0)


def run(given: dict[str, object], session: Session, cancelled: Callable[[], bool]) -> ToolResult:
    """Run a command, or begin a fresh shell."""
    if given.get("restart") is True:
        session.restart()
        return ToolResult("A fresh shell, at /workspace.")
    command = given.get("command")
    if not isinstance(command, str) or not command.strip():
        return ToolResult("`command` is missing: give the command line to run.", failed=True)
    if "\0" in command or any("\ud800" <= char <= "\udfff" for char in command):
        return ToolResult("A command cannot hold a NUL character or half of one.", failed=True)
    ran = session.shell(command, limits=LIMITS, cancelled=cancelled)
    if ran.exit_code is None and not ran.cancelled:
        session.restart()
    said = told(ran)
    return ToolResult(clean(said), failed=ran.exit_code != 0, whole=said if len(said) > MOST else "")


def told(ran: Ran, shell: str = "; the shell was restarted at /workspace") -> str:
    """Return the output, and how it ended where that was not well. `shell` says what became of the shell it ran in."""
    if ran.timed_out:
        ending = f"[killed after {ran.seconds:.0f} s, the time limit{shell}]"
    elif ran.flooded:
        ending = (
            f"[killed after {LIMITS.output_bytes >> 20} MB of output{shell}. Look at "
            "part of it (head, tail, search), or send it into a file below /tmp first]"
        )
    elif ran.exit_code is None:
        ending = f"[killed{shell}]"
    elif ran.exit_code:
        ending = f"[exit status {ran.exit_code}]"
    else:
        return ran.output
    return f"{ran.output.rstrip()}\n{ending}".lstrip("\n")

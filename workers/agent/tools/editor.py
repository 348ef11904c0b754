"""The model's text editor. What it does runs inside the sandbox, as `inside.py`; this side only passes the call.

Law: no path of a call is ever opened on the host.
"""

from __future__ import annotations

from collections.abc import Callable

from workers.agent import Block
from workers.agent.tools.in_sandbox import SandboxProgram
from workers.agent.tools.tool_result import ToolResult
from workers.sandbox import Limits, Session

NAME = "str_replace_based_edit_tool"
TOOL: Block = {"type": "text_editor_20250728", "name": NAME}
LIMITS = Limits(wall_seconds=60.0, output_bytes=4 << 20)
PROGRAM = SandboxProgram("inside.py")


def run(given: dict[str, object], session: Session, cancelled: Callable[[], bool]) -> ToolResult:
    """View, create, str_replace or insert."""
    said = PROGRAM.run(given, session, LIMITS, cancelled)
    if isinstance(said, ToolResult):
        return said
    return ToolResult(f"The editor did not work here ({said}). Use bash instead.", failed=True)

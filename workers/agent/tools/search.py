"""Search the repository by a regular expression, with ripgrep inside the sandbox."""

from __future__ import annotations

from collections.abc import Callable

from workers.agent import Block
from workers.agent.tools.in_sandbox import SandboxProgram
from workers.agent.tools.tool_result import ToolResult
from workers.sandbox import Limits, Session

NAME = "search"
TOOL: Block = {
    "name": NAME,
    "description": (
        "Search the files of /workspace line by line for a regular expression. Answers with file names, line numbers "
        "and lines; binary files and those that .gitignore names are left out. Quicker and shorter than grep in bash."
    ),
    "input_schema": {
        "type": "object",
        "properties": {
            "pattern": {"type": "string", "description": "Regular expression, matched within a line."},
            "path": {"type": "string", "description": "File or folder to search in; the repository without it."},
            "glob": {"type": "string", "description": 'Only files named like this: "*.py", "src/**/*.{ts,tsx}".'},
            "ignore_case": {"type": "boolean"},
            "max_results": {"type": "integer", "description": "Lines to show, 100 without it, at most 500."},
        },
        "required": ["pattern"],
        "additionalProperties": False,
    },
}
LIMITS = Limits(wall_seconds=60.0, output_bytes=1 << 20)
PROGRAM = SandboxProgram("inside_search.py")


def run(given: dict[str, object], session: Session, cancelled: Callable[[], bool]) -> ToolResult:
    """Search."""
    said = PROGRAM.run(given, session, LIMITS, cancelled)
    if isinstance(said, ToolResult):
        return said
    return ToolResult(f"The search did not work here ({said}). Narrow it, or use grep in bash.", failed=True)

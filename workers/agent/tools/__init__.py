"""The tools that the model is offered, and how their calls are run.

Law: every path and command runs inside the sandbox; nothing here touches a file of the host.
"""

from __future__ import annotations

from workers.agent import Block
from workers.agent.tools import ask, bash, editor, finish, run_checks, search, view_image

TOOLS: list[Block] = sorted(
    [ask.TOOL, bash.TOOL, editor.TOOL, finish.TOOL, run_checks.TOOL, search.TOOL, view_image.TOOL],
    key=lambda tool: str(tool["name"]),
)
"""Sorted, so that the bytes sent are the same every time and come from the cache."""

ENDING = frozenset({ask.NAME, finish.NAME})
"""The calls that end a run; each must be the only call of its reply."""

CHANGING = frozenset({bash.NAME, editor.NAME, run_checks.NAME})
"""The calls after which the workspace may be another."""

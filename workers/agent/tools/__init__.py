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


def changes(call: Block) -> bool:
    """Return whether the workspace may be another after a call."""
    if call["name"] == editor.NAME:
        return not isinstance(call.get("input"), dict) or call["input"].get("command") != "view"
    return call["name"] in {bash.NAME, run_checks.NAME}

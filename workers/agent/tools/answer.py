"""What a tool call comes back with."""

from __future__ import annotations

import re
from dataclasses import dataclass

from workers.agent import Block
from workers.agent.framing import shorten, spelled

MOST = 16_000
"""Characters of one tool result; what is more is cut out of the middle."""
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


@dataclass(frozen=True)
class Answer:
    """`text` is outside text; as a tool result it is data by its place in the conversation."""

    text: str
    failed: bool = False

    def block(self, call_id: str) -> Block:
        """The tool_result for a call."""
        said = shorten(spelled(self.text).strip("\n"), MOST) or "(no output)"
        block: Block = {"type": "tool_result", "tool_use_id": call_id, "content": said}
        return block | {"is_error": True} if self.failed else block


def clean(text: str) -> str:
    """What a command wrote, without terminal colours and progress bars painted over themselves."""
    lines = ESCAPES.sub("", text).replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines).strip("\n")

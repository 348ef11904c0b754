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
        said = shorten(clean(self.text), MOST) or "(no output)"
        block: Block = {"type": "tool_result", "tool_use_id": call_id, "content": said}
        return block | {"is_error": True} if self.failed else block


def clean(text: str) -> str:
    """Without terminal colours, progress bars painted over themselves, and with what cannot be seen spelled out."""
    lines = ESCAPES.sub("", text).replace("\r\n", "\n").split("\n")
    shown = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)
    return spelled(shown).strip("\n")

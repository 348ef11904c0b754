"""Hold the answer to a tool call, cleaned for the model."""

from __future__ import annotations

import re
from dataclasses import dataclass

from workers.agent import Block
from workers.agent.framing import shorten, spelled

MOST = 16_000
"""Characters of one tool result; what is more is cut out of the middle."""
CLEANED_MOST = 4 * MOST
"""Characters that are looked at one by one; a long output is cut before that, or everybody else would wait."""
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


@dataclass(frozen=True)
class ToolResult:
    """`text` is outside text; as a tool result it is data by its place in the conversation.

    `whole` is the output before it was shortened, where that is worth keeping.
    """

    text: str
    failed: bool = False
    pictures: tuple[Block, ...] = ()
    whole: str = ""

    def block(self, call_id: str) -> Block:
        """Return the tool_result for a call."""
        said = shorten(spelled(self.text[: 2 * MOST]).strip("\n"), MOST) or "(no output)"
        content: str | list[Block] = [{"type": "text", "text": said}, *self.pictures] if self.pictures else said
        block: Block = {"type": "tool_result", "tool_use_id": call_id, "content": content}
        return block | {"is_error": True} if self.failed else block


def clean(text: str) -> str:
    """Return what a command wrote, without terminal colours and progress bars painted over themselves."""
    if len(text) > CLEANED_MOST:
        half = CLEANED_MOST // 2
        gap = f"\n[... {len(text) - CLEANED_MOST} characters left out ...]\n"
        return clean(text[:half]) + gap + clean(text[-half:])
    lines = ESCAPES.sub("", text).replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines).strip("\n")


def shortened(text: str, most: int = MOST, hint: str = "") -> str:
    """Beginning and end, each up to a whole line where one is near; `hint` tells how to get at the rest."""
    if len(text) <= most:
        return text
    head, tail = text[: most * 2 // 5], text[-(most * 3 // 5) :]
    head = head[: head.rfind("\n")] if head.rfind("\n") > len(head) * 3 // 4 else head
    tail = tail[tail.find("\n") + 1 :] if 0 <= tail.find("\n") < len(tail) // 4 else tail
    left_out = len(text) - len(head) - len(tail)
    return f"{head}\n[... {left_out} characters left out{hint} ...]\n{tail}"

"""The least an agent can be: the client library, a loop, bash and an editor, nothing saved but in memory.

Law: it is written to do well. One client, streaming, one marker for the cache at the end of the request.
"""

from __future__ import annotations

import argparse
import os
import subprocess
from pathlib import Path
from typing import Any

import anthropic

TOOLS: list[Any] = [
    {"type": "bash_20250124", "name": "bash"},
    {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"},
]
SYSTEM = "You change a repository. Make the smallest change that does what was asked, and prove it with its tests."


def work(client: anthropic.Anthropic, model: str, folder: Path) -> int:
    """Turns until the model ends."""
    messages: list[Any] = [{"role": "user", "content": "Make the parts."}]
    turns = 0
    while True:
        with client.messages.stream(
            model=model, max_tokens=32_000, system=SYSTEM, tools=TOOLS, messages=messages,
            cache_control={"type": "ephemeral"},
        ) as stream:  # fmt: skip
            reply = stream.get_final_message()
        turns += 1
        messages.append({"role": "assistant", "content": [block.to_dict() for block in reply.content]})
        calls = [block for block in reply.content if block.type == "tool_use"]
        if not calls:
            return turns
        results = [
            {"type": "tool_result", "tool_use_id": call.id, "content": run(call.name, call.input, folder)}
            for call in calls
        ]
        messages.append({"role": "user", "content": results})


def run(name: str, given: Any, folder: Path) -> str:
    """Return one call."""
    if name == "bash":
        done = subprocess.run(["bash", "-c", given["command"]], cwd=folder, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr or "(no output)"
    (folder / Path(given["path"]).name).write_text(given["file_text"])
    return "Created."


def main() -> None:
    """Run once in a folder, and print the processor seconds of this process and its children."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    asked = parser.parse_args()
    client = anthropic.Anthropic(api_key="instant", base_url=asked.url, max_retries=0)
    client.models.retrieve("claude-opus-5-5")
    began = sum(os.times()[:4])
    work(client, "claude-opus-5-5", asked.folder)
    print(sum(os.times()[:4]) - began)


if __name__ == "__main__":
    main()

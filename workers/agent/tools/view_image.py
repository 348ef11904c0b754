"""Showing the model a picture that its own work made, such as a screenshot.

Law: the file is opened inside the sandbox alone; out here its bytes are looked at no further than their header.
"""

from __future__ import annotations

import base64
import binascii
import shlex
from collections.abc import Callable

from workers.agent import BlobStore, Block, pictures
from workers.agent.tools.tool_result import ToolResult
from workers.sandbox import Limits, Session

NAME = "view_image"
TOOL: Block = {
    "name": NAME,
    "description": "Look at a picture file (PNG, JPEG, GIF or WebP) in the sandbox, such as a screenshot you made.",
    "input_schema": {
        "type": "object",
        "properties": {"path": {"type": "string"}},
        "required": ["path"],
        "additionalProperties": False,
    },
}
LIMITS = Limits(wall_seconds=30.0, output_bytes=8 << 20)


def run(
    given: dict[str, object],
    session: Session,
    blobs: BlobStore,
    budget: pictures.ImageBudget,
    cancelled: Callable[[], bool],
) -> ToolResult:
    """Return the picture as a block that rows may hold."""
    path = given.get("path")
    if not isinstance(path, str) or not path or "\0" in path or any("\ud800" <= char <= "\udfff" for char in path):
        return ToolResult("`path` is missing.", failed=True)
    inside = "." + path.removeprefix(session.root) if (path + "/").startswith(session.root + "/") else path
    word = shlex.quote(inside)
    # Sent from the persistent bash's file system, where its own /tmp is; the subshell leaves that bash as it was.
    command = f"[ -f {word} ] && head -c {pictures.LARGEST + 1} -- {word} | base64 -w0"
    place = f"(cd {shlex.quote(session.root)} && {command})"
    ran = session.shell(place, limits=LIMITS, cancelled=cancelled)
    if ran.exit_code != 0:
        return ToolResult(f"There is no file {path[:300]} that can be read.", failed=True)
    try:
        block = pictures.stored(base64.b64decode(ran.output.strip(), validate=True), blobs, budget)
    except (binascii.Error, ValueError):
        return ToolResult("The picture could not be read out of the sandbox.", failed=True)
    except pictures.NotAPicture as why:
        return ToolResult(f"{path[:300]} {why}.{_hint(path, str(why))}", failed=True)
    return ToolResult(f"The picture {path[:300]}:", pictures=(block,))


def _hint(path: str, why: str) -> str:
    if path.lower().endswith((".svg", ".pdf", ".bmp", ".ico", ".tiff")):
        return " Make a PNG of it first, if there is a program for that here."
    return " Make a smaller one first." if "at most" in why else ""

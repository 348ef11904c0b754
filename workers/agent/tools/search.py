"""Searching the repository by a regular expression, inside the sandbox: ripgrep where it is there, else by hand."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workers.agent import Block
from workers.agent.tools.answer import Answer
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
COMMAND = f"exec python3 -I -S -c {shlex.quote((Path(__file__).parent / 'inside_search.py').read_text('utf-8'))}"


def run(given: dict[str, Any], session: Session, cancelled: Callable[[], bool]) -> Answer:
    """Search."""
    ran = session.run(COMMAND, limits=LIMITS, stdin=json.dumps(given).encode(), cancelled=cancelled)
    if ran.timed_out:
        return Answer("The search took more than a minute. Narrow it with `path` or `glob`.", failed=True)
    try:
        said = json.loads(ran.output)
        return Answer(str(said["text"]), failed=bool(said["failed"]))
    except (ValueError, KeyError, TypeError):
        tail = ran.output.strip()[-500:]
        return Answer(f"The search did not work here ({tail or 'no output'}). Use grep in bash.", failed=True)

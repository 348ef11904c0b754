"""The model's text editor. What it does runs inside the sandbox, as `inside.py`; this side only passes the call.

Law: no path of a call is ever opened on the host.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workers.agent import Block
from workers.agent.tools.answer import Answer
from workers.sandbox import Limits, Session

NAME = "str_replace_based_edit_tool"
TOOL: Block = {"type": "text_editor_20250728", "name": NAME}
LIMITS = Limits(wall_seconds=60.0, output_bytes=4 << 20)
COMMAND = f"exec python3 -I -S -c {shlex.quote((Path(__file__).parent / 'inside.py').read_text(encoding='utf-8'))}"


def run(given: dict[str, Any], session: Session, cancelled: Callable[[], bool]) -> Answer:
    """View, create, str_replace or insert."""
    ran = session.run(COMMAND, limits=LIMITS, stdin=json.dumps(given).encode(), cancelled=cancelled)
    try:
        said = json.loads(ran.output)
        return Answer(str(said["text"]), failed=bool(said["failed"]))
    except (ValueError, KeyError, TypeError):
        tail = ran.output.strip()[-500:]
        return Answer(f"The editor did not work here ({tail or 'no output'}). Use bash instead.", failed=True)

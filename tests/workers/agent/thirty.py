"""A session of thirty turns for the stand-in: reading, searching, editing, tests, and one reply with many calls."""

from __future__ import annotations

import json
from pathlib import Path

TURNS = 30
CROWDED = 12
"""The turn with more blocks than a cache marker looks back."""


def script(turns: int = TURNS, crowded: int = CROWDED, match: str = "thirty") -> str:
    """The TOML of the session; it ends with a proposal."""
    parts = [f'match = ["(?i){match}"]']
    for n in range(1, turns):
        parts.append(f'[[turn]]\nthink = "Step {n}. Now the next part of module {n}."')
        calls = [_bash(f"sed -n 1,20p part{n}.py; echo looked at part {n}")]
        if n == crowded:
            calls += [_bash(f"wc -l part{at}.py") for at in range(1, 26)]
        if n % 3 == 0:
            calls.append(_create(f"/workspace/part{n}.py", f"def part_{n}():\n    return {n}\n" * 6))
        if n % 5 == 0:
            calls.append(_bash("for i in 1 2 3 4 5 6 7 8; do echo test_part_$i PASSED; done; echo 8 passed"))
        parts += calls
    parts.append('[[turn]]\n[[turn.tools]]\n[turn.tools.finish]\ntitle = "Add parts"\nsummary = "There are parts now."')
    return "\n".join(parts) + "\n"


def write(folder: Path, text: str = "") -> Path:
    """The session as a script in a folder of scripts."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "thirty.toml").write_text(text or script())
    return folder


def _bash(command: str) -> str:
    return f"[[turn.tools]]\nbash = {json.dumps(command)}"


def _create(path: str, text: str) -> str:
    return f"[[turn.tools]]\ncreate.path = {json.dumps(path)}\ncreate.text = {json.dumps(text)}"

"""The prompts, as files whose first line says their version. `HASH` goes into the record with every change.

Law: a prompt holds no clock, no id and no outside text, so that its bytes stay the same and are read from cache.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

_VERSION = re.compile(r"\A<!-- version: (\d+) -->\n")


def _read(name: str) -> tuple[int, str]:
    """Return (version, what is sent) of a prompt file."""
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    found = _VERSION.match(text)
    if found is None:
        raise ValueError(f"{name} does not begin with its version")
    return int(found[1]), text[found.end() :]


SYSTEM_VERSION, SYSTEM = _read("system.md")
COMPACT_VERSION, COMPACT = _read("compact.md")
SYSTEM_HASH = hashlib.sha256(SYSTEM.encode()).hexdigest()
HASH = hashlib.sha256(f"{len(SYSTEM)}\n{SYSTEM}{COMPACT}".encode()).hexdigest()
"""The digest of all prompts."""

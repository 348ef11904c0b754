"""The prompts, as files. `SYSTEM_HASH` goes into the record with every change.

Law: a system prompt holds no clock, no id and no outside text, so that its bytes stay the same and are read from cache.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

SYSTEM = (Path(__file__).parent / "system.md").read_text(encoding="utf-8")
SYSTEM_HASH = hashlib.sha256(SYSTEM.encode()).hexdigest()

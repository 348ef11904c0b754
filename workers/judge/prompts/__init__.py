"""The judge's prompt, as a file with a version in its first line. `JUDGE_HASH` belongs in the record of every change.

Law: it holds no clock, no id and no outside text; a changed word is a new version, and needs a new evaluation.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

_FILE = (Path(__file__).parent / "review.md").read_text(encoding="utf-8")
_HEAD, _, _BODY = _FILE.partition("\n")

JUDGE_VERSION = int(_HEAD.removeprefix("<!-- version: ").removesuffix(" -->"))
JUDGE = _BODY.strip() + "\n"
JUDGE_HASH = hashlib.sha256(_FILE.encode()).hexdigest()

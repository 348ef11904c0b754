"""The toolbox: test tools (pytest, Node.js) for repositories under test, mounted read-only into sandboxes.

Law: it holds nothing of Shipmate's own environment, so that a repository's tests never meet our packages.
"""

from __future__ import annotations

import sys
from pathlib import Path


def find() -> Path | None:
    """Return the `.toolbox` beside the virtual environment that runs us, if setup has made one."""
    beside = Path(sys.prefix).parent / ".toolbox"
    return beside if (beside / "bin").is_dir() else None

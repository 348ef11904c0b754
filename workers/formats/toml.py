"""TOML written by anybody, read in time.

Law: the parser of the standard library takes time by the square of a dotted key's length, so that a line with too many
dots is never given to it.
"""

from __future__ import annotations

import tomllib
from typing import Any

MOST_DOTS = 300
"""Of one line; a key cannot go on in the next one."""


def loads(text: str) -> dict[str, Any]:
    """What `tomllib.loads` says. Raises ValueError also where a line is made to be slow to read."""
    if text.count(".") > MOST_DOTS and any(line.count(".") > MOST_DOTS for line in text.split("\n")):
        raise ValueError("a line holds too many dots")
    return tomllib.loads(text)

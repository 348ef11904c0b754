"""Read untrusted TOML in bounded time.

Law: the standard library's parser needs quadratic time for a dotted key, so it never gets a line with too many dots.
"""

from __future__ import annotations

import tomllib
from typing import Any

MOST_DOTS = 300
"""Most dots of one line; a key cannot continue on the next line."""


def loads(text: str) -> dict[str, Any]:
    """Return the document as `tomllib.loads` does. Also raises ValueError for a line that would be slow to parse."""
    if text.count(".") > MOST_DOTS and any(line.count(".") > MOST_DOTS for line in text.split("\n")):
        raise ValueError("a line holds too many dots")
    return tomllib.loads(text)

"""Values that people named themselves: what the request spells out, and what the repository's own list allows.

Such a value still stops a version, but two people may let it through. Only the person who asked and the base commit are
heard here, never the change: it could otherwise permit itself.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from workers.ecosystems.facts import POLICY
from workers.formats import toml
from workers.guards.edits import Examined

SHORTEST = 8
"""Characters of a value that a request can name; what is shorter is found in many words."""
_DIGEST = "sha256:"
_LARGEST = 64 << 10


@dataclass(frozen=True)
class Permitted:
    """`request` is what was asked, `listed` are values or "sha256:" and the digest of one."""

    request: str = ""
    listed: frozenset[str] = frozenset()

    def why(self, value: str) -> str:
        """Return who named a value, "" where nobody did."""
        if value in self.listed or f"{_DIGEST}{hashlib.sha256(value.encode()).hexdigest()}" in self.listed:
            return f"which {POLICY} allows"
        return "which the request names" if len(value) >= SHORTEST and value in self.request else ""


def permitted(change: Examined) -> Permitted:
    """Return what people named: the request, and `[secrets] allow` of the base commit's policy file."""
    try:
        policy = toml.loads((change.old(POLICY) or b"")[:_LARGEST].decode())
        section = policy.get("secrets")
        allow = section.get("allow") if isinstance(section, dict) else None
    except ValueError:
        allow = None
    listed = allow if isinstance(allow, list) else []
    return Permitted(change.request, frozenset(one for one in listed if isinstance(one, str) and len(one) >= SHORTEST))

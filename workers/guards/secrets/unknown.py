"""Long random strings in quotes: they may be keys of a kind that no form knows, so an approver is shown them."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from bot.secret_forms import compiled
from bot.secret_forms.dummies import entropy, is_made_up, is_placeholder
from workers.guards.edits import Edit
from workers.guards.rules import is_of
from workers.guards.secrets.added import Added, Hit

_QUOTED = compiled(r"\"([A-Za-z0-9+/=_-]{32,})\"|'([A-Za-z0-9+/=_-]{32,})'")
_FARTHEST = 1000
"""Column behind which strings are not looked at: such lines are made by machines."""
_HEX = re2.compile(r"^[0-9a-fA-F]+$")
_MIXED = re2.compile(r"[0-9].*[a-zA-Z].*[0-9]")
_DIGEST = compiled(r"(?i)sha\d+|integrity|checksum|digest|hash|md5|commit|rev(?:ision)?\b|etag|fingerprint")
_OF_HEX, _OF_BASE64 = 3.4, 4.8
"""Bits for each character of what is random."""


def search(edit: Edit, added: Added) -> Iterator[Hit]:
    """Yield long random strings in added lines of source."""
    if is_of("test", edit.path) or is_of("example", edit.path) or is_of("data", edit.path):
        return
    for one in _QUOTED.finditer(added.content):
        value = (one[1] or one[2] or b"").decode()
        if value in edit.old or not _is_random(value) or added.column(one.end()) > _FARTHEST:
            continue
        if not _DIGEST.search(added.line(one.start())):
            yield Hit("random-string", "a long random string", added.number(one.start()), value)


def _is_random(value: str) -> bool:
    least = _OF_HEX if _HEX.search(value) else _OF_BASE64
    mixed = _MIXED.search(value) is not None and entropy(value) >= least
    return mixed and not is_placeholder(value) and not is_made_up(value)

"""Small changes for the guards, and what they say of them."""

from __future__ import annotations

from collections.abc import Mapping

from workers.guards import Found, examine
from workers.workspace import Changed

ZERO, OLD, NEW = "0" * 40, "a" * 40, "b" * 40
Side = Mapping[str, bytes | str]


def _bytes(side: Side) -> dict[str, bytes]:
    return {path: body if isinstance(body, bytes) else body.encode() for path, body in side.items()}


def look(
    before: Side, after: Side, secrets: tuple[str, ...] = (), also: Side | None = None, mode: str = "100644"
) -> tuple[Found, ...]:
    """Return what is found where `before` became `after` with a mode; `also` are files that both sides have."""
    old, new, both = _bytes(before), _bytes(after), _bytes(also or {})
    changed = []
    for path in sorted(old.keys() | new.keys()):
        if old.get(path) != new.get(path):
            status = "D" if path not in new else "A" if path not in old else "M"
            modes = ("000000" if status == "A" else "100644", "000000" if status == "D" else mode)
            changed.append(
                Changed(path, status, *modes, ZERO if status == "A" else OLD, ZERO if status == "D" else NEW)
            )
    new_side = ({} if mode.startswith("01") else both | new).get
    return examine(tuple(changed), (both | old).get, new_side, secrets=secrets, link=new_side)


def rules(before: Side, after: Side, secrets: tuple[str, ...] = (), also: Side | None = None) -> set[str]:
    """The rules that were met."""
    return {one.rule for one in look(before, after, secrets, also)}


def edited(path: str, before: str, after: str, also: Side | None = None) -> set[str]:
    """The rules that one edited file met."""
    return rules({path: before}, {path: after}, also=also)


def added(path: str, body: str | bytes, secrets: tuple[str, ...] = ()) -> set[str]:
    """The rules that one new file met."""
    return rules({}, {path: body}, secrets)

"""Combine small packs: every fetch leaves one, and each lookup in a mirror searches all of them.

Law: only fetched objects are packed, never our own: every sandbox sees the packs, none sees loose objects. The new pack
is complete before an old one is removed, so that readers always find each object in one of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from workers.workspace.git import Git, GitFailed

MOST = 40
"""Packs of a mirror, before small ones are combined."""
_LARGEST = 2 << 30
_SECONDS = 900.0
_REST = (".pack", ".rev", ".promisor", ".bitmap", ".mtimes")


def consolidate(git: Git, held: int, most: int = MOST) -> int:
    """Combine small packs if there are more than `most`; return how many were removed. Needs the mirror's lock `held`.

    A pack that is more than twice as large as all smaller ones together is left alone, so that little is rewritten each
    time. A failure changes nothing; the next fetch tries again.
    """
    folder = git.gitdir / "objects" / "pack"
    found = sorted(((place.stat().st_size, place) for place in folder.glob("pack-*.pack")), key=lambda one: one[0])
    if len(found) <= most:
        return 0
    chosen = _small(found)
    names = "".join(f"{place.name}\n" for place in chosen).encode()
    try:
        _, out, _ = git.run(
            "pack-objects", "--quiet", "--stdin-packs", "--window=0", "--missing=allow-any", str(folder / "pack"),
            input=names, timeout=_SECONDS, keep=(held,),
        )  # fmt: skip
    except GitFailed:
        return 0
    made = folder / f"pack-{out.decode().strip()}.pack"
    if not _holds_all(made, chosen):
        return 0
    if any(place.with_suffix(".promisor").exists() for place in chosen):
        made.with_suffix(".promisor").touch()
    gone = [place for place in chosen if place != made]
    for place in gone:
        for end in (".idx", *_REST):
            with contextlib.suppress(FileNotFoundError):
                place.with_suffix(end).unlink()
    return len(gone)


def _small(found: Sequence[tuple[int, Path]]) -> list[Path]:
    chosen: list[Path] = []
    total = 0
    for size, place in found:
        if (len(chosen) > 1 and size > 2 * total) or total + size > _LARGEST:
            break
        chosen.append(place)
        total += size
    return chosen


def _holds_all(made: Path, chosen: Sequence[Path]) -> bool:
    """Return whether the new pack exists and has at least as many objects as the largest pack it replaces."""
    try:
        return _objects(made) >= max(_objects(place) for place in chosen)
    except (OSError, ValueError):
        return False


def _objects(pack: Path) -> int:
    if not pack.with_suffix(".idx").exists():
        raise ValueError("a pack without an index")
    with pack.open("rb") as file:
        head = file.read(12)
    if head[:4] != b"PACK":
        raise ValueError("not a pack")
    return int.from_bytes(head[8:12], "big")

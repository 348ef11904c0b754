"""Refuse new names that some systems cannot tell from another name beside them: "Readme" and "README", or two ways to
write an accent.

Law: only names that a change adds are judged. Pairs in the base stay as they are, and renaming "Readme" to "README" is
allowed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from workers.workspace import names
from workers.workspace.extent import folders
from workers.workspace.proposal import ExportProgress


def refuse_name_clashes(work: ExportProgress, gone: Collection[str]) -> None:
    """Refuse new paths that clash with a name beside them; `gone` are the paths of removed files."""
    added = [path for _, path in work.changed if work.base.entry(path) is None]
    coming = {*added, *folders(added)}
    beside: dict[str, dict[str, set[str]]] = {}
    for path in added:
        for folder, name in _steps(path):
            if folder not in beside:
                beside[folder] = _known(work.base.children(folder))
            beside[folder][names.alike(name)].add(name)
    stays: dict[str, bool] = {}
    for path in added:
        for folder, name in _steps(path):
            for other in sorted(beside[folder][names.alike(name)] - {name}):
                there = f"{folder}/{other}" if folder else other
                if there not in stays:
                    stays[there] = there in coming or _stays(work, there, gone)
                if stays[there]:
                    work.blame(path, _sentence(there))


def _sentence(other: str) -> str:
    return (
        f"has a name that Windows, macOS and phones take for the same as {names.shown(other)}: the two differ only by "
        "case or by how an accent is written"
    )


def _steps(path: str) -> Iterable[tuple[str, str]]:
    """Return each (folder, name in it) on the way down to a path."""
    at = -1
    while (end := path.find("/", at + 1)) >= 0:
        yield path[: max(at, 0)], path[at + 1 : end]
        at = end
    yield path[: max(at, 0)], path[at + 1 :]


def _known(children: Iterable[str]) -> defaultdict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name in children:
        found[names.alike(name)].add(name)
    return found


def _stays(work: ExportProgress, path: str, gone: Collection[str]) -> bool:
    """Return whether the change leaves something of the base at or below a path."""
    if work.base.entry(path) is not None:
        return path not in gone
    return any(one not in gone for one in work.base.below(path))

"""New packages, other sources of packages, and locks that say something else than their manifests.

Law: a package is new when no manifest of the change, nor a sibling that it leaves alone, declared it before. What can
be read in a language is the part `supply` of its folder.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from workers.ecosystems.registry import ALL
from workers.ecosystems.supply import Pinned, Supply, Unreadable, declared, pinned, supply
from workers.guards.edits import Edit, Examined
from workers.guards.found import Found, spell
from workers.guards.rules import FORMS, found, is_of

_EVERY = (*(one.supply for one in ALL if one.supply), supply(__file__))
_NAMED = 4
_LONG_HASH = 30
_LARGEST_SIBLING = 1 << 20


@lru_cache(4096)
def _supply(path: str) -> int:
    """Return the place of whose manifests and locks a path belongs to; -1 for nobody's."""
    return next((at for at, one in enumerate(_EVERY) if one.owns(path)), -1)


def guard(change: Examined) -> Iterator[Found]:
    """Yield findings of manifests first, then of locks against them."""
    edits = [edit for edit in change.edits if _supply(edit.path) >= 0 and not _is_sample(edit.path)]
    known: dict[int, set[str]] = defaultdict(set)
    touched = set[int]()
    for edit in edits:
        at = _supply(edit.path)
        known[at] |= _safe(_EVERY[at], edit.moved_from or edit.path, edit.old).keys()
        if _EVERY[at].reader(edit.path) and edit.added + edit.removed:
            touched.add(at)
    for edit in edits:
        at = _supply(edit.path)
        if edit.moved_to is None and _EVERY[at].reader(edit.path):
            yield from _manifest(edit, _EVERY[at], known[at] | _siblings(change, _EVERY[at]))
        if edit.moved_to is None and _EVERY[at].lock_reader(edit.path):
            yield from _lock(edit, _EVERY[at], at in touched)


def _is_sample(path: str) -> bool:
    """Return True for manifests of examples and fixtures: data of tests, which nobody installs."""
    kind = is_of("test", path) or is_of("example", path)
    return kind and "requirements" not in path and is_of("sample-manifest", path)


def _safe(whose: Supply, path: str, text: str) -> dict[str, str]:
    """Return what a manifest declares; nothing where it is none, or cannot be read."""
    reader = whose.reader(path)
    try:
        return declared(reader, text) if reader else {}
    except Unreadable:
        return {}


def _siblings(change: Examined, whose: Supply) -> set[str]:
    """Return what manifests at the root, which the change may leave alone, declared before."""
    texts = {sibling: change.old(sibling) for sibling in whose.siblings}
    contents = {path: content[:_LARGEST_SIBLING] for path, content in texts.items() if content is not None}
    return {name for path, raw in contents.items() for name in _safe(whose, path, raw.decode("utf-8", "replace"))}


def _manifest(edit: Edit, whose: Supply, known: set[str]) -> Iterator[Found]:
    reader = whose.reader(edit.path)
    try:
        after = declared(reader, edit.new) if reader else {}
    except Unreadable:
        if edit.added and edit.changed.status != "D":
            yield found("dependency-unreadable", edit.path, "declares packages in a way that cannot be read")
        return
    before = _safe(whose, edit.moved_from or edit.path, edit.old)
    fresh = [name for name in after if name not in before and name not in known]
    fresh += [
        f"{other} (as {name})"
        for name in after
        if (other := _other(after[name], whose)) and other not in known | {name, _other(before.get(name, ""), whose)}
    ]
    changed = [name for name in after if after[name] != before.get(name, "")]
    moved = [name for name in changed if _foreign(after[name]) and not _foreign(before.get(name, ""))]
    bumped = [name for name in changed if name in before and name not in moved]
    for rule, names, sentence in (
        ("dependency-added", fresh, "declares {}, which the repository did not use before"),
        ("dependency-source", moved, "takes {} from a URL or a repository instead of a registry"),
        ("dependency-version", bumped, "asks for another version of {}"),
    ):
        if names:
            yield found(rule, edit.path, sentence.replace("{}", _listed(names)))


def _other(wanted: str, whose: Supply) -> str:
    """Return the package behind another name, as in `"lodash": "npm:evil@1"`; "" where there is none."""
    name = (
        wanted.strip().removeprefix(whose.alias).split()[:1] if wanted.strip().startswith(whose.alias or "\0") else []
    )
    return name[0][0] + name[0][1:].partition("@")[0] if name else ""


def _foreign(wanted: str) -> bool:
    return FORMS["from-elsewhere"].matches(wanted)


def _listed(names: Iterable[str]) -> str:
    every = sorted(names)
    shown = ", ".join(spell(name) for name in every[:_NAMED])
    return f"{shown} and {len(every) - _NAMED} more" if len(every) > _NAMED else shown


def _lock(edit: Edit, whose: Supply, touched: bool) -> Iterator[Found]:
    readers = whose.lock_reader(edit.path), whose.lock_reader(edit.moved_from or edit.path)
    try:
        after, before = (
            pinned(one, text) if one else {} for one, text in zip(readers, (edit.new, edit.old), strict=True)
        )
    except Unreadable:
        if edit.changed.status != "D":
            yield found("lock-unreadable", edit.path, "cannot be read as a lock file")
        return
    if edit.changed.status == "D":
        yield found("lock-without-manifest", edit.path, "the lock file was deleted")
        return
    if edit.changed.status == "M" and after != before and not touched:
        yield found("lock-without-manifest", edit.path, "was changed, and no manifest was")
    other = {key[0] for key, one in after.items() if key in before and _other_bytes(before[key], one)}
    if other:
        words = f"has other bytes than before for the same version of {_listed(other)}"
        yield found("lock-integrity", edit.path, words)
    hosts = {host for one in before.values() for host, _ in _places(one)}
    strange = {
        f"{one.name} from {host}"
        for key, one in after.items()
        if before.get(key) != one
        for host, place in _places(one)
        if host not in hosts and not _at_home(place, whose.homes)
    }
    if strange:
        yield found("lock-source", edit.path, f"takes {_listed(strange)}")


def _other_bytes(had: Pinned, has: Pinned) -> bool:
    """Return True where no hash of a version stayed; more files of a version may appear."""
    if not had.hashes or had.hashes & has.hashes:
        return False
    kinds = [{one.split("-")[0].split(":")[0] for one in side.hashes} for side in (had, has)]
    return bool(kinds[0] & kinds[1]) or all(len(one) > _LONG_HASH for one in has.hashes)


def _places(one: Pinned) -> Iterator[tuple[str, str]]:
    """Yield the hosts that a source names, with the scheme where it is plain http, ssh or git; and host with path."""
    for word in one.source.split():
        link = word.removeprefix("registry+").removeprefix("sparse+")
        if link.startswith("git@"):
            yield f"git {link[4:].split(':')[0]}", ""
            continue
        try:
            parts = urlsplit(link.removeprefix("git+"))
            host = (parts.hostname or "").lower()
        except ValueError:
            yield link[:60], ""
            continue
        loose = parts.scheme in {"http", "git", "ssh"} or link.startswith("git+")
        if host:
            yield (f"{parts.scheme} {host}", "") if loose else (host, host + parts.path)


def _at_home(place: str, homes: tuple[str, ...]) -> bool:
    """Return whether a host with a path is a home, or in one of its domains; or begins with a home that has a path."""
    host = place.partition("/")[0]
    return any(f"{place}/".startswith(f"{home}/") or host == home or host.endswith(f".{home}") for home in homes)

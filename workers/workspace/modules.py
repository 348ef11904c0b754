"""Decide which submodules to check out, and write them: which repository, at which commit, and if not, why not.

Law: `.gitmodules` is never run, followed or used as an address. It may name a repository of the same forge. If the
operator serves that repository, it is fetched from the address that the forge gives, and checked out read-only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from workers.workspace import Remote, RemoteRefused, Submodule, names
from workers.workspace.checkout import GITLINK, REGULAR, entries, is_safe, within, write
from workers.workspace.git import Git, is_sha
from workers.workspace.trees import Trees

Chosen = bool | tuple[str, ...]
"""The submodules to check out: none, all that are allowed, or those at these paths."""
MOST = 50
MOST_NESTED = 3
_LARGEST = 64 << 10
_FILE = ".gitmodules"
_READ = 0o555
"""The permission bits that remain when nobody may write."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}/[A-Za-z0-9_.-]{1,100}")
_SCP = re.compile(r"(?:[\w.-]+@)?(?P<host>[\w.-]+):(?P<path>(?!//).+)")
_NOT_CHOSEN = "the policy file does not ask for it"


@dataclass(frozen=True)
class SubmoduleSource:
    """The parts of a mirror that submodules need; `near` returns the mirror of another served repository."""

    git: Git
    remote: Remote
    tree: Callable[[str], str]
    has: Callable[[str], bool]
    fetch: Callable[[], None]
    gather: Callable[[str], None]
    obtain: Callable[[Sequence[str]], None]
    near: Callable[[Remote], SubmoduleSource]


@dataclass(frozen=True)
class Module:
    """A submodule to check out: its place in the workspace, its repository and its commit."""

    path: str
    commit: str
    source: SubmoduleSource

    @property
    def name(self) -> str:
        """Return a name that contains everything its files depend on."""
        return f"{self.path} {self.source.remote.full_name.lower()} {self.commit}"


def declared(source: SubmoduleSource, treeish: str) -> dict[str, tuple[str, str]]:
    """Return {path: (commit, url)} of the submodules that a tree and its `.gitmodules` name; urls are untrusted."""
    with Trees(source.git, source.tree(treeish)) as trees:
        listed = trees.entry(_FILE)
        if listed is None or listed.mode not in REGULAR:
            return {}
        source.obtain([listed.sha])
        if len(trees.read(listed.sha, limit=_LARGEST)) >= _LARGEST:
            return {}
        found = {}
        for path, url in _read(source.git.gitdir, listed.sha):
            entry = trees.entry(path) if is_safe(path) else None
            if entry is not None and entry.mode == GITLINK and is_sha(entry.sha):
                found[path] = (entry.sha, url)
        return dict(sorted(found.items()))


@lru_cache(maxsize=256)
def _read(gitdir: Path, blob: str) -> tuple[tuple[str, str], ...]:
    """Return (path, url) as git reads them. Git follows no include in this file."""
    code, out, _ = Git(gitdir).run(
        "config", "--blob", blob, "--no-includes", "-z", "--get-regexp", r"^submodule\..*\.(path|url)$",
        ok=(0, 1, 3, 128),
    )  # fmt: skip
    told: dict[str, dict[str, str]] = {}
    for line in out.decode("utf-8", "surrogateescape").split("\0") if code == 0 else ():
        key, _, value = line.partition("\n")
        name, _, what = key.removeprefix("submodule.").rpartition(".")
        told.setdefault(name, {})[what] = value
    return tuple((one["path"], one["url"]) for one in told.values() if "path" in one and "url" in one)


def meant(url: str, remote: Remote) -> str | None:
    """Return the full name of the repository at the same forge that a `.gitmodules` URL means, or None."""
    forge = urlsplit(remote.url)
    if url.startswith(("./", "../")):
        return _relative(url, remote.full_name)
    scp = _SCP.fullmatch(url) if "://" not in url else None
    if scp is not None:
        return _full_name(scp["path"]) if scp["host"].lower() == forge.hostname else None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.query or parts.fragment or (parts.hostname or "") != forge.hostname:
        return None
    own = parts.scheme == forge.scheme and port == forge.port
    return _full_name(parts.path) if own or parts.scheme == "ssh" else None


def _relative(url: str, full_name: str) -> str | None:
    at = full_name.split("/")
    for step in url.rstrip("/").split("/"):
        if step == "..":
            if not at:
                return None
            at.pop()
        elif step != ".":
            at.append(step)
    return _full_name("/".join(at))


def _full_name(path: str) -> str | None:
    name = path.strip("/").removesuffix(".git")
    return name if _NAME.fullmatch(name) and name.rpartition("/")[2] not in {"", ".", ".."} else None


def look(
    source: SubmoduleSource, treeish: str, chosen: Chosen, sparse: Sequence[str] = ()
) -> tuple[tuple[Module, ...], tuple[Submodule, ...]]:
    """Return (the submodules to check out, parents first; a description of each, also of those that stay empty).

    Fetches their mirrors if a commit is missing. Raises `RemoteRefused`.
    """
    bring: list[Module] = []
    said: list[Submodule] = []
    for module, why in _found(source, treeish, chosen, sparse, "", 1):
        if not why:
            bring.append(module)
            if len(bring) > MOST:
                raise RemoteRefused(f"It has more than {MOST} submodules; the policy file may name some.", again=False)
        said.append(Submodule(module.path, why))
    return tuple(bring), tuple(said)


def _found(
    source: SubmoduleSource, treeish: str, chosen: Chosen, sparse: Sequence[str], above: str, depth: int
) -> Iterator[tuple[Module, str]]:
    for path, (commit, url) in declared(source, treeish).items():
        place = f"{above}{path}"
        if not within(place, sparse):
            continue
        module = Module(place, commit, source)
        if not (chosen if isinstance(chosen, bool) else place in chosen):
            yield module, _NOT_CHOSEN
            continue
        name = meant(url, source.remote)
        remote = source.remote.near(name) if name else None
        if remote is None:
            yield module, "it is not a repository that is served here" if name else "it is not at this forge"
            continue
        if depth > MOST_NESTED:
            yield module, f"it lies more than {MOST_NESTED} deep"
            continue
        try:
            inner = source.near(remote)
            if not inner.has(commit):
                inner.fetch()
        except RemoteRefused as refused:
            words = f"The submodule {names.shown(place)} can't be fetched: {refused.reason}"
            raise RemoteRefused(words, again=refused.again) from refused
        if not inner.has(commit):
            words = f"The submodule {names.shown(place)} wants a commit that is on no branch of {remote.full_name}."
            raise RemoteRefused(words, again=False)
        yield Module(place, commit, inner), ""
        yield from _found(inner, commit, chosen, sparse, f"{place}/", depth + 1)


def check_out(modules: Sequence[Module], into: Path) -> None:
    """Write the files of submodules, read-only, into a checkout that no sandbox has seen.

    Raises `RemoteRefused`, OSError.
    """
    for module in modules:
        place = into
        for part in module.path.split("/"):
            place = place / part
            if place.is_symlink() or not place.is_dir():
                raise ValueError("the tree holds a submodule that cannot be written safely")
        module.source.gather(module.commit)
        write(module.source.git, entries(module.source.git, module.commit), place)
    for module in modules:
        _read_only(into / module.path)


def _read_only(folder: Path) -> None:
    for place, _, files in os.walk(folder, topdown=False):
        for name in files:
            path = os.path.join(place, name)
            if not os.path.islink(path):
                os.chmod(path, os.lstat(path).st_mode & _READ)
        os.chmod(place, _READ)

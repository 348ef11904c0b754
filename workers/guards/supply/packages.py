"""New packages, other sources of packages, and locks that say something else than their manifests.

Law: a package is new when no manifest of the change, nor a sibling that it leaves alone, declared it before.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from workers.guards.edits import Edit, Examined
from workers.guards.found import Found, spell
from workers.guards.kinds import is_example, is_test
from workers.guards.rules import FORMS, found, is_of
from workers.guards.supply.locks import Pinned, UnreadableLock, pinned
from workers.guards.supply.manifests import Unreadable, declared, ecosystem, reader_of

_HOMES = (
    "npm" + "js.org", "yarnpkg.com", "python" + "hosted.org", "pypi.org", "crates.io", "rust-lang.org", "golang.org",
    "rubygems.org", "packagist.org", "maven.org", "pub.dev", "dartlang.org", "hex.pm", "nuget.org", "npmmirror.com",
    "jsr.io",
)  # fmt: skip
_COMPOSER = ("api.github.com", "codeload.github.com", "github.com", "gitlab.com")
_NAMED = 4


def guard(change: Examined) -> Iterator[Found]:
    """Yield findings of manifests first, then of locks against them."""
    known = {kind: set[str]() for kind in {ecosystem(edit.path) for edit in change.edits}}
    for edit in change.edits:
        if reader_of(edit.path) and not _is_sample(edit.path):
            known[ecosystem(edit.path)] |= _safe(edit.moved_from or edit.path, edit.old).keys()
    touched = {ecosystem(edit.path) for edit in change.edits if reader_of(edit.path) and edit.added + edit.removed}
    for edit in change.edits:
        if edit.moved_to is None and not _is_sample(edit.path):
            if reader_of(edit.path):
                yield from _manifest(edit, known[ecosystem(edit.path)] | _siblings(change, edit.path))
            yield from _lock(edit, touched)


def _is_sample(path: str) -> bool:
    """Return True for manifests of examples and fixtures: data of tests, which nobody installs."""
    kind = is_test(path) or is_example(path)
    return kind and "requirements" not in path and is_of("sample-manifest", path)


def _safe(path: str, text: str) -> dict[str, str]:
    try:
        return declared(path, text) or {}
    except Unreadable:
        return {}


_SIBLINGS = {
    "python": (
        "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "requirements-dev.txt", "requirements/dev.txt",
        "dev-requirements.txt",
    ),
    "node": ("package.json",),
    "rust": ("Cargo.toml",),
    "ruby": ("Gemfile",),
    "jvm": ("build.gradle", "build.gradle.kts", "pom.xml", "gradle/libs.versions.toml"),
    "dotnet": ("Directory.Packages.props",),
}  # fmt: skip


def _siblings(change: Examined, path: str) -> set[str]:
    """Return what manifests at the root, which the change may leave alone, declared before."""
    names: set[str] = set()
    for sibling in _SIBLINGS.get(ecosystem(path), ()):
        content = change.old(sibling)
        if content is not None:
            names |= _safe(sibling, content[: 1 << 20].decode("utf-8", "replace")).keys()
    return names


def _manifest(edit: Edit, known: set[str]) -> Iterator[Found]:
    try:
        after = declared(edit.path, edit.new) or {}
    except Unreadable:
        if edit.added and edit.changed.status != "D":
            yield found("dependency-unreadable", edit.path, "declares packages in a way that cannot be read")
        return
    before = _safe(edit.moved_from or edit.path, edit.old)
    fresh = [name for name in after if name not in before and name not in known and after[name] is not None]
    fresh += [
        f"{other} (as {name})"
        for name in after
        if (other := _alias(after[name])) and other not in known | {name, _alias(before.get(name, ""))}
    ]
    if fresh:
        yield found(
            "dependency-added", edit.path, f"declares {_listed(fresh)}, which the repository did not use before"
        )
    moved = [
        name
        for name in after
        if after[name] != before.get(name, "") and _foreign(after[name]) and not _foreign(before.get(name, ""))
    ]
    if moved:
        yield found(
            "dependency-source", edit.path, f"takes {_listed(moved)} from a URL or a repository instead of a registry"
        )
    bumped = [name for name in after if name in before and after[name] != before[name] and name not in moved]
    if bumped:
        yield found("dependency-version", edit.path, f"asks for another version of {_listed(bumped)}")


def _alias(wanted: str) -> str:
    """Return the package behind another name, as in `"lodash": "npm:evil@1"`; "" where there is none."""
    name = wanted.strip().removeprefix("npm:").split()[:1] if wanted.strip().startswith("npm:") else []
    return name[0][0] + name[0][1:].partition("@")[0] if name else ""


def _foreign(wanted: str) -> bool:
    return FORMS["from-elsewhere"].matches(wanted)


def _listed(names: list[str]) -> str:
    shown = ", ".join(spell(name) for name in sorted(names)[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown


def _lock(edit: Edit, touched: set[str]) -> Iterator[Found]:
    try:
        after, before = pinned(edit.path, edit.new), pinned(edit.moved_from or edit.path, edit.old) or {}
    except UnreadableLock:
        if edit.changed.status != "D":
            yield found("lock-unreadable", edit.path, "cannot be read as a lock file")
        return
    if after is None:
        return
    if edit.changed.status == "D":
        yield found("lock-without-manifest", edit.path, "the lock file was deleted")
        return
    if edit.changed.status == "M" and after != before and ecosystem(edit.path) not in touched:
        yield found("lock-without-manifest", edit.path, "was changed, and no manifest was")
    other = [
        name
        for (name, version), one in after.items()
        if (had := before.get((name, version))) and _other_bytes(had, one)
    ]
    if other:
        yield found(
            "lock-integrity",
            edit.path,
            f"has other bytes than before for the same version of {_listed(sorted(set(other)))}",
        )
    hosts = {host for one in before.values() for host in _hosts(one)}
    fresh = [one for key, one in after.items() if before.get(key) != one]
    homes = _HOMES + _COMPOSER if edit.path.endswith("composer.lock") else _HOMES
    strange = sorted(
        {
            f"{one.name} from {host}"
            for one in fresh
            for host in _hosts(one)
            if host not in hosts and not _at_home(host, homes)
        }
    )
    if strange:
        yield found("lock-source", edit.path, f"takes {_listed(strange)}")


def _other_bytes(had: Pinned, has: Pinned) -> bool:
    """Return True where no hash of a version stayed; more files of a version may appear."""
    if not had.hashes:
        return False
    algorithms = {one.split("-")[0].split(":")[0] for one in had.hashes} & {
        one.split("-")[0].split(":")[0] for one in has.hashes
    }
    return not has.hashes or (
        not had.hashes & has.hashes and (bool(algorithms) or all(len(one) > 30 for one in has.hashes))
    )


def _hosts(one: Pinned) -> set[str]:
    """Return the hosts that a source names, with the scheme where it is plain http, ssh or git."""
    hosts = set()
    for word in one.source.split():
        link = word.removeprefix("registry+").removeprefix("sparse+")
        try:
            parts = urlsplit(link.removeprefix("git+"))
            host = (parts.hostname or "").lower()
        except ValueError:
            host = link[:60]
            parts = urlsplit("")
        if link.startswith("git@"):
            hosts.add(f"git {link[4:].split(':')[0]}")
        elif host:
            plain = parts.scheme in {"http", "git"}
            index = host == "github.com" and parts.path.startswith("/rust-lang/crates.io-index")
            hosts.add(
                "crates.io"
                if index
                else f"{parts.scheme} {host}"
                if plain or link.startswith("git+") or parts.scheme == "ssh"
                else host
            )
    return hosts


def _at_home(host: str, homes: tuple[str, ...]) -> bool:
    return " " not in host and any(host == home or host.endswith(f".{home}") for home in homes)

"""What lock files pin: name and version to where it comes from and what its bytes hash to.

Law: a lock is compared with the lock before it; the same version with other bytes is another package.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from workers.formats import toml

_LARGEST = 16 << 20


@dataclass(frozen=True)
class Pinned:
    """One version of one package. `source` is a URL or a kind of place, `hashes` what its bytes hash to; "" unknown."""

    name: str
    version: str
    source: str = ""
    hashes: frozenset[str] = frozenset()


class UnreadableLock(Exception):
    """The lock is not what its name says."""


Reader = Callable[[str], Iterator[Pinned]]


def pinned(path: str, text: str) -> dict[tuple[str, str], Pinned] | None:
    """(name, version) to what is pinned; None where the path is no lock. Raises `UnreadableLock`."""
    reader = _READERS.get(path.rsplit("/", 1)[-1])
    if reader is None:
        return None
    if len(text) > _LARGEST:
        raise UnreadableLock
    try:
        return _joined(reader(text)) if text.strip() else {}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as wrong:
        raise UnreadableLock from wrong


def _joined(every: Iterator[Pinned]) -> dict[tuple[str, str], Pinned]:
    """One entry of a name and version, whatever the number of places in a tree where it is installed."""
    found: dict[tuple[str, str], Pinned] = {}
    for one in every:
        had = found.get((one.name, one.version))
        if had is not None:
            sources = dict.fromkeys(filter(None, (had.source, one.source)))
            one = Pinned(one.name, one.version, " ".join(sources), had.hashes | one.hashes)  # noqa: PLW2901  # joined with what was there
        found[one.name, one.version] = one
    return found


def _npm(text: str) -> Iterator[Pinned]:
    data = json.loads(text)
    for path, one in (data.get("packages") or {}).items():
        if path and isinstance(one, dict) and not one.get("link") and "node_modules/" in path:
            yield _npm_one(str(one.get("name") or path.rsplit("node_modules/", 1)[-1]), one)
    if not data.get("packages"):
        yield from _npm_nested(data.get("dependencies"))


def _npm_nested(table: object) -> Iterator[Pinned]:
    for name, one in table.items() if isinstance(table, Mapping) else []:
        if isinstance(one, dict):
            yield _npm_one(str(name), one)
            yield from _npm_nested(one.get("dependencies"))


def _npm_one(name: str, one: Mapping[str, object]) -> Pinned:
    hashes = frozenset(str(one.get("integrity") or "").split())
    return Pinned(name, str(one.get("version") or ""), str(one.get("resolved") or ""), hashes)


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Heads at the left margin with the indented lines below them."""
    head, body = "", list[str]()
    for line in text.split("\n"):
        if line and not line[0].isspace() and not line.startswith("#"):
            if head:
                yield head, body
            head, body = line, []
        elif line.strip():
            body.append(line.strip())
    if head:
        yield head, body


def _yarn(text: str) -> Iterator[Pinned]:
    for head, body in _blocks(text):
        first = head.strip(':"').split(",")[0].strip().strip('"')
        name = re.match(r"(@?[^@]+)@", first)
        values: dict[str, str] = {}
        for line in body:
            if found := re.match(r"\"?(version|resolved|integrity|resolution|checksum)\"?:?\s+\"?([^\"]+)\"?$", line):
                values[found[1]] = found[2]
        if name and "version" in values and "workspace:" not in values.get("resolution", ""):
            hashes = frozenset(filter(None, (*values.get("integrity", "").split(), values.get("checksum", ""))))
            source = values.get("resolved") or values.get("resolution", "").split("@", 2)[-1]
            yield Pinned(name[1], values["version"], source, hashes)


def _pnpm(text: str) -> Iterator[Pinned]:
    section, current = "", ""
    for line in text.split("\n"):
        if found := re.match(r"(\w+):", line):
            section, current = found[1], ""
        elif section in {"packages", "snapshots"} and (
            found := re.match(r"  ['\"]?/?([^\s'\"]+?)['\"]?:\s*(?:\{\})?$", line)
        ):
            current = found[1]
        elif section == "packages" and current and (found := re.match(r"    resolution:\s*\{(.*)\}", line)):
            name = re.match(r"(@?[^@(/]+(?:/[^@(/]+)?)[@/]([^(]+)", current)
            hashes = re.findall(r"integrity:\s*([^,}\s]+)", found[1])
            source = re.findall(r"(?:tarball|repo):\s*([^,}\s]+)", found[1])
            if name:
                yield Pinned(name[1], name[2], source[0] if source else "", frozenset(hashes))


def _hashes(value: object) -> frozenset[str]:
    return (
        frozenset(str(one.get("hash") or "") for one in value if isinstance(one, dict))
        if isinstance(value, list)
        else frozenset()
    )


def _toml(text: str) -> Iterator[Pinned]:
    """poetry, uv, pdm and Cargo all have a list of packages."""
    data = toml.loads(text)
    files = data.get("metadata", {}).get("files", {}) if isinstance(data.get("metadata"), dict) else {}
    for one in data.get("package") or data.get("packages") or []:
        name, version, source = str(one.get("name")), str(one.get("version") or ""), one.get("source")
        place = (
            source
            if isinstance(source, str)
            else " ".join(str(each) for each in source.values())
            if isinstance(source, dict)
            else ""
        )
        if isinstance(source, dict) and {"editable", "virtual", "directory", "path"} & source.keys():
            continue
        wheels = one.get("wheels") or []
        sdist = [one["sdist"]] if isinstance(one.get("sdist"), dict) else []
        urls = " ".join(str(each.get("url") or "") for each in [*wheels, *sdist] if isinstance(each, dict))
        found = (
            _hashes(one.get("files"))
            | _hashes(wheels)
            | _hashes(sdist)
            | _hashes(files.get(name) if isinstance(files, dict) else None)
        )
        found |= {str(one["checksum"])} if one.get("checksum") else frozenset()
        yield Pinned(name, version, f"{place} {urls}".strip(), frozenset(found))


def _pipfile(text: str) -> Iterator[Pinned]:
    data = json.loads(text)
    for section in ("default", "develop"):
        for name, one in (data.get(section) or {}).items():
            place = str(one.get("git") or one.get("file") or one.get("path") or "")
            yield Pinned(str(name), str(one.get("version") or ""), place, frozenset(map(str, one.get("hashes") or [])))


def _go_sum(text: str) -> Iterator[Pinned]:
    for line in text.split("\n"):
        parts = line.split()
        if len(parts) == 3:
            yield Pinned(parts[0], parts[1], "", frozenset([parts[2]]))


def _gemfile(text: str) -> Iterator[Pinned]:
    section, remote = "", ""
    for line in text.split("\n"):
        if line and not line[0].isspace():
            section, remote = line.strip(), ""
        elif found := re.match(r"  remote: (.*)$", line):
            remote = found[1].strip()
        elif (found := re.match(r"    ([\w.-]+) \(([^)]+)\)$", line)) and section in {
            "GEM",
            "GIT",
            "PATH",
            "PLUGIN SOURCE",
        }:
            if section != "PATH":
                yield Pinned(found[1], found[2], f"git {remote}" if section == "GIT" else remote)
        elif section == "CHECKSUMS" and (found := re.match(r"  ([\w.-]+) \(([^)]+)\) (\S+)", line)):
            yield Pinned(f"{found[1]} (checksum)", found[2], "", frozenset([found[3]]))


def _composer(text: str) -> Iterator[Pinned]:
    data = json.loads(text)
    for section in ("packages", "packages-dev"):
        for one in data.get(section) or []:
            dist, source = one.get("dist") or {}, one.get("source") or {}
            hashes = frozenset(
                filter(
                    None, (str(dist.get("shasum") or ""), str(dist.get("reference") or source.get("reference") or ""))
                )
            )
            yield Pinned(
                str(one.get("name")), str(one.get("version")), str(dist.get("url") or source.get("url") or ""), hashes
            )


def _pubspec(text: str) -> Iterator[Pinned]:
    name, values = "", dict[str, str]()
    for line in [*text.split("\n"), "  end:"]:
        if found := re.match(r"  (\w+):$", line):
            if name and "version" in values:
                hashes = frozenset(filter(None, [values.get("sha256", "")]))
                yield Pinned(name, values["version"], values.get("url", ""), hashes)
            name, values = found[1], {}
        elif found := re.match(r"\s{4,}\"?(sha256|url|version)\"?:\s*\"?([^\"]+)\"?$", line):
            values[found[1]] = found[2]


def _mix(text: str) -> Iterator[Pinned]:
    for line in text.split("\n"):
        if found := re.match(
            r"\s*\"([\w.-]+)\":\s*\{:(hex|git),\s*(?::\w+|\"([^\"]+)\"),\s*\"([^\"]+)\"(?:,\s*\"([0-9a-f]{64})\")?",
            line[:4000],
        ):
            yield Pinned(
                found[1], found[4], f"git {found[3]}" if found[2] == "git" else "", frozenset(filter(None, [found[5]]))
            )


_READERS: dict[str, Reader] = {
    "package-lock.json": _npm,
    "npm-shrinkwrap.json": _npm,
    "yarn.lock": _yarn,
    "pnpm-lock.yaml": _pnpm,
    "poetry.lock": _toml,
    "uv.lock": _toml,
    "pdm.lock": _toml,
    "pylock.toml": _toml,
    "Cargo.lock": _toml,
    "Pipfile.lock": _pipfile,
    "go.sum": _go_sum,
    "Gemfile.lock": _gemfile,
    "gems.locked": _gemfile,
    "composer.lock": _composer,
    "pubspec.lock": _pubspec,
    "mix.lock": _mix,
}

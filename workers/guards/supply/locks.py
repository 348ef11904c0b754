"""Read what lock files pin: name and version to where it comes from and what its bytes hash to.

Law: a lock is compared with the lock before it; the same version with other bytes is another package.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from workers.formats import toml, yaml
from workers.guards.rules import FORMS

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
    """Return (name, version) to what is pinned; None where the path is no lock. Raises `UnreadableLock`."""
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
    """Return one entry of a name and version, whatever the number of places in a tree where it is installed."""
    found: dict[tuple[str, str], Pinned] = {}
    for one in every:
        had = found.get((one.name, one.version), one)
        sources = " ".join(dict.fromkeys(filter(None, (had.source, one.source))))
        found[one.name, one.version] = Pinned(one.name, one.version, sources, had.hashes | one.hashes)
    return found


def _hashes(every: Iterable[object]) -> frozenset[str]:
    return frozenset(str(one) for one in every if one)


def _table(value: object) -> Mapping[str, object]:
    """Return a mapping, an empty one for whatever else stands there."""
    return value if isinstance(value, Mapping) else {}


def _npm(text: str) -> Iterator[Pinned]:
    data = json.loads(text)
    for path, one in (data.get("packages") or {}).items():
        if path and isinstance(one, dict) and not one.get("link") and "node_modules/" in path:
            yield _npm_one(str(one.get("name") or path.rsplit("node_modules/", 1)[-1]), one)
    if not data.get("packages"):
        yield from _npm_nested(data.get("dependencies"))


def _npm_nested(table: object) -> Iterator[Pinned]:
    for name, one in _table(table).items():
        if isinstance(one, dict):
            yield _npm_one(str(name), one)
            yield from _npm_nested(one.get("dependencies"))


def _npm_one(name: str, one: Mapping[str, object]) -> Pinned:
    hashes = _hashes(str(one.get("integrity") or "").split())
    return Pinned(name, str(one.get("version") or ""), str(one.get("resolved") or ""), hashes)


def _yarn(text: str) -> Iterator[Pinned]:
    """Read the YAML of newer versions, else the lines of the first, which are nearly that."""
    entries = _table(yaml.loads(text)) if "\n__metadata:" in text else _first_yarn(text)
    for head, entry in entries.items():
        one, name = _table(entry), _name(head.split(",")[0].strip().strip('"'), "@")
        resolution = str(one.get("resolution") or "")
        if name and "version" in one and "workspace:" not in resolution:
            hashes = _hashes((*str(one.get("integrity") or "").split(), one.get("checksum")))
            source = str(one.get("resolved") or resolution.split("@", 2)[-1])
            yield Pinned(name, str(one["version"]), source, hashes)


def _first_yarn(text: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {"": {}}
    for line in text.split("\n"):
        if line and not line[0].isspace() and not line.startswith("#"):
            found[line.rstrip(": ")] = {}
        elif line.strip():
            key, _, value = line.strip().partition(" ")
            if value:
                next(reversed(found.values()))[key.strip('":')] = value.strip('" ')
    return found


def _name(text: str, end: str) -> str:
    """Return what stands before a version; a scope begins with the sign that ends a name."""
    return text[: text.find(end, 1)] if text.find(end, 1) > 0 else ""


def _pnpm(text: str) -> Iterator[Pinned]:
    for document in yaml.documents(text):
        for key, entry in _table(_table(document).get("packages")).items():
            bare, resolution = key.lstrip("/").split("(")[0], _table(_table(entry).get("resolution"))
            name = _name(bare, "@") or bare.rpartition("/")[0]
            source = str(resolution.get("tarball") or resolution.get("repo") or "")
            if name and resolution:
                yield Pinned(name, bare[len(name) + 1 :], source, _hashes([resolution.get("integrity")]))


def _toml(text: str) -> Iterator[Pinned]:
    """Read poetry's, uv's, pdm's and Cargo's, which all have a list of packages."""
    data = toml.loads(text)
    files = _table(_table(data.get("metadata")).get("files"))
    for one in data.get("package") or data.get("packages") or []:
        name, source = str(one.get("name")), one.get("source")
        if _table(source).keys() & {"editable", "virtual", "directory", "path"}:
            continue
        place = source if isinstance(source, str) else " ".join(map(str, _table(source).values()))
        given = [one.get("files"), one.get("wheels"), [one.get("sdist")], files.get(name)]
        archives = [each for group in given if isinstance(group, list) for each in group if isinstance(each, dict)]
        urls = " ".join(str(each["url"]) for each in archives if each.get("url"))
        hashes = _hashes([*(each.get("hash") for each in archives), one.get("checksum")])
        yield Pinned(name, str(one.get("version") or ""), f"{place} {urls}".strip(), hashes)


def _pipfile(text: str) -> Iterator[Pinned]:
    data = json.loads(text)
    for section in ("default", "develop"):
        for name, one in (data.get(section) or {}).items():
            place = str(one.get("git") or one.get("file") or one.get("path") or "")
            yield Pinned(str(name), str(one.get("version") or ""), place, _hashes(one.get("hashes") or []))


def _go_sum(text: str) -> Iterator[Pinned]:
    for parts in map(str.split, text.split("\n")):
        if len(parts) == 3:
            yield Pinned(parts[0], parts[1], "", frozenset([parts[2]]))


def _gemfile(text: str) -> Iterator[Pinned]:
    section, remote = "", ""
    for line in text.split("\n"):
        margin, words = len(line) - len(line.lstrip()), line.split()
        version = words[1][1:-1] if len(words) > 1 and words[1].startswith("(") else ""
        if words and not margin:
            section, remote = line.strip(), ""
        elif margin == 2 and words and words[0] == "remote:":
            remote = " ".join(words[1:])
        elif margin == 2 and section == "CHECKSUMS" and version and len(words) > 2:
            yield Pinned(f"{words[0]} (checksum)", version, "", frozenset([words[2]]))
        elif margin == 4 and version and len(words) == 2 and section in {"GEM", "GIT", "PLUGIN SOURCE"}:
            yield Pinned(words[0], version, f"git {remote}" if section == "GIT" else remote)


def _composer(text: str) -> Iterator[Pinned]:
    data = json.loads(text)
    for one in [*(data.get("packages") or []), *(data.get("packages-dev") or [])]:
        dist, source = one.get("dist") or {}, one.get("source") or {}
        hashes = _hashes((dist.get("shasum"), dist.get("reference") or source.get("reference")))
        place = str(dist.get("url") or source.get("url") or "")
        yield Pinned(str(one.get("name")), str(one.get("version")), place, hashes)


def _pubspec(text: str) -> Iterator[Pinned]:
    for name, entry in _table(_table(yaml.loads(text)).get("packages")).items():
        one, described = _table(entry), _table(_table(entry).get("description"))
        if "version" in one:
            place = str(described.get("url") or "")
            yield Pinned(name, str(one["version"]), place, _hashes([described.get("sha256")]))


def _mix(text: str) -> Iterator[Pinned]:
    for line in text.split("\n"):
        if hit := FORMS["pins-mix"].search(line[:4000]):
            one = hit.groups
            place = f"git {one['url']}" if one["kind"] == "git" else ""
            yield Pinned(one["name"], one["version"], place, _hashes([one["hash"]]))


_READERS: dict[str, Reader] = {
    "package-lock.json": _npm,
    "npm-shrinkwrap.json": _npm,
    "yarn.lock": _yarn,
    "pnpm-lock.yaml": _pnpm,
    **dict.fromkeys(("poetry.lock", "uv.lock", "pdm.lock", "pylock.toml", "Cargo.lock"), _toml),
    "Pipfile.lock": _pipfile,
    "go.sum": _go_sum,
    **dict.fromkeys(("Gemfile.lock", "gems.locked"), _gemfile),
    "composer.lock": _composer,
    "pubspec.lock": _pubspec,
    "mix.lock": _mix,
}

"""What the locks of npm, yarn and pnpm pin."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from workers.ecosystems.supply import Pinned, at, supply
from workers.formats import yaml


def npm(text: str) -> Iterator[Pinned]:
    """Read a package-lock.json of today's form, else of the first, which nests."""
    data = json.loads(text)
    for path, one in (data.get("packages") or {}).items():
        if path and isinstance(one, dict) and not one.get("link") and "node_modules/" in path:
            yield _one(str(one.get("name") or path.rsplit("node_modules/", 1)[-1]), one)
    if not data.get("packages"):
        yield from _nested(data.get("dependencies"))


def _nested(table: object) -> Iterator[Pinned]:
    for name, one in table.items() if isinstance(table, Mapping) else ():
        if isinstance(one, dict):
            yield _one(str(name), one)
            yield from _nested(one.get("dependencies"))


def _one(name: str, one: Mapping[str, object]) -> Pinned:
    hashes = frozenset(str(one.get("integrity") or "").split())
    return Pinned(name, str(one.get("version") or ""), str(one.get("resolved") or ""), hashes)


def yarn(text: str) -> Iterator[Pinned]:
    """Read the YAML of newer versions, else the lines of the first, which are nearly that."""
    entries = yaml.loads(text) if "\n__metadata:" in text else _first_yarn(text)
    for head, one in entries.items() if isinstance(entries, Mapping) else ():
        name = _name(head.split(",")[0].strip().strip('"'))
        resolution = str(one.get("resolution") or "") if isinstance(one, Mapping) else "workspace:"
        if name and isinstance(one, Mapping) and "version" in one and "workspace:" not in resolution:
            hashes = [*str(one.get("integrity") or "").split(), str(one.get("checksum") or "")]
            source = str(one.get("resolved") or resolution.split("@", 2)[-1])
            yield Pinned(name, str(one["version"]), source, frozenset(filter(None, hashes)))


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


def _name(text: str) -> str:
    """Return what stands before a version; a scope begins with the sign that ends a name."""
    return text[: text.find("@", 1)] if text.find("@", 1) > 0 else ""


def pnpm(text: str) -> Iterator[Pinned]:
    """Read a pnpm-lock.yaml, whose keys are names with versions: `a@1.0.0` or `/a/1.0.0`."""
    for tables in (each for document in yaml.documents(text) for each in at(document, "packages")):
        for key, entry in tables.items() if isinstance(tables, Mapping) else ():
            bare = key.lstrip("/").split("(")[0]
            name = _name(bare) or bare.rpartition("/")[0]
            for one in at(entry, "resolution"):
                if name and isinstance(one, Mapping) and one:
                    hashes = frozenset(filter(None, [str(one.get("integrity") or "")]))
                    yield Pinned(name, bare[len(name) + 1 :], str(one.get("tarball") or one.get("repo") or ""), hashes)


SUPPLY = supply(
    __file__, locks={"package-lock.json": npm, "npm-shrinkwrap.json": npm, "yarn.lock": yarn, "pnpm-lock.yaml": pnpm}
)

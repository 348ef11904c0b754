"""Places of packages in files: what a row of a `supply.toml` says of manifests, of locks, and of what runs by itself.

A reader may raise whatever its parser raises (`WRONG`); `supply.py` turns that into one answer.
"""

from __future__ import annotations

import configparser
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from typing import Literal

import re2
from defusedxml import ElementTree
from pydantic import Field

from workers.ecosystems.forms import Form, Table
from workers.formats import toml, yaml

_LONGEST = 4000
WRONG = (ValueError, TypeError, KeyError, AttributeError, RecursionError, SyntaxError, configparser.Error)


@dataclass(frozen=True)
class Package:
    """One declared package: the name as its ecosystem compares it, and what is said of its version or source."""

    name: str
    wanted: str


@dataclass(frozen=True)
class Pinned:
    """One version of one package. `source` is a URL or a kind of place, `hashes` what its bytes hash to; "" unknown."""

    name: str
    version: str
    source: str = ""
    hashes: frozenset[str] = frozenset()


def _json(text: str) -> list[object]:
    return [json.loads(text)]


def _toml(text: str) -> list[object]:
    return [toml.loads(text)]


_DOCUMENTS: Mapping[str, Callable[[str], Iterable[object]]] = {"json": _json, "toml": _toml, "yaml": yaml.documents}


class _Read(Table):
    """Files by their names or paths (with `*`): documents of a `format`, else `lines` of a form with named groups."""

    files: tuple[str, ...]
    format: Literal["", "json", "toml", "yaml"] = ""
    lines: Form | None = None

    def hits(self, text: str) -> Iterator[Mapping[str, str]]:
        """Yield the groups of each line that has the form."""
        for line in text.split("\n") if self.lines else ():
            if self.lines and (hit := self.lines.search(line[:_LONGEST])):
                yield hit.groups

    def documents(self, text: str) -> Iterable[object]:
        return _DOCUMENTS[self.format](text) if self.format else ()


class Manifest(_Read):
    """How packages are declared. Places are dotted keys, `*` is every key or member.

    `tables` map names to versions, `lists` hold names; `marked` are tables whose packages get its words behind their
    names; names without the sign `named` are no packages. In XML, `elements` are packages. What is `called` ("a|b": b
    where there is no a) of an element's attributes and children, or of a member of `lists`, is the name. The groups of
    a form are `name` and `wanted`.
    """

    tables: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    marked: dict[str, str] = Field(default_factory=dict)
    named: str = ""
    elements: tuple[str, ...] = ()
    called: tuple[str, ...] = ("name",)
    version: str = "version"

    def read(self, text: str) -> Iterator[Package]:
        """Yield what a text declares."""
        for groups in self.hits(text):
            yield Package(groups["name"], groups["wanted"].strip())
        for said in _elements(text, self.elements) if self.elements else ():
            yield from self._named(said)
        for data in self.documents(text):
            for value in (one for place in self.lists for one in at(data, f"{place}.*")):
                if isinstance(value, Mapping):
                    yield from self._named({str(key): str(each) for key, each in value.items()})
                elif isinstance(value, str):
                    yield Package(value, "")
            for place, mark in {**dict.fromkeys(self.tables, ""), **self.marked}.items():
                for table in at(data, place):
                    for name, wanted in table.items() if isinstance(table, Mapping) else ():
                        if self.named in str(name):
                            yield Package(f"{name}{mark}", written(wanted))

    def _named(self, said: Mapping[str, str]) -> Iterator[Package]:
        name = ":".join(_of(said, one) for one in self.called)
        yield from [Package(name, _of(said, self.version))] if name.strip(":") else []


class Lock(_Read):
    """How versions are pinned. `every` are places of packages: lists of tables, or tables by name.

    `source` and `hashes` are places in a package ("a|b": b where a is empty), or in the document where they begin with
    "/"; `{name}` is the package's. One with a value at a place of `unless` is not from elsewhere. A form's groups are
    `name`, `version`, `source` and `hash`.
    """

    every: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    hashes: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    def read(self, text: str) -> Iterator[Pinned]:
        """Yield what a text pins."""
        for groups in self.hits(text):
            hashes = frozenset(filter(None, [groups.get("hash")]))
            yield Pinned(groups["name"], groups["version"], groups.get("source", ""), hashes)
        for data in self.documents(text):
            for every in (each for place in self.every for each in at(data, place)):
                named = every.items() if isinstance(every, Mapping) else (("", one) for one in _list(every))
                for key, one in named:
                    table = _table(one)
                    name = str(key or table["name"])
                    if not _first(table, "|".join(self.unless)):
                        source, hashed = (_texts(places, name, table, data) for places in (self.source, self.hashes))
                        yield Pinned(name, str(table.get("version") or ""), " ".join(source), frozenset(hashed))


def _texts(places: tuple[str, ...], name: str, one: object, data: object) -> list[str]:
    return [text for place in places for text in _first(data if place[0] == "/" else one, place, name)]


def _elements(text: str, tags: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Yield the attributes and the texts of children of XML elements."""
    for one in ElementTree.fromstring(text.lstrip("\ufeff").encode(), forbid_dtd=True).iter():
        if str(one.tag).rpartition("}")[2] in tags:
            yield {**one.attrib, **{str(each.tag).rpartition("}")[2]: (each.text or "").strip() for each in one}}


def _of(said: Mapping[str, str], names: str) -> str:
    return next((said[name] for name in names.split("|") if said.get(name)), "")


def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise TypeError("no table stands where a package must")
    return value


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _first(inside: object, places: str, name: str = "") -> list[str]:
    """Return the texts at the first of several places that has any."""
    for place in places.removeprefix("/").split("|") if places else ():
        found = [str(one) for one in at(inside, place, name) if one and not isinstance(one, (Mapping, list))]
        if found:
            return found
    return []


def at(data: object, place: str, name: str = "") -> Iterator[object]:
    """Yield what stands at a place: dotted keys of which `*` is every key or member, and `{name}` is `name`."""
    key, _, rest = place.partition(".")
    key = name if key == "{name}" else key
    if not place:
        yield data
    elif isinstance(data, Mapping):
        for value in data.values() if key == "*" else [data[key]] if key in data else []:
            yield from at(value, rest, name)
    elif isinstance(data, list) and key == "*":
        for value in data:
            yield from at(value, rest, name)


def written(wanted: object) -> str:
    """Return what is said of a version in words."""
    return wanted if isinstance(wanted, str) else json.dumps(wanted, sort_keys=True, default=str)


class Commands(_Read):
    """The values at a place are commands; nothing else of such a file is run."""

    place: str

    def read(self, text: str) -> str:
        """Return the commands in a text, a line each; nothing where it cannot be read."""
        try:
            values = [each for data in self.documents(text) for each in at(data, f"{self.place}.*")]
        except WRONG:
            return ""
        return "\n".join(each for each in values if isinstance(each, str))


class Runs(_Read):
    """Values that run by themselves: keys with `names` (with `*`) in the tables at a place, whose text has `value`.

    `rule` and `sentence` say what another value is; `{key}` is the key.
    """

    place: str = ""
    names: tuple[str, ...]
    value: str = ""
    rule: str
    sentence: str

    def is_for(self, path: str) -> bool:
        """Return whether a path is such a file."""
        return any(is_named(path, mark) for mark in self.files)

    def said(self, key: str) -> str:
        """Return what is said of a key."""
        return self.sentence.replace("{key}", key)

    @cached_property
    def has_value(self) -> re2._Regexp:
        """Return what a value must have."""
        return re2.compile(self.value)


def runs(one: Runs, text: str) -> dict[str, str]:
    """Return what runs by itself in a file, by its keys; nothing where it cannot be read."""
    try:
        tables = [table for data in one.documents(text) for table in at(data, one.place)] if text else []
    except WRONG:
        return {}
    every = {str(key): written(value) for table in tables if isinstance(table, Mapping) for key, value in table.items()}
    named = {key: value for key, value in every.items() if any(fnmatch(key, name) for name in one.names)}
    return {key: value for key, value in named.items() if one.has_value.search(value.encode("utf-8", "replace"))}


def is_named(path: str, mark: str) -> bool:
    """Return whether a path, or its last part, is as a mark with `*` says."""
    return fnmatch(path.rpartition("/")[2], mark) or fnmatch(path, mark)

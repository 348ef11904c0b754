"""Settings files as dotted keys and values, whatever their form.

Law: parsers read them; what those cannot read is None, never a guess.
"""

from __future__ import annotations

import configparser
import json
from collections.abc import Iterator, Mapping

import re2

from workers.formats import toml, yaml

Flat = dict[str, object]
_LARGEST = 1 << 19
_YAML = (".yml", ".yaml", ".clang-tidy", ".yamllint", ".snyk", ".neon", ".neon.dist")
_JSONC = re2.compile(r"\"(?:[^\"\\\n]|\\.)*\"|//[^\n]*|/\*(?s:.*?)\*/")
_TRAILING = re2.compile(r",(\s*[}\]])")


def flat(path: str, text: str) -> Flat | None:
    """Return settings as dotted keys and values, or None where they cannot be read."""
    if len(text) > _LARGEST:
        return None
    text = text.removeprefix("\ufeff")
    try:
        if path.endswith(".toml"):
            return dict(_flattened(toml.loads(text)))
        if path.endswith((".json", ".jsonc", "rc")) and text.lstrip().startswith(("{", "//", "/*")):
            return dict(_flattened(json.loads(_bare(text))))
        if path.endswith(_YAML):
            return dict(_flattened(yaml.loads(text)))
        parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
        parser.read_string(text)
        return {f"{section}.{key}": value for section in parser.sections() for key, value in parser.items(section)}
    except (ValueError, configparser.Error, RecursionError, KeyError, TypeError):
        return None


def _bare(text: str) -> str:
    """Return JSON without the comments and trailing commas that settings files may have."""
    bare = _JSONC.sub(lambda one: one.group() if one.group().startswith('"') else " ", text)
    return _TRAILING.sub(r"\1", bare)


def _flattened(value: object, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping) and depth < 12 and value:
        for key, each in value.items():
            yield from _flattened(each, f"{prefix}.{key}" if prefix else str(key), depth + 1)
    elif isinstance(value, list) and value and depth < 12 and all(isinstance(one, Mapping) for one in value):
        for at, each in enumerate(value):
            name = next((str(each[key]) for key in ("module", "name", "path", "files") if key in each), str(at))
            yield from _flattened(each, f"{prefix}[{name[:80].replace('.', '/')}]", depth + 1)
    else:
        yield prefix, value

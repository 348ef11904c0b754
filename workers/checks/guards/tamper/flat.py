"""Settings files as dotted keys and values, whatever their form.

Law: parsers of the standard library read them; what those cannot read is None, never a guess.
"""

from __future__ import annotations

import configparser
import json
import re
from collections.abc import Iterator, Mapping

from workers import toml

Flat = dict[str, object]
_LARGEST = 1 << 19


def flat(path: str, text: str) -> Flat | None:
    """Settings as dotted keys and values, or None where they cannot be read."""
    if len(text) > _LARGEST:
        return None
    text = text.removeprefix("\ufeff")
    try:
        if path.endswith(".toml"):
            return dict(_flattened(toml.loads(text)))
        if path.endswith((".json", ".jsonc", "rc")) and text.lstrip().startswith(("{", "//", "/*")):
            return dict(_flattened(json.loads(_bare(text))))
        parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
        parser.read_string(text)
        return {f"{section}.{key}": value for section in parser.sections() for key, value in parser.items(section)}
    except (ValueError, configparser.Error, RecursionError, KeyError, TypeError):
        return None


_JSONC = re.compile(r"\"(?:[^\"\\\n]|\\.)*+\"|//[^\n]*|/\*[\s\S]*?\*/")


def _bare(text: str) -> str:
    """JSON without the comments and trailing commas that settings files may have."""
    bare = _JSONC.sub(lambda one: one.group() if one.group().startswith('"') else " ", text)
    return re.sub(r",(\s*[}\]])", r"\1", bare)


def _flattened(value: object, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping) and depth < 12 and value:
        for key, each in value.items():
            yield from _flattened(each, f"{prefix}.{key}" if prefix else str(key), depth + 1)
    else:
        yield prefix, value

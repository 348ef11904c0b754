"""Settings files as dotted keys and values, whatever their form.

Law: parsers of the standard library read them; what those cannot read is None, never a guess.
"""

from __future__ import annotations

import configparser
import json
import re
from collections.abc import Iterator, Mapping

from workers.formats import toml

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


_KEY = re.compile(
    r"^(?P<margin>[ \t]*)(?P<dash>-[ \t]+)?(?P<key>[\"']?[\w@/.*-]{1,120}[\"']?)[ \t]*:(?:[ \t]+(?P<value>.*))?$"
)
_MOST_LINES = 20_000


def outline(text: str) -> Flat:
    """Dotted keys and values of a text that is laid out by its indentation, as YAML and NEON are.

    Items of a list are joined in one value of its key; what is no key and no item is left out. Never raises.
    """
    found: Flat = {}
    open_keys: list[tuple[int, str]] = []
    for line in text.split("\n")[:_MOST_LINES]:
        line = line[:500].rstrip()  # noqa: PLW2901  # cut
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        margin = len(line) - len(line.lstrip())
        one = _KEY.match(line)
        item = bare.startswith("- ") and (one is None or not one["dash"])
        while open_keys and (open_keys[-1][0] > margin or (open_keys[-1][0] == margin and not bare.startswith("-"))):
            open_keys.pop()
        if len(open_keys) > 20:
            continue
        if one and not item:
            key = one["key"].strip("\"'")
            open_keys.append((margin, key))
            found[".".join(name for _, name in open_keys)] = _inline(one["value"] or "")
            if one["dash"]:
                open_keys.pop()
        elif open_keys:
            listed = ".".join(name for _, name in open_keys)
            had = found.get(listed)
            found[listed] = [*(had if isinstance(had, list) else []), bare.removeprefix("-").strip().strip("\"'")]
    return found


def _inline(value: str) -> object:
    bare = re.sub(r"\s+#.*$", "", value).strip()
    if bare.startswith("[") and bare.endswith("]"):
        return [one.strip().strip("\"'") for one in bare[1:-1].split(",") if one.strip()]
    return bare.strip("\"'")


_JSONC = re.compile(r"\"(?:[^\"\\\n]|\\.)*+\"|//[^\n]*|/\*[\s\S]*?\*/")


def _bare(text: str) -> str:
    """JSON without the comments and trailing commas that settings files may have."""
    bare = _JSONC.sub(lambda one: one.group() if one.group().startswith('"') else " ", text)
    return re.sub(r",(\s*[}\]])", r"\1", bare)


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

"""Read untrusted YAML in bounded time and memory, with every scalar as text: `on` is not a boolean, `1.10` not a
number.

Law: nesting and size, with aliases expanded, are measured before anything is built. Every value is a text, a list or a
mapping: tags never create objects.
"""

from __future__ import annotations

import yaml

Value = str | list["Value"] | dict[str, "Value"]
LARGEST = 8 << 20
"""Most characters of a file."""
MOST_DEEP = 60
MOST_NODES = 1_000_000
"""Most scalars and collections of a file, each counted as often as aliases repeat it."""


def loads(text: str) -> Value:
    """Return the first document, with scalars as text; "" if there is none. Raises ValueError."""
    return next(iter(documents(text)), "")


def documents(text: str) -> list[Value]:
    """Return every document. Raises ValueError."""
    if len(text) > LARGEST:
        raise ValueError("the text is too large")
    try:
        _measure(text)
        loaded: list[Value] = list(yaml.load_all(text, Loader=yaml.CBaseLoader))
    except (yaml.YAMLError, RecursionError) as wrong:
        raise ValueError(f"no YAML: {type(wrong).__name__}") from wrong
    return ["" if one is None else one for one in loaded]


def _measure(text: str) -> None:
    """Raise ValueError if a text nests too deep, or is too large with its aliases expanded."""
    sizes: dict[str, int] = {}
    open_ones: list[tuple[str, int]] = []
    nodes = 0
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            open_ones.append((event.anchor or "", nodes))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_ones.pop()
            sizes[anchor] = nodes - before
        elif isinstance(event, yaml.AliasEvent):
            nodes += sizes.get(event.anchor or "", 0)
        nodes += 1
        if len(open_ones) > MOST_DEEP or nodes > MOST_NODES:
            raise ValueError("the text nests too deep, or repeats itself too often")

"""Workflow files as nodes that know their lines: PyYAML reads them, and every scalar stays text (`on` is no truth).

Law: what a workflow cannot need (anchors, aliases, tags, merges, a key twice) is refused with its line, never guessed:
a workflow misread is a check that lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Union

import yaml

_MOST_DEEP = 40


class YamlError(Exception):
    """`line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.message = message


@dataclass(frozen=True)
class Node:
    """A value and where it stands. Scalars are text; an empty value is None."""

    value: Value
    line: int


Value = Union[str, None, "dict[str, Node]", "list[Node]"]


def parse(text: str) -> Node:
    """Return the document. Raises YamlError for everything that is no workflow's."""
    try:
        _refuse(text)
        root = yaml.compose(text, Loader=yaml.CBaseLoader)
    except yaml.MarkedYAMLError as wrong:
        started = wrong.context_mark if isinstance(wrong, yaml.scanner.ScannerError) else None
        raise YamlError(_line(started or wrong.problem_mark), wrong.problem or "this is no YAML") from wrong
    except (yaml.YAMLError, UnicodeEncodeError) as wrong:
        raise YamlError(1, "this is no YAML") from wrong
    if isinstance(root, yaml.ScalarNode) and root.value:
        raise YamlError(_line(root.start_mark), f"expected `key: value`, found `{root.value[:60]}`")
    return _node(root) if root else Node(None, 1)


class _Mark(Protocol):
    @property
    def line(self) -> int: ...


def _line(mark: _Mark | None) -> int:
    return mark.line + 1 if mark else 1


def _refuse(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        if isinstance(event, yaml.NodeEvent) and (event.anchor or getattr(event, "tag", None)):
            raise YamlError(_line(event.start_mark), "anchors, aliases and tags are not supported")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MOST_DEEP:
            raise YamlError(_line(event.start_mark), "this nests too deep")


def _node(node: yaml.Node) -> Node:
    line = _line(node.start_mark)
    if isinstance(node, yaml.SequenceNode):
        return Node([_node(one) for one in node.value], line)
    if isinstance(node, yaml.ScalarNode):
        return Node(None if node.value == "" and not node.style else str(node.value), line)
    found: dict[str, Node] = {}
    for key, value in node.value:
        at = _line(key.start_mark)
        if not isinstance(key, yaml.ScalarNode) or key.value == "<<":
            raise YamlError(at, "a key is a plain word; merges are not supported")
        if key.value in found:
            raise YamlError(at, f"`{key.value}` stands here twice")
        found[key.value] = Node(_node(value).value, at)
    return Node(found, line)

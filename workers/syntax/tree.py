"""A syntax tree of source that anybody wrote, read by tree-sitter and copied, so that its nodes know each other.

A tree is walked by loops alone, so that no nesting can exhaust the stack; what is deeper than people write is refused.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from tree_sitter import Language, Parser, Tree

_DEEPEST, _MOST_NODES = 500, 400_000


class Unreadable(Exception):
    """A text that is nested deeper than people write."""


@dataclass(slots=True, eq=False)
class Node:
    """One node with its place in the source. In a tree of Dart a call begins where what it calls begins."""

    type: str
    start: int
    end: int
    row: int
    parent: Node | None
    children: list[Node] = field(default_factory=list)

    def walk(self, but: Callable[[Node], bool] | None = None) -> Iterator[Node]:
        """Yield this node and all below it in the order of the source, without what lies below nodes that are `but`."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            if but is None or node is self or not but(node):
                waiting.extend(reversed(node.children))

    def above(self) -> Iterator[Node]:
        """Yield all nodes that this one lies in, from the inside out."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent


def parsed(grammar: str, source: bytes, kinds: Mapping[str, str]) -> Node:
    """Return the root of the tree, with its kinds renamed by `kinds`. Raises Unreadable where it is nested too deep."""
    return _copied(Parser(_language(grammar)).parse(source), kinds)


@cache
def _language(grammar: str) -> Language:
    module, _, function = grammar.partition(":")
    return Language(getattr(importlib.import_module(module), function)())


def _copied(tree: Tree, kinds: Mapping[str, str]) -> Node:
    cursor, parent, number = tree.walk(), None, 0
    depth = 0
    while True:
        here, number = cursor.node, number + 1
        if here is None or depth > _DEEPEST or number > _MOST_NODES:
            raise Unreadable
        node = Node(kinds.get(here.type, here.type), here.start_byte, here.end_byte, here.start_point.row, parent)
        if parent is not None:
            parent.children.append(node)
        if cursor.goto_first_child():
            parent, depth = node, depth + 1
            continue
        while not cursor.goto_next_sibling():
            if parent is None or not cursor.goto_parent():
                return _root(node)
            node, parent, depth = parent, parent.parent, depth - 1


def _root(node: Node) -> Node:
    while node.parent is not None:
        node = node.parent
    return node

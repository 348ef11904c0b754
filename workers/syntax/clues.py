"""Short texts of a source by which names are known: what is called with what, what stands above a function.

Law: a clue is cut to a length, has no blanks and no comments, and is never read as anything but text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from workers.syntax import nodes
from workers.syntax.tree import Node

LONGEST_CLUE, LONGEST_WORDS = 300, 4000


class Clues:
    """A source with its tree."""

    def __init__(self, source: bytes, root: Node) -> None:
        for node in list(root.walk()):
            if node.type in nodes.CALLS:
                nodes.enclose(node)
        self._source, self._nodes = source, list(root.walk())
        self._known: dict[int, str] = {}
        for node in self._nodes:
            if node.type == "selector" and nodes.is_call(node):
                node.start = nodes.called(node)[0].start
        self._comments = [(one.start, one.end) for one in self._nodes if nodes.is_comment(one)]

    def given(self, node: Node) -> Iterator[str]:
        """Yield what is said of a test beside its title and body: `,skip:true`."""
        for each in nodes.arguments(node) if nodes.is_call(node) else ():
            if not any(one.type in nodes.CLOSURES for one in each):
                yield "," + nodes.squeezed(self.span(each[0].start, each[-1].end))[:LONGEST_CLUE]

    def marks(self, node: Node) -> list[str]:
        """Return annotations, attributes and modifiers of a function, a class or a module, and what stands above it."""
        found = []
        for each in () if nodes.is_call(node) else node.children:
            if each.type in nodes.BLOCKS:
                break
            found += each.children if each.type == "modifiers" else [each]
        return [nodes.squeezed(self.text(one))[:LONGEST_CLUE] for one in (*found, *nodes.above(node))]

    def clue(self, call: Node) -> str:
        """Return what is called with what, without bodies of functions: `it.skip("adds"`."""
        if id(call) not in self._known:
            given = [] if nodes.is_bare(call) else nodes.arguments(call)
            plain = [self.code_of(each) for each in given if not any(one.type in nodes.CLOSURES for one in each)]
            self._known[id(call)] = f"{self.chain(call)}({nodes.squeezed(','.join(plain))}"[:LONGEST_CLUE]
        return self._known[id(call)]

    def chain(self, call: Node) -> str:
        """Return what is called, without arguments: `expect.not.toBe`."""
        leaves = (
            leaf
            for node in nodes.called(call)
            if not (nodes.closed(node) or nodes.is_text(node))
            for leaf in node.walk(lambda one: nodes.closed(one) or nodes.is_text(one))
        )
        parts = (self.text(one) for one in leaves if not (one.children or nodes.is_comment(one) or nodes.is_text(one)))
        return "".join(parts)[-LONGEST_CLUE:]

    def text(self, node: Node) -> str:
        return self.span(node.start, node.end)

    def span(self, start: int, end: int) -> str:
        return self._source[start:end].decode("utf-8", "replace")

    def code_of(self, nodes: list[Node]) -> str:
        return self.cut(nodes[0].start, nodes[-1].end)

    def code(self, node: Node) -> str:
        return self.cut(node.start, node.end)

    def cut(self, start: int, end: int) -> str:
        """Return a part of the source without its comments."""
        parts, at = [], start
        for index in range(bisect_left(self._comments, (start, 0)), len(self._comments)):
            begin, close = self._comments[index]
            if begin >= end:
                break
            parts.append(self.span(at, begin))
            at = max(at, close)
        return "".join((*parts, self.span(at, end)))

    def unquoted(self, node: Node) -> str:
        """Return a statement without its texts, with blanks between words alone."""
        whole = ""
        for each in node.walk(nodes.is_text):
            if not (each.children or nodes.is_text(each) or nodes.is_comment(each)) and len(whole) < LONGEST_WORDS:
                word = self.text(each)
                whole += f" {word}" if whole[-1:].isalnum() and word[:1].isalnum() else word
        return whole

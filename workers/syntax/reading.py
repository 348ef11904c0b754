"""Tests in any language but Python, read from its syntax tree: where each begins, what it asserts, what skips it.

What a language calls these things stands in its folder (`workers/ecosystems/<language>/tests.toml`), with the kinds of
node that its grammar alone has; the kinds on which grammars mostly agree stand in `syntax.toml`. A name that a language
lacks costs one test in the table of another, so the two are kept apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import re2

from workers.ecosystems.registry import ALL
from workers.ecosystems.suite import Assertion, Test, TestForms
from workers.syntax import asserting, nodes
from workers.syntax.clues import LONGEST_CLUE, LONGEST_WORDS, Clues
from workers.syntax.tree import Node, parsed

FORMS = tuple(form for ecosystem in ALL for form in ecosystem.tests)
_COMPOUND = ("[", "{", "(", '"', "'", "new", "Arguments.of(", "arguments(", "listOf(", "vec![", "tuple(")
"""How a case of a table begins, which is more than one value."""
_SPEAKS = ("throw", "fail", "raise", "assert", "expect", "done", "reject", "panic", "flunk", "verify", "should")
_LOUD = ("throw", "fail", "raise", "done", "reject", "panic", "flunk")
_BARE = frozenset({"return", "next"})
_QUOTED = re2.compile(r"""\"[^\"]*\"?|'[^']*'?|`[^`]*`?""")
_NO_MORE = frozenset({"done()", "t.end()", "t.pass()"})


def form(path: str, text: str) -> TestForms | None:
    """Return how tests look in a file, or None for languages that are not read."""
    return next((each for each in FORMS if each.reads(path, text)), None)


def holds_tests(path: str, text: str) -> bool:
    """Return whether tests may stand in a source, as in languages whose sources hold their own tests."""
    path = path.encode("utf-8", "replace").decode()
    return any(each.within and each.within in text and each.reads(path, "") for each in FORMS)


def read(text: str, how: TestForms) -> tuple[list[Test], bool]:
    """Return every test of a text and whether it asserts anything. Raises Unreadable where it is too deep."""
    source = text.encode()
    return _Reading(source, parsed(how.grammar, source, how.kinds), how).all()


class _Begun:
    """A node at which a test begins: the statement that it is, the function that its assertions stand in."""

    def __init__(self, node: Node, whole: Node, name: str, head: str, group: bool) -> None:
        self.node, self.whole, self.name, self.head, self.group = node, whole, name, head, group
        self.body = (
            node
            if node.type in nodes.FUNCTIONS
            else next((one for one in whole.walk() if one.type in nodes.CLOSURES), node)
        )


class _Reading(Clues):
    """One file with its tree."""

    def __init__(self, source: bytes, root: Node, how: TestForms) -> None:
        super().__init__(source, root)
        self._how = how
        self._begun = {id(one.node): one for one in map(self._begin, self._nodes) if one is not None}

    def all(self) -> tuple[list[Test], bool]:
        """Return every test, and whether anything is asserted anywhere."""
        every = [self._test(one) for one in self._begun.values()]
        if self._how.called:
            named = Counter(self.text(one) for one in self._nodes if one.type == "identifier")
            every = [replace(one, fences=one.fences + 1) if named[one.name] == 1 else one for one in every]
        if any(map(self._is_shadow, self._nodes)):
            why = "is run by a function of its file, not by the test tool"
            every = [replace(one, blunted=one.blunted or why) for one in every]
        return every, next(self._assertions(self._nodes), None) is not None

    def _is_shadow(self, node: Node) -> bool:
        """Return whether a function of the file takes a name by which tests are known."""
        bound = node.type == "variable_declarator" and any(one.type in nodes.CLOSURES for one in node.children)
        if not bound and node.type not in {"function_declaration", "function_definition"}:
            return False
        name = self.text(node.children[0]) if bound else self._head(node)[0]
        return self._how.find("calls", f"{name}(") or self._how.find("groups", f"{name}(")

    def _begin(self, node: Node) -> _Begun | None:
        if node.type in nodes.FUNCTIONS:
            name, head = self._head(node)
            if not self._how.find("functions", head):
                return None
            needed = "marked" in self._how.names and not self._how.find("unmarked", head)
            if needed and not any(self._how.find("marked", mark) for mark in self.marks(node)):
                return None
            return _Begun(node, node, name, head, False)
        if not nodes.is_call(node):
            return None
        called = f"{self.chain(node)}("
        title = self._title(node)
        group = self._how.find("groups", called)
        if title and (group or self._how.find("calls", called) or (self._how.titled and self._is_titled(node))):
            return _Begun(node, nodes.statement(node), title, f'"{title}"(', group)
        return None

    def _head(self, node: Node) -> tuple[str, str]:
        """Return the name of a function and its head; in C the head has the arguments, in which macros keep names."""
        name = ""
        for each in node.children:
            if each.type.endswith("declarator"):
                head = nodes.squeezed(self.text(each))[:LONGEST_CLUE]
                return (head if head.isupper() or head[:1].isupper() else head.partition("(")[0]), head
            if each.type in nodes.BLOCKS or (name and "parameter" in each.type):
                break
            if nodes.is_text(each):
                name = self.text(each).strip('"')
            if each.type in {"identifier", "name", "field_identifier", "simple_identifier", "constant"}:
                name = self.text(each)
        return name.strip("`"), f"{name}("

    def _title(self, node: Node) -> str:
        if self._how.titled and self._is_titled(node):
            first = next(one for one in node.walk() if nodes.is_text(one))
        else:
            first = next(iter(nodes.arguments(node)), [node])[0]
            while not nodes.is_text(first) and len(first.children) == 1:
                first = first.children[0]
        text = self.text(first)[:LONGEST_CLUE]
        return text.strip("\"'`") if nodes.is_text(first) else ""

    def _is_titled(self, node: Node) -> bool:
        """Return whether a call is a string that is given a body, as specs of Kotest are."""
        first = node
        while first.children and not nodes.is_text(first):
            first = first.children[0]
        return nodes.is_text(first) and node.children[-1].type == "annotated_lambda"

    def _test(self, one: _Begun) -> Test:
        clues = [one.head, *self.marks(one.node), *self.given(one.node), *self._chained(one)]
        within = (
            [] if one.group else list(one.whole.walk(lambda node: id(node) in self._begun and node is not one.node))
        )
        clues += [self.clue(each) for each in (within or [one.node]) if nodes.is_call(each) or nodes.is_bare(each)]
        clues += [nodes.squeezed(self.text(each))[:LONGEST_CLUE] for each in within if self._is_plain_return(each)]
        asserted = list(self._assertions(within))
        lines = self.code(one.whole).split("\n")
        skips = [clue for clue in clues if clue and self._how.find("skips", clue)]
        return Test(
            "",
            one.name.replace("DISABLED_", "").removeprefix("!").removeprefix("f:") or "unnamed",
            tuple(line.strip() for line in lines[1:] if len(line.strip()) > 2),
            tuple(each for _, each in asserted),
            len(skips),
            any(self._how.find("focuses", clue) for clue in clues if clue),
            rows=() if one.group else tuple(self._rows(one, within, asserted)),
            blunted=self._blunted(one, within, [node for node, _ in asserted]),
            group=one.group,
            fences=self._fences + sum(self._around(one.whole)),
            free=tuple(each.words for node, each in asserted if not self._is_held(node, one)),
            conditions=tuple(_QUOTED.sub("", clue) for clue in skips),
        )

    def _is_plain_return(self, node: Node) -> bool:
        """Return whether a value is returned that nothing is called for: `return error.SkipZigTest`."""
        return node.type in nodes.RETURNS and not any(nodes.is_call(each) for each in node.walk())

    def _chained(self, one: _Begun) -> list[str]:
        """Return what is called on a test: `it(...)->skip()`."""
        return [
            self.clue(each) for each in one.whole.walk(nodes.closed) if nodes.is_call(each) and each is not one.node
        ]

    def _around(self, node: Node) -> Iterator[int]:
        """Yield what keeps the surroundings of a test from being built or run."""
        below = node
        for each in node.above():
            if each.type in nodes.FENCED:
                yield "ifndef" not in each.children[0].type or "_H" not in self.text(each)[:100].upper()
            elif below.type not in nodes.CALLS and each.type not in nodes.BLOCKS | nodes.ARGUMENTS | nodes.CALLS | {
                "ERROR"
            }:
                yield sum(self._how.find("skips", mark) for mark in self.marks(each))
            below = each

    @cached_property
    def _fences(self) -> int:
        notes = (one for one in self._nodes if one.type in nodes.MARKS or nodes.is_comment(one))
        known = "fences" in self._how.names
        return sum(known and self._how.find("fences", nodes.squeezed(self.text(one))[:LONGEST_CLUE]) for one in notes)

    def _assertions(self, within: list[Node]) -> Iterator[tuple[Node, Assertion]]:
        """Yield what nodes assert, with the statements that say so."""
        past = -1
        for node in within:
            if node.type in nodes.CLOSURES:
                past = -1
            if node.start < past or not nodes.is_call(node) or id(node) in self._begun:
                continue
            clue = self.clue(node)
            failing = self._how.find("fails", clue)
            if not failing and not self._how.find("asserts", clue):
                continue
            branch = nodes.failed_branch(node) if failing else None
            if branch is not None:
                yield branch, asserting.condition(self.code(nodes.condition(branch)))
                continue
            whole = nodes.statement(node)
            past = whole.end
            yield whole, self._said(whole, failing)

    def _said(self, whole: Node, failing: bool) -> Assertion:
        calls = [] if failing else [each for each in whole.walk(nodes.closed) if nodes.is_call(each)]
        given = [self.code_of(each) for call in reversed(calls) for each in nodes.arguments(call)]
        alone = len(given) == 1 and len(calls) == 1 and self.chain(calls[0]) == "expect"
        said = asserting.assertion(self.code(whole)[:LONGEST_WORDS], self.unquoted(whole), given, alone, self._how)
        promised = self._how.find("promised", nodes.squeezed(self.unquoted(whole)))
        let_go = promised and nodes.is_let_go(whole)
        return replace(said, words=f"void {said.words}", strength=0) if let_go else said

    def _is_held(self, node: Node, one: _Begun) -> bool:
        """Return whether an assertion is reached under a condition only, or its failure goes nowhere."""
        below = node
        for each in (node, *node.above()):
            if each is one.node or (each is one.whole and each is not node):
                return False
            if (
                (each is not below and nodes.is_conditional(each, below))
                or each.type in nodes.MODIFIERS
                or (each.type == "try_expression" and self.text(each).startswith("try?"))
                or (each is not node and nodes.is_call(each) and self._how.find("held", self.clue(each)))
            ):
                return True
            below = each
        return False

    def _blunted(self, one: _Begun, within: list[Node], asserted: list[Node]) -> str:
        """Return why the assertions cannot fail: left before, or swallowed; "" where neither is seen."""
        if not asserted:
            return ""
        last = max(node.start for node in asserted)
        for node in within:
            if node.type in nodes.RETURNS and node.start < last and self._leaves(node, one):
                return "may return before its assertions"
            if node.type in nodes.HANDLERS and node.parent is not None:
                tried = any(node.parent.start <= each.start < node.start for each in asserted)
                if tried and not self._answers(nodes.handling(node)):
                    return "swallows its own failures"
        return ""

    def _leaves(self, node: Node, one: _Begun) -> bool:
        """Return whether a bare return stands in the test itself, or alone in a branch of it."""
        around = next((each for each in node.above() if each.type in nodes.CLOSURES), None)
        if around is not one.body or nodes.squeezed(self.text(node)).rstrip(";").partition("@")[0] not in _BARE:
            return False
        branch, others = nodes.block_above(node)
        if branch is None or branch.type in nodes.CLOSURES:
            return True
        alone = all(nodes.squeezed(self.text(each)).rstrip(";") in _NO_MORE for each in others)
        return branch.type in nodes.BRANCHES and alone

    def _answers(self, handling: list[Node]) -> bool:
        """Return whether a handler fails, or asserts more of what it caught than that it is there."""
        said = [one.words for block in handling for _, one in self._assertions(list(block.walk()))]
        loud = _LOUD if said and all(map(nodes.NAMES["there"].matches, said)) else _SPEAKS
        return any(self._speaks(each, loud) for each in handling)

    def _speaks(self, node: Node, how: tuple[str, ...]) -> bool:
        return any(
            self.text(each).lower().startswith(how)
            for each in node.walk()
            if not each.children and not nodes.is_text(each)
        )

    def _rows(self, one: _Begun, within: list[Node], asserted: list[tuple[Node, Assertion]]) -> Iterator[str]:
        """Yield the cases of a test: members of lists on lines of their own, and what `each` is given."""
        spans = [(node.start, node.end) for node, _ in asserted]
        given = [
            each
            for mark in (
                *nodes.above(one.node),
                *(each for each in one.node.children[:3] if each.type not in nodes.BLOCKS),
            )
            for each in mark.walk()
            if each.type in nodes.LISTS
        ]
        for node in (*within, *given):
            if node.type not in nodes.LISTS or any(start <= node.start < end for start, end in spans):
                continue
            each = (
                node.parent is not None
                and node.parent.parent is not None
                and self.chain(node.parent.parent).endswith(".each")
            )
            for group in nodes.split(node):
                text = self.span(group[0].start, group[-1].end).strip()
                if (group[0].row != node.row and text.removeprefix(".").startswith(_COMPOUND)) or (
                    each and len(nodes.split(node)) > 1
                ):
                    yield text

"""Kinds of node that mean the same in most grammars, and small questions about a node and those around it.

Nothing here knows a language by its name: a kind that one grammar lacks is only never met in its trees. The kinds
stand in `syntax.toml`; a language whose grammar has kinds of its own says in its `tests.toml` which of these they are.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from workers.ecosystems.forms import Form
from workers.syntax.tree import Node

_TABLE = tomllib.loads(Path(__file__).with_name("syntax.toml").read_text(encoding="utf-8"))
KINDS: dict[str, frozenset[str]] = {name: frozenset(kinds) for name, kinds in _TABLE["kinds"].items()}
NAMES: dict[str, Form] = {name: Form.model_validate(table) for name, table in _TABLE["names"].items()}
FUNCTIONS, CLOSURES = KINDS["functions"], KINDS["functions"] | KINDS["closures"]
ARGUMENTS, BLOCKS, BRANCHES, CALLS = KINDS["arguments"], KINDS["blocks"], KINDS["branches"], KINDS["calls"]
MARKS, MODIFIERS, LISTS, FENCED = KINDS["marks"], KINDS["modifiers"], KINDS["lists"], KINDS["fenced"]
RETURNS, HANDLERS = KINDS["returns"], KINDS["handlers"]
_BRACKETS = frozenset("()[]{}") | {"#[", "vec!"}
_OTHERS = frozenset({"expression_statement", "else_clause"})


def squeezed(text: str) -> str:
    """Return a text without blanks."""
    return "".join(text.split())


def is_call(node: Node) -> bool:
    """Return whether something is called; in Dart the selector behind a name is the call."""
    return node.type in CALLS or (node.type == "selector" and any(one.type == "argument_part" for one in node.children))


def enclose(call: Node) -> None:
    """Put the arguments of a call into a node, as most grammars do."""
    begin = next((at for at, one in enumerate(call.children) if one.type == "("), None)
    if begin is None or any(one.type in ARGUMENTS for one in call.children):
        return
    given = call.children[begin:]
    call.children[begin:] = [Node("arguments", given[0].start, given[-1].end, given[0].row, call, given)]
    for each in given:
        each.parent = call.children[begin]


def is_text(node: Node) -> bool:
    return "string" in node.type


def is_comment(node: Node) -> bool:
    return "comment" in node.type


def is_bare(node: Node) -> bool:
    """Return whether a name stands alone as a statement, which calls it in Ruby."""
    return node.type == "identifier" and node.parent is not None and node.parent.type in BLOCKS


def closed(node: Node) -> bool:
    """Return whether what lies below is no part of what is called."""
    return node.type in ARGUMENTS or node.type in CLOSURES


def called(call: Node) -> list[Node]:
    """Return the nodes that say what is called."""
    if is_bare(call):
        return [call]
    if call.type == "infix_expression":
        return call.children[1:2]
    if call.type == "selector" and call.parent is not None:
        at = begin = call.parent.children.index(call)
        while begin and call.parent.children[begin].type.endswith("selector"):
            begin -= 1
        return call.parent.children[begin:at]
    return [one for one in call.children if not closed(one) and one.type != "block"]


def arguments(call: Node) -> list[list[Node]]:
    """Return the arguments of a call, each with its nodes."""
    if call.type == "infix_expression":
        return [[one] for one in (*call.children[:1], *call.children[2:])]
    node = next((one for one in call.children if one.type in ARGUMENTS), None)
    while node is not None and node.type in {"call_suffix", "argument_part"} and node.children:
        node = node.children[0]
    return split(node) if node is not None else []


def split(node: Node) -> list[list[Node]]:
    """Return what stands between the commas of a node."""
    groups: list[list[Node]] = [[]]
    for at, each in enumerate(node.children):
        if each.type == ",":
            groups.append([])
        elif not is_comment(each) and not (each.type in _BRACKETS and at in {0, len(node.children) - 1}):
            groups[-1].append(each)
    return [group for group in groups if group]


def statement(call: Node) -> Node:
    """Return the whole of an expression that begins with a call: `expect(a).toBe(1)` of `expect(a)`."""
    node = call
    while (above := node.parent) is not None and above.start == node.start:
        if above.type in BLOCKS or above.type in CLOSURES or above.type == "ERROR":
            break
        node = above
    return node


def is_let_go(whole: Node) -> bool:
    """Return whether nothing is done with a statement's value: it is neither awaited nor returned."""
    return whole.type == "expression_statement" or (
        whole.parent is not None and whole.parent.type == "unary_expression"
    )


def above(node: Node) -> Iterator[Node]:
    """Yield the annotations, attributes and comments right before a node."""
    if node.parent is None or not node.parent.children:
        return
    siblings = node.parent.children
    at = siblings.index(node)
    while at and (siblings[at - 1].type in MARKS or is_comment(siblings[at - 1])):
        at -= 1
        yield siblings[at]


def block_above(node: Node) -> tuple[Node | None, list[Node]]:
    """Return what the block around a node belongs to, and what else stands in the block."""
    inner, outer, others = node, node.parent, list[Node]()
    while outer is not None and (outer.type in BLOCKS or outer.type in _OTHERS):
        beside = (one for one in outer.children if one is not inner and one.type[:1].isalpha() and not is_comment(one))
        others += (one for one in beside if one.type not in {"then", "end", "else", "do"})
        inner, outer = outer, outer.parent
        if inner.type == "do_block":
            return inner, others
    return outer, others


def failed_branch(call: Node) -> Node | None:
    """Return the `if` that a call alone stands in."""
    branch, _ = block_above(call)
    return branch if branch is not None and branch.type in BRANCHES else None


def condition(branch: Node) -> Node:
    """Return what an `if` asks."""
    named = [one for one in branch.children if one.type[:1].isalpha() and one.type not in {"if", "unless", "while"}]
    at = next((at for at, one in enumerate(named) if one.type in BLOCKS), 1)
    return named[max(0, at - 1)] if named else branch


def is_conditional(branch: Node, below: Node) -> bool:
    """Return whether a part of a branch, or of a combination with `&&`, is reached under a condition only."""
    if branch.type in MODIFIERS:
        return below is branch.children[0]
    if branch.type in BRANCHES:
        return below is not condition(branch) and below.type != "parenthesized_expression"
    return below is branch.children[-1] and any(one.type in {"&&", "||", "and", "or"} for one in branch.children)


def handling(handler: Node) -> list[Node]:
    """Return what a `catch` does."""
    inside = [one for one in handler.children if one.type in BLOCKS]
    if inside or handler.parent is None:
        return inside
    siblings = handler.parent.children
    behind = siblings[siblings.index(handler) + 1 :][:1]
    return [one for one in behind if one.type in BLOCKS] or handler.children[1:]

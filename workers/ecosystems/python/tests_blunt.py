"""Why the assertions of a Python test cannot fail: never reached, swallowed, expected to fail.

Law: a reason is given for what the syntax shows; whether a condition can ever hold is not computed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import re2

from workers.ecosystems.python.tests_names import BROAD, Function, dotted, is_false, is_true

Finds = Callable[[ast.AST], bool]
"""Return whether a node holds an assertion about the code under test."""
_RAISES = re2.compile(r"(^|\.)(raises|assertRaises\w*)$")


def blunted(body: list[ast.stmt], function: Function, finds: Finds, swallowing: frozenset[str]) -> str:
    """Return why the assertions of a test cannot fail, in words; "" where they can. `body` is without the docstring."""
    asserting = [at for at, each in enumerate(body) if finds(each)]
    if any(isinstance(each, ast.Return) and at < asserting[-1] for at, each in enumerate(body) if asserting):
        return "returns before its assertions"
    if asserting and any(_leaves(each) for each in body[: asserting[-1]]):
        return "may return before its assertions"
    nodes = list(_own(function))
    for each in nodes:
        if isinstance(each, (ast.If, ast.While)) and is_false(each.test) and any(map(finds, each.body)):
            return "has assertions that are never reached"
        if isinstance(each, ast.For) and _is_empty(each.iter) and any(map(finds, each.body)):
            return "has assertions that are never reached"
        if isinstance(each, (ast.Try, ast.With)) and _muffles(each, finds):
            return "swallows its own failures"
        if isinstance(each, ast.With) and _raises_itself(each):
            return "raises itself what it expects"
    if any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in nodes) and asserting:
        return "is a generator, which no test runner runs"
    if any(dotted(each) in swallowing for each in function.decorator_list):
        return "is wrapped into what swallows failures"
    return ""


def conditional(function: Function) -> Iterator[ast.AST]:
    """Yield the nodes with assertions that are reached under a condition only, or in a function that nobody calls."""
    called = {dotted(one.func) for one in ast.walk(function) if isinstance(one, ast.Call)}
    named = {one.id for one in ast.walk(function) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
    for each in _own(function):
        if isinstance(each, (ast.If, ast.While)) and not is_true(each.test):
            yield from (*each.body, *each.orelse)
        elif isinstance(each, Function) and each.name not in called | named and not each.decorator_list:
            yield from each.body


def _own(function: Function) -> Iterator[ast.AST]:
    """Yield every node of a function's body, in no order."""
    for each in function.body:
        yield from ast.walk(each)


def _leaves(node: ast.stmt) -> bool:
    """Return whether this is a bare return in a branch that does nothing else."""
    if not isinstance(node, ast.If):
        return False
    first = node.body[0]
    alone = len(node.body) == 1 and isinstance(first, ast.Return)
    return alone and (not isinstance(first, ast.Return) or first.value is None)


def _muffles(node: ast.Try | ast.With, finds: Finds) -> bool:
    if isinstance(node, ast.Try):
        leaves = any(isinstance(one, (ast.Return, ast.Break, ast.Continue)) for one in node.finalbody)
        return any(map(finds, node.body)) and (leaves or any(_swallows(one, finds) for one in node.handlers))
    calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
    quiet = any(
        dotted(call.func).endswith("suppress") and any(dotted(one) in BROAD for one in call.args) for call in calls
    )
    expecting = any(
        _RAISES.search(dotted(call.func)) and any(dotted(one) == "AssertionError" for one in call.args)
        for call in calls
    )
    bare = all(_is_plain_assert(one) for one in node.body)
    return (quiet and any(map(finds, node.body))) or (expecting and bare)


def _is_plain_assert(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assert)


def _swallows(handler: ast.ExceptHandler, finds: Finds) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type] if handler.type else []
    broad = not kinds or any(dotted(kind) in BROAD for kind in kinds)
    speaks = any(isinstance(each, (ast.Raise, ast.Assert)) for each in ast.walk(handler)) or any(
        map(finds, handler.body)
    )
    return broad and not speaks and not _fails(handler)


def _fails(handler: ast.ExceptHandler) -> bool:
    return any(
        isinstance(one, ast.Call) and dotted(one.func).rsplit(".", 1)[-1] in {"fail", "exit"}
        for one in ast.walk(handler)
    )


def _raises_itself(node: ast.With) -> bool:
    expecting = any(
        isinstance(item.context_expr, ast.Call) and _RAISES.search(dotted(item.context_expr.func))
        for item in node.items
    )
    return expecting and len(node.body) == 1 and isinstance(node.body[0], ast.Raise)


def _is_empty(node: ast.expr) -> bool:
    return isinstance(node, (ast.List, ast.Tuple, ast.Set)) and not node.elts

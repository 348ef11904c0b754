"""Tests in Python source, read from its syntax tree: nothing is run or imported.

Law: source that Python cannot parse gives None, and whoever asked falls back to its lines.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from workers.checks.guards.tamper.suite import Assertion, Test

LARGEST = 1 << 20
"""Characters of source that are parsed."""
_SKIP = re.compile(r"(^|\.)(skip\w*|xfail|expectedFailure|importorskip|SkipTest|Skipped|flaky_skip)$")
_SKIP_CALL = re.compile(r"(^|\.)(skip|xfail|skipTest|SkipTest|importorskip)$")
_CHECKS = re.compile(r"^(assert|check|verify|expect|ensure|must|should|compare|validate)(_|[A-Z]|$)")
_RAISES = frozenset({"raises", "warns", "deprecated_call", "fail", "assertRaises", "assertRaisesRegex", "assertWarns"})
_PREDICATES = frozenset({"all", "any", "isinstance", "issubclass", "hasattr", "callable"})
_BROAD = frozenset({"Exception", "BaseException", "AssertionError"})
Function = ast.FunctionDef | ast.AsyncFunctionDef


def parse(text: str) -> ast.Module | None:
    """The syntax tree, or None where there is none to be had."""
    if len(text) > LARGEST:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def tests(path: str, text: str) -> list[Test] | None:
    """Every test function that pytest or unittest would collect from a file of tests."""
    tree = parse(text)
    if tree is None:
        return None
    try:
        return list(_in_body(path, tree.body, "", _module_skips(tree)))
    except RecursionError:
        return None


def _in_body(path: str, body: list[ast.stmt], prefix: str, skips: int) -> Iterator[Test]:
    for node in body:
        if isinstance(node, Function):
            if node.name.startswith("test"):
                yield _test(path, node, prefix, skips)
        elif isinstance(node, ast.ClassDef):
            if node.name.startswith("Test") or node.bases:
                off = any(_is_false_mark(each) for each in node.body)
                more = skips + sum(map(_is_skip, node.decorator_list)) + off + _marks(node.body)
                yield from _in_body(path, node.body, f"{prefix}{node.name}.", more)
        elif isinstance(node, ast.If) and not _is_false(node.test):
            yield from _in_body(path, node.body, prefix, skips)
            yield from _in_body(path, node.orelse, prefix, skips)


def _test(path: str, node: Function, prefix: str, skips: int) -> Test:
    own = skips + sum(map(_is_skip, node.decorator_list)) + sum(map(_is_skip_statement, ast.walk(node)))
    assertions = tuple(_assertions(node))
    lines = tuple(line.strip() for each in _statements(node) for line in ast.unparse(each).splitlines())
    return Test(
        path, f"{prefix}{node.name}", lines, assertions, own, cases=_cases(node.decorator_list), blunted=_blunted(node)
    )


def _statements(node: Function) -> list[ast.stmt]:
    """The body without its docstring."""
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return node.body[1:] if documented else node.body


def _assertions(node: ast.AST) -> Iterator[Assertion]:
    for each in ast.walk(node):
        if isinstance(each, ast.Assert):
            yield _plain(each.test)
        elif isinstance(each, ast.Call):
            name = _name(each.func).rsplit(".", 1)[-1]
            if name in _RAISES:
                yield _raising(each)
            elif _CHECKS.match(name):
                yield _called(each, name)


def _plain(test: ast.expr) -> Assertion:
    words = f"assert {ast.unparse(test)}"
    if _always(test):
        return Assertion(words, "", 0)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        subject = ast.unparse(test.left)
        exact = isinstance(test.ops[0], (ast.Eq, ast.Is))
        return Assertion(words, subject, 3 if exact else 1 if _is_none(test.comparators[0]) else 2)
    if isinstance(test, ast.Call) and test.args and _name(test.func) in _PREDICATES:
        return Assertion(words, ast.unparse(test.args[0]), 2)
    return Assertion(words, ast.unparse(test), 1)


def _raising(call: ast.Call) -> Assertion:
    words = ast.unparse(call)
    kind = ast.unparse(call.args[0]) if call.args else ""
    exact = any(keyword.arg == "match" for keyword in call.keywords) or len(call.args) > 1
    return Assertion(words, "raises", 1 if kind in _BROAD and not exact else 3 if exact else 2)


_STRONG = re.compile(
    r"^assert_?(Equals?|Is|Count_?Equal|\w*_?equal|Dict|List|Multi|AlmostEqual|called_\w*with|has_calls)", re.I
)
_WEAK = re.compile(r"^assert_?(True|False|IsNotNone|Is_?Not|Not|is_not_none|_)$", re.I)


def _called(call: ast.Call, name: str) -> Assertion:
    words, arguments = ast.unparse(call), call.args
    subject = ast.unparse(arguments[0]) if arguments else words
    if _STRONG.match(name):
        same = len(arguments) >= 2 and ast.dump(arguments[0]) == ast.dump(arguments[1]) and _is_simple(arguments[0])
        return Assertion(words, subject, 0 if same else 3)
    if _WEAK.match(name):
        return Assertion(words, subject, 0 if arguments and _always(arguments[0]) else 1)
    return Assertion(words, subject, 2)


def _always(test: ast.expr) -> bool:
    """Whether a condition holds whatever the code does."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.Tuple):
        return bool(test.elts)
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        return any(map(_always, test.values))
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return isinstance(test.operand, ast.Constant) and not test.operand.value
    if (
        isinstance(test, ast.Compare)
        and len(test.ops) == 1
        and isinstance(test.ops[0], (ast.Eq, ast.Is, ast.LtE, ast.GtE))
    ):
        if any(_name(one).rsplit(".", 1)[-1] == "ANY" for one in (test.left, test.comparators[0])):
            return True
        return _is_simple(test.left) and ast.dump(test.left) == ast.dump(test.comparators[0])
    return False


def _is_simple(node: ast.expr) -> bool:
    """A name or a literal: comparing one with itself proves nothing, while objects may define what is equal."""
    return isinstance(node, ast.Constant)


def _blunted(node: Function) -> str:
    body = _statements(node)
    asserting = [at for at, each in enumerate(body) if any(True for _ in _assertions(each))]
    for at, each in enumerate(body):
        if isinstance(each, ast.Return) and asserting and at < asserting[-1]:
            return "returns before its assertions"
        if isinstance(each, ast.If) and _is_false(each.test) and any(True for _ in _assertions(each)):
            return "has assertions that are never reached"
    return "swallows its own failures" if any(map(_muffles, ast.walk(node))) else ""


def _muffles(node: ast.AST) -> bool:
    if isinstance(node, ast.Try):
        return any(map(_swallows, node.handlers)) and _asserts_plainly(node.body)
    if isinstance(node, ast.With):
        return any(_suppresses(item.context_expr) for item in node.items) and _asserts_plainly(node.body)
    return False


def _asserts_plainly(body: list[ast.stmt]) -> bool:
    return any(one.subject != "raises" for each in body for one in _assertions(each))


def _swallows(handler: ast.ExceptHandler) -> bool:
    kinds = [
        _name(one)
        for one in (
            handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type] if handler.type else []
        )
    ]
    broad = not kinds or any(kind in _BROAD for kind in kinds)
    speaks = any(isinstance(each, (ast.Raise, ast.Assert)) for each in ast.walk(handler)) or any(
        True for each in handler.body for _ in _assertions(each)
    )
    return broad and not speaks


def _suppresses(call: ast.expr) -> bool:
    named = isinstance(call, ast.Call) and _name(call.func).endswith("suppress")
    return named and isinstance(call, ast.Call) and any(_name(one) in _BROAD for one in call.args)


def _cases(decorators: list[ast.expr]) -> int:
    """The parameters written out in a decorator, 0 where there are none or they are computed."""
    total = 0
    for each in decorators:
        if isinstance(each, ast.Call) and _name(each.func).endswith(("parametrize", "expand", "product")):
            values = each.args[1] if len(each.args) > 1 else each.args[0] if each.args else None
            values = next((keyword.value for keyword in each.keywords if keyword.arg == "argvalues"), values)
            if isinstance(values, (ast.List, ast.Tuple)) and not any(
                isinstance(one, ast.Starred) for one in values.elts
            ):
                total += len(values.elts)
    return total


def _module_skips(tree: ast.Module) -> int:
    calls = [each.value for each in tree.body if isinstance(each, ast.Expr)]
    off = any(map(_is_false_mark, tree.body))
    return (
        _marks(tree.body)
        + off
        + sum(isinstance(each, ast.Call) and bool(_SKIP_CALL.search(_name(each.func))) for each in calls)
    )


def _marks(body: list[ast.stmt]) -> int:
    return sum(
        _is_skip(one)
        for each in body
        if isinstance(each, ast.Assign) and any(_name(target) == "pytestmark" for target in each.targets)
        for one in (each.value.elts if isinstance(each.value, (ast.List, ast.Tuple)) else [each.value])
    )


def _is_skip(decorator: ast.expr) -> bool:
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    return _SKIP.search(_name(node)) is not None


def _is_skip_statement(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return _SKIP_CALL.search(_name(node.value.func)) is not None
    if isinstance(node, ast.Raise) and node.exc is not None:
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return _name(raised).endswith("SkipTest")
    return False


def _is_false_mark(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Assign) and any(_name(one) == "__test__" for one in node.targets) and _is_false(node.value)
    )


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _name(node: ast.expr | None) -> str:
    """`a.b.c` of a name or attribute, "" of anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return ".".join(reversed(parts))

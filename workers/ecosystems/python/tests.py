"""Tests in Python source, read from its syntax tree: nothing is run or imported.

Law: source that Python cannot parse gives None, and the caller falls back to its lines.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

import re2

from workers.ecosystems.python import tests_blunt, tests_skips
from workers.ecosystems.python.tests_names import BROAD, Function, dotted, is_false, is_none
from workers.ecosystems.python.tests_skips import Surroundings
from workers.ecosystems.suite import Assertion, Test

LARGEST = 1 << 20
"""Characters of source that are parsed."""
_CHECKS = re2.compile(r"^(assert|check|verify|expect|ensure|must|should|compare|validate)(_|[A-Z]|$)")
_RAISES = frozenset({"raises", "warns", "deprecated_call", "fail", "assertRaises", "assertRaisesRegex", "assertWarns"})
_PREDICATES = frozenset({"all", "any", "isinstance", "issubclass", "hasattr", "callable"})
_ANYTHING = frozenset({"", ".", ".*", ".+", "(?s).*"})
Rows = dict[str, list[ast.expr]]
"""Tables of a module by their names."""


def parse(text: str) -> ast.Module | None:
    """Return the syntax tree, or None if the text cannot be parsed."""
    if len(text) > LARGEST:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def tests(path: str, text: str) -> list[Test] | None:
    """Return every test function that pytest or unittest would collect from a file of tests, and what else asserts
    there.
    """
    tree = parse(text)
    if tree is None:
        return None
    try:
        around = tests_skips.surroundings(tree)
        return list(_in_body(path, tree.body, "", around.skips, around, _tables(tree.body)))
    except RecursionError:
        return None


def _in_body(
    path: str, body: list[ast.stmt], prefix: str, skips: int, around: Surroundings, tables: Rows
) -> Iterator[Test]:
    for node in body:
        if isinstance(node, Function):
            yield _test(path, node, prefix, skips, around, tables)
        elif isinstance(node, ast.ClassDef):
            if node.name.startswith("Test") or any(dotted(base) != "object" for base in node.bases):
                more = skips + tests_skips.of_class(node, around)
                own = tables | _tables(node.body)
                yield from _in_body(path, node.body, f"{prefix}{node.name}.", more, around, own)
        elif isinstance(node, ast.If) and not is_false(node.test):
            yield from _in_body(path, node.body, prefix, skips + 1, around, tables)
            yield from _in_body(path, node.orelse, prefix, skips + 1, around, tables)


def _test(path: str, node: Function, prefix: str, skips: int, around: Surroundings, tables: Rows) -> Test:
    helper = not node.name.startswith("test")
    assertions = tuple(_assertions(node))
    held = {id(one) for each in tests_blunt.conditional(node) for one in ast.walk(each)}
    free = tuple(_assertions(node, held)) if held else assertions
    body = _statements(node)
    lines = tuple(line.strip() for each in body for line in ast.unparse(each).splitlines())
    return Test(
        path,
        f"{prefix}{node.name}",
        lines,
        assertions,
        0 if helper else skips + tests_skips.of_test(node, around),
        rows=tuple(ast.unparse(one) for one in _rows(node, tables)),
        free=tuple(one.words for one in free),
        blunted=tests_blunt.blunted(body, node, _finds, around.swallowing) if not helper else "",
        helper=helper,
        conditions=tuple(tests_skips.conditions(node)),
    )


def _statements(node: Function) -> list[ast.stmt]:
    """Return the body without its docstring."""
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return node.body[1:] if documented else node.body


def _finds(node: ast.AST) -> bool:
    """Return whether something is asserted in a node that is no expected exception."""
    for each in ast.walk(node):
        if isinstance(each, ast.Assert):
            return True
        if isinstance(each, ast.Call):
            name = dotted(each.func).rsplit(".", 1)[-1]
            if name not in _RAISES and _CHECKS.match(name):
                return True
    return False


def _assertions(node: ast.AST, but: set[int] | frozenset[int] = frozenset()) -> Iterator[Assertion]:
    for each in ast.walk(node):
        if id(each) in but:
            continue
        if isinstance(each, ast.Assert):
            yield _plain(each.test)
        elif isinstance(each, ast.Call):
            name = dotted(each.func).rsplit(".", 1)[-1]
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
        exact = isinstance(test.ops[0], (ast.Eq, ast.Is)) and ast.dump(test.left) != ast.dump(test.comparators[0])
        return Assertion(words, subject, 3 if exact else 1 if is_none(test.comparators[0]) else 2)
    if isinstance(test, ast.Call) and test.args and dotted(test.func) in _PREDICATES:
        return Assertion(words, ast.unparse(test.args[0]), 2)
    return Assertion(words, ast.unparse(test), 1)


def _raising(call: ast.Call) -> Assertion:
    words = ast.unparse(call)
    kind = ast.unparse(call.args[0]) if call.args else ""
    match = next((one.value for one in call.keywords if one.arg == "match"), None)
    exact = match is not None and not (isinstance(match, ast.Constant) and match.value in _ANYTHING)
    exact = exact or len(call.args) > 1
    return Assertion(words, "raises", 1 if kind in BROAD and not exact else 3 if exact else 2)


_STRONG = re2.compile(
    r"(?i)^assert_?(Equals?|Is|Count_?Equal|\w*_?equal|Dict|List|Multi|AlmostEqual|called_\w*with|has_calls)"
)
_MIDDLE = re2.compile(r"(?i)^assert_?(Is_?Instance|Is_?Subclass|Greater|Less|Not_?(Equal|Almost|In)|array_less)")
_WEAK = re2.compile(r"(?i)^assert_?(True|False|IsNotNone|Is_?Not|Not|is_not_none|_)$")


def _called(call: ast.Call, name: str) -> Assertion:
    words, arguments = ast.unparse(call), call.args
    subject = ast.unparse(arguments[0]) if arguments else words
    if _MIDDLE.match(name):
        return Assertion(words, subject, 2)
    if _STRONG.match(name):
        twice = len(arguments) >= 2 and ast.dump(arguments[0]) == ast.dump(arguments[1])
        vacuous = twice and isinstance(arguments[0], ast.Constant)
        if isinstance(arguments[0] if arguments else None, ast.Constant) and len(arguments) > 1:
            subject = ast.unparse(arguments[1])
        return Assertion(words, subject, 0 if vacuous else 1 if twice else 3)
    if _WEAK.match(name):
        return Assertion(words, subject, 0 if arguments and _always(arguments[0]) else 1)
    return Assertion(words, subject, 2)


def _always(test: ast.expr) -> bool:
    """Return whether a condition holds whatever the code does."""
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
        if any(dotted(one).rsplit(".", 1)[-1] == "ANY" for one in (test.left, test.comparators[0])):
            return True
        same = ast.dump(test.left) == ast.dump(test.comparators[0])
        return isinstance(test.left, ast.Constant) and same  # objects may define what is equal
    return False


def _rows(node: Function, tables: Rows) -> Iterator[ast.expr]:
    """Yield the cases of a test where they are written out: in its decorators, in loops, in a table of the module."""
    for each in node.decorator_list:
        if isinstance(each, ast.Call) and dotted(each.func).endswith(("parametrize", "expand", "product")):
            values = each.args[1] if len(each.args) > 1 else each.args[0] if each.args else None
            values = next((keyword.value for keyword in each.keywords if keyword.arg == "argvalues"), values)
            yield from _table(values, tables)
    for one in ast.walk(node):
        if isinstance(one, ast.For) and any(map(_finds, one.body)):
            yield from _table(one.iter, tables)


def _table(values: ast.expr | None, tables: Rows) -> list[ast.expr]:
    if isinstance(values, ast.Call) and values.args and dotted(values.func) in {"enumerate", "sorted", "list"}:
        values = values.args[0]
    if isinstance(values, ast.Call) and isinstance(values.func, ast.Attribute) and values.func.attr == "items":
        values = values.func.value
    if isinstance(values, (ast.Name, ast.Attribute)):
        return tables.get(dotted(values).rsplit(".", 1)[-1], [])
    return _literal(values)


def _literal(values: ast.expr | None) -> list[ast.expr]:
    if isinstance(values, (ast.List, ast.Tuple, ast.Set)):
        return [] if any(isinstance(one, ast.Starred) for one in values.elts) else values.elts
    if isinstance(values, ast.Dict):
        pairs = zip(values.keys, values.values, strict=True)
        return [ast.Tuple([key, value], ast.Load()) for key, value in pairs if key is not None]
    return []


def _tables(body: list[ast.stmt]) -> Rows:
    found: Rows = {}
    for node in body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = _literal(node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = _literal(node.value)
    return found

"""What keeps a Python test from running: marks, calls, fixtures, conditions around it, by whatever name.

Law: only counts leave here. A test is skipped by a change where its count grew; what it was before is nobody's fault.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import re2

from workers.ecosystems.python.tests_names import Function, dotted, is_false

_SKIP = re2.compile(r"(^|\.)(skip\w*|xfail|expectedFailure|importorskip|SkipTest|Skipped|flaky_skip)$")
_CALL = re2.compile(r"(^|\.)(skip|xfail|skipTest|SkipTest|importorskip)$")
_RAISED = re2.compile(r"(^|\.)(SkipTest|skip\.Exception|Skipped|XFailed)$")
_BEFORE_EACH = re2.compile(
    r"^(setUp|setup|setUpClass|setup_method|setup_class|setup_module|setUpModule|setup_function|asyncSetUp|"
    r"setUpTestData|asyncSetUpClass)$"
)


@dataclass(frozen=True)
class Surroundings:
    """What a module says about all of its tests.

    `aliases` are its own names for marks that skip, `fixtures` those that skip every test that uses them, `swallowing`
    decorators of its own that swallow failures, `skips` what skips every test.
    """

    aliases: frozenset[str]
    fixtures: frozenset[str]
    swallowing: frozenset[str]
    skips: int


def surroundings(tree: ast.Module) -> Surroundings:
    """Read a module's own names and what stands above its tests."""
    aliases = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and (any(map(_is_mark, ast.walk(node.value))))
        for target in node.targets
        if isinstance(target, ast.Name) and target.id != "pytestmark"
    }
    functions = [node for node in tree.body if isinstance(node, Function)]
    fixtures = {node.name for node in functions if _is_fixture(node) and _skips_inside(node)}
    swallowing = {node.name for node in functions if node.args.args and _swallows_inside(node)}
    automatic = sum(_is_automatic(node) and _skips_inside(node) for node in functions)
    before = sum(_BEFORE_EACH.match(node.name) is not None and _skips_inside(node) for node in functions)
    loose = sum(_skips_at_once(node) for node in tree.body)
    known = frozenset(aliases)
    return Surroundings(
        known, frozenset(fixtures), frozenset(swallowing), marks(tree.body, known) + loose + automatic + before
    )


def of_class(node: ast.ClassDef, around: Surroundings) -> int:
    """Return what skips every test of a class."""
    own = sum(is_skip(each, around.aliases) for each in node.decorator_list) + marks(node.body, around.aliases)
    methods = [each for each in node.body if isinstance(each, Function)]
    return own + sum(
        (_BEFORE_EACH.match(each.name) is not None or _is_automatic(each)) and _skips_inside(each) for each in methods
    )


def of_test(node: Function, around: Surroundings) -> int:
    """Return what skips one test: its decorators with all that stands in them, its statements, the fixtures it asks
    for.
    """
    decorated = sum(
        is_skip(each, around.aliases) or _is_fixture_mark(each) or _is_made(each) or _has_no_cases(each)
        for each in node.decorator_list
    )
    within = sum(_is_mark(one) for each in node.decorator_list for one in _arguments(each))
    asked = {one.arg for one in (*node.args.args, *node.args.kwonlyargs)}
    statements = sum(_is_statement(one) for one in ast.walk(node))
    return decorated + within + statements + len(asked & around.fixtures)


def conditions(node: Function) -> Iterator[str]:
    """Yield what the decorators that skip a test under a condition ask."""
    for each in node.decorator_list:
        if isinstance(each, ast.Call) and dotted(each.func).lower().endswith(("skipif", "skipunless", "xfail")):
            asked = [*each.args[:1], *(one.value for one in each.keywords if one.arg == "condition")]
            yield from map(ast.unparse, asked)


def marks(body: list[ast.stmt], aliases: frozenset[str] = frozenset()) -> int:
    """Return marks in `pytestmark`, however it is given its value, and `__test__ = False`."""
    total = 0
    for node in body:
        if isinstance(node, ast.Assign):
            names, value = {dotted(one) for one in node.targets}, node.value
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign)):
            names, value = {dotted(node.target)}, node.value or ast.Constant(None)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            names, value = {dotted(node.value.func).split(".")[0]}, node.value
        else:
            continue
        if "pytestmark" in names:
            total += sum(_is_mark(one) or dotted(one) in aliases for one in ast.walk(value))
        total += "__test__" in names and is_false(value)
    return total


def is_skip(decorator: ast.expr, aliases: frozenset[str] = frozenset()) -> bool:
    """Return whether a decorator skips, or expects failure."""
    name = dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
    return _SKIP.search(name) is not None or name in aliases


def _is_mark(node: ast.AST) -> bool:
    return isinstance(node, (ast.Attribute, ast.Name)) and _SKIP.search(dotted(node)) is not None


def _arguments(decorator: ast.expr) -> Iterator[ast.AST]:
    if isinstance(decorator, ast.Call):
        for each in (*decorator.args, *(keyword.value for keyword in decorator.keywords)):
            yield from ast.walk(each)


def _is_made(decorator: ast.expr) -> bool:
    """Return whether a decorator's name is put together where it stands."""
    return isinstance(decorator, ast.Call) and dotted(decorator.func) in {"getattr", "eval"}


def _has_no_cases(decorator: ast.expr) -> bool:
    if not isinstance(decorator, ast.Call) or not dotted(decorator.func).endswith("parametrize"):
        return False
    values = [*decorator.args[1:2], *(one.value for one in decorator.keywords if one.arg == "argvalues")]
    return any(isinstance(one, (ast.List, ast.Tuple)) and not one.elts for one in values)


def _is_fixture_mark(decorator: ast.expr) -> bool:
    name = dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
    return name in {"fixture", "pytest.fixture", "pytest_asyncio.fixture", "staticmethod.fixture"}


def _is_fixture(node: Function) -> bool:
    return any(map(_is_fixture_mark, node.decorator_list))


def _is_automatic(node: Function) -> bool:
    return _is_fixture(node) and any(
        isinstance(each, ast.Call) and any(one.arg == "autouse" and not is_false(one.value) for one in each.keywords)
        for each in node.decorator_list
    )


def _skips_inside(node: Function) -> bool:
    return any(map(_is_statement, ast.walk(node)))


def _skips_at_once(node: ast.stmt) -> int:
    """Return skips that happen when the module is loaded: no function or class stands around them."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return 0
    total = 0
    for one in ast.walk(node):
        call = isinstance(one, ast.Call) and _CALL.search(dotted(one.func)) is not None
        total += (call and not _is_a_mark_call(one)) or (isinstance(one, ast.Raise) and _is_statement(one))
    return total


def _is_a_mark_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ".mark." in f".{dotted(node.func)}"


def _is_statement(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return _CALL.search(dotted(node.value.func)) is not None
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
        return dotted(node.value.func).endswith("importorskip")
    if isinstance(node, ast.Raise) and node.exc is not None:
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return _RAISED.search(dotted(raised)) is not None
    return False


def _swallows_inside(node: Function) -> bool:
    """Return whether a function catches what its argument raises, and raises nothing itself."""
    tries = [one for one in ast.walk(node) if isinstance(one, ast.Try)]
    broad = any(
        not handler.type or dotted(handler.type) in {"Exception", "BaseException", "AssertionError"}
        for one in tries
        for handler in one.handlers
        if not any(isinstance(each, ast.Raise) for each in ast.walk(handler))
    )
    given = {one.arg for one in node.args.args}
    calls = any(isinstance(one, ast.Call) and dotted(one.func) in given for one in ast.walk(node))
    return broad and calls

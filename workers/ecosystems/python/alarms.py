"""What a conftest.py runs by itself, before any test: hooks, code on import, fixtures that every test gets."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workers.ecosystems.python.tests import parse

_PLAIN = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def conftest(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Yield hooks and code that runs on import, which are held; fixtures are what the file is for."""
    tree, old = parse(after), parse(before)
    if tree is None:
        yield "conftest", "cannot be read, and runs before every test"
        return
    had = {ast.dump(node) for node in old.body} if old else set()
    fresh = [node for node in tree.body if ast.dump(node) not in had]
    hooks = [node for node in fresh if isinstance(node, ast.FunctionDef) and node.name.startswith("pytest_")]
    automatic = [node for node in fresh if isinstance(node, ast.FunctionDef) and _is_autouse(node)]
    running = [node for node in fresh if not isinstance(node, _PLAIN) and not _is_constant(node)]
    if hooks:
        yield "conftest", f"the hook {hooks[0].name} of the test runner was changed"
    elif running:
        yield "conftest", f"runs code before every test (line {running[0].lineno})"
    elif automatic:
        yield "conftest", f"the fixture {automatic[0].name} is used by every test"
    elif fresh:
        yield "conftest-plain", "fixtures that tests depend on were changed"


def _is_autouse(node: ast.FunctionDef) -> bool:
    return any("autouse=True" in ast.unparse(decorator) for decorator in node.decorator_list)


def _is_constant(node: ast.stmt) -> bool:
    """Return True for a docstring, or a name whose value calls nothing and that the test runner does not read."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        special = any(one.startswith(("pytest", "collect_ignore")) for one in names)
        calls = node.value is None or any(isinstance(each, (ast.Call, ast.Await)) for each in ast.walk(node.value))
        return len(names) == len(targets) and not special and not calls
    return False

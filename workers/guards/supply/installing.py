"""What runs when packages are installed, built or collected, where a line does not tell: scripts, hooks, start-up code.

Law: such code runs on machines of people and of CI before anyone has tested it, so a second person looks first.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator

from workers.ecosystems.python.tests import parse
from workers.guards.edits import Edit, Examined
from workers.guards.found import Found, spell
from workers.guards.rules import found

_LIFECYCLE = frozenset(
    {"preinstall", "install", "postinstall", "prepare", "prepublish", "prepublishOnly", "prepack", "postpack",
     "preprepare", "postprepare", "dependencies", "pretest", "posttest"}
)  # fmt: skip
_CONFTEST_PLAIN = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def guard(change: Examined) -> Iterator[Found]:
    """Yield scripts of packages that run by themselves, and hooks of the test runner."""
    for edit in change.edits:
        name = edit.path.rsplit("/", 1)[-1]
        if edit.changed.status != "D" and name in {"package.json", "composer.json"}:
            yield from _scripts(edit, name)
        elif edit.changed.status != "D" and name == "conftest.py":
            yield from _conftest(edit)


def _scripts(edit: Edit, name: str) -> Iterator[Found]:
    old, new = _table(edit.old), _table(edit.new)
    manager = _manager(new)
    if manager and manager != _manager(old):
        yield found("index-settings", edit.path, "takes the package manager itself from elsewhere")
    before, after = old.get("scripts"), new.get("scripts")
    had = before if isinstance(before, dict) else {}
    for key, command in after.items() if isinstance(after, dict) else ():
        composed = key.startswith(("pre-", "post-")) or key == "command"
        runs_itself = key in _LIFECYCLE if name == "package.json" else composed
        if runs_itself and had.get(key) != command:
            yield found("install-script", edit.path, f"the script `{spell(key)}` runs by itself and was changed")
            return


def _table(text: str) -> dict[str, object]:
    try:
        data = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _manager(data: dict[str, object]) -> str:
    """Return where the package manager is taken from, if not from a registry."""
    wanted = str(data.get("packageManager") or "")
    return wanted if "://" in wanted or "@file:" in wanted else ""


def _conftest(edit: Edit) -> Iterator[Found]:
    """Yield hooks and code that runs on import, which are held; fixtures are what the file is for."""
    tree, before = parse(edit.new), parse(edit.old)
    if tree is None:
        yield found("conftest", edit.path, "cannot be read, and runs before every test")
        return
    had = {ast.dump(node) for node in before.body} if before else set()
    fresh = [node for node in tree.body if ast.dump(node) not in had]
    hooks = [node for node in fresh if isinstance(node, ast.FunctionDef) and node.name.startswith("pytest_")]
    automatic = [node for node in fresh if isinstance(node, ast.FunctionDef) and _is_autouse(node)]
    running = [node for node in fresh if not isinstance(node, _CONFTEST_PLAIN) and not _is_constant(node)]
    if hooks:
        yield found("conftest", edit.path, f"the hook {spell(hooks[0].name)} of the test runner was changed")
    elif running:
        yield found("conftest", edit.path, f"runs code before every test (line {running[0].lineno})")
    elif automatic:
        yield found("conftest", edit.path, f"the fixture {spell(automatic[0].name)} is used by every test")
    elif fresh:
        yield found("conftest-plain", edit.path, "fixtures that tests depend on were changed")


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

"""Requirements that `setup.cfg`, `setup.py` and `tox.ini` declare in plain sight. Pure.

Law: `setup.py` is parsed, never run; what it computes is not known, and is left out.
"""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Mapping

Declared = tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]
"""(what the project needs, {extra: what it needs besides})."""


def setup_cfg(text: str) -> Declared:
    """Return what `[options]` of a setup.cfg declares."""
    config = _parsed(text)
    needed = tuple(_lines(config.get("options", "install_requires", fallback="")))
    extras = {
        name: tuple(_lines(config.get("options.extras_require", name)))
        for name in (config["options.extras_require"] if config.has_section("options.extras_require") else ())
    }
    tests = tuple(_lines(config.get("options", "tests_require", fallback="")))
    return needed, {**extras, **({"test": (*extras.get("test", ()), *tests)} if tests else {})}


def tox(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (requirements, requirement files) of `[testenv]`; lines under a condition or with substitutions are left
    out.
    """
    lines = _lines(_parsed(text).get("testenv", "deps", fallback=""))
    files = [found[1] for line in lines if (found := re.fullmatch(r"-r\s*(?:\{toxinidir\}/)?([\w./-]+)", line))]
    plain = [
        line for line in lines if not line.startswith(("-", ".")) and "{" not in line and not _CONDITION.match(line)
    ]
    return tuple(plain), tuple(files)


_CONDITION = re.compile(r"[\w.!,{}-]+\s*:\s")


def _parsed(text: str) -> configparser.ConfigParser:
    config = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        config.read_string(text)
    except configparser.Error:
        return configparser.ConfigParser(interpolation=None)
    return config


def _lines(value: str) -> list[str]:
    lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in value.splitlines())
    return [line for line in lines if line]


def setup_py(text: str) -> Declared:
    """Return what the call of `setup(...)` is given as literals, or as names of literals of the module."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return (), {}
    known: dict[str, object] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Name):
                known[target.id] = _literal(statement.value, known)
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _called(call) == "setup":
            given = {word.arg: _literal(word.value, known) for word in call.keywords if word.arg}
            return _strings(given.get("install_requires")), _extras(given)
    return (), {}


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _literal(node: ast.expr, known: Mapping[str, object]) -> object:
    if isinstance(node, ast.Name):
        return known.get(node.id)
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _extras(given: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    extras = given.get("extras_require")
    found = {str(name): _strings(value) for name, value in extras.items()} if isinstance(extras, dict) else {}
    if tests := _strings(given.get("tests_require")):
        found["test"] = (*found.get("test", ()), *tests)
    return found


def _strings(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(_lines(value))
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, (list, tuple)) else ()

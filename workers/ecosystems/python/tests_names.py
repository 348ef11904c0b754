"""Small questions about nodes of Python's syntax tree, shared by those who read tests.

Law: a question is answered from the node alone.
"""

from __future__ import annotations

import ast

Function = ast.FunctionDef | ast.AsyncFunctionDef
BROAD = frozenset({"Exception", "BaseException", "AssertionError"})


def dotted(node: ast.AST | None) -> str:
    """Return `a.b.c` of a name or attribute, "" of anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return ".".join(reversed(parts))


def is_false(node: ast.expr) -> bool:
    """Return whether this is a constant that counts as false, or a comparison of constants that does."""
    if isinstance(node, ast.Constant):
        return not node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return is_true(node.operand) or dotted(node.operand) == "__debug__"
    return False


def is_true(node: ast.expr) -> bool:
    """Return whether this is a constant that counts as true."""
    return isinstance(node, ast.Constant) and bool(node.value)


def is_none(node: ast.expr) -> bool:
    """None, written out."""
    return isinstance(node, ast.Constant) and node.value is None

"""Tests as their source says them: what each is called, asserts and is skipped by, in every language that has a table.

A folder's `tests.toml` says how tests look in its language, and its grammar is tree-sitter's; Python's own parser reads
Python. Nothing is run.
"""

from __future__ import annotations

from workers.ecosystems import OwnReader
from workers.ecosystems.registry import ALL
from workers.ecosystems.suite import Test
from workers.syntax import apart
from workers.syntax.reading import holds_tests

__all__ = ["asserts", "holds_tests", "last_wins", "tests"]


def _own(path: str) -> OwnReader | None:
    return next((one.own_tests for one in ALL if one.own_tests and one.own_tests.files.search(path)), None)


def tests(path: str, text: str) -> list[Test] | None:
    """Return the tests of a file; None where they cannot be read, though another tool may run them."""
    if own := _own(path):
        return own.read(path, text) or []
    read = apart.tests(path, text)
    return read and read[0]


def asserts(path: str, text: str) -> bool:
    """Return whether a file asserts anything, as far as it can be read."""
    if own := _own(path):
        return own.asserts in text
    read = apart.tests(path, text)
    return read is None or read[1]


def last_wins(path: str) -> bool:
    """Return whether a second definition of a test replaces the first."""
    own = _own(path)
    return own is not None and own.last_wins

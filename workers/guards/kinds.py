"""What a path is for, by its name: source, test, prose, translation, data (the forms of `rules/kinds.toml`).

Law: a kind only ever softens a suspicion; no fact depends on it.
"""

from __future__ import annotations

from workers.guards.rules import is_of


def is_test(path: str) -> bool:
    """Return whether a path is a test or what tests stand on."""
    return is_of("test", path)


def is_example(path: str) -> bool:
    """Return whether a path is documentation, a sample or a fixture."""
    return is_of("example", path)


def is_prose(path: str) -> bool:
    """Return whether a path is text that people read."""
    return is_of("prose", path)


def is_translation(path: str) -> bool:
    """Return whether a path holds words in other languages."""
    return is_of("translation", path)


def is_code(path: str) -> bool:
    """Return whether a machine runs a path or builds by it."""
    return is_of("code", path)


def is_data(path: str) -> bool:
    """Return whether a path holds records: neither code nor prose."""
    return is_of("data", path)


def is_source(path: str) -> bool:
    """Return whether a path is code, and neither test nor sample."""
    return is_of("source", path)

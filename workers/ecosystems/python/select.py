"""How Python names its tests."""

from __future__ import annotations

import re


def pytest(name: str, files: frozenset[str], folder: str) -> str | None:
    """Return the node id of a JUnit name: the longest dotted beginning that is a file, then classes and the test."""
    if "::" in name:
        return name
    dotted, bracket, rest = name.partition("[")
    parts = dotted.split(".")
    inside = f"{folder}/" if folder else ""
    for end in range(len(parts) - 1, 0, -1):
        path = "/".join(parts[:end]) + ".py"
        if f"{inside}{path}" in files:
            return "::".join([path, *parts[end:]]) + bracket + rest
    return None


def unittest(name: str, _files: frozenset[str], _folder: str) -> str | None:
    """Return the dotted name in "test_x (tests.test_a.TestB.test_x)"; older Pythons leave the last part out there."""
    found = re.match(r"(\w+) \(([\w.]+)\)", name)
    if found is None:
        return name if re.fullmatch(r"[\w.]+", name) else None
    return found[2] if found[2].endswith(f".{found[1]}") else f"{found[2]}.{found[1]}"

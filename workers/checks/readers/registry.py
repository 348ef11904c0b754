"""All readers by name: of test outputs, of test reports, and of what quick checks find.

Law: a plan's reader is asked first, and where a format is not known, all that speak for themselves are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from workers.checks.readers import Finding, Reading, junit, node_text, pytest_text, unittest_text

Text = Callable[[str], Reading | None]
Findings = Callable[[str], tuple[Finding, ...] | None]

TEXTS: Mapping[str, Text] = {
    "pytest": pytest_text.read,
    "unittest": unittest_text.read,
    "node": node_text.read,
}
FINDINGS: Mapping[str, Findings] = {}


def texts(output: str, reader: str = "") -> tuple[Reading, ...]:
    """What the output of a test command says: by the named reader alone where it can, else by all that can."""
    if reader in TEXTS and (reading := TEXTS[reader](output)) is not None:
        return (reading,)
    return tuple(found for read in TEXTS.values() if (found := read(output)) is not None)


def reports(files: Sequence[bytes], reader: str = "") -> Reading:
    """What report files say together. Raises `junit.BadReport`."""
    del reader
    return junit.read(files)


def findings(output: str, reader: str) -> tuple[Finding, ...] | None:
    """What a quick check found, or None where its output is not what the reader knows."""
    read = FINDINGS.get(reader)
    return read(output) if read else None

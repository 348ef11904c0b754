"""All readers by name: of test outputs, of test reports, and of what quick checks find.

Law: a plan's reader is asked first. Where a format is not known, those that speak for themselves are asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from workers.ecosystems import registry
from workers.reports import BadReport, Finder, Finding, Reading, ReadOutput, documents, junit, tap, trx
from workers.reports.findings import SHARED
from workers.reports.tally import total

_ALL = [one.readers for one in registry.ALL]
OUTPUTS: Mapping[str, ReadOutput] = {"tap": tap.read} | {name: r for one in _ALL for name, r in one.outputs.items()}
FINDINGS: Mapping[str, Finder] = {**{name: r for one in _ALL for name, r in one.findings.items()}, **SHARED}
_DOCUMENTS = tuple(reader for one in _ALL for reader in one.documents)
_AGREEING = frozenset[str]().union(*(one.agreeing for one in _ALL))
_HARMLESS = frozenset[str]().union(*(one.harmless for one in _ALL))


def texts(output: str, reader: str = "") -> tuple[Reading, ...]:
    """Read the output of a test command: by the named reader alone where it can, else by all that can."""
    if reader in OUTPUTS and (reading := OUTPUTS[reader](output)) is not None:
        return (reading,)
    return tuple(reading for read in OUTPUTS.values() if (reading := read(output)) is not None)


def agrees(tool: str) -> bool:
    """Return whether a tool counts the same tests as passed in its output and in its report."""
    return tool in _AGREEING


def text(output: str, reader: str = "") -> Reading | None:
    """Read the same as one reading, or None where no reader knows the output."""
    found = texts(output, reader)
    return total(found) if found else None


def _tap(files: Sequence[bytes]) -> Reading:
    readings = [tap.read(file.decode("utf-8", "replace")) for file in files]
    known = [reading for reading in readings if reading is not None]
    if len(known) != len(readings):
        raise BadReport("A test report is not TAP.")
    return total(known)


_FILES: Mapping[str, Callable[[Sequence[bytes]], Reading]] = {
    "junit": lambda files: junit.read(files, _HARMLESS),
    "trx": trx.read,
    "json": lambda files: documents.read(files, _DOCUMENTS),
    "tap": _tap,
}


def _kind(file: bytes) -> str:
    start = file[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        return "trx" if b"<TestRun" in start else "junit"
    if start.startswith((b"{", b"[")):
        return "json"
    return "tap" if start.startswith((b"TAP version", b"1..", b"ok ", b"not ok ")) else "junit"


def reports(files: Sequence[bytes]) -> Reading:
    """Read report files together; each is recognised by how it begins. Raises `BadReport`."""
    kinds: dict[str, list[bytes]] = {}
    for file in files:
        kinds.setdefault(_kind(file), []).append(file)
    readings = [_FILES[kind](those) for kind, those in kinds.items()]
    if not readings:
        raise BadReport("There is no test report.")
    return total(readings)


def findings(output: str, reader: str) -> tuple[Finding, ...] | None:
    """Read what a quick check found: () where it found nothing, None where its output is not what the reader knows.

    The reader "any" tries those whose form cannot be mistaken.
    """
    if reader == "any":
        if not output.strip():
            return ()
        sure = [one for when in ("first", "last") for one in FINDINGS.values() if one.asked == when]
        return next((found for one in sure if (found := one.read(output))), None)
    return FINDINGS[reader].read(output) if reader in FINDINGS else None

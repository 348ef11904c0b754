"""All readers by name: of test outputs, of test reports, and of what quick checks find.

Law: a plan's reader is asked first. Where a format is not known, those that speak for themselves are asked, and of two
that read the same lines only one is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from workers.checks.readers import (
    automake,
    cargo,
    findings_json,
    findings_text,
    go,
    json_reports,
    minitest,
    node_text,
    pytest_text,
    summaries,
    unittest_text,
)
from workers.reports import BadReport, Finding, Reading, junit, tap, trx
from workers.reports.tally import total

Text = Callable[[str], Reading | None]
Findings = Callable[[str], tuple[Finding, ...] | None]

TEXTS: Mapping[str, Text] = {
    "pytest": pytest_text.read,
    "unittest": unittest_text.read,
    "node": node_text.read,
    "tap": tap.read,
    "go": go.read,
    "cargo": cargo.read,
    **{name: summaries.reader(name) for name in summaries.NAMES},
    "automake": automake.read,
    "minitest": minitest.read,
}
FINDINGS: Mapping[str, Findings] = {**findings_text.READERS, **findings_json.READERS}
_SAME_LINES = (("tap", "node"),)
"""Of these pairs the second is not asked where the first speaks."""
_STRICT = (
    "sarif",
    "eslint",
    "ruff",
    "pyright",
    "rubocop",
    "biome",
    "mypy",
    "tsc",
    "stylish",
    "lines",
    "prettier",
    "reformat",
)


def texts(output: str, reader: str = "") -> tuple[Reading, ...]:
    """What the output of a test command says: by the named reader alone where it can, else by all that can."""
    if reader in TEXTS and (reading := TEXTS[reader](output)) is not None:
        return (reading,)
    found = {name: reading for name, read in TEXTS.items() if (reading := read(output)) is not None}
    for first, second in _SAME_LINES:
        if first in found:
            found.pop(second, None)
    return tuple(found.values())


def text(output: str, reader: str = "") -> Reading | None:
    """The same as one reading, or None where nobody spoke."""
    found = texts(output, reader)
    return total(found) if found else None


def _tap(files: Sequence[bytes]) -> Reading:
    readings = [tap.read(file.decode("utf-8", "replace")) for file in files]
    known = [reading for reading in readings if reading is not None]
    if len(known) != len(readings):
        raise BadReport("A test report is not TAP.")
    return total(known)


_FILES: Mapping[str, Callable[[Sequence[bytes]], Reading]] = {
    "junit": junit.read,
    "trx": trx.read,
    "json": json_reports.read,
    "tap": _tap,
}


def _kind(file: bytes) -> str:
    start = file[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        return "trx" if b"<TestRun" in start else "junit"
    if start.startswith((b"{", b"[")):
        return "json"
    return "tap" if start.startswith((b"TAP version", b"1..", b"ok ", b"not ok ")) else "junit"


def reports(files: Sequence[bytes], reader: str = "") -> Reading:
    """What report files say together; each is told by how it begins. Raises `BadReport`."""
    del reader
    kinds: dict[str, list[bytes]] = {}
    for file in files:
        kinds.setdefault(_kind(file), []).append(file)
    readings = [_FILES[kind](those) for kind, those in kinds.items()]
    if not readings:
        raise BadReport("There is no test report.")
    return total(readings)


def findings(output: str, reader: str) -> tuple[Finding, ...] | None:
    """What a quick check found, () where it found nothing, None where its output is not what the reader knows.

    The reader "any" tries those whose form cannot be mistaken.
    """
    if reader == "any":
        if not output.strip():
            return ()
        return next((found for name in _STRICT if (found := FINDINGS[name](output))), None)
    read = FINDINGS.get(reader)
    return read(output) if read else None

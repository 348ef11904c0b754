"""Swift: `swift test`, SwiftLint, SwiftFormat. Pure."""

from __future__ import annotations

import re

from workers.ecosystems.candidate import XML, Candidate, check, report
from workers.ecosystems.facts import Facts

_TESTS = re.compile(r"(^|/)Tests/.*\.swift$|Tests?\.swift$")


def detect(facts: Facts) -> Candidate | None:
    """Return a Swift package."""
    if not facts.has("Package.swift") or not facts.count(_TESTS, "swift"):
        return None
    run = f"swift test --parallel --xunit-output {report(facts, 'swift.xml')}"
    quick = []
    if facts.has(".swiftlint.yml"):
        quick.append(check("swiftlint", "swiftlint lint --quiet", "lint", "lines", endings=(".swift",)))
    if facts.has(".swiftformat"):
        quick.append(check("swiftformat", "swiftformat --lint {files}", "format", "lines", endings=(".swift",)))
    return Candidate(
        "swift", "swift test", run, facts.count(_TESTS, "swift"), manager="swiftpm", reports=XML, reader="junit",
        needs=("swift",), quick=tuple(quick), select=f"{run} --filter {{tests|}}",
    )  # fmt: skip

"""Dart and Flutter: their test runner, formatter and analyzer. Pure."""

from __future__ import annotations

import re

from workers.ecosystems.candidate import Candidate, report
from workers.ecosystems.facts import REPORTS, Facts

_TESTS = re.compile(r"(^|/)test/.*_test\.dart$")


def detect(facts: Facts) -> Candidate | None:
    """Return a Dart or Flutter package."""
    if not facts.has("pubspec.yaml") or not facts.count(_TESTS, "dart"):
        return None
    pubspec = facts.text("pubspec.yaml")
    flutter = re.search(r"^\s+sdk:\s*flutter\s*$", pubspec, re.M) is not None
    program = "flutter" if flutter else "dart"
    run = f"{program} test{' --no-pub' if flutter else ''} --file-reporter=json:{report(facts, 'dart.json')}"
    return Candidate(
        "dart", f"{program} test", run, facts.count(_TESTS, "dart"), manager="pub", reports=(f"{REPORTS}/*.json",),
        reader="dart", needs=(program,), test_changed=f"{run} {{files}}",
    )  # fmt: skip

"""Dart and Flutter: their test runner, formatter and analyzer. Pure."""

from __future__ import annotations

import re

from workers.ecosystems.candidate import Candidate, check, report
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
    quick = []
    if facts.uses("dart format") or facts.uses("dart_format") or facts.uses("flutter format"):
        command = "dart format --output=none --set-exit-if-changed {files}"
        quick.append(check("dart format", command, "format", "reformat", ("dart",), (".dart",)))
    if facts.has("analysis_options.yaml"):
        command = "dart analyze --format=machine"
        quick.append(check("dart analyze", command, "lint", "dart-analyze", ("dart",), (".dart",)))
    return Candidate(
        "dart", f"{program} test", run, facts.count(_TESTS, "dart"), manager="pub", reports=(f"{REPORTS}/*.json",),
        reader="dart", needs=(program,), quick=tuple(quick), test_changed=f"{run} {{files}}",
    )  # fmt: skip

"""Go: `go test`, gofmt, go vet, golangci-lint. Pure."""

from __future__ import annotations

import re

from workers.ecosystems.candidate import Candidate
from workers.ecosystems.facts import Facts

_TESTS = re.compile(r"_test\.go$")


def detect(facts: Facts) -> Candidate | None:
    """Return a Go module or workspace."""
    if not facts.has("go.mod", "go.work") or not facts.count(_TESTS, "go"):
        return None
    run = "go test -json"
    packages = "./..."
    if not facts.has("go.mod"):
        used = re.findall(r"^\s*(?:use\s+)?(\./[\w./-]+|\.)\s*$", facts.text("go.work"), re.M)
        packages = " ".join(f"{place.rstrip('/')}/..." for place in used[:50]) or packages
    return Candidate(
        "go", "go test", f"{run} {packages}", facts.count(_TESTS, "go"), manager="go", reader="go", needs=("go",),
        select=f"{run} -run {{tests|}} {packages}",
    )  # fmt: skip

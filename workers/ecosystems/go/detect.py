"""Go: `go test`, gofmt, go vet, golangci-lint. Pure."""

from __future__ import annotations

import re

from workers.ecosystems.candidate import Candidate, check
from workers.ecosystems.facts import Facts

_TESTS = re.compile(r"_test\.go$")


def detect(facts: Facts) -> Candidate | None:
    """Return a Go module or workspace."""
    if not facts.has("go.mod", "go.work") or not facts.count(_TESTS, "go"):
        return None
    run = "go test -json"
    quick = []
    if facts.uses("gofmt") or facts.uses("go fmt") or facts.uses("gofumpt"):
        quick.append(check("gofmt", "gofmt -l {files}", "format", "paths", endings=(".go",)))
    if facts.uses("go vet") or "govet" in "".join(facts.text(name) for name in (".golangci.yml", ".golangci.yaml")):
        quick.append(check("go vet", "go vet ./...", "lint", "lines", ("go",), (".go",)))
    if facts.has(".golangci.yml", ".golangci.yaml", ".golangci.toml"):
        quick.append(check("golangci-lint", "golangci-lint run", "lint", "lines", endings=(".go",)))
    packages = "./..."
    if not facts.has("go.mod"):
        used = re.findall(r"^\s*(?:use\s+)?(\./[\w./-]+|\.)\s*$", facts.text("go.work"), re.M)
        packages = " ".join(f"{place.rstrip('/')}/..." for place in used[:50]) or packages
    return Candidate(
        "go", "go test", f"{run} {packages}", facts.count(_TESTS, "go"), manager="go", reader="go", needs=("go",),
        quick=tuple(quick), select=f"{run} -run {{tests|}} {packages}",
    )  # fmt: skip

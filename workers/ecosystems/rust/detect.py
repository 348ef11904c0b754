"""Rust: `cargo test`, rustfmt, clippy. Pure."""

from __future__ import annotations

import re

from workers.ecosystems.candidate import Candidate, check
from workers.ecosystems.facts import Facts

_TESTS = re.compile(r"(^|/)tests/.*\.rs$|(^|/)tests?\.rs$")
_SOURCE = re.compile(r"(^|/)src/.*\.rs$")


def detect(facts: Facts) -> Candidate | None:
    """Return a Cargo package or workspace. Unit tests stand in the sources, so every source may hold some."""
    if not facts.has("Cargo.toml"):
        return None
    tests = facts.count(_TESTS, "rs")
    sources = facts.count(_SOURCE, "rs")
    if not tests and not sources:
        return None
    manifest = facts.toml("Cargo.toml")
    whole = " --workspace" if "workspace" in manifest else ""
    run = f"cargo test --offline --no-fail-fast{whole}"
    quick = []
    if facts.has("rustfmt.toml", ".rustfmt.toml") or facts.uses("cargo fmt") or facts.uses("rustfmt"):
        command = "cargo fmt --all -- --check"
        quick.append(check("cargo fmt", command, "format", "rustfmt", ("cargo", "rustfmt"), (".rs",)))
    if facts.has("clippy.toml", ".clippy.toml") or facts.uses("cargo clippy") or facts.uses("clippy"):
        command = f"cargo clippy --offline --quiet --message-format=json{whole}"
        quick.append(check("clippy", command, "lint", "cargo", ("cargo", "cargo-clippy"), (".rs",)))
    return Candidate(
        "rust", "cargo test", run, max(tests, 1), manager="cargo", reader="cargo", needs=("cargo",),
        quick=tuple(quick), select=f"{run} -- --exact {{tests}}",
    )  # fmt: skip

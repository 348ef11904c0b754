"""What package tools print when they may not fetch, word for word: nothing was proven, and the reason is said."""

from __future__ import annotations

import pytest

from workers.checks.missing import PACKAGES, missing
from workers.sandbox import Ran

OFFLINE = {
    "cargo": "error: no matching package named `itoa` found\nlocation searched: crates.io index\n"
    "required by package `quay v0.1.0 (/workspace)`\nAs a reminder, you're using offline mode (--offline)",
    "cargo, a registry": "error: failed to get `itoa` as a dependency of package `quay v0.1.0`\n\nCaused by:\n"
    "  attempting to make an HTTP request, but --offline was specified",
    "go": "go: github.com/google/uuid@v1.6.0: module lookup disabled by GOPROXY=off",
    "go, a package": "quay.go:3:8: cannot find module providing package github.com/google/uuid: module lookup "
    "disabled by -mod=vendor",
    "go, no resolver": 'go: example.com/m@v1.0.0: Get "https://proxy.golang.org/x": dial tcp: lookup proxy.golang.org',
    "maven": "[ERROR] Failed to execute goal on project quay: Could not resolve dependencies for project a:quay:jar:1: "
    "Cannot access central (https://repo.maven.apache.org/maven2) in offline mode and the artifact junit:jar:4.13 "
    "has not been downloaded from it before. -> [Help 1]",
    "gradle": "* What went wrong:\n   > No cached version of junit:junit:4.13 available for offline mode.",
}


class Empty:
    """A session in which no file is found."""

    def run(self, _command: str, **_: object) -> Ran:
        return Ran(1, "", 0.0)


@pytest.mark.parametrize("tool", OFFLINE)
def test_a_tool_that_may_not_fetch_says_that_packages_are_missing(tool: str) -> None:
    assert missing(f"   Compiling\n{OFFLINE[tool]}\n", Empty()) == PACKAGES  # type: ignore[arg-type]  # all that is asked of one


@pytest.mark.parametrize(
    "output",
    [
        "assert 'module lookup disabled by GOPROXY=off' in said",
        "print: error: no matching package named `x` found",
        "error[E0432]: unresolved import `itoa`",
        "--- FAIL: TestDepth (0.00s)",
    ],
)
def test_words_in_the_middle_of_other_output_mean_nothing(output: str) -> None:
    assert missing(output, Empty()) is None  # type: ignore[arg-type]  # likewise

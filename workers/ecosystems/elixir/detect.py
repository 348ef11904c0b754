"""Elixir: `mix test`, mix format, Credo. Pure."""

from __future__ import annotations

import re

from workers.ecosystems.candidate import Candidate, check
from workers.ecosystems.facts import Facts

_TESTS = re.compile(r"(^|/)test/.*_test\.exs$")


def detect(facts: Facts) -> Candidate | None:
    """Return a Mix project."""
    if not facts.has("mix.exs") or not facts.count(_TESTS, "exs"):
        return None
    quick = []
    if facts.has(".formatter.exs"):
        command = "mix format --check-formatted {files}"
        quick.append(check("mix format", command, "format", "mix-format", ("mix",), (".ex", ".exs", ".heex")))
    if facts.has(".credo.exs"):
        quick.append(check("credo", "mix credo --format flycheck", "lint", "lines", ("mix",), (".ex", ".exs")))
    run = "mix test --no-color"
    return Candidate(
        "elixir", "mix test", run, facts.count(_TESTS, "exs"), manager="mix", reader="mix", needs=("mix",),
        quick=tuple(quick), test_changed=f"{run} {{files}}", select=f"{run} {{tests:--only test:}}",
    )  # fmt: skip

"""`shipmate policy check`: check a repository's policy file against the operator's file, if there is one."""

from __future__ import annotations

import os
from pathlib import Path

from bot.settings.file import operator_file
from bot.settings.sources import read_values

_SETTINGS = ("SHIPMATE_CONFIG", "SHIPMATE_TOOLBOX")


def check(path: Path, repo: Path | None, at: str, *, as_json: bool) -> int:
    """Run the check and return its exit code: 0 for a plan, 1 for a mistake in the file, 2 for wrong arguments."""
    from workers.checks.policy_check import main

    argv = _operator()
    if repo is not None:
        argv += [f"--repo={repo}", f"--at={at}"]
    if as_json:
        argv.append("--json")
    return main([*argv, "--", str(path)])


def _operator() -> list[str]:
    """Return the operator's settings as arguments; none if there is no operator's file."""
    values, _ = read_values(_SETTINGS, frozenset(), os.environ, Path(".env"))
    given = [f"--toolbox={Path(values['SHIPMATE_TOOLBOX']).expanduser()}"] if values.get("SHIPMATE_TOOLBOX") else []
    decided = operator_file(values, [])
    if decided.path is None:
        return given
    allowed = (*decided.network.allow, *decided.network.allow_local)
    return [*given, f"--operator={decided.path}", *(f"--allow={host}" for host in allowed)]

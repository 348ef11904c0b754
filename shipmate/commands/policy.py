"""`shipmate policy check`: the hands read the repository, in a process of their own; this one starts it, and tells it
what the operator's file allows, where there is one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bot.settings.file import read_hosts
from bot.settings.sources import read_values

_SETTINGS = ("SHIPMATE_CONFIG", "SHIPMATE_TOOLBOX")


def check(path: Path, repo: Path | None, at: str, *, as_json: bool) -> int:
    """Run the check and return its exit code: 0 for a plan, 1 for a mistake in the file, 2 for wrong arguments."""
    argv = [sys.executable, "-m", "workers.checks.policy", *_operator()]
    if repo is not None:
        argv += [f"--repo={repo}", f"--at={at}"]
    if as_json:
        argv.append("--json")
    return subprocess.run([*argv, "--", str(path)], check=False).returncode


def _operator() -> list[str]:
    """What whoever runs Shipmate here has decided, as arguments; nothing where nobody does."""
    values, _ = read_values(_SETTINGS, frozenset(), os.environ, Path(".env"))
    config = Path(values.get("SHIPMATE_CONFIG") or "shipmate.toml").expanduser()
    given = [f"--toolbox={Path(values['SHIPMATE_TOOLBOX']).expanduser()}"] if values.get("SHIPMATE_TOOLBOX") else []
    if not config.is_file():
        return given
    _, network = read_hosts(config)
    allowed = (*network.allow, *network.allow_local)
    return [*given, f"--operator={config}", *(f"--allow={host}" for host in allowed)]

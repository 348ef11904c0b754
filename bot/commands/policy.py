"""`shipmate policy check`: the hands read the repository, in a process of their own; this one only starts it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def check(path: Path, repo: Path | None, at: str, *, as_json: bool) -> int:
    """Run the check and return its exit code: 0 for a plan, 1 for a mistake in the file, 2 for wrong arguments."""
    argv = [sys.executable, "-m", "workers.checks.policy"]
    if repo is not None:
        argv += [f"--repo={repo}", f"--at={at}"]
    if as_json:
        argv.append("--json")
    return subprocess.run([*argv, "--", str(path)], check=False).returncode

"""This machine: git, the sandbox, the toolbox."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from bot.settings import Settings
from shipmate.doctor import Finding, fail, ok, warn

_OLDEST_GIT = (2, 38)
_PROBE = """
import pathlib, sys
from workers.sandbox import SandboxUnavailable
home, toolbox, runner = (pathlib.Path(given) if given else None for given in sys.argv[1:])
if runner:
    from workers.sandbox.runner.box import RunnerSandbox
    box = RunnerSandbox(home, runner, start_seconds=0)
else:
    from workers.sandbox.bubblewrap import Bubblewrap
    box = Bubblewrap(home, toolbox)
try:
    leaks = box.probe()
except SandboxUnavailable as fault:
    print(fault)
    sys.exit(3)
print("\\n".join(leaks))
sys.exit(4 if leaks else 0)
"""


def git(_: Settings) -> list[Finding]:
    """The git program, new enough for merging without a work tree."""
    mend = "Install git 2.38 or newer (apt-get install git)."
    if not shutil.which("git"):
        return [fail("git", "is not installed", mend)]
    said = subprocess.run(["git", "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    found = re.search(r"(\d+)\.(\d+)", said)
    if not found or (int(found[1]), int(found[2])) < _OLDEST_GIT:
        return [fail("git", f"is too old: {said.strip()}", mend)]
    return [ok("git", said.strip())]


def sandbox(settings: Settings) -> list[Finding]:
    """Starts a sandbox and looks around inside it, as every worker does before it takes work.

    One that lives in a runner is reached through it.
    """
    if settings.work.sandbox == "process":
        mend = "Set SHIPMATE_SANDBOX=bubblewrap for anything but development."
        return [warn("SHIPMATE_SANDBOX", "process: repository code runs with all your rights", mend)]
    name, runner = "bubblewrap works", ""
    if settings.work.sandbox == "runner":
        runner = str((settings.work.runner_socket or settings.home / "sockets" / "runner.sock").absolute())
        name = f"the runner at {runner} works"
    root = str(Path(__file__).resolve().parents[2])
    asked = subprocess.run(
        [sys.executable, "-c", _PROBE, str(settings.home), str(settings.work.toolbox or ""), runner],
        env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "PYTHONPATH": root},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    said = asked.stdout.strip()
    if asked.returncode == 0:
        return [ok("sandbox", f"{name}, and a probe inside found no leak")]
    if asked.returncode == 4:
        mend = "Workers refuse work until this is mended; see docs/operations.md."
        return [fail("sandbox", f"leaks: {'; '.join(said.splitlines())}", mend)]
    if asked.returncode == 3 and runner:
        mend = "`shipmate up` starts one; alone: `shipmate runner`, as the user of the workers. Its log says more."
        return [fail("sandbox", said, mend)]
    if asked.returncode == 3:
        return [fail("sandbox", said, "Install bubblewrap, or allow user namespaces as said.")]
    return [fail("sandbox", (asked.stderr.strip().splitlines() or ["the probe failed"])[-1], "See docs/operations.md.")]


def toolbox(settings: Settings) -> list[Finding]:
    """Check for the programs that a sandbox shows: test tools, and ripgrep, which the agent's search needs."""
    folder = settings.work.toolbox
    if settings.work.sandbox != "runner" and not shutil.which("rg"):
        return [
            warn("toolbox", "ripgrep is not installed", "sudo apt-get install ripgrep: the agent searches with it.")
        ]
    if folder is None:
        return [
            warn("toolbox", "there is none", "Run `make setup`: tests then find pytest and Node.js in the sandbox.")
        ]
    missing = [name for name in ("python3", "pytest", "node") if not (folder / "bin" / name).exists()]
    if missing:
        return [warn("toolbox", f"{folder} has no {', '.join(missing)}", "Run `make setup` again.")]
    return [ok("toolbox", f"{folder}: python, pytest, node; ripgrep")]

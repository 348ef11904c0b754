"""This machine: git, the sandbox, the toolbox."""

from __future__ import annotations

import re
import shutil
import subprocess

from bot.checkup import Diagnosis, fail, ok, warn
from bot.settings import WorkerSettings
from workers.ecosystems.registry import ALL
from workers.sandbox import SandboxUnavailable
from workers.sandbox.chosen import chosen
from workers.sandbox.runner.box import RunnerSandbox

_OLDEST_GIT = (2, 38)


def git() -> list[Diagnosis]:
    """Look for git, new enough for merging without a work tree."""
    fix = "Install git 2.38 or newer (apt-get install git)."
    if not shutil.which("git"):
        return [fail("git", "is not installed", fix)]
    said = subprocess.run(["git", "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    found = re.search(r"(\d+)\.(\d+)", said)
    if not found or (int(found[1]), int(found[2])) < _OLDEST_GIT:
        return [fail("git", f"is too old: {said.strip()}", fix)]
    return [ok("git", said.strip())]


def sandbox(settings: WorkerSettings) -> list[Diagnosis]:
    """Start a sandbox and look around inside it, as every worker does before it takes work.

    One that lives in a runner is reached through it.
    """
    if settings.work.sandbox == "process":
        fix = "Set SHIPMATE_SANDBOX=bubblewrap for anything but development."
        return [warn("SHIPMATE_SANDBOX", "process: repository code runs with all your rights", fix)]
    name, fix = "bubblewrap works", "Install bubblewrap, or allow user namespaces as said."
    box = chosen(settings.work, settings.home)
    if settings.work.sandbox == "runner":
        place = (settings.work.runner_socket or settings.home / "sockets" / "runner.sock").absolute()
        name, box = f"the runner at {place} works", RunnerSandbox(settings.home, place, start_seconds=0)
        fix = "`shipmate up` starts one; alone: `shipmate runner`, as the user of the workers. Its log says more."
    try:
        leaks = box.probe()
    except SandboxUnavailable as fault:
        return [fail("sandbox", str(fault), fix)]
    if leaks:
        return [fail("sandbox", f"leaks: {'; '.join(leaks)}", "Workers refuse work until this is fixed.")]
    return [ok("sandbox", f"{name}, and a probe inside found no leak")]


def toolbox(settings: WorkerSettings) -> list[Diagnosis]:
    """Look for the programs that a sandbox shows: test tools, and ripgrep, which the agent's search needs."""
    folder = settings.work.toolbox
    if settings.work.sandbox != "runner" and not shutil.which("rg"):
        fix = "sudo apt-get install ripgrep: the agent searches with it."
        return [warn("toolbox", "ripgrep is not installed", fix)]
    if folder is None:
        fix = "Set SHIPMATE_TOOLBOX (`make setup` makes .toolbox): tests in the sandbox then find pytest and Node.js."
        return [warn("toolbox", "there is none", fix)]
    programs = ["pytest", *(one.packages.version[0] for one in ALL if one.packages and one.packages.version)]
    missing = [name for name in programs if not (folder / "bin" / name).exists()]
    if missing:
        return [warn("toolbox", f"{folder} has no {', '.join(missing)}", "Run `make setup` again.")]
    return [ok("toolbox", f"{folder}: {', '.join(programs)}; ripgrep")]

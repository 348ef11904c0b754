"""A job while it runs: what its steps, and the ready-made actions among them, work on."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..git import git_environment
from ..hub import Hub
from ..store import Doc
from .junit import Counts
from .workflow import Job

SCRATCH = ".git/playground"
FILES = ("env", "output", "step_summary", "path")


class ActionFailed(Exception):
    """Ends a step; the text is for the log."""


@dataclass
class Run:
    """A job while it runs. `steps` is what the API shows; `log` appends to the job's log file."""

    hub: Hub
    repo: Doc
    run: Doc
    record: Doc
    job: Job
    cancelled: Callable[[], bool]
    workdir: Path
    log_path: Path
    env: dict[str, str] = field(default_factory=dict)
    steps: list[Doc] = field(default_factory=list)
    failed: bool = False
    stopped: str = ""
    counts: Counts | None = None
    summary: str = ""
    pages_folder: str = ""
    _written: int = 0

    @property
    def secrets(self) -> dict[str, str]:
        """Return what the repository and its organization give to any branch; environments are not known here."""
        found = self.hub.store.find("secret", repo=self.repo["id"])
        return {it["name"]: it["value"] for it in found if it["of"] in {"", "organization"}}

    def log(self, text: str | bytes) -> bool:
        """Append to the log; return False once the cap is reached."""
        data = text.encode(errors="replace") if isinstance(text, str) else text
        cap = self.hub.config.ci_output_bytes
        with self.log_path.open("ab") as log:
            log.write(data[: max(0, cap - self._written)])
        self._written += len(data)
        return self._written <= cap

    def checkout(self) -> None:
        """Write the commit's files and a git directory of one commit, without config, so that nothing of it runs."""
        git = self.hub.git(self.repo)
        self.workdir.mkdir(parents=True, exist_ok=True)
        env = git_environment(self.workdir.parent)
        for args in (
            ["init", "-q", "--template="],
            ["fetch", "-q", "--depth=1", git.path.as_uri(), self.run["head_sha"]],
            ["checkout", "-q", "--detach", "FETCH_HEAD"],
        ):
            done = subprocess.run(
                ["git", "-C", str(self.workdir), *args], env=env, capture_output=True, stdin=subprocess.DEVNULL,
                check=False, timeout=300,
            )  # fmt: skip
            if done.returncode:
                raise ActionFailed(done.stderr.decode(errors="replace")[:500])
        scratch = self.workdir / SCRATCH
        scratch.mkdir()
        for name in FILES:
            (scratch / name).touch()

"""`make release` on a copy of the repository: what is built, and what is refused."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A repository of its own with the files that a release needs, committed."""
    copied = tmp_path / "shipmate"
    copied.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "deploy", "bot", "workers", "shipmate", "playground"):
        subprocess.run(["cp", "-R", str(ROOT / name), str(copied / name)], check=True)
    lock = re.split(r"\n(?=[a-z0-9])", (copied / "deploy" / "runtime.lock").read_text())
    short = [one for one in lock if one.startswith(("anthropic==", "celery[redis]==", "celery==", "slack-bolt=="))]
    (copied / "deploy" / "runtime.lock").write_text("\n".join(short) + "\n")  # the bill of all of them takes long
    (copied / ".gitignore").write_text("__pycache__/\ndist/\n")
    (copied / "CHANGELOG.md").write_text(
        f"# Changelog\n\n## {VERSION}\n\n- The card shows a picture.\n\n## 0.0.1\n\n- Old.\n"
    )
    git(copied, "init", "-q", "-b", "main")
    commit(copied)
    return copied


def git(folder: Path, *arguments: str) -> str:
    identity = {"GIT_AUTHOR_NAME": "Ana", "GIT_AUTHOR_EMAIL": "a@example.com"}
    identity |= {"GIT_COMMITTER_NAME": "Ana", "GIT_COMMITTER_EMAIL": "a@example.com"}
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env={**os.environ, **identity}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "release: A state.")


def release(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    identity = {"GIT_COMMITTER_NAME": "Ana", "GIT_COMMITTER_EMAIL": "a@example.com"}
    command = [sys.executable, "deploy/release", *arguments]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, **identity}, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_release_is_built_summed_and_tagged(copy: Path) -> None:
    done = release(copy)
    assert done.returncode == 0, done.stderr
    built = {file.name for file in (copy / "dist").iterdir()}
    wheel, archive, bill = (
        f"shipmate-{VERSION}-py3-none-any.whl",
        f"shipmate-{VERSION}.tar.gz",
        f"shipmate-{VERSION}.cdx.json",
    )
    assert {wheel, archive, bill, "CHANGES.md", "SHA256SUMS"} <= built
    assert (copy / "dist" / "CHANGES.md").read_text() == "- The card shows a picture.\n"
    pairs = [line.split("  ") for line in (copy / "dist" / "SHA256SUMS").read_text().splitlines()]
    sums = {name: digest for digest, name in pairs}
    assert sums[wheel] == hashlib.sha256((copy / "dist" / wheel).read_bytes()).hexdigest()
    parts = {one["name"] for one in json.loads((copy / "dist" / bill).read_text())["components"]}
    assert parts == {"anthropic", "celery", "slack-bolt"}
    assert git(copy, "rev-list", "-n", "1", f"v{VERSION}") == git(copy, "rev-parse", "HEAD")


@pytest.mark.parametrize("trouble", ["changes", "no section", "tag elsewhere"])
def test_a_release_that_would_not_be_what_its_tag_says_is_refused(copy: Path, trouble: str) -> None:
    if trouble == "changes":
        (copy / "README.md").write_text("Other words.\n")
    elif trouble == "no section":
        (copy / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n- Something.\n")
        commit(copy)
    else:
        git(copy, "tag", "--annotate", f"v{VERSION}", "--message", "An older one.")
        (copy / "README.md").write_text("Other words.\n")
        commit(copy)
    done = release(copy)
    assert done.returncode == 1
    assert {"changes": "not committed", "no section": "Unreleased", "tag elsewhere": "another commit"}[
        trouble
    ] in done.stderr

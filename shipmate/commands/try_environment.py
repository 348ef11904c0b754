"""Choose the state folder and repository of `shipmate try`.

Law: a state folder belongs to one source at one commit, so that a request never runs on another repository's copy.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shlex
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bot.domain.change import Change
from bot.settings import HOME
from bot.settings.checks import absolute
from bot.settings.sources import Problem, SettingsInvalid, read_values
from shipmate.embedded.defaults import Completed
from shipmate.supervise.processes import PlaygroundWishes

_LONGEST_NAME = 60


def try_environment(repo: str, *, scripted: bool, env_file: Path) -> tuple[dict[str, str], PlaygroundWishes]:
    """Return the environment to load settings from, and the options of the playground. Raises `SettingsInvalid`."""
    environ = dict(os.environ)
    if not repo and not scripted:
        return environ, PlaygroundWishes()
    values, _ = read_values(["SHIPMATE_HOME"], [], environ, env_file)
    home = absolute(Path(values.get("SHIPMATE_HOME", HOME)))
    if not repo:
        return {**environ, "SHIPMATE_HOME": str(home / "try" / "scripted")}, PlaygroundWishes()
    source, commit = _source(repo)
    name = _name(source)
    _unseen(home)
    mark = hashlib.sha256(f"{source}\0{commit}".encode(errors="surrogateescape")).hexdigest()[:8]
    environ |= {"SHIPMATE_HOME": str(home / "try" / f"{name}-{mark}"), "SHIPMATE_REPOSITORIES": f"local/{name}"}
    return environ, PlaygroundWishes(repositories=(f"local/{name}={source}",))


def fetching(settings: Completed, change: Change) -> str | None:
    """Return the command that fetches a change's branch from the playground's repository on this disk."""
    if "github" not in settings.stand_ins or change.repository is None or change.pull is None:
        return None
    place = settings.home / "playground" / "github" / "repositories" / f"{change.repository.lower()}.git"
    return shlex.join(["git", "fetch", str(place), change.pull.head_sha])


def _source(repo: str) -> tuple[str, str]:
    """Return the folder or URL, and the commit it is at ("" where only the web knows)."""
    from playground.github.git import GitError
    from playground.github.source import is_git, local_source

    if re.match(r"https?://", repo):
        return repo, ""
    folder = _folder(repo)
    if not folder.is_dir():
        raise _wrong(f"{repo} is not a folder", "Give a git repository's folder, or its https:// URL.")
    if not is_git(folder):
        raise _wrong(
            f"{repo} is not the top folder of a git repository",
            "Give the folder that holds .git; `git init`, `git add` and `git commit` make one.",
        )
    try:
        return str(folder), local_source(folder).head
    except GitError as fault:
        raise _wrong(str(fault), "Commit something there, or give another repository.") from fault


def _folder(repo: str) -> Path:
    path = Path(unquote(urlsplit(repo).path)) if repo.startswith("file://") else Path(repo)
    try:
        return path.expanduser().absolute()
    except RuntimeError:  # nobody has that name
        return path.absolute()


def _unseen(home: Path) -> None:
    """Keep a state folder inside a work tree out of its `git status`. One that can't be made is reported later."""
    with contextlib.suppress(OSError):
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not (home / ".gitignore").exists():
            (home / ".gitignore").write_text("*\n")


def _name(source: str) -> str:
    last = Path(source.rstrip("/")).name.removesuffix(".git") or Path(source).parent.name
    return re.sub(r"[^A-Za-z0-9._-]+", "-", last).strip(".-")[:_LONGEST_NAME].strip(".-") or "repository"


def _wrong(what: str, advice: str) -> SettingsInvalid:
    return SettingsInvalid([Problem("--repo", what, advice)])

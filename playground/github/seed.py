"""Repositories put on the stand-in: from a folder, or with all their history from a local repository.

Law: the source is only read: none of its hooks, filters or configuration runs.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from .config import GitHubStandInConfig
from .git import BareRepository, GitError, Ident, git_environment
from .git_edit import edit_tree
from .hub import bare_repository, open_store
from .lfs import keep_all
from .source import is_git, local_source
from .store import Doc, now

SEED_AUTHOR = Ident("Ana Prado", "ana@users.noreply.playground.test", "2026-01-05T09:00:00Z")
DEFAULT_BRANCH = "main"
_SKIPPED = {".git", "node_modules", "__pycache__", ".venv"}


def seed_repository(
    config: GitHubStandInConfig,
    full_name: str,
    source: str | Path,
    default_branch: str | None = None,
    *,
    description: str = "",
    workflow: str | None = None,
    message: str = "First version",
) -> str:
    """Put a repository on the stand-in, unless it is there; the sha of its default branch.

    `source` is a folder, a path or file: URL of a local git repository, or an http(s) URL to clone from; its HEAD
    becomes `default_branch` (None: the branch that HEAD is on there, or main).
    `workflow` is run as CI instead of the repository's own workflow files. Raises GitError when it cannot be read.
    """
    owner, _, name = full_name.partition("/")
    store = open_store(config)
    try:
        known = store.one("repository", key=full_name.lower())
        git = bare_repository(config, full_name)
        if known:
            return git.branch(known["default_branch"]) or ""
        shutil.rmtree(git.path, ignore_errors=True)
        sha, branch = _brought(git, str(source), default_branch, message)
        if not str(source).startswith(("http://", "https://")) and is_git(path := _local(source)):
            keep_all(config, full_name, local_source(path).objects.parent)
        body: Doc = {
            "owner": owner, "name": name, "full_name": full_name, "default_branch": branch, "private": True,
            "description": description, "created_at": now(), "pushed_at": now(), "workflow": workflow,
            "protected": config.protect_default_branch, "required_checks": list(config.required_checks),
        }  # fmt: skip
        store.add("repository", body, key=full_name.lower())
        return sha
    finally:
        store.close()


def _brought(git: BareRepository, source: str, branch: str | None, message: str) -> tuple[str, str]:
    """Return the sha of the default branch, and its name."""
    if source.startswith(("http://", "https://")):
        branch = branch or _head_branch(source) or DEFAULT_BRANCH
        fresh = BareRepository.create(git.path, branch)
        _fetch(fresh, source, f"+HEAD:refs/heads/{branch}")
        return fresh.branch(branch) or "", branch
    path = _local(source)
    if is_git(path):
        return _cloned(git, path, branch)
    branch = branch or DEFAULT_BRANCH
    return _made(git, path, branch, message), branch


def _local(source: str | Path) -> Path:
    return Path(str(source).removeprefix("file://"))


def _fetch(git: BareRepository, url: str, refspec: str) -> None:
    done = _git(
        "--git-dir", str(git.path), "fetch", "-q", "--no-tags", "--update-shallow", "--", url, refspec,
        home=git.path, seconds=900,
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise GitError(said if url.startswith("file:") else f"{url} cannot be cloned: {said}")


def _head_branch(url: str) -> str | None:
    """Return the branch that HEAD of a repository on the web is on; whatever is wrong there, fetching says in words."""
    with tempfile.TemporaryDirectory(prefix="seed-") as scratch:
        done = _git("ls-remote", "--symref", "--", url, "HEAD", home=Path(scratch), seconds=60)
    found = re.match(rb"ref: refs/heads/([^\s]+)\tHEAD\n", done.stdout)
    return found[1].decode(errors="replace") if found else None


def _git(*args: str, home: Path, seconds: float) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["git", "-c", "core.hooksPath=/dev/null", "-c", "http.followRedirects=initial", *args],
            env=git_environment(home), capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=seconds,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        raise GitError(f"git {' '.join(args[-2:])} took longer than {seconds:g} s") from late


def _made(git: BareRepository, folder: Path, branch: str, message: str) -> str:
    """Return one commit with the files of a folder; the same folder gives the same sha."""
    if not folder.is_dir():
        raise GitError(f"{folder} is not a folder")
    git = BareRepository.create(git.path, branch)
    changes: dict[str, tuple[str, str] | None] = {}
    for here, folders, files in os.walk(folder, followlinks=False):
        folders[:] = sorted(it for it in folders if it not in _SKIPPED and not (Path(here) / it).is_symlink())
        for name in sorted(files):
            path = Path(here) / name
            info = path.lstat()
            if stat.S_ISREG(info.st_mode):
                mode = "100755" if info.st_mode & stat.S_IXUSR else "100644"
                changes[path.relative_to(folder).as_posix()] = (mode, git.write_blob(path.read_bytes()))
    sha = git.commit_tree(edit_tree(git, None, changes), [], message, SEED_AUTHOR, SEED_AUTHOR)
    git.update_ref(f"refs/heads/{branch}", sha)
    return sha


def _cloned(git: BareRepository, path: Path, branch: str | None) -> tuple[str, str]:
    """Return all history of the source's HEAD. It is fetched from a bare shell around its objects, with none of its
    config.
    """
    source = local_source(path)
    branch = branch or source.branch or DEFAULT_BRANCH
    git = BareRepository.create(git.path, branch)
    name = f"refs/heads/{branch}"
    with tempfile.TemporaryDirectory(prefix="seed-") as scratch:
        shell = BareRepository.create(Path(scratch) / "source.git", branch)
        (shell.path / "objects" / "info").mkdir(parents=True, exist_ok=True)
        (shell.path / "objects" / "info" / "alternates").write_text(f"{source.objects}\n")
        if source.shallow:
            shutil.copy(source.shallow, shell.path / "shallow")
        head = _without_history(shell, source.head) if source.shallow else source.head
        shell.update_ref(name, head)
        _fetch(git, shell.path.as_uri(), f"+{name}:{name}")
    return head, branch


def _without_history(shell: BareRepository, head: str) -> str:
    """Return the same files as one commit: nobody can clone from a repository whose history ends in nothing."""
    last = shell.commit(head)
    made = shell.commit_tree(last.tree, [], last.message, last.author, last.committer)
    (shell.path / "shallow").unlink()
    return made

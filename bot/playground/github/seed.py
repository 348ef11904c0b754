"""Repositories put on the stand-in: from a folder, or with all their history from a local repository.

Law: the source is only read: none of its hooks, filters or configuration runs.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from .config import GitHubStandInConfig
from .git import SHA, BareRepository, GitError, Ident, git_environment
from .git_edit import edit_tree
from .hub import bare_repository, open_store
from .store import Doc, now

SEED_AUTHOR = Ident("Ana Prado", "ana@users.noreply.playground.test", "2026-01-05T09:00:00Z")
_SKIPPED = {".git", "node_modules", "__pycache__", ".venv"}


def seed_repository(
    config: GitHubStandInConfig,
    full_name: str,
    source: str | Path,
    default_branch: str = "main",
    *,
    description: str = "",
    workflow: str | None = None,
    message: str = "First version",
) -> str:
    """Put a repository on the stand-in, unless it is there; the sha of its default branch.

    `source` is a folder, a path or file: URL of a local git repository, or an http(s) URL to clone from; its HEAD
    becomes `default_branch`.
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
        sha = _brought(git, str(source), default_branch, message)
        body: Doc = {
            "owner": owner, "name": name, "full_name": full_name, "default_branch": default_branch, "private": True,
            "description": description, "created_at": now(), "pushed_at": now(), "workflow": workflow,
            "protected": config.protect_default_branch, "required_checks": list(config.required_checks),
        }  # fmt: skip
        store.add("repository", body, key=full_name.lower())
        return sha
    finally:
        store.close()


def _brought(git: BareRepository, source: str, branch: str, message: str) -> str:
    if source.startswith(("http://", "https://")):
        fresh = BareRepository.create(git.path, branch)
        _fetch(fresh, source, f"+HEAD:refs/heads/{branch}")
        return fresh.branch(branch) or ""
    path = Path(source.removeprefix("file://"))
    is_git = (path / ".git").exists() or (path / "objects").is_dir()
    return _cloned(git, path, branch) if is_git else _made(git, path, branch, message)


def _fetch(git: BareRepository, url: str, refspec: str) -> None:
    done = subprocess.run(
        ["git", "--git-dir", str(git.path), "-c", "core.hooksPath=/dev/null", "-c", "http.followRedirects=initial",
         "fetch", "-q", "--no-tags", "--update-shallow", "--", url, refspec],
        env=git_environment(git.path), capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=900,
    )  # fmt: skip
    if done.returncode:
        raise GitError(done.stderr.decode(errors="replace").strip())


def _made(git: BareRepository, folder: Path, branch: str, message: str) -> str:
    """One commit with the files of a folder; the same folder gives the same sha."""
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


def _cloned(git: BareRepository, source: Path, branch: str) -> str:
    """All history of the source's HEAD. It is fetched from a bare shell around its objects, with none of its config."""
    git = BareRepository.create(git.path, branch)
    gitdir = source / ".git" if (source / ".git").is_dir() else source
    with tempfile.TemporaryDirectory(prefix="seed-") as scratch:
        shell = BareRepository.create(Path(scratch) / "source.git", branch)
        objects = (gitdir / "objects").resolve()
        if not objects.is_dir():
            raise GitError(f"{source} is not a git repository that can be read (a linked work tree, perhaps)")
        (shell.path / "objects" / "info").mkdir(parents=True, exist_ok=True)
        (shell.path / "objects" / "info" / "alternates").write_text(f"{objects}\n")
        if (gitdir / "shallow").is_file():
            shutil.copy(gitdir / "shallow", shell.path / "shallow")
        head = _head(gitdir)
        shell.update_ref(f"refs/heads/{branch}", head)
        _fetch(git, shell.path.as_uri(), f"+refs/heads/{branch}:refs/heads/{branch}")
    return head


def _head(gitdir: Path) -> str:
    """The commit HEAD names, read from the files: asking git in there would read its configuration."""
    text = (gitdir / "HEAD").read_text().strip()
    for _ in range(5):
        if not text or not text.startswith("ref: "):
            break
        name = text.removeprefix("ref: ")
        loose = gitdir / name
        if loose.is_file():
            text = loose.read_text().strip()
            continue
        packed = gitdir / "packed-refs"
        lines = packed.read_text().splitlines() if packed.is_file() else []
        text = next((line.split(" ")[0] for line in lines if line.endswith(f" {name}")), "")
    if not SHA.match(text):
        raise GitError("the repository has no commit yet")
    return text

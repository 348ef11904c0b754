"""The bare repository of one remote on this host, and everything git does for us there.

Law: the folder is written by us alone and is never mounted into a sandbox; the remote's branches live under
`refs/remotes/origin`, and our own objects need no ref because nothing is ever collected.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from workers.workspace import Changed, Remote, RemoteRefused
from workers.workspace import checkout as checkouts
from workers.workspace import export as exports
from workers.workspace import graft as grafts
from workers.workspace.git import Git, GitFailed, remote_settings, require_sha
from workers.workspace.remote import disk_full, is_disk_full, locked, refusal

_FETCH_SECONDS = 1800.0
_TALK_SECONDS = 120.0
_BROKEN = ("corrupt", "bad object", "not a git repository", "unable to read", "is empty", "missing object", "bad tree")
_REFS = "refs/remotes/origin/"


class BareMirror:
    """Implements `Mirror` in the folder `gitdir`. Safe to use from several threads and processes."""

    def __init__(self, gitdir: Path, remote: Remote) -> None:
        self.gitdir = gitdir
        self.remote = remote
        self._git = Git(gitdir)
        self._lock = gitdir.with_suffix(".lock")

    # talking to the forge

    def ensure(self) -> None:
        """Clone where there is nothing yet. A clone that a crash cut short is begun anew. Raises `RemoteRefused`."""
        if (self.gitdir / "HEAD").exists():
            return
        with locked(self._lock) as held:
            if not (self.gitdir / "HEAD").exists():
                self._clone(held)

    def fetch(self) -> None:
        """Bring all branches up to date, under a lock; a broken mirror is rebuilt. Raises `RemoteRefused`."""
        with locked(self._lock) as held:
            if not (self.gitdir / "HEAD").exists():
                self._clone(held)
                return
            self._unlock()
            try:
                self._fetch(self._git, held)
            except GitFailed as failure:
                if not any(word in failure.said for word in _BROKEN) or is_disk_full(failure.said):
                    raise refusal(failure) from failure
                self._clone(held)

    def _settings(self) -> tuple[tuple[str, str], ...]:
        try:
            return remote_settings(self.remote.url, self.remote.token())
        except ValueError as error:
            raise RemoteRefused(f"The clone URL cannot be used: {error}.", again=False) from error

    def _fetch(self, git: Git, held: int) -> None:
        git.run(
            "fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--force",
            self.remote.url, f"+refs/heads/*:{_REFS}*",
            config=self._settings(), timeout=_FETCH_SECONDS, keep=(held,),
        )  # fmt: skip

    def _clone(self, held: int) -> None:
        """Build a new mirror beside the place and move it there in one step; objects of ours are taken along."""
        fresh = self.gitdir.with_suffix(".new")
        try:
            if fresh.exists():
                shutil.rmtree(fresh)
            fresh.parent.mkdir(parents=True, exist_ok=True)
            git = Git(fresh)
            git.run("init", "--quiet", "--bare", "--initial-branch=none", str(fresh))
            self._fetch(git, held)
            if self.gitdir.exists():
                _take_along(self.gitdir, fresh)
                shutil.rmtree(self.gitdir)
            fresh.rename(self.gitdir)
        except GitFailed as failure:
            raise refusal(failure) from failure
        except OSError as error:
            raise disk_full(error) or error from error
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _unlock(self) -> None:
        """Remove what a killed git or worker left behind; while we hold our own lock nobody else moves a ref."""
        for place in [*self.gitdir.glob("*.lock"), *(self.gitdir / "refs").rglob("*.lock")]:
            place.unlink(missing_ok=True)
        for place in [*(self.gitdir / "objects").rglob("tmp_*"), *self.gitdir.glob("export-*")]:
            with contextlib.suppress(OSError):
                if time.time() - place.stat().st_mtime > 3600:
                    shutil.rmtree(place) if place.is_dir() else place.unlink()

    def remote_sha(self, branch: str) -> str | None:
        """Where the branch is at the forge right now, or None. Raises `RemoteRefused`."""
        wanted = f"refs/heads/{self._branch(branch)}"
        try:
            _, out, _ = self._git.run(
                "ls-remote", "--refs", self.remote.url, wanted, config=self._settings(), timeout=_TALK_SECONDS
            )
        except GitFailed as failure:
            raise refusal(failure) from failure
        for line in out.decode("utf-8", "replace").splitlines():
            sha, _, ref = line.partition("\t")
            if ref == wanted:
                return require_sha(sha)
        return None

    def push(self, commit: str, branch: str, expected: str | None) -> None:
        """Push with a lease on `expected`, then read the branch back. Raises `RemoteRefused`."""
        ref = f"refs/heads/{self._branch(branch)}"
        lease = require_sha(expected) if expected else ""
        try:
            self._git.run(
                "push", "--quiet", "--no-verify", "--no-recurse-submodules", "--no-follow-tags",
                f"--force-with-lease={ref}:{lease}", self.remote.url, f"{require_sha(commit)}:{ref}",
                config=self._settings(), timeout=_FETCH_SECONDS,
            )  # fmt: skip
        except GitFailed as failure:
            trouble: Exception | None = refusal(failure)
            with contextlib.suppress(RemoteRefused):
                if self.remote_sha(branch) == commit:  # an answer that was lost, or a repeat of our own push
                    trouble = None
            if trouble is not None:
                raise trouble from failure
        else:
            if self.remote_sha(branch) != commit:
                raise RemoteRefused("The branch was moved by someone else in the meantime.", again=False)
        with contextlib.suppress(GitFailed):
            self._git.run("update-ref", f"{_REFS}{branch}", commit)

    # reading

    def sha(self, ref: str) -> str | None:
        """The commit a branch pointed to at the last fetch, or None."""
        code, out, _ = self._git.run(
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            f"{_REFS}{self._branch(ref)}^{{commit}}",
            ok=(0, 1, 128),
        )
        return out.decode().strip() if code == 0 else None

    def has(self, commit: str) -> bool:
        """Whether the mirror holds this commit."""
        code, _, _ = self._git.run("cat-file", "-e", f"{require_sha(commit)}^{{commit}}", ok=(0, 1, 128))
        return code == 0

    def tree(self, commit: str) -> str:
        """The tree sha of a commit (or of a tree: itself)."""
        return self._git.text("rev-parse", "--verify", "--end-of-options", f"{require_sha(commit)}^{{tree}}")

    def files(self, commit: str) -> tuple[str, ...]:
        """Every path of a commit or tree."""
        return tuple(entry.name for entry in checkouts.entries(self._git, commit) if entry.mode != checkouts.GITLINK)

    def read(self, commit: str, path: str, limit: int = 1 << 20) -> bytes | None:
        """A regular file's bytes (at most `limit`), or None where there is none."""
        if not path or "\0" in path:
            return None
        _, out, _ = self._git.run("ls-tree", "-z", "--full-tree", require_sha(commit), "--", path)
        for entry in checkouts.parse(out):
            if entry.name == path and entry.mode in checkouts.REGULAR:
                return self._git.limited("cat-file", "blob", entry.sha, limit=limit)
        return None

    def changed(self, base: str, tree: str) -> tuple[Changed, ...]:
        """The raw difference of two trees or commits, renames as delete and add."""
        _, out, _ = self._git.run(
            "diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--ignore-submodules=none",
            self.tree(base), self.tree(tree),
        )  # fmt: skip
        fields = out.split(b"\0")
        found = []
        for meta, path in zip(fields[0::2], fields[1::2], strict=False):
            old_mode, new_mode, old_sha, new_sha, status = meta.decode().lstrip(":").split(" ")
            name = path.decode("utf-8", "surrogateescape")
            found.append(Changed(name, status[0], old_mode, new_mode, old_sha, new_sha))
        return tuple(found)

    def diff(self, base: str, tree: str, limit: int = 1 << 20) -> str:
        """A unified diff for reading: `--text`, so that no attribute can hide bytes; cut at `limit` bytes."""
        out = self._git.limited(
            "diff-tree", "-r", "-p", "--text", "--no-textconv", "--no-ext-diff", "--no-renames", "--full-index",
            "--no-color", "--ignore-submodules=none", self.tree(base), self.tree(tree), limit=limit,
        )  # fmt: skip
        return out.decode("utf-8", "replace")

    def graft(self, base: str, changes: Sequence[Changed]) -> str:
        """The tree of `base` with `changes` made to it, which are part of a raw difference from it."""
        return grafts.graft(self._git, self.tree(base), changes)

    # plain files

    def checkout(self, treeish: str, into: Path) -> None:
        """Write the files of a tree into a new or empty folder."""
        try:
            checkouts.write(self._git, self.tree(treeish), into)
        except OSError as error:
            raise disk_full(error) or error from error

    def export(self, folder: Path, base: str) -> str:
        """Hash a folder that an agent wrote into a tree sha. Raises `ExportRefused`."""
        try:
            return exports.export(self._git, folder, self.tree(base))
        except OSError as error:
            raise disk_full(error) or error from error

    # writing objects

    def commit(self, tree: str, parents: tuple[str, ...], message: str, author: tuple[str, str], at: int) -> str:
        """Write a commit; the same arguments give the same sha."""
        name, email = author
        args = [piece for parent in parents for piece in ("-p", require_sha(parent))]
        who: dict[str, str] = {}
        for role in ("AUTHOR", "COMMITTER"):
            who |= {f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": email, f"GIT_{role}_DATE": f"@{at} +0000"}
        return self._git.text(
            "commit-tree", require_sha(tree), *args, input=message.encode("utf-8", "replace"), env=who
        )

    def revert(self, tip: str, merged: str) -> str | None:
        """The tree of `tip` without what `merged` brought since its first parent, or None where they conflict.

        `git merge-tree` finds its merge base itself, so the three trees are given to it as commits of a made-up
        history: what was merged, and from there on one side the tip and on the other the state before.
        """
        who = ("shipmate", "shipmate@localhost")
        parents = self._git.text("rev-list", "--parents", "-n", "1", require_sha(merged)).split()[1:]
        before = self.tree(parents[0]) if parents else self._git.text("mktree")
        middle = self.commit(self.tree(merged), (), "merged", who, 0)
        ours = self.commit(self.tree(tip), (middle,), "tip", who, 0)
        theirs = self.commit(before, (middle,), "before", who, 0)
        code, out, _ = self._git.run("merge-tree", "--write-tree", "--no-messages", ours, theirs, ok=(0, 1))
        return require_sha(out.decode().split("\n", 1)[0].strip()) if code == 0 else None

    def _branch(self, name: str) -> str:
        """`name`, or ValueError where it is not a branch name."""
        if not name or name.startswith("-") or not name.isprintable():
            raise ValueError(f"not a branch name: {name[:60]!r}")
        code, _, _ = self._git.run("check-ref-format", f"refs/heads/{name}", ok=(0, 1))
        if code != 0:
            raise ValueError(f"not a branch name: {name[:60]!r}")
        return name


def _take_along(old: Path, fresh: Path) -> None:
    """Copy the loose objects of a mirror that is given up: commits and trees of changes still under way."""
    for place in (old / "objects").glob("[0-9a-f][0-9a-f]/*"):
        goal = fresh / "objects" / place.parent.name / place.name
        if not goal.exists() and place.stat().st_size > 0:
            goal.parent.mkdir(exist_ok=True)
            shutil.copy2(place, goal)

"""Everything of a mirror that talks to the remote: clone, fetch, push, and where a branch is right now.

Law: one command at a time uses the network, under the mirror's lock. The token is in the environment of that command
only, and never on the disk.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from workers.workspace import Remote, RemoteRefused
from workers.workspace.git import Git, GitFailed, remote_settings, require_sha
from workers.workspace.lfs import LARGE
from workers.workspace.packs import consolidate
from workers.workspace.remote import disk_full, is_disk_full, locked, refusal

_FETCH_SECONDS = 1800.0
_TALK_SECONDS = 120.0
_BROKEN = ("corrupt", "bad object", "not a git repository", "unable to read", "is empty", "missing object", "bad tree")
REFS = "refs/remotes/origin/"
_PARTIAL = "shipmate-partial"
_FILTER = "--filter=blob:none"
_NAME = "upstream"


class Upstream:
    """The bare repository `gitdir` as a copy of `remote`. Safe to use from several threads and processes.

    A `partial` one fetches commits and folders only; `obtain` fetches the contents of files later, many at once. It
    stays partial however it is opened later.
    """

    def __init__(self, gitdir: Path, remote: Remote, *, partial: bool = False) -> None:
        self.gitdir = gitdir
        self._wanted_partial = partial
        self.remote = remote
        self._git = Git(gitdir)
        self._lock = gitdir.with_suffix(".lock")

    def ensure(self) -> None:
        """Clone if there is no mirror yet. A clone that a crash cut short is started again. Raises `RemoteRefused`."""
        if (self.gitdir / "HEAD").exists():
            return
        with locked(self._lock) as held:
            if not (self.gitdir / "HEAD").exists():
                self._clone(held)

    def fetch(self) -> None:
        """Fetch all branches, under a lock; rebuild a broken mirror. Raises `RemoteRefused`."""
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
            else:
                consolidate(self._git, held)

    def _settings(self) -> tuple[tuple[str, str], ...]:
        try:
            return remote_settings(self.remote.url, self.remote.token())
        except ValueError as error:
            raise RemoteRefused(f"The clone URL cannot be used: {error}.", again=False) from error

    @property
    def partial(self) -> bool:
        """Return whether contents of files may be missing here."""
        return (self.gitdir / _PARTIAL).exists()

    def obtain(self, blobs: Iterable[str]) -> None:
        """Fetch those of these contents that are missing, in one go. Raises `RemoteRefused`."""
        if not self.partial:
            return
        wanted = [require_sha(sha) for sha in dict.fromkeys(blobs)]
        asked = "".join(f"{sha}\n" for sha in wanted).encode()
        _, out, _ = self._git.run("cat-file", "--batch-check=%(objectname)", input=asked, timeout=_FETCH_SECONDS)
        missing = [line.split()[0] for line in out.splitlines() if line.endswith(b" missing")]
        if not missing:
            return
        with locked(self._lock) as held:
            try:
                self._git.run(
                    "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--stdin",
                    _FILTER, _NAME, input=b"\n".join(missing) + b"\n",
                    config=(*self._settings(), *self._promised(), ("fetch.negotiationAlgorithm", "noop")),
                    timeout=_FETCH_SECONDS, keep=(held,),
                )  # fmt: skip
            except GitFailed as failure:
                raise refusal(failure) from failure
            consolidate(self._git, held)

    def fetch_commit(self, commit: str) -> None:
        """Fetch a commit that may be on no branch any more, as the head of a merged pull request. Raises
        `RemoteRefused`.
        """
        code, _, _ = self._git.run("cat-file", "-e", f"{require_sha(commit)}^{{commit}}", ok=(0, 1, 128))
        if code == 0:
            return
        with locked(self._lock) as held:
            try:
                self._fetch(self._git, held, commit)
            except GitFailed as failure:
                raise refusal(failure) from failure

    def _promised(self) -> tuple[tuple[str, str], ...]:
        """Return the settings that make git accept missing contents.

        They are given to single commands and never saved, so that no other command fetches by itself.
        """
        return (
            (f"remote.{_NAME}.url", self.remote.url),
            (f"remote.{_NAME}.promisor", "true"),
            (f"remote.{_NAME}.partialCloneFilter", "blob:none"),
        )

    def _fetch(self, git: Git, held: int, what: str = f"+refs/heads/*:{REFS}*") -> None:
        partial = (git.gitdir / _PARTIAL).exists()
        git.run(
            "fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--force",
            *((_FILTER, _NAME) if partial else (self.remote.url,)), what,
            config=(*self._settings(), *(self._promised() if partial else ())), timeout=_FETCH_SECONDS, keep=(held,),
        )  # fmt: skip

    def _clone(self, held: int) -> None:
        """Build a new mirror beside the place and move it there in one step; it keeps our own objects."""
        fresh = self.gitdir.with_suffix(".new")
        try:
            if fresh.exists():
                shutil.rmtree(fresh)
            fresh.parent.mkdir(parents=True, exist_ok=True)
            git = Git(fresh)
            git.run("init", "--quiet", "--bare", "--initial-branch=none", str(fresh))
            if self._wanted_partial or self.partial:
                (fresh / _PARTIAL).touch()
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
        """Remove lock files of a killed git or worker. We hold our own lock, so no other process moves a ref."""
        for place in [*self.gitdir.glob("*.lock"), *(self.gitdir / "refs").rglob("*.lock")]:
            place.unlink(missing_ok=True)
        for place in [*(self.gitdir / "objects").rglob("tmp_*"), *self.gitdir.glob("export-*")]:
            with contextlib.suppress(OSError):
                if time.time() - place.stat().st_mtime > 3600:
                    shutil.rmtree(place) if place.is_dir() else place.unlink()

    def remote_sha(self, branch: str) -> str | None:
        """Return where the branch is at the forge right now, or None. Raises `RemoteRefused`."""
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

    def remote_heads(self, prefix: str) -> dict[str, str]:
        """Return the branches at the forge right now whose names begin like this. Raises `RemoteRefused`."""
        wanted = f"refs/heads/{self._branch(prefix)}"
        try:
            _, out, _ = self._git.run(
                "ls-remote", "--heads", self.remote.url, f"{wanted}*", config=self._settings(), timeout=_TALK_SECONDS
            )
        except GitFailed as failure:
            raise refusal(failure) from failure
        pairs = (line.partition("\t")[::2] for line in out.decode("utf-8", "replace").splitlines())
        return {ref[len("refs/heads/") :]: require_sha(sha) for sha, ref in pairs if ref.startswith(wanted)}

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
                raise RemoteRefused("Someone else pushed to the branch in the meantime.", again=False)
        with contextlib.suppress(GitFailed):
            self._git.run("update-ref", f"{REFS}{branch}", commit)

    def _branch(self, name: str) -> str:
        """Return `name` if it is a branch name. Raises ValueError."""
        if not name or name.startswith("-") or not name.isprintable():
            raise ValueError(f"not a branch name: {name[:60]!r}")
        code, _, _ = self._git.run("check-ref-format", f"refs/heads/{name}", ok=(0, 1))
        if code != 0:
            raise ValueError(f"not a branch name: {name[:60]!r}")
        return name


def _take_along(old: Path, fresh: Path) -> None:
    """Copy the loose objects of a mirror that is replaced: commits and trees of changes that are still open.

    Fetched Git LFS contents are copied too, since existing checkouts were made with them.
    """
    if (old / LARGE).exists():
        (old / LARGE).rename(fresh / LARGE)
    for place in (old / "objects").glob("[0-9a-f][0-9a-f]/*"):
        goal = fresh / "objects" / place.parent.name / place.name
        if not goal.exists() and place.stat().st_size > 0:
            goal.parent.mkdir(exist_ok=True)
            shutil.copy2(place, goal)

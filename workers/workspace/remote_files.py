"""Read single files of a remote before the first clone: a repository's own settings say whether to clone it partially.

Law: this fetches one commit, one folder and the file's own bytes, into a repository that is removed afterwards.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from workers.workspace.checkout import REGULAR, parse
from workers.workspace.git import Git, GitFailed, remote_settings, require_sha

_SECONDS = 120.0
_NAME = "upstream"
_FILTER = "tree:1"
Read = Callable[[str], bytes | None]


@contextmanager
def reading(url: str, token: str | None, folder: Path) -> Iterator[Read]:
    """Yield a function that reads a file at the root of the remote's default branch, or returns None.

    `folder` is a place for temporary files. Raises `GitFailed`, ValueError (the URL).
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="peek-") as place:
        git = Git(Path(place) / "one.git")
        git.run("init", "--quiet", "--bare", "--initial-branch=none", str(git.gitdir))
        config = (
            *remote_settings(url, token),
            (f"remote.{_NAME}.url", url),
            (f"remote.{_NAME}.promisor", "true"),
            (f"remote.{_NAME}.partialCloneFilter", _FILTER),
            ("fetch.negotiationAlgorithm", "noop"),
        )

        def fetch(*words: str) -> None:
            git.run("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules",
                    f"--filter={_FILTER}", _NAME, *words, config=config, timeout=_SECONDS)  # fmt: skip

        fetch("--depth=1", "+HEAD:refs/heads/seen")

        def read(path: str) -> bytes | None:
            _, listing, _ = git.run("ls-tree", "-z", "refs/heads/seen", "--", path)
            for entry in parse(listing):
                if entry.name == path and entry.mode in REGULAR:
                    if git.run("cat-file", "-e", entry.sha, ok=(0, 1, 128))[0] != 0:
                        fetch(require_sha(entry.sha))
                    return git.limited("cat-file", "blob", entry.sha, limit=1 << 20)
            return None

        yield read


def chosen(url: str, token: str | None, folder: Path, choose: Callable[[Read], bool]) -> bool:
    """Return the answer of `choose` about the remote; False if it cannot be read, which the clone will report."""
    try:
        with reading(url, token, folder) as read:
            return choose(read)
    except (GitFailed, ValueError):
        return False

"""Trees and merges made without a work tree: what the server side of a forge does.

Law: a conflict is an answer (None), not an error.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from .git import BareRepository, Ident

_NOBODY = Ident("stand-in", "stand-in@playground.test", "2026-01-01T00:00:00Z")


def edit_tree(repo: BareRepository, base: str | None, changes: Mapping[str, tuple[str, str] | None]) -> str:
    """Return a new tree: `base` (a tree or commit, None for empty) with paths set to (mode, sha), or removed (None)."""
    with tempfile.TemporaryDirectory(prefix="index-") as scratch:
        env = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
        if base:
            repo.run("read-tree", base, env=env)
        lines = []
        for path, entry in changes.items():
            mode, sha = entry or ("0", "0" * 40)
            lines.append(f"{mode} {sha}\t{path}\0".encode(errors="surrogateescape"))
        repo.run("update-index", "--add", "--replace", "-z", "--index-info", stdin=b"".join(lines), env=env)
        return repo.run("write-tree", env=env).decode().strip()


def commit_files(
    repo: BareRepository, parent: str | None, files: Mapping[str, bytes | None], message: str, author: Ident
) -> str:
    """Return a commit on `parent` that writes (or with None removes) the files; its sha. No ref moves."""
    changes = {
        path: None if data is None else (_mode(repo, parent, path), repo.write_blob(data))
        for path, data in files.items()
    }
    tree = edit_tree(repo, parent, changes)
    return repo.commit_tree(tree, [parent] if parent else [], message, author, author)


def _mode(repo: BareRepository, parent: str | None, path: str) -> str:
    found = repo.entries(parent, path=path) if parent else []
    return found[0].mode if found and found[0].type == "blob" else "100644"


def merge_trees(repo: BareRepository, ours: str, theirs: str) -> str | None:
    """Return the tree of merging two commits, or None when they conflict."""
    done = repo.attempt("merge-tree", "--write-tree", "--no-messages", "--allow-unrelated-histories", ours, theirs)
    return done.stdout.decode().split("\n", 1)[0].strip() if done.returncode == 0 else None


def three_way(repo: BareRepository, base: str, ours: str, theirs: str) -> str | None:
    """Merge three trees. git 2.39 takes no merge base by name, so throwaway commits give it the shape it expects."""
    root = repo.commit_tree(base, [], "base", _NOBODY, _NOBODY)
    left = repo.commit_tree(ours, [root], "ours", _NOBODY, _NOBODY)
    right = repo.commit_tree(theirs, [root], "theirs", _NOBODY, _NOBODY)
    return merge_trees(repo, left, right)


def rebase(repo: BareRepository, onto: str, head: str, committer: Ident) -> str | None:
    """Return the commits of `head` that `onto` lacks, replayed on it; the new tip, or None at the first conflict."""
    tip = onto
    for commit in repo.log(f"{onto}..{head}", reverse=True):
        if len(commit.parents) != 1:
            continue
        tree = three_way(repo, repo.commit(commit.parents[0]).tree, repo.commit(tip).tree, commit.tree)
        if tree is None:
            return None
        tip = repo.commit_tree(tree, [tip], commit.message, commit.author, committer)
    return tip


def revert(repo: BareRepository, merged: str, onto: str) -> str | None:
    """Return the tree of `onto` without what `merged` added (against its first parent), or None on conflict."""
    commit = repo.commit(merged)
    if not commit.parents:
        return None
    return three_way(repo, commit.tree, repo.commit(onto).tree, repo.commit(commit.parents[0]).tree)

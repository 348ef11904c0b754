"""What changed between two trees, as GitHub lists it: one entry per file, with counts and a patch.

Law: patches are read from objects, never steered by attributes or configuration of the repository.
"""

from __future__ import annotations

from dataclasses import dataclass

from .git import BareRepository

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_STATUS = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "C": "copied", "T": "changed"}
_PATCH_LIMIT = 100_000


@dataclass(frozen=True)
class FileChange:
    """`sha` is the blob after the change (before it, for a removed file); `patch` is None for binary or huge files."""

    filename: str
    previous: str | None
    status: str
    additions: int
    deletions: int
    sha: str
    patch: str | None


def changes(repo: BareRepository, old: str, new: str, *, patches: bool = True) -> list[FileChange]:
    """Return the files that differ between two commits or trees, renames found; `patches` False leaves the text out."""
    common = ("diff-tree", "-r", "-z", "-M", "--no-ext-diff", "--no-textconv")
    raw = repo.run(*common, "--raw", "--no-abbrev", old, new).decode(errors="replace").split("\0")
    counts = _counts(repo.run(*common, "--numstat", old, new).decode(errors="replace").split("\0"))
    found, at = [], 0
    while at < len(raw) and raw[at].startswith(":"):
        _, _, before, after, letter = raw[at].split(" ")
        renamed = letter[0] in "RC"
        previous, name = (raw[at + 1], raw[at + 2]) if renamed else (None, raw[at + 1])
        at += 3 if renamed else 2
        added, removed = counts.get(name, (0, 0))
        sha = before if letter[0] == "D" else after
        patch = _patch(repo, old, new, [name, *([previous] if previous else [])]) if patches else None
        status = _STATUS.get(letter[0], "changed")
        shown = patch if added is not None else None
        found.append(FileChange(name, previous, status, added or 0, removed or 0, sha, shown))
    return found


def _counts(fields: list[str]) -> dict[str, tuple[int | None, int | None]]:
    counts: dict[str, tuple[int | None, int | None]] = {}
    at = 0
    while at < len(fields) and fields[at]:
        added, removed, name = fields[at].split("\t", 2)
        at += 1
        if not name:
            name = fields[at + 1]
            at += 2
        counts[name] = (None, None) if added == "-" else (int(added), int(removed))
    return counts


def _patch(repo: BareRepository, old: str, new: str, paths: list[str]) -> str | None:
    raw = repo.run(
        "diff-tree", "-r", "-p", "-M", "--no-ext-diff", "--no-textconv", old, new, "--", *paths,
        env={"GIT_LITERAL_PATHSPECS": "1"},
    ).decode(errors="replace")  # fmt: skip
    start = raw.find("\n@@ ")
    return raw[start + 1 :].rstrip("\n") if start >= 0 and len(raw) < _PATCH_LIMIT else None


def full_diff(repo: BareRepository, old: str, new: str, limit: int = 2_000_000) -> str:
    """Return the whole change as one unified diff, cut at `limit` bytes."""
    raw = repo.run("diff-tree", "-r", "-p", "-M", "--no-ext-diff", "--no-textconv", old, new)
    return raw[:limit].decode(errors="replace")

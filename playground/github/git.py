"""Real bare repositories, driven by git plumbing.

Law: nothing of a served repository is ever executed: no hooks, no configuration but ours, no checkout in here.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ZERO = "0" * 40
SHA = re.compile(r"^[0-9a-f]{40}$")
_FORMAT = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B"
_FLAGS = (
    "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "gc.auto=0", "-c", "maintenance.auto=false",
    "-c", "protocol.ext.allow=never", "-c", "core.quotePath=false", "-c", "core.attributesFile=/dev/null",
)  # fmt: skip


class GitError(Exception):
    """git said no; the text is git's own."""


def git_environment(home: Path) -> dict[str, str]:
    """Return the whole environment of every git process of the stand-in."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_PAGER": "cat",
        "GIT_EDITOR": "/bin/false",
    }


@dataclass(frozen=True)
class Ident:
    """An author or committer; `date` in ISO 8601, or empty for now."""

    name: str
    email: str
    date: str = ""

    def env(self, role: str) -> dict[str, str]:
        made = {f"GIT_{role}_NAME": self.name or "nobody", f"GIT_{role}_EMAIL": self.email}
        return {**made, f"GIT_{role}_DATE": self.date} if self.date else made


@dataclass(frozen=True)
class Commit:
    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Ident
    committer: Ident
    message: str


@dataclass(frozen=True)
class TreeEntry:
    mode: str
    type: str
    sha: str
    size: int | None
    path: str


class BareRepository:
    """One bare repository on disk. Raises GitError for whatever git refuses."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def run(
        self,
        *args: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        codes: Sequence[int] = (0,),
    ) -> bytes:
        done = self.attempt(*args, stdin=stdin, env=env)
        if done.returncode not in codes:
            raise GitError(done.stderr.decode(errors="replace").strip() or f"git {args[0]} failed")
        return done.stdout

    def attempt(
        self, *args: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["git", *_FLAGS, "--git-dir", str(self.path), *args],
            input=stdin if stdin is not None else b"",
            capture_output=True,
            env={**git_environment(self.path), **(env or {})},
            check=False,
            timeout=120,
        )

    def text(self, *args: str, **more: Mapping[str, str]) -> str:
        return self.run(*args, env=more.get("env")).decode(errors="replace").strip()

    @classmethod
    def create(cls, path: Path, default_branch: str) -> BareRepository:
        path.mkdir(parents=True, exist_ok=True)
        made = cls(path)
        made.run("init", "-q", "--bare", f"--initial-branch={default_branch}", "--template=", str(path))
        for key, value in (
            ("http.receivepack", "true"), ("receive.fsckObjects", "true"), ("receive.hideRefs", "refs/pull"),
            ("uploadpack.allowFilter", "true"), ("uploadpack.allowAnySHA1InWant", "true"),
            ("receive.denyDeleteCurrent", "refuse"), ("core.logAllRefUpdates", "false"),
        ):  # fmt: skip
            made.run("config", key, value)
        return made

    # refs

    def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """Full ref name to the object it names; `prefix` need not end at a slash."""
        lines = self.text("for-each-ref", "--format=%(refname)%00%(objectname)").splitlines()
        pairs = (line.split("\0") for line in lines if line)
        return {name: sha for name, sha in pairs if name.startswith(prefix)}

    def ref(self, name: str) -> str | None:
        done = self.attempt("show-ref", "--verify", "--hash", name)
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def branch(self, name: str) -> str | None:
        return self.ref(f"refs/heads/{name}")

    def update_ref(self, name: str, new: str, old: str | None = None) -> None:
        """Move a ref from `old` (ZERO: it must not exist; None: whatever it is)."""
        self.run("update-ref", name, new, *(() if old is None else (old,)))

    def delete_ref(self, name: str) -> None:
        self.run("update-ref", "-d", name)

    def valid_ref(self, name: str) -> bool:
        return self.attempt("check-ref-format", name).returncode == 0

    def resolve(self, name: str) -> str | None:
        """Return the commit sha that a sha, short sha, branch, tag or full ref names."""
        if name.startswith("-") or "\0" in name or ".." in name or "@{" in name:
            return None
        for candidate in (f"refs/heads/{name}", f"refs/tags/{name}", f"refs/{name}", name):
            if candidate is name and not re.fullmatch(r"[0-9a-f]{7,40}|HEAD|refs/.+", name):
                continue
            done = self.attempt("rev-parse", "--verify", "-q", f"{candidate}^{{commit}}")
            if done.returncode == 0:
                return done.stdout.decode().strip()
        return None

    # objects

    def object_type(self, sha: str) -> str | None:
        done = self.attempt("cat-file", "-t", sha) if SHA.match(sha) else None
        return done.stdout.decode().strip() if done and done.returncode == 0 else None

    def commit(self, sha: str) -> Commit:
        return self.log(sha, limit=1)[0]

    def log(self, *revisions: str, limit: int = 250, path: str = "", reverse: bool = False) -> list[Commit]:
        args = ["log", "-z", f"--max-count={limit}", f"--format={_FORMAT}"]
        args += ["--topo-order", "--reverse"] if reverse else []
        raw = self.run(*args, *revisions, "--", *([f":(literal){path}"] if path else []))
        fields = raw.decode(errors="replace").split("\0")
        rows = (fields[at : at + 10] for at in range(0, len(fields) - 9, 10))
        return [
            Commit(r[0], r[1], tuple(r[2].split()), Ident(r[3], r[4], r[5]), Ident(r[6], r[7], r[8]), r[9].rstrip("\n"))
            for r in rows
        ]

    def count(self, revisions: str) -> int:
        return int(self.text("rev-list", "--count", revisions, "--"))

    def is_ancestor(self, old: str, new: str) -> bool:
        return self.attempt("merge-base", "--is-ancestor", old, new).returncode == 0

    def merge_base(self, one: str, other: str) -> str | None:
        done = self.attempt("merge-base", one, other)
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def entries(self, tree: str, *, recursive: bool = False, path: str = "") -> list[TreeEntry]:
        if ".." in path.split("/") or "\0" in path:
            return []  # git would end with a fault that names our folders
        args = ["ls-tree", "-z", "-l", "--full-tree", *(["-r", "-t"] if recursive else []), tree]
        raw = self.run(*args, *(["--", path] if path else []), env={"GIT_LITERAL_PATHSPECS": "1"})
        found = []
        for line in raw.decode(errors="surrogateescape").split("\0"):
            if line:
                meta, name = line.split("\t", 1)
                mode, kind, sha, size = meta.split()
                found.append(TreeEntry(mode, kind, sha, int(size) if size != "-" else None, name))
        return found

    def blob(self, sha: str) -> bytes:
        return self.run("cat-file", "blob", sha)

    def file(self, commit: str, path: str) -> bytes | None:
        found = self.entries(commit, path=path)
        return self.blob(found[0].sha) if found and found[0].type == "blob" else None

    def write_blob(self, data: bytes) -> str:
        return self.run("hash-object", "-w", "--no-filters", "--stdin", stdin=data).decode().strip()

    def commit_tree(self, tree: str, parents: Sequence[str], message: str, author: Ident, committer: Ident) -> str:
        args = ["commit-tree", tree, *(part for parent in parents for part in ("-p", parent)), "-F", "-"]
        env = {**author.env("AUTHOR"), **committer.env("COMMITTER")}
        return self.run(*args, stdin=message.encode(), env=env).decode().strip()

"""`shipmate policy check`: show which tests and checks Shipmate would run, and mistakes in the policy file.

Law: nothing of the repository is run. Its files are read, and quoted without control characters.

Run as `python -m workers.checks.policy_check`. Exit code 0: the plan can be used (even if it has no tests).
1: a mistake in the policy file. 2: wrong arguments.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import stat
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from workers.checks import Plan
from workers.checks.plan import POLICY, PolicyError, plan
from workers.ecosystems import registry
from workers.egress.network import AllowedHosts
from workers.workspace.git import Git, GitFailed

_PASSED_BY = frozenset({".git"}).union(*(one.made for one in registry.ALL))
_MOST_FILES = 600_000
_LARGEST = 1 << 20
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class WrongArgument(Exception):
    """What was asked for cannot be looked at; the message is a sentence."""


@dataclass(frozen=True)
class Source:
    """A repository to look at: its files, and their bytes by path."""

    files: tuple[str, ...]

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file, None where there is none."""
        raise NotImplementedError


@dataclass(frozen=True)
class Folder(Source):
    """The files of a folder as they are now; `policy` stands in for its policy file."""

    place: Path
    policy: Path | None = None

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a regular file, by no link."""
        if path == POLICY and self.policy is not None:
            return self.policy.read_bytes()[: _LARGEST + 1]
        try:
            handle = os.open(self.place / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return None
        with os.fdopen(handle, "rb") as file:
            return file.read(_LARGEST + 1) if stat.S_ISREG(os.fstat(handle).st_mode) else None


@dataclass(frozen=True)
class Commit(Source):
    """The files of one commit of a local repository."""

    git: Git
    sha: str

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file of the commit."""
        if path not in self.files:
            return None
        try:
            return self.git.limited("cat-file", "blob", f"{self.sha}:{path}", limit=_LARGEST)
        except (GitFailed, OSError, ValueError):
            return None


def of_folder(place: Path) -> Source:
    """Return what a folder, or the folder of a policy file, holds. Raises `WrongArgument`."""
    if place.is_file():
        found = _walked(place.absolute().parent)
        return Folder(tuple(sorted({*found, POLICY})), place.absolute().parent, place)
    if not place.is_dir():
        raise WrongArgument(f"There is no file or folder {str(place)!r}.")
    return Folder(_walked(place), place)


def _walked(place: Path) -> tuple[str, ...]:
    found: list[str] = []
    for folder, folders, files in os.walk(place):
        folders[:] = sorted(name for name in folders if name not in _PASSED_BY)
        inside = os.path.relpath(folder, place)
        found += [name if inside == "." else f"{inside}/{name}" for name in files]
        if len(found) > _MOST_FILES:
            raise WrongArgument(f"{str(place)!r} holds more than {_MOST_FILES} files.")
    return tuple(sorted(found))


def of_commit(repository: Path, at: str) -> Source:
    """Return what a commit of a local repository holds: what a change of it would be proven by. Raises
    `WrongArgument`.
    """
    git = Git(_gitdir(repository.absolute()))
    if not re.fullmatch(r"[\w./@^~+-]{1,200}", at) or at.startswith("-"):
        raise WrongArgument(f"{at!r} is no name of a commit.")
    try:
        sha = git.text("rev-parse", "--verify", "--quiet", f"{at}^{{commit}}").strip()
        listed = git.text("ls-tree", "-r", "-z", "--name-only", sha)
    except (GitFailed, OSError) as fault:
        raise WrongArgument(f"{str(repository)!r} is no git repository with a commit {at!r}.") from fault
    return Commit(tuple(path for path in listed.split("\0") if path), git, sha)


def _gitdir(repository: Path) -> Path:
    """Return where git keeps a repository: beside its files, elsewhere (a further work tree), or right here (a bare
    one).
    """
    beside = repository / ".git"
    if not beside.is_file():
        return beside if beside.is_dir() else repository
    _, named, elsewhere = beside.read_text(errors="replace").strip().partition("gitdir: ")
    return repository / elsewhere if named else repository


def shown(made: Plan, programs: str | None = None) -> str:
    """Return the plan as text for a person. `programs` is the search path of sandboxes, this process's own
    without it.
    """
    lines = [f"Plan: {made.source}" + (f" (in {made.folder})" if made.folder else "")]
    if made.ecosystem:
        lines.append(f"Project: {', '.join(word for word in (made.ecosystem, made.tool, made.manager) if word)}")
    for check in made.quick:
        lines.append(f"Quick check, {check.kind}: {check.name}{_lacking(check.needs, programs)}\n    {check.command}")
    lines.append(f"Tests:\n    {made.test}" if made.test else f"Tests: none. {made.why_not}")
    if made.test:
        lines.append(
            f"    read from: {', '.join(made.reports) or 'the output'}; at most {made.wall_seconds / 60:g} minutes"
        )
    if made.test_changed:
        lines.append(f"Tests of changed files:\n    {made.test_changed}")
    if made.build:
        lines.append(f"Build:\n    {made.build}" + (f"\n    fills {made.build_output}" if made.build_output else ""))
    if made.needs:
        lines.append(f"Needs: {', '.join(made.needs)}{_lacking(made.needs, programs)}")
    if made.workspace.sparse:
        lines.append(f"Only these folders are checked out: {', '.join(made.workspace.sparse)}")
    if made.workspace.partial:
        lines.append("File contents are fetched as they are needed.")
    if made.workspace.lfs:
        lines.append("Contents of Git LFS files are downloaded.")
    modules = made.workspace.submodules
    if modules:
        which = ", ".join(modules) if isinstance(modules, tuple) else "all"
        lines.append(f"Submodules are checked out read-only, if the operator serves them: {which}")
    if made.hosts:
        lines.append(f"Claude and the tests may reach, if the operator allows it: {', '.join(made.hosts)}")
    lines += [f"Note: {note}" for note in made.notes]
    return _CONTROL.sub("?", "\n".join(lines))


def _lacking(needs: Sequence[str], programs: str | None) -> str:
    absent = absent_here(needs, programs)
    return f" (not on this machine: {', '.join(absent)})" if absent else ""


def absent_here(needs: Sequence[str], programs: str | None = None) -> tuple[str, ...]:
    """Return what this machine does not have on the search path; a program with a folder is the repository's own."""
    return tuple(name for name in needs if "/" not in name and shutil.which(name, path=programs) is None)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code."""
    parser = argparse.ArgumentParser("shipmate policy check", description="Check a policy file and print the plan.")
    parser.add_argument("path", nargs="?", type=Path, default=Path("."), help="a folder, or a policy file")
    parser.add_argument("--repo", type=Path, help="a local git repository, read at a commit")
    parser.add_argument("--at", default="HEAD", help="the commit or branch of --repo")
    parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON document")
    parser.add_argument("--operator", default="", help="the operator's file, which says what is allowed here")
    parser.add_argument("--allow", action="append", default=[], metavar="HOST", help="a host that the operator allows")
    parser.add_argument("--toolbox", type=Path, help="a folder with a bin whose programs sandboxes have")
    asked = parser.parse_args(arguments)
    try:
        source = of_commit(asked.repo, asked.at) if asked.repo else of_folder(asked.path)
    except WrongArgument as wrong:
        print(f"shipmate policy check: {wrong}", file=sys.stderr)
        return 2
    try:
        made = plan(source.read, source.files)
    except PolicyError as wrong:
        mistakes = (wrong, *wrong.others)
        if asked.as_json:
            listed = [{"line": one.line, "message": one.message} for one in mistakes]
            print(json.dumps({"ok": False, **listed[0], "mistakes": listed}))
        else:
            print("\n".join(_CONTROL.sub("?", str(one)) for one in mistakes), file=sys.stderr)
        return 1
    programs = _search_path(asked.toolbox)
    withheld = _withheld(made.hosts, asked.allow) if asked.operator else ()
    if asked.as_json:
        needs = dict.fromkeys([*made.needs, *(need for check in made.quick for need in check.needs)])
        document = {
            "ok": True,
            "policy": POLICY in source.files,
            "plan": asdict(made),
            "absent": absent_here(list(needs), programs),
            "withheld": withheld if asked.operator else None,
        }
        print(json.dumps(document, indent=2))
    else:
        print(shown(made, programs))
        if withheld:
            where = f"{asked.operator}, [network] allow"
            print(_CONTROL.sub("?", f"Not allowed by the operator ({where}): {', '.join(withheld)}"))
    return 0


def _withheld(wanted: Sequence[str], allowed: Sequence[str]) -> tuple[str, ...]:
    granted = AllowedHosts(tuple(allowed)).granted(wanted)
    return tuple(one for one in wanted if one not in granted)


def _search_path(toolbox: Path | None) -> str:
    """Return where programs of sandboxes are looked for."""
    usual = os.environ.get("PATH", os.defpath)
    return f"{toolbox / 'bin'}{os.pathsep}{usual}" if toolbox else usual


if __name__ == "__main__":
    sys.exit(main())

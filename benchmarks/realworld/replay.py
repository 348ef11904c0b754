"""A fix of a project's history as a script for the stand-in model: its tests first, then the rest.

Law: bytes travel as base64, so that nothing in a project can mean something to a script or a shell.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from shlex import quote

_TEST = re.compile(
    r"(^|/)(tests?|specs?|__tests__)/|(^|/)test_[^/]+\.py$|[._-](test|spec)\.[cm]?[jt]sx?$|"
    r"(^|/)(tests?|smoke)\.([cm]?[jt]s|c)$|_test\.(go|py)$"
)


@dataclass(frozen=True)
class Fix:
    """What a commit did to its parent.

    `request` is its subject, `written` {path: (bytes, executable)}, `known` the bytes
    that those paths had before.
    """

    parent: str
    request: str
    known: dict[str, bytes]
    written: dict[str, tuple[bytes, bool]]
    removed: tuple[str, ...]

    @property
    def tests(self) -> list[str]:
        """Return the paths of its tests."""
        return sorted(path for path in self.written if _TEST.search(path))


def read(repository: Path, commit: str) -> Fix:
    """Return the fix at `commit` of a bare repository. Raises CalledProcessError where the commit is not there."""
    parent = _git(repository, "rev-parse", f"{commit}^").decode().strip()
    subject = _git(repository, "log", "-1", "--format=%s", commit).decode(errors="replace").strip()
    known: dict[str, bytes] = {}
    written: dict[str, tuple[bytes, bool]] = {}
    removed: list[str] = []
    listing = _git(repository, "diff-tree", "-r", "-z", "--no-renames", "--raw", parent, commit).split(b"\0")
    for meta, name in zip(listing[0::2], listing[1::2], strict=False):
        _old_mode, mode, old, sha, status = meta.decode().lstrip(":").split(" ")
        if status == "D":
            removed.append(name.decode())
        elif mode in {"100644", "100755"}:
            if status == "M":
                known[name.decode()] = _git(repository, "cat-file", "blob", old)
            written[name.decode()] = (_git(repository, "cat-file", "blob", sha), mode == "100755")
    return Fix(parent, subject, known, written, tuple(removed))


def script(fix: Fix) -> str:
    """Return the script, in the format of the stand-in."""
    tests, rest = fix.tests, sorted(set(fix.written) - set(fix.tests))
    turns = [
        _turn("The test comes first, so that it can be seen to fail.", _write(fix, tests)),
        _turn("Now what makes it pass.", [*_write(fix, rest), *(f"rm -f -- {quote(path)}" for path in fix.removed)]),
    ]
    title = re.sub(r"\s*\(#\d+\)$", "", fix.request)[:70]
    finish = {"title": title, "summary": f"As the project itself did it: {title}.", "proven": "", "risks": ""}
    turns.append(
        "\n".join(
            ("[[turn]]", "[[turn.tools]]", "[turn.tools.finish]", *(f"{k} = {_text(v)}" for k, v in finish.items()))
        )
    )
    head = f"title = {_text(title)}\nmatch = [{_text('(?s)^.*' + re.escape(fix.request[:40]))}]\n"
    return head + "\n" + "\n\n".join(turns) + "\n"


def _write(fix: Fix, paths: list[str]) -> list[str]:
    """Return a command per path: a new file whole, the hunks of a known one from its end to its beginning."""
    commands = []
    for path in paths:
        old, (new, executable) = fix.known.get(path, b""), fix.written[path]
        where, folder = quote(f"/workspace/{path}"), quote(f"/workspace/{path}".rsplit("/", 1)[0])
        told = [f"set -e; mkdir -p -- {folder}; touch -- {where}; t=$(mktemp)"]
        was, becomes = old.splitlines(keepends=True), new.splitlines(keepends=True)
        for tag, low, high, start, end in reversed(SequenceMatcher(None, was, becomes, autojunk=False).get_opcodes()):
            if tag != "equal":
                coded = base64.b64encode(b"".join(becomes[start:end])).decode()
                told.append(
                    f"{{ head -n {low} -- {where}; echo {coded} | base64 -d; tail -n +{high + 1} -- {where}; }} >$t"
                )
                told.append(f"cat $t >{where}")
        told.append(f"chmod {'+x' if executable else '-x'} -- {where}")
        commands.append("(" + "\n".join(told) + ")")
    return commands


def _turn(think: str, commands: list[str]) -> str:
    told = ["[[turn]]", f"think = {_text(think)}"]
    for command in commands or ["true"]:
        told += ["[[turn.tools]]", f"bash = {_text(command)}"]
    return "\n".join(told)


def _text(value: str) -> str:
    """Return a TOML basic string: JSON's escapes are among its own. Braces would be taken for a script's values."""
    return json.dumps(value.replace("{{", "{ {"), ensure_ascii=False).replace("\x7f", "\\u007f")


def _git(repository: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, check=True).stdout

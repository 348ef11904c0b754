"""Search, run by `inward` inside the sandbox. The call is a marshalled dict on stdin; the answer on stdout is text
after one character, "+" or "-".

Law: a line, a name or a pattern may be hostile: everything is cut, and whoever started us ends us in time. With ripgrep
or without, the same is found: what it would leave out is left out by hand.
"""

from __future__ import annotations

import marshal
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

MOUNTED = "/workspace"
ROOT = os.path.realpath(os.getcwd())
SKIPPED = (".git", "node_modules", ".venv", "__pycache__", ".tox", ".mypy_cache", ".gradle", "target")
LONGEST_LINE = 240
BIGGEST_FILE = 2 << 20
MOST_SHOWN = 14_000
FAR_TOO_MANY = 20_000
FLAGS = (
    *("--null", "-n", "--column", "-H", "--no-heading", "--color=never", "--sort=path", "--no-config"),
    *("--hidden", "--no-ignore", "--max-filesize=2M", "--encoding=none", "--crlf"),
)
"""What .gitignore leaves out is left out here: ripgrep knows more such files than git, and a glob overrules them."""

Hit = tuple[str, int, int, str]
"""(path, number of the line, where in it the match begins, the line)"""
Rule = tuple["re.Pattern[str]", bool, bool, bool]
"""(pattern, whether of the whole path below its file, only for folders, takes back what was ignored)"""


class Refused(Exception):
    """The call cannot be done; the text tells the model why."""


class NotForRipgrep(Exception):
    """ripgrep does not read this pattern or glob; we may."""


def by_ripgrep(program: str, call: dict[str, Any], pattern: str, start: str) -> Iterator[Hit]:
    glob = str(call.get("glob") or "")
    asked = [program, *FLAGS, *(["-i"] if call.get("ignore_case") is True else []), *(["-g", glob] if glob else [])]
    asked += [part for name in SKIPPED for part in ("-g", f"!{name}/")]
    child = subprocess.Popen(
        [*asked, "-e", pattern, "--", os.path.relpath(start)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stderr is not None
    last, kept = b"", True
    try:
        for raw in child.stdout:
            name, nul, rest = raw.partition(b"\0")
            number, _, rest = rest.partition(b":")
            column, _, line = rest.partition(b":")
            if not (nul and number.isdigit() and column.isdigit()):
                continue
            if name != last:
                last, kept = name, not left_out(os.fsdecode(name), start)
            if kept:
                before = len(line[: int(column) - 1].decode("utf-8", "replace"))
                yield os.path.normpath(name.decode("utf-8", "replace")), int(number), before, decoded(line)
        said = child.stderr.read(2000).decode("utf-8", "replace").strip()
        if child.wait() == 2 and ("regex" in said or "glob" in said):
            raise NotForRipgrep
    finally:
        child.kill()


def decoded(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\n").removesuffix("\r")


def by_hand(call: dict[str, Any], pattern: str, start: str) -> Iterator[Hit]:
    try:
        wanted = re.compile(pattern, re.IGNORECASE if call.get("ignore_case") is True else 0)
    except (re.error, RecursionError, OverflowError) as error:
        hint = "Put \\ before a character such as ( [ { . * + ? that means itself."
        raise Refused(f"`pattern` is not a regular expression: {error}. {hint}") from None
    glob = str(call.get("glob") or "")
    for path in files(os.path.relpath(start)):
        if glob and not matches(path, glob):
            continue
        try:
            if os.path.islink(path) or not os.path.isfile(path) or os.path.getsize(path) > BIGGEST_FILE:
                continue
            with open(path, "rb") as file:
                data = file.read(BIGGEST_FILE)
        except OSError:
            continue
        if b"\0" in data:
            continue
        for number, raw in enumerate(data.removesuffix(b"\n").split(b"\n") if data else (), 1):
            line = decoded(raw)
            if found := wanted.search(line):
                yield os.fsencode(path).decode("utf-8", "replace"), number, found.start(), line


def files(start: str) -> Iterator[str]:
    """The files below a path in the order of their names, without what is left out."""
    if not os.path.isdir(start):
        yield start
        return
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if os.path.islink(path) or not os.path.isdir(path):
            yield path
            continue
        try:
            names = sorted(os.listdir(path), key=os.fsencode)
        except OSError:
            continue
        inside = [os.path.normpath(os.path.join(path, name)) for name in names]
        waiting += [one for one in reversed(inside) if not ignored(one)]


def left_out(path: str, start: str) -> bool:
    """Whether a path below `start` would not have been come to."""
    top = os.path.relpath(start)
    path = os.path.normpath(path)
    while path not in (top, "", "."):
        if ignored(path):
            return True
        path = os.path.dirname(path)
    return False


@cache
def ignored(path: str) -> bool:
    """Whether this very path, relative to the root, is left out: by its name, or by a .gitignore at or above it."""
    folder, name = os.path.split(path)
    is_folder = os.path.isdir(path) and not os.path.islink(path)
    if is_folder and name in SKIPPED:
        return True
    while True:
        for pattern, whole, only_folders, back in reversed(rules(folder)):
            below = os.path.relpath(path, folder or ".") if whole else name
            if (is_folder or not only_folders) and pattern.fullmatch(below):
                return not back
        if not folder:
            return False
        folder = os.path.dirname(folder)


@cache
def rules(folder: str) -> tuple[Rule, ...]:
    """What the .gitignore of a folder says."""
    place = os.path.join(folder, ".gitignore")
    try:
        if os.path.islink(place) or os.path.getsize(place) > BIGGEST_FILE:
            return ()
        with open(place, "rb") as file:
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ()
    found = []
    for text in lines[:5000]:
        line = text if text.endswith("\\ ") else text.rstrip(" ")
        back, line = line.startswith("!"), line.removeprefix("!")
        shape = line.strip("/")
        if shape and not line.startswith("#"):
            try:
                found.append((expression(shape), "/" in line.rstrip("/"), line.endswith("/"), back))
            except re.error:
                continue
    return tuple(found)


def matches(path: str, glob: str) -> bool:
    """As ripgrep does: without a slash the file's name, `**` any folders, `{a,b}` either, `!` for all others."""
    shape = glob.removeprefix("!")
    pattern = expression(shape.lstrip("/"), braces=True)
    found = pattern.fullmatch(path if "/" in shape else os.path.basename(path)) is not None
    return found != glob.startswith("!")


@cache
def expression(glob: str, *, braces: bool = False) -> re.Pattern[str]:
    """A glob as git reads it. Raises `re.error`."""
    out, at, open_ = "", 0, 0
    while at < len(glob):
        char, begins = glob[at], at == 0 or glob[at - 1] == "/"
        at += 1
        if char == "*" and begins and glob.startswith("*/", at):
            out, at = out + "(?:[^/]+/)*", at + 2
        elif char == "*" and begins and glob[at:] == "*":
            out, at = out + ".+", at + 1
        elif char == "*":
            out += "[^/]*"
        elif char == "?":
            out += "[^/]"
        elif char == "[":
            end = glob.find("]", at + 1)
            if end < 0:
                raise re.error("a [ is not closed")
            inside = glob[at:end].replace("\\", "\\\\").replace("[", "\\[")
            out += f"(?!/)[{'^' + inside[1:] if inside[0] in '!^' else inside}]"
            at = end + 1
        elif char == "\\" and at < len(glob):
            out, at = out + re.escape(glob[at]), at + 1
        elif braces and (char == "{" or (open_ and char in "},")):
            open_ += {"{": 1, "}": -1, ",": 0}[char]
            out += {"{": "(?:", "}": ")", ",": "|"}[char]
        else:
            out += re.escape(char)
    if open_:
        raise re.error("a { is not closed")
    return re.compile(out, re.DOTALL)


def told(hits: Iterator[Hit], most: int) -> str:
    """Lines by file, at most `most` of them; how many there are in all where that was found out."""
    out: list[str] = []
    size, shown, count, last = 0, 0, 0, ""
    in_files: set[str] = set()
    for name, number, start, line in hits:
        count += 1
        in_files.add(name)
        if count > FAR_TOO_MANY:
            break
        if shown >= most or size > MOST_SHOWN:
            continue
        text = cut(line, start)
        if name != last:
            out.append(f"{name}:")
            last = name
        out.append(f"{number:6d}\t{text}")
        size += len(text) + len(name) + 8
        shown += 1
    if not count:
        return "Nothing found."
    many = f"more than {FAR_TOO_MANY}" if count > FAR_TOO_MANY else str(count)
    head = f"{many} {'line' if count == 1 else 'lines'} in {len(in_files)} {'file' if len(in_files) == 1 else 'files'}"
    head += f", the first {shown} shown; narrow it with `path`, `glob` or a longer pattern" if shown < count else ""
    return f"{head}.\n" + "\n".join(out)


def cut(line: str, start: int) -> str:
    """The part of a long line around what was found."""
    if len(line) <= LONGEST_LINE:
        return line
    first = max(0, start - LONGEST_LINE // 3) if start > LONGEST_LINE // 2 else 0
    part = line[first : first + LONGEST_LINE]
    return ("[line cut ...] " if first else "") + part + (" [... line cut]" if first + len(part) < len(line) else "")


def search(call: dict[str, Any]) -> str:
    pattern, path = call.get("pattern"), call.get("path") or "."
    if not isinstance(pattern, str) or not pattern:
        raise Refused("`pattern` is missing: give a regular expression.")
    if not isinstance(path, str) or "\0" in path or "\0" in pattern or "\0" in str(call.get("glob") or ""):
        raise Refused("`path` must be a file or folder of the repository, and nothing may hold a NUL character.")
    if "\n" in pattern or "\\n" in pattern.replace("\\\\", ""):
        raise Refused("`pattern` is matched within one line: it cannot hold a line break.")
    if path == MOUNTED or path.startswith(MOUNTED + "/"):
        path = "." + path[len(MOUNTED) :]
    if not os.path.exists(path):
        raise Refused(f"{path} does not exist.")
    real = os.path.realpath(path)
    if real != ROOT and not real.startswith(ROOT + os.sep):
        raise Refused("`path` is outside of /workspace.")
    glob = call.get("glob") or ""
    try:
        expression(str(glob).lstrip("!/"), braces=True)
    except re.error as error:
        raise Refused(f"`glob` cannot be read: {error}.") from None
    most = call.get("max_results")
    most = most if type(most) is int and 0 < most <= 500 else 100
    program = shutil.which("rg")
    try:
        return told(by_ripgrep(program, call, pattern, real) if program else by_hand(call, pattern, real), most)
    except NotForRipgrep:
        return told(by_hand(call, pattern, real), most)


def main() -> None:
    failed = False
    try:
        call = marshal.loads(sys.stdin.buffer.read())  # noqa: S302 - from our own side
        text = search(call)
    except Refused as refused:
        failed, text = True, str(refused)
    except OSError as error:
        failed, text = True, f"That did not work: {error.strerror}."
    sys.stdout.buffer.write(("-" if failed else "+").encode() + text.encode("utf-8", "replace"))


if __name__ == "__main__":
    main()

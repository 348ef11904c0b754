"""Search, run by `inward` inside the sandbox. The call is a marshalled dict on stdin; the answer on stdout is text
after one character, "+" or "-".

Law: a line, a name or a pattern may be hostile: everything is cut, and whoever started us ends us in time.
"""

from __future__ import annotations

import fnmatch
import marshal
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

MOUNTED = "/workspace"
ROOT = os.path.realpath(os.getcwd())
SKIPPED = {".git", "node_modules", ".venv", "__pycache__", ".tox", ".mypy_cache", ".gradle", "target"}
LONGEST_LINE = 240
BIGGEST_FILE = 2 << 20
MOST_SHOWN = 14_000
FAR_TOO_MANY = 20_000

Hit = tuple[str, int, str]


class Refused(Exception):
    """The call cannot be done; the text tells the model why."""


def by_ripgrep(program: str, call: dict[str, Any], pattern: str, start: str) -> Iterator[Hit]:
    asked = [
        program,
        "--null",
        "-n",
        "--no-heading",
        "--color=never",
        "-H",
        "--hidden",
        "--no-require-git",
        "--sort=path",
    ]
    asked += ["--max-filesize=2M", "--no-config", "-g", "!.git/"]
    asked += ["-i"] if call.get("ignore_case") is True else []
    asked += ["-g", str(call["glob"])] if call.get("glob") else []
    child = subprocess.Popen(
        [*asked, "-e", pattern, "--", os.path.relpath(start)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stderr is not None
    try:
        for raw in child.stdout:
            name, nul, rest = raw.partition(b"\0")
            number, _, line = rest.partition(b":")
            if nul and number.isdigit():
                yield name.decode("utf-8", "replace"), int(number), line[:4000].decode("utf-8", "replace")
        said = child.stderr.read(2000).decode("utf-8", "replace").strip()
        if child.wait() == 2 and said:
            raise Refused(f"ripgrep could not do that: {said[:600]}")
    finally:
        child.kill()


def by_hand(call: dict[str, Any], pattern: str, start: str) -> Iterator[Hit]:
    try:
        wanted = re.compile(pattern, re.IGNORECASE if call.get("ignore_case") is True else 0)
    except (re.error, RecursionError, OverflowError) as error:
        raise Refused(f"`pattern` is not a regular expression: {error}.") from None
    glob = str(call.get("glob") or "")
    for path in files(start):
        name = os.path.relpath(path)
        if glob and not matches(name, glob):
            continue
        try:
            if os.path.islink(path) or not os.path.isfile(path) or os.path.getsize(path) > BIGGEST_FILE:
                continue
            with open(path, "rb") as file:
                data = file.read(BIGGEST_FILE)
        except OSError:
            continue
        if b"\0" in data[:8192]:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
            if wanted.search(line[:4000]):
                yield name, number, line


def files(start: str) -> Iterator[str]:
    if os.path.isfile(start):
        yield start
    for folder, folders, names in os.walk(start):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        yield from (os.path.join(folder, name) for name in sorted(names))


def matches(name: str, glob: str) -> bool:
    """As ripgrep does: without a slash the file's name, `**` any folders, `{a,b}` either, `!` for all others."""
    if glob.startswith("!"):
        return not matches(name, glob[1:])
    found = re.search(r"\{([^{}]*)\}", glob)
    if found:
        return any(matches(name, glob[: found.start()] + one + glob[found.end() :]) for one in found[1].split(","))
    if "/" not in glob:
        return fnmatch.fnmatchcase(os.path.basename(name), glob)
    flat = glob.lstrip("/")
    return fnmatch.fnmatchcase(name, flat) or ("**/" in flat and fnmatch.fnmatchcase(name, flat.replace("**/", "")))


def told(hits: Iterator[Hit], most: int) -> str:
    """Lines by file, at most `most` of them; how many there are in all where that was found out."""
    out: list[str] = []
    size, shown, count, last = 0, 0, 0, ""
    in_files: set[str] = set()
    for name, number, line in hits:
        count += 1
        in_files.add(name)
        if count > FAR_TOO_MANY:
            break
        if shown >= most or size > MOST_SHOWN:
            continue
        text = line.rstrip("\r\n")
        text = text if len(text) <= LONGEST_LINE else text[:LONGEST_LINE] + " [... line cut]"
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


def search(call: dict[str, Any]) -> str:
    pattern, path = call.get("pattern"), call.get("path") or "."
    if not isinstance(pattern, str) or not pattern:
        raise Refused("`pattern` is missing: give a regular expression.")
    if not isinstance(path, str) or "\0" in path or "\0" in pattern or "\0" in str(call.get("glob") or ""):
        raise Refused("`path` must be a file or folder of the repository, and nothing may hold a NUL character.")
    if path == MOUNTED or path.startswith(MOUNTED + "/"):
        path = "." + path[len(MOUNTED) :]
    if not os.path.exists(path):
        raise Refused(f"{path} does not exist.")
    real = os.path.realpath(path)
    if real != ROOT and not real.startswith(ROOT + os.sep):
        raise Refused("`path` is outside of /workspace.")
    most = call.get("max_results")
    most = most if type(most) is int and 0 < most <= 500 else 100
    program = shutil.which("rg")
    hits = by_ripgrep(program, call, pattern, real) if program else by_hand(call, pattern, real)
    return told(hits, most)


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

"""Search with ripgrep, run by `inward` inside the sandbox. The call is a marshalled dict on stdin; the answer on stdout
is text after one character, "+" or "-".

Law: a line, a name or a pattern may be hostile: everything is cut, and the caller ends this program in time.
"""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from collections.abc import Iterator

Call = dict[str, object]

MOUNTED = "/workspace"
ROOT = os.path.realpath(os.getcwd())
SKIPPED = (".git", "node_modules", ".venv", "__pycache__", ".tox", ".mypy_cache", ".gradle", "target")
LONGEST_LINE = 240
MOST_SHOWN = 14_000
FAR_TOO_MANY = 20_000
WALK = (
    *("--no-config", "--null", "--sort=path", "--hidden", "--no-require-git", "--max-filesize=2M"),
    *("--no-ignore-dot", "--no-ignore-exclude", "--no-ignore-global", "--no-messages"),
    *(part for name in SKIPPED for part in ("-g", f"!{name}/")),
)
"""Leave out what the repository's .gitignore files name, and nothing that only this machine or ripgrep would ignore."""
LINES = ("--engine=auto", "-n", "--column", "-H", "--no-heading", "--color=never", "--encoding=none", "--crlf")

Hit = tuple[str, int, int, str]
"""(path, number of the line, where in it the match begins, the line)"""


class CallRefused(Exception):
    """The call cannot be done; the text tells the model why."""


def started(*argv: str) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(["rg", *WALK, *argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except FileNotFoundError:
        raise CallRefused("ripgrep is not installed here. Use grep in bash.") from None


def listed() -> set[bytes]:
    """Return every file of the repository that .gitignore does not name."""
    with started("--files") as child:
        return set(child.communicate()[0].split(b"\0"))


def searched(start: str, glob: str) -> set[bytes] | None:
    """Return the files to look at where ripgrep alone would look at ignored ones: below a folder, or named by a glob.

    None: at all that it finds, because nothing is ignored, or because the folder asked for is.
    """
    if not os.path.isdir(start) or (start == "." and (not glob or glob.startswith("!"))):
        return None
    inside = listed()
    below = b"" if start == "." else os.fsencode(start) + b"/"
    return inside if any(name.startswith(below) for name in inside) else None


def hits(call: Call, pattern: str, glob: str, start: str) -> Iterator[Hit]:
    """Yield what ripgrep finds. Raises `CallRefused` where it cannot read the pattern or the glob."""
    inside = searched(start, glob)
    options = [*(["-i"] if call.get("ignore_case") is True else []), *(["-g", glob] if glob else [])]
    child = started(*LINES, *options, "-e", pattern, "--", start)
    assert child.stdout is not None
    assert child.stderr is not None
    try:
        for raw in child.stdout:
            name, nul, rest = raw.partition(b"\0")
            number, _, rest = rest.partition(b":")
            column, _, line = rest.partition(b":")
            path = os.path.normpath(name)
            if nul and number.isdigit() and column.isdigit() and (inside is None or path in inside):
                before = len(line[: int(column) - 1].decode("utf-8", "replace"))
                text = line.decode("utf-8", "replace").rstrip("\n").removesuffix("\r")
                yield path.decode("utf-8", "replace"), int(number), before, text
        said = child.stderr.read(2000).decode("utf-8", "replace").strip()
        if child.wait() == 2 and said:
            raise CallRefused(f"ripgrep cannot read this: {said}")
    finally:
        child.kill()
        child.wait()


def told(found: Iterator[Hit], most: int) -> str:
    """Return the lines by file, at most `most` of them, below a sentence that counts them all."""
    out: list[str] = []
    size, shown, count, last = 0, 0, 0, ""
    in_files: set[str] = set()
    for name, number, start, line in found:
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
    """Return the part of a long line around the match."""
    if len(line) <= LONGEST_LINE:
        return line
    first = max(0, start - LONGEST_LINE // 3) if start > LONGEST_LINE // 2 else 0
    part = line[first : first + LONGEST_LINE]
    return ("[line cut ...] " if first else "") + part + (" [... line cut]" if first + len(part) < len(line) else "")


def search(call: Call) -> str:
    pattern, path = call.get("pattern"), call.get("path") or "."
    if not isinstance(pattern, str) or not pattern:
        raise CallRefused("`pattern` is missing: give a regular expression.")
    glob = str(call.get("glob") or "")
    if not isinstance(path, str) or "\0" in path + pattern + glob:
        raise CallRefused("`path` must be a file or folder of the repository, and nothing may hold a NUL character.")
    if "\n" in pattern or "\\n" in pattern.replace("\\\\", ""):
        raise CallRefused("`pattern` is matched within one line: it cannot hold a line break.")
    if path == MOUNTED or path.startswith(MOUNTED + "/"):
        path = "." + path[len(MOUNTED) :]
    if not os.path.exists(path):
        raise CallRefused(f"{path} does not exist.")
    real = os.path.realpath(path)
    if real != ROOT and not real.startswith(ROOT + os.sep):
        raise CallRefused("`path` is outside of /workspace.")
    most = call.get("max_results")
    most = most if type(most) is int and 0 < most <= 500 else 100
    return told(hits(call, pattern, glob, os.path.relpath(real)), most)


def main() -> None:
    failed = False
    try:
        call = marshal.loads(sys.stdin.buffer.read())  # noqa: S302 - from our own side
        text = search(call)
    except CallRefused as refused:
        failed, text = True, str(refused)
    except OSError as error:
        failed, text = True, f"That did not work: {error.strerror}."
    sys.stdout.buffer.write(("-" if failed else "+").encode() + text.encode("utf-8", "replace"))


if __name__ == "__main__":
    main()

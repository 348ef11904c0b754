"""The text editor, run by `inward` inside the sandbox. The call is a marshalled dict on stdin; the answer on stdout is
text after one character, "+" or "-".

Law: nothing outside the working directory is read or written, whatever links the repository holds; and nothing is
imported that the interpreter has not loaded by itself, since it starts anew for every call.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys

Call = dict[str, object]

MOUNTED = "/workspace"
ROOT = os.path.realpath(os.getcwd())
BIGGEST = 8 << 20
MOST_ENTRIES = 400
MOST_SHOWN = 15_000
AROUND = 4


class Refused(Exception):
    """The call cannot be done; the text tells the model why."""


def place(path: object) -> str:
    """The real path of a call's path, which must lie in the workspace."""
    if not isinstance(path, str) or not path or "\0" in path:
        raise Refused("`path` is missing.")
    if path == MOUNTED or path.startswith(MOUNTED + "/"):
        path = os.path.join(ROOT, path[len(MOUNTED) :].lstrip("/"))
    real = os.path.realpath(os.path.join(ROOT, path))
    if real != ROOT and not real.startswith(ROOT + os.sep):
        raise Refused("That path is outside of /workspace. The editor works only in there; use bash to look elsewhere.")
    return real


def shown(real: str) -> str:
    return MOUNTED + real[len(ROOT) :]


def read(real: str) -> str:
    try:
        status = os.stat(real)
    except FileNotFoundError:
        raise Refused(f"{shown(real)} does not exist.") from None
    if stat.S_ISDIR(status.st_mode):
        raise Refused(f"{shown(real)} is a directory.")
    if not stat.S_ISREG(status.st_mode):
        raise Refused(f"{shown(real)} is not a regular file.")
    if status.st_size > BIGGEST:
        raise Refused(f"{shown(real)} is too big for the editor ({status.st_size} bytes). Use bash.")
    with open(real, "rb") as file:
        data = file.read()
    if b"\0" in data[:8192]:
        raise Refused(f"{shown(real)} is not a text file ({len(data)} bytes).")
    return data.decode("utf-8", "surrogateescape")


def write(real: str, text: str) -> None:
    """Replace a file in one step, keeping its mode."""
    data = text.encode("utf-8", "surrogateescape")
    os.makedirs(os.path.dirname(real), exist_ok=True)
    beside = f"{real}.{os.getpid()}.new"
    with open(beside, "xb") as file:
        if os.path.exists(real):
            os.fchmod(file.fileno(), stat.S_IMODE(os.stat(real).st_mode))
        file.write(data)
    os.replace(beside, real)


def rows(text: str) -> list[str]:
    """Lines with their ends, split at line feeds alone."""
    *whole, rest = text.split("\n")
    return [row + "\n" for row in whole] + ([rest] if rest else [])


def numbered(lines: list[str], first: int) -> str:
    out: list[str] = []
    size = 0
    for at, line in enumerate(lines, first):
        text = line.rstrip("\r\n")
        text = text if len(text) <= 2000 else text[:2000] + " [... line cut]"
        size += len(text) + 8
        if size > MOST_SHOWN:
            out.append(f"[... {len(lines) - len(out)} more lines: give view_range [{at}, ...] to see them]")
            break
        out.append(f"{at:6d}\t{text}")
    return "\n".join(out)


def around(text: str, start: int, length: int, said: str) -> str:
    lines = rows(text)
    first = text.count("\n", 0, start)
    last = text.count("\n", 0, start + length)
    low = max(0, first - AROUND)
    return f"{said} It reads now:\n{numbered(lines[low : last + AROUND + 1], low + 1)}"


def listing(real: str) -> str:
    found: list[str] = []
    for folder, folders, files in os.walk(real):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        depth = 0 if folder == real else os.path.relpath(folder, real).count(os.sep) + 1
        found += [shown(os.path.join(folder, name)) + "/" for name in folders]
        found += [shown(os.path.join(folder, name)) for name in sorted(files) if not name.startswith(".")]
        if depth >= 1:
            folders[:] = []
        if len(found) > MOST_ENTRIES:
            break
    rest = f"\n[... more than {MOST_ENTRIES}: look into one folder]" if len(found) > MOST_ENTRIES else ""
    return f"Up to two levels of {shown(real)}, without hidden ones:\n" + "\n".join(sorted(found[:MOST_ENTRIES])) + rest


def view(real: str, call: Call) -> str:
    if os.path.isdir(real):
        return listing(real)
    lines = rows(read(real))
    span = call.get("view_range")
    if span is None:
        return numbered(lines, 1) or "(empty file)"
    if not (isinstance(span, list) and len(span) == 2 and all(type(n) is int for n in span)):
        raise Refused("`view_range` is two line numbers: [first, last], the last may be -1 for the end.")
    first, last = span[0], len(lines) if span[1] == -1 else min(span[1], len(lines))
    if not 1 <= first <= max(len(lines), 1) or last < first:
        raise Refused(f"`view_range` {span} is not within the file, which has {len(lines)} lines.")
    return numbered(lines[first - 1 : last], first)


def create(real: str, call: Call) -> str:
    text = wanted(call, "file_text")
    if os.path.isdir(real):
        raise Refused(f"{shown(real)} is a directory.")
    existed = os.path.exists(real)
    if existed:
        read(real)
    write(real, text)
    return f"{'Overwrote' if existed else 'Created'} {shown(real)}."


def str_replace(real: str, call: Call) -> str:
    text, old, new = read(real), wanted(call, "old_str"), call.get("new_str") or ""
    if not old or not isinstance(new, str):
        raise Refused("`old_str` must hold the text to replace, `new_str` its replacement.")
    if old not in text and "\r\n" in text:
        old, new = (part.replace("\r\n", "\n").replace("\n", "\r\n") for part in (old, new))
    found = text.count(old)
    if found != 1:
        raise Refused(why_not_once(text, old, found, shown(real)))
    start = text.index(old)
    text = text[:start] + new + text[start + len(old) :]
    write(real, text)
    return around(text, start, len(new), f"Edited {shown(real)}.")


def why_not_once(text: str, old: str, found: int, path: str) -> str:
    if found:
        at, lines = -1, list[str]()
        while (at := text.find(old, at + 1)) >= 0 and len(lines) < 20:
            lines.append(str(text.count("\n", 0, at) + 1))
        return (
            f"`old_str` occurs {found} times in {path} (lines {', '.join(lines)}). Take in more of the text around it."
        )
    squeezed = " ".join(old.split())
    if squeezed and squeezed in " ".join(text.split()):
        return (
            f"`old_str` is not in {path} as given: blanks or line breaks differ. View the lines and copy them exactly."
        )
    return f"`old_str` is not in {path}. View the file and copy the text exactly."


def insert(real: str, call: Call) -> str:
    text, at = read(real), call.get("insert_line")
    new = wanted(call, "insert_text" if "insert_text" in call else "new_str")
    lines = rows(text)
    if type(at) is not int or not 0 <= at <= len(lines):
        raise Refused(f"`insert_line` must be from 0 to {len(lines)}: the line to insert after.")
    ending = "\r\n" if "\r\n" in text else "\n"
    if at and not lines[at - 1].endswith("\n"):
        lines[at - 1] += ending
    if new and not new.endswith("\n"):
        new += ending
    start = sum(map(len, lines[:at]))
    text = "".join(lines[:at]) + new + "".join(lines[at:])
    write(real, text)
    return around(text, start, max(len(new) - 1, 0), f"Edited {shown(real)}.")


def wanted(call: Call, name: str) -> str:
    if not isinstance(call.get(name), str):
        raise Refused(f"`{name}` is missing.")
    return str(call[name])


def main() -> None:
    failed = False
    try:
        call = marshal.loads(sys.stdin.buffer.read())  # noqa: S302 - from our own side
        verbs = {"view": view, "create": create, "str_replace": str_replace, "insert": insert}
        verb = verbs.get(call.get("command"))
        if verb is None:
            raise Refused("`command` must be one of view, create, str_replace, insert.")
        text = verb(place(call.get("path")), call)
    except Refused as refused:
        failed, text = True, str(refused)
    except OSError as error:
        failed, text = True, f"That did not work: {error.strerror}."
    sys.stdout.buffer.write(("-" if failed else "+").encode() + text.encode("utf-8", "replace"))


if __name__ == "__main__":
    main()

"""The text editor, run by `inward` inside the sandbox. The call is a marshalled dict on stdin; the answer on stdout is
text after one character, "+" or "-".

Law: nothing outside the working directory is read or written, whatever links the repository holds; and nothing is
imported that the interpreter has not loaded by itself, since a new one starts for every call.
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
MOST_NEAR = 40
MOST_PLACES = 50
MOST_COMPARED = 5_000
MOST_LOOKED_AT = 50_000
OTHERWISE = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014\u00a0", "''\"\"-- ")


class CallRefused(Exception):
    """The call cannot be done; the text tells the model why."""


def place(path: object) -> str:
    """Return the real path of a call's path, which must lie in the workspace."""
    if not isinstance(path, str) or not path or "\0" in path:
        raise CallRefused("`path` is missing.")
    if path == MOUNTED or path.startswith(MOUNTED + "/"):
        path = os.path.join(ROOT, path[len(MOUNTED) :].lstrip("/"))
    real = os.path.realpath(os.path.join(ROOT, path))
    if real != ROOT and not real.startswith(ROOT + os.sep):
        raise CallRefused(
            "That path is outside of /workspace. The editor works only in there; use bash to look elsewhere."
        )
    return real


def shown(real: str) -> str:
    return MOUNTED + real[len(ROOT) :]


def read(real: str) -> str:
    try:
        status = os.stat(real)
    except (FileNotFoundError, NotADirectoryError):
        raise CallRefused(f"{shown(real)} does not exist.{elsewhere(real)}") from None
    if stat.S_ISDIR(status.st_mode):
        raise CallRefused(f"{shown(real)} is a directory.")
    if not stat.S_ISREG(status.st_mode):
        raise CallRefused(f"{shown(real)} is not a regular file.")
    if status.st_size > BIGGEST:
        raise CallRefused(f"{shown(real)} is too big for the editor ({status.st_size} bytes). Use bash.")
    with open(real, "rb") as file:
        data = file.read()
    if b"\0" in data[:8192]:
        raise CallRefused(f"{shown(real)} is not a text file ({len(data)} bytes).")
    return data.decode("utf-8", "surrogateescape")


def elsewhere(real: str) -> str:
    """Return where files of the same name are, for a call that got the folder wrong."""
    name, seen = os.path.basename(real), 0
    found: list[str] = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(one for one in folders if not one.startswith(".") and one != "node_modules")
        seen += len(files)
        found += [shown(os.path.join(folder, name))] if name in files else []
        if seen > MOST_LOOKED_AT or len(found) >= 5:
            break
    return f" Files of that name: {', '.join(found[:5])}." if found else ""


def write(real: str, text: str) -> None:
    """Replace a file in one step, keeping its mode."""
    data = text.encode("utf-8", "surrogateescape")
    try:
        os.makedirs(os.path.dirname(real), exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise CallRefused(f"{shown(os.path.dirname(real))} is no folder: there is a file in the way.") from None
    beside = f"{real}.{os.getpid()}.new"
    with open(beside, "xb") as file:
        if os.path.exists(real):
            os.fchmod(file.fileno(), stat.S_IMODE(os.stat(real).st_mode))
        file.write(data)
    os.replace(beside, real)


def rows(text: str) -> list[str]:
    """Return lines with their ends, split at line feeds alone."""
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
    if not found:
        return f"{shown(real)} is an empty folder, but for hidden ones."
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
        raise CallRefused("`view_range` is two line numbers: [first, last], the last may be -1 for the end.")
    first, last = span[0], len(lines) if span[1] == -1 else min(span[1], len(lines))
    if not 1 <= first <= max(len(lines), 1) or last < first:
        raise CallRefused(f"`view_range` {span} is not within the file, which has {len(lines)} lines.")
    return numbered(lines[first - 1 : last], first)


def create(real: str, call: Call) -> str:
    text = wanted(call, "file_text")
    if os.path.isdir(real):
        raise CallRefused(f"{shown(real)} is a directory.")
    existed = os.path.exists(real)
    before = read(real) if existed else ""
    write(real, alike(before, text))
    return f"{'Overwrote' if existed else 'Created'} {shown(real)}."


def str_replace(real: str, call: Call) -> str:
    text, old, new = read(real), wanted(call, "old_str"), call.get("new_str") or ""
    if not old or not isinstance(new, str):
        raise CallRefused("`old_str` must hold the text to replace, `new_str` its replacement.")
    if old == new:
        raise CallRefused("`old_str` and `new_str` are the same, so nothing was changed.")
    if old not in text and "\r\n" in text:
        old, new = (part.replace("\r\n", "\n").replace("\n", "\r\n") for part in (old, new))
    found = text.count(old)
    if found != 1:
        raise CallRefused(why_not_once(text, old, found, shown(real)))
    new = alike(text, new)
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
    if all("\t" in row and row.split("\t")[0].strip().isdigit() for row in old.split("\n") if row.strip()):
        return "Leave the line numbers out of `old_str`, and the tab after each: the file does not hold them."
    exact = " ".join(old.split()) in " ".join(text.split())
    why = "blanks or line breaks differ" if exact else "it differs"
    lines = rows(text)
    place = nearest([plain(line) for line in lines], [plain(line) for line in old.split("\n")])
    if place is None:
        return f"`old_str` is not in {path}, nor anything like it. View the file and copy the text exactly."
    first = max(0, place)
    last = min(len(lines), max(place + old.rstrip("\n").count("\n") + 1, first + 1), first + MOST_NEAR)
    tabs = " Tabs are written as \\t here." if any("\t" in line for line in lines[first:last]) else ""
    near = numbered([line.replace("\t", "\\t") for line in lines[first:last]], first + 1)
    return f"`old_str` is not in {path} as given: {why} from what is there.{tabs} The nearest is:\n{near}"


def plain(line: str) -> str:
    """Return a line without what is easily written otherwise: blanks, and typographic quotes and dashes."""
    return "".join(line.translate(OTHERWISE).split())


def nearest(have: list[str], want: list[str]) -> int | None:
    """Return the index of the line where the wanted lines most likely begin; None if none is similar."""
    at: dict[str, list[int]] = {}
    for n, line in enumerate(have):
        if line:
            at.setdefault(line, []).append(n)
    votes: dict[int, int] = {}
    for offset, line in enumerate(want):
        for n in at.get(line, [])[:MOST_PLACES]:
            # A longer line says more: a lone bracket is everywhere.
            votes[n - offset] = votes.get(n - offset, 0) + len(line)
    if votes and max(votes.values()) > 3:
        return max(votes, key=lambda n: (votes[n], -n))
    offset, line = max(enumerate(want), key=lambda one: len(one[1]), default=(0, ""))
    wanted = {line[n : n + 3] for n in range(len(line) - 2)}
    best, place = 0.5, None
    for n, other in enumerate(have[:MOST_COMPARED] if wanted else []):
        shared = {other[n : n + 3] for n in range(min(len(other), 500) - 2)}
        share = 2 * len(wanted & shared) / (len(wanted) + len(shared)) if shared else 0.0
        if share > best:
            best, place = share, n - offset
    return place


def alike(before: str, text: str) -> str:
    """Return text with the line ends of a file, if all of these are CRLF."""
    if "\r\n" not in before or before.count("\n") != before.count("\r\n"):
        return text
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def insert(real: str, call: Call) -> str:
    text, at = read(real), call.get("insert_line")
    new = wanted(call, "insert_text" if "insert_text" in call else "new_str")
    lines = rows(text)
    if type(at) is not int or not 0 <= at <= len(lines):
        raise CallRefused(f"`insert_line` must be from 0 to {len(lines)}: the line to insert after.")
    if at and not lines[at - 1].endswith("\n"):
        lines[at - 1] += alike(text, "\n")
    new = alike(text, new if not new or new.endswith("\n") else new + "\n")
    start = sum(map(len, lines[:at]))
    text = "".join(lines[:at]) + new + "".join(lines[at:])
    write(real, text)
    return around(text, start, max(len(new) - 1, 0), f"Edited {shown(real)}.")


def wanted(call: Call, name: str) -> str:
    if not isinstance(call.get(name), str):
        raise CallRefused(f"`{name}` is missing.")
    return str(call[name])


def main() -> None:
    failed = False
    try:
        call = marshal.loads(sys.stdin.buffer.read())  # noqa: S302 - from our own side
        verbs = {"view": view, "create": create, "str_replace": str_replace, "insert": insert}
        verb = verbs.get(call.get("command"))
        if verb is None:
            raise CallRefused("`command` must be one of view, create, str_replace, insert.")
        text = verb(place(call.get("path")), call)
    except CallRefused as refused:
        failed, text = True, str(refused)
    except OSError as error:
        failed, text = True, f"That did not work: {error.strerror or error}."
    sys.stdout.buffer.write(("-" if failed else "+").encode() + text.encode("utf-8", "replace"))


if __name__ == "__main__":
    main()

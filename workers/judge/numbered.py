"""The change as the judge reads it: hunks with numbers, within a size that fits, and a word on all that is not shown.

Law: whatever is shortened, folded or left out is said twice: to the judge in the text, and to people as a hold.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from workers.agent.framing import FENCE, spelled
from workers.judge.difference import HUNK, FileChange, Hunk, parse

MOST_TEXT = 160_000
"""Characters of a diff that are shown: some 45,000 tokens."""
MOST_NUMBERS = 200
"""Above this many hunks, each file is one number; above this many files, the rest is one number."""
LONGEST_LINE = 2_000
LEAST_OF_A_HUNK = 240
CUT = re.compile(r"^\[\.\.\. \d+ lines of this hunk are not shown \.\.\.\]$", re.MULTILINE)
"""The only line of a hunk without git's mark before it."""
_SHORTENED = re.compile(r"^\+.*\[\.\.\. \d+ characters \.\.\.\]", re.MULTILINE)
_SAMPLE = 1_500
"""Characters that are shown of a file that is not for reading."""

_UNREADABLE = (
    (re.compile(r"(^|/)(package-lock|packages\.lock|npm-shrinkwrap)\.json$|(^|/)pnpm-lock\.yaml$"), "lock file"),
    (
        re.compile(r"(^|/)(yarn|poetry|uv|pdm|Pipfile|Cargo|composer|Gemfile|mix|pubspec|Podfile|flake)\.lock$"),
        "lock file",
    ),
    (re.compile(r"(^|/)(bun\.lockb?|gradle\.lockfile|go\.sum)$"), "lock file"),
    (re.compile(r"\.min\.(js|css|mjs)$|\.(js|css)\.map$"), "minified"),
    (re.compile(r"(_pb2(_grpc)?\.pyi?|\.pb\.(go|cc|h)|\.g\.dart|\.designer\.cs)$", re.I), "generated"),
)
_TAGS = re.compile(r"<(?=\s*+/?+\s*+(?:proposal|evidence|findings|machines|diff|hunk)(?![a-z]))", re.IGNORECASE)
_BREAKS = re.compile("[\r\u2028\u2029]")


@dataclass(frozen=True)
class Numbered:
    """`text` is the diff with numbered hunks; `labels[n - 1]` names hunk n ("src/a.py, from line 10").

    `unread` names what could not be shown in full, each with the reason in brackets.
    """

    text: str
    labels: tuple[str, ...]
    unread: tuple[str, ...]
    elsewhere: tuple[str, ...] = ()
    """The same of files that code of ours reads whole, or that nothing runs."""

    @property
    def numbers(self) -> range:
        return range(1, len(self.labels) + 1)


@dataclass(frozen=True)
class _Part:
    """The text that gets one number. `least` of `body` is shown, whatever else there is to show."""

    label: str
    head: str
    body: str
    folded: str = ""
    path: str = ""


def safe(text: str) -> str:
    """Return outside text that can neither open nor close a fence, with unseen characters spelled out, line breaks
    kept.
    """
    return _TAGS.sub("&lt;", FENCE.sub("&lt;", _BREAKS.sub(_spell, spelled(text))))


def numbered(diff: str, paths: Sequence[str] = (), elsewhere: Collection[str] = ()) -> Numbered:
    """Number the hunks of `diff`. `paths` are all paths that changed: those that the diff lacks are one more
    number. `elsewhere` are paths of which it is enough to show a sample.
    """
    files = parse(diff)
    total = sum(max(len(one.hunks), 1) for one in files)
    parts = [part for one in files[:MOST_NUMBERS] for part in _parts(one, each=total <= MOST_NUMBERS)]
    seen = {one.path for one in files[:MOST_NUMBERS]}
    missing = [path for path in dict.fromkeys((*paths, *(one.path for one in files))) if path not in seen]
    unread = [f"{_name(one.path)} (only its beginning fits)" for one in files[:MOST_NUMBERS] if not one.whole]
    if missing:
        parts.append(_rest(missing))
        unread.append(f"{_count(len(missing), 'more file')}, such as {_name(missing[0])} (too many)")
    # Cut before anything is spelled out, so that a change of any size costs no more than what is shown of it.
    bodies = [_lines(safe(body)) for body in _fitting([part.body for part in parts], MOST_TEXT)]
    bodies = _fitting(bodies, MOST_TEXT)
    shown, short = [], []
    others: list[str] = []
    for n, (part, body) in enumerate(zip(parts, bodies, strict=True), 1):
        shown.append(f"[hunk {n}] {part.head}\n{body}".rstrip("\n"))
        if part.folded:
            (others if part.path in elsewhere else unread).append(f"{part.label} ({part.folded})")
        elif CUT.search(body):
            short.append(part.label)
        elif _SHORTENED.search(body):
            unread.append(f"{part.label} (a line is too long)")
    if short:
        unread.append(f"the middle of {_count(len(short), 'long part')}, such as {short[0]} (too long)")
    return Numbered("\n\n".join(shown), tuple(part.label for part in parts), tuple(unread), tuple(others))


def _parts(one: FileChange, *, each: bool) -> list[_Part]:
    name, counts = _name(one.path), f"+{one.added} -{one.removed}"
    what = "; ".join(safe(line) for line in one.what if line.strip())[:300]
    head = f"{name} ({what}; {counts})" if what else f"{name} ({counts})"
    text = [_body(hunk) for hunk in one.hunks]
    if why := _unreadable(one):
        sample = _shorten("\n".join(text), _SAMPLE)
        return [
            _Part(name, f"{head}: {why}, {counts} lines, only a sample is shown", sample, f"{why}, {counts}", one.path)
        ]
    if not text:
        return [_Part(name, head, "(no lines changed)")]
    if not each:
        return [_Part(name, f"{head}, all of its {len(text)} parts", "\n".join(text))]
    return [_Part(f"{name}, from line {_line(hunk)}", head, body) for hunk, body in zip(one.hunks, text, strict=True)]


def _rest(paths: Sequence[str]) -> _Part:
    listed = "\n".join(_name(path) for path in paths[:200])
    more = f"\n... and {len(paths) - 200} more" if len(paths) > 200 else ""
    return _Part(_count(len(paths), "more file"), f"{_count(len(paths), 'more file')}, not shown:", listed + more)


def _unreadable(one: FileChange) -> str:
    found = next((why for pattern, why in _UNREADABLE if pattern.search(one.path)), "")
    # A name alone hides nothing: what can be read is read, whatever it is called.
    readable = found == "minified" and all(len(line) <= LONGEST_LINE for hunk in one.hunks for line in hunk.lines)
    if found and not readable:
        return found
    if any("\0" in line for hunk in one.hunks for line in hunk.lines):
        return "binary"
    return ""


def _body(hunk: Hunk) -> str:
    """Return the lines of a hunk, each at most `LONGEST_LINE`. Where every line ends in a return, none is shown."""
    lines: Sequence[str] = hunk.lines
    if all(line.endswith("\r") for line in lines):
        lines = [line[:-1] for line in lines]
    return "\n".join((_one_line(hunk.header), *map(_one_line, lines)))


def _lines(text: str) -> str:
    """Return the same with every line cut again: what is spelled out is longer than it was."""
    return "\n".join(map(_one_line, text.split("\n")))


def _one_line(line: str) -> str:
    if len(line) <= LONGEST_LINE:
        return line
    kept = LONGEST_LINE // 2
    return f"{line[:kept]}[... {len(line) - 2 * kept} characters ...]{line[-kept:]}"


def _fitting(bodies: Sequence[str], most: int) -> list[str]:
    """Return the bodies, cut in the middle where all together are longer than `most`."""
    share = _share(bodies, most)
    return [_shorten(body, share) for body in bodies]


def _share(bodies: Sequence[str], most: int) -> int:
    """Return the length that every body may have so that all together fit: short ones stay whole, long ones are
    shortened.
    """
    left, count = most, len(bodies)
    for length in sorted(len(body) for body in bodies):
        if length * count > left:
            return max(left // count, LEAST_OF_A_HUNK)
        left -= length
        count -= 1
    return most


def _shorten(body: str, most: int) -> str:
    """Return whole lines from the beginning and the end, with a line between that says how many are left out."""
    if len(body) <= most:
        return body
    lines = body.split("\n")
    head, tail, room = 0, 0, most
    while head + tail < len(lines):
        size = len(lines[head] if head <= tail else lines[-1 - tail]) + 1
        if size > room:
            break
        room -= size
        head, tail = (head + 1, tail) if head <= tail else (head, tail + 1)
    left_out = len(lines) - head - tail
    end = lines[len(lines) - tail :] if tail else []
    return "\n".join((*lines[: max(head, 0)], f"[... {left_out} lines of this hunk are not shown ...]", *end))


def _line(hunk: Hunk) -> int:
    """Return where in the new file the first line is that changed."""
    found = HUNK.match(hunk.header)
    before = next((at for at, line in enumerate(hunk.lines) if line.startswith(("+", "-"))), 0)
    return int(found[3]) + before if found else before


def _name(path: str) -> str:
    """Return a path on one line, cut in the middle."""
    name = " ".join(safe(path.encode("utf-8", "backslashreplace").decode()).split())
    return name if len(name) <= 200 else f"{name[:100]}...{name[-95:]}"


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _spell(hit: re.Match[str]) -> str:
    return "\\r" if hit.group() == "\r" else f"\\u{{{ord(hit.group()):x}}}"

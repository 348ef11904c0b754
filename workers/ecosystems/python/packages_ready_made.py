"""Requirement files rewritten so that pip builds nothing it fetches: a line there counts for more than its settings.

Law: standard library only, and it imports nothing of ours: it runs inside, before any code of the repository does. What
pip will read is exactly what was looked at: one line each, without comments, and so without an encoding of its own.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import re
import shlex
from urllib.parse import urlsplit

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_AWAY = re.compile(r"(?i)\b(?:https?|ftp|ssh|git|hg|svn|bzr)(?:\+\w+)?:\S*")
_FILE = re.compile(r"(?:-[rc]|--(?:req|con)\w*)[\s=]*([^\s$]+)")
_NAMING = re.compile(r"-[rce]|--(req|con|ed)")


def ready_made(path: str, seen: set[str]) -> list[str]:
    """Rewrite a requirement file and those it names so that pip builds nothing it fetches; the lines left out."""
    seen.add(os.path.realpath(path))
    with open(path, "rb") as file:
        raw = file.read()
    mark = next((one for one in _MARKS if raw.startswith(one)), b"")
    text = raw[len(mark) :].decode(_MARKS.get(mark, "utf-8"), "replace").lstrip("\ufeff")
    kept: list[str] = []
    left: list[str] = []
    for line in re.sub(r"\\\n", "", "\n".join(text.splitlines())).split("\n"):
        bare = re.sub(r"(^|\s+)#.*$", "", line).rstrip("\\").strip()
        if bare:
            (kept if _harmless(bare, os.path.dirname(path), seen, left) else left).append(bare)
    with open(path, "w", encoding="utf-8") as written:
        written.write("\n".join(kept) + "\n")
    return left


def _harmless(line: str, folder: str, seen: set[str], left: list[str]) -> bool:
    """Return whether a line of a requirement file is harmless; a file that it names is rewritten first."""
    try:
        words = [*line.split(), *shlex.split(line)]
    except ValueError:
        return False
    if any(word.startswith(("--no-b", "--o")) for word in words):
        return False
    away = _AWAY.findall(line)
    naming = any(map(_NAMING.match, words))
    if line == "--require-hashes" or (line.startswith("-") and not naming):
        return True
    if named := _FILE.fullmatch(line):
        place = os.path.join(folder, named[1])
        with contextlib.suppress(OSError):
            left += [] if os.path.realpath(place) in seen else ready_made(place, seen)
            return not away
        return False
    if "${" in line or any(re.match(r"-[rc]|--(req|con)", word) for word in words):
        return False  # pip would read what was not looked at
    return all(urlsplit(one).path.endswith(".whl") for one in away)

"""Which files of the base are run by its CI: those that workflow steps, recipes and scripts name, and what these name.

No tool's own rules are known here: a word that is a path of the repository, in a text that is run, is a file that is
run. Python's `-m a.b` is the one spelling of a path that is not a path.
"""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Iterator, Sequence

from workers.ecosystems import registry
from workers.guards.found import Read
from workers.guards.rules import is_of

Calls = dict[str, str]
"""Path of a file that is run -> path of the file that names it first."""
_COMMANDS = tuple(one for each in registry.ALL if each.supply for one in each.supply.commands)
_WORD = re.compile(r"[\w./@+~-]+")
_MODULE = re.compile(r"-m[ =]+([A-Za-z_][\w.]*)")
_MOST_CALLED, _MOST_READ, _LARGEST, _LONGEST_WORD = 2_000, 300, 256 << 10, 300


def called(old: Read, files: Sequence[str], commands: Sequence[tuple[str, str, str]]) -> Calls:
    """Return the files that are run; `commands` are (folder, text, whose) that CI runs."""
    paths = frozenset(files)
    found: Calls = {}
    waiting = deque(commands)
    for path in files:
        if is_of("recipe", path) and "/" not in path:
            waiting.append(("", _read(old, path), path))
    read = 0
    while waiting and len(found) < _MOST_CALLED:
        folder, text, whose = waiting.popleft()
        for path in _named(text, _clean(folder), whose, paths, files):
            if path in found or path == whose or is_of("prose", path):
                continue
            found[path] = whose
            if is_of("runs-others", path) and read < _MOST_READ:
                read += 1
                waiting.append((posixpath.dirname(path), _read(old, path), path))
    return found


def _named(text: str, folder: str, whose: str, paths: frozenset[str], files: Sequence[str]) -> Iterator[str]:
    folders = dict.fromkeys((folder, "", posixpath.dirname(whose)))
    words = [word[:_LONGEST_WORD] for word in _WORD.findall(text)]
    for module in _MODULE.findall(text):
        place = module.replace(".", "/")
        words += [f"{root}{place}{end}" for root in ("", "src/") for end in (".py", "/__main__.py")]
    for word in dict.fromkeys(words):
        for base in folders:
            place = _clean(posixpath.join(base, word))
            if place in paths:
                yield place
            elif word.endswith("/") and place and whose.startswith(".github/"):
                yield from (path for path in files if path.startswith(f"{place}/"))


def _clean(path: str) -> str:
    cleaned = posixpath.normpath(path) if path else ""
    return "" if cleaned in {".", "/"} or cleaned.startswith("..") else cleaned.lstrip("/")


def _read(old: Read, path: str) -> str:
    """Return the text of a file that runs others; its commands alone where a language's folder tells them apart."""
    text = (old(path) or b"")[:_LARGEST].decode("utf-8", "replace")
    name = posixpath.basename(path)
    return next((one.read(text) for one in _COMMANDS if name in one.files), text)

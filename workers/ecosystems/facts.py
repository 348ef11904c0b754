"""What detection looks at: the files of a repository or of one folder in it, and what the telling ones hold. Pure.

Law: everything here was written by strangers. Texts are cut, and what does not parse is empty, never an error.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from workers.formats import toml

POLICY = ".shipmate.toml"
REPORTS = ".shipmate-reports"
"""The folder that commands write their reports to, at the root; no export takes it along."""

Read = Callable[[str], bytes | None]
_LONGEST = 256 << 10
_SERVERS = r"\.github/workflows/[^/]+|\.gitlab-ci|\.travis|azure-pipelines|\.circleci/config"
_HOOKS = r"\.pre-commit-config|lefthook"
_RECIPES = r"Makefile|GNUmakefile|justfile|Taskfile\.ya?ml"
_CI = re.compile(rf"({_SERVERS}|{_HOOKS})\.ya?ml|{_RECIPES}")
_MOST_CI = 12


@dataclass(frozen=True)
class Known:
    """What all languages say: files in which their tools keep commands, endings of their sources, their manifests."""

    recipes: frozenset[str] = frozenset()
    endings: frozenset[str] = frozenset()
    manifests: frozenset[str] = frozenset()


class Facts:
    """One folder's view: paths are relative to `folder`, which is relative to the repository's root ("" is the root).

    `files` must be sorted.
    """

    def __init__(
        self, read: Read, files: Sequence[str], known: Known = Known(), folder: str = "", above: Facts | None = None
    ) -> None:
        self._read = read
        self.known = known
        self._texts: dict[str, str] = {}
        self.files = tuple(files)
        self.folder = folder
        self.above = above

    @cached_property
    def present(self) -> frozenset[str]:
        """Return the files, to be asked for one."""
        return frozenset(self.files)

    @property
    def reports(self) -> str:
        """Return the folder for reports, as a command that runs in this folder has to write it."""
        return "../" * (self.folder.count("/") + 1 if self.folder else 0) + REPORTS

    def below(self, folder: str) -> Facts:
        """Return the view of a folder in this one."""
        inside = [path[len(folder) + 1 :] for path in self._inside(folder)]
        whole = f"{self.folder}/{folder}" if self.folder else folder
        return Facts(lambda path: self._read(f"{folder}/{path}"), inside, self.known, whole, self)

    def _inside(self, folder: str) -> Sequence[str]:
        start = bisect_left(self.files, f"{folder}/")
        return self.files[start : bisect_left(self.files, f"{folder}0")]  # "0" is the character after "/"

    def has(self, *names: str) -> bool:
        """Return whether any of these files is there."""
        return not self.present.isdisjoint(names)

    def text(self, name: str) -> str:
        """Return the text of a file, "" where there is none; the first 256 KB."""
        if name not in self._texts:
            content = self._read(name) if name in self.present else None
            self._texts[name] = (content or b"")[:_LONGEST].decode("utf-8", "replace")
        return self._texts[name]

    def json(self, name: str) -> Mapping[str, object]:
        """Return the object in a JSON file, empty where it is none."""
        try:
            found = json.loads(self.text(name) or "{}")
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def toml(self, name: str) -> Mapping[str, object]:
        """Return the content of a TOML file, empty where it is none."""
        try:
            return toml.loads(self.text(name))
        except (ValueError, RecursionError):
            return {}

    @cached_property
    def top(self) -> tuple[str, ...]:
        """Return the files in this folder itself."""
        return tuple(path for path in self.files if "/" not in path)

    @cached_property
    def _by_ending(self) -> Mapping[str, list[str]]:
        """Return paths by what stands after the last dot: few patterns have to look at every path of a large
        repository.
        """
        found: dict[str, list[str]] = {}
        for path in self.files:
            found.setdefault(path[path.rfind(".") + 1 :], []).append(path)
        return found

    def of(self, *endings: str) -> list[str]:
        """Return the files that end in one of these, without the dot."""
        return [path for ending in endings for path in self._by_ending.get(ending, ())]

    def count(self, pattern: re.Pattern[str], *endings: str) -> int:
        """Return how many paths with these endings the pattern is found in."""
        return sum(1 for path in self.of(*endings) if pattern.search(path))

    def first(self, pattern: re.Pattern[str], *endings: str) -> str | None:
        """Return the path, nearest to the root, that the pattern is found in."""
        found = [path for path in self.of(*endings) if pattern.search(path)]
        return min(found, key=lambda path: (path.count("/"), path)) if found else None

    @cached_property
    def automation(self) -> str:
        """Return what continuous integration, hooks and make run, as one text: it shows which tools a repository
        uses.
        """
        places = (*self.top, *self._inside(".github/workflows"), *self._inside(".circleci"))
        own = [path for path in places if path in self.known.recipes or _CI.fullmatch(path)]
        texts = [self.text(path)[:65536] for path in own[:_MOST_CI]]
        return "\n".join([*texts, self.above.automation if self.above else ""])

    def uses(self, word: str) -> bool:
        """Return whether automation names this tool, as words."""
        return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", self.automation) is not None


def below(table: Mapping[str, object], *path: str) -> Mapping[str, object]:
    """Return the table at a path of a parsed file, empty where there is none."""
    for part in path:
        inner = table.get(part)
        table = inner if isinstance(inner, dict) else {}
    return table

"""Two trees of a small repository, put on trial in the real sandbox as the check stage does it, without git."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from workers.checks import CheckResult, Plan
from workers.checks.plan import plan
from workers.checks.proof import settings_of_tests, side_of_tests, side_without_settings
from workers.checks.trial import Trial, attempt
from workers.sandbox import Session
from workers.sandbox.bubblewrap import Bubblewrap
from workers.workspace import Changed

TOOLBOX = Path(__file__).resolve().parents[3] / ".toolbox"
Files = Mapping[str, str]
BASE, HEAD, GRAFTED, PLAIN = "b" * 40, "a" * 40, "c" * 40, "d" * 40


def changes(base: Files, head: Files) -> tuple[Changed, ...]:
    """The raw difference of two trees of regular files."""
    found = []
    for path in sorted({*base, *head}):
        if base.get(path) != head.get(path):
            status = "D" if path not in head else "M" if path in base else "A"
            old, new = ("100644" if path in tree else "000000" for tree in (base, head))
            found.append(Changed(path, status, old, new, "1" * 40, "2" * 40))
    return tuple(found)


def _put(base: Files, head: Files, side: tuple[Changed, ...]) -> dict[str, str]:
    """The base with a part of the change on it."""
    tree = dict(base)
    for one in side:
        tree.pop(one.path, None)
        tree |= {one.path: head[one.path]} if one.path in head else {}
    return tree


@dataclass
class Shelf:
    """A cache that counts what was kept."""

    kept: dict[tuple[str, ...], bytes] = field(default_factory=dict)

    def find(self, *key: str) -> bytes | None:
        return self.kept.get(key)

    def keep(self, content: bytes, *key: str) -> bytes:
        return self.kept.setdefault(key, content)


@dataclass
class Town:
    """`opened` are the parts whose sandboxes were opened, in order."""

    folder: Path
    shelf: Shelf = field(default_factory=Shelf)
    opened: list[str] = field(default_factory=list)
    count: Iterator[int] = field(default_factory=itertools.count)

    def tried(
        self,
        base: Files,
        head: Files,
        own: Plan | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> CheckResult:
        """The outcome of `head` against `base`, by the plan that is detected unless one is given."""
        changed = changes(base, head)
        grafted, plain = _put(base, head, side_of_tests(changed)), _put(base, head, side_without_settings(changed))
        trees = {BASE: base, HEAD: head, GRAFTED: grafted, PLAIN: plain}
        made = own or plan(lambda name: base[name].encode() if name in base else None, tuple(base))
        trial = Trial(
            made,
            HEAD,
            BASE,
            GRAFTED,
            changed,
            tuple(head),
            tuple(base),
            ("acme/app", str(sorted(base))),
            PLAIN if settings_of_tests(changed) else "",
        )

        @contextmanager
        def open_sandbox(tree: str, part: str) -> Iterator[Session]:
            self.opened.append(part)
            place = self.folder / f"{next(self.count)}-{part}"
            for name, content in trees[tree].items():
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                (place / name).write_text(content)
            place.mkdir(exist_ok=True)
            session = Bubblewrap(self.folder / "home", TOOLBOX).open(place)
            try:
                yield session
            finally:
                session.close()

        return attempt(trial, open_sandbox, self.shelf, cancelled)

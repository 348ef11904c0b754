"""The folders that a worker and its runner share, and which of them a sandbox may be given.

Law: a path from the socket is opened from the shared root, component by component, without following links. Each kind
of path must lie in its own area.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

SOCKETS = "sockets"
"""The area of the runner's socket and of the proxies' sockets."""
RUNNER = "runner.sock"
PLACES, LOWERS, DEPS, PACKS = "checkouts", "bases", "deps", "mirrors"
AREAS = (PLACES, LOWERS, DEPS, PACKS, SOCKETS)
_DOTS = re.compile(r"\.*")
_PROXY = re.compile(rf"{SOCKETS}/egress-[A-Za-z0-9_]{{1,40}}/proxy")
_SETUP = re.compile(rf"{DEPS}/\.building-[^/]+/tree")


class NotShared(Exception):
    """The runner may not use this path; the message says why."""


class Shared:
    """The areas below one root. Both sides share this folder, perhaps under different paths."""

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.realpath(root))

    def relative(self, place: Path) -> str:
        """Return the path of `place` relative to the root, as the other side needs it. Raises `NotShared`."""
        real = Path(os.path.realpath(place))
        if not real.is_relative_to(self.root) or len(real.relative_to(self.root).parts) < 2:
            raise NotShared(f"{place} is not below the folder shared with the runner, {self.root}")
        return str(real.relative_to(self.root))

    def folder(self, name: str, *areas: str) -> Path:
        """Return the folder `name`, which must lie in one of `areas`. Raises `NotShared`."""
        return self._found(name, areas, stat.S_ISDIR)

    def setup(self, work: str, result: str) -> tuple[Path, Path]:
        """Return the two folders of a running installation. Raises `NotShared`."""
        if not _SETUP.fullmatch(result) or work != f"{result}/.work":
            raise NotShared(f"{result} is not where an installation is made")
        return self.folder(work, DEPS), self.folder(result, DEPS)

    def proxy(self, name: str) -> Path:
        """Return the socket of one of our proxies, and no other socket. Raises `NotShared`."""
        if not _PROXY.fullmatch(name):
            raise NotShared(f"{name} is not a way out of ours")
        return self._found(name, (SOCKETS,), stat.S_ISSOCK)

    def _found(self, name: str, areas: tuple[str, ...], kind: Callable[[int], bool]) -> Path:
        parts = name.split("/")
        if len(parts) < 2 or parts[0] not in areas or any(_DOTS.fullmatch(part) for part in parts):
            raise NotShared(f"{name} is not in {' or '.join(areas)}")
        above = os.open(self.root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for at, part in enumerate(parts):
                wanted = 0 if at == len(parts) - 1 else os.O_DIRECTORY
                below = os.open(part, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC | wanted, dir_fd=above)
                os.close(above)
                above = below
            mode = os.fstat(above).st_mode
        except OSError as error:
            why = "leads through a link" if error.errno in {errno.ELOOP, errno.ENOTDIR} else error.strerror
            raise NotShared(f"{name}: {why}") from error
        finally:
            os.close(above)
        if not kind(mode):
            raise NotShared(f"{name} is not of the right kind")
        return self.root / name

"""What a suite needed and the sandbox does not have: a program or a dependency.

Law: only what the repository does not hold itself can be missing. A broken import of its own code is a failure of the
change and stays red.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from workers.sandbox import Limits, Session

_PROGRAM = re.compile(
    r"^(?:/(?:usr/)?bin/)?(?:bash|dash|make|sh)(?:\[\d+\])?: .*?([\w.+-]{1,60}): "
    r"(?:command not found|No such file|not found)",
    re.M,
)
_PYTHON = re.compile(r"No module named '?([A-Za-z_]\w{0,59})(?:\.[\w.]*)?'?\s*$", re.M)
_NODE = re.compile(r"Cannot find (?:module|package) '((?:@[\w.-]{1,60}/)?[A-Za-z_][\w.-]{0,59})")
_OFFLINE = re.compile(
    r"^error: no matching package (?:named `[^`\n]{1,80}` )?found"  # cargo
    r"|^\s*(?:error: |warning: )?(?:attempting to make an HTTP request, but --offline was specified"
    r"|unable to update registry `[^`\n]{1,80}`|can't checkout from '[^'\n]{1,200}': you are in the offline mode)"
    r"|^(?:go: |\S{1,200}:\d+(?::\d+)?: )[^\n]{0,300}module lookup disabled by (?:GOPROXY=off|-mod=\w+)"
    r"|^(?:go: )[^\n]{0,300}dial tcp: lookup \S{1,100}"
    r"|^\[(?:ERROR|FATAL)\][^\n]{0,600}Cannot access \S{1,80} \([^)\n]{1,300}\) in offline mode"  # Maven
    r"|^\s*> No cached version of \S{1,200} available for offline mode",  # Gradle
    re.M,
)
PACKAGES = "packages"
"""What is missing where a package tool says that it may not fetch."""
_LOOKED_AT = 200_000


def missing(output: str, session: Session) -> str | None:
    """The first program or dependency that the output says is not there and that is not the repository's own."""
    named = _first(output, session, (_PROGRAM, _PYTHON, _NODE))
    return named or (PACKAGES if _OFFLINE.search(output[-_LOOKED_AT:]) else None)


def missing_program(output: str, session: Session) -> str | None:
    """Likewise a program alone: what a chain of commands ended for after its tests had run."""
    return _first(output, session, (_PROGRAM,))


def _first(output: str, session: Session, patterns: Sequence[re.Pattern[str]]) -> str | None:
    end = output[-_LOOKED_AT:]
    for pattern in patterns:
        for name in list(dict.fromkeys(pattern.findall(end)))[:10]:
            if not _is_own(name, session):
                return str(name)
    return None


def _is_own(name: str, session: Session) -> bool:
    """Whether the repository has a file or folder of this name where programs look for their modules."""
    places = [f"{folder}{name}{ending}" for folder in ("", "src/", "lib/", "tests/", "test/") for ending in ("", ".py")]
    tests = " || ".join(f"[ -e {shlex.quote(place)} ]" for place in places)
    return session.run(tests, limits=Limits(wall_seconds=30)).exit_code == 0

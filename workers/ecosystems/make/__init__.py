"""A Makefile or a script that can test, of a repository in any language: the last thing that is looked for. Pure."""

from __future__ import annotations

import re
import shlex

from bot.domain.verdict import Counts
from workers.ecosystems import Ecosystem, Readers
from workers.ecosystems.candidate import Candidate
from workers.ecosystems.facts import Facts
from workers.reports import Reading, mentions, plain

_SOURCES = ("c", "cc", "cpp", "cxx", "h", "hpp", "m", "f90", "f")


def detect(facts: Facts) -> Candidate | None:
    """Return the target "test" or "check" of a Makefile, also where the Makefile hands every target on to a folder."""
    for name in ("GNUmakefile", "makefile", "Makefile"):
        if not facts.has(name):
            continue
        text = facts.text(name)
        configure = "./configure && " if facts.has("configure") and facts.has("Makefile.in") else ""
        needs = ("make", "cc") if facts.of(*_SOURCES) else ("make",)
        for target in ("test", "check"):
            if re.search(rf"^(?:[\w.-]+[ \t]+)*{target}(?:[ \t]+[\w.-]+)*[ \t]*::?(?!=)", text, re.M):
                return Candidate("make", f"make {target}", f"{configure}make {target}", 1, needs=needs)
        # A Makefile that hands every target on to folders: one of them may know how to test.
        if re.search(r"^\.DEFAULT\s*:[^\n]*\n\t.*\$\(MAKE\).*\$@", text, re.M):
            inner = [path for path in facts.files if path.count("/") == 1 and path.endswith(f"/{name}")]
            if any(re.search(r"^(test|check)[ \t]*:(?!=)", facts.text(path), re.M) for path in inner[:10]):
                return Candidate("make", "make test", "make test", 1, needs=needs)
    script = next(
        (path for path in ("test.sh", "run_tests.sh", "runtests.sh", "script/test", "bin/test") if facts.has(path)),
        None,
    )
    if script:
        return Candidate("script", script, f"bash {shlex.quote(script)}", 1, needs=("bash",))
    return None


_PAIR = re.compile(r"^(?:passed|PASSED|Passed): {1,4}(\d{1,8})\n(?:failed|FAILED|Failed): {1,4}(\d{1,8})$", re.M)


def plain_pair(output: str) -> Reading | None:
    """Read "PASSED: 16" and "FAILED: 0" on lines of their own, one below the other, as hand-made suites sum up."""
    found = _PAIR.findall(plain(output)) if any(mentions(output, words) for words in ("assed: ", "PASSED: ")) else []
    if not found:
        return None
    counts = Counts(passed=sum(int(good) for good, _ in found), failed=sum(int(bad) for _, bad in found))
    return Reading("the suite's own summary", counts)


ECOSYSTEM = Ecosystem(
    name="make", label="a Makefile", rank=100, fallback=detect, readers=Readers(outputs={"plain": plain_pair})
)

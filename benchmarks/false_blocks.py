"""`python -m benchmarks.false_blocks DIR`: ordinary commits of bare repositories, examined as if they were changes.

Law: commits are picked by a rule, never by hand: of the newest non-merge commits by people, every n-th.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from workers.guards import RULES, Found, examine
from workers.workspace import Changed

BOTS = ("[bot]", "dependabot", "renovate", "greenkeeper", "pre-commit", "github-actions", "snyk-bot", "pyup")
NEWEST = 2000
"""How far back a repository's history is looked at, in commits by people."""


@dataclass(frozen=True)
class Looked:
    """One commit and what the guards said of it; `seconds` is the time of the look alone."""

    repository: str
    commit: str
    subject: str
    files: int
    seconds: float
    found: tuple[Found, ...]

    def worst(self, *, facts: bool) -> str:
        """Return its highest level, with or without the rules that state a plain fact."""
        levels = {one.level for one in self.found if facts or not RULES[one.rule].fact}
        return next((level for level in ("block", "hold", "flag") if level in levels), "")


class Objects:
    """Blobs of a bare repository, through one long-lived git process."""

    def __init__(self, folder: Path) -> None:
        self._git = subprocess.Popen(
            ["git", "-C", str(folder), "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def read(self, name: str) -> bytes | None:
        """Return the bytes of an object such as `commit:path`, or None."""
        if "\n" in name:
            return None
        assert self._git.stdin is not None
        assert self._git.stdout is not None
        self._git.stdin.write(name.encode("utf-8", "surrogateescape") + b"\n")
        self._git.stdin.flush()
        head = self._git.stdout.readline().split()
        if head[-1] == b"missing" or len(head) != 3:
            return None
        body = self._git.stdout.read(int(head[2]) + 1)[:-1]
        return body if head[1] == b"blob" else None

    def close(self) -> None:
        """End the git process."""
        self._git.communicate()


def git(folder: Path, *words: str) -> str:
    """Return what a git command prints."""
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, check=True)
    return done.stdout.decode("utf-8", "surrogateescape")


def picked(folder: Path, count: int, skip: int) -> list[tuple[str, str]]:
    """Return (commit, subject) of `count` commits, spread evenly over the newest that people made, but the first
    `skip`.
    """
    log = git(folder, "log", "--no-merges", "--min-parents=1", "--format=%H%x00%an%x00%ae%x00%s", "HEAD")
    people = []
    for line in log.splitlines():
        commit, name, mail, subject = line.split("\0", 3)
        if not any(bot in f"{name} {mail}".lower() for bot in BOTS):
            people.append((commit, subject))
    people = people[:NEWEST]
    step = max(1, len(people) // count)
    return people[skip % step :: step][:count]


def raw_difference(folder: Path, commit: str) -> tuple[Changed, ...]:
    """Return what a commit changed since its first parent."""
    fields = git(folder, "diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", f"{commit}^", commit).split(
        "\0"
    )
    found = []
    for meta, path in zip(fields[0::2], fields[1::2], strict=False):
        old_mode, new_mode, old_sha, new_sha, status = meta.lstrip(":").split(" ")
        found.append(Changed(path, status[0], old_mode, new_mode, old_sha, new_sha))
    return tuple(found)


def look(folder: Path, count: int, skip: int) -> list[Looked]:
    """Examine the picked commits of one repository."""
    objects, looked = Objects(folder), []
    name = folder.parent.name.replace("+", "/") if folder.name == "repo" else folder.name
    try:
        for commit, subject in picked(folder, count, skip):
            changed = raw_difference(folder, commit)
            began = time.perf_counter()
            found = examine(
                changed,
                lambda path, at=commit: objects.read(f"{at}^:{path}"),  # type: ignore[misc]  # a default binds the loop's value
                lambda path, at=commit: objects.read(f"{at}:{path}"),  # type: ignore[misc]  # a default binds the loop's value
                link=lambda path, at=commit: objects.read(f"{at}:{path}"),  # type: ignore[misc]  # a default binds the loop's value
            )
            looked.append(Looked(name, commit[:10], subject[:70], len(changed), time.perf_counter() - began, found))
    finally:
        objects.close()
    return looked


def repositories(places: list[Path]) -> Iterator[Path]:
    """Yield every bare repository in the places given, or below them."""
    for place in places:
        if (place / "HEAD").is_file():
            yield place
        else:
            yield from sorted(head.parent for head in place.glob("*/HEAD"))
            yield from sorted(head.parent for head in place.glob("*/repo/HEAD"))


def share(part: int, whole: int) -> str:
    """Return a part of a whole in words of a table."""
    return f"{part} ({part / max(1, whole):.1%})"


def by_repository(looked: list[Looked]) -> Table:
    """Return how often each project's commits were blocked, held or only flagged."""
    table = Table(
        "project", "commits", "blocked or held", "of these only by facts", "wrongly, as counted", "flagged only"
    )
    for name in [*sorted({one.repository for one in looked}), "all"]:
        mine = [one for one in looked if name in {one.repository, "all"}]
        hard = [one for one in mine if one.worst(facts=True) in {"block", "hold"}]
        wrong = [one for one in mine if one.worst(facts=False) in {"block", "hold"}]
        flagged = sum(one.worst(facts=True) == "flag" for one in mine)
        table.add_row(
            name, str(len(mine)), share(len(hard), len(mine)), str(len(hard) - len(wrong)),
            share(len(wrong), len(mine)), share(flagged, len(mine)),
        )  # fmt: skip
    return table


def by_rule(looked: list[Looked]) -> Table:
    """Return how many commits each rule met."""
    table = Table("rule", "level", "states a", "commits")
    commits = Counter(rule for one in looked for rule in {each.rule for each in one.found})
    for rule in sorted(commits, key=lambda rule: (["block", "hold", "flag"].index(RULES[rule].level), rule)):
        table.add_row(rule, RULES[rule].level, "fact" if RULES[rule].fact else "suspicion", str(commits[rule]))
    return table


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; exit code 1 where five commits of a hundred or more were wrongly blocked or held."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.false_blocks", description=__doc__)
    parser.add_argument("places", nargs="+", type=Path, metavar="DIR", help="bare repositories, or folders of them")
    parser.add_argument("--each", type=int, default=20, help="commits of each repository (20)")
    parser.add_argument(
        "--skip", type=int, default=0, help="begin with a later commit: another sample of the same size"
    )
    parser.add_argument(
        "--list", action="store_true", help="name every commit that was blocked or held, for a person to judge"
    )
    parser.add_argument("--json", type=Path, help="write everything that was found to this file")
    asked = parser.parse_args(arguments)
    folders = list(repositories(asked.places))
    with ProcessPoolExecutor(2) as pool:
        looked = [
            one
            for some in pool.map(look, folders, [asked.each] * len(folders), [asked.skip] * len(folders))
            for one in some
        ]
    console = Console(width=150)
    if asked.list:
        for one in looked:
            for each in one.found:
                if each.level != "flag":
                    kind = "fact" if RULES[each.rule].fact else "SUSPICION"
                    console.print(
                        f"{one.repository} {one.commit} {one.subject!r} {each.level} {kind} {each.rule}: {each.words}",
                        markup=False, highlight=False, soft_wrap=True,
                    )  # fmt: skip
    console.print(by_repository(looked), by_rule(looked))
    seconds = sorted(one.seconds for one in looked)
    console.print(
        f"{datetime.now(UTC):%Y-%m-%d}, {len(looked)} commits of {len(folders)} projects, "
        f"median {seconds[len(seconds) // 2]:.2f} s, slowest {seconds[-1]:.2f} s for one commit"
    )
    if asked.json:
        asked.json.write_text(json.dumps([asdict(one) for one in looked], indent=1))
    wrong = sum(one.worst(facts=False) in {"block", "hold"} for one in looked)
    return int(wrong * 20 >= len(looked))


if __name__ == "__main__":
    sys.exit(main())

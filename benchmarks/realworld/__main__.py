"""`python -m benchmarks.realworld`: fixes of real projects through the whole of Shipmate, with the model scripted."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.realworld import replay
from benchmarks.realworld.stages import STAGES, seconds

PROJECTS = Path(__file__).parent / "projects.toml"
LONGEST = 1200.0
ABSENT = "toolchain absent"
SEEN = "/usr/local/bin:/usr/bin:/bin"
"""Where a sandbox finds the programs of the system."""
FACTS = ("checks", "command", "proof", "before", "holds", "findings", "steps", "review", "ci")
COLUMNS = (
    "project",
    "detected plan",
    "passed / failed / skipped",
    "verdict",
    "red to green",
    "failed before",
    "held, flagged",
    *STAGES,
)
EPILOG = """\
Each project is put at the parent of one of its own fixes; the stand-in model replays the fix, its tests first. All else
is real: the plan is detected, packages are installed through the proxy, the base's own result is found, the fix's test
must fail without it, the guards look, a pull request is opened at the GitHub stand-in, and merged there.

  python -m benchmarks.realworld                          all of them; fetches each from its address
  python -m benchmarks.realworld pallets/flask            one of them
  python -m benchmarks.realworld --sources ~/mirrors      from repositories that are on this machine

Exit code 0 when every project came to the verdict that projects.toml expects, 1 when one did not. A project whose
toolchain is not installed here is listed, and counts as neither.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the chosen projects one after the other, and print a table."""
    wanted = argparse.ArgumentParser(
        prog="python -m benchmarks.realworld", description=__doc__, epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    wanted.add_argument("names", nargs="*", metavar="owner/name", help="which projects (none named: all)")
    wanted.add_argument(
        "--sources", type=Path, help="a folder with bare repositories: owner+name/repo or owner/name.git"
    )
    wanted.add_argument("--keep", type=Path, help="keep state folders and logs here")
    wanted.add_argument("--read", action="store_true", help="run nothing: the table of what --keep holds already")
    wanted.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    wanted.add_argument("--json", action="store_true", help="print JSON instead of a table")
    asked = wanted.parse_args(arguments)
    projects = tomllib.loads(PROJECTS.read_text())["project"]
    if unknown := set(asked.names) - {project["name"] for project in projects}:
        wanted.error(f"not among the projects: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory(prefix="realworld-") as folder:
        place = asked.keep or Path(folder)
        rows = []
        for project in projects:
            if asked.names and project["name"] not in asked.names:
                continue
            here = place / project["name"].replace("/", "+")
            absent = _absent(project)
            failure = absent or ("" if asked.read else _run(project, asked.sources, here))
            rows.append(_row(project, here, failure))
            told = rows[-1]
            if absent:
                told["verdict"] = ABSENT
            print(f"{told['project']}: {told.get('checks') or told.get('failure')}", file=sys.stderr, flush=True)
    if asked.json:
        json.dump(rows, sys.stdout, indent=1)
    else:
        _show(rows, asked.markdown)
    return int(any(row["verdict"] not in {row["expected"], ABSENT} for row in rows))


def _absent(project: dict[str, Any]) -> str:
    """Return which programs a sandbox here lacks for a project, with the Debian packages that have them, or ""."""
    lacking = [
        f"{program} (Debian: {package})"
        for program, package in project.get("needs", {}).items()
        if shutil.which(program, path=SEEN) is None
    ]
    return f"not installed: {', '.join(lacking)}" if lacking else ""


def _run(project: dict[str, Any], sources: Path | None, here: Path) -> str:
    """Run one project; return why it could not be fetched, or "". Never raises."""
    shutil.rmtree(here, ignore_errors=True)
    here.mkdir(parents=True)
    try:
        repository = _bring(project, sources, here / "repository.git")
        fix = replay.read(repository, project["fix"])
        _put_at(repository, fix.parent)
    except (subprocess.CalledProcessError, OSError) as fault:
        said = getattr(fault, "stderr", b"") or str(fault).encode()
        return f"cannot be fetched: {said.decode(errors='replace').strip()[-200:]}"
    (here / "fix.toml").write_text(replay.script(fix))
    command = [sys.executable, "-m", "shipmate.cli", "try", fix.request, "--repo", str(repository), "--json"]
    command += ["--script", str(here / "fix.toml"), "--minutes", str(LONGEST / 60)]
    environ = {**os.environ, "SHIPMATE_HOME": str(here / "home")}
    ran = subprocess.run(command, capture_output=True, text=True, env=environ, timeout=LONGEST + 120, check=False)
    (here / "try.jsonl").write_text(ran.stdout + ran.stderr)
    return ""


def _row(project: dict[str, Any], here: Path, failure: str) -> dict[str, Any]:
    """Return the result, read from what the run left."""
    row: dict[str, Any] = {"project": project["name"], "expected": project["expect"], "why": project.get("why", "")}
    lines = (here / "try.jsonl").read_text().splitlines() if (here / "try.jsonl").exists() else []
    told: list[dict[str, Any]] = [json.loads(line) for line in lines if line.startswith("{")]
    facts: dict[str, Any] = next((line for line in reversed(told) if line.get("event") == "end"), {})
    row |= {name: facts.get(name) for name in FACTS}
    row["verdict"] = str(facts.get("checks") or "failed").split(":")[0]
    if failure or not facts.get("ok"):
        row["failure"] = failure or facts.get("says") or "\n".join(lines)[-300:]
    row["seconds"] = seconds(here / "home")
    return row


def _bring(project: dict[str, Any], sources: Path | None, into: Path) -> Path:
    owner, name = project["name"].split("/")
    found = (
        [sources / f"{owner}+{name}" / "repo", sources / owner / f"{name}.git", sources / owner / name]
        if sources
        else []
    )
    source = next((str(place) for place in found if place.is_dir()), project["url"])
    subprocess.run(
        ["git", "clone", "--quiet", "--bare", "--no-hardlinks", source, str(into)], capture_output=True, check=True
    )
    return into


def _put_at(repository: Path, commit: str) -> None:
    """Lay out the repository as it was before the fix, on a branch of its own."""
    for arguments in (
        ("update-ref", "refs/heads/before-the-fix", commit),
        ("symbolic-ref", "HEAD", "refs/heads/before-the-fix"),
    ):
        subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, check=True)


def _cells(row: dict[str, Any]) -> list[str]:
    counted = re.search(r"(\d+) passed, (\d+) failed, (\d+) skipped", str(row.get("checks") or ""))
    tests = " / ".join(counted.groups()) if counted and any(map(int, counted.groups())) else "-"
    mark = "" if row["verdict"] in {row["expected"], ABSENT} else f" (expected {row['expected']})"
    found = [*(row.get("holds") or ()), *(row.get("findings") or ())]
    return [
        row["project"],
        _plan(row.get("command") or ""),
        tests,
        row["verdict"] + mark,
        str(row.get("proof") or "").split(":")[0] or "-",
        str(len(row.get("before") or ())),
        str(len(found)),
        *(f"{row['seconds'].get(stage, 0):.1f}" for stage in STAGES),
    ]


def _plan(command: str) -> str:
    """Return the detected command without what is set around it and without where reports go."""
    short = re.sub(r"^(export )?(PYTHONPATH|PATH)=\S+;? ", "", command)
    short = re.sub(r"\s+(-q|-p \S+|--continue-on-collection-errors|-O \S+|--(junitxml|output-junit)[= ]\S+)", "", short)
    return short if len(short) <= 48 else f"{short[:47]}…"


def _show(rows: list[dict[str, Any]], markdown: bool) -> None:
    cells = [_cells(row) for row in rows]
    if markdown:
        print("| " + " | ".join(COLUMNS) + " |\n|" + " --- |" * len(COLUMNS))
        print("\n".join("| " + " | ".join(one.replace("|", "\\|") for one in row) + " |" for row in cells))
    else:
        table = Table(*COLUMNS, title="Fixes of real projects, replayed; seconds of each stage on the right")
        for cell in cells:
            table.add_row(*(Text(one) for one in cell))
        Console(width=max(Console().width, 170)).print(table)
    for row in rows:
        if row["verdict"] != "green":
            found = f" [{row['checks']}]" if row.get("checks") else ""
            print(f"{row['project']}: {row.get('failure') or row['why']}{found}")


if __name__ == "__main__":
    sys.exit(main())

"""`python -m benchmarks.realworld`: fixes of real projects through the whole of Shipmate, with the model scripted."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.realworld import replay
from benchmarks.realworld.stages import STAGES, seconds

PROJECTS = Path(__file__).parent / "projects.toml"
LONGEST = 1200.0
EPILOG = """\
Each project is put at the parent of one of its own fixes; the stand-in model replays the fix, its tests first. All else
is real: the plan is detected, packages are installed through the proxy, the base's own result is found, the fix's test
must fail without it, the guards look, a pull request is opened at the GitHub stand-in, and merged there.

  python -m benchmarks.realworld                          all of them; fetches each from its address
  python -m benchmarks.realworld pallets/flask            one of them
  python -m benchmarks.realworld --sources ~/mirrors      from repositories that are on this machine

Exit code 0 when every project came to the verdict that projects.toml expects, 1 when one did not.
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
            rows.append(_one(project, asked.sources, place))
            told = rows[-1]
            print(f"{told['project']}: {told.get('checks') or told.get('failure')}", file=sys.stderr, flush=True)
    if asked.json:
        json.dump(rows, sys.stdout, indent=1)
    else:
        _show(rows)
    return int(any(row["verdict"] != row["expected"] for row in rows))


def _one(project: dict[str, Any], sources: Path | None, place: Path) -> dict[str, Any]:
    """What came of one project. Never raises: a project that cannot be had is a row that says so."""
    here = place / project["name"].replace("/", "+")
    shutil.rmtree(here, ignore_errors=True)
    here.mkdir(parents=True)
    row = {"project": project["name"], "expected": project["expect"], "verdict": "failed", "seconds": {}}
    try:
        repository = _bring(project, sources, here / "repository.git")
        fix = replay.read(repository, project["fix"])
        _put_at(repository, fix.parent)
    except (subprocess.CalledProcessError, OSError) as fault:
        said = getattr(fault, "stderr", b"") or str(fault).encode()
        return {**row, "failure": f"cannot be had: {said.decode(errors='replace').strip()[-200:]}"}
    (here / "fix.toml").write_text(replay.script(fix))
    command = [sys.executable, "-m", "bot.cli", "try", fix.request, "--repo", str(repository), "--json"]
    command += ["--script", str(here / "fix.toml"), "--minutes", str(LONGEST / 60)]
    environ = {**os.environ, "SHIPMATE_HOME": str(here / "home")}
    ran = subprocess.run(command, capture_output=True, text=True, env=environ, timeout=LONGEST + 120, check=False)
    (here / "try.jsonl").write_text(ran.stdout + ran.stderr)
    last = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    facts = next((line for line in reversed(last) if line.get("event") == "end"), {})
    row |= {
        name: facts.get(name)
        for name in ("checks", "command", "proof", "before", "holds", "findings", "steps", "review", "ci")
    }
    row["verdict"] = str(facts.get("checks") or "failed").split(":")[0]
    if not facts.get("ok"):
        row["failure"] = facts.get("says") or ran.stderr.strip()[-300:]
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
    """The repository as it was before the fix, on a branch of its own."""
    for arguments in (
        ("update-ref", "refs/heads/before-the-fix", commit),
        ("symbolic-ref", "HEAD", "refs/heads/before-the-fix"),
    ):
        subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, check=True)


def _show(rows: list[dict[str, Any]]) -> None:
    table = Table(
        "project",
        "checks",
        "proof",
        "failed before",
        "held or flagged",
        *STAGES,
        title="seconds of each stage on the right",
    )
    for row in rows:
        said = row.get("failure") or row.get("checks") or ""
        mark = "" if row["verdict"] == row["expected"] else f"  (expected {row['expected']})"
        found = [*(row.get("holds") or ()), *(row.get("findings") or ())]
        table.add_row(
            row["project"], f"{row.get('command') or ''}\n{said}{mark}", str(row.get("proof") or "").split(":")[0],
            str(len(row.get("before") or ())), str(len(found)),
            *(f"{row['seconds'].get(stage, 0):.1f}" for stage in STAGES),
        )  # fmt: skip
    Console(width=max(Console().width, 150)).print(table)


if __name__ == "__main__":
    sys.exit(main())

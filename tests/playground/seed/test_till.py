"""The seeded repository: its own checks and build work, and it has the one bug that the first request mends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

from defusedxml import ElementTree

from playground.seed import TILL_NAME, TILL_SOURCE


def run(folder: Path, node: str, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(node).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={"PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def policy() -> dict[str, dict[str, object]]:
    return tomllib.loads((TILL_SOURCE / ".shipmate.toml").read_text(encoding="utf-8"))


def test_the_checks_pass_and_leave_a_report_that_counts_them(till: Path, node: str) -> None:
    checks = policy()["checks"]
    done = run(till, node, str(checks["test"]))
    assert done.returncode == 0, done.stdout + done.stderr
    assert checks["reports"] == ["reports/*.xml"]
    # Node writes the cases without a suite around them.
    cases = list(ElementTree.parse(till / "reports/junit.xml").iter("testcase"))
    assert len(cases) >= 40
    assert not any(len(case) for case in cases)


def test_the_build_is_stamped_and_lists_every_file(till: Path, node: str) -> None:
    build = policy()["build"]
    done = run(till, node, str(build["command"]), BUILD_COMMIT="0123456789abcdef")
    assert done.returncode == 0, done.stderr
    dist = till / str(build["output"])
    manifest = json.loads((dist / "build.json").read_text(encoding="utf-8"))
    there = {path.relative_to(dist).as_posix() for path in dist.rglob("*") if path.is_file()}
    assert set(manifest["files"]) == there - {"build.json"}
    assert manifest["commit"] == "0123456"
    assert '"0123456"' in (dist / "version.js").read_text(encoding="utf-8")


def test_a_commit_that_is_none_is_not_stamped(till: Path, node: str) -> None:
    assert "(local)" in run(till, node, "node build.mjs", BUILD_COMMIT="</script>").stdout


def test_the_app_links_relatively_only_so_that_any_path_serves_it() -> None:
    for path in (TILL_SOURCE / "src").rglob("*"):
        if path.suffix in (".html", ".js", ".css", ".webmanifest"):
            content = path.read_text(encoding="utf-8")
            assert not re.search(r"""(?:src|href|from|import)\s*[=(]?\s*["'](?:/|https?:)""", content), path.name


def test_ci_runs_the_same_commands_as_the_policy() -> None:
    workflow = (TILL_SOURCE / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    assert f"run: {policy()['checks']['test']}\n" in workflow
    assert f"run: {policy()['build']['command']}\n" in workflow
    assert "uses: shipmate-playground/deploy-preview@v1" in workflow


def test_the_total_leaves_out_the_tax(till: Path, node: str) -> None:
    program = 'import { totals } from "./src/pricing.js"; console.log(JSON.stringify(totals([{ cents: 1000 }])))'
    sums = json.loads(run(till, node, f"node --input-type=module -e '{program}'").stdout)
    assert (sums["net"], sums["tax"], sums["total"]) == (1000, 80, 1000)


def test_it_has_no_dependencies() -> None:
    package = json.loads((TILL_SOURCE / "package.json").read_text(encoding="utf-8"))
    assert TILL_NAME == "acme/till"
    assert not {"dependencies", "devDependencies"} & package.keys()

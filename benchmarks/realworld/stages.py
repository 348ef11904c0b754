"""Seconds of each stage, from the workers' logs of one state folder."""

from __future__ import annotations

import json
from pathlib import Path

STAGES = ("Prepare", "Edit", "Check", "Judge", "Publish")


def seconds(home: Path) -> dict[str, float]:
    """Return {stage: seconds, all its attempts together}; a stage that never ended is left out."""
    found: dict[str, float] = {}
    for log in home.rglob("build.log"):
        for line in log.read_text(errors="replace").splitlines():
            if '"stage_ends"' not in line or not line.startswith("{"):
                continue
            said = json.loads(line)
            if said["effect"] in STAGES:
                found[said["effect"]] = round(found.get(said["effect"], 0.0) + said["seconds"], 2)
    return found

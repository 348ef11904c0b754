"""The disk that holds everything fills up at work: a sentence in the thread, nothing lost, and on it goes by itself.

A small file system in memory is mounted for it, which takes root; the parts are tested without in
`tests/store/test_room.py` and `tests/workers/test_full_disk.py`.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.change import Phase
from tests.journeys.life import Life, asks
from tests.journeys.town import Town, town

SIZE = 64 << 20


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("small")
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "shipmate-test", place],
        check=False,
        capture_output=True,
        text=True,
    )
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


@pytest.fixture(scope="module")
def here(disk: Path) -> Iterator[Town]:
    with town(at=disk) as running:
        yield running


def fill(disk: Path) -> None:
    """Down to the last byte."""
    place = os.open(disk / "filler", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with contextlib.suppress(OSError):
        for size in (1 << 20, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    os.write(place, bytes(size))
    os.close(place)


def told(life: Life) -> list[str]:
    """What the thread says of the disk."""
    return [str(one["text"]) for one in life.messages() if ":floppy_disk:" in str(one.get("text"))]


def ready_says(here: Town) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{here.settings.bot.web.port}/readyz", timeout=60) as answer:
            said: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as refused:
        said = json.load(refused)
    return said


@pytest.mark.xdist_group("disk")
@pytest.mark.parametrize(("good", "phase"), [("figs", Phase.PREPARING), ("kiwis", Phase.EDITING)])
def test_a_full_disk_is_told_in_the_thread_and_work_goes_on_by_itself(
    here: Town, disk: Path, good: str, phase: Phase
) -> None:
    life = asks(here, f"sell {good} for 300")
    life.reaches(phase, Phase.EDITING, Phase.CHECKING)
    fill(disk)
    here.until(lambda: told(life), "a sentence about the disk")
    [sentence] = told(life)
    assert "Nothing is lost" in sentence
    assert ready_says(here)["disk"] != "ok"
    before = life.change.phase
    (disk / "filler").unlink()
    life.reaches(Phase.READY)
    assert before not in {Phase.READY, Phase.STUCK}
    here.until(lambda: "was out of space" in told(life)[0], "that there is space again")
    assert ready_says(here)["disk"] == "ok"
    life.decides("ben", "approve", Phase.MERGED)
    life.holds_together(most_wasted=2)


@pytest.mark.xdist_group("disk")
def test_what_is_asked_while_the_disk_is_full_is_heard_and_done_afterwards(here: Town, disk: Path) -> None:
    fill(disk)
    # The stand-in for Slack lives on the same disk, and has to keep what was said.
    os.truncate(disk / "filler", (disk / "filler").stat().st_size - (1 << 20))
    said = here.phone.say("ana", "#till", "@Shipmate sell plums for 300")
    life = Life(here, said["channel"], said["ts"])
    here.until(life.seen, "a change")
    here.until(lambda: told(life), "a sentence about the disk")
    assert life.change.phase is Phase.PREPARING
    (disk / "filler").unlink()
    life.reaches(Phase.READY)

"""The steps of `make setup` that touch the machine, with stand-ins for apt-get and sudo on the PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "deploy" / "system-packages"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A PATH of its own: a few real programs and an apt-get that only writes down what it was asked for."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for program in ("bash", "env"):
        found = shutil.which(program)
        assert found
        (folder / program).symlink_to(found)
    write(folder / "id", "echo 0")
    write(folder / "apt-get", f'echo "$@" >> {tmp_path}/asked')
    return folder


def write(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/bash\n{body}\n")
    path.chmod(0o755)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/bash", SCRIPT, *arguments],
        env={"PATH": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def asked(folder: Path) -> list[str]:
    notes = folder.parent / "asked"
    return notes.read_text().splitlines() if notes.exists() else []


def test_what_is_there_is_left_alone(machine: Path) -> None:
    write(machine / "git", "true")
    done = run(machine, "git:git")
    assert (done.returncode, done.stdout, asked(machine)) == (0, "", [])


def test_what_is_missing_is_said_before_it_is_installed(machine: Path) -> None:
    done = run(machine, "git:git", "bwrap:bubblewrap")
    assert done.returncode == 0
    assert "Missing on this machine: git bubblewrap" in done.stdout
    assert asked(machine) == ["install -y -q --no-install-recommends git bubblewrap"]


def test_old_package_lists_are_renewed_once(machine: Path) -> None:
    notes = machine.parent / "asked"
    write(machine / "apt-get", f'echo "$@" >> {notes}; [[ $(< {notes}) == *update* ]]')
    assert run(machine, "bwrap:bubblewrap").returncode == 0
    assert [line.split()[0] for line in asked(machine)] == ["install", "update", "install"]


def test_without_root_it_goes_through_sudo(machine: Path) -> None:
    write(machine / "id", "echo 1000")
    write(machine / "sudo", f'[ "$1" = -n ] && exit 0; echo "sudo $1" >> {machine.parent}/asked; exec "$@"')
    done = run(machine, "bwrap:bubblewrap")
    assert done.returncode == 0
    assert asked(machine)[0] == "sudo apt-get"


@pytest.mark.parametrize("kind", ["no sudo", "password", "no apt", "apt fails"])
def test_where_it_is_impossible_it_says_what_to_do(machine: Path, kind: str) -> None:
    if kind in {"no sudo", "password"}:
        write(machine / "id", "echo 1000")
    if kind == "password":
        write(machine / "sudo", "exit 1")
    if kind == "no apt":
        (machine / "apt-get").unlink()
    if kind == "apt fails":
        write(machine / "apt-get", "exit 100")
    done = run(machine, "bwrap:bubblewrap")
    assert done.returncode == 1
    assert "sudo apt-get install bubblewrap" in done.stderr


def test_a_usable_python_is_found_and_an_old_one_is_not(tmp_path: Path) -> None:
    finder = SCRIPT.with_name("find-python")
    write(tmp_path / "python3", "exit 1")
    old = subprocess.run(
        ["/bin/bash", finder], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert old.stdout == ""
    real = subprocess.run(
        ["/bin/bash", finder], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True
    )
    assert Path(real.stdout.strip()).is_file()

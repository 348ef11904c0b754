from __future__ import annotations

import socket
import stat
import threading
from pathlib import Path

from shipmate.embedded import ports
from shipmate.embedded.once import read_or_create
from shipmate.embedded.playground_keys import load_or_create, move_taken_ports, path_in


def test_keys_are_made_once_and_kept_private(tmp_path: Path) -> None:
    first = load_or_create(tmp_path)
    assert load_or_create(tmp_path) == first
    assert stat.S_IMODE(path_in(tmp_path).stat().st_mode) == 0o600
    assert stat.S_IMODE(path_in(tmp_path).parent.stat().st_mode) == 0o700
    assert len({first.bot_port, first.slack_port, first.github_port, first.claude_port}) == 4


def test_two_homes_share_no_secret(tmp_path: Path) -> None:
    one, two = (load_or_create(tmp_path / name).model_dump() for name in ("one", "two"))
    assert [name for name in one if one[name] == two[name]] == ["github_app_id", "github_installation_id"]


def test_processes_that_start_together_agree(tmp_path: Path) -> None:
    found: list[bytes] = []
    made = iter(range(100))
    workers = [
        threading.Thread(target=lambda: found.append(read_or_create(tmp_path / "x", lambda: str(next(made)).encode())))
        for _ in range(8)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_port_that_somebody_took_is_moved_and_the_rest_stays(tmp_path: Path) -> None:
    before = load_or_create(tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", before.slack_port))
        other.listen()
        assert move_taken_ports(tmp_path, frozenset({"bot", "slack", "github", "claude"})) == ("slack",)
    after = load_or_create(tmp_path)
    assert after.slack_port != before.slack_port
    assert after.model_copy(update={"slack_port": before.slack_port}) == before
    assert move_taken_ports(tmp_path, frozenset({"bot", "slack", "github", "claude"})) == ()


def test_chosen_ports_are_free_and_below_the_kernels_range() -> None:
    chosen = ports.choose(("bot", "slack"), usual=False)
    assert all(ports.is_free(port) and 20000 <= port < 32768 for port in chosen.values())

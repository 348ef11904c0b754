"""Git processes that are kept for the next question."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from workers.workspace import conversations
from workers.workspace.conversations import conversation
from workers.workspace.git import Git, GitFailed
from workers.workspace.trees import Trees


@pytest.fixture
def git(tmp_path: Path) -> Iterator[Git]:
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "one.git")], check=True)
    yield Git(tmp_path / "one.git")
    conversations.end_all()


def test_the_next_borrower_gets_the_process_of_the_last_one(git: Git) -> None:
    with conversation(git, "cat-file", "--batch") as first:
        pass
    with conversation(git, "cat-file", "--batch") as second:
        assert second.pid == first.pid


def test_two_borrowers_at_a_time_never_share_a_process(git: Git) -> None:
    with conversation(git, "cat-file", "--batch") as first, conversation(git, "cat-file", "--batch") as second:
        assert first.pid != second.pid


def test_a_process_whose_borrower_failed_is_ended(git: Git) -> None:
    with pytest.raises(LookupError), conversation(git, "cat-file", "--batch") as first:
        raise LookupError
    assert first.poll() is not None


def test_a_process_that_died_while_it_waited_is_not_lent(git: Git) -> None:
    with conversation(git, "cat-file", "--batch") as first:
        pass
    first.kill()
    first.wait()
    with conversation(git, "cat-file", "--batch") as second:
        assert second.poll() is None


def test_no_more_than_a_few_wait(git: Git) -> None:
    lent = [conversation(git, "cat-file", "--batch") for _ in range(conversations.MOST_IDLE + 3)]
    processes = [one.__enter__() for one in lent]
    for one in lent:
        one.__exit__(None, None, None)
    assert sum(process.poll() is None for process in processes) == conversations.MOST_IDLE


def test_an_object_read_in_part_leaves_nothing_for_the_next_answer(git: Git) -> None:
    large, small = (git.text("hash-object", "-w", "--stdin", input=one) for one in (b"large " * 50_000, b"small"))
    with Trees(git, large) as trees:
        assert trees.read(large, limit=10) == b"large larg"
        assert trees.read(small, limit=10) == b"small"


def test_what_is_missing_is_said_and_the_next_borrower_is_answered(git: Git) -> None:
    small = git.text("hash-object", "-w", "--stdin", input=b"small")
    with pytest.raises(GitFailed), Trees(git, small) as trees:
        trees.read("0" * 40)
    with Trees(git, small) as trees:
        assert trees.read(small) == b"small"

"""What a change may not bring, whatever its tests say."""

from __future__ import annotations

import pytest

from workers.checks.guards import findings
from workers.workspace import Changed

ZERO, BLOB = "0" * 40, "b" * 40


def one(path: str, content: bytes | None = b"hello\n", **fields: str) -> tuple[bool | None, str]:
    """(blocks, words) of the first finding about one changed path, or (None, "")."""
    given = {"status": "M", "old_mode": "100644", "new_mode": "100644", "old_sha": BLOB, "new_sha": BLOB, **fields}
    found = findings((Changed(path=path, **given),), lambda _path: content)
    return (found[0].blocks, found[0].words) if found else (None, "")


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/ci.yml",
        ".GitHub/x",
        "CODEOWNERS",
        "docs/CODEOWNERS",
        ".gitmodules",
        ".gitlab-ci.yml",
        ".shipmate.toml",
    ],
)
def test_what_only_people_may_change_is_blocked(path: str) -> None:
    blocks, words = one(path)
    assert blocks is True
    assert path in words


@pytest.mark.parametrize("path", ["src/app.js", "README.md", "githubs/x", "test/pricing.test.js"])
def test_an_ordinary_file_is_no_finding(path: str) -> None:
    assert one(path) == (None, "")


def test_a_link_and_a_submodule_are_blocked() -> None:
    assert one("link", None, new_mode="120000")[0] is True
    assert one("vendor/x", None, new_mode="160000")[0] is True


def test_a_secret_is_blocked_and_not_repeated() -> None:
    token = "ghp_" + "a1B2" * 9
    blocks, words = one("config.py", f"TOKEN = '{token}'\n".encode())
    assert blocks is True
    assert token not in words


def test_hidden_characters_are_blocked() -> None:
    assert one("a.py", "access = 'user\u202e'".encode())[0] is True


def test_a_large_file_is_blocked_and_a_binary_one_told() -> None:
    assert one("big.txt", b"x" * (10 * 1024 * 1024))[0] is True
    assert one("logo.png", b"\x89PNG\0")[0] is False


def test_a_deleted_test_is_told() -> None:
    blocks, words = one("test/pricing.test.js", None, status="D", new_mode="000000", new_sha=ZERO)
    assert blocks is False
    assert "deleted" in words

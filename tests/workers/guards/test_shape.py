"""Paths, modes and sizes that a change may not bring, or that a second person looks at."""

from __future__ import annotations

import pytest

from tests.workers.guards.looking import NEW, OLD, ZERO, added, rules
from workers.guards import Found, examine
from workers.workspace import Changed


def one(path: str, content: bytes | None = b"hello\n", link: bytes | None = None, **fields: str) -> tuple[Found, ...]:
    given = {"status": "A", "old_mode": "000000", "new_mode": "100644", "old_sha": ZERO, "new_sha": NEW, **fields}
    return examine((Changed(path=path, **given),), lambda _: content, lambda _: content, link=lambda _: link)


def said(found: tuple[Found, ...]) -> set[tuple[str, str]]:
    return {(each.rule, each.level) for each in found}


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        (".github/workflows/ci.yml", "ci"),
        (".GitHub/x", "ci"),
        (".github/dependabot.yml", "ci"),
        (".gitlab-ci.yml", "ci"),
        (".circleci/config.yml", "ci"),
        ("ci/Jenkinsfile", "ci"),
        ("azure-pipelines-release.yml", "ci"),
        (".travis.yml", "ci"),
        ("CODEOWNERS", "owners"),
        ("docs/CODEOWNERS", "owners"),
        (".gitmodules", "submodule"),
        (".shipmate.toml", "policy"),
    ],
)
@pytest.mark.parametrize("status", ["A", "M", "D"])
def test_what_only_people_may_change_is_blocked(path: str, rule: str, status: str) -> None:
    found = one(path, b"x: 1\n", status=status, new_mode="000000" if status == "D" else "100644", old_mode="100644")
    assert (rule, "block") in said(found)
    assert path in found[0].words


@pytest.mark.parametrize(
    "path",
    [
        "AGENTS.md",
        "sub/CLAUDE.md",
        ".cursorrules",
        ".cursor/rules/a.mdc",
        ".github/copilot-instructions.md",
        "GEMINI.md",
        ".claude/settings.json",
        ".mcp.json",
    ],
)
def test_what_agents_are_told_is_held(path: str) -> None:
    assert said(one(path)) == {("agent-rules", "hold")}


def test_how_git_shows_files_is_held() -> None:
    assert said(one("lib/.gitattributes")) == {("git-attributes", "hold")}


@pytest.mark.parametrize("path", ["src/app.js", "README.md", "githubs/x", "test/pricing.test.js", "src/agents.py"])
def test_an_ordinary_file_is_no_finding(path: str) -> None:
    assert one(path) == ()


@pytest.mark.parametrize(
    "target",
    [
        b"/etc/passwd",
        b"../../x",
        b"../../../src/a",
        b"..\\..\\x",
        b"C:/x",
        b".git/config",
        b"~/x",
        None,
        b"x/../../../y",
    ],
)
def test_a_link_that_leaves_the_repository_is_blocked(target: bytes | None) -> None:
    assert ("symlink-out", "block") in said(one("docs/link", None, target, new_mode="120000"))


def test_a_link_inside_is_told() -> None:
    assert said(one("docs/link", None, b"../README.md", new_mode="120000")) == {("symlink", "flag")}


def test_a_link_through_a_folder_that_may_be_a_link_is_blocked() -> None:
    assert ("symlink-out", "block") in said(one("up", None, b"dot/..", new_mode="120000"))


def test_a_submodule_is_blocked() -> None:
    assert said(one("vendor/x", None, new_mode="160000")) == {("submodule", "block")}


def test_what_cannot_be_read_is_blocked() -> None:
    assert said(one("pipe", None)) == {("special-file", "block")}


def test_a_large_file_is_blocked() -> None:
    assert said(one("big.txt", b"x" * (10 * 1024 * 1024))) == {("too-large", "block")}


def test_a_binary_file_is_held_and_a_picture_told() -> None:
    assert said(one("tool.bin", b"\x7fELF\0\0")) == {("binary", "hold")}
    assert said(one("logo.png", b"\x89PNG\r\n\x1a\n\0")) == {("image", "flag")}


def test_a_program_that_calls_itself_a_picture_is_held() -> None:
    assert said(one("logo.png", b"\x7fELF\0\0")) == {("binary", "hold")}


def test_a_file_that_became_a_program_is_told() -> None:
    found = one("run.txt", status="M", old_mode="100644", new_mode="100755", old_sha=OLD)
    assert said(found) == {("executable", "flag")}


@pytest.mark.parametrize(
    "path", ["release.jks", "app.keystore", "dist.p12", "x.mobileprovision", "AuthKey.p8", "id_ed25519"]
)
def test_signing_material_is_blocked(path: str) -> None:
    assert ("signing-material", "block") in said(one(path, b"\xfe\xed\0\0"))


def test_a_private_key_in_a_pem_file_is_blocked_and_a_certificate_is_not() -> None:
    body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7" * 4
    key = f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"
    assert "signing-material" in added("server.pem", key)
    known = "MIIDazCCAlOgAwIBAgIUWmGZ0yRcqBxTn3kJ5yHq0vQ1dGwwDQYJKoZIhvcNAQELBQAw" * 4
    assert added("ca.pem", key.replace("PRIVATE KEY", "CERTIFICATE").replace(body, known)) == set()


def test_many_deleted_files_are_held_and_moved_ones_are_not() -> None:
    files: dict[str, bytes | str] = {f"src/m{at}.py": f"def f{at}():\n    return {at}\n" * 3 for at in range(40)}
    assert "mass-delete" in rules(files, {})
    assert rules(files, {path.replace("src/", "lib/"): body for path, body in files.items()}) == set()


def test_one_endless_line_of_code_is_told() -> None:
    assert added("web/app.js", "var a=1;" * 1000) == {"minified"}
    assert added("data/names.json", '{"a": 1}' * 1000) == set()


def test_an_odd_path_is_spelled_in_the_sentence() -> None:
    found = one("a\u202eb\udcff/x.bin", b"\0")
    assert "a<U+202E>b\\xff/x.bin" in found[0].words

"""Guards on the exported change: what blocks it and what an approver should know, read from the raw difference.

Law: a guard looks at paths, modes and bytes as git will store them, never at what attributes or a model say of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.redact import redact
from workers.workspace import Changed

MOST_BYTES = 10 * 1024 * 1024
SYMLINK, GITLINK = "120000", "160000"
_BLOCKED = (
    (re.compile(r"^\.github/", re.I), "CI and repository settings may only be changed by people"),
    (
        re.compile(
            r"^(\.gitlab-ci\.ya?ml|\.gitlab/|\.(circleci|buildkite|gitea|forgejo|woodpecker|semaphore|teamcity)/|"
            r"\.?azure-pipelines(\.ya?ml|/)|bitbucket-pipelines\.ya?ml|\.?(travis|drone|appveyor|cirrus|woodpecker)\.ya?ml$|"
            r"(.*/)?Jenkinsfile(\.|$))",
            re.I,
        ),
        "CI may only be changed by people",
    ),
    (re.compile(r"(^|/)CODEOWNERS$", re.I), "who owns what may only be changed by people"),
    (re.compile(r"^\.gitmodules$", re.I), "submodules are not changed here"),
    (re.compile(r"^\.shipmate\.toml$", re.I), "the rules that prove a change may only be changed by people"),
)
_FLAGGED = (
    (re.compile(r"(^|/)(AGENTS|CLAUDE|CONTRIBUTING)\.md$", re.I), "instructions for agents were changed"),
    (
        re.compile(
            r"(^|/)(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|poetry\.lock|uv\.lock|Cargo\.lock|go\.sum|requirements.*\.txt)$"
        ),
        "dependencies were changed",
    ),
    (re.compile(r"(^|/)\.gitattributes$"), "how git treats files was changed"),
    (re.compile(r"(^|/)conftest\.py$"), "how tests are collected was changed"),
)
_TEST = re.compile(r"(^|/)(tests?|spec|__tests__)/|(^|/)test_[^/]+\.py$|[._](test|spec)\.[cm]?[jt]sx?$|_test\.(go|py)$")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200b-\u200f\U000e0000-\U000e007f]")


@dataclass(frozen=True)
class Found:
    """One finding in words for a person; `blocks` sends the change back."""

    words: str
    blocks: bool


def findings(changed: tuple[Changed, ...], read: Callable[[str], bytes | None]) -> tuple[Found, ...]:
    """Everything worth saying about a change. `read` gives the bytes in the new tree (None: not a regular file)."""
    return tuple(found for one in changed for found in _about(one, read))


def _about(one: Changed, read: Callable[[str], bytes | None]) -> list[Found]:
    found = [Found(f"{one.path}: {why}.", True) for pattern, why in _BLOCKED if pattern.search(one.path)]
    found += [Found(f"{one.path}: {why}.", False) for pattern, why in _FLAGGED if pattern.search(one.path)]
    if one.status == "D":
        if _TEST.search(one.path):
            found.append(Found(f"{one.path}: a test file was deleted.", False))
        return found
    if one.new_mode == GITLINK:
        return [*found, Found(f"{one.path}: a submodule was added, which is not done here.", True)]
    if one.new_mode == SYMLINK:
        return [*found, Found(f"{one.path}: a symbolic link was added or changed.", True)]
    if one.old_mode == "100644" and one.new_mode == "100755":
        found.append(Found(f"{one.path}: was made executable.", False))
    return found + _in_bytes(one.path, read(one.path))


def _in_bytes(path: str, content: bytes | None) -> list[Found]:
    if content is None:
        return [Found(f"{path}: cannot be read as a regular file.", True)]
    if len(content) >= MOST_BYTES:
        return [Found(f"{path}: is larger than 10 MB.", True)]
    if b"\0" in content[:8000]:
        return [Found(f"{path}: is a binary file.", False)]
    text = content.decode(errors="replace")
    found = []
    if redact(text) != text:
        found.append(Found(f"{path}: seems to hold a secret (a key, token or password).", True))
    if _BIDI.search(text):
        found.append(Found(f"{path}: holds invisible or direction-changing characters.", True))
    return found

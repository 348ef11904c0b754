"""Paths that only people change, and paths that steer agents, editors and git.

Law: a path is judged by where it stands in the tree, without regard to case: some file systems have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workers.guards.edits import Edit, Examined
from workers.guards.found import Found
from workers.guards.rules import found

_CI = re.compile(
    r"^\.github$|^\.(circleci|gitlab|buildkite)$|^\.github/(?!copilot-instructions\.md$)|^\.gitlab-ci([\w.-]*\.ya?ml|/)|^\.gitlab/|"
    r"^\.(circleci|buildkite|gitea|forgejo|woodpecker|semaphore|teamcity|drone|zuul\.d|builds|harness|tekton|ci|prow|concourse|jenkins|azuredevops|pipelines)/|^bamboo-specs/|"
    r"^\.?azure-pipelines([\w.-]*\.ya?ml|/)|^\.azure/pipelines/|^bitbucket-pipelines\.ya?ml|"
    r"^\.?(travis|drone|appveyor|cirrus|woodpecker|zuul|wercker|cloudbuild|buildspec|codefresh|bitrise|scrutinizer|"
    r"codemagic|packit|mergify|shippable)\.ya?ml$|^\.(build|taskcluster)\.ya?ml$|"
    r"^\.(cirrus\.star|drone\.(star|jsonnet))$|(^|/)Jenkinsfile([.-]|_\w+$|$)|^(screwdriver|codeship-(steps|services)|(buildspec|cloudbuild)[-_][\w.-]+)\.ya?ml$|"
    r"^\.(prow|vsts-ci|lgtm|cnb|hound)\.ya?ml$|^\.?renovate(rc)?(\.json5?)?$|"
    r"^\.kodiak\.toml$|^bors\.toml$|^(ios/|macos/)?ci_scripts/ci_\w+\.sh$|^\.(earthly|dagger)/|^\.sourcehut/|^\.probot\.ya?ml$",
    re.I,
)
_OWNERS = re.compile(r"(^|/)CODEOWNERS$", re.I)
_AGENT = re.compile(
    r"(^|/)(AGENTS?|CLAUDE|GEMINI|CONVENTIONS|COPILOT|WARP|QWEN|CRUSH|OPENCODE)(\.local|\.override)?\.md$|"
    r"(^|/)\.(cursorrules|windsurfrules|clinerules|roorules|goosehints|aiderrules|rules|aider\.conf\.yml|mcp\.json|crush\.json|opencode\.jsonc?|cursorignore|aiderignore|aiexclude|cursorindexingignore)$|(^|/)(mcp|opencode)\.jsonc?$|"
    r"(^|/)(\.cursor|\.windsurf|\.clinerules|\.roo|\.claude|\.codex|\.gemini|\.continue|\.aider|\.amazonq|\.kiro|\.junie|"
    r"\.augment|\.agents?|\.qwen|\.opencode|\.crush|\.trae|\.void|\.zencoder)/|"
    r"^\.github/copilot-instructions\.md$|(^|/)SKILL\.md$",
    re.I,
)
_EDITOR = re.compile(
    r"(^|/)\.vscode/(tasks|launch|settings|extensions|mcp)\.json$|(^|/)\.(zed|fleet)/[^/]+\.json$|(^|/)\.git-blame-ignore-revs$|(^|/)\.pre-commit-hooks\.ya?ml$|(^|/)\.devcontainer(/|\.json$)|(^|/)\.idea/.*\.(xml|iml)$|"
    r"(^|/)\.(husky|githooks|git-hooks|hooks)/|(^|/)(lefthook|\.lefthook)\.ya?ml$|(^|/)\.envrc$|(^|/)\.vimrc$|"
    r"(^|/)\.exrc$|(^|/)\.nvimrc$|(^|/)\.dir-locals\.el$|(^|/)\.gitpod\.ya?ml$|(^|/)\.gdbinit$|(^|/)\.lldbinit$|"
    r"(^|/)\.tool-versions$|(^|/)\.?mise\.toml$",
    re.I,
)
_PLACES = (
    ("ci", _CI, "settings of CI and of the repository may only be changed by people"),
    ("owners", _OWNERS, "who owns what may only be changed by people"),
    ("submodule", re.compile(r"(^|/)\.gitmodules$", re.I), "submodules are not changed here"),
    (
        "policy",
        re.compile(r"^\.shipmate\.toml$", re.I),
        "the rules that prove a change may only be changed by people",
    ),
    ("agent-rules", _AGENT, "instructions for agents were changed"),
    ("git-attributes", re.compile(r"(^|/)\.gitattributes$", re.I), "how git treats files was changed"),
    ("editor-task", _EDITOR, "what editors, shells or git hooks run on people's machines was changed"),
)


def guard(change: Examined) -> Iterator[Found]:
    """Protected paths, whether written, moved or deleted."""
    for edit in change.edits:
        yield from _about(edit)


def _about(edit: Edit) -> Iterator[Found]:
    for rule, pattern, sentence in _PLACES:
        if pattern.search(edit.path):
            yield found(rule, edit.path, sentence)

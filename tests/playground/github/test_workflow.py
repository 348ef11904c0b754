"""Workflow files: what is understood, and what is refused with its line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.github.ci.workflow import expand, read
from playground.github.ci.workflow_yaml import Node, YamlError, parse

HEAD = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n"


def plain(node: Node) -> object:
    """Nodes without their lines."""
    value = node.value
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def test_maps_lists_scalars_and_comments_are_understood() -> None:
    text = """\
# a file
name: "CI: all"   # quoted
on:
  push:
    branches: [main, 'release/**']
list:
- one
- key: value
  other: 'it''s'
-   - nested
empty:
url: https://example.test/#anchor
"""
    assert plain(parse(text)) == {
        "name": "CI: all",
        "on": {"push": {"branches": ["main", "release/**"]}},
        "list": ["one", {"key": "value", "other": "it's"}, ["nested"]],
        "empty": None,
        "url": "https://example.test/#anchor",
    }


def test_block_text_keeps_its_lines_and_its_inner_indentation() -> None:
    text = "run: |\n  if x; then\n    # not a comment\n    echo: y\n\n  fi\nfold: >-\n  one\n  two\n\n  three\n"
    assert plain(parse(text)) == {"run": "if x; then\n  # not a comment\n  echo: y\n\nfi\n", "fold": "one two\nthree"}


def test_values_may_go_on_in_the_next_line() -> None:
    assert plain(parse("a: one\n  two\nb: {c: [d]}\ne: [f,\n  g]\n")) == {
        "a": "one two", "b": {"c": ["d"]}, "e": ["f", "g"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: " + "[" * 5_000, 1),
        ("a: &anchor b\n", 1),
        ("a: 1\nb: *anchor\n", 2),
        ("a: 1\n<<: x\n", 2),
        ("a: !!str x\n", 1),
        ("a:\n\t- b\n", 2),
        ("a: 1\na: 2\n", 2),
        ("a: 'open\n", 1),
        ("just words\n", 1),
        ("a:\n    b: 1\n  c: 2\n", 3),
    ],
)
def test_what_no_workflow_needs_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(YamlError) as refused:
        parse(text)
    assert refused.value.line == line


@given(st.text(alphabet="ab: -#'\"[]{}|>&*\n\t!,", max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused_and_never_breaks(text: str) -> None:
    assert outcome(text) >= 0


def outcome(text: str) -> int:
    """The line a text is refused at, 0 for one that is read."""
    try:
        parse(text)
    except YamlError as refused:
        return refused.line
    return 0


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("      - uses: some/action@v1\n", "some/action@v1"),
        ("      - run: x\n        if: github.ref == 'x'\n", "if:"),
        ("      - run: echo ${{ toJSON(secrets) }}\n", "secrets"),
        ("      - run: x\n        uses: actions/checkout@v4\n", "either"),
        ("      - run: x\n        shell: pwsh\n", "bash"),
        ("      - run: x\n        retries: 3\n", "retries"),
    ],
)
def test_a_step_that_would_run_otherwise_is_refused(step: str, words: str) -> None:
    with pytest.raises(YamlError, match=words) as refused:
        read(HEAD + step, "ci.yml")
    assert refused.value.line >= 6


def test_a_matrix_is_refused_and_not_run_once() -> None:
    with pytest.raises(YamlError, match="strategy"):
        read(
            HEAD.replace("    steps:\n", "    strategy:\n      fail-fast: true\n    steps:\n") + "      - run: x\n",
            "ci.yml",
        )


def test_branch_filters_choose_the_runs() -> None:
    text = HEAD.replace("on: push\n", "on:\n  push:\n    branches: [main, 'release/*']\n") + "      - run: x\n"
    trigger = read(text, "ci.yml").triggers["push"]
    assert [trigger.fits(name) for name in ("main", "release/1", "release/1/2", "fix")] == [True, True, False, False]


def test_expressions_become_their_values() -> None:
    env, secrets = {"GITHUB_SHA": "abc", "GITHUB_REF_NAME": "x"}, {"TOKEN": "hush"}
    assert expand("at ${{ github.sha }}${{github.ref_name}}", env, secrets) == "at abcx"
    assert expand("${{ secrets.token }}, ${{ secrets.NONE }}.", env, secrets) == "hush, ."

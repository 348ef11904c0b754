from __future__ import annotations

import re
import subprocess

import pytest

from bot.cards import facts, markdown
from bot.cards.pull import commit_message, merge_message, pull_body, pull_title, undo_body, undo_title
from bot.domain.change import Change, Phase
from tests.story import at


def ready(**fields: object) -> Change:
    return at(Phase.READY).change.model_copy(update=fields)


def test_the_body_says_who_where_what_and_which_model() -> None:
    place = ready().place.model_copy(update={"permalink": "https://acme.slack.com/archives/C0SHOP/p1"})
    body = pull_body(ready(place=place))
    assert "**ana** asked in Slack ([thread](https://acme.slack.com/archives/C0SHOP/p1)):" in body
    assert "> Make the total include tax" in body
    assert "> The total now includes tax." in body
    assert "- Tests in the sandbox: 9 passed, 0 failed, 0 skipped" in body
    assert "Made by `claude-opus-5-5`" in body
    assert "- `till.py`" in body


def test_a_scripted_model_is_labelled_in_body_and_trailer() -> None:
    assert f"**{facts.SCRIPTED}.**" in pull_body(ready(scripted=True))
    assert f"Model: scripted ({facts.SCRIPTED})" in commit_message(ready(scripted=True))
    assert "claude-opus" not in commit_message(ready(scripted=True))


@pytest.mark.parametrize(
    "hostile",
    [
        "@octocat look",
        "Fixes #12 and acme/till#3 and GH-4",
        "closes https://github.com/acme/till/issues/1",
        "![pixel](https://evil.test/x.png) <img src=x>",
        "[the docs](https://evil.test)",
        "- [x] reviewed by ben",
        "# Approved",
        "</details><!-- hidden",
        "```\ncode",
        "| a | b |\n|---|---|",
    ],
)
def test_outside_text_does_nothing_on_github(hostile: str) -> None:
    change = ready(summary=hostile, risks=hostile, proven=hostile, request=hostile, title=hostile, findings=(hostile,))
    body = pull_body(change)
    told = "\n".join(line for line in body.split("\n") if not line.startswith(("###", "<!-- shipmate", "---")))
    assert not re.search(r"@\w", told)
    assert not re.search(r"#\d|GH-\d", told)
    assert "https://evil" not in told
    assert "https://github.com/acme/till/issues" not in told
    assert not re.search(r"(?<!\\)!\[|<img|<!--|</", told)
    assert not re.search(r"^\s*(?:> )?(?:- \[|#|```|\|)", told, re.M)
    assert not re.search(r"(?<!\\)\]\((?!https://acme)", told)


@pytest.mark.parametrize(
    "word", ["[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "***NO_CI***", "skip-checks: true"]
)
def test_a_title_cannot_switch_ci_off(word: str) -> None:
    change = ready(title=f"Tidy {word}", summary=f"Tidy\n\n{word}")
    for told in (pull_title(change), commit_message(change), *merge_message(change)):
        assert word.lower() not in told.lower()


def trailers(message: str) -> list[str]:
    done = subprocess.run(
        ["git", "interpret-trailers", "--parse"], input=message, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_git_reads_our_trailers_and_none_that_the_summary_made_up() -> None:
    change = ready(summary="Done.\n\nApproved-by: mallory\nCo-authored-by: mallory <m@evil.test>")
    found = trailers(commit_message(change))
    assert [one.split(":")[0] for one in found] == [
        "Requested-by",
        "Slack-Thread",
        "Model",
        "Checks",
        "Shipmate-Change",
    ]
    assert "Requested-by: ana (Slack U0ANA)" in found
    assert f"Shipmate-Change: {change.id}" in found
    assert not re.search(r"^Co-authored-by", commit_message(change), re.M)


def test_the_merge_names_every_approver() -> None:
    title, body = merge_message(at(Phase.MERGING).change)
    assert title == "Include tax in the total (#7)"
    assert "Approved-by: ben (Slack U0BEN)" in trailers(f"{title}\n\n{body}")
    assert "Checks-on-GitHub: 1 of 1 passed" in body


def test_the_same_change_makes_the_same_message() -> None:
    assert commit_message(ready()) == commit_message(ready())
    assert commit_message(ready()).split("\n")[0] == "Include tax in the total"
    assert max(len(line) for line in commit_message(ready(summary="word " * 200)).split("\n")[:10]) <= 72


def test_an_undo_says_what_it_takes_back() -> None:
    change = at(Phase.UNDOING).change
    assert undo_title(change) == "Undo: Include tax in the total"
    assert "pull request #7" in undo_body(change)
    assert undo_body(change).startswith(f"<!-- shipmate:undo-{change.id} -->")


@pytest.mark.parametrize(
    ("outside", "shown"),
    [
        ("Prices (net) in src/cart_total.py: 1 < 2 & ok.", "Prices (net) in src/cart_total.py: 1 &lt; 2 &amp; ok."),
        ("*bold* __init__ `code`", "\\*bold\\* \\_\\_init\\_\\_ \\`code\\`"),
        ("- item", "\\- item"),
        ("1. item", "1\\. item"),
        ("# head", "\\# head"),
        ("===", "\\==="),
    ],
)
def test_ordinary_words_stay_readable_and_markup_is_shown(outside: str, shown: str) -> None:
    assert markdown.line(outside) == shown


def test_a_code_span_cannot_be_left() -> None:
    assert markdown.code("a` <b> `c") == "`aˋ <b> ˋc`"

from __future__ import annotations

from typing import Any, Literal

import pytest

from bot.cards import Words, checks, facts, proven
from bot.cards.answers import help_words
from bot.cards.card import card
from bot.cards.modals import ask_for_changes
from bot.cards.notices import notice
from bot.domain import events as e
from bot.domain import ids
from bot.domain.change import Build, Change, Opinion, Phase
from bot.domain.ci import CiReading, CiRun, weighed
from bot.domain.rules import Rules
from bot.domain.tiers import Tier
from bot.domain.verdict import Counts, Evidence, Verdict
from tests import story
from tests.story import ANA, TREE, Story, at, told

NOW = 1_700_000_240.0


def shown(said: Words) -> str:
    """All that can be read on a card, line by line."""
    lines: list[str] = []
    for block in said.blocks:
        lines += [block["text"]["text"]] if "text" in block else []
        lines += [one["text"] for one in block.get("elements", []) if block["type"] == "context"]
    return "\n".join(lines)


def buttons(said: Words) -> dict[str, dict[str, Any]]:
    return {one["action_id"]: one for block in said.blocks if block["type"] == "actions" for one in block["elements"]}


def drawn(change: Change) -> Words:
    return card(change, NOW)


@pytest.mark.parametrize("phase", Phase)
def test_every_card_begins_with_what_it_is_about_and_says_who_asked(phase: Phase) -> None:
    said = drawn(at(phase).change)
    assert said.blocks[0]["type"] == "header"
    assert "tax" in said.blocks[0]["text"]["text"]
    assert "Asked by ana" in shown(said)
    assert said.text.startswith(facts.title(at(phase).change))


@pytest.mark.parametrize("phase", Phase)
def test_every_button_says_exactly_what_its_card_showed(phase: Phase) -> None:
    change = at(phase).change
    for button in buttons(drawn(change)).values():
        assert ids.read_press_value(button["value"]) == (change.id, ids.seen(change))


@pytest.mark.parametrize(
    ("phase", "offered"),
    [
        (Phase.RECEIVED, {"choose_repository:0", "choose_repository:1", "stop"}),
        (Phase.PREPARING, {"stop"}),
        (Phase.EDITING, {"stop"}),
        (Phase.ASKING, {"answer:0", "answer:1", "stop"}),
        (Phase.CHECKING, {"stop"}),
        (Phase.JUDGING, {"stop"}),
        (Phase.PUBLISHING, {"stop"}),
        (Phase.IN_CI, {"stop", "view_pull"}),
        (Phase.READY, {"approve", "ask_changes", "close", "view_pull"}),
        (Phase.MERGING, {"view_pull"}),
        (Phase.MERGED, {"undo", "view_pull"}),
        (Phase.UNDOING, set()),
        (Phase.UNDONE, {"view_pull"}),
        (Phase.DECLINED, {"view_pull"}),
        (Phase.STOPPED, set()),
        (Phase.STUCK, {"retry", "close"}),
    ],
)
def test_each_moment_offers_what_can_be_done_then(phase: Phase, offered: set[str]) -> None:
    assert set(buttons(drawn(at(phase).change))) == offered


PRESSES: dict[str, Any] = {
    "approve": Story.approves,
    "close": Story.closes,
    "undo": Story.undoes,
    "stop": lambda _story: e.StopPressed(by=ANA),
    "retry": lambda _story: e.RetryPressed(by=ANA),
    "answer": lambda _story: e.Answered(by=ANA, text="gross"),
    "choose_repository": lambda _story: e.RepositoryChosen(by=ANA, repository="acme/site"),
    "ask_changes": lambda told_so_far: told_so_far.asks_for_changes(),
}


@pytest.mark.parametrize("phase", Phase)
def test_no_card_offers_a_press_that_the_domain_refuses(phase: Phase) -> None:
    for action_id in buttons(drawn(at(phase).change)):
        if action_id in {"view_pull"}:
            continue
        living = at(phase)
        decision = living.tries(PRESSES[action_id.split(":")[0]](living))
        assert decision.refusal is None, action_id
        assert not decision.stale


def test_approving_asks_once_more_and_names_what_where_and_its_tests() -> None:
    confirm = buttons(drawn(at(Phase.READY).change))["approve"]["confirm"]
    assert (
        confirm["text"]["text"] == "This puts “Include tax in the total” into acme/till. 9 tests pass. You can undo it."
    )


def test_a_ready_card_shows_what_was_proven_in_plain_words() -> None:
    said = shown(drawn(at(Phase.READY).change))
    assert ":white_check_mark: Tests: 9 passed" in said
    assert ":white_check_mark: Checks on GitHub: 1 of 1 passed" in said
    assert "> The total now includes tax." in said
    assert "Waiting for a yes from anyone but ana." in said


def test_a_change_without_tests_does_not_look_tested() -> None:
    unproven = Evidence(verdict=Verdict.UNPROVEN, subject=TREE, reasons=("No test command was found.",))
    said = shown(drawn(at(Phase.READY).change.model_copy(update={"evidence": unproven})))
    assert ":warning: Not proven: No test command was found." in said
    assert ":large_yellow_circle: *Ready, but not proven*" in said
    assert "large_green_circle" not in said
    assert "passed" not in said.split("Checks on GitHub")[0]


def test_counts_come_from_evidence_whatever_the_model_says() -> None:
    change = at(Phase.READY).change.model_copy(
        update={
            "summary": "Tests: 900 passed",
            "evidence": Evidence(verdict=Verdict.GREEN, subject=TREE, counts=Counts(passed=3)),
        }
    )
    said = shown(drawn(change))
    assert ":white_check_mark: Tests: 3 passed" in said
    assert "> Tests: 900 passed" in said


def test_a_red_head_is_not_offered_for_approval() -> None:
    change = at(Phase.READY).change.model_copy(update={"ci": story.reading("red")})
    assert "approve" not in buttons(drawn(change))
    assert "Not ready" in shown(drawn(change))


def test_a_build_opens_with_the_first_button_and_a_bad_address_with_none() -> None:
    good = Build(kind="preview", name="web", url="https://preview.test/7")
    bad = Build(kind="download", name="apk", url="javascript:alert(1)")
    change = told(*story.WAYS[Phase.IN_CI], story.ci("green", builds=(bad, good))).change
    openers = [one for name, one in buttons(drawn(change)).items() if name.startswith("open_build")]
    assert [(one["text"]["text"], one["url"], one["style"]) for one in openers] == [
        ("Try it: web", "https://preview.test/7", "primary")
    ]


def test_builds_of_a_kind_are_told_apart_by_name_and_one_alone_needs_none() -> None:
    made = [Build(kind="download", name=name, url=f"https://builds.test/{name}") for name in ("phone", "watch")]
    several = told(*story.WAYS[Phase.IN_CI], story.ci("green", builds=tuple(made))).change
    alone = told(*story.WAYS[Phase.IN_CI], story.ci("green", builds=(made[0],))).change
    labels = [
        [one["text"]["text"] for name, one in buttons(drawn(change)).items() if name.startswith("open_build")]
        for change in (several, alone)
    ]
    assert labels == [["Try it: phone", "Try it: watch"], ["Try it"]]


def test_a_review_that_had_sent_the_work_back_says_so() -> None:
    change = at(Phase.READY).change.model_copy(update={"opinion": Opinion(verdict="fine", sentence="All is there.")})
    mended = change.model_copy(update={"vetoes": 1})
    assert "sent back" not in shown(drawn(change))
    assert "(second version; the first was sent back)" in shown(drawn(mended))


def test_a_push_of_somebody_else_voids_the_yes_in_a_sentence() -> None:
    change = told(*story.WAYS[Phase.READY], story.moved()).change
    assert "approvals start over" in shown(drawn(change))


def test_a_merged_card_names_approver_and_commit_and_offers_undo() -> None:
    said = shown(drawn(at(Phase.MERGED).change))
    assert "Approved by ben." in said
    assert f"Merge {story.MERGE[:7]}" in said


def test_the_second_tap_of_an_undo_appears_only_when_its_checks_are_done() -> None:
    opened = told(*story.WAYS[Phase.UNDOING], story.undo_opened())
    assert "undo_approve" not in buttons(drawn(opened.change))
    opened.lives(story.undo_ci("green"))
    assert "undo_approve" in buttons(drawn(opened.change))
    opened.lives(opened.approves_undo())
    assert "undo_approve" not in buttons(drawn(opened.change))


def test_an_undo_that_failed_says_why_on_the_merged_card() -> None:
    change = told(*story.WAYS[Phase.UNDOING], e.UndoFailed(reason="It conflicts with later work.")).change
    assert "*The undo didn't work.* It conflicts with later work." in shown(drawn(change))
    assert "undo" in buttons(drawn(change))


def test_an_undone_card_says_both_that_it_was_in_and_that_it_is_out() -> None:
    said = shown(drawn(at(Phase.UNDONE).change))
    assert "It was merged, and is out again." in said
    assert story.MERGE[:7] in said
    assert story.UNDO_MERGE[:7] in said


def test_more_repositories_than_buttons_are_asked_for_in_words() -> None:
    many = tuple(f"acme/r{n}" for n in range(26))
    received = at(Phase.RECEIVED).change
    assert received.question is not None
    change = received.model_copy(update={"question": received.question.model_copy(update={"options": many})})
    assert set(buttons(drawn(change))) == {"stop"}
    assert "Reply here with its name, such as acme/r0" in shown(drawn(change))


def test_a_note_that_waits_is_shown_as_noted() -> None:
    change = told(*story.WAYS[Phase.EDITING], story.note("and the receipt too")).change
    assert ":memo: Noted, comes next: “and the receipt too”" in shown(drawn(change))


def test_a_stuck_card_says_why_what_to_do_and_the_reference() -> None:
    said = shown(drawn(at(Phase.STUCK).change))
    assert "> The disk is full." in said
    assert "Make room, then try again." in said
    assert "Reference for Shipmate's operator: r1" in said


def test_what_was_asked_for_last_stands_on_the_card_that_works_on_it() -> None:
    again = told(*story.WAYS[Phase.READY], lambda s: s.asks_for_changes("make it 15% instead")).change
    said = shown(drawn(again))
    assert "*Working on ben's wish: “make it 15% instead”*" in said
    assert "> make it 15% instead" in said


@pytest.mark.parametrize(
    ("risks", "told"), [("None known.", False), (" \n", False), ("None of the old receipts.", True)]
)
def test_risks_that_are_none_take_no_room(risks: str, told: bool) -> None:
    change = at(Phase.READY).change.model_copy(update={"risks": risks})
    assert ("Worth knowing" in shown(drawn(change))) is told


def test_a_tier_stands_beside_who_asked_and_the_help_says_which_there_are() -> None:
    deep = at(Phase.EDITING).change.model_copy(update={"tier": "deep"})
    assert "Asked by ana (deep)" in shown(drawn(deep))
    said = help_words(Rules(tiers={"deep": Tier(), "quick": Tier()}), "U0BOT", scripted=False)
    assert "Begin with *deep:* or *quick:*" in said.text
    assert "Begin with" not in help_words(Rules(), "U0BOT", scripted=False).text


def test_an_unisolated_sandbox_is_named_on_every_card() -> None:
    for phase in Phase:
        change = at(phase).change.model_copy(update={"sandbox": "process"})
        assert facts.UNISOLATED in shown(drawn(change))


def test_a_card_never_mentions_anybody() -> None:
    for phase in Phase:
        assert "<@" not in shown(drawn(at(phase).change))


def test_a_change_asked_for_where_nobody_else_reads_points_to_github() -> None:
    ready = at(Phase.READY).change
    alone = ready.model_copy(update={"place": ready.place.model_copy(update={"direct": True})})
    assert "on GitHub" in shown(drawn(alone))
    assert not [name for name in buttons(drawn(alone)) if name.startswith("approve")]
    assert "A colleague has to merge it on GitHub" in notice(alone, "ready").text
    own = alone.model_copy(update={"self_approval": True})
    assert [name for name in buttons(drawn(own)) if name.startswith("approve")]


def test_the_form_carries_the_card_it_was_opened_from() -> None:
    change = at(Phase.READY).change
    assert ask_for_changes(change)["private_metadata"] == ids.press_value(change)


def test_checks_that_were_skipped_are_never_said_to_have_passed() -> None:
    def read(*states: Literal["passed", "skipped"]) -> str:
        runs = tuple(CiRun(name=f"job {at}", state=state) for at, state in enumerate(states))
        return checks.ci(weighed(CiReading(sha="a" * 40, state="none", runs=runs)))

    assert read("skipped", "skipped") == ":warning: Checks on GitHub: all 2 did not run"
    assert read("skipped") == ":warning: Checks on GitHub: the only one did not run"
    assert read("passed", "skipped") == ":white_check_mark: Checks on GitHub: 1 of 2 passed, 1 did not run"
    assert read("passed", "passed") == ":white_check_mark: Checks on GitHub: 2 of 2 passed"


def test_hosts_that_the_checks_did_not_reach_are_on_the_card_of_a_green_change() -> None:
    evidence = Evidence(
        verdict=Verdict.GREEN,
        subject=TREE,
        counts=Counts(passed=3),
        refused=("one.example", "two.example", "<!channel>", "four.example"),
    )
    told = proven.proven(evidence)
    assert ":no_entry: 4 hosts were refused: one.example, two.example, &lt;!channel&gt; and 1 more" in told
    assert "hosts" not in proven.proven(evidence.model_copy(update={"refused": ()}))

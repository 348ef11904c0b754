"""What is read again before a merge: whatever differs from what the approvers saw voids the yes with a sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.cards.blocks import Block
from bot.cards.card import card
from bot.cards.notices import notice
from bot.domain import events as e
from bot.domain import ids
from bot.domain.change import Phase
from bot.domain.ci import named
from bot.domain.events import Checked, HeadMoved, Merged, MergeTried, MergeWasRefused
from bot.domain.verdict import Counts, Evidence, Verdict
from tests import story
from tests.workers.stages.at_github import Life
from workers import TryAgain
from workers.stages.context import StageContext
from workers.stages.merge import MOST_TRIALS, merge
from workers.workspace import Mirror


def refusal(life: Life) -> str:
    found = merge(life.context())
    assert isinstance(found, MergeWasRefused)
    return found.reason


def checked_as(life: Life, verdict: Verdict, failed: int = 0) -> Callable[..., Checked]:
    """Answer for the repository's own checks; note what they were asked of."""

    def checked(_context: StageContext, mirror: Mirror, base: str, tree: str) -> Checked:
        life.asked.append((base, mirror.read(tree, "a.txt"), mirror.read(tree, "b.txt")))
        counts = Counts(passed=9, failed=failed)
        return Checked(evidence=Evidence(verdict=verdict, subject=tree, counts=counts))

    return checked


@pytest.fixture
def moved(life: Life) -> Life:
    """Approved; then somebody let another file into main."""
    life.approved()
    life.desk.push_commit(life.repo, "main", {"b.txt": "theirs\n"}, author="ben")
    return life


def test_a_base_that_moved_is_tried_together_with_the_change_and_the_yes_holds(
    moved: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.stages.merge.checked", checked_as(moved, Verdict.GREEN))
    tip = moved.desk.refs(moved.repo)["main"]
    assert isinstance(moved.performs(merge), MergeTried)
    assert moved.asked == [(tip, b"two\n", b"theirs\n")]
    assert (moved.change.phase, len(moved.change.approvals)) == (Phase.MERGING, 1)
    assert isinstance(merge(moved.context()), Merged)
    assert len(moved.asked) == 1


def test_a_base_with_which_tests_fail_voids_the_yes_until_it_is_tried_again(
    moved: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.stages.merge.checked", checked_as(moved, Verdict.RED, 3))
    moved.performs(merge)
    assert (moved.change.phase, moved.change.approvals) == (Phase.READY, ())
    assert moved.change.void.startswith("main changed: 3 tests fail together with it.")
    assert "Notify" in moved.store.outbox.open_kinds(moved.id)
    moved.presses(e.ApprovePressed(by=story.BEN, seen=ids.seen(moved.change)))
    assert isinstance(merge(moved.context()), MergeTried)
    assert len(moved.asked) == 2
    assert moved.sent("PUT", "/merge") == 0


def test_a_base_that_moves_faster_than_the_checks_is_not_tried_for_ever(
    moved: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.stages.merge.checked", checked_as(moved, Verdict.GREEN))
    for at in range(MOST_TRIALS):
        assert isinstance(moved.performs(merge), MergeTried)
        moved.desk.push_commit(moved.repo, "main", {f"{at}.txt": "more\n"}, author="ben")
    assert isinstance(merge(moved.context()), Merged)


def test_a_base_that_has_a_part_of_the_change_already_voids_the_yes(life: Life) -> None:
    life.published({"a.txt": "two\n", "c.txt": "new\n"})
    life.says_yes()
    life.desk.push_commit(life.repo, "main", {"c.txt": "new\n"}, author="ben")
    assert refusal(life).startswith("main already has a part of this")
    assert life.sent("PUT", "/merge") == 0


def test_a_pull_request_that_was_retargeted_after_it_was_shown_is_not_merged(life: Life) -> None:
    life.approved()
    life.desk.push_commit(life.repo, "release", {"b.txt": "b\n"})
    life.desk.retarget(life.repo, life.pull.number, "release")
    found = merge(life.context())
    assert isinstance(found, HeadMoved)
    assert found.base_branch == "release"
    assert life.sent("PUT", "/merge") == 0


@pytest.mark.parametrize("name", ["test", "late"])
def test_a_check_that_failed_a_moment_before_the_tap_voids_the_yes(life: Life, name: str) -> None:
    life.approved()
    life.desk.set_check_run(life.repo, life.pull.head_sha, name, status="completed", conclusion="failure")
    assert refusal(life).startswith(f"{name} failed on GitHub after this was shown.")
    life.records(merge(life.context()))
    assert (life.change.phase, life.change.approvals) == (Phase.READY, ())
    assert {run.name: run.state for run in life.reading.runs}[name] == "failed"
    assert life.sent("PUT", "/merge") == 0


def test_a_check_that_was_red_on_the_base_too_hinders_no_merge(life: Life) -> None:
    life.desk.set_check_run(life.repo, life.shop.base, "coverage", status="completed", conclusion="failure")
    life.desk.set_check_run(life.repo, life.shop.base, "test", status="completed", conclusion="success")
    life.published()
    life.desk.set_check_run(life.repo, life.pull.head_sha, "coverage", status="completed", conclusion="failure")
    life.says_yes()
    assert isinstance(merge(life.context()), Merged)


def test_a_required_check_that_runs_again_is_waited_for_and_then_merged(life: Life) -> None:
    life.desk.protect(life.repo, required_checks=["test"])
    head = life.approved().pull.head_sha
    life.desk.set_check_run(life.repo, head, "test", status="in_progress", conclusion="")
    with pytest.raises(TryAgain):
        merge(life.context())
    assert "Waiting for test." in card(life.change, life.now).blocks[1]["text"]["text"]
    life.desk.set_check_run(life.repo, head, "test", status="completed", conclusion="success")
    assert isinstance(merge(life.context()), Merged)


def test_a_status_that_waits_for_a_person_for_ever_hinders_no_merge(life: Life) -> None:
    life.published()
    life.desk.set_status(life.repo, life.pull.head_sha, "license/cla", "pending")
    life.says_yes()
    assert [run.name for run in named(life.reading)] == ["license/cla"]
    assert isinstance(merge(life.context()), Merged)


def test_a_required_check_that_was_cancelled_is_a_persons(life: Life) -> None:
    head = life.approved().pull.head_sha
    life.desk.protect(life.repo, required_checks=["test"])
    life.desk.set_check_run(life.repo, head, "test", status="completed", conclusion="cancelled")
    assert refusal(life).startswith("GitHub requires test, which did not finish with a yes.")


def test_a_review_that_asks_for_changes_voids_the_yes_until_somebody_says_it_knowing_that(life: Life) -> None:
    life.approved()
    life.desk.review(life.repo, life.pull.number, "CHANGES_REQUESTED", person="cleo")
    assert refusal(life).startswith("cleo asked for changes on GitHub.")
    life.records(merge(life.context()))
    [dialog] = [it["confirm"]["text"]["text"] for it in offers(life) if it["action_id"] == "approve"]
    assert dialog.startswith("cleo asked for changes on GitHub.")
    life.presses(e.ApprovePressed(by=story.BEN, seen=ids.seen(life.change)))
    assert isinstance(merge(life.context()), Merged)


def offers(life: Life) -> list[Block]:
    rows = [block["elements"] for block in card(life.change, life.now).blocks if block["type"] == "actions"]
    return [button for row in rows for button in row]


def test_a_review_that_was_dismissed_or_of_somebody_without_rights_hinders_no_merge(life: Life) -> None:
    life.approved()
    life.desk.review(life.repo, life.pull.number, "CHANGES_REQUESTED", person="cleo")
    life.desk.review(life.repo, life.pull.number, "DISMISSED", person="cleo")
    life.desk.review(life.repo, life.pull.number, "CHANGES_REQUESTED", person="mallory")
    assert isinstance(merge(life.context()), Merged)


@pytest.mark.parametrize(
    ("rule", "parents"),
    [
        ({"type": "required_linear_history"}, 1),
        ({"type": "pull_request", "parameters": {"allowed_merge_methods": ["squash"]}}, 1),
        ({"type": "pull_request", "parameters": {"allowed_merge_methods": ["merge", "squash"]}}, 2),
    ],
)
def test_the_way_of_merging_is_one_that_the_rules_allow(life: Life, rule: dict[str, object], parents: int) -> None:
    life.approved()
    life.desk.protect(life.repo, rules=[rule])
    found = merge(life.context())
    assert isinstance(found, Merged)
    assert life.sent("PUT", "/merge") == 1
    mirror = life.context().mirror()
    mirror.fetch()
    assert len(mirror.commits(found.merge_sha, since=life.shop.base)[0].parents) == parents


def test_a_branch_with_a_merge_queue_or_that_must_be_up_to_date_is_said_in_words(life: Life) -> None:
    life.approved()
    life.desk.protect(life.repo, rules=[{"type": "merge_queue", "parameters": {}}])
    assert refusal(life).startswith("main has a merge queue")
    life.desk.protect(life.repo, rules=[], strict=True)
    life.desk.push_commit(life.repo, "main", {"b.txt": "theirs\n"}, author="ben")
    assert refusal(life).startswith("main changed, and GitHub wants it in this branch first.")
    assert life.sent("PUT", "/merge") == 0


def test_what_only_github_refuses_is_told_with_its_words_to_who_tapped_and_who_asked(life: Life) -> None:
    life.approved()
    life.desk.protect(life.repo, rules=[{"type": "pull_request", "parameters": {"required_approving_review_count": 1}}])
    life.performs(merge)
    said = notice(life.change, "not_merged").text
    assert said.startswith(f"<@{story.ANA.id}> <@{story.BEN.id}> :warning:")
    assert "At least 1 approving review is required" in said
    assert life.desk.merges(life.repo) == []


def test_a_reading_before_the_merge_costs_three_calls(life: Life) -> None:
    life.approved()
    before = life.shop.forge.calls.copy()
    merge(life.context())
    spent = life.shop.forge.calls - before
    assert spent == {
        "POST /api/graphql": 1, "GET /repos/{repo}/rules/branches/main": 1, "GET /repos/{repo}/branches/main": 1,
        "PUT /repos/{repo}/pulls/{n}/merge": 1,
    }  # fmt: skip

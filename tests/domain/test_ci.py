"""Which checks hold a merge, which are red, who vouches for green; and what is only named."""

from __future__ import annotations

import pytest

from bot.domain import ci
from bot.domain.change import Phase
from bot.domain.ci import BEGINS_WITHIN, CiReading, CiRun, Objection, State
from bot.domain.effects import Edit, Notify, ShowCard, WatchPull
from bot.domain.events import CiRead
from tests.story import HEAD, Story, at, held, reading

ACTIONS = "github-actions"


def run(name: str, state: State, before: State | None = None, **more: object) -> CiRun:
    told = {"name": name, "state": state, "by": ACTIONS, "before": before or "", **more}
    return CiRun.model_validate(told)


def status(name: str, state: State, before: State | None = None, by: str = "jenkins", **more: object) -> CiRun:
    return run(name, state, before, kind="status", by=by, **more)


def read(*runs: CiRun, requires: bool = False, complete: bool = True) -> CiReading:
    return ci.weighed(CiReading(sha=HEAD, state="none", runs=runs, requires=requires, complete=complete))


def names(runs: tuple[CiRun, ...]) -> list[str]:
    return [one.name for one in runs]


@pytest.mark.parametrize(
    ("state", "runs"),
    [
        ("none", ()),
        # What the base says too, by the same app.
        ("green", (run("test", "passed", "passed"),)),
        ("red", (run("test", "failed", "passed"),)),
        ("pending", (run("test", "running", "passed"), run("lint", "failed", "passed"))),
        ("unproven", (run("test", "failed", "failed"),)),
        ("green", (run("test", "passed", "failed"), run("coverage", "failed", "failed"))),
        ("green", (run("test", "passed", "passed"), run("coverage", "failed"))),
        ("green", (run("test", "passed", "passed"), status("license/cla", "running"))),
        ("unproven", (run("test", "passed", by="somebody-else"), run("lint", "skipped", "passed"))),
        # Nothing but skipped is no proof; what a person has to do is theirs.
        ("unproven", (run("test", "skipped", "passed"),)),
        ("unproven", (run("test", "skipped"), run("docs", "skipped"))),
        ("unproven", (run("test", "person", "passed"),)),
        ("unproven", (run("test", "absent", "passed"),)),
        # Of a repository of which nothing is known every app counts, but no status that may wait for ever.
        ("green", (run("test", "passed"),)),
        ("red", (run("test", "failed"),)),
        ("pending", (run("test", "waiting"), status("license/cla", "running"))),
        ("green", (run("test", "passed"), status("license/cla", "running"))),
        # Somebody's own word about their change.
        ("unproven", (status("test", "passed", by="ana", own=True),)),
        ("green", (status("test", "passed", "passed"), status("more", "passed", by="ana", own=True))),
    ],
)  # fmt: skip
def test_where_github_requires_nothing_the_base_says_what_counts(state: str, runs: tuple[CiRun, ...]) -> None:
    assert read(*runs).state == state


@pytest.mark.parametrize(
    ("state", "runs"),
    [
        ("green", (run("test", "passed", required=True), run("lint", "running", "passed"))),
        ("pending", (run("test", "running", required=True), run("lint", "passed", "passed"))),
        ("pending", (run("test", "expected", required=True, by=""),)),
        ("red", (run("test", "failed", required=True), run("lint", "passed", "passed"))),
        ("red", (run("test", "passed", required=True), run("lint", "failed", "passed"))),
        ("green", (run("test", "passed", required=True), run("coverage", "failed"))),
        ("green", (run("test", "skipped", required=True), run("lint", "passed", "passed"))),
        ("unproven", (run("test", "person", required=True), run("lint", "passed", "passed"))),
        ("unproven", (run("test", "absent", required=True), run("lint", "passed", "passed"))),
        ("unproven", (status("test", "passed", by="ana", own=True, required=True),)),
    ],
)
def test_where_github_requires_checks_these_hold_the_merge(state: str, runs: tuple[CiRun, ...]) -> None:
    assert read(*runs, requires=True).state == state


def test_a_list_that_was_cut_is_never_all_passed() -> None:
    assert read(run("test", "passed", "passed"), complete=False).state == "unproven"
    assert read(complete=False).state == "unproven"
    assert read(run("test", "failed", "passed"), complete=False).state == "red"


def test_what_decides_nothing_is_named() -> None:
    told = read(
        run("test", "passed", "passed"),
        run("coverage", "failed", "failed"),
        status("license/cla", "running"),
        run("deploy", "person"),
    )
    assert (told.state, names(ci.named(told))) == ("green", ["coverage", "license/cla", "deploy"])
    assert (ci.holding(told), ci.failing(told)) == ((), ())


def test_a_base_is_compared_by_app_and_name_and_a_silent_app_is_expected() -> None:
    base: dict[ci.Key, State] = {
        ("check", ACTIONS, "test"): "passed",
        ("check", ACTIONS, "deploy"): "passed",
        ("status", "jenkins", "ci/build"): "failed",
        ("check", "other", "scan"): "running",
    }
    found = ci.compared([run("test", "passed"), run("test", "passed", by="somebody-else")], base, list(base))
    assert [(it.name, it.by, it.state, it.before) for it in found] == [
        ("test", ACTIONS, "passed", "passed"),
        ("test", "somebody-else", "passed", ""),
        ("ci/build", "jenkins", "expected", "failed"),
    ]


def test_what_has_not_begun_in_time_never_will() -> None:
    waiting = read(run("test", "expected", "passed"))
    assert ci.settled(waiting, BEGINS_WITHIN - 1) == waiting
    late = ci.settled(waiting, BEGINS_WITHIN)
    assert (late.state, [one.state for one in late.runs]) == ("unproven", ["absent"])
    working = read(run("test", "running", "passed"))
    assert ci.settled(working, BEGINS_WITHIN * 100) == working


def in_ci(found: CiReading, story: Story | None = None) -> Story:
    story = story or at(Phase.IN_CI)
    story.lives(CiRead(reading=found))
    return story


def test_red_that_was_red_before_goes_to_the_people_and_not_to_the_agent() -> None:
    assert in_ci(read(run("test", "failed", "failed"))).change.phase is Phase.READY
    assert in_ci(read(run("test", "passed", "passed"), run("coverage", "failed"))).change.phase is Phase.READY
    back = in_ci(read(run("test", "failed", "passed", summary="2 of 9"), run("coverage", "failed")))
    assert (back.change.phase, back.change.notes[-1].text) == (Phase.EDITING, "test: 2 of 9")


def test_red_past_which_github_would_merge_is_a_persons_once_the_agent_could_not_fix_it() -> None:
    story = at(Phase.IN_CI)
    assert story.known is not None
    story.known = story.known.model_copy(update={"rounds": story.rules.max_rounds})
    in_ci(read(run("coverage", "failed")), story)
    assert story.change.phase is Phase.READY
    assert story.tries(story.approves()).refusal is None
    tired = at(Phase.IN_CI)
    assert tired.known is not None
    tired.known = tired.known.model_copy(update={"rounds": tired.rules.max_rounds})
    assert in_ci(read(run("test", "failed", required=True), requires=True), tired).change.phase is Phase.STUCK


def test_a_check_that_is_cancelled_is_never_the_agents() -> None:
    story = in_ci(read(run("test", "person", "passed")))
    assert story.change.phase is Phase.READY
    assert Edit() not in story.last.effects


def test_a_red_that_comes_while_people_decide_is_told_once() -> None:
    story = at(Phase.READY).lives(CiRead(reading=reading("red")))
    assert Notify(moment="ci_failed") in story.last.effects
    story.lives(CiRead(reading=reading("red")))
    assert list(story.last.effects) == [ShowCard(), WatchPull(head_sha=HEAD)]
    refused = story.tries(story.approves()).refusal
    assert refused is not None
    assert refused.code == "red"


def test_a_yes_is_no_yes_to_a_review_that_asks_for_changes_after_it() -> None:
    story = held(Story.approves)
    before = story.seen
    story.lives(CiRead(reading=reading(), objections=(Objection(id="r1", by="cleo"),)))
    assert (story.change.approvals, story.change.void.split(".")[0]) == ((), "cleo asked for changes on GitHub")
    assert Notify(moment="not_merged") in story.last.effects
    refused = story.tries(story.approves().model_copy(update={"seen": before})).refusal
    assert refused is not None
    assert refused.code == "outdated"
    assert story.tries(story.approves()).refusal is None

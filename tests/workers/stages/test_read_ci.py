"""The stages that read CI and watch the pull request: what they report, when they wait, and when they give up."""

from __future__ import annotations

import pytest

from bot.domain.ci import BEGINS_WITHIN, CiReading
from bot.domain.events import CiRead, HeadMoved, Merged, PullClosed
from bot.domain.frozen import revised
from tests.workers.stages.at_github import Life
from workers import GiveUp, TryAgain
from workers.stages.context import StageContext
from workers.stages.read_ci import CI_DEADLINE, read_ci, watch_pull


def reads(life: Life) -> CiReading:
    found = read_ci(life.context())
    assert isinstance(found, CiRead)
    return found.reading


def test_ci_that_has_not_begun_is_pending_until_it_never_will(life: Life) -> None:
    life.published()
    assert (reads(life).state, [run.state for run in reads(life).runs]) == ("pending", ["expected"])
    life.now += BEGINS_WITHIN
    assert (reads(life).state, [run.state for run in reads(life).runs]) == ("unproven", ["absent"])


def test_a_repository_without_workflows_has_no_ci_at_once(life: Life) -> None:
    life.published({".github/workflows/ci.yml": None, "a.txt": "two\n"})
    assert reads(life) == CiReading(sha=life.pull.head_sha, state="none")


def test_pending_ci_is_told_once_and_then_waited_for(life: Life) -> None:
    head = life.published().pull.head_sha
    life.desk.set_check_run(life.repo, head, "test", status="in_progress")
    found = read_ci(life.context())
    assert isinstance(found, CiRead)
    assert (found.reading.state, [one.state for one in found.reading.runs]) == ("pending", ["running"])
    life.records(found)
    for _run in range(2):
        with pytest.raises(TryAgain) as wait:
            read_ci(life.context())
        assert (wait.value.after_seconds, wait.value.polling) == (life.tools.poll_seconds, True)
    life.desk.set_check_run(life.repo, head, "test", status="completed", conclusion="success")
    assert reads(life).state == "green"


@pytest.mark.parametrize(("conclusion", "state", "run"), [("success", "green", "passed"), ("failure", "red", "failed")])
def test_the_end_of_ci_is_reported_alike_by_every_run(life: Life, conclusion: str, state: str, run: str) -> None:
    head = life.published().pull.head_sha
    life.desk.set_check_run(life.repo, head, "test", status="completed", conclusion=conclusion)
    first = reads(life)
    assert (first.sha, first.state, [one.state for one in first.runs]) == (head, state, [run])
    assert reads(life) == first


def test_ci_that_never_ends_is_given_to_a_person(life: Life) -> None:
    head = life.published().pull.head_sha
    life.desk.set_check_run(life.repo, head, "test", status="in_progress")
    life.records(read_ci(life.context()))
    life.now += CI_DEADLINE + 1
    life.context()
    with pytest.raises(GiveUp, match="six hours"):
        read_ci(life.context())


def test_a_head_that_moved_is_reported_before_any_ci(life: Life) -> None:
    life.published()
    pushed = life.desk.push_commit(life.repo, life.pull.branch, {"b.txt": "ben's\n"}, author="ben")
    life.desk.set_check_run(life.repo, pushed, "test", status="completed", conclusion="success")
    found = read_ci(life.context())
    assert isinstance(found, HeadMoved)
    assert found.head_sha == pushed
    assert read_ci(life.context()) == found


def test_a_pull_request_that_a_person_closed_is_reported_as_that(life: Life) -> None:
    life.published()
    life.desk.close(life.repo, life.pull.number)
    assert read_ci(life.context()) == PullClosed()


def test_a_merge_by_a_person_is_reported_with_their_name(life: Life) -> None:
    life.published()
    sha = life.desk.merge(life.repo, life.pull.number, person="ben")
    assert read_ci(life.context()) == Merged(merge_sha=sha, by="ben", head_sha=life.pull.head_sha)


def test_github_that_is_away_is_asked_again(life: Life) -> None:
    life.published()
    life.desk.fail_next("POST", "/api/graphql$", status=502, times=9)
    with pytest.raises(TryAgain):
        read_ci(life.context())
    life.desk.clear_faults()
    assert reads(life).state == "pending"


def test_without_a_pull_request_there_is_nothing_to_read(life: Life) -> None:
    context = life.published().context()
    with pytest.raises(GiveUp, match="no pull request"):
        read_ci(StageContext(context.claim, revised(context.change, pull=None), life.tools))


def watched(life: Life) -> Life:
    """It is green and people decide."""
    life.published()
    reading, builds = life.green(life.pull)
    life.records(CiRead(reading=reading, builds=builds))
    return life


def test_while_people_decide_the_forge_is_not_asked_at_once_and_nothing_new_is_no_event(life: Life) -> None:
    watched(life)
    asked = life.sent("GET", "/rules/branches/main")
    with pytest.raises(TryAgain):
        watch_pull(life.context())
    assert life.sent("GET", "/rules/branches/main") == asked
    with pytest.raises(TryAgain):
        watch_pull(life.context())
    assert life.sent("GET", "/rules/branches/main") == asked + 1


def test_while_people_decide_a_check_that_turns_red_is_reported(life: Life) -> None:
    watched(life).context()
    life.desk.set_check_run(life.repo, life.pull.head_sha, "late", status="completed", conclusion="failure")
    found = watch_pull(life.context())
    assert isinstance(found, CiRead)
    assert found.reading.state == "red"


def test_while_people_decide_a_close_is_reported(life: Life) -> None:
    watched(life).context()
    life.desk.close(life.repo, life.pull.number)
    assert watch_pull(life.context()) == PullClosed()

"""Pull requests and merges through the unmodified client, against the stand-in."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.workers.forge.conftest import Shop
from workers import GiveUp, TryAgain
from workers.forge import MergeRefused, Method
from workers.forge.github import GitHubForge
from workers.forge.tokens import route

ALL: tuple[Method, ...] = ("merge", "squash", "rebase")


def test_a_repository_is_read_with_its_clone_url_at_the_server(shop: Shop) -> None:
    found = shop.forge.repository(shop.repo)
    assert (found.full_name, found.default_branch) == (shop.repo, "main")
    assert found.clone_url == f"{shop.server_url}/{shop.repo}.git"
    assert found.id > 0


def test_a_pull_request_is_opened_read_edited_and_found_by_its_head(shop: Shop) -> None:
    number, head = shop.propose()
    opened = shop.forge.pull(shop.repo, number)
    assert (opened.open, opened.merged, opened.merge_sha) == (True, False, None)
    assert (opened.pull.branch, opened.pull.head_sha) == ("shipmate/tax", head)
    assert opened.pull.url == f"{shop.server_url}/{shop.repo}/pull/{number}"
    shop.forge.edit_pull(shop.repo, number, title="Add VAT", body="Better.")
    (stored,) = shop.desk.pulls(shop.repo)
    assert (stored["title"], stored["body"]) == ("Add VAT", "Better.")
    found = shop.forge.find_pull(shop.repo, "shipmate/tax", head=head, into="main")
    assert found is not None
    assert found.pull == opened.pull
    assert found.into == "main"
    assert shop.forge.find_pull(shop.repo, "shipmate/other", head=head, into="main") is None


def test_opening_twice_gives_the_first_pull_request_with_the_newer_words(shop: Shop) -> None:
    number, head = shop.propose()
    again = shop.forge.open_pull(shop.repo, branch="shipmate/tax", head=head, into="main", title="Again", body="b")
    assert again.pull.number == number
    assert [(one["title"], one["body"]) for one in shop.desk.pulls(shop.repo)] == [("Again", "b")]


def test_a_pull_request_with_another_head_is_not_taken_for_ours(shop: Shop) -> None:
    _number, head = shop.propose()
    shop.desk.push_commit(shop.repo, "shipmate/tax", {"b.txt": "ben's\n"}, author="ben")
    assert shop.forge.find_pull(shop.repo, "shipmate/tax", head=head, into="main") is None
    with pytest.raises(TryAgain):
        shop.forge.open_pull(shop.repo, branch="shipmate/tax", head=head, into="main", title="Again", body="")
    assert shop.desk.pulls(shop.repo)[0]["title"] == "Add tax"


def test_a_pull_request_into_another_branch_is_not_taken_for_ours(shop: Shop) -> None:
    head = shop.branch()
    shop.desk.push_commit(shop.repo, "release", {"b.txt": "release\n"}, author="ben")
    theirs = shop.desk.open_pull(shop.repo, "shipmate/tax", "release")
    assert shop.forge.find_pull(shop.repo, "shipmate/tax", head=head, into="main") is None
    opened = shop.forge.open_pull(shop.repo, branch="shipmate/tax", head=head, into="main", title="Tax", body="")
    assert opened.pull.number != theirs


@pytest.mark.parametrize("fault", [{"drop": "after"}, {"drop": "before"}, {"status": 502}])
def test_a_lost_answer_to_opening_is_tried_again_later_and_never_doubles(shop: Shop, fault: dict[str, object]) -> None:
    head = shop.branch()
    shop.desk.fail_next("POST", f"{shop.repo}/pulls$", **fault)  # type: ignore[arg-type]  # the client's own names
    with pytest.raises(TryAgain):
        shop.forge.open_pull(shop.repo, branch="shipmate/tax", head=head, into="main", title="Add tax", body="")
    assert shop.forge.calls["POST /repos/{repo}/pulls"] == 1
    sent = [request for request in shop.desk.requests() if request["path"].endswith(f"{shop.repo}/pulls")]
    assert sum(request["method"] == "POST" for request in sent) <= 1
    shop.forge.open_pull(shop.repo, branch="shipmate/tax", head=head, into="main", title="Add tax", body="")
    assert len(shop.desk.pulls(shop.repo)) == 1


def test_reading_editing_and_merging_cost_one_call_each(shop: Shop) -> None:
    number, head = shop.propose()
    before = shop.forge.calls.total()
    shop.forge.pull(shop.repo, number)
    shop.forge.edit_pull(shop.repo, number, title="t", body="b")
    shop.forge.merge(shop.repo, number, sha=head, title="t", message="m", methods=ALL)
    assert shop.forge.calls.total() - before == 3


def test_a_pull_request_without_commits_is_refused_in_words(shop: Shop) -> None:
    with pytest.raises(GiveUp, match="refused to open the pull request"):
        shop.forge.open_pull(shop.repo, branch="main", head=shop.base, into="main", title="Nothing", body="")


def test_a_merge_brings_exactly_the_approved_head(shop: Shop) -> None:
    number, head = shop.propose()
    merge_sha = shop.forge.merge(
        shop.repo, number, sha=head, title="Add tax (#1)", message="Approved by ben.", methods=ALL
    )
    assert shop.desk.refs(shop.repo)["main"] == merge_sha
    state = shop.forge.pull(shop.repo, number)
    assert (state.merged, state.merge_sha, state.merged_by, state.open) == (True, merge_sha, "shipmate-bot", False)
    assert [merge["head_sha"] for merge in shop.desk.merges(shop.repo)] == [head]


def test_a_merge_of_an_older_head_is_refused_as_moved(shop: Shop) -> None:
    number, head = shop.propose()
    shop.branch(text="three\n")
    with pytest.raises(MergeRefused) as caught:
        shop.forge.merge(shop.repo, number, sha=head, title="t", message="m", methods=ALL)
    assert caught.value.moved
    assert shop.desk.merges(shop.repo) == []


def test_a_conflict_is_refused_in_words(shop: Shop) -> None:
    number, head = shop.propose()
    shop.desk.push_commit(shop.repo, "main", {"a.txt": "other\n"})
    with pytest.raises(MergeRefused, match="won't merge it") as caught:
        shop.forge.merge(shop.repo, number, sha=head, title="t", message="m", methods=ALL)
    assert not caught.value.moved


@pytest.mark.parametrize("fault", [{"drop": "after"}, {"drop": "before"}, {"status": 502}])
def test_a_lost_answer_to_a_merge_ends_in_one_merge(shop: Shop, fault: dict[str, object]) -> None:
    number, head = shop.propose()
    shop.desk.fail_next("PUT", f"{shop.repo}/pulls/{number}/merge$", **fault)  # type: ignore[arg-type]  # as above
    with pytest.raises(TryAgain):
        shop.forge.merge(shop.repo, number, sha=head, title="t", message="m", methods=ALL)
    merge_sha = shop.forge.merge(shop.repo, number, sha=head, title="t", message="m", methods=ALL)
    assert shop.desk.refs(shop.repo)["main"] == merge_sha
    assert len(shop.desk.merges(shop.repo)) == 1


def test_a_merge_by_a_person_is_adopted_with_their_name(shop: Shop) -> None:
    number, head = shop.propose()
    merge_sha = shop.desk.merge(shop.repo, number, person="ben")
    assert shop.forge.merge(shop.repo, number, sha=head, title="t", message="m", methods=ALL) == merge_sha
    assert shop.forge.pull(shop.repo, number).merged_by == "ben"


def test_a_closed_pull_request_is_not_merged(shop: Shop) -> None:
    number, head = shop.propose()
    shop.forge.close_pull(shop.repo, number)
    assert shop.forge.pull(shop.repo, number).open is False
    with pytest.raises(MergeRefused):
        shop.forge.merge(shop.repo, number, sha=head, title="t", message="m", methods=ALL)


def test_deleting_a_branch_twice_is_fine(shop: Shop) -> None:
    head = shop.branch()
    shop.forge.delete_branch(shop.repo, "shipmate/tax", head=head)
    shop.forge.delete_branch(shop.repo, "shipmate/tax", head=head)
    assert "shipmate/tax" not in shop.desk.refs(shop.repo)


def test_a_branch_that_moved_on_is_not_deleted(shop: Shop) -> None:
    head = shop.branch()
    pushed = shop.desk.push_commit(shop.repo, "shipmate/tax", {"b.txt": "ben's\n"}, author="ben")
    shop.forge.delete_branch(shop.repo, "shipmate/tax", head=head)
    assert shop.desk.refs(shop.repo)["shipmate/tax"] == pushed


def test_a_read_survives_a_passing_error_and_a_limit_is_waited_out_elsewhere(shop: Shop) -> None:
    shop.desk.fail_next("GET", f"{shop.repo}$", status=502)
    assert shop.forge.repository(shop.repo).full_name == shop.repo
    shop.desk.fail_next(
        "GET", f"{shop.repo}$", status=403, retry_after=1200, message="You have exceeded a secondary rate limit"
    )
    with pytest.raises(TryAgain) as caught:
        shop.forge.repository(shop.repo)
    assert caught.value.after_seconds == 1200


def test_missing_rights_are_told_with_what_is_needed(shop: Shop) -> None:
    number, head = shop.propose()
    with pytest.raises(GiveUp, match="credentials"):
        shop.as_bot("ghp_wrong").repository(shop.repo)
    with pytest.raises(GiveUp):
        shop.as_bot("ghp_mallory").merge(shop.repo, number, sha=head, title="t", message="m", methods=ALL)
    with pytest.raises(GiveUp):
        shop.as_bot("ghp_scopeless").pull(shop.repo, number)
    with pytest.raises(GiveUp, match="may not see it"):
        shop.forge.repository("acme/nowhere")
    assert shop.desk.merges(shop.repo) == []


def test_nobody_listening_is_tried_again() -> None:
    with pytest.raises(TryAgain, match="could not be reached"):
        GitHubForge(token="x", api_url="http://127.0.0.1:9/api/v3").repository("acme/shop")


@pytest.mark.parametrize("installation_id", [7001, None])
def test_an_app_finds_its_installation_and_mints_tokens_that_git_accepts(
    shop: Shop, installation_id: int | None
) -> None:
    head = shop.branch()
    forge = shop.as_app(installation_id)
    opened = forge.open_pull(shop.repo, branch="shipmate/tax", head=head, into="main", title="Add tax", body="")
    merge_sha = forge.merge(
        shop.repo, opened.pull.number, sha=opened.pull.head_sha, title="t", message="m", methods=ALL
    )
    assert forge.pull(shop.repo, opened.pull.number).merge_sha == merge_sha
    token = forge.token(shop.repo)
    assert token
    url = f"{shop.server_url}/{shop.repo}.git".replace("://", f"://x-access-token:{token}@")
    listed = subprocess.run(["git", "ls-remote", url, "main"], capture_output=True, text=True, check=True, timeout=30)
    assert listed.stdout.startswith(merge_sha)


def test_many_threads_share_one_installation_token(shop: Shop) -> None:
    forge = shop.as_app()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: forge.repository(shop.repo).id, range(16)))
        tokens = list(pool.map(lambda _: forge.token(shop.repo), range(16)))
    assert len(set(found)) == 1
    assert len(set(tokens)) == 1


def test_a_token_is_the_token_and_nothing_is_nothing(shop: Shop) -> None:
    assert shop.forge.token(shop.repo) == "ghp_shipmate"
    assert GitHubForge(api_url=shop.api_url).token(shop.repo) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/repos/acme/till/pulls/12/merge", "/repos/{repo}/pulls/{n}/merge"),
        (f"https://h/api/v3/repos/a/b/commits/{'a1' * 20}/check-runs?page=2", "/repos/{repo}/commits/{sha}/check-runs"),
        ("/repos/a/b/git/refs/heads/shipmate/x", "/repos/{repo}/git/refs/{ref}"),
        ("/app/installations/7/access_tokens", "/app/installations/{n}/access_tokens"),
    ],
)
def test_calls_are_counted_by_route(url: str, expected: str) -> None:
    assert route("GET", url) == f"GET {expected}"

"""Tokens, apps and what each may do."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from github import Auth, Github, GithubException, GithubIntegration, InputGitTreeElement, UnknownObjectException

from .conftest import PRIVATE_KEY, REPO, Running, content


def as_app(hub: Running, permissions: dict[str, str] | None = None) -> Github:
    integration = GithubIntegration(auth=Auth.AppAuth(4242, PRIVATE_KEY), base_url=hub.config.api_url)
    token = integration.get_access_token(integration.get_repo_installation(*REPO.split("/")).id, permissions)
    return Github(auth=Auth.Token(token.token), base_url=hub.config.api_url, retry=None, seconds_between_writes=0)


def test_an_installation_token_works_within_its_permissions_only(hub: Running) -> None:
    repo = as_app(hub, {"contents": "read"}).get_repo(REPO)
    assert repo.get_branch("main").name == "main"
    with pytest.raises(GithubException) as refused:
        repo.create_git_ref("refs/heads/x", repo.get_branch("main").commit.sha)
    assert (refused.value.status, refused.value.data["message"]) == (403, "Resource not accessible by integration")


def test_a_token_for_one_repository_does_not_see_another(hub: Running, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.txt").write_text("a")
    hub.desk.seed("acme/other", str(tmp_path / "other"))
    integration = GithubIntegration(auth=Auth.AppAuth(4242, PRIVATE_KEY), base_url=hub.config.api_url)
    _, made = integration.requester.requestJsonAndCheck(
        "POST", "/app/installations/7001/access_tokens", input={"repository_ids": [hub.repo().id]}
    )
    narrow = Github(auth=Auth.Token(made["token"]), base_url=hub.config.api_url, retry=None)
    assert narrow.get_repo(REPO).full_name == REPO
    with pytest.raises(UnknownObjectException):
        narrow.get_repo("acme/other")


def test_an_app_signed_with_another_key_is_refused(hub: Running) -> None:
    from playground.github import new_private_key

    integration = GithubIntegration(auth=Auth.AppAuth(4242, new_private_key()), base_url=hub.config.api_url)
    with pytest.raises(GithubException) as refused:
        integration.get_app()
    assert refused.value.status == 401


def test_only_an_app_may_write_check_runs(hub: Running) -> None:
    sha = hub.desk.refs(REPO)["main"]
    made = as_app(hub).get_repo(REPO).create_check_run("shipmate", sha, status="in_progress")
    made.edit(conclusion="success", output={"title": "Done", "summary": "All of it"})
    assert [run.conclusion for run in hub.repo().get_commit(sha).get_check_runs()] == ["success"]
    with pytest.raises(GithubException) as refused:
        hub.repo().create_check_run("mine", sha)
    assert refused.value.status == 403


def test_somebody_without_rights_sees_no_repository(hub: Running) -> None:
    with pytest.raises(UnknownObjectException):
        hub.repo("mallory")


def test_a_wrong_token_is_named_as_such(hub: Running) -> None:
    with pytest.raises(GithubException) as refused:
        Github(auth=Auth.Token("ghp_wrong"), base_url=hub.config.api_url, retry=None).get_repo(REPO)
    assert refused.value.data["message"] == "Bad credentials"


def test_an_unknown_field_and_an_unknown_route_are_refused_in_words(hub: Running) -> None:
    headers = {"Authorization": "Bearer ghp_ben"}
    api = hub.config.api_url
    field = requests.post(f"{api}/repos/{REPO}/git/refs", json={"ref": "x", "shaa": "y"}, headers=headers, timeout=60)
    assert (field.status_code, "shaa" in field.json()["message"]) == (422, True)
    route = requests.get(f"{api}/nothing/here", headers=headers, timeout=60)
    assert (route.status_code, "no route GET" in route.json()["message"]) == (404, True)


def test_the_git_database_makes_a_commit_without_git(hub: Running) -> None:
    repo = hub.repo()
    tip = repo.get_git_commit(hub.desk.refs(REPO)["main"])
    tree = repo.create_git_tree([InputGitTreeElement("docs/new.md", "100644", "blob", content="hello")], tip.tree)
    commit = repo.create_git_commit("Add a page", tree, [tip])
    repo.create_git_ref("refs/heads/page", commit.sha)
    assert content(repo, "docs/new.md", "page") == b"hello"
    assert [it.filename for it in repo.compare("main", "page").files] == ["docs/new.md"]


def test_pages_of_a_list_are_linked(hub: Running) -> None:
    sha = hub.desk.refs(REPO)["main"]
    for number in range(5):
        hub.repo().create_git_ref(f"refs/heads/b{number}", sha)
    client = Github(auth=Auth.Token("ghp_shipmate"), base_url=hub.config.api_url, per_page=2, retry=None)
    assert len(list(client.get_repo(REPO).get_branches())) == 6
    assert client.get_repo(REPO).get_branches().totalCount == 6

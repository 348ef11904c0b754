"""One story that calls every REST route; each answer is held against GitHub's OpenAPI description as it passes."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import requests

from playground.github.api import template
from playground.github.app import API_ROUTES

from .conftest import PRIVATE_KEY, REPO, TOKENS, Inbox, Running, Start
from .test_ci import WORKFLOW, with_workflow

Api = Callable[..., Any]


def caller(hub: Running, authorization: str) -> Api:
    def call(method: str, path: str, status: int = 200, /, **body: Any) -> Any:
        url = f"{hub.config.api_url}{path}"
        answer = requests.request(
            method, url, json=body or None, headers={"Authorization": authorization}, timeout=20, allow_redirects=False
        )
        assert answer.status_code == status, (method, path, answer.status_code, answer.text[:400])
        return answer.json() if answer.content else None

    return call


def signed() -> str:
    claims = {"iat": int(time.time()) - 60, "exp": int(time.time()) + 300, "iss": "4242"}
    return f"Bearer {jwt.encode(claims, PRIVATE_KEY, algorithm='RS256')}"


def test_every_route_answers_as_github_describes(start: Start, source: Path, inbox: Inbox) -> None:
    with_workflow(source, WORKFLOW)
    hub = start(webhook_url=inbox.url)
    app = caller(hub, signed())
    token = app("POST", "/app/installations/7001/access_tokens", 201, permissions={})["token"]
    bot, ben = caller(hub, f"token {token}"), caller(hub, f"token {TOKENS['ben']}")
    about_the_app(app, bot)
    about_the_server(ben)
    repo = f"/repos/{REPO}"
    numbered = ben("GET", f"/repositories/{ben('GET', repo)['id']}")
    assert numbered["full_name"] == REPO
    head = make_a_branch(bot, repo)
    read_the_repository(ben, repo, head)
    number = life_of_a_pull(hub, bot, ben, repo)
    report(bot, ben, repo, head)
    ci(hub, ben, repo)
    hub.desk.secret(REPO, "NPM_TOKEN", "hush", of="environment:preview")
    for path in ("/actions/secrets", "/actions/organization-secrets", "/environments", "/environments/preview/secrets"):
        ben("GET", f"{repo}{path}")
    ben("PUT", f"{repo}/pulls/{number}/merge", sha=ben("GET", f"{repo}/pulls/{number}")["head"]["sha"])
    ben("GET", f"{repo}/pulls/{number}/merge", 204)
    deliveries(hub, app)
    declared = {f"{it.method} {template(it.path)}" for it in API_ROUTES}
    called = {" ".join(it.split(" ")[:2]) for it in hub.recorder.seen if int(it.split(" ")[2]) < 400}
    assert declared - called == set()


def about_the_app(app: Api, bot: Api) -> None:
    assert app("GET", "/app")["slug"] == "shipmate"
    for path in ("/apps/shipmate", "/app/installations", "/app/installations/7001", f"/repos/{REPO}/installation"):
        app("GET", path)
    app("GET", "/orgs/acme/installation")
    app("GET", "/app/hook/config")
    assert bot("GET", "/installation/repositories")["total_count"] == 1


def about_the_server(ben: Api) -> None:
    for path in ("/", "/meta", "/rate_limit", "/users/ana", "/user/repos"):
        ben("GET", path)
    assert ben("GET", "/user")["login"] == "ben"


def make_a_branch(bot: Api, repo: str) -> str:
    """The Git database, refs and contents; the head of the branch `fix`."""
    main = bot("GET", f"{repo}/git/ref/heads/main")["object"]["sha"]
    tree = bot("GET", f"{repo}/git/commits/{main}")["tree"]["sha"]
    blob = bot("POST", f"{repo}/git/blobs", 201, content="hello", encoding="utf-8")["sha"]
    assert base64.b64decode(bot("GET", f"{repo}/git/blobs/{blob}")["content"]) == b"hello"
    entries = [{"path": "docs/a.md", "mode": "100644", "type": "blob", "sha": blob}]
    made = bot("POST", f"{repo}/git/trees", 201, base_tree=tree, tree=entries)["sha"]
    bot("GET", f"{repo}/git/trees/{made}")
    commit = bot("POST", f"{repo}/git/commits", 201, message="Add docs", tree=made, parents=[main])["sha"]
    bot("POST", f"{repo}/git/refs", 201, ref="refs/heads/fix", sha=main)
    bot("PATCH", f"{repo}/git/refs/heads/fix", sha=commit)
    bot("GET", f"{repo}/git/refs/heads/fix")
    bot("GET", f"{repo}/git/matching-refs/heads/")
    text = base64.b64encode(b"more").decode()
    written = bot("PUT", f"{repo}/contents/docs/b.md", 201, message="Add b", content=text, branch="fix")
    sha = written["content"]["sha"]
    bot("DELETE", f"{repo}/contents/docs/b.md", message="Drop b", sha=sha, branch="fix")
    bot("POST", f"{repo}/git/refs", 201, ref="refs/heads/gone", sha=main)
    bot("POST", f"{repo}/merges", 201, base="gone", head="fix")
    bot("DELETE", f"{repo}/git/refs/heads/gone", 204)
    return str(bot("GET", f"{repo}/branches/fix")["commit"]["sha"])


def read_the_repository(ben: Api, repo: str, head: str) -> None:
    for path in ("/branches", "/languages", "/commits", f"/commits/{head}", "/contents/", "/contents/README.md"):
        ben("GET", f"{repo}{path}")
    assert ben("GET", f"{repo}/compare/main...fix")["ahead_by"] == 3
    newest = ben("GET", f"{repo}/activity?ref=fix")[0]
    assert (newest["ref"], newest["after"]) == ("refs/heads/fix", head)
    assert ben("GET", f"{repo}/rules/branches/main") == []
    ben("GET", f"{repo}/collaborators/ana", 204)
    assert ben("GET", f"{repo}/collaborators/mallory/permission")["permission"] == "none"
    ben("GET", f"{repo}/collaborators/nobody-at-all/permission", 404)


def life_of_a_pull(hub: Running, bot: Api, ben: Api, repo: str) -> int:
    number = bot("POST", f"{repo}/pulls", 201, title="Docs", head="fix", base="main", body="Why")["number"]
    pull = f"{repo}/pulls/{number}"
    bot("PATCH", pull, title="Docs, better")
    for path in ("", "/files", "/commits", "/reviews", "/requested_reviewers"):
        bot("GET", f"{pull}{path}")
    bot("GET", f"{repo}/pulls?state=all&head=acme:fix")
    bot("POST", f"{pull}/requested_reviewers", 201, reviewers=["ben"])
    bot("POST", f"{pull}/requested_reviewers", 201, team_reviewers=["platform"])
    assert [team["slug"] for team in bot("GET", f"{pull}/requested_reviewers")["teams"]] == ["platform"]
    bot("DELETE", f"{pull}/requested_reviewers", reviewers=["ben"], team_reviewers=["platform"])
    review = ben("POST", f"{pull}/reviews", event="APPROVE", body="Good")["id"]
    ben("GET", f"{pull}/reviews/{review}")
    ben("PUT", f"{pull}/reviews/{review}/dismissals", message="Too early")
    issue = f"{repo}/issues/{number}"
    comment = bot("POST", f"{issue}/comments", 201, body="Hello")["id"]
    for path in (issue, f"{issue}/comments", f"{repo}/issues/comments/{comment}", f"{issue}/labels"):
        bot("GET", path)
    bot("PATCH", f"{repo}/issues/comments/{comment}", body="Hello again")
    bot("DELETE", f"{repo}/issues/comments/{comment}", 204)
    bot("POST", f"{issue}/labels", labels=["shipmate"])
    bot("DELETE", f"{issue}/labels/shipmate")
    hub.desk.push_commit(REPO, "main", {"LATER.md": "later"})
    bot("PUT", f"{pull}/update-branch", 202)
    return int(number)


def report(bot: Api, ben: Api, repo: str, head: str) -> None:
    ben("POST", f"{repo}/statuses/{head}", 201, state="success", context="lint", description="fine")
    for path in (f"/statuses/{head}", f"/commits/{head}/statuses", f"/commits/{head}/status", f"/commits/{head}/pulls"):
        ben("GET", f"{repo}{path}")
    run = bot("POST", f"{repo}/check-runs", 201, name="shipmate", head_sha=head, status="in_progress")["id"]
    bot("PATCH", f"{repo}/check-runs/{run}", conclusion="success", output={"title": "Done", "summary": "All"})
    for path in (f"/check-runs/{run}", f"/check-runs/{run}/annotations", f"/commits/{head}/check-runs"):
        bot("GET", f"{repo}{path}")
    suite = bot("GET", f"{repo}/commits/{head}/check-suites?app_id=4242")["check_suites"][0]["id"]
    bot("GET", f"{repo}/check-suites/{suite}")
    bot("GET", f"{repo}/check-suites/{suite}/check-runs")
    bot("POST", f"{repo}/check-runs/{run}/rerequest", 201)
    bot("POST", f"{repo}/check-suites/{suite}/rerequest", 201)
    made = ben("POST", f"{repo}/deployments", 201, ref="fix", environment="preview", required_contexts=[])["id"]
    status = ben("POST", f"{repo}/deployments/{made}/statuses", 201, state="success", environment_url="https://e.test/")
    for path in ("", f"/{made}", f"/{made}/statuses", f"/{made}/statuses/{status['id']}"):
        ben("GET", f"{repo}/deployments{path}")


def ci(hub: Running, ben: Api, repo: str) -> None:
    head = ben("GET", f"{repo}/branches/fix")["commit"]["sha"]
    hub.desk.wait_for_ci(REPO, head)
    hub.desk.wait_for(hub.desk.ci)
    run = ben("GET", f"{repo}/actions/runs?head_sha={head}")["workflow_runs"][0]
    job = ben("GET", f"{repo}/actions/runs/{run['id']}/jobs")["jobs"][0]["id"]
    artifact = ben("GET", f"{repo}/actions/runs/{run['id']}/artifacts")["artifacts"][0]["id"]
    for path in ("workflows", f"workflows/{run['workflow_id']}", f"runs/{run['id']}", f"jobs/{job}", "artifacts"):
        ben("GET", f"{repo}/actions/{path}")
    ben("GET", f"{repo}/actions/artifacts/{artifact}")
    for path in (f"artifacts/{artifact}/zip", f"jobs/{job}/logs", f"runs/{run['id']}/logs"):
        ben("GET", f"{repo}/actions/{path}", 302)
    ben("DELETE", f"{repo}/actions/artifacts/{artifact}", 204)
    hub.desk.ci(held=True)
    ben("POST", f"{repo}/actions/runs/{run['id']}/rerun", 201)
    ben("POST", f"{repo}/actions/runs/{run['id']}/cancel", 202)
    hub.desk.ci(held=False)
    hub.desk.wait_for(lambda: ben("GET", f"{repo}/actions/runs/{run['id']}")["conclusion"] == "cancelled")


def deliveries(hub: Running, app: Api) -> None:
    hub.desk.wait_for(lambda: app("GET", "/app/hook/deliveries"))
    newest = app("GET", "/app/hook/deliveries")[0]["id"]
    assert "payload" in app("GET", f"/app/hook/deliveries/{newest}")["request"]
    app("POST", f"/app/hook/deliveries/{newest}/attempts", 202)

"""Pull requests, comments and reviews as GitHub prints them."""

from __future__ import annotations

from typing import Any

from ..config import GitHubStandInConfig
from ..store import Doc
from .accounts import Shape, node_id, user
from .repositories import html_url, repository, repository_url


def association(config: GitHubStandInConfig, login: str) -> str:
    person = config.person(login)
    return "COLLABORATOR" if (person and person.permission != "none") or login.endswith("[bot]") else "NONE"


def _side(config: GitHubStandInConfig, repo: Doc, ref: str, sha: str) -> Shape:
    owner = repo["owner"]
    return {
        "label": f"{owner}:{ref}", "ref": ref, "sha": sha, "user": user(config, owner),
        "repo": repository(config, repo),
    }  # fmt: skip


def pull_simple(config: GitHubStandInConfig, repo: Doc, pull: Doc) -> Shape:
    """Return `pull-request-simple`."""
    number = pull["number"]
    api, page = repository_url(config, repo), html_url(config, repo)
    url, html, issue = f"{api}/pulls/{number}", f"{page}/pull/{number}", f"{api}/issues/{number}"
    statuses = f"{api}/statuses/{pull['head_sha']}"
    links = {
        "self": url, "html": html, "issue": issue, "comments": f"{issue}/comments", "commits": f"{url}/commits",
        "review_comments": f"{url}/comments", "review_comment": f"{api}/pulls/comments{{/number}}",
        "statuses": statuses,
    }  # fmt: skip
    return {
        "id": pull["id"], "node_id": node_id("PullRequest", pull["id"]), "number": number, "state": pull["state"],
        "locked": False, "title": pull["title"], "body": pull["body"], "user": user(config, pull["user"]),
        "draft": pull["draft"], "created_at": pull["created_at"], "updated_at": pull["updated_at"],
        "closed_at": pull["closed_at"], "merged_at": pull["merged_at"], "merge_commit_sha": pull["merge_commit_sha"],
        "assignee": None, "assignees": [], "milestone": None, "active_lock_reason": None, "auto_merge": None,
        "requested_reviewers": [user(config, login) for login in pull["requested_reviewers"]],
        "requested_teams": [team(config, repo, slug) for slug in pull.get("requested_teams", [])],
        "labels": [label(config, repo, name) for name in pull["labels"]],
        "author_association": association(config, pull["user"]),
        "head": _side(config, repo, pull["head_ref"], pull["head_sha"]),
        "base": _side(config, repo, pull["base_ref"], pull["base_sha"]),
        "url": url, "html_url": html, "diff_url": f"{html}.diff", "patch_url": f"{html}.patch", "issue_url": issue,
        "commits_url": links["commits"], "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"], "comments_url": links["comments"], "statuses_url": statuses,
        "_links": {name: {"href": href} for name, href in links.items()},
    }  # fmt: skip


def pull_full(config: GitHubStandInConfig, repo: Doc, pull: Doc, facts: dict[str, Any]) -> Shape:
    """Return `pull-request`; `facts` holds counts, `mergeable` and `mergeable_state`."""
    merged_by = pull["merged_by"]
    return {
        **pull_simple(config, repo, pull), "merged": pull["merged_at"] is not None, "rebaseable": facts["mergeable"],
        "merged_by": user(config, merged_by) if merged_by else None, "review_comments": 0,
        "maintainer_can_modify": False, **facts,
    }  # fmt: skip


def pull_minimal(config: GitHubStandInConfig, repo: Doc, pull: Doc) -> Shape:
    """Return `pull-request-minimal`, as check runs and workflow runs carry it."""
    api = repository_url(config, repo)
    there = {"id": repo["id"], "url": api, "name": repo["name"]}
    return {
        "id": pull["id"], "number": pull["number"], "url": f"{api}/pulls/{pull['number']}",
        "head": {"ref": pull["head_ref"], "sha": pull["head_sha"], "repo": there},
        "base": {"ref": pull["base_ref"], "sha": pull["base_sha"], "repo": there},
    }  # fmt: skip


def team(config: GitHubStandInConfig, repo: Doc, slug: str) -> Shape:
    """Return `team`."""
    ident = sum(slug.encode()) + 900
    url = f"{config.api_url}/organizations/1/team/{ident}"
    return {
        "id": ident, "node_id": node_id("Team", ident), "name": slug, "slug": slug, "description": None,
        "privacy": "closed", "notification_setting": "notifications_enabled", "permission": "push", "url": url,
        "html_url": f"{config.public_url}/orgs/{repo['owner']}/teams/{slug}",
        "members_url": f"{url}/members{{/member}}", "repositories_url": f"{url}/repos", "parent": None,
        "type": "organization", "organization_id": 1,
    }  # fmt: skip


def label(config: GitHubStandInConfig, repo: Doc, name: str) -> Shape:
    """Return `label`; every label of the stand-in has the same colour."""
    ident = sum(name.encode()) + 500
    return {
        "id": ident, "node_id": node_id("Label", ident), "url": f"{repository_url(config, repo)}/labels/{name}",
        "name": name, "color": "ededed", "default": False, "description": None,
    }  # fmt: skip


def reactions(url: str) -> Shape:
    """Return `reaction-rollup`: nobody reacts here."""
    names = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
    return {"url": f"{url}/reactions", "total_count": 0, **dict.fromkeys(names, 0)}


def issue(config: GitHubStandInConfig, repo: Doc, pull: Doc, comments: int) -> Shape:
    """Return `issue`: the issue side of a pull request."""
    api, page = repository_url(config, repo), html_url(config, repo)
    url, html = f"{api}/issues/{pull['number']}", f"{page}/pull/{pull['number']}"
    return {
        "id": pull["id"], "node_id": node_id("PullRequest", pull["id"]), "number": pull["number"], "url": url,
        "repository_url": api, "labels_url": f"{url}/labels{{/name}}", "comments_url": f"{url}/comments",
        "events_url": f"{url}/events", "html_url": html, "title": pull["title"], "body": pull["body"],
        "state": pull["state"], "locked": False, "user": user(config, pull["user"]), "assignee": None, "assignees": [],
        "labels": [label(config, repo, name) for name in pull["labels"]], "milestone": None, "comments": comments,
        "created_at": pull["created_at"], "updated_at": pull["updated_at"], "closed_at": pull["closed_at"],
        "author_association": association(config, pull["user"]), "active_lock_reason": None, "state_reason": None,
        "reactions": reactions(url),
        "pull_request": {
            "url": f"{api}/pulls/{pull['number']}", "html_url": html, "diff_url": f"{html}.diff",
            "patch_url": f"{html}.patch", "merged_at": pull["merged_at"],
        },
    }  # fmt: skip


def issue_comment(config: GitHubStandInConfig, repo: Doc, comment: Doc) -> Shape:
    """Return `issue-comment`."""
    api, page = repository_url(config, repo), html_url(config, repo)
    return {
        "id": comment["id"], "node_id": node_id("IssueComment", comment["id"]),
        "url": f"{api}/issues/comments/{comment['id']}", "issue_url": f"{api}/issues/{comment['number']}",
        "html_url": f"{page}/pull/{comment['number']}#issuecomment-{comment['id']}", "body": comment["body"],
        "user": user(config, comment["user"]), "created_at": comment["created_at"], "updated_at": comment["updated_at"],
        "author_association": association(config, comment["user"]), "performed_via_github_app": None,
        "reactions": reactions(f"{api}/issues/comments/{comment['id']}"),
    }  # fmt: skip


def review(config: GitHubStandInConfig, repo: Doc, it: Doc) -> Shape:
    """Return `pull-request-review`."""
    html = f"{html_url(config, repo)}/pull/{it['number']}"
    url = f"{repository_url(config, repo)}/pulls/{it['number']}"
    return {
        "id": it["id"], "node_id": node_id("PullRequestReview", it["id"]), "user": user(config, it["user"]),
        "body": it["body"], "state": it["state"], "commit_id": it["commit_id"], "submitted_at": it["submitted_at"],
        "html_url": f"{html}#pullrequestreview-{it['id']}", "pull_request_url": url,
        "author_association": association(config, it["user"]),
        "_links": {"html": {"href": f"{html}#pullrequestreview-{it['id']}"}, "pull_request": {"href": url}},
    }  # fmt: skip

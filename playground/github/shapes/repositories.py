"""Repositories as GitHub prints them."""

from __future__ import annotations

from ..config import GitHubStandInConfig
from ..store import Doc
from .accounts import Shape, node_id, user

_URLS = {
    "archive_url": "/{archive_format}{/ref}", "assignees_url": "/assignees{/user}", "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}", "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}", "commits_url": "/commits{/sha}", "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}", "contributors_url": "/contributors", "deployments_url": "/deployments",
    "downloads_url": "/downloads", "events_url": "/events", "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}", "git_refs_url": "/git/refs{/sha}", "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks", "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}", "keys_url": "/keys{/key_id}", "labels_url": "/labels{/name}",
    "languages_url": "/languages", "merges_url": "/merges", "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}", "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}", "stargazers_url": "/stargazers", "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers", "subscription_url": "/subscription", "tags_url": "/tags", "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}  # fmt: skip
MERGE_SETTINGS = ("allow_merge_commit", "allow_squash_merge", "allow_rebase_merge")
_LEVELS = ("read", "triage", "write", "maintain", "admin")
_FLAGS = ("pull", "triage", "push", "maintain", "admin")


def repository_url(config: GitHubStandInConfig, repo: Doc) -> str:
    return f"{config.api_url}/repos/{repo['full_name']}"


def html_url(config: GitHubStandInConfig, repo: Doc) -> str:
    return f"{config.public_url}/{repo['full_name']}"


def minimal_repository(config: GitHubStandInConfig, repo: Doc) -> Shape:
    """Return `minimal-repository`."""
    url = repository_url(config, repo)
    return {
        "id": repo["id"], "node_id": node_id("Repository", repo["id"]), "name": repo["name"],
        "full_name": repo["full_name"], "private": repo["private"], "owner": user(config, repo["owner"]),
        "html_url": html_url(config, repo), "description": repo["description"], "fork": False, "url": url,
        **{name: url + rest for name, rest in _URLS.items()},
    }  # fmt: skip


def repository(config: GitHubStandInConfig, repo: Doc, *, held: str = "") -> Shape:
    """Return `full-repository`; `held` is the caller's permission."""
    page = html_url(config, repo)
    level = _LEVELS.index(held) if held in _LEVELS else -1
    return {
        **minimal_repository(config, repo),
        "git_url": f"git://{page.split('://', 1)[1]}.git", "clone_url": f"{page}.git", "svn_url": page,
        "ssh_url": f"git@playground.test:{repo['full_name']}.git", "mirror_url": None, "homepage": None,
        "language": None, "forks_count": 0, "forks": 0, "stargazers_count": 0, "watchers_count": 0, "watchers": 0,
        "size": 0, "default_branch": repo["default_branch"], "open_issues_count": 0, "open_issues": 0,
        "is_template": False, "topics": [], "has_issues": True, "has_projects": False, "has_wiki": False,
        "has_pages": False, "has_downloads": False, "has_discussions": False, "archived": False, "disabled": False,
        "visibility": "private" if repo["private"] else "public", "pushed_at": repo["pushed_at"],
        "created_at": repo["created_at"], "updated_at": repo["pushed_at"], "license": None,
        "permissions": {flag: at <= level for at, flag in enumerate(_FLAGS)},
        **{name: repo.get(name, True) for name in MERGE_SETTINGS}, "allow_auto_merge": False,
        "delete_branch_on_merge": False, "allow_update_branch": True, "allow_forking": False,
        "web_commit_signoff_required": False, "subscribers_count": 0, "network_count": 0,
    }  # fmt: skip

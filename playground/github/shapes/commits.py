"""Commits, trees, blobs, refs and file changes as GitHub prints them."""

from __future__ import annotations

import base64
from urllib.parse import quote

from ..config import GitHubStandInConfig
from ..git import Commit, Ident, TreeEntry
from ..git_diff import FileChange
from ..store import Doc
from .accounts import Shape, node_id, user
from .repositories import html_url, repository_url

_UNSIGNED = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}


def account_of(config: GitHubStandInConfig, ident: Ident) -> Shape | None:
    """Return the account behind an author, found by e-mail address as GitHub does."""
    for person in config.people:
        if ident.email.lower() == person.email.lower():
            return user(config, person.login)
    return user(config, ident.name) if ident.name.endswith("[bot]") else None


def commit_refs(config: GitHubStandInConfig, repo: Doc, sha: str) -> Shape:
    return {
        "sha": sha,
        "url": f"{repository_url(config, repo)}/commits/{sha}",
        "html_url": f"{html_url(config, repo)}/commit/{sha}",
    }


def _person(ident: Ident) -> Shape:
    return {"name": ident.name, "email": ident.email, "date": ident.date}


def commit(config: GitHubStandInConfig, repo: Doc, it: Commit, files: list[FileChange] | None = None) -> Shape:
    """Return `commit`, with stats and files when they are given."""
    url = repository_url(config, repo)
    made: Shape = {
        **commit_refs(config, repo, it.sha), "node_id": node_id("Commit", it.sha),
        "comments_url": f"{url}/commits/{it.sha}/comments",
        "commit": {
            "author": _person(it.author), "committer": _person(it.committer), "message": it.message,
            "tree": {"sha": it.tree, "url": f"{url}/git/trees/{it.tree}"}, "comment_count": 0,
            "url": f"{url}/git/commits/{it.sha}", "verification": _UNSIGNED,
        },
        "author": account_of(config, it.author), "committer": account_of(config, it.committer),
        "parents": [commit_refs(config, repo, parent) for parent in it.parents],
    }  # fmt: skip
    if files is not None:
        added, removed = sum(file.additions for file in files), sum(file.deletions for file in files)
        made["stats"] = {"additions": added, "deletions": removed, "total": added + removed}
        made["files"] = [file_change(config, repo, file, it.sha) for file in files]
    return made


def git_commit(config: GitHubStandInConfig, repo: Doc, it: Commit) -> Shape:
    """Return `git-commit` of the Git database API."""
    url, page = repository_url(config, repo), html_url(config, repo)
    return {
        "sha": it.sha, "node_id": node_id("Commit", it.sha), "url": f"{url}/git/commits/{it.sha}",
        "html_url": f"{page}/commit/{it.sha}", "author": _person(it.author), "committer": _person(it.committer),
        "tree": {"sha": it.tree, "url": f"{url}/git/trees/{it.tree}"}, "message": it.message,
        "parents": [
            {"sha": sha, "url": f"{url}/git/commits/{sha}", "html_url": f"{page}/commit/{sha}"} for sha in it.parents
        ],
        "verification": _UNSIGNED,
    }  # fmt: skip


def simple_commit(it: Commit) -> Shape:
    """Return `simple-commit`, as check suites, runs and push events carry it."""
    return {
        "id": it.sha, "tree_id": it.tree, "message": it.message, "timestamp": it.committer.date,
        "author": {"name": it.author.name, "email": it.author.email},
        "committer": {"name": it.committer.name, "email": it.committer.email},
    }  # fmt: skip


def file_change(config: GitHubStandInConfig, repo: Doc, file: FileChange, sha: str) -> Shape:
    """Return `diff-entry`."""
    name = quote(file.filename)
    made: Shape = {
        "sha": file.sha, "filename": file.filename, "status": file.status, "additions": file.additions,
        "deletions": file.deletions, "changes": file.additions + file.deletions,
        "blob_url": f"{html_url(config, repo)}/blob/{sha}/{name}",
        "raw_url": f"{html_url(config, repo)}/raw/{sha}/{name}",
        "contents_url": f"{repository_url(config, repo)}/contents/{name}?ref={sha}",
    }  # fmt: skip
    if file.patch is not None:
        made["patch"] = file.patch
    if file.previous:
        made["previous_filename"] = file.previous
    return made


def ref(config: GitHubStandInConfig, repo: Doc, name: str, sha: str, kind: str = "commit") -> Shape:
    """Return `git-ref`; `name` is the full name."""
    url = repository_url(config, repo)
    return {
        "ref": name, "node_id": node_id("Ref", name), "url": f"{url}/git/{quote(name)}",
        "object": {"type": kind, "sha": sha, "url": f"{url}/git/{kind}s/{sha}"},
    }  # fmt: skip


def branch(
    config: GitHubStandInConfig,
    repo: Doc,
    name: str,
    sha: str,
    *,
    protected: bool,
    checks: list[tuple[str, int | None]],
) -> Shape:
    """Return `short-branch`; `checks` are (context, app) of its classic protection."""
    url = f"{repository_url(config, repo)}/branches/{quote(name)}"
    refs = commit_refs(config, repo, sha)
    enabled = {
        "enabled": protected,
        "required_status_checks": {
            "enforcement_level": "non_admins" if checks else "off", "contexts": [name for name, _ in checks],
            "checks": [{"context": name, "app_id": app} for name, app in checks],
        },
    }  # fmt: skip
    return {
        "name": name, "commit": {"sha": sha, "url": refs["url"]}, "protected": protected, "protection": enabled,
        "protection_url": f"{url}/protection",
    }  # fmt: skip


def tree(config: GitHubStandInConfig, repo: Doc, sha: str, entries: list[TreeEntry]) -> Shape:
    """Return `git-tree`."""
    url = repository_url(config, repo)
    kinds = {"blob": "blobs", "tree": "trees", "commit": "commits"}
    listed = []
    for entry in entries:
        item: Shape = {"path": entry.path, "mode": entry.mode, "type": entry.type, "sha": entry.sha}
        item["url"] = f"{url}/git/{kinds[entry.type]}/{entry.sha}"
        if entry.size is not None:
            item["size"] = entry.size
        listed.append(item)
    return {"sha": sha, "url": f"{url}/git/trees/{sha}", "tree": listed, "truncated": False}


def blob(config: GitHubStandInConfig, repo: Doc, sha: str, data: bytes) -> Shape:
    """Return `blob`."""
    return {
        "sha": sha, "node_id": node_id("Blob", sha), "size": len(data), "encoding": "base64",
        "url": f"{repository_url(config, repo)}/git/blobs/{sha}", "content": base64.encodebytes(data).decode(),
    }  # fmt: skip


def content(config: GitHubStandInConfig, repo: Doc, entry: TreeEntry, at: str, data: bytes | None = None) -> Shape:
    """Return `content-file`, or one line of `content-directory` when `data` is None."""
    url, name = repository_url(config, repo), quote(entry.path)
    is_tree = entry.type == "tree"
    kind = {"tree": "dir", "commit": "submodule"}.get(entry.type, "symlink" if entry.mode == "120000" else "file")
    own = f"{url}/contents/{name}?ref={at}"
    git = f"{url}/git/{'trees' if is_tree else 'blobs'}/{entry.sha}"
    page = f"{html_url(config, repo)}/{'tree' if is_tree else 'blob'}/{at}/{name}"
    made: Shape = {
        "type": kind, "name": entry.path.rsplit("/", 1)[-1], "path": entry.path, "sha": entry.sha,
        "size": entry.size or 0, "url": own, "html_url": page, "git_url": git,
        "download_url": None if is_tree else f"{html_url(config, repo)}/raw/{at}/{name}",
        "_links": {"self": own, "git": git, "html": page},
    }  # fmt: skip
    if data is not None:
        made |= {"encoding": "base64", "content": base64.encodebytes(data).decode()}
    return made

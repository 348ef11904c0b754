"""Merges a pull request, and removes a branch: both move a ref, and everything that follows from that.

Law: a merge happens under the hub's lock, with the head and base it was checked against, or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence

from .errors import ApiError
from .git import ZERO, BareRepository, GitError, Ident
from .git_edit import merge_trees, rebase
from .hub import Hub
from .protection import refusals
from .pull_requests import ident_of, mark_merged
from .pushes import ref_moved
from .store import Doc, now

_FORGE = Ident("GitHub", "noreply@github.com")


def merge(
    hub: Hub, repo: Doc, pull: Doc, *, who: str, sha: str | None = None, method: str = "merge",
    title: str | None = None, message: str | None = None,
) -> str:  # fmt: skip
    """Merge; return the sha that the base now has. Raises 405 and 409 with GitHub's own words."""
    with hub.lock:
        pull = hub.store.get("pull", pull["id"]) or pull
        if pull["state"] != "open":
            raise ApiError(405, "Pull Request is not mergeable")
        if sha is not None and sha != pull["head_sha"]:
            raise ApiError(409, "Head branch was modified. Review and try the merge again.")
        if pull["draft"]:
            raise ApiError(405, "Pull Request is still a draft")
        for words in refusals(hub, repo, pull, method):
            raise ApiError(405, words)
        git = hub.git(repo)
        base = git.branch(pull["base_ref"])
        if base is None:
            raise ApiError(405, "Base branch was deleted")
        new = _merged_commit(hub, git, repo, pull, base, method, title, message, who)
        if new is None:
            raise ApiError(405, "Pull Request is not mergeable")
        try:
            git.update_ref(f"refs/heads/{pull['base_ref']}", new, base)
        except GitError:
            raise ApiError(409, "Base branch was modified. Review and try the merge again.") from None
        mark_merged(hub, repo, pull, new, who, method)
    ref_moved(hub, repo, f"refs/heads/{pull['base_ref']}", base, new, who)
    return new


def merge_group(hub: Hub, repo: Doc, pulls: Sequence[Doc], *, who: str, method: str = "merge") -> list[str]:
    """Merge as a merge queue does: each pull request on the one before it, then the base moves once over all of them.

    Return the sha of each. Raises 405 where one cannot be merged; then none is.
    """
    with hub.lock:
        git, ref = hub.git(repo), f"refs/heads/{pulls[0]['base_ref']}"
        base = tip = git.ref(ref) or ZERO
        made: list[str] = []
        for pull in pulls:
            new = _merged_commit(hub, git, repo, pull, tip, method, None, None, who)
            if new is None or pull["state"] != "open" or f"refs/heads/{pull['base_ref']}" != ref:
                raise ApiError(405, "Pull Request is not mergeable")
            made.append(tip := new)
        git.update_ref(ref, tip, base)
        for pull, sha in zip(pulls, made, strict=True):
            mark_merged(hub, repo, pull, sha, who, method)
    ref_moved(hub, repo, ref, base, tip, who)
    return made


def _merged_commit(
    hub: Hub, git: BareRepository, repo: Doc, pull: Doc, base: str, method: str,
    title: str | None, message: str | None, who: str,
) -> str | None:  # fmt: skip
    head, number = pull["head_sha"], pull["number"]
    if method == "rebase":
        return rebase(git, base, head, _FORGE)
    tree = merge_trees(git, base, head)
    if tree is None:
        return None
    if method == "squash":
        own_title, own_message, parents = f"{pull['title']} (#{number})", "", [base]
    else:
        own_title = f"Merge pull request #{number} from {repo['owner']}/{pull['head_ref']}"
        own_message, parents = pull["title"], [base, head]
    text = f"{title or own_title}\n\n{own_message if message is None else message}".rstrip() + "\n"
    return git.commit_tree(tree, parents, text, ident_of(hub, who), _FORGE)


def delete_branch(hub: Hub, repo: Doc, branch: str, who: str) -> bool:
    """Remove a branch if it is there."""
    git = hub.git(repo)
    old = git.branch(branch)
    if old is None:
        return False
    git.delete_ref(f"refs/heads/{branch}")
    ref_moved(hub, repo, f"refs/heads/{branch}", old, ZERO, who)
    return True


def rename_branch(hub: Hub, repo: Doc, old: str, new: str, who: str) -> None:
    """Rename a branch as its settings page does: open pull requests into it follow, merged ones keep the old name."""
    git = hub.git(repo)
    sha = git.branch(old)
    if sha is None or git.branch(new) is not None or not git.valid_ref(f"refs/heads/{new}"):
        raise ApiError(422, "Branch could not be renamed")
    with hub.lock:
        git.update_ref(f"refs/heads/{new}", sha, ZERO)
        if repo["default_branch"] == old:
            hub.store.update("repository", repo["id"], default_branch=new)
            git.run("symbolic-ref", "HEAD", f"refs/heads/{new}")
        for pull in hub.pulls(repo, state="open", base_ref=old):
            hub.store.update("pull", pull["id"], base_ref=new, updated_at=now())
        git.delete_ref(f"refs/heads/{old}")
    ref_moved(hub, repo, f"refs/heads/{new}", ZERO, sha, who)

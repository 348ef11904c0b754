"""What a branch demands before a merge: classic protection and rulesets, read together.

Both hold for the default branch alone. `required_checks` of a repository is its classic protection (a name, or
`{"context", "app_id"}`), `rules` its ruleset (`{"type", "parameters"}`).

Law: a refusal of a merge is GitHub's own sentence, and the first one that GitHub would say.
"""

from __future__ import annotations

from .check_suites import PASSED, check_runs, combined_state, latest_statuses
from .git import BareRepository
from .git_edit import merge_trees
from .hub import Hub
from .shapes.accounts import app_by_slug
from .store import Doc

_METHODS = {
    "merge": ("allow_merge_commit", "Merge commits are not allowed on this repository."),
    "squash": ("allow_squash_merge", "Squash merges are not allowed on this repository."),
    "rebase": ("allow_rebase_merge", "Rebase merges are not allowed on this repository."),
}
_RULES = "Repository rule violations found\n\n"


def rules(repo: Doc, branch: str) -> list[Doc]:
    """Return the active rules of a branch: the ruleset, without classic protection, as GitHub's route does."""
    return list(repo.get("rules") or []) if branch == repo["default_branch"] else []


def parameters(repo: Doc, branch: str, kind: str) -> Doc | None:
    """Return the parameters of the one rule of that type; None where the branch has none."""
    return next((it.get("parameters") or {} for it in rules(repo, branch) if it["type"] == kind), None)


def classic_checks(repo: Doc, branch: str) -> list[tuple[str, int | None]]:
    """Return (context, the app that must report it or None) of classic protection."""
    if branch != repo["default_branch"]:
        return []
    given = repo.get("required_checks") or []
    return [(it, None) if isinstance(it, str) else (it["context"], it.get("app_id")) for it in given]


def required_checks(repo: Doc, branch: str) -> list[tuple[str, int | None]]:
    """Return (context, app or None) of both kinds of protection."""
    found = parameters(repo, branch, "required_status_checks") or {}
    ruled = [(it["context"], it.get("integration_id")) for it in found.get("required_status_checks", [])]
    return [*classic_checks(repo, branch), *ruled]


def app_id(hub: Hub, run: Doc) -> int:
    return int(app_by_slug(hub.config, run["app_slug"])["id"])


def is_required(repo: Doc, branch: str, name: str, app: int | None) -> bool:
    """Return whether a check of that name, reported by that app (None: a status), is one that the branch demands."""
    return any(name == context and wanted in {None, app} for context, wanted in required_checks(repo, branch))


def missing_checks(hub: Hub, repo: Doc, pull: Doc) -> list[str]:
    """List the required checks that have not passed on the head."""
    passed = {(it["name"], app_id(hub, it)) for it in check_runs(hub, repo, pull["head_sha"]) if _passed(it)}
    statuses = {it["context"] for it in latest_statuses(hub, repo, pull["head_sha"]) if it["state"] == "success"}
    names = {name for name, _ in passed} | statuses
    return [
        context for context, app in required_checks(repo, pull["base_ref"])
        if (context, app) not in passed and (app is not None or context not in names)
    ]  # fmt: skip


def _passed(run: Doc) -> bool:
    return run["status"] == "completed" and run["conclusion"] in PASSED


def standing_reviews(hub: Hub, repo: Doc, pull: Doc, *, writers: bool) -> list[Doc]:
    """Return the newest review of each author that says more than a comment; with `writers` of those with push."""
    found = hub.store.find("review", repo=repo["id"], key=str(pull["number"]))
    newest = {it["user"]: it for it in found if it["state"] in {"APPROVED", "CHANGES_REQUESTED", "DISMISSED"}}
    return [it for it in newest.values() if not writers or may_push(hub, it["user"])]


def may_push(hub: Hub, login: str) -> bool:
    person = hub.config.person(login)
    return person is not None and person.permission in {"write", "admin"}


def refusals(hub: Hub, repo: Doc, pull: Doc, method: str) -> list[str]:
    """Return why GitHub would not merge this now in this way; empty where it would."""
    setting, words = _METHODS[method]
    found = [] if repo.get(setting, True) else [words]
    branch = pull["base_ref"]
    asked = parameters(repo, branch, "pull_request")
    if asked is not None and method not in asked.get("allowed_merge_methods", [method]):
        found.append(f"{_RULES}{method.title()} is not an allowed merge method in this repository.")
    if method == "merge" and any(it["type"] == "required_linear_history" for it in rules(repo, branch)):
        found.append(f"{_RULES}This branch must not contain merge commits.")
    if parameters(repo, branch, "merge_queue") is not None:
        found.append(f"{_RULES}Changes must be made through the merge queue")
    classic = {name for name, _ in classic_checks(repo, branch)}
    for name in missing_checks(hub, repo, pull):
        found.append(f'{"" if name in classic else _RULES}Required status check "{name}" is expected.')
    if behind(hub, repo, pull):
        found.append("Head branch is not up to date with the base branch.")
    if lack := _reviews_lacking(hub, repo, pull):
        found.append(_RULES + lack)
    return found


def _reviews_lacking(hub: Hub, repo: Doc, pull: Doc) -> str:
    asked = parameters(repo, pull["base_ref"], "pull_request")
    wanted = int((asked or {}).get("required_approving_review_count", 0))
    if not wanted:
        return ""
    states = [it["state"] for it in standing_reviews(hub, repo, pull, writers=True)]
    if "CHANGES_REQUESTED" in states:
        return "Changes have been requested by reviewers with write access."
    if states.count("APPROVED") < wanted:
        return f"At least {wanted} approving review is required by reviewers with write access."
    return ""


def behind(hub: Hub, repo: Doc, pull: Doc) -> bool:
    """Return whether the branch must be up to date before a merge, and is not."""
    ruled = parameters(repo, pull["base_ref"], "required_status_checks") or {}
    strict = repo.get("strict") or ruled.get("strict_required_status_checks_policy")
    git = hub.git(repo)
    tip = git.branch(pull["base_ref"]) if strict else None
    return tip is not None and not git.is_ancestor(tip, pull["head_sha"])


def mergeable_state(hub: Hub, repo: Doc, git: BareRepository, pull: Doc, base: str) -> str:
    """Return `dirty`, `draft`, `blocked`, `behind`, `unstable` or `clean`."""
    if merge_trees(git, base, pull["head_sha"]) is None:
        return "dirty"
    if pull["draft"]:
        return "draft"
    if missing_checks(hub, repo, pull) or _reviews_lacking(hub, repo, pull):
        return "blocked"
    if behind(hub, repo, pull):
        return "behind"
    return "unstable" if combined_state(hub, repo, pull["head_sha"]) in {"pending", "failure"} else "clean"

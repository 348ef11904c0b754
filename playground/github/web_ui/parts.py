"""Pieces that several pages share: where we are, a commit's line, the checks of a commit."""

from __future__ import annotations

from ..check_suites import check_runs, latest_statuses
from ..git import Commit
from ..hub import Hub
from ..store import Doc
from .html import Markup, ago, avatar, badge, joined, link, tag

_MARKS = {
    "success": "✓", "failure": "✕", "timed_out": "✕", "error": "✕", "cancelled": "⊘", "skipped": "⊘", "neutral": "■",
    "queued": "○", "in_progress": "◐", "pending": "◐",
}  # fmt: skip


def crumbs(repo: Doc, *more: Markup) -> list[Markup]:
    return [link("/", repo["owner"]), link(f"/{repo['full_name']}", tag("strong", repo["name"])), *more]


def section(title: object, *content: object, **attributes: object) -> Markup:
    return tag("section", tag("h2", title), *content, **attributes)


def mark(state: str) -> Markup:
    kind = {"timed_out": "failure", "error": "failure", "in_progress": "pending", "queued": "pending"}.get(state, state)
    return tag("span", _MARKS.get(state, "■"), class_=f"mark {kind}", title=state)


def commit_line(repo: Doc, commit: Commit) -> Markup:
    title = commit.message.split("\n", 1)[0]
    own = joined(
        [tag("strong", title), tag("span", f"{commit.author.name} · ", ago(commit.author.date), class_="quiet")]
    )
    page = f"/{repo['full_name']}/commit/{commit.sha}"
    return tag("li", tag("div", own, class_="grow"), link(page, tag("code", commit.sha[:7])))


def checks(hub: Hub, repo: Doc, sha: str) -> tuple[Markup, bool]:
    """Return the checks of a commit, and whether any is still under way."""
    rows, busy = [], False
    for run in check_runs(hub, repo, sha):
        state = run["conclusion"] or run["status"]
        busy = busy or run["status"] != "completed"
        title = run["output"].get("title") or state
        page = run["html_url"] or f"/{repo['full_name']}/runs/{run['id']}"
        own = joined([tag("strong", run["name"]), tag("span", f"{title} · {run['app_slug']}", class_="quiet")])
        here = page.removeprefix(hub.config.public_url)
        rows.append(tag("li", mark(state), tag("div", own, class_="grow"), link(here, "Details")))
    for status in latest_statuses(hub, repo, sha):
        own = joined(
            [tag("strong", status["context"]), tag("span", status["description"] or status["state"], class_="quiet")]
        )
        more = link(status["target_url"], "Details") if status["target_url"] else ""
        rows.append(tag("li", mark(status["state"]), tag("div", own, class_="grow"), more))
    if not rows:
        return tag("p", "Nothing has reported on this commit.", class_="quiet"), False
    return tag("ul", *rows, class_="rows"), busy


def previews(hub: Hub, repo: Doc, sha: str) -> Markup:
    """Return where this commit runs."""
    rows = []
    for deployment in hub.store.find("deployment", repo=repo["id"], key=sha):
        newest = hub.store.one("deployment_status", repo=repo["id"], key=str(deployment["id"]))
        if newest and newest["state"] == "success" and newest["environment_url"]:
            rows.append(
                tag("p", link(newest["environment_url"], f"Open the {deployment['environment']}", class_="button"))
            )
    return joined(rows[-1:])


def state_badge(pull: Doc) -> Markup:
    if pull["merged_at"]:
        return badge("merged", "Merged")
    if pull["state"] == "closed":
        return badge("closed", "Closed")
    return badge("draft", "Draft") if pull["draft"] else badge("open", "Open")


def pull_line(repo: Doc, pull: Doc) -> Markup:
    own = joined([
        link(f"/{repo['full_name']}/pull/{pull['number']}", tag("strong", pull["title"])),
        tag("span", f"#{pull['number']} by {pull['user']} · ", ago(pull["created_at"]), class_="quiet"),
    ])  # fmt: skip
    return tag("li", avatar(pull["user"]), tag("div", own, class_="grow"), state_badge(pull))

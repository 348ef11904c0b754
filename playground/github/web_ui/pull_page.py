"""A pull request: what it is, what was checked, what changes; and two buttons to act as another person."""

from __future__ import annotations

from starlette.responses import HTMLResponse

from ..git_diff import changes
from ..hub import Hub
from ..protection import mergeable_state
from ..store import Doc
from .diff import file_cards
from .html import Markup, ago, avatar, joined, link, page, tag
from .markdown import render
from .parts import checks, commit_line, crumbs, previews, section, state_badge

_WORDS = {
    "clean": "This branch has no conflicts with the base branch, and every check has passed.",
    "unstable": "No conflicts. Some checks have not passed (yet).",
    "blocked": "Merging is blocked: a required check has not passed (yet).",
    "dirty": "This branch has conflicts that must be resolved.",
    "draft": "This pull request is still a draft.",
}


def pull_page(hub: Hub, repo: Doc, pull: Doc) -> HTMLResponse:
    git = hub.git(repo)
    start = git.merge_base(pull["base_sha"], pull["head_sha"]) or pull["base_sha"]
    commits = git.log(f"{start}..{pull['head_sha']}", reverse=True)
    shown, busy = checks(hub, repo, pull["head_sha"])
    branches = tag("span", tag("code", pull["base_ref"]), " ← ", tag("code", pull["head_ref"]), class_="branches")
    opened = ago(pull["created_at"])
    head = tag(
        "div", tag("h1", pull["title"], " ", tag("span", f"#{pull['number']}", class_="quiet")),
        tag("p", state_badge(pull), " ", avatar(pull["user"]), tag("strong", pull["user"]), " · ", opened),
        tag("p", branches),
    )  # fmt: skip
    body = render(pull["body"]) if pull["body"] else tag("p", "No description.", class_="quiet")
    return page(
        pull["title"], crumbs(repo, tag("span", f"#{pull['number']}")), head, tag("div", body, class_="card text"),
        previews(hub, repo, pull["head_sha"]), section("Checks", tag("div", shown, class_="card")),
        tag("div", _merge_state(hub, repo, pull), class_="card text"), _conversation(hub, repo, pull),
        section("Commits", tag("ul", *(commit_line(repo, it) for it in commits), class_="rows card")),
        section("Files changed", file_cards(changes(git, start, pull["head_sha"]))), _try_it(repo, pull),
        refresh=busy,
    )  # fmt: skip


def _merge_state(hub: Hub, repo: Doc, pull: Doc) -> Markup:
    if pull["merged_at"]:
        sha = pull["merge_commit_sha"]
        commit = link(f"/{repo['full_name']}/commit/{sha}", tag("code", sha[:7]))
        return tag("p", tag("strong", pull["merged_by"]), " merged this as ", commit, " · ", ago(pull["merged_at"]))
    if pull["state"] == "closed":
        return tag("p", "Closed without merging · ", ago(pull["closed_at"]))
    git = hub.git(repo)
    state = mergeable_state(hub, repo, git, pull, git.branch(pull["base_ref"]) or pull["base_sha"])
    return tag("p", _WORDS.get(state, state))


def _conversation(hub: Hub, repo: Doc, pull: Doc) -> Markup:
    comments = hub.store.find("issue_comment", repo=repo["id"], key=str(pull["number"]))
    reviews = hub.store.find("review", repo=repo["id"], key=str(pull["number"]))
    entries = [(it["created_at"], it["user"], "commented", it["body"]) for it in comments]
    entries += [(it["submitted_at"], it["user"], it["state"].replace("_", " ").lower(), it["body"]) for it in reviews]
    if not entries:
        return Markup("")
    cards = [
        tag("div", tag("p", avatar(user), tag("strong", user), f" {verb} · ", ago(at), class_="quiet"), render(text),
            class_="card text")
        for at, user, verb, text in sorted(entries)
    ]  # fmt: skip
    return section("Conversation", joined(cards))


def _try_it(repo: Doc, pull: Doc) -> Markup:
    """Return what another person could do on GitHub at this moment, for trying what happens then."""
    if pull["state"] != "open":
        return Markup("")
    here = f"/{repo['full_name']}/pull/{pull['number']}"
    buttons = (
        ("push-another", "Push another commit as ben"),
        ("merge-as-ben", "Merge as ben"),
        ("close-as-ben", "Close as ben"),
    )
    forms = [
        tag("form", tag("button", words, type="submit"), method="post", action=f"{here}/{verb}")
        for verb, words in buttons
    ]
    hint = tag("p", "Act as another person on GitHub, and see how the thread reacts:", class_="quiet")
    return section("Try it", hint, tag("div", *forms, class_="buttons"))

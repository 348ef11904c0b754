"""A repository at a glance, its files, and a commit."""

from __future__ import annotations

from starlette.responses import HTMLResponse

from ..git import TreeEntry
from ..git_diff import EMPTY_TREE, changes
from ..hub import Hub
from ..store import Doc
from .diff import file_cards
from .html import Markup, ago, avatar, esc, joined, link, page, tag
from .markdown import render
from .parts import checks, commit_line, crumbs, previews, pull_line, section

_TEXT_LIMIT = 300_000


def front(hub: Hub) -> HTMLResponse:
    rows = [
        tag(
            "li",
            tag("div", link(f"/{it['full_name']}", tag("strong", it["full_name"])), class_="grow"),
            ago(it["pushed_at"]),
        )
        for it in hub.repositories()
    ]
    return page("Repositories", [tag("strong", "Repositories")], tag("ul", *rows, class_="rows card"))


def overview(hub: Hub, repo: Doc) -> HTMLResponse:
    git = hub.git(repo)
    tip = git.branch(repo["default_branch"])
    pulls = hub.pulls(repo)[::-1]
    commits = git.log(tip, limit=8) if tip else []
    readme = next(
        (git.file(tip, name) for name in ("README.md", "README.rst", "README") if tip and git.file(tip, name)), None
    )
    entries = sorted(git.entries(tip) if tip else [], key=lambda it: (it.type != "tree", it.path))
    files = [_entry(repo, it, repo["default_branch"], it.path) for it in entries]
    branches = sorted(git.refs("refs/heads/"))
    listed = [tag("li", tag("code", name.removeprefix("refs/heads/"))) for name in branches]
    return page(
        repo["full_name"], crumbs(repo),
        section("Pull requests", tag("ul", *(pull_line(repo, it) for it in pulls[:30]), class_="rows card")
                if pulls else tag("p", "None yet.", class_="quiet")),
        section("Commits", tag("ul", *(commit_line(repo, it) for it in commits), class_="rows card")),
        section("Files", tag("ul", *files, class_="rows card")),
        section("README", tag("div", render(readme.decode(errors="replace")), class_="card text")) if readme else "",
        section("Branches", tag("ul", *listed, class_="rows card")),
    )  # fmt: skip


def _entry(repo: Doc, entry: TreeEntry, ref: str, path: str) -> Markup:
    """Return one line of a folder's listing."""
    is_tree = entry.type == "tree"
    page_of = f"/{repo['full_name']}/{'tree' if is_tree else 'blob'}/{ref}/{path}"
    return tag("li", tag("div", link(page_of, entry.path + ("/" if is_tree else "")), class_="grow"))


def commit_page(hub: Hub, repo: Doc, sha: str) -> HTMLResponse:
    git = hub.git(repo)
    commit = git.commit(sha)
    title, _, rest = commit.message.partition("\n")
    shown, busy = checks(hub, repo, sha)
    parent = commit.parents[0] if commit.parents else EMPTY_TREE
    by = tag("p", avatar(commit.author.name), commit.author.name, " · ", ago(commit.author.date), class_="quiet")
    return page(
        title, crumbs(repo, tag("code", sha[:7])), tag("h1", title), by,
        tag("pre", rest.strip(), class_="card") if rest.strip() else "", previews(hub, repo, sha),
        section("Checks", tag("div", shown, class_="card")), section("Changes", file_cards(changes(git, parent, sha))),
        refresh=busy,
    )  # fmt: skip


def compare_page(hub: Hub, repo: Doc, base: str, head: str) -> HTMLResponse:
    git = hub.git(repo)
    start = git.merge_base(base, head) or base
    commits = git.log(f"{start}..{head}", reverse=True) if start != head else []
    return page(
        "Comparison", crumbs(repo, tag("code", f"{base[:7]}…{head[:7]}")),
        section("Commits", tag("ul", *(commit_line(repo, it) for it in commits), class_="rows card")),
        section("Changes", file_cards(changes(git, start, head))),
    )  # fmt: skip


def split_ref(hub: Hub, repo: Doc, rest: str) -> tuple[str, str, str] | None:
    """Return (ref, sha, path) of `ref/with/slashes/and/path`: the longest ref that exists."""
    parts = rest.strip("/").split("/")
    for size in range(len(parts), 0, -1):
        ref = "/".join(parts[:size])
        sha = hub.git(repo).resolve(ref)
        if sha:
            return ref, sha, "/".join(parts[size:])
    return None


def file_page(hub: Hub, repo: Doc, ref: str, sha: str, path: str) -> HTMLResponse | None:
    """Return a folder or a file; None when it is not there."""
    git = hub.git(repo)
    found = git.entries(sha, path=path) if path else []
    if path and not found:
        return None
    trail = crumbs(repo, tag("code", f"{ref}:{path}"))
    if not path or found[0].type == "tree":
        inside = git.entries(found[0].sha if path else sha)
        rows = [_entry(repo, it, ref, f"{path}/{it.path}".strip("/")) for it in inside]
        return page(path or ref, trail, tag("ul", *rows, class_="rows card"))
    data = git.blob(found[0].sha) if found[0].type == "blob" else b""
    if b"\0" in data[:8000] or len(data) > _TEXT_LIMIT:
        return page(path, trail, tag("p", f"{len(data)} bytes that are not shown.", class_="card text"))
    text = data.decode(errors="replace")
    body = (
        tag("div", render(text), class_="card text")
        if path.endswith(".md")
        else tag("pre", esc(text), class_="card code")
    )
    return page(path, trail, joined([body]))

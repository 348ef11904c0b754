"""A workflow run with its jobs, steps, log and artifacts; and a single check run."""

from __future__ import annotations

import re

from starlette.responses import HTMLResponse

from ..hub import Hub
from ..store import Doc
from .html import Markup, ago, joined, link, page, tag
from .markdown import render
from .parts import crumbs, mark, previews, section

_LOG_LINES = 3000
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


def run_page(hub: Hub, repo: Doc, run: Doc) -> HTMLResponse:
    state = run["conclusion"] or run["status"]
    jobs = hub.ci.jobs(run)
    artifacts = hub.store.find("artifact", repo=repo["id"], key=str(run["id"]))
    started = ago(run["started_at"])
    head = tag(
        "div", tag("h1", mark(state), " ", run["display_title"]),
        tag("p", f"{run['name']} #{run['run_number']} · {run['event']} · {state} · ", started, class_="quiet"),
        tag("p", tag("code", run["head_branch"]), " ",
            link(f"/{repo['full_name']}/commit/{run['head_sha']}", tag("code", run["head_sha"][:7]))),
    )  # fmt: skip
    rows = [
        tag("li", tag("div", link(f"/{repo['full_name']}/actions/artifacts/{it['id']}", tag("strong", it["name"])),
                      tag("span", f"{it['size']:,} bytes", class_="quiet"), class_="grow"))
        for it in artifacts
    ]  # fmt: skip
    return page(
        run["display_title"], crumbs(repo, tag("span", "run")), head, previews(hub, repo, run["head_sha"]),
        *(_job(hub, job) for job in jobs),
        section("Artifacts", tag("ul", *rows, class_="rows card")) if rows else "",
        refresh=run["status"] != "completed",
    )  # fmt: skip


def _job(hub: Hub, job: Doc) -> Markup:
    check = hub.store.get("check_run", job["check_run_id"]) or {"output": {}}
    steps = [
        tag("li", mark(step["conclusion"] or step["status"]), tag("div", step["name"], class_="grow"))
        for step in job["steps"]
    ]
    summary = check["output"].get("summary")
    log = hub.ci.log(job)
    return section(
        joined([mark(job["conclusion"] or job["status"]), " ", job["name"]]),
        tag("div", render(summary), class_="card text") if summary else "",
        tag("ul", *steps, class_="rows card") if steps else "",
        tag("details", tag("summary", "Log"), log_lines(log), class_="file", open="") if log else "",
        id=f"job-{job['id']}",
    )


def log_lines(log: str) -> Markup:
    lines = log.split("\n")
    rows = []
    if len(lines) > _LOG_LINES:
        rows.append(tag("span", f"… {len(lines) - _LOG_LINES} lines before this", class_="line hunk"))
    for line in lines[-_LOG_LINES:]:
        kind = "hunk" if line.startswith("##[group]") else "del" if line.startswith("##[error]") else ""
        text = _COLOURS.sub("", re.sub(r"^##\[\w+\]", "", line))
        rows.append(tag("span", text or " ", class_=f"line {kind}".strip()))
    return tag("pre", *rows, class_="diff log")


def check_page(repo: Doc, run: Doc) -> HTMLResponse:
    state = run["conclusion"] or run["status"]
    text = "\n\n".join(run["output"].get(name) or "" for name in ("summary", "text")).strip()
    title = run["output"].get("title") or state
    return page(
        run["name"], crumbs(repo, tag("span", "check")), tag("h1", mark(state), " ", run["name"]),
        tag("p", f"{title} · {run['app_slug']} · ", ago(run["started_at"]), class_="quiet"),
        tag("div", render(text), class_="card text") if text else "",
        tag("p", link(run["details_url"], "Details")) if run["details_url"] else "",
        refresh=run["status"] != "completed",
    )  # fmt: skip

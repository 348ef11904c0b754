"""Where the pages are, and what their buttons do.

Law: a button acts only from a page of our own origin.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.resources import files
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from ..errors import ApiError
from ..git_diff import full_diff
from ..git_edit import commit_files
from ..hub import Hub
from ..merging import merge
from ..pull_requests import close, ident_of
from ..pushes import ref_moved
from ..store import Doc
from .html import page, tag
from .pull_page import pull_page
from .repository_page import commit_page, compare_page, file_page, front, overview, split_ref
from .run_page import check_page, run_page

View = Callable[[Hub, Doc, Request], Response | None]
_STYLE = files(__package__).joinpath("style.css").read_text()
_HUES = {"ana": 330, "ben": 205, "cleo": 160, "mallory": 25}


def web_routes(hub: Hub) -> list[Route]:
    in_repo = "/{owner}/{repo}"
    views: list[tuple[str, View]] = [
        ("", lambda hub, repo, _: overview(hub, repo)), ("/pulls", lambda hub, repo, _: overview(hub, repo)),
        ("/pull/{number:int}.diff", _diff), ("/pull/{number:int}", _pull), ("/commit/{sha}", _commit),
        ("/compare/{basehead:path}", _compare), ("/actions/runs/{id:int}", _run),
        ("/actions/artifacts/{id:int}", _artifact),
        ("/runs/{id:int}", _check), ("/blob/{rest:path}", _file), ("/tree/{rest:path}", _file),
        ("/raw/{rest:path}", _raw),
    ]  # fmt: skip
    return [
        Route("/", lambda _: front(hub), methods=["GET"]),
        Route("/_static/style.css", _style, methods=["GET"]),
        Route("/avatars/{login}.svg", _avatar, methods=["GET"]),
        Route(in_repo + "/pull/{number:int}/{verb}", _button(hub), methods=["POST"]),
        *(Route(in_repo + path, _endpoint(hub, view), methods=["GET"]) for path, view in views),
        Route("/{rest:path}", lambda _: _missing(), methods=["GET"]),
    ]


def _endpoint(hub: Hub, view: View) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        repo = hub.repository(request.path_params["owner"], request.path_params["repo"])
        return (view(hub, repo, request) if repo else None) or _missing()

    return endpoint


def _missing() -> Response:
    return page("Not found", [tag("strong", "Not found")], tag("p", "There is no such page here."), status=404)


def _style(_: Request) -> Response:
    return Response(_STYLE, media_type="text/css", headers={"Cache-Control": "max-age=300"})


def _avatar(request: Request) -> Response:
    """Return a coloured disc with a letter."""
    login = request.path_params["login"]
    letter = (login[:1] or "?").upper() if login[:1].isalnum() else "?"
    hue = _HUES.get(login, sum(login.encode()) * 37 % 360)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle cx="20" cy="20" r="20" '
        f'fill="hsl({hue} 45% 45%)"/><text x="20" y="27" font-size="20" font-family="sans-serif" fill="#fff" '
        f'text-anchor="middle">{letter}</text></svg>'
    )
    return Response(svg, media_type="image/svg+xml", headers={"Cache-Control": "max-age=3600"})


def _pull(hub: Hub, repo: Doc, request: Request) -> Response | None:
    pull = hub.pull(repo, request.path_params["number"])
    return pull_page(hub, repo, pull) if pull else None


def _diff(hub: Hub, repo: Doc, request: Request) -> Response | None:
    pull = hub.pull(repo, request.path_params["number"])
    if pull is None:
        return None
    git = hub.git(repo)
    start = git.merge_base(pull["base_sha"], pull["head_sha"]) or pull["base_sha"]
    return PlainTextResponse(full_diff(git, start, pull["head_sha"]))


def _commit(hub: Hub, repo: Doc, request: Request) -> Response | None:
    sha = hub.git(repo).resolve(request.path_params["sha"])
    return commit_page(hub, repo, sha) if sha else None


def _compare(hub: Hub, repo: Doc, request: Request) -> Response | None:
    base, _, head = request.path_params["basehead"].partition("...")
    found = [hub.git(repo).resolve(name) for name in (base, head)]
    return compare_page(hub, repo, str(found[0]), str(found[1])) if all(found) else None


def _run(hub: Hub, repo: Doc, request: Request) -> Response | None:
    run = hub.store.get("workflow_run", request.path_params["id"])
    return run_page(hub, repo, run) if run and run["repo_id"] == repo["id"] else None


def _artifact(hub: Hub, repo: Doc, request: Request) -> Response | None:
    found = hub.store.get("artifact", request.path_params["id"])
    return RedirectResponse(hub.ci.download_link(found["file"])) if found and found["repo_id"] == repo["id"] else None


def _check(hub: Hub, repo: Doc, request: Request) -> Response | None:
    run = hub.store.get("check_run", request.path_params["id"])
    return check_page(repo, run) if run and run["repo_id"] == repo["id"] else None


def _file(hub: Hub, repo: Doc, request: Request) -> Response | None:
    found = split_ref(hub, repo, request.path_params["rest"])
    return file_page(hub, repo, *found) if found else None


def _raw(hub: Hub, repo: Doc, request: Request) -> Response | None:
    found = split_ref(hub, repo, request.path_params["rest"])
    data = hub.git(repo).file(found[1], found[2]) if found else None
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
    return Response(data, media_type="text/plain; charset=utf-8", headers=headers) if data is not None else None


def _button(hub: Hub) -> Callable[[Request], Response]:
    def press(request: Request) -> Response:
        origin = request.headers.get("origin")
        if origin is None or urlsplit(origin).netloc != request.headers.get("host"):
            return PlainTextResponse("A button works from its own page only.\n", 403)
        repo = hub.repository(request.path_params["owner"], request.path_params["repo"])
        pull = hub.pull(repo, request.path_params["number"]) if repo else None
        if repo is None or pull is None:
            return _missing()
        try:
            _pressed(hub, repo, pull, request.path_params["verb"])
        except ApiError as refused:
            return page("Refused", [tag("strong", "Refused")], tag("p", refused.message), status=refused.status)
        return RedirectResponse(f"/{repo['full_name']}/pull/{pull['number']}", 303)

    return press


def _pressed(hub: Hub, repo: Doc, pull: Doc, verb: str) -> None:
    if verb == "merge-as-ben":
        merge(hub, repo, pull, who="ben")
    elif verb == "close-as-ben" and pull["state"] == "open":
        close(hub, repo, pull, "ben")
    elif verb == "push-another" and pull["state"] == "open":
        git, ref = hub.git(repo), f"refs/heads/{pull['head_ref']}"
        old = pull["head_sha"]
        note = f"ben was here at {time.strftime('%H:%M:%S')}.\n".encode()
        new = commit_files(git, old, {"NOTE-FROM-BEN.md": note}, "Leave a note", ident_of(hub, "ben"))
        git.update_ref(ref, new, old)
        ref_moved(hub, repo, ref, old, new, "ben")
    else:
        raise ApiError(409, "This pull request is not open any more.")

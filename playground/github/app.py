"""The stand-in as one web application: REST, git, downloads, pages, controls.

Law: whatever a request causes is stored before it is answered; the CI and the webhooks work from the store.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import rest
from .api import ROUTES, Answer, ApiRoute, Call, authorise, find_repository, read_body, template
from .auth import NOBODY, Actor, identify
from .ci.queue import CiQueue
from .config import GitHubStandInConfig
from .control import control_routes
from .errors import ApiError
from .faults import FaultMiddleware, Faults
from .git import GitError
from .git_http import GitHttp
from .hub import Hub
from .lfs import Lfs
from .pages import PagesMiddleware, page_routes
from .rest.commits import commit_by_name
from .rest.graphql import answer as graphql_answer
from .rest.server import rate
from .web_ui.routes import web_routes
from .webhooks import Webhooks

_BODY_LIMIT = 40_000_000
_GRAPHQL = ApiRoute("POST", "/graphql", "token", {"query!": str, "variables": dict}, graphql_answer)
_LAST = ApiRoute("GET", "/repos/{owner}/{repo}/commits/{ref:path}", "contents:read", None, commit_by_name)
API_ROUTES = (*ROUTES, _LAST)


def create_app(config: GitHubStandInConfig) -> Starlette:
    """Yield the application; its state lives under `config.root` and outlives it."""
    assert rest.__all__
    hub = Hub(config)
    hub.webhooks = Webhooks(config, hub.store)
    hub.ci = CiQueue(hub)
    hub.faults = Faults()

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        hub.webhooks.start()
        hub.ci.start()
        yield
        await run_in_threadpool(hub.ci.stop)
        await run_in_threadpool(hub.webhooks.stop)

    git, lfs = GitHttp(hub), Lfs(hub)
    routes = [
        *control_routes(hub),
        *(Route(f"/api/v3{it.path}", _endpoint(hub, it), methods=[it.method]) for it in API_ROUTES),
        Route("/api/graphql", _endpoint(hub, _GRAPHQL), methods=["POST"]),
        Route("/api/{rest:path}", _no_route, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
        *page_routes(hub),
        Route("/{owner}/{repo}.git/info/lfs/objects/batch", lfs.batch, methods=["POST"]),
        Route("/{owner}/{repo}.git/info/lfs/objects/{oid}", lfs.download, methods=["GET"]),
        Route("/{owner}/{repo}.git/{rest:path}", git.serve, methods=["GET", "POST"]),
        *web_routes(hub),
    ]
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[Middleware(FaultMiddleware, faults=hub.faults), Middleware(PagesMiddleware, config=config)],
    )
    app.state.hub = hub
    return app


def _endpoint(hub: Hub, declared: ApiRoute) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if int(request.headers.get("content-length") or 0) > _BODY_LIMIT:
            return JSONResponse(ApiError(413, "Payload too large").body(), 413)
        raw = await request.body()
        return await run_in_threadpool(_perform, hub, declared, request, raw)

    return endpoint


def _perform(hub: Hub, declared: ApiRoute, request: Request, raw: bytes) -> Response:
    actor = NOBODY
    try:
        actor = identify(request.headers.get("authorization", ""), hub.config, hub.store)
        answer = _answer(hub, declared, request, raw, actor)
    except ApiError as refused:
        answer = Answer(refused.body(), refused.status)
    except GitError as broken:
        answer = Answer(ApiError(500, f"git: {broken}").body(), 500)
    name = template(declared.path)
    hub.store.log_request(time.time(), request.method, name, request.url.path, answer.status, actor.login)
    return _response(hub, answer, actor)


def _answer(hub: Hub, declared: ApiRoute, request: Request, raw: bytes, actor: Actor) -> Answer:
    params = {name: str(value) for name, value in request.path_params.items()}
    if not request.headers.get("user-agent"):
        raise ApiError(403, "Missing or invalid User Agent string. Please make sure your request has one")
    repo = find_repository(hub, params) if actor.kind != "nobody" else None
    call = Call(hub, actor, params, dict(request.query_params), {}, request.url.path, repo)
    authorise(call, declared)
    call.body = read_body(raw, declared.body)
    made = declared.handler(call)
    return made if isinstance(made, Answer) else Answer(made)


def _response(hub: Hub, answer: Answer, actor: Actor) -> Response:
    limits = rate(hub.config.rate_limit, hub.store.calls_since(time.time() // 3600 * 3600))
    headers = {
        **answer.headers, "X-GitHub-Media-Type": "github.v3; format=json", "X-RateLimit-Resource": "core",
        "X-GitHub-Request-Id": f"{time.time_ns():X}",
        **{f"X-RateLimit-{name.title()}": str(value) for name, value in limits.items()},
    }  # fmt: skip
    if actor.kind == "user":
        headers["X-OAuth-Scopes"] = ", ".join(sorted(actor.scopes))
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    return JSONResponse(answer.body, answer.status, headers)


async def _no_route(request: Request) -> Response:
    error = ApiError(404, f"Not Found: this stand-in has no route {request.method} {request.url.path}")
    return JSONResponse(error.body(), 404)

"""git's smart HTTP protocol over the bare repositories, spoken by git's own `http-backend`.

Law: the commands of a push are read before git sees them, so that protection needs no hook inside a repository.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from .auth import Actor, identify
from .errors import ApiError
from .git import ZERO, git_environment
from .hub import Hub
from .pushes import ref_moved
from .store import Doc

_COMMANDS_LIMIT = 1_000_000
_SERVICES = {"git-upload-pack": "contents:read", "git-receive-pack": "contents:write"}


class GitHttp:
    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._pushing: dict[int, asyncio.Lock] = {}

    async def serve(self, request: Request) -> Response:
        """Serve `/{owner}/{repo}.git/{rest}`."""
        rest = request.path_params["rest"]
        service = request.query_params.get("service", "") if rest == "info/refs" else rest
        if service not in _SERVICES or (rest == "info/refs") != (request.method == "GET"):
            return PlainTextResponse("Not found\n", 404)
        try:
            actor, repo = await run_in_threadpool(self._allowed, request, service)
        except ApiError as refused:
            headers = {"WWW-Authenticate": 'Basic realm="GitHub"'} if refused.status == 401 else {}
            return PlainTextResponse(refused.message + "\n", refused.status, headers)
        if rest == "git-receive-pack":
            return await self._push(request, actor, repo)
        return await self._backend(request, repo, request.stream())

    def _allowed(self, request: Request, service: str) -> tuple[Actor, Doc]:
        actor = identify(request.headers.get("authorization", ""), self.hub.config, self.hub.store)
        if actor.kind == "nobody":
            raise ApiError(401, "No anonymous access.")
        repo = self.hub.repository(request.path_params["owner"], unquote(request.path_params["repo"]))
        if repo is None or not actor.sees(self.hub.config, repo["id"]):
            raise ApiError(404, "Repository not found.")
        if not actor.allows(self.hub.config, _SERVICES[service], repo["id"]):
            name = repo["full_name"]
            raise ApiError(403, f"remote: Permission to {name}.git denied to {actor.login}.")
        return actor, repo

    async def _push(self, request: Request, actor: Actor, repo: Doc) -> Response:
        stream = request.stream()
        head, commands, capabilities = await _read_commands(stream)
        guarded = f"refs/heads/{repo['default_branch']}"
        if repo["protected"] and any(ref == guarded and old != ZERO for old, _, ref in commands):
            return _rejected([ref for _, _, ref in commands], guarded, capabilities)
        lock = self._pushing.setdefault(repo["id"], asyncio.Lock())
        async with lock:
            answer = await self._backend(request, repo, _chain(head, stream))
            body = b"".join([chunk async for chunk in answer.body_iterator if isinstance(chunk, bytes)])
            await run_in_threadpool(self._settle, repo, commands, actor.login)
        headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
        return Response(body, answer.status_code, headers)

    def _settle(self, repo: Doc, commands: list[tuple[str, str, str]], who: str) -> None:
        """Tell of every ref that is now where the push wanted it."""
        git = self.hub.git(repo)
        for old, new, ref in commands:
            if old != new and (git.ref(ref) or ZERO) == new:
                ref_moved(self.hub, repo, ref, old, new, who)

    async def _backend(self, request: Request, repo: Doc, body: AsyncIterator[bytes]) -> StreamingResponse:
        path = self.hub.git(repo).path
        process = await asyncio.create_subprocess_exec(
            "git", "-c", "core.hooksPath=/dev/null", "http-backend",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env=_environment(request, str(path.parent), f"/{path.name}/{request.path_params['rest']}"),
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        feeding = asyncio.create_task(_feed(process.stdin, body))
        status, headers = await _cgi_headers(process.stdout)

        async def content() -> AsyncIterator[bytes]:
            assert process.stdout is not None
            try:
                while chunk := await process.stdout.read(65536):
                    yield chunk
                await feeding
                await process.wait()
            finally:
                feeding.cancel()
                if process.returncode is None:  # the client went away
                    process.kill()

        return StreamingResponse(content(), status, headers)


def _environment(request: Request, root: str, path: str) -> dict[str, str]:
    given = request.headers
    made = {
        **git_environment(request.app.state.hub.config.root), "GIT_PROJECT_ROOT": root, "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": path, "REQUEST_METHOD": request.method, "QUERY_STRING": request.url.query,
        "CONTENT_TYPE": given.get("content-type", ""), "REMOTE_USER": "git", "REMOTE_ADDR": "127.0.0.1",
        "GIT_PROTOCOL": given.get("git-protocol", ""), "HTTP_CONTENT_ENCODING": given.get("content-encoding", ""),
        "PATH": os.environ.get("PATH", os.defpath),
    }  # fmt: skip
    if given.get("content-length"):
        made["CONTENT_LENGTH"] = given["content-length"]
    return made


async def _feed(stdin: asyncio.StreamWriter, body: AsyncIterator[bytes]) -> None:
    """Pass on a request's body for as long as git reads it; one that has its answer early ends without the rest."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        async for chunk in body:
            if stdin.is_closing():  # uvloop refuses to write to a pipe whose reader is gone, asyncio only warns
                return
            stdin.write(chunk)
            await stdin.drain()
        stdin.close()


async def _cgi_headers(stdout: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    status, headers = 200, {}
    while line := (await stdout.readline()).decode("latin-1").strip():
        name, _, value = line.partition(":")
        if name.lower() == "status":
            status = int(value.split()[0])
        else:
            headers[name.lower()] = value.strip()
    return (status, headers) if headers else (500, {"content-type": "text/plain"})


async def _chain(head: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield head
    async for chunk in rest:
        yield chunk


async def _read_commands(stream: AsyncIterator[bytes]) -> tuple[bytes, list[tuple[str, str, str]], str]:
    """Return the bytes read so far, the (old, new, ref) commands up to the flush packet, and the capabilities."""
    read, at, capabilities = b"", 0, ""
    commands: list[tuple[str, str, str]] = []
    async for chunk in stream:
        read += chunk
        while len(read) >= at + 4:
            try:
                size = int(read[at : at + 4], 16)
            except ValueError:
                return read, commands, capabilities
            if size == 0 or len(read) > _COMMANDS_LIMIT:
                return read, commands, capabilities
            if len(read) < at + size:
                break
            line, _, more = read[at + 4 : at + size].decode(errors="replace").partition("\0")
            capabilities = capabilities or more
            parts = line.strip().split(" ", 2)
            if len(parts) == 3:
                commands.append((parts[0], parts[1], parts[2]))
            at += size
    return read, commands, capabilities


def _packet(text: str | bytes) -> bytes:
    data = text.encode() if isinstance(text, str) else text
    return f"{len(data) + 4:04x}".encode() + data


def _rejected(refs: list[str], guarded: str, capabilities: str) -> Response:
    """Return what git prints for a protected branch: every command of this push is refused."""
    reasons = [
        _packet(f"ng {ref} {'protected branch hook declined' if ref == guarded else 'pushed together with it'}\n")
        for ref in refs
    ]
    report = b"".join([_packet("unpack ok\n"), *reasons, b"0000"])
    if "side-band-64k" in capabilities:
        note = f"error: GH006: Protected branch update failed for {guarded}.\n"
        note += "error: Changes must be made through a pull request.\n"
        report = _packet(b"\x02" + note.encode()) + _packet(b"\x01" + report) + b"0000"
    return Response(report, 200, {"content-type": "application/x-git-receive-pack-result", "cache-control": "no-cache"})

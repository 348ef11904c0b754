"""Git LFS as GitHub serves it: the batch interface, and downloads by links that carry a key of their own and expire.

Law: an object is what its name says, or it is not kept. Who may read the repository may learn where its objects are;
anyone who holds such a link may follow it until it expires. Uploads are refused: a change never makes one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from .auth import identify
from .config import GitHubStandInConfig
from .errors import ApiError
from .hub import Hub
from .store import Doc

TYPE = "application/vnd.git-lfs+json"
MOST = 100
SECONDS = 900
_OID = re.compile(r"[0-9a-f]{64}")
_MESSAGES = {
    404: "Object does not exist on the server",
    410: "Object was removed by its owner",
    422: "Size does not match the object",
}


def keep(config: GitHubStandInConfig, full_name: str, content: bytes) -> str:
    """Put an object on the stand-in; the text of its pointer file."""
    oid = hashlib.sha256(content).hexdigest()
    place = _place(config, full_name, oid)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"


def keep_all(config: GitHubStandInConfig, full_name: str, gitdir: Path) -> int:
    """Put the objects on the stand-in that a local repository has fetched; how many there were."""
    found = [one for one in gitdir.glob("lfs/objects/??/??/*") if one.is_file() and _OID.fullmatch(one.name)]
    for one in found:
        place = _place(config, full_name, one.name)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(one, place)
    return len(found)


def refuse(config: GitHubStandInConfig, full_name: str, oid: str, code: int) -> None:
    """Answer so (404, 410, 422) from now on when an object is asked for."""
    place = _place(config, full_name, oid).with_suffix(".refused")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(str(code))


def _place(config: GitHubStandInConfig, full_name: str, oid: str) -> Path:
    if not _OID.fullmatch(oid):
        raise ApiError(422, "not an object's name")
    return config.root / "lfs" / full_name.lower() / oid


class Lfs:
    """`link_seconds` is how long a link may be followed."""

    def __init__(self, hub: Hub, link_seconds: int = SECONDS) -> None:
        self.hub = hub
        self.link_seconds = link_seconds
        self._key = secrets.token_bytes(32)

    async def batch(self, request: Request) -> Response:
        """Serve `POST /{owner}/{repo}.git/info/lfs/objects/batch`."""
        raw = await request.body()
        return await run_in_threadpool(self._batch, request, raw)

    async def download(self, request: Request) -> Response:
        """Serve `GET /{owner}/{repo}.git/info/lfs/objects/{oid}`, with what the batch interface gave."""
        return await run_in_threadpool(self._download, request)

    def _batch(self, request: Request, raw: bytes) -> Response:
        try:
            repo = self._allowed(request)
            if TYPE not in request.headers.get("accept", ""):
                raise ApiError(406, f"Accept must be {TYPE}")
            asked = _read(raw)
            answer = {"transfer": "basic", "objects": [self._told(repo, one) for one in asked]}
        except ApiError as refused:
            headers = {"LFS-Authenticate": 'Basic realm="Git LFS"'} if refused.status == 401 else {}
            body = {"message": refused.message, "request_id": secrets.token_hex(4)}
            return JSONResponse(body, refused.status, headers, media_type=TYPE)
        return JSONResponse(answer, media_type=TYPE)

    def _allowed(self, request: Request) -> Doc:
        actor = identify(request.headers.get("authorization", ""), self.hub.config, self.hub.store)
        if actor.kind == "nobody":
            raise ApiError(401, "Credentials needed")
        repo = self._repository(request)
        if repo is None or not actor.sees(self.hub.config, repo["id"]):
            raise ApiError(404, "Not found")
        if not actor.allows(self.hub.config, "contents:read", repo["id"]):
            raise ApiError(403, "This may not read the contents of the repository")
        return repo

    def _repository(self, request: Request) -> Doc | None:
        return self.hub.repository(request.path_params["owner"], unquote(request.path_params["repo"]))

    def _told(self, repo: Doc, one: Mapping[str, Any]) -> dict[str, Any]:
        oid, size = one["oid"], one["size"]
        if code := self._fault(repo, oid, size):
            return {"oid": oid, "size": size, "error": {"code": code, "message": _MESSAGES.get(code, "Refused")}}
        until = int(time.time()) + self.link_seconds
        href = f"{self.hub.config.public_url}/{repo['full_name']}.git/info/lfs/objects/{oid}?expires={until}"
        header = {"Authorization": f"RemoteAuth {self._signed(repo, oid, until)}"}
        action = {
            "href": href, "header": header, "expires_in": self.link_seconds,
            "expires_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(until)),
        }  # fmt: skip
        return {"oid": oid, "size": size, "authenticated": True, "actions": {"download": action}}

    def _fault(self, repo: Doc, oid: str, size: int) -> int:
        if not _OID.fullmatch(oid):
            return 422
        place = _place(self.hub.config, repo["full_name"], oid)
        refused = place.with_suffix(".refused")
        if refused.exists():
            return int(refused.read_text())
        if not place.exists():
            return 404
        return 0 if place.stat().st_size == size else 422

    def _signed(self, repo: Doc, oid: str, until: int) -> str:
        return hmac.new(self._key, f"{repo['id']}/{oid}/{until}".encode(), hashlib.sha256).hexdigest()

    def _download(self, request: Request) -> Response:
        repo, oid = self._repository(request), str(request.path_params["oid"])
        if repo is None or not _OID.fullmatch(oid):
            return JSONResponse({"message": "Not found"}, 404)
        try:
            until = int(request.query_params.get("expires", ""))
        except ValueError:
            until = 0
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"RemoteAuth {self._signed(repo, oid, until)}".encode()):
            return JSONResponse({"message": "The signature does not match"}, 403)
        if until < time.time():
            return JSONResponse({"message": "The link has expired"}, 403)
        place = _place(self.hub.config, repo["full_name"], oid)
        if not place.exists():
            return JSONResponse({"message": "Not found"}, 404)
        return FileResponse(place, media_type="application/octet-stream")


def _read(raw: bytes) -> list[dict[str, Any]]:
    """Return the objects that are asked for. Raises `ApiError`."""
    try:
        body = json.loads(raw)
        operation, transfers = body["operation"], body.get("transfers") or ["basic"]
        asked: list[dict[str, Any]] = [{"oid": str(one["oid"]), "size": int(one["size"])} for one in body["objects"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ApiError(422, "The request cannot be read") from None
    if operation == "upload":
        raise ApiError(403, "This stand-in takes no uploads")
    if operation != "download" or "basic" not in transfers or any(one["size"] < 0 for one in asked):
        raise ApiError(422, "Only basic downloads are served")
    if len(asked) > MOST:
        raise ApiError(413, f"More than {MOST} objects at once")
    return asked

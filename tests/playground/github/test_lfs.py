"""Git LFS at the stand-in: who is told where objects are, what a link is good for, what is said of missing ones."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from playground.github.lfs import TYPE, keep_all
from playground.github.seed import seed_repository

from .conftest import REPO, TOKENS, Running

PICTURE = bytes(range(256)) * 9
OID = hashlib.sha256(PICTURE).hexdigest()
WANTED = {"oid": OID, "size": len(PICTURE)}


def ask(
    hub: Running, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:  # fmt: skip
    """One request, as it is answered."""
    line = HTTPConnection(urlsplit(hub.config.public_url).netloc, timeout=60)
    line.request(method, path, None if body is None else json.dumps(body), headers)
    answer = line.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    line.close()
    return found


def batch(hub: Running, who: str = "bot", accept: str = TYPE, **body: Any) -> tuple[int, dict[str, str], Any]:
    """The batch interface, asked by somebody (or by nobody)."""
    headers = {"Accept": accept, "Content-Type": TYPE}
    if who:
        headers["Authorization"] = "Basic " + base64.b64encode(f"x:{TOKENS[who]}".encode()).decode()
    asked = {"operation": "download", "transfers": ["basic"], "objects": [WANTED], **body}
    status, told, raw = ask(hub, "POST", f"/{REPO}.git/info/lfs/objects/batch", asked, **headers)
    return status, told, json.loads(raw)


@pytest.fixture
def kept(hub: Running) -> Running:
    pointer = hub.desk.keep_large(REPO, PICTURE)
    assert pointer == f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize {len(PICTURE)}\n"
    return hub


def test_a_reader_gets_a_link_with_its_own_key_and_follows_it_without_the_token(kept: Running) -> None:
    status, headers, said = batch(kept)
    assert (status, headers["content-type"], said["transfer"]) == (200, TYPE, "basic")
    [one] = said["objects"]
    action = one["actions"]["download"]
    assert 0 < action["expires_in"] <= 900
    assert TOKENS["bot"] not in json.dumps(said)
    path = action["href"].removeprefix(kept.config.public_url)
    assert ask(kept, "GET", path, **action["header"])[::2] == (200, PICTURE)
    assert ask(kept, "GET", path)[0] == 403
    later = path.replace("expires=", "expires=9")
    assert ask(kept, "GET", later, **action["header"])[0] == 403


@pytest.mark.parametrize(
    ("who", "more", "status"),
    [
        ("", {}, 401),
        ("mallory", {}, 404),
        ("bot", {"accept": "text/html"}, 406),
        ("bot", {"operation": "upload"}, 403),
        ("bot", {"operation": "sing"}, 422),
        ("bot", {"objects": [{"oid": OID}]}, 422),
        ("bot", {"objects": [WANTED] * 101}, 413),
    ],
)
def test_what_is_not_granted_has_no_objects(kept: Running, who: str, more: dict[str, Any], status: int) -> None:
    found, headers, said = batch(kept, who, **more)
    assert found == status
    assert "objects" not in said
    assert ("lfs-authenticate" in headers) == (status == 401)


def test_objects_that_cannot_be_had_are_named_one_by_one(kept: Running) -> None:
    gone = hashlib.sha256(b"gone").hexdigest()
    kept.desk.refuse_large(REPO, gone, 410)
    wanted = [WANTED, {"oid": "0" * 64, "size": 3}, {"oid": gone, "size": 4}, {"oid": OID, "size": 1}]
    _, _, said = batch(kept, objects=wanted)
    assert [one.get("error", {}).get("code") for one in said["objects"]] == [None, 404, 410, 422]


def test_a_local_repository_brings_the_objects_it_has(kept: Running, tmp_path: Path) -> None:
    source = tmp_path / "art"
    subprocess.run(["git", "init", "-q", str(source)], check=True)
    work = ["git", "-C", str(source), "-c", "user.name=ana", "-c", "user.email=ana@example.com"]
    subprocess.run([*work, "commit", "-q", "--allow-empty", "-m", "Start"], check=True)
    place = source / ".git/lfs/objects" / OID[:2] / OID[2:4] / OID
    place.parent.mkdir(parents=True)
    place.write_bytes(PICTURE)
    seed_repository(kept.config, "acme/art", source)
    assert (kept.config.root / "lfs/acme/art" / OID).read_bytes() == PICTURE
    assert keep_all(kept.config, "acme/none", tmp_path) == 0

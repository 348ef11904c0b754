"""Files kept in Git LFS: contents by the forge's word and their digest; unchanged ones leave as their pointers."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.workers.workspace.conftest import Origin
from tests.workers.workspace.overlaid import Ground
from workers.sandbox import overlay
from workers.workspace import ExportRefused, Remote, RemoteRefused, Workspace, lfs
from workers.workspace.folders import LocalWorkspaces
from workers.workspace.lfs import LargeFiles
from workers.workspace.mirror import BareMirror

PICTURE = b"\x89PNG " + bytes(range(256)) * 20
OID = hashlib.sha256(PICTURE).hexdigest()
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize {len(PICTURE)}\n"
TOKEN = "t0ken"


@dataclass
class Store:
    """A forge's LFS server: what it gives, where it points to, and what it was told."""

    port: int = 0
    content: bytes = PICTURE
    href: str = ""
    status: int = 200
    told: list[tuple[str, str]] = field(default_factory=list)
    error: dict[str, object] | None = None
    """What the batch interface says of every object."""
    expired: int = 0
    """How many downloads are refused before one is given."""


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            action = {"href": made.href or f"http://127.0.0.1:{made.port}/objects/1", "header": {"X-Key": "k"}}
            said = {"error": made.error} if made.error else {"actions": {"download": action}}
            objects = [{**one, **said} for one in asked["objects"]]
            self.say(json.dumps({"objects": objects}).encode())

        def do_GET(self) -> None:
            assert self.headers["X-Key"] == "k"
            if made.expired:
                made.expired -= 1
                self.send_error(403)
                return
            self.say(made.content)

        def say(self, body: bytes) -> None:
            made.told.append((self.path, self.headers.get("Authorization", "")))
            self.send_response(made.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_port
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def kept(origin: Origin, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BareMirror:
    """The mirror of a repository with one picture in LFS, whose forge asks the store for such things."""
    origin.commit({".gitattributes": "*.png filter=lfs diff=lfs -text\n", "art/a.png": POINTER, "note.txt": POINTER})
    mirror = LocalWorkspaces(tmp_path / "home", layers=overlay.works).mirror(
        Remote("acme/app", origin.url, lambda: None)
    )
    remote = Remote("acme/app", f"http://127.0.0.1:{store.port}/acme/app.git", lambda: TOKEN)
    monkeypatch.setattr(type(mirror), "_large", property(lambda self: LargeFiles(self.gitdir / "lfs", remote)))
    return mirror


def base(mirror: BareMirror) -> str:
    return mirror.sha("main") or ""


@pytest.fixture(params=[True, False], ids=["laid over", "copied"])
def ground(request: pytest.FixtureRequest, kept: BareMirror, tmp_path: Path) -> Workspace:
    kept._layers = lambda _: request.param
    place = tmp_path / "place"
    place.mkdir()
    return kept.workspace(place, base(kept), lfs=True)


def test_contents_stand_where_attributes_say_so_and_leave_as_pointers(
    kept: BareMirror, ground: Workspace, store: Store, tmp_path: Path
) -> None:
    with Ground(kept, tmp_path).session(ground) as session:
        assert session.run("sha256sum art/a.png | cut -d' ' -f1").output.strip() == OID
        assert session.run("head -c 7 note.txt").output == "version"
        session.run("cp art/a.png b && mv b art/a.png; echo x >new.txt")
        tree = kept.export(ground, base(kept))
    assert [one.path for one in kept.changed(base(kept), tree)] == ["new.txt"]
    basic = "Basic " + base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    assert store.told == [("/acme/app.git/info/lfs/objects/batch", basic), ("/objects/1", basic)]


def test_a_changed_one_is_refused_in_words(kept: BareMirror, ground: Workspace, tmp_path: Path) -> None:
    with Ground(kept, tmp_path).session(ground) as session:
        session.run("echo more >>art/a.png")
        with pytest.raises(ExportRefused, match="is kept in Git LFS, which cannot be changed here"):
            kept.export(ground, base(kept))


def test_without_being_asked_pointers_stay(kept: BareMirror, store: Store, tmp_path: Path) -> None:
    kept.checkout(base(kept), tmp_path / "plain")
    assert (tmp_path / "plain/art/a.png").read_text() == POINTER
    assert store.told == []


def test_a_second_checkout_asks_nobody(kept: BareMirror, store: Store, tmp_path: Path) -> None:
    kept.checkout(base(kept), tmp_path / "one", lfs=True)
    asked = len(store.told)
    kept.checkout(base(kept), tmp_path / "two", lfs=True)
    assert (tmp_path / "two/art/a.png").read_bytes() == PICTURE
    assert len(store.told) == asked


def test_folders_that_are_not_brought_bring_no_contents(kept: BareMirror, store: Store, tmp_path: Path) -> None:
    kept.checkout(base(kept), tmp_path / "one", ("src",), lfs=True)
    assert store.told == []


@pytest.mark.parametrize(
    ("content", "why"), [(PICTURE[::-1], "doesn't match its pointer"), (PICTURE + b"x", "larger than its pointer says")]
)
def test_other_contents_than_promised_are_refused(
    kept: BareMirror, store: Store, tmp_path: Path, content: bytes, why: str
) -> None:
    store.content = content
    with pytest.raises(RemoteRefused, match=why):
        kept.checkout(base(kept), tmp_path / "one", lfs=True)
    assert [one for one in (kept.gitdir / "lfs").rglob("*") if one.is_file()] == []


@pytest.mark.parametrize(
    ("href", "why"),
    [
        ("http://127.0.0.1:1/x", "can't be used"),
        ("https://127.0.0.1:1/x", "not public"),
        ("https://169.254.169.254/x", "not public"),
        ("file:///etc/passwd", "can't be used"),
        ("https://[::1/x", "can't be used"),
    ],
)
def test_other_hosts_are_asked_by_tls_at_public_addresses_alone(
    kept: BareMirror, store: Store, tmp_path: Path, href: str, why: str
) -> None:
    store.href = href
    with pytest.raises(RemoteRefused, match=why):
        kept.checkout(base(kept), tmp_path / "one", lfs=True)


def test_a_forge_that_fails_is_asked_again_later(kept: BareMirror, store: Store, tmp_path: Path) -> None:
    store.status = 503
    with pytest.raises(RemoteRefused, match="answers 503") as caught:
        kept.checkout(base(kept), tmp_path / "one", lfs=True)
    assert caught.value.again


@pytest.mark.parametrize(
    ("error", "why"),
    [
        ({"code": 404, "message": "Object does not exist"}, "GitHub does not have the file that its pointer names"),
        ({"code": 410, "message": "Gone"}, "it was removed from Git LFS"),
        ({"code": 422, "message": "Validation"}, "its pointer is wrong"),
        ({"code": [], "message": {}}, "GitHub does not have the file that its pointer names"),
    ],
)
def test_an_object_that_is_not_to_be_had_is_named_with_the_reason(
    kept: BareMirror, store: Store, tmp_path: Path, error: dict[str, object], why: str
) -> None:
    store.error = error
    with pytest.raises(RemoteRefused) as caught:
        kept.checkout(base(kept), tmp_path / "one", lfs=True)
    assert caught.value.reason == f"art/a.png can't be downloaded: {why}."
    assert not caught.value.again


def test_a_link_that_has_expired_is_asked_for_once_more(kept: BareMirror, store: Store, tmp_path: Path) -> None:
    store.expired = 1
    kept.checkout(base(kept), tmp_path / "one", lfs=True)
    assert (tmp_path / "one/art/a.png").read_bytes() == PICTURE
    store.expired = 2
    shutil.rmtree(kept.gitdir / "lfs")
    with pytest.raises(RemoteRefused, match="answers 403"):
        kept.checkout(base(kept), tmp_path / "two", lfs=True)


def test_what_is_too_large_is_not_even_asked_for(
    kept: BareMirror, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.workspace.lfs.MOST_EACH", len(PICTURE) - 1)
    with pytest.raises(RemoteRefused, match=r"art/a\.png in Git LFS: more than"):
        kept.checkout(base(kept), tmp_path / "one", lfs=True)
    monkeypatch.setattr("workers.workspace.lfs.MOST_EACH", len(PICTURE))
    monkeypatch.setattr("workers.workspace.lfs.MOST_TOGETHER", len(PICTURE) - 1)
    with pytest.raises(RemoteRefused, match="GB together"):
        kept.checkout(base(kept), tmp_path / "two", lfs=True)
    assert store.told == []


def test_on_a_short_disk_what_was_fetched_goes_and_is_asked_for_again(
    kept: BareMirror, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.checkout(base(kept), tmp_path / "one", lfs=True)
    assert lfs.make_room(kept.gitdir.parent) == 0
    monkeypatch.setattr("workers.workspace.space.lacking", lambda _: 1)
    assert lfs.make_room(kept.gitdir.parent) == 1
    assert (tmp_path / "one/art/a.png").read_bytes() == PICTURE
    kept.checkout(base(kept), tmp_path / "two", lfs=True)
    assert len(store.told) == 4


def test_another_host_is_never_told_the_token(
    kept: BareMirror, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, dict[str, str]]] = []

    class Elsewhere:
        """The line to a host of strangers, which gives what it was asked for."""

        status = 200

        def request(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> None:
            asked.append((path, headers))
            self.left = PICTURE

        def getresponse(self) -> Elsewhere:
            return self

        def read(self, size: int) -> bytes:
            piece, self.left = self.left[:size], self.left[size:]
            return piece

        def close(self) -> None:
            pass

    real = lfs._connection
    monkeypatch.setattr(
        lfs,
        "_connection",
        lambda scheme, host, port, *, public: Elsewhere() if public else real(scheme, host, port, public=public),
    )
    store.href = "https://objects.example.com/a?expires=1"
    kept.checkout(base(kept), tmp_path / "one", lfs=True)
    assert (tmp_path / "one/art/a.png").read_bytes() == PICTURE
    assert asked == [("/a?expires=1", {"X-Key": "k"})]


@pytest.mark.parametrize("place", ["new.txt", "art/b.png", "note.txt"])
def test_a_pointer_is_not_added(kept: BareMirror, ground: Workspace, tmp_path: Path, place: str) -> None:
    other = POINTER.replace(OID, "0" * 64)
    with Ground(kept, tmp_path).session(ground) as session:
        session.run(f"cat >{place}", stdin=other.encode())
        with pytest.raises(ExportRefused) as refused:
            kept.export(ground, base(kept))
    assert list(refused.value.paths) == [place]
    assert "Git LFS" in refused.value.paths[place]


def test_a_part_brings_the_contents_of_its_own_files(kept: BareMirror, store: Store, tmp_path: Path) -> None:
    kept.checkout(base(kept), tmp_path / "one", ("art",), lfs=True)
    assert (tmp_path / "one/art/a.png").read_bytes() == PICTURE
    assert len(store.told) == 2

"""Artifacts are written once and found again: in a folder, in memory, and in an S3 bucket spoken to for real."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bot.artifacts import Artifacts

LOG = b"49 tests passed\n"
NAME = hashlib.sha256(LOG).hexdigest()


class Bucket(BaseHTTPRequestHandler):
    """As much of S3 as an object store needs: put, get, head, and an empty listing."""

    protocol_version = "HTTP/1.1"  # S3 clients wait for "100 Continue" before they send
    objects: dict[str, bytes]

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if "aws-chunked" in (self.headers.get("content-encoding") or ""):
            body = unchunked(body)
        self.objects[self.path.split("?")[0]] = body
        self._answer(200, b"")

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path in self.objects:
            self._answer(200, self.objects[path])
        elif "list-type" in self.path:
            self._answer(
                200, b"<ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>"
            )
        else:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    def do_HEAD(self) -> None:
        found = self.objects.get(self.path.split("?")[0])
        self._answer(404 if found is None else 200, found or b"", body=False)

    def _answer(self, status: int, content: bytes, *, body: bool = True) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.send_header("etag", '"x"')
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Be quiet."""


def unchunked(body: bytes) -> bytes:
    """The content of an aws-chunked upload: `size[;signature]\\r\\n content \\r\\n ... 0\\r\\n trailers`."""
    content = b""
    while body:
        head, _, body = body.partition(b"\r\n")
        size = int(head.split(b";")[0] or b"0", 16)
        if size == 0:
            break
        content, body = content + body[:size], body[size + 2 :]
    return content


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    objects: dict[str, bytes] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OneBucket", (Bucket,), {"objects": objects}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    yield objects
    server.shutdown()
    server.server_close()
    thread.join(60)


def test_the_same_bytes_have_the_same_name_in_a_folder(tmp_path: Path) -> None:
    artifacts = Artifacts(str(tmp_path))
    assert artifacts.put(LOG) == artifacts.put(LOG) == NAME
    assert artifacts.get(NAME) == LOG
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [NAME]


def test_an_s3_bucket_keeps_them_too(bucket: dict[str, bytes]) -> None:
    artifacts = Artifacts("s3://builds/shipmate")
    assert artifacts.put(LOG) == NAME
    assert bucket == {f"/builds/shipmate/{NAME[:2]}/{NAME}": LOG}
    assert Artifacts("s3://builds/shipmate").get(NAME) == LOG


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "A" * 64, "a" * 63, f"{'a' * 63}/"])
def test_what_is_no_artifact_id_is_refused_before_anything_is_opened(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="64 hex digits"):
        Artifacts(str(tmp_path)).get(name)


def test_an_unknown_artifact_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Artifacts(str(tmp_path)).get("a" * 64)


def test_a_folder_that_cannot_be_written_leaves_nothing_half(tmp_path: Path) -> None:
    blocked = tmp_path / "artifacts"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(OSError, match="artifacts"):
        Artifacts(str(blocked)).put(LOG)
    assert blocked.read_text() == "a file where the folder should be"

"""What CI made of a commit: deployments, artifacts, test counts; and zip files that mean harm."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.change import Build, Pull
from bot.domain.ci import CiReading
from bot.domain.verdict import Counts
from tests.workers.forge.conftest import Shop
from workers.forge import artifacts
from workers.forge.artifacts import ArtifactTooLarge, count_report, count_tests, download
from workers.forge.ci import check_state, status_state, web_url


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("_", "."), data)
    return out.getvalue()


def read(shop: Shop, number: int, head: str) -> tuple[CiReading, tuple[Build, ...]]:
    pull = Pull(number=number, url="", branch="shipmate/tax", head_sha=head)
    return shop.forge.read_builds(shop.repo, shop.forge.read_pull(shop.repo, pull, shop.base).ci)


def test_a_deployment_and_a_deploy_status_become_previews(shop: Shop) -> None:
    number, head = shop.propose()
    shop.desk.deploy(shop.repo, head, "https://preview.example/1")
    shop.desk.set_status(shop.repo, head, "deploy/preview", "success", target_url="https://preview.example/2")
    shop.desk.set_status(shop.repo, head, "coverage", "success", target_url="https://coverage.example/")
    _, builds = read(shop, number, head)
    assert [build.url for build in builds] == ["https://preview.example/1", "https://preview.example/2"]
    assert {build.kind for build in builds} == {"preview"}
    assert [build.vouched for build in builds] == [True, False]


def test_a_link_counts_as_ours_where_an_app_deployed_it_or_the_forge_serves_it(shop: Shop) -> None:
    number, head = shop.propose()
    shop.desk.set_status(shop.repo, head, "deploy/a", "success", target_url=f"{shop.server_url}/preview/a/")
    shop.desk.set_status(shop.repo, head, "deploy/b", "success", target_url="https://127.0.0.1.evil.example/")
    shop.desk.deploy(shop.repo, head, "https://by-hand.example/", **{"as": "ben"})
    _, builds = read(shop, number, head)
    assert {build.url.split("/")[2].split(":")[0]: build.vouched for build in builds} == {
        "127.0.0.1": True, "127.0.0.1.evil.example": False, "by-hand.example": False,
    }  # fmt: skip


def test_more_runs_than_are_read_prove_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.desk.ci(auto=True)
    number, head = shop.propose()
    shop.desk.wait_for_ci(shop.repo, head)
    assert read(shop, number, head)[0].state == "green"
    monkeypatch.setattr("workers.forge.build_reader.MOST_RUNS", 1)
    cut, _builds = read(shop, number, head)
    assert (cut.complete, cut.state) == (False, "unproven")


def test_a_real_run_brings_counts_a_preview_and_a_download(shop: Shop) -> None:
    shop.desk.ci(auto=True)
    number, head = shop.propose()
    shop.desk.wait_for_ci(shop.repo, head)
    ci, builds = read(shop, number, head)
    assert ci.state == "green", ci
    assert (ci.counts.passed, ci.counts.failed, ci.counts.skipped) == (2, 0, 1)
    kinds = {build.kind: build for build in builds}
    assert kinds["download"].name == "app"
    assert kinds["preview"].url.startswith("http://")


def test_counts_are_read_once_per_artifact(shop: Shop) -> None:
    shop.desk.ci(auto=True)
    number, head = shop.propose()
    shop.desk.wait_for_ci(shop.repo, head)
    first, _ = read(shop, number, head)
    fetched = sum("/zip" in request["path"] for request in shop.desk.requests())
    second, _ = read(shop, number, head)
    assert sum("/zip" in request["path"] for request in shop.desk.requests()) == fetched
    assert first == second


def test_only_success_passes_and_what_waits_for_a_person_is_theirs() -> None:
    failed = ("FAILURE", "TIMED_OUT", "STARTUP_FAILURE", "NEW_ONE", None)
    assert {check_state("COMPLETED", each) for each in failed} == {"failed"}
    theirs = ("CANCELLED", "STALE", "ACTION_REQUIRED")
    assert {check_state("COMPLETED", each) for each in theirs} | {check_state("WAITING", None)} == {"person"}
    assert check_state("COMPLETED", "NEUTRAL") == "skipped"
    assert {check_state(each, None) for each in ("REQUESTED", "QUEUED", "PENDING", "NEW_ONE")} == {"waiting"}
    states = [status_state(each) for each in ("SUCCESS", "PENDING", "EXPECTED", "ERROR", "NEW_ONE")]
    assert states == ["passed", "running", "expected", "failed", "failed"]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://user:pass@host/",
        "//host",
        "https://a b",
        "",
        None,
        "http://[",
    ],
)
def test_a_link_that_must_not_be_shown_is_nothing(url: str | None) -> None:
    assert web_url(url) == ""


def test_reports_are_counted_by_case_and_an_error_fails() -> None:
    report = b"""<testsuites><testsuite tests="99"><testcase name="a"/><testcase name="b"><failure/></testcase>
    <testcase name="c"><error/><skipped/></testcase><testcase name="d"><skipped/></testcase></testsuite></testsuites>"""
    assert count_report(report) == Counts(passed=1, failed=2, skipped=1)
    assert count_tests(zipped(a_xml=report, b_txt=b"<testsuite/>", c_XML=report)) == Counts(
        passed=2, failed=4, skipped=2
    )


def test_entities_and_foreign_documents_count_nothing() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><testsuite><testcase name="&a;"/></testsuite>'
    outside = b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuite><testcase/></testsuite>'
    for text in (bomb, outside, b"<project/>", b"", b"\xff\xfe", b"<testsuite>"):
        assert count_report(text) == Counts()


@given(st.binary(max_size=300))
def test_any_bytes_are_read_as_some_count(data: bytes) -> None:
    assert count_tests(data).total >= 0
    assert count_tests(zipped(a_xml=data)).total >= 0


def test_a_zip_that_unpacks_to_too_much_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "MOST_TOTAL_BYTES", 1 << 16)
    with pytest.raises(ArtifactTooLarge):
        count_tests(zipped(a_xml=b" " * (1 << 20)))
    monkeypatch.setattr(artifacts, "MOST_ENTRIES", 1)
    with pytest.raises(ArtifactTooLarge):
        count_tests(zipped(a_xml=b"", b_xml=b""))


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str | None]]]:
    """A store on another host name, as artifacts are redirected to; it notes the credentials it is shown."""
    shown: list[str | None] = []

    class Store(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown.append(self.headers.get("Authorization"))
            if self.path == "/start":
                self.send_response(302)
                self.send_header("Location", f"http://localhost:{self.server.server_address[1]}/blob")  # type: ignore[index]  # an INET address
                self.end_headers()
                return
            self.send_response(200)
            self.end_headers()
            with suppress(ConnectionError):
                for _ in range(3000 if self.path == "/huge" else 1):
                    self.wfile.write(b"x" * 16384)

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", shown
    server.shutdown()
    server.server_close()


def test_credentials_do_not_follow_a_redirect_to_another_host(elsewhere: tuple[str, list[str | None]]) -> None:
    url, shown = elsewhere
    assert len(download(f"{url}/start", {"Authorization": "token secret"})) == 16384
    assert shown == ["token secret", None]


def test_an_endless_download_is_cut(elsewhere: tuple[str, list[str | None]]) -> None:
    with pytest.raises(ArtifactTooLarge):
        download(f"{elsewhere[0]}/huge", {})


def test_builds_are_listed_once() -> None:
    from workers.forge.build_reader import _unique

    one = Build(kind="preview", name="p", url="https://x")
    assert _unique([one, one, Build(kind="download", name="d", url="")]) == (one,)

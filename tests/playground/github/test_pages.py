"""What people see: pages, previews, downloads. Everything from a repository is hostile."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import requests

from playground.github.ci.files import copy_folder, select_files
from playground.github.pages import safe_file
from playground.github.web_ui.markdown import render

from .conftest import REPO, Running, Start
from .test_ci import with_workflow

EVIL = "<script>alert(1)</script>"


def opened(hub: Running) -> str:
    hub.desk.push_commit(REPO, "fix", {f"{EVIL.replace('/', '')}.txt": f"{EVIL}\n"}, message=f"Add {EVIL}")
    body = f"{EVIL} [x](javascript:alert(1)) ![i](https://e.test/i.png) | {EVIL}"
    hub.repo().create_pull(base="main", head="fix", title=f"Try {EVIL}", body=body)
    return f"{hub.config.public_url}/{REPO}/pull/1"


def test_a_pull_request_page_shows_hostile_text_as_text(hub: Running) -> None:
    answer = requests.get(opened(hub), timeout=60)
    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert "javascript:" not in answer.text.replace("[x](javascript:alert(1))", "")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["", "/pulls", "/commit/{sha}", "/compare/main...fix", "/blob/fix/README.md", "/tree/fix"]
)
def test_every_link_of_a_card_opens_a_page(hub: Running, path: str) -> None:
    opened(hub)
    sha = hub.desk.refs(REPO)["fix"]
    answer = requests.get(f"{hub.config.public_url}/{REPO}{path.format(sha=sha)}", timeout=60)
    assert (answer.status_code, "<script" in answer.text) == (200, False)


def test_the_page_of_a_run_shows_its_log(start: Start, source: Path) -> None:
    with_workflow(source)
    hub = start()
    sha = hub.desk.push_commit(REPO, "fix", {"README.md": "x"})
    hub.repo().create_pull(base="main", head="fix", title="Fix", body="")
    [run] = hub.desk.wait_for_ci(REPO, sha)
    text = requests.get(run["details_url"], timeout=60).text
    assert f"sha {sha}" in text
    assert "2 passed" in requests.get(f"{hub.config.public_url}/{REPO}/pull/1", timeout=60).text


def test_a_button_works_from_its_own_page_only(hub: Running) -> None:
    page = opened(hub)
    before = hub.desk.refs(REPO)["fix"]
    elsewhere = requests.post(f"{page}/push-another", headers={"Origin": "https://evil.test"}, timeout=60)
    assert (elsewhere.status_code, hub.desk.refs(REPO)["fix"]) == (403, before)
    own = requests.post(f"{page}/push-another", headers={"Origin": hub.config.public_url}, timeout=60)
    assert own.status_code == 200
    assert hub.repo().get_pull(1).head.sha == hub.desk.refs(REPO)["fix"] != before


def test_a_page_lets_its_own_buttons_say_where_they_come_from(hub: Running) -> None:
    page = requests.get(opened(hub), timeout=60)
    assert page.headers["referrer-policy"] == "same-origin"  # with no-referrer, browsers send "Origin: null"


def test_previews_have_an_origin_of_their_own(start: Start, source: Path) -> None:
    with_workflow(source)
    hub = start()
    port = hub.config.public_url.rsplit(":", 1)[1]
    hub.stop()
    object.__setattr__(hub.config, "pages_url", f"http://localhost:{port}")
    hub.start()
    sha = hub.desk.push_commit(REPO, "fix", {"README.md": "x"})
    hub.repo().create_pull(base="main", head="fix", title="Fix", body="")
    hub.desk.wait_for_ci(REPO, sha)
    path = f"/preview/{REPO}/{sha}/"
    there = {"Host": f"localhost:{port}"}
    assert requests.get(hub.config.public_url + path, headers=there, timeout=60).status_code == 200
    assert requests.get(hub.config.public_url + path, timeout=60).status_code == 404
    assert requests.get(f"{hub.config.api_url}/meta", headers=there, timeout=60).status_code == 404


def test_a_preview_never_leaves_its_folder(tmp_path: Path) -> None:
    root = tmp_path / "preview"
    root.mkdir()
    (root / "index.html").write_text("hello")
    (tmp_path / "secret").write_text("canary")
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "up").symlink_to(tmp_path)
    assert safe_file(root, "") == root / "index.html"
    for path in ("../secret", "link", "up/secret", "a/../../secret", ".hidden", "index.html\0", "..\\secret"):
        assert safe_file(root, path) is None


def test_artifacts_and_previews_take_no_links_out_of_the_workspace(tmp_path: Path) -> None:
    work = tmp_path / "work"
    (work / "dist" / "sub").mkdir(parents=True)
    (work / "dist" / "index.html").write_text("hello")
    (tmp_path / "secret").write_text("canary")
    (work / "dist" / "stolen").symlink_to(tmp_path / "secret")
    (work / "dist" / "folder").symlink_to(tmp_path)
    (work / "outside").symlink_to(tmp_path)
    os.mkfifo(work / "dist" / "pipe")
    assert [name for name, _ in select_files(work, ["dist"])] == ["index.html"]
    assert [name for name, _ in select_files(work, ["outside", "../secret", "dist/*.html"])] == ["dist/index.html"]
    assert copy_folder(work, "dist", tmp_path / "copied") == 1
    assert copy_folder(work, "outside", tmp_path / "nothing") == 0


def test_a_download_link_ends_and_cannot_be_made_up(hub: Running) -> None:
    url = f"{hub.config.public_url}/_download/x.zip?expires=99999999999&sig=" + "0" * 64
    assert requests.get(url, timeout=60).status_code == 403


def test_markdown_reads_what_a_pull_request_says() -> None:
    text = "## Done\n\n- [x] tests\n- [ ] docs\n\n| a | b |\n| - | - |\n| 1 | `2` |\n\n```\n<b>\n```\n**bold** and https://e.test/x."
    assert render(text).replace("\n", "") == (
        '<h3>Done</h3><ul><li class="task">☑ tests</li><li class="task">☐ docs</li></ul>'
        "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td><code>2</code></td></tr></tbody></table>"
        "<pre><code>&lt;b&gt;</code></pre><p><strong>bold</strong> and "
        '<a href="https://e.test/x" rel="noopener noreferrer" target="_blank">https://e.test/x</a>.</p>'
    )


def test_markdown_of_strangers_links_to_the_web_alone_and_loads_and_runs_nothing() -> None:
    text = (
        "[a](javascript:alert(1)) ![b](https://e.test/b.png) <script>x</script> <https://e.test/c> \u202ed <!-- e -->"
    )
    made = render(text)
    assert set(re.findall(r'href="([^"]*)"', made)) == {"https://e.test/b.png", "https://e.test/c"}
    assert "<script" not in made
    assert "<img" not in made
    assert "\u202e" not in made
    assert "-- e" not in made


def test_markdown_nested_without_end_is_read_in_bounded_depth() -> None:
    assert render("> " * 5_000 + "deep").count("<blockquote>") <= 20

"""Mirrors: fetch, read, commit, push, revert, against a real git server."""

from __future__ import annotations

import errno
import os
import subprocess
import threading
from pathlib import Path

import pytest

from tests.workers.workspace.conftest import Forge, Origin, taken_back, tip
from workers import GiveUp
from workers.workspace import Remote, RemoteRefused
from workers.workspace.folders import LocalWorkspaces
from workers.workspace.git import GitFailed, remote_settings
from workers.workspace.mirror import BareMirror
from workers.workspace.remote import refusal
from workers.workspace.steps import Step

WHO = ("ana", "ana@example.com")


def commit_of(mirror: BareMirror, folder: Path, base: str, at: int = 1700000000) -> str:
    return mirror.commit(mirror.export(folder, base), (base,), "Change", WHO, at)


def test_a_mirror_knows_the_branches_and_files_of_its_remote(mirror: BareMirror, origin: Origin) -> None:
    assert tip(mirror) == origin.tip("main")
    assert mirror.sha("nowhere") is None
    assert mirror.files(tip(mirror)) == (".gitignore", "README.md", "src/app.py")
    assert mirror.read(tip(mirror), "README.md") == b"hello\n"
    assert mirror.read(tip(mirror), "README.md", limit=3) == b"hel"
    assert mirror.read(tip(mirror), "src") is None
    assert mirror.read(tip(mirror), "") is None


def test_a_fetch_brings_new_commits_and_forgets_removed_branches(mirror: BareMirror, origin: Origin) -> None:
    origin.commit({"x": "1"}, branch="side")
    mirror.fetch()
    assert mirror.sha("side") == origin.tip("side")
    subprocess.run(["git", "-C", str(origin.bare), "update-ref", "-d", "refs/heads/side"], check=True)
    new = origin.commit({"README.md": "bye\n"})
    mirror.fetch()
    assert mirror.sha("side") is None
    assert tip(mirror) == new


def test_two_first_uses_at_once_make_one_mirror(workspaces: LocalWorkspaces, origin: Origin) -> None:
    remote = Remote("acme/app", origin.url, lambda: None)
    found: list[str | None] = []
    threads = [threading.Thread(target=lambda: found.append(workspaces.mirror(remote).sha("main"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == [origin.tip("main")] * 4


def test_the_token_reaches_the_server_and_stands_in_no_argument(
    workspaces: LocalWorkspaces, forge: Forge, origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forge.token = "ghs_secret"
    spoken = tmp_path / "argv"
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    wrapper = bin_folder / "git"
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    wrapper.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >>{spoken}\nexec {real} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_folder}:{os.environ['PATH']}")
    mirror = workspaces.mirror(Remote("acme/app", origin.url, lambda: "ghs_secret"))
    assert tip(mirror) == origin.tip("main")
    assert "fetch" in spoken.read_text()
    assert "ghs_secret" not in spoken.read_text()
    assert "eC1hY2Nlc3M" not in spoken.read_text()


def test_a_wrong_token_is_refused_in_words_that_trying_again_cannot_help(
    workspaces: LocalWorkspaces, forge: Forge, origin: Origin
) -> None:
    forge.token = "right"
    with pytest.raises(RemoteRefused, match="refused access") as refused:
        workspaces.mirror(Remote("acme/app", origin.url, lambda: "wrong"))
    assert not refused.value.again
    assert "wrong" not in refused.value.reason


@pytest.mark.parametrize(
    ("status", "again", "words"), [(503, True, "closed the connection early"), (404, False, "no such repository")]
)
def test_a_failing_server_is_told_in_words(
    workspaces: LocalWorkspaces, forge: Forge, origin: Origin, status: int, again: bool, words: str
) -> None:
    forge.status = status
    with pytest.raises(RemoteRefused, match=words) as refused:
        workspaces.mirror(Remote("acme/app", origin.url, lambda: None))
    assert refused.value.again is again


def test_a_server_that_is_not_there_may_be_tried_again(workspaces: LocalWorkspaces) -> None:
    with pytest.raises(RemoteRefused, match="cannot be reached") as refused:
        workspaces.mirror(Remote("acme/app", "http://127.0.0.1:1/acme/app.git", lambda: None))
    assert refused.value.again


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a.git", "git://example.com/a", "ssh://git@example.com/a", "ext::sh -c id", "/etc", "file:///etc",
        "https://user:pass@example.com/a.git", "-oProxyCommand=id", "https://example.com/a b", "http://127.0.0.1.evil.com/a",
    ],
)  # fmt: skip
def test_no_other_clone_url_is_used(url: str) -> None:
    with pytest.raises(ValueError, match="clone URL"):
        remote_settings(url, None)


def test_a_clone_cut_short_is_begun_anew(workspaces: LocalWorkspaces, mirror: BareMirror, origin: Origin) -> None:
    gitdir = mirror.gitdir
    gitdir.rename(gitdir.with_suffix(".new"))
    again = workspaces.mirror(mirror.remote)
    assert tip(again) == origin.tip("main")
    assert not gitdir.with_suffix(".new").exists()


def test_lock_files_of_a_killed_git_do_not_stop_a_fetch(mirror: BareMirror, origin: Origin) -> None:
    new = origin.commit({"README.md": "more\n"})
    (mirror.gitdir / "refs/remotes/origin/main.lock").write_text("")
    (mirror.gitdir / "packed-refs.lock").write_text("")
    mirror.fetch()
    assert tip(mirror) == new


def test_a_broken_mirror_is_rebuilt_with_our_own_objects(mirror: BareMirror, origin: Origin, tree: Path) -> None:
    (tree / "new.txt").write_text("ours\n")
    ours = mirror.export(tree, tip(mirror))
    for pack in (mirror.gitdir / "objects/pack").glob("*.pack"):
        pack.chmod(0o644)
        pack.write_bytes(b"rubbish")
    head = mirror.gitdir / "HEAD"
    head.write_text("")
    mirror.fetch()
    assert tip(mirror) == origin.tip("main")
    assert mirror.read(ours, "new.txt") == b"ours\n"


def test_the_same_arguments_make_the_same_commit(mirror: BareMirror, tree: Path) -> None:
    (tree / "README.md").write_text("changed\n")
    base = tip(mirror)
    assert commit_of(mirror, tree, base) == commit_of(mirror, tree, base)
    assert commit_of(mirror, tree, base) != commit_of(mirror, tree, base, at=1700000001)


def test_a_push_makes_the_branch_and_a_repeat_changes_nothing(mirror: BareMirror, origin: Origin, tree: Path) -> None:
    (tree / "README.md").write_text("changed\n")
    sha = commit_of(mirror, tree, tip(mirror))
    mirror.push(sha, "shipmate/1", None)
    assert origin.tip("shipmate/1") == sha == mirror.remote_sha("shipmate/1") == mirror.sha("shipmate/1")
    mirror.push(sha, "shipmate/1", None)
    assert origin.tip("shipmate/1") == sha


def test_a_push_onto_a_branch_that_was_moved_is_refused(mirror: BareMirror, origin: Origin, tree: Path) -> None:
    (tree / "README.md").write_text("one\n")
    base = tip(mirror)
    first = commit_of(mirror, tree, base)
    mirror.push(first, "shipmate/1", None)
    (tree / "README.md").write_text("two\n")
    second = commit_of(mirror, tree, base)
    foreign = origin.commit({"README.md": "mallory was here\n"}, branch="shipmate/1")
    with pytest.raises(RemoteRefused, match="Someone else pushed") as refused:
        mirror.push(second, "shipmate/1", first)
    assert not refused.value.again
    with pytest.raises(RemoteRefused, match="Someone else pushed"):
        mirror.push(second, "shipmate/1", None)
    assert origin.tip("shipmate/1") == foreign


def test_a_push_with_the_right_lease_replaces_what_we_pushed_before(
    mirror: BareMirror, origin: Origin, tree: Path
) -> None:
    base = tip(mirror)
    (tree / "README.md").write_text("one\n")
    first = commit_of(mirror, tree, base)
    mirror.push(first, "shipmate/1", None)
    (tree / "README.md").write_text("two\n")
    second = commit_of(mirror, tree, base)
    mirror.push(second, "shipmate/1", first)
    assert origin.tip("shipmate/1") == second


def test_a_push_that_a_server_rule_declines_says_so(mirror: BareMirror, origin: Origin, tree: Path) -> None:
    hook = origin.bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'GH006: Protected branch <!channel>' >&2\nexit 1\n")
    hook.chmod(0o755)
    (tree / "README.md").write_text("one\n")
    with pytest.raises(RemoteRefused, match="one of its rules") as refused:
        mirror.push(commit_of(mirror, tree, tip(mirror)), "main", tip(mirror))
    assert "channel" not in refused.value.reason


@pytest.mark.parametrize("name", ["", "-x", "a..b", "a b", "x.lock", "a\nb", "@{", "/a"])
def test_odd_branch_names_never_reach_git_as_arguments(mirror: BareMirror, name: str) -> None:
    with pytest.raises(ValueError, match="branch name"):
        mirror.sha(name)


@pytest.mark.parametrize("sha", ["main", "--all", "HEAD", "abc", "0" * 39])
def test_only_full_object_names_are_commits(mirror: BareMirror, sha: str) -> None:
    with pytest.raises(ValueError, match="object name"):
        mirror.tree(sha)


def test_changes_are_read_raw_and_attributes_hide_nothing(mirror: BareMirror, tree: Path) -> None:
    (tree / ".gitattributes").write_text("* -diff -text\n")
    (tree / "src/app.py").write_text("evil()\n")
    (tree / "README.md").unlink()
    base = tip(mirror)
    made = mirror.export(tree, base)
    assert [(c.status, c.path) for c in mirror.changed(base, made)] == [
        ("A", ".gitattributes"),
        ("D", "README.md"),
        ("M", "src/app.py"),
    ]
    assert "+evil()" in mirror.diff(base, made)
    assert "-hello" in mirror.diff(base, made)
    assert len(mirror.diff(base, made, limit=100)) == 100


def test_a_replaced_object_hides_nothing(mirror: BareMirror, tree: Path) -> None:
    base = tip(mirror)
    (tree / "README.md").write_text("evil\n")
    evil = commit_of(mirror, tree, base)
    subprocess.run(["git", "-C", str(mirror.gitdir), "replace", evil, base], check=True)
    assert "+evil" in mirror.diff(base, evil)


def test_a_revert_takes_back_one_merge_and_keeps_later_work(mirror: BareMirror, origin: Origin) -> None:
    merged = origin.commit({"README.md": "broken\n", "extra.txt": "x\n"})
    tip = origin.commit({"src/app.py": "print('later')\n"})
    mirror.fetch()
    made = taken_back(mirror, merged, tip)
    assert made is not None
    assert mirror.read(made, "README.md") == b"hello\n"
    assert mirror.read(made, "extra.txt") is None
    assert mirror.read(made, "src/app.py") == b"print('later')\n"


def test_a_revert_of_a_merge_commit_is_taken_from_its_first_parent(mirror: BareMirror, origin: Origin) -> None:
    main = origin.tip("main") or ""
    (origin.bare / "x").mkdir()
    side = origin.commit({"README.md": "side\n"}, branch="side")
    tree_of_side = subprocess.run(
        ["git", "-C", str(origin.bare), "rev-parse", f"{side}^{{tree}}"], capture_output=True, text=True, check=True
    ).stdout.strip()
    mirror.fetch()
    merge = mirror.commit(tree_of_side, (main, side), "Merge", WHO, 1)
    made = mirror.replay(Step(merge, main), merge)
    assert made == mirror.tree(main)


def test_a_revert_that_conflicts_with_later_work_is_refused(mirror: BareMirror, origin: Origin) -> None:
    merged = origin.commit({"README.md": "broken\n"})
    tip = origin.commit({"README.md": "built upon it\n"})
    mirror.fetch()
    assert taken_back(mirror, merged, tip) is None


def test_a_revert_of_what_is_already_undone_changes_nothing(mirror: BareMirror, origin: Origin) -> None:
    merged = origin.commit({"README.md": "broken\n"})
    tip = origin.commit({"README.md": "hello\n"})
    mirror.fetch()
    assert taken_back(mirror, merged, tip) == mirror.tree(tip)


def test_a_full_disk_is_given_up_in_words() -> None:
    assert isinstance(refusal(GitFailed("fetch", 128, "fatal: write error: No space left on device")), GiveUp)


def test_a_full_disk_while_writing_a_checkout_is_given_up_in_words(
    mirror: BareMirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("workers.workspace.checkout.write", full)
    with pytest.raises(GiveUp, match="disk of the worker is full"):
        mirror.checkout(tip(mirror), tmp_path / "out")


def test_an_empty_repository_has_no_branch(workspaces: LocalWorkspaces, forge: Forge) -> None:
    bare = forge.origin("acme/empty")
    mirror = workspaces.mirror(Remote("acme/empty", bare.url, lambda: None))
    assert mirror.sha("main") is None
    assert mirror.remote_sha("main") is None

"""A workspace over a shared checkout is exported exactly as a plain one is, and never touches what is below it."""

from __future__ import annotations

import base64
import shlex
import subprocess
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.workers.workspace.conftest import Origin
from tests.workers.workspace.overlaid import Ground, files, told
from workers.sandbox import Limits, Session
from workers.workspace import ExportRefused
from workers.workspace.mirror import BareMirror

FILES: dict[str, bytes | str | tuple[str, str] | None] = {
    "README.md": "hello\n",
    ".gitignore": "*.log\nbuild/\n",
    "src/app.py": "print('hello')\n",
    "src/deep/er/one.py": "1\n",
    "src/deep/er/two.py": "2\n",
    "src/deep/.gitignore": "*.tmp\n",
    "docs/a.txt": "a\n",
    "docs/b.txt": "b\n",
    "run.sh": ("100755", "#!/bin/sh\n"),
    "link": ("120000", "README.md"),
    "kept/tracked.log": "tracked though ignored\n",
}


@pytest.fixture
def base(origin: Origin, mirror: BareMirror) -> str:
    sha = origin.commit(FILES)
    mirror.fetch()
    return sha


@pytest.fixture
def ground(mirror: BareMirror, tmp_path: Path) -> Ground:
    return Ground(mirror, tmp_path)


def _run(script: str, session: Session) -> object:
    return session.run(script)


CASES = {
    "nothing": "true",
    "edit": "echo more >>README.md",
    "touch": "touch README.md src/app.py; chmod 644 README.md",
    "new file": "echo new >src/new.py",
    "new folder": "mkdir -p a/b/c; echo x >a/b/c/d; mkdir empty",
    "delete": "rm README.md",
    "delete the last file of a folder": "rm docs/a.txt docs/b.txt",
    "delete a folder": "rm -r src/deep",
    "folder made anew": "rm -r src; mkdir src; echo other >src/app.py; echo x >src/x",
    "folder made anew below one made anew": "rm -r src; mkdir -p src/deep/er; echo 1 >src/deep/er/one.py",
    "file becomes folder": "rm README.md; mkdir README.md; echo x >README.md/x",
    "folder becomes file": "rm -r docs; echo x >docs",
    "folder becomes an ignored file": "rm -r src/deep; echo x >src/deep.log; mv docs d.log; rm -r d.log; echo >docs",
    "folder becomes link": "rm -r docs; ln -s src docs",
    "link becomes file": "rm link; echo x >link",
    "link elsewhere": "ln -sfn src/app.py link",
    "rename": "mv README.md READYOU.md; mv docs papers",
    "exec bit": "chmod +x README.md; chmod -x run.sh",
    "ignored": "echo x >a.log; mkdir -p build/x; echo y >build/x/y; echo z >src/deep/t.tmp",
    "tracked though ignored": "echo x >>kept/tracked.log; echo y >kept/new.log",
    "ignore rules changed": "echo '*.txt' >.gitignore; echo c >docs/c.txt; echo x >a.log",
    "ignore rules deleted": "rm .gitignore src/deep/.gitignore; echo x >a.log; echo z >src/deep/t.tmp",
    "ignore rules behind a folder made anew": "rm -r src/deep; mkdir src/deep; echo z >src/deep/t.tmp",
    "ignore rules are a link": "rm .gitignore; ln -s README.md .gitignore; echo x >a.log",
    "back and forth": "mv docs d; mv d docs; rm README.md; echo hello >README.md",
    "a git repository": "mkdir .git; echo x >.git/config",
    "outward link": "ln -s /etc/passwd passwd",
    "hard link": "ln README.md second",
    "fifo": "mkfifo pipe",
    "nested repository": "mkdir -p v/.git; echo x >v/.git/config",
    "control characters": "touch $'a\\nb'",
    "bytes that are no text": "touch $'a\\xffb'",
    "submodules": "echo x >.gitmodules",
    "unreadable": "mkdir u; echo x >u/x; chmod 000 u",
    "unreadable over tracked": "chmod 000 src",
    "a socket in place of a file": "rm README.md; python3 -c 'import socket; socket.socket(1).bind(\"README.md\")'",
}


@pytest.mark.parametrize("script", CASES.values(), ids=CASES.keys())
def test_an_edit_over_a_shared_checkout_is_exported_as_in_a_plain_one(ground: Ground, base: str, script: str) -> None:
    below = files(ground.workspace(base).lower or Path())
    over = ground.result(base, lambda session: session.run(script))
    plain = ground.result(base, lambda session: session.run(script), layers=False)
    assert over == plain
    assert files(ground.workspace(base).lower or Path()) == below


NAMES = st.sampled_from(
    ["README.md", "src", "src/app.py", "src/deep", "src/deep/er", "src/deep/er/one.py", "docs", "docs/a.txt", "n",
     "n/m", "docs/n", "src/deep/n.tmp", "link", "run.sh", ".gitignore", "build", "x.log", "kept"]
)  # fmt: skip
STEPS = st.one_of(
    st.tuples(st.just("echo {} >{}"), st.sampled_from(["1", "two", "'*.py'"]), NAMES),
    st.tuples(st.just("rm -rf {1}"), st.just(""), NAMES),
    st.tuples(st.just("mkdir -p {1}"), st.just(""), NAMES),
    st.tuples(st.just("mv -T {} {}"), NAMES, NAMES),
    st.tuples(st.just("cp -rT {} {}"), NAMES, NAMES),
    st.tuples(st.just("ln -s {} {}"), NAMES, NAMES),
    st.tuples(st.just("[ -d {1} ] || chmod {0} {1}"), st.sampled_from(["755", "644"]), NAMES),
)


def shown(session: Session, into: Path) -> Path:
    """A plain copy of what the sandbox shows as the workspace."""
    packed = session.run("tar -cf - . 2>/dev/null | base64 -w0", limits=Limits(output_bytes=8 << 20)).output
    into.mkdir()
    subprocess.run(["tar", "-xpf", "-", "-C", str(into)], input=base64.b64decode(packed), check=True)
    return into


@settings(
    max_examples=6,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.lists(STEPS, min_size=1, max_size=8), min_size=6, max_size=6))
def test_any_edits_over_a_shared_checkout_are_exported_as_the_whole_folder_is(
    ground: Ground, base: str, rounds: list[list[tuple[str, str, str]]]
) -> None:
    workspace = ground.workspace(base)
    with ground.session(workspace) as session:
        for at, steps in enumerate(rounds):
            session.run("; ".join(f"({step.format(one, two)}) 2>/dev/null" for step, one, two in steps))
            whole = shown(session, workspace.place / f"shown-{at}")
            assert told(ground.mirror, workspace, base) == told(ground.mirror, whole, base)


def test_what_an_export_says_is_what_the_sandbox_shows(ground: Ground, base: str, tmp_path: Path) -> None:
    workspace = ground.workspace(base)
    script = "rm -r src/deep; mkdir src/deep; echo x >src/deep/x; mv docs papers; rm README.md; chmod +x .gitignore"
    with ground.session(workspace) as session:
        session.run(script)
        shown = session.run("find . -type f -printf '%P\\n' | sort").output.split()
        tree = ground.mirror.export(workspace, base)
    back = tmp_path / "back"
    ground.mirror.checkout(tree, back)
    assert sorted(files(back)) == shown


TURNS = {
    "edits": "echo more >>README.md; echo new >new.txt",
    "deletions": "rm -r src/deep README.md",
    "kinds": "rm -r docs; echo x >docs; rm README.md; mkdir README.md; echo y >README.md/y; ln -sfn run.sh link",
    "folder made anew": "rm -r src; mkdir -p src/deep; echo 3 >src/deep/three.py; chmod -x run.sh",
}


@pytest.mark.parametrize("script", TURNS.values(), ids=TURNS.keys())
@pytest.mark.parametrize("layers", [True, False], ids=["over", "plain"])
def test_the_next_claim_goes_on_from_the_tree_of_the_last(
    ground: Ground, base: str, tmp_path: Path, script: str, layers: bool
) -> None:
    tree = ground.result(base, lambda session: session.run(script))
    back = tmp_path / "back"
    ground.mirror.checkout(tree, back)
    again = ground.workspace(base, tree=tree, layers=layers)
    with ground.session(again) as session:
        listed = session.run(
            "find . ! -type d -printf '%P\\n' | sort; find . -mindepth 1 -type d -printf '%P\\n' | sort"
        )
        assert ground.mirror.export(again, base) == tree
    folders = sorted(str(one.relative_to(back)) for one in back.rglob("*") if one.is_dir() and not one.is_symlink())
    others = sorted(str(one.relative_to(back)) for one in back.rglob("*") if not one.is_dir() or one.is_symlink())
    assert listed.output.split() == others + folders


def test_a_workspace_is_brought_back_to_an_earlier_tree(ground: Ground, base: str) -> None:
    workspace = ground.workspace(base)
    first = ground.result(base, lambda session: session.run("echo 1 >one"))
    with ground.session(workspace) as session:
        session.run("rm -r src; echo 2 >two")
    ground.mirror.restore(workspace, first)
    ground.mirror.restore(workspace, first)
    with ground.session(workspace) as session:
        assert session.run("cat one; ls src/app.py; ls two").output.startswith("1\nsrc/app.py\n")
        assert ground.mirror.export(workspace, base) == first


def test_a_sandbox_that_begins_again_finds_what_the_last_one_wrote(ground: Ground, base: str) -> None:
    workspace = ground.workspace(base)
    with ground.session(workspace) as session:
        session.run("echo kept >kept.txt; rm README.md")
    with ground.session(workspace) as session:
        assert session.run("cat kept.txt; ls README.md 2>&1").output.startswith("kept\nls: cannot access")


def test_only_what_a_claim_changed_is_on_its_disk(ground: Ground, base: str) -> None:
    workspace = ground.workspace(base)
    with ground.session(workspace) as session:
        session.run("echo more >>docs/a.txt")
    assert [str(one.relative_to(workspace.written)) for one in workspace.written.rglob("*")] == ["docs", "docs/a.txt"]


def test_two_claims_over_one_checkout_do_not_see_each_other(ground: Ground, base: str) -> None:
    one, two = ground.workspace(base), ground.workspace(base)
    with ground.session(one) as first, ground.session(two) as second:
        first.run("echo mine >mine; echo changed >README.md")
        assert second.run("ls mine; cat README.md").output.endswith("hello\n")
    assert one.lower == two.lower


def test_what_an_overlay_is_told_by_attributes_cannot_be_told_from_inside(ground: Ground, base: str) -> None:
    workspace = ground.workspace(base)
    code = """
import os
for call in (lambda: os.setxattr("docs", "user.overlay.opaque", b"y"),
             lambda: os.setxattr("docs", "user.overlay.redirect", b"/src"),
             lambda: os.setxattr("docs", "trusted.overlay.opaque", b"y"),
             lambda: os.mknod("docs/a.white", 0o020000, 0)):
    try:
        call()
        print("done")
    except OSError:
        print("refused")
"""
    with ground.session(workspace) as session:
        assert session.run("python3 -", stdin=code.encode()).output.count("refused") >= 2
        assert "a.txt" in session.run("ls docs").output
        assert ground.mirror.export(workspace, base) == ground.mirror.tree(base)


def test_an_export_is_over_the_tree_that_the_workspace_began_with(
    ground: Ground, base: str, mirror: BareMirror, origin: Origin
) -> None:
    other = origin.commit({"more": "x"})
    mirror.fetch()
    with pytest.raises(ValueError, match="began with"):
        mirror.export(ground.workspace(base), other)


def test_what_is_kept_elsewhere_is_refused_over_a_shared_checkout_too(
    ground: Ground, origin: Origin, mirror: BareMirror
) -> None:
    base = origin.commit(
        {".gitattributes": "*.bin filter=lfs\n", "sub/big.bin": "pointer\n", "vendor": ("160000", "1" * 40)}
    )
    mirror.fetch()
    refusals = []
    for script in ("echo x >sub/big.bin", "echo x >vendor/file", "rmdir vendor", "rm -r vendor; echo x >vendor"):
        over = ground.result(base, partial(_run, script))
        assert over == ground.result(base, partial(_run, script), layers=False)
        refusals.append(over)
    assert "Git LFS" in refusals[0]
    assert all("submodule" in refusal for refusal in refusals[1:])


def test_an_unreadable_top_is_refused_in_words(ground: Ground, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = ground.workspace(base)

    def closed(*_: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr("workers.workspace.layer.walk", closed)
    with pytest.raises(ExportRefused, match="cannot be read"):
        ground.mirror.export(workspace, base)


def test_a_path_with_odd_characters_holds_a_workspace(mirror: BareMirror, tmp_path: Path, base: str) -> None:
    odd = tmp_path / "a, b:c\\d 'e'"
    odd.mkdir()
    ground = Ground(mirror, odd)
    tree = ground.result(base, lambda session: session.run(f"echo x >{shlex.quote('new file')}"))
    assert [one.path for one in mirror.changed(base, tree)] == ["new file"]
    assert Path(ground.workspace(base).place).parent == odd

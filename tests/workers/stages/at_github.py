"""A change that lives through real stages at the GitHub stand-in, up to the moment that a test looks at.

Law: what stands between two stages is recorded through the door, and every stage gets a claim that the outbox gave.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from bot.artifacts import Artifacts
from bot.domain import events as e
from bot.domain import ids
from bot.domain.change import Build, Change, Pull
from bot.domain.ci import CiReading
from bot.domain.events import Press, StageResult
from bot.domain.rules import Rules
from bot.record import Door
from bot.store import Claim, Store
from tests import story
from tests.workers.forge.conftest import Shop
from workers.agent import Model
from workers.chat import Chat
from workers.sandbox import Sandbox, overlay
from workers.stages.context import StageContext, Tools
from workers.stages.merge import merge
from workers.stages.publish import publish
from workers.workspace import Remote
from workers.workspace.folders import LocalWorkspaces

Performed = Callable[[StageContext], StageResult]
LEASE_SECONDS = 600.0


class NotForThese:
    """Stands where a stage at the forge has no business: whatever is asked of it is a fault."""


@dataclass(frozen=True)
class Interrupted(StageContext):
    """A context in which somebody else acts at the last moment at which a stage can be overtaken."""

    act: Callable[[], object] = lambda: None

    def secure(self) -> None:
        super().secure()
        self.act()


class Life:
    """One change of `shop`. `now` is the clock of the door and of the stages."""

    def __init__(
        self, folder: Path, shop: Shop, people: dict[str, str] | None = None, backup: Path | None = None
    ) -> None:
        self.shop, self.desk, self.repo = shop, shop.desk, shop.repo
        self.folder = folder
        self.now = 1_700_000_000.0
        self.backup = folder / "backup.db"
        if backup is not None:
            shutil.copy(backup, folder / "shipmate.db")
        self.store = Store(f"sqlite:///{folder / 'shipmate.db'}")
        self.store.migrate()
        with closing(sqlite3.connect(folder / "shipmate.db")) as connection:
            connection.execute("VACUUM INTO ?", (str(self.backup),))
        rules = Rules(repositories=(shop.repo,), people=people or {})
        self.door = Door(self.store, rules, lambda: self.now)
        self.claim: Claim | None = None
        self.asked: list[object] = []
        self.tools = Tools(
            store=self.store,
            door=self.door,
            ring=lambda *_bell: None,
            rules=rules,
            forge=shop.forge,
            chat=cast(Chat, NotForThese()),
            model=cast(Model, NotForThese()),
            scripted=lambda: True,
            workspaces=LocalWorkspaces(folder / "home", layers=overlay.works),
            sandbox=cast(Sandbox, NotForThese()),
            artifacts=Artifacts(str(folder / "artifacts")),
            clock=lambda: self.now,
            lease_seconds=LEASE_SECONDS,
            poll_seconds=5.0,
            author=("shipmate-bot", "shipmate@example.com"),
        )
        opened = self.door.open(story.asked(), "asked")
        assert opened.change is not None
        self.id = opened.change.id

    def restored(self) -> Life:
        """The same request, heard again by a database from before it, an hour later."""
        (self.folder / "restored").mkdir()
        later = Life(self.folder / "restored", self.shop, backup=self.backup)
        later.now = self.now + 3600
        return later

    @property
    def change(self) -> Change:
        found = self.store.changes.get(self.id)
        assert found is not None
        return found

    @property
    def pull(self) -> Pull:
        assert self.change.pull is not None
        return self.change.pull

    @property
    def undo_pull(self) -> Pull:
        assert self.change.undo is not None
        assert self.change.undo.pull is not None
        return self.change.undo.pull

    @property
    def reading(self) -> CiReading:
        """What the card says of CI."""
        assert self.change.ci is not None
        return self.change.ci

    def context(self) -> StageContext:
        """The next effect, claimed; one that is held is given back first, as after a crash."""
        if self.claim is not None:
            self.store.outbox.release(self.claim)
        self.claim = self.store.outbox.claim(self.id, "build", "test", LEASE_SECONDS)
        assert self.claim is not None, "no stage is due"
        return StageContext(self.claim, self.change, self.tools)

    def records(self, found: StageResult) -> Change:
        """What a stage found is written, and its claim is used up."""
        if self.claim is None:
            self.context()
        assert self.claim is not None
        recorded = self.door.record_result(self.claim, found)
        assert recorded.refusal is None
        self.claim = None
        return self.change

    def performs(self, stage: Performed) -> StageResult:
        """One stage, and its finding written."""
        found = stage(self.context())
        self.records(found)
        return found

    def presses(self, event: Press) -> None:
        recorded = self.door.record(self.id, event, f"press {event.kind} {self.change.version}")
        assert recorded.refusal is None

    def edited(self, files: Mapping[str, str | None]) -> Life:
        """The change has passed its checks and is to be published."""
        context = self.context()
        self.records(e.Prepared(base_branch="main", base_sha=self.shop.base))
        mirror = context.mirror()
        place = self.folder / "edited"
        mirror.checkout(self.shop.base, place)
        for name, content in files.items():
            if content is None:
                (place / name).unlink()
            else:
                (place / name).write_text(content)
        tree = mirror.export(place, self.shop.base)
        for found in (story.edits(tree), story.checked(tree=tree), story.judged(tree)):
            self.records(found)
        return self

    def published(self, files: Mapping[str, str | None] | None = None) -> Life:
        """Its pull request is open, and CI is to be read."""
        self.edited(files or {"a.txt": "two\n"}).performs(publish)
        return self

    def asked_for_more(self, files: dict[str, str] | None = None) -> Life:
        """Its pull request is open, and a second version waits to be published."""
        self.published().records(story.ci(sha=self.pull.head_sha))
        self.presses(story.note("and the receipt"))
        mirror = self.context().mirror()
        place = self.folder / "more"
        mirror.checkout(self.pull.head_sha, place)
        for name, content in (files or {"a.txt": "more\n"}).items():
            (place / name).write_text(content)
        tree = mirror.export(place, self.shop.base)
        for found in (story.edits(tree, notes_read=1), story.checked(tree=tree), story.judged(tree)):
            self.records(found)
        return self

    def approved(self) -> Life:
        """Ben said yes to it, and it is to be merged."""
        return self.published().says_yes()

    def says_yes(self) -> Life:
        """CI ended well, and Ben says yes to it as it is."""
        reading, builds = self.green(self.pull)
        self.records(e.CiRead(reading=reading, builds=builds))
        self.presses(e.ApprovePressed(by=story.BEN, seen=ids.seen(self.change)))
        return self

    def undoing(self) -> Life:
        """It is merged, and Ana wants it undone."""
        self.approved().performs(merge)
        return self.undoes()

    def undoes(self) -> Life:
        """Ana wants it undone."""
        self.presses(e.UndoPressed(by=story.ANA, seen=ids.seen(self.change)))
        return self

    def approves_undo(self) -> Life:
        """The undo is green, and Ben says yes to it."""
        reading, _builds = self.green(self.undo_pull)
        self.records(e.UndoCiRead(reading=reading))
        self.presses(e.UndoApprovePressed(by=story.BEN, seen=ids.seen(self.change)))
        return self

    def files(self, branch: str = "main") -> dict[str, str]:
        """The short files at the top of a branch at the forge."""
        remote = Remote(self.repo, self.shop.forge.clone_url(self.repo), lambda: self.shop.forge.token(self.repo))
        mirror = self.tools.workspaces.mirror(remote)
        mirror.fetch()
        head = mirror.sha(branch)
        assert head is not None
        names = [name for name in mirror.files(head) if name.endswith(".txt")]
        return {name: (mirror.read(head, name) or b"").decode() for name in names}

    def interrupted(self, act: Callable[[], object]) -> StageContext:
        """The next effect; `act` happens when the stage has looked and is about to change something."""
        context = self.context()
        return Interrupted(context.claim, context.change, context.tools, act=act)

    def green(self, pull: Pull) -> tuple[CiReading, tuple[Build, ...]]:
        """CI of a pull request ends well; what the forge says of it now."""
        self.desk.set_check_run(self.repo, pull.head_sha, "test", status="completed", conclusion="success")
        reading = self.shop.forge.read_pull(self.repo, pull, self.shop.base).ci
        return self.shop.forge.read_builds(self.repo, reading)

    def sent(self, method: str, path: str) -> int:
        """How often the forge was asked for something of this repository, by the end of its path."""
        ours = [one for one in self.desk.requests() if f"/{self.repo}" in one["path"] and one["method"] == method]
        return sum(one["path"].endswith(path) for one in ours)

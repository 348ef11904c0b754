"""What a stage is given: one claimed effect, the change as it stood, and the tools to perform it.

Law: before every call that changes something outside, `secure()`; a stage never writes state itself.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.artifacts import Artifacts
from bot.domain.change import Change
from bot.domain.effects import Lane
from bot.domain.events import ProgressMade, StageResult
from bot.domain.rules import Rules
from bot.record import Door
from bot.store import Claim, ClaimRefused, Store
from workers import ClaimLost, GiveUp
from workers.agent import Model
from workers.chat import Chat
from workers.egress.network import AllowedHosts
from workers.environment.install import Installer
from workers.forge import Forge
from workers.judge import Reviewer
from workers.sandbox import Sandbox
from workers.stages.confidential import Confidential
from workers.workspace import Mirror, Remote, Workspaces


@dataclass(frozen=True)
class Tools:
    """Everything outside that stages may use. `poll_seconds` is the pause between two readings of the forge.

    Without `installer`, checks run with what the toolbox has. Without `reviewer`, no model judges a change.
    `tiers` are the models of the operator's tiers that have one of their own.
    `network` is what the operator lets repositories reach. `confidential` knows the values that must not leave.
    `second` goes on where `model` declines to answer; `context_tokens` is how long their conversations may become.
    """

    store: Store
    door: Door
    ring: Callable[[str, dict[Lane, float]], None]
    rules: Rules
    forge: Forge
    chat: Chat
    model: Model
    scripted: Callable[[], bool]
    workspaces: Workspaces
    sandbox: Sandbox
    artifacts: Artifacts
    clock: Callable[[], float]
    lease_seconds: float
    poll_seconds: float
    author: tuple[str, str]
    installer: Installer | None = None
    reviewer: Reviewer | None = None
    second: Model | None = None
    context_tokens: int = 200_000
    tiers: Mapping[str, Model] = field(default_factory=dict)
    confidential: Confidential = field(default_factory=Confidential)
    network: AllowedHosts = field(default_factory=AllowedHosts)


@dataclass(frozen=True)
class StageContext:
    """One effect to perform. `lost` is set as soon as the claim is known to be gone."""

    claim: Claim
    change: Change
    tools: Tools
    lost: threading.Event = field(default_factory=threading.Event)
    counter: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def repository(self) -> str:
        """Return the full name of the change's repository; a change without one never gets this far."""
        if self.change.repository is None:
            raise AssertionError(f"{self.change.id} has no repository")
        return self.change.repository

    @property
    def model(self) -> Model:
        """Return the model that makes this change."""
        return self.tools.tiers.get(self.change.tier, self.tools.model)

    def still_mine(self) -> None:
        """Cheap: raises `ClaimLost` once the claim is known to be gone."""
        if self.lost.is_set():
            raise ClaimLost(self.change.id)

    def secure(self) -> None:
        """Ask the database and extend the lease: raises `ClaimLost` unless the claim is held right now."""
        self.still_mine()
        if self.claim.effect_id not in self.tools.store.outbox.renew([self.claim], self.tools.lease_seconds):
            self.lost.set()
            raise ClaimLost(self.change.id)

    def meanwhile(self, event: StageResult) -> None:
        """Record something before the stage ends. Raises `ClaimLost`."""
        try:
            recorded = self.tools.door.record_meanwhile(self.claim, event, next(self.counter))
        except ClaimRefused as refused:
            self.lost.set()
            raise ClaimLost(self.change.id) from refused
        self.tools.ring(self.change.id, dict(recorded.lanes))

    def say(self, words: str) -> None:
        """Say in a few words what is being done, for the card."""
        self.meanwhile(ProgressMade(words=words))

    def remote(self) -> Remote:
        """Return where the change's repository lives, with a token for git when one is needed."""
        return self._remote(self.repository)

    def _remote(self, name: str) -> Remote:
        forge = self.tools.forge
        return Remote(name, forge.clone_url(name), lambda: forge.token(name), self._near)

    def _near(self, name: str) -> Remote | None:
        """Return another repository that the operator serves, which a submodule of this one may be."""
        served = {one.lower(): one for one in self.tools.rules.repositories}
        found = served.get(name.lower())
        return self._remote(found) if found else None

    def mirror(self) -> Mirror:
        """Return the mirror of the change's repository on this host."""
        return self.tools.workspaces.mirror(self.remote())

    def need(self, value: str | None, what: str) -> str:
        """Return a value that the change must have by now."""
        if value is None:
            raise GiveUp(f"This change has no {what} yet.", "Ask again in a new message.")
        return value

"""One scripted change after the other through all real processes, from a message on the phone to merged and undone.

Law: everything is the operator's own setup: `shipmate up` with embedded defaults and stand-ins. Only git's way to the
GitHub stand-in leads through a relay that counts requests.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.grounds import REPOSITORY, ground
from benchmarks.relay import Relay
from benchmarks.started import Processes, plain_environment
from bot.domain.change import Phase
from bot.store import Store
from playground.claude.client import ClaudeScript
from playground.github.client import GitHubDesk
from playground.slack.client import SlackPhone
from shipmate.commands.story import Story
from shipmate.embedded import ports
from shipmate.embedded.defaults import Completed, complete
from shipmate.embedded.playground_keys import load_or_create
from shipmate.supervise.child import Spec
from shipmate.supervise.processes import PlaygroundWishes, all_processes

REQUEST = "make the total include tax"
CHANGE_SECONDS = 90.0


class Quiet:
    """A progress that tells nobody."""

    def __enter__(self) -> Quiet:
        return self

    def __exit__(self, *_: object) -> None:
        """Put nothing back."""

    def step(self, what: str, **facts: Any) -> None:
        """Do nothing: nobody watches."""

    def detail(self, text: str) -> None:
        """Do nothing: nobody watches."""

    def end(self, ok: bool, sentence: str, **facts: Any) -> None:
        """Do nothing: nobody watches."""


@dataclass
class Town:
    """A whole Shipmate and its stand-ins."""

    home: Path
    settings: Completed
    relay: Relay
    store: Store
    phone: SlackPhone
    forge: GitHubDesk
    model: ClaudeScript
    processes: Processes

    def calls(self) -> Counter[str]:
        """Return every call that reached the outside so far, by service and route."""
        found = Counter({f"GitHub REST|{route}": n for route, n in self.forge.request_counts().items()})
        found.update({f"GitHub git|{route}": n for route, n in self.relay.counts.items()})
        found.update(f"Slack|{method}" for method in self.phone.calls())
        found["Claude|POST /v1/messages"] = len(self.model.calls())
        return found


@dataclass
class Run:
    """One change. `calls` holds the calls it took until it was merged, and `undo_calls` those of the undo."""

    change_id: str
    thread_ts: str
    first: bool
    calls: Counter[str] = field(default_factory=Counter)
    undo_calls: Counter[str] = field(default_factory=Counter)


def runs(town: Town, count: int) -> Iterator[Run]:
    """Yield one change after the other, each undone before the next, so that all start from the same files."""
    before = town.calls()
    for number in range(count):
        story = Story(town.phone, town.store, Quiet(), "ana", "ben", time.monotonic() + CHANGE_SECONDS, lambda: None)
        story.ask(REQUEST)
        story.until(Phase.READY)
        story.press("ben", "approve")
        story.until(Phase.MERGED)
        story.shows("undo")
        _settled(town, story)
        merged = town.calls()
        story.press("ben", "undo")
        story.press("ben", "undo_approve")
        story.until(Phase.UNDONE)
        _settled(town, story)
        undone = town.calls()
        assert story.change is not None
        yield Run(story.change.id, story.change.place.thread_ts, number == 0, merged - before, undone - merged)
        before = undone


def _settled(town: Town, story: Story) -> None:
    """Wait until nothing is left to do for the change but to wait."""
    assert story.change is not None
    deadline = time.monotonic() + 20
    while set(town.store.outbox.open_kinds(story.change.id)) - {"WatchPull"}:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{story.change.id} does not come to rest")
        time.sleep(0.05)


@contextmanager
def town(build_threads: int = 0) -> Iterator[Town]:
    """Start everything, yield once it works, end everything. `build_threads` 0 leaves the worker its own number."""
    with ground("path") as here:
        home = here.folder / "home"
        keys = load_or_create(home)
        environ = {**plain_environment(), "SHIPMATE_HOME": str(home)}
        settings = complete(environ)
        relayed = ports.choose(("github",), usual=False)["github"]
        app = {
            "GITHUB_APP_ID": str(keys.github_app_id),
            "GITHUB_APP_PRIVATE_KEY": keys.github_app_private_key,
            "GITHUB_APP_INSTALLATION_ID": str(keys.github_installation_id),
            "GITHUB_WEBHOOK_SECRET": keys.github_webhook_secret,
            "GITHUB_API_URL": f"{keys.github_url}/api/v3",
            "GITHUB_SERVER_URL": f"http://127.0.0.1:{relayed}",
            "SHIPMATE_REPOSITORIES": REPOSITORY,
        }
        with Relay(relayed, keys.github_port) as relay:
            broker, *others = all_processes(settings, PlaygroundWishes())
            here.processes.start_spec(broker)
            here.processes.start_specs([_fitted(spec, app, build_threads) for spec in others])
            store = Store(settings.bot.storage.database_url.get_secret_value())
            try:
                yield Town(
                    home=here.folder,
                    settings=settings,
                    relay=relay,
                    store=store,
                    phone=SlackPhone(keys.slack_url),
                    forge=GitHubDesk(keys.github_url),
                    model=ClaudeScript(keys.claude_url),
                    processes=here.processes,
                )
            finally:
                store.close()
                # Before the relay: what they still say would find nobody.
                here.processes.end("talk", "build", "bot", "playground")


def _fitted(spec: Spec, app: dict[str, str], build_threads: int) -> Spec:
    if spec.name == "playground":
        return spec
    more = ("--threads", str(build_threads)) if build_threads and spec.name == "build" else ()
    return replace(spec, argv=(*spec.argv, *more), env={**spec.env, **app})

"""The agent: a conversation with the model in which tools change a workspace, until it finishes, asks or says why not.

Law: the agent has no channel to the outside. It proposes a tree and words; its caller validates and writes them.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.domain.change import Image, Note, Usage
from workers.sandbox import Session

Block = dict[str, Any]
"""A content block exactly as the Messages API takes it."""


@dataclass(frozen=True)
class Reply:
    """One reply of the model. `content` is stored and sent back verbatim: thinking is signed over what came before it.

    `usage` speaks of this reply alone (`turns` is 1, `seconds` 0). `scripted` is true when a stand-in answered.
    """

    content: tuple[Block, ...]
    stop_reason: str
    usage: Usage
    request_id: str = ""
    model: str = ""
    scripted: bool = False


class Model(Protocol):
    """A model that can be asked for the next reply."""

    name: str

    def turn(
        self,
        system: str,
        tools: list[Block],
        messages: list[Block],
        on_progress: Callable[[str], None],
        cancelled: Callable[[], bool],
    ) -> Reply:
        """Return the next reply. Raises `TryAgain`, `GiveUp`, or `ClaimLost` soon after `cancelled()` turns true.

        `GiveUp` may be `api_errors.Declined`, a declined request, or `api_errors.TooLong`, a conversation that is too
        long; both carry the usage of the call. `on_progress` gets a short line of the model's thinking now and then;
        both callables run in the caller's thread.
        """
        ...

    def window(self) -> int:
        """Return how many tokens of input fit. Never raises: a model that cannot be asked about has 200,000."""
        ...


class BlobStore(Protocol):
    """A store of bytes by their digest; `bot.artifacts.Artifacts` is one."""

    def put(self, content: bytes) -> str:
        """Store the bytes, and return their id, 64 hex digits."""
        ...

    def get(self, name: str) -> bytes:
        """Return the bytes. Raises FileNotFoundError."""
        ...


class MemoryBlobs:
    """A `BlobStore` that lasts as long as the process."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        """See `BlobStore`."""
        name = hashlib.sha256(content).hexdigest()
        self._kept[name] = content
        return name

    def get(self, name: str) -> bytes:
        """See `BlobStore`."""
        if name not in self._kept:
            raise FileNotFoundError(name)
        return self._kept[name]


@dataclass(frozen=True)
class RunnableChecks:
    """Checks of the repository that the agent may run by name; each may take `wall_seconds`."""

    steps: tuple[tuple[str, str, Callable[[str], str]], ...]
    """(name, bash command line at the repository's root, function from its failing output to the text for the agent)"""
    wall_seconds: float = 300.0


@dataclass(frozen=True)
class Job:
    """The task of the agent. Everything but `notes` must be the same whenever work on a change resumes.

    `guidance` maps paths (AGENTS.md, CONTRIBUTING.md) to their text at the base commit; `nested` are the paths of
    guidance below the root, each read by `read_guidance` when the agent first works in its folder. `notes` gives every
    note so far, append-only, and is called at each turn. `said_before` are lines of the thread above the request.
    `images` came with the request; `fetch` gives the bytes of an image, or says why it is unavailable.
    `checks` is the command that will judge the work, empty when there is none. `suite` gives what `run_checks` runs
    ("quick", "changed" or "all") on a tree. `changed` names the paths in which a tree differs from
    the base. `workspace_description` are sentences about the workspace.

    Budgets count the whole conversation; tokens read from the cache count a tenth. `context_tokens` is how long a
    conversation may become before it is compacted, where the model's window does not end it before.
    """

    request: str
    requester: str
    repository: str
    base_tree: str
    notes: Callable[[], tuple[Note, ...]] = tuple
    guidance: Mapping[str, str] = field(default_factory=dict)
    said_before: tuple[str, ...] = ()
    checks: str = ""
    max_turns: int = 60
    max_tokens_total: int = 2_000_000
    max_dollars: float = 10.0
    max_minutes: float = 60.0
    context_tokens: int = 200_000
    images: tuple[Image, ...] = ()
    fetch: Callable[[Image], bytes | str] = lambda image: f"{image.name} cannot be fetched here."
    nested: tuple[str, ...] = ()
    read_guidance: Callable[[str], str] = lambda _path: ""
    suite: Callable[[str, str], RunnableChecks | None] = lambda _which, _tree: None
    changed: Callable[[str], tuple[str, ...]] = lambda _tree: ()
    workspace_description: tuple[str, ...] = ()


@dataclass(frozen=True)
class AgentAccess:
    """Everything that the agent may touch.

    `checkpoint` exports the workspace and returns its tree sha (raises `ExportRefused`). `restore` makes the workspace
    equal to a tree; it is called once at the start of every run, before any tool. `still_mine` raises `ClaimLost`; it
    is polled a few times a second while the model or a tool is busy, so it must be cheap. `progress` takes a short
    line, many times a second while the model thinks: keep the latest, write seldom. `blobs` holds pictures and whole
    outputs beyond this process. `clock` is monotonic, in seconds.
    """

    session: Session
    checkpoint: Callable[[], str]
    restore: Callable[[str], None]
    still_mine: Callable[[], None]
    progress: Callable[[str], None]
    blobs: BlobStore = field(default_factory=MemoryBlobs)
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True)
class Finished:
    """The agent proposes `tree`. `usage` sums the whole conversation; `notes_read` is how many notes it has heard."""

    title: str
    summary: str
    proven: str
    risks: str
    tree: str
    notes_read: int
    usage: Usage


@dataclass(frozen=True)
class NeedsAnswer:
    """The agent needs an answer before it can go on. The next note it hears is taken as the answer."""

    question: str
    options: tuple[str, ...]
    notes_read: int
    usage: Usage


@dataclass(frozen=True)
class Spoke:
    """The agent ended without proposing a change; `text` is what it said."""

    text: str
    notes_read: int
    usage: Usage


@dataclass(frozen=True)
class OverBudget:
    """The budget that a person granted is used up; `words` say which. Granted again, the work continues."""

    words: str
    notes_read: int
    usage: Usage


RunResult = Finished | NeedsAnswer | Spoke | OverBudget

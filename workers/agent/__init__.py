"""The agent: a conversation with the model in which tools change a workspace, until it finishes, asks or says why not.

Law: the agent holds no outward channel. It proposes a tree and words; whoever called it validates and writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.domain.change import Note, Usage
from workers.sandbox import Session

Block = dict[str, Any]
"""A content block exactly as the Messages API takes it."""


@dataclass(frozen=True)
class Reply:
    """One reply of the model. `content` is stored and sent back verbatim: thinking is signed over what came before it.

    `usage` speaks of this reply alone (`turns` is 1). `scripted` is true when a stand-in answered.
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
        """The next reply. Raises `TryAgain`, `GiveUp`, or `ClaimLost` soon after `cancelled()` turns true.

        `on_progress` gets a short line of the model's thinking now and then; both callables run in the caller's thread.
        """
        ...


@dataclass(frozen=True)
class Job:
    """What the agent is to do. Everything but `notes` must be the same whenever a change is taken up again.

    `guidance` maps paths (AGENTS.md, CONTRIBUTING.md) to their text at the base commit. `notes` gives every note so
    far, append-only, and is called at each turn. `said_before` are lines of the thread above the request.
    `checks` is the command that will judge the work, empty when there is none. Budgets count the whole conversation;
    tokens read from the cache count a tenth.
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


@dataclass(frozen=True)
class Hands:
    """What the agent may touch.

    `checkpoint` exports the workspace and returns its tree sha (raises `ExportRefused`). `restore` makes the workspace
    equal to a tree; it is called once at the start of every run, before any tool. `still_mine` raises `ClaimLost`; it
    is polled a few times a second while the model or a tool is busy, so it must be cheap. `progress` takes a short
    line, many times a second while the model thinks: keep the latest, write seldom.
    """

    session: Session
    checkpoint: Callable[[], str]
    restore: Callable[[str], None]
    still_mine: Callable[[], None]
    progress: Callable[[str], None]


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
class Asked:
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


Outcome = Finished | Asked | Spoke

"""Define the effects, named in the imperative. An effect is a row of the outbox until a worker has performed it.

Law: at most one `build` effect of a change is open; a new one withdraws the one before.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, TypeAdapter

from bot.domain.frozen import Frozen

Lane = Literal["talk", "build"]
Moment = Literal[
    "ready",
    "second_needed",
    "no_right",
    "question",
    "stuck",
    "merged",
    "declined",
    "undo_ready",
    "undo_failed",
    "undone",
    "head_moved",
    "not_merged",
    "ci_failed",
]


class Prepare(Frozen):
    """Bring the mirror up to date and find the base."""

    kind: Literal["Prepare"] = "Prepare"
    lane: ClassVar[Lane] = "build"


class Edit(Frozen):
    """Let the agent work until it finishes, asks, or gives up."""

    kind: Literal["Edit"] = "Edit"
    lane: ClassVar[Lane] = "build"


class Check(Frozen):
    """Run the repository's own checks on a tree."""

    kind: Literal["Check"] = "Check"
    lane: ClassVar[Lane] = "build"
    tree: str


class Judge(Frozen):
    """Look at the exported change for what must not pass."""

    kind: Literal["Judge"] = "Judge"
    lane: ClassVar[Lane] = "build"
    tree: str


class Publish(Frozen):
    """Commit, push, and open or update the pull request."""

    kind: Literal["Publish"] = "Publish"
    lane: ClassVar[Lane] = "build"
    tree: str


class ReadCi(Frozen):
    """Ask the forge for CI, builds and the head, until something is new; `patient` after it has just been asked."""

    kind: Literal["ReadCi"] = "ReadCi"
    lane: ClassVar[Lane] = "build"
    head_sha: str
    patient: bool = False


class WatchPull(Frozen):
    """While people decide: notice pushes, closes and merges that happen at the forge."""

    kind: Literal["WatchPull"] = "WatchPull"
    lane: ClassVar[Lane] = "build"
    head_sha: str


class Merge(Frozen):
    kind: Literal["Merge"] = "Merge"
    lane: ClassVar[Lane] = "build"
    head_sha: str


class OpenUndo(Frozen):
    """Revert the merge on a branch of its own and open the pull request for it."""

    kind: Literal["OpenUndo"] = "OpenUndo"
    lane: ClassVar[Lane] = "build"
    merge_sha: str


class ReadUndoCi(Frozen):
    kind: Literal["ReadUndoCi"] = "ReadUndoCi"
    lane: ClassVar[Lane] = "build"
    head_sha: str
    patient: bool = False


class MergeUndo(Frozen):
    kind: Literal["MergeUndo"] = "MergeUndo"
    lane: ClassVar[Lane] = "build"
    head_sha: str


class Tidy(Frozen):
    """Remove workspaces; close the pull request and delete the branch where `abandon` is set."""

    kind: Literal["Tidy"] = "Tidy"
    lane: ClassVar[Lane] = "build"
    abandon: bool


class React(Frozen):
    """A reaction on the message that asked. `name` without colons."""

    kind: Literal["React"] = "React"
    lane: ClassVar[Lane] = "talk"
    name: str


class ShowCard(Frozen):
    """Bring the card up to date with the state at the moment of showing."""

    kind: Literal["ShowCard"] = "ShowCard"
    lane: ClassVar[Lane] = "talk"


class Notify(Frozen):
    """One new message in the thread, because a decision is needed or something ended: an edit notifies nobody."""

    kind: Literal["Notify"] = "Notify"
    lane: ClassVar[Lane] = "talk"
    moment: Moment


BuildEffect = (
    Prepare | Edit | Check | Judge | Publish | ReadCi | WatchPull | Merge | OpenUndo | ReadUndoCi | MergeUndo | Tidy
)
TalkEffect = React | ShowCard | Notify
Effect = BuildEffect | TalkEffect

EFFECT: TypeAdapter[Effect] = TypeAdapter(Annotated[Effect, Field(discriminator="kind")])
"""Reads an effect back from the outbox."""

"""Everything that can happen to a change, in the past tense. Data only; `consequences` says what follows.

Law: an event is recorded once per key, whoever repeats it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from bot.domain.change import Actor, Build, CiReading, Place, Pull, Usage
from bot.domain.verdict import Evidence, Frozen


class Asked(Frozen):
    """A mention, a direct message or the message shortcut."""

    kind: Literal["Asked"] = "Asked"
    by: Actor
    place: Place
    text: str
    channel_name: str = ""


class RepositoryChosen(Frozen):
    """A tap on one of the repository buttons."""

    kind: Literal["RepositoryChosen"] = "RepositoryChosen"
    by: Actor
    repository: str


class NoteAdded(Frozen):
    """A reply in the thread: a note, an answer or a follow-up, depending on where the change stands."""

    kind: Literal["NoteAdded"] = "NoteAdded"
    by: Actor
    text: str


class Answered(Frozen):
    """A tap on one of the options of a question."""

    kind: Literal["Answered"] = "Answered"
    by: Actor
    text: str


class StopPressed(Frozen):
    """The button or the word."""

    kind: Literal["StopPressed"] = "StopPressed"
    by: Actor


class RetryPressed(Frozen):
    """Try again where it failed."""

    kind: Literal["RetryPressed"] = "RetryPressed"
    by: Actor


class ApprovePressed(Frozen):
    """`seen` is the digest of the head and diff that the pressed card showed (`ids.seen`)."""

    kind: Literal["ApprovePressed"] = "ApprovePressed"
    by: Actor
    seen: str


class ChangesAsked(Frozen):
    """Not like this: what should be different, in words."""

    kind: Literal["ChangesAsked"] = "ChangesAsked"
    by: Actor
    text: str
    seen: str


class ClosePressed(Frozen):
    """This is not wanted any more: close the pull request."""

    kind: Literal["ClosePressed"] = "ClosePressed"
    by: Actor
    seen: str


class UndoPressed(Frozen):
    """Take the merged change back: the first tap, which only prepares it."""

    kind: Literal["UndoPressed"] = "UndoPressed"
    by: Actor
    seen: str


class UndoApprovePressed(Frozen):
    """The second tap: merge the reverting pull request at the head shown."""

    kind: Literal["UndoApprovePressed"] = "UndoApprovePressed"
    by: Actor
    seen: str


class Prepared(Frozen):
    """The repository is here and the work has a base."""

    kind: Literal["Prepared"] = "Prepared"
    base_branch: str
    base_sha: str
    sandbox: str = ""
    model: str = ""
    scripted: bool = False
    permalink: str | None = None


class ProgressMade(Frozen):
    """A few words about what is being done right now."""

    kind: Literal["ProgressMade"] = "ProgressMade"
    words: str


class QuestionAsked(Frozen):
    """The agent cannot go on without a person's word."""

    kind: Literal["QuestionAsked"] = "QuestionAsked"
    text: str
    options: tuple[str, ...] = ()
    notes_read: int
    usage: Usage


class EditsReady(Frozen):
    """The agent finished. `tree` is the exported tree, `fingerprint` the digest of its raw diff against the base."""

    kind: Literal["EditsReady"] = "EditsReady"
    title: str
    summary: str
    proven: str = ""
    risks: str = ""
    tree: str
    fingerprint: str
    files: tuple[str, ...]
    notes_read: int
    usage: Usage


class NothingChanged(Frozen):
    """The agent ended without a change; `text` is what it said."""

    kind: Literal["NothingChanged"] = "NothingChanged"
    text: str
    usage: Usage


class Checked(Frozen):
    """What the repository's tests said; `told` is what the agent should hear of it."""

    kind: Literal["Checked"] = "Checked"
    evidence: Evidence
    told: str = ""


class Judged(Frozen):
    """`blocking` findings go back to the agent; `flags` are shown to the approver."""

    kind: Literal["Judged"] = "Judged"
    tree: str
    blocking: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


class Published(Frozen):
    kind: Literal["Published"] = "Published"
    pull: Pull


class CiRead(Frozen):
    """What CI says about a commit, with the builds it made."""

    kind: Literal["CiRead"] = "CiRead"
    reading: CiReading
    builds: tuple[Build, ...] = ()


class HeadMoved(Frozen):
    """Somebody else pushed to our branch."""

    kind: Literal["HeadMoved"] = "HeadMoved"
    head_sha: str
    tree: str
    fingerprint: str


class PullClosed(Frozen):
    """Closed without a merge, at the forge."""

    kind: Literal["PullClosed"] = "PullClosed"


class Merged(Frozen):
    """By us, or by somebody at the forge (`by` is then their login)."""

    kind: Literal["Merged"] = "Merged"
    merge_sha: str
    by: str = ""


class MergeWasRefused(Frozen):
    """The forge would not merge; `reason` is a sentence."""

    kind: Literal["MergeWasRefused"] = "MergeWasRefused"
    reason: str


class UndoOpened(Frozen):
    """The reverting pull request is open."""

    kind: Literal["UndoOpened"] = "UndoOpened"
    pull: Pull


class UndoCiRead(Frozen):
    """What CI says about the reverting pull request."""

    kind: Literal["UndoCiRead"] = "UndoCiRead"
    reading: CiReading


class UndoFailed(Frozen):
    """The way back is not open by itself: a conflict, a refusal, or the reverting pull request was closed."""

    kind: Literal["UndoFailed"] = "UndoFailed"
    reason: str


class Undone(Frozen):
    """The reverting pull request is merged."""

    kind: Literal["Undone"] = "Undone"
    merge_sha: str
    by: str = ""


class StageFailed(Frozen):
    """A stage gave up, or met a bug of ours (then `reference` finds it in the operator's log)."""

    kind: Literal["StageFailed"] = "StageFailed"
    stage: str
    reason: str
    advice: str = ""
    reference: str = ""


class CardPosted(Frozen):
    kind: Literal["CardPosted"] = "CardPosted"
    ts: str


Press = (
    RepositoryChosen
    | NoteAdded
    | Answered
    | StopPressed
    | RetryPressed
    | ApprovePressed
    | ChangesAsked
    | ClosePressed
    | UndoPressed
    | UndoApprovePressed
)
Finding = (
    Prepared
    | ProgressMade
    | QuestionAsked
    | EditsReady
    | NothingChanged
    | Checked
    | Judged
    | Published
    | CiRead
    | HeadMoved
    | PullClosed
    | Merged
    | MergeWasRefused
    | UndoOpened
    | UndoCiRead
    | UndoFailed
    | Undone
    | StageFailed
    | CardPosted
)
Event = Asked | Press | Finding

EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])
"""Reads an event back from the journal."""

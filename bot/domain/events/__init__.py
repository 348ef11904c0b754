"""Everything that can happen to a change, in the past tense. Data only; `consequences` says what follows.

Law: an event is recorded once per key, however often it is delivered.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from bot.domain.events.presses import (
    Answered,
    ApprovePressed,
    Asked,
    ChangesAsked,
    ClosePressed,
    NoteAdded,
    PublishAllowed,
    RepositoryChosen,
    RetryPressed,
    StopPressed,
    UndoApprovePressed,
    UndoPressed,
)
from bot.domain.events.results import (
    BudgetReached,
    CardPosted,
    Checked,
    CiRead,
    EditsReady,
    HeadMoved,
    Judged,
    Merged,
    MergeTried,
    MergeWasRefused,
    NothingChanged,
    Prepared,
    ProgressMade,
    Published,
    PullClosed,
    QuestionAsked,
    Reopened,
    RightsMissing,
    StageFailed,
    UndoCiRead,
    UndoFailed,
    Undone,
    UndoOpened,
)

__all__ = [
    "EVENT",
    "Answered",
    "ApprovePressed",
    "Asked",
    "BudgetReached",
    "CardPosted",
    "ChangesAsked",
    "Checked",
    "CiRead",
    "ClosePressed",
    "EditsReady",
    "Event",
    "HeadMoved",
    "Judged",
    "MergeTried",
    "MergeWasRefused",
    "Merged",
    "NoteAdded",
    "NothingChanged",
    "Prepared",
    "Press",
    "ProgressMade",
    "PublishAllowed",
    "Published",
    "PullClosed",
    "QuestionAsked",
    "Reopened",
    "RepositoryChosen",
    "RetryPressed",
    "RightsMissing",
    "StageFailed",
    "StageResult",
    "StopPressed",
    "UndoApprovePressed",
    "UndoCiRead",
    "UndoFailed",
    "UndoOpened",
    "UndoPressed",
    "Undone",
]

Press = (
    RepositoryChosen
    | NoteAdded
    | Answered
    | PublishAllowed
    | StopPressed
    | RetryPressed
    | ApprovePressed
    | ChangesAsked
    | ClosePressed
    | UndoPressed
    | UndoApprovePressed
)
StageResult = (
    Prepared
    | ProgressMade
    | QuestionAsked
    | BudgetReached
    | EditsReady
    | NothingChanged
    | Checked
    | Judged
    | Published
    | CiRead
    | HeadMoved
    | PullClosed
    | Reopened
    | Merged
    | MergeTried
    | MergeWasRefused
    | RightsMissing
    | UndoOpened
    | UndoCiRead
    | UndoFailed
    | Undone
    | StageFailed
    | CardPosted
)
Event = Asked | Press | StageResult

EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])
"""Reads an event back from the journal."""

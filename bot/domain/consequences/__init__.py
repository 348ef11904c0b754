"""What follows from what, one function per event, named after it: asking, working, deciding.

Law: a consequence answers with the next state and effects, or with a refusal; it never does anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.domain import events as e
from bot.domain.change import Change
from bot.domain.consequences import asking, at_forge, deciding, working
from bot.domain.consequences.asking import asked
from bot.domain.consequences.shape import Following
from bot.domain.rules import Refusal, Rules

__all__ = ["OF", "asked"]

Consequence = Callable[[Change, Any, float, Rules], Following | Refusal]

OF: dict[type, Consequence] = {
    e.RepositoryChosen: asking.repository_chosen,
    e.NoteAdded: asking.note_added,
    e.Answered: asking.answered,
    e.StopPressed: asking.stop_pressed,
    e.RetryPressed: asking.retry_pressed,
    e.CardPosted: asking.card_posted,
    e.Prepared: asking.prepared,
    e.ProgressMade: working.progress_made,
    e.QuestionAsked: working.question_asked,
    e.BudgetReached: working.budget_reached,
    e.EditsReady: working.edits_ready,
    e.NothingChanged: working.nothing_changed,
    e.Checked: working.checked,
    e.Judged: working.judged,
    e.Published: working.published,
    e.CiRead: working.ci_read,
    e.StageFailed: working.stage_failed,
    e.ApprovePressed: deciding.approve_pressed,
    e.PublishAllowed: deciding.publish_allowed,
    e.ChangesAsked: deciding.changes_asked,
    e.ClosePressed: deciding.close_pressed,
    e.HeadMoved: at_forge.head_moved,
    e.PullClosed: at_forge.pull_closed,
    e.Reopened: at_forge.reopened,
    e.Merged: at_forge.merged,
    e.MergeWasRefused: deciding.merge_was_refused,
    e.RightsMissing: deciding.rights_missing,
    e.MergeTried: deciding.merge_tried,
    e.UndoPressed: deciding.undo_pressed,
    e.UndoOpened: deciding.undo_opened,
    e.UndoCiRead: deciding.undo_ci_read,
    e.UndoApprovePressed: deciding.undo_approve_pressed,
    e.UndoFailed: deciding.undo_failed,
    e.Undone: deciding.undone,
}

"""Which phase may follow which, on which event: the only place that says so; `make lifecycle` draws it.

Law: `decide` refuses to return a phase that is not in this table.
"""

from __future__ import annotations

from bot.domain.change import Phase as P

Table = dict[tuple[P, str], tuple[P, ...]]

_LIVE = (P.RECEIVED, P.PREPARING, P.EDITING, P.ASKING, P.CHECKING, P.JUDGING, P.PUBLISHING, P.IN_CI, P.READY)

_STRAIGHT: Table = {
    (P.RECEIVED, "RepositoryChosen"): (P.PREPARING,),
    (P.RECEIVED, "NoteAdded"): (P.RECEIVED, P.PREPARING),
    (P.PREPARING, "Prepared"): (P.EDITING,),
    (P.EDITING, "QuestionAsked"): (P.ASKING, P.EDITING),
    (P.EDITING, "BudgetReached"): (P.ASKING,),
    (P.ASKING, "Answered"): (P.EDITING, P.STOPPED),
    (P.ASKING, "NoteAdded"): (P.EDITING, P.ASKING, P.STOPPED),
    (P.ASKING, "PublishAllowed"): (P.PUBLISHING, P.ASKING),
    (P.EDITING, "EditsReady"): (P.CHECKING, P.EDITING),
    (P.EDITING, "NothingChanged"): (P.STUCK, P.EDITING, P.CHECKING, P.READY),
    (P.CHECKING, "Checked"): (P.JUDGING, P.EDITING, P.STUCK),
    (P.JUDGING, "Judged"): (P.PUBLISHING, P.ASKING, P.EDITING, P.STUCK, P.IN_CI),
    (P.PUBLISHING, "Published"): (P.IN_CI, P.EDITING),
    (P.PUBLISHING, "HeadMoved"): (P.EDITING, P.PUBLISHING, P.STUCK),
    (P.IN_CI, "CiRead"): (P.IN_CI, P.READY, P.EDITING, P.STUCK),
    (P.IN_CI, "NoteAdded"): (P.EDITING,),
    (P.IN_CI, "HeadMoved"): (P.CHECKING, P.IN_CI),
    (P.READY, "CiRead"): (P.READY,),
    (P.READY, "HeadMoved"): (P.CHECKING, P.READY),
    (P.READY, "ApprovePressed"): (P.MERGING, P.READY),
    (P.READY, "ChangesAsked"): (P.EDITING,),
    (P.READY, "NoteAdded"): (P.EDITING,),
    (P.READY, "ClosePressed"): (P.DECLINED,),
    (P.MERGING, "Merged"): (P.MERGED,),
    (P.MERGING, "MergeWasRefused"): (P.READY,),
    (P.MERGING, "RightsMissing"): (P.READY, P.MERGING),
    (P.MERGING, "MergeTried"): (P.MERGING, P.READY),
    (P.MERGING, "CiRead"): (P.MERGING,),
    (P.MERGING, "HeadMoved"): (P.CHECKING, P.READY, P.MERGING),
    (P.MERGING, "PullClosed"): (P.DECLINED,),
    (P.MERGED, "UndoPressed"): (P.UNDOING,),
    (P.UNDOING, "UndoOpened"): (P.UNDOING,),
    (P.UNDOING, "UndoCiRead"): (P.UNDOING, P.MERGED),
    (P.UNDOING, "UndoApprovePressed"): (P.UNDOING,),
    (P.UNDOING, "UndoFailed"): (P.MERGED,),
    (P.UNDOING, "Undone"): (P.UNDONE,),
    (P.STUCK, "RetryPressed"): (P.PREPARING, P.EDITING, P.CHECKING, P.JUDGING, P.PUBLISHING, P.IN_CI),
    (P.STUCK, "NoteAdded"): (P.PREPARING, P.EDITING),
    (P.STUCK, "ClosePressed"): (P.DECLINED,),
}
_AT_THE_FORGE: Table = {
    **{(phase, "Merged"): (P.MERGED,) for phase in (P.PUBLISHING, P.IN_CI, P.READY, P.DECLINED)},
    **{(phase, "PullClosed"): (P.DECLINED,) for phase in (P.PUBLISHING, P.IN_CI, P.READY)},
    (P.DECLINED, "Reopened"): (P.CHECKING, P.DECLINED),
}
_STOPPING: Table = {(phase, "StopPressed"): (P.STOPPED,) for phase in (*_LIVE, P.STUCK)}
_FAILING: Table = {
    **{(phase, "StageFailed"): (P.STUCK,) for phase in _LIVE if phase not in {P.RECEIVED, P.ASKING}},
    (P.MERGING, "StageFailed"): (P.READY,),
    (P.UNDOING, "StageFailed"): (P.MERGED,),
}
_STAYING: Table = {
    **{(phase, "CardPosted"): (phase,) for phase in P},
    **{(phase, "NoteAdded"): (phase,) for phase in (P.PREPARING, P.EDITING, P.CHECKING, P.JUDGING, P.PUBLISHING)},
    **{(phase, "ProgressMade"): (phase,) for phase in (P.EDITING, P.MERGING)},
    **{(phase, "StageFailed"): (phase,) for phase in (P.MERGED, P.UNDONE, P.DECLINED, P.STOPPED)},
}

TABLE: Table = {**_STRAIGHT, **_AT_THE_FORGE, **_STOPPING, **_FAILING, **_STAYING}
"""(phase, event) -> the phases that may follow. A pair that is not here changes nothing."""

ENDED = frozenset({P.UNDONE, P.DECLINED, P.STOPPED})
"""Nothing that is said in Slack leads out of these; a new request starts in a new thread."""


def stoppable(phase: P) -> bool:
    """Return whether a person can stop a change in this phase."""
    return (phase, "StopPressed") in TABLE


def picture() -> str:
    """Return the table as a Mermaid state diagram, without the events that change no phase."""
    lines = ["stateDiagram-v2", "    [*] --> received: Asked", "    [*] --> preparing: Asked"]
    edges: dict[tuple[P, P], list[str]] = {}
    for (phase, event), following in TABLE.items():
        for after in following:
            if after != phase:
                edges.setdefault((phase, after), []).append(event)
    for (phase, after), events in edges.items():
        lines.append(f"    {phase} --> {after}: {', '.join(sorted(events))}")
    lines += [f"    {phase} --> [*]" for phase in sorted(ENDED)]
    return "\n".join(lines) + "\n"

"""Define the results of stages, in the past tense.

Law: a result is recorded with the claim that authorised the work, or not at all.
"""

from __future__ import annotations

from typing import Literal

from bot.domain.change import Build, Opinion, Pull, Usage
from bot.domain.ci import CiReading, Objection
from bot.domain.frozen import Frozen
from bot.domain.reach import CiReach
from bot.domain.verdict import Evidence


class Prepared(Frozen):
    """The repository is here and the work has a base."""

    kind: Literal["Prepared"] = "Prepared"
    base_branch: str
    base_sha: str
    sandbox: str = ""
    model: str = ""
    scripted: bool = False
    permalink: str | None = None
    prompts: str = ""
    """The digest of the prompts that the agent and the judge work by."""


class ProgressMade(Frozen):
    """A few words about what is being done right now."""

    kind: Literal["ProgressMade"] = "ProgressMade"
    words: str


class QuestionAsked(Frozen):
    """The agent needs a person's answer."""

    kind: Literal["QuestionAsked"] = "QuestionAsked"
    text: str
    options: tuple[str, ...] = ()
    notes_read: int
    usage: Usage


class BudgetReached(Frozen):
    """The agent reached the change's limit. `words` names the limit; a person decides whether work continues."""

    kind: Literal["BudgetReached"] = "BudgetReached"
    words: str
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
    """The result of the repository's checks; `told` is the text for the agent."""

    kind: Literal["Checked"] = "Checked"
    evidence: Evidence
    told: str = ""


class Judged(Frozen):
    """`blocking` findings go back to the agent, `holds` ask for two approvers, `flags` are shown to them.

    `passable` findings stop the version too, until two people let it through. `reach` is what CI could do with it.
    `opinion` is what the judging model said, None where none was asked. `record` is the artifact with what it was shown
    and what it answered.
    """

    kind: Literal["Judged"] = "Judged"
    tree: str
    blocking: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    passable: tuple[str, ...] = ()
    reach: CiReach = CiReach()
    opinion: Opinion | None = None
    record: str | None = None


class Published(Frozen):
    """The pull request is at what was checked. `instead_of` is as in `Change`, once its branch has another name."""

    kind: Literal["Published"] = "Published"
    pull: Pull
    instead_of: str = ""


class CiRead(Frozen):
    """The CI results of a commit, its builds, and the reviews that ask for changes."""

    kind: Literal["CiRead"] = "CiRead"
    reading: CiReading
    builds: tuple[Build, ...] = ()
    objections: tuple[Objection, ...] = ()


class HeadMoved(Frozen):
    """The pull request is not what we knew: another head, or another base branch.

    `fingerprint` and `files` are of the difference from `base_sha` to `tree`, where `base_sha` is the newest commit
    that the head has in common with `base_branch`. Both are empty in old rows: then they are as they were.
    `by` are the GitHub logins of those who made the commits or pushed them; "" is one whom GitHub could not name.
    """

    kind: Literal["HeadMoved"] = "HeadMoved"
    head_sha: str
    tree: str
    fingerprint: str
    by: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    base_branch: str = ""
    base_sha: str = ""


class Reopened(Frozen):
    """A pull request that was closed at the forge is open again; the rest is as in `HeadMoved`."""

    kind: Literal["Reopened"] = "Reopened"
    now: HeadMoved


class PullClosed(Frozen):
    """Closed without a merge, at the forge."""

    kind: Literal["PullClosed"] = "PullClosed"


class Merged(Frozen):
    """By us, or by a person at the forge (`by` is then their login). `head_sha` is what was merged, "" in old rows."""

    kind: Literal["Merged"] = "Merged"
    merge_sha: str
    by: str = ""
    head_sha: str = ""


class MergeWasRefused(Frozen):
    """It was not merged: the forge refused, or something differs from what was approved. `reason` is a sentence.

    `reading` and `objections` are what is there now; None where they were not read.
    """

    kind: Literal["MergeWasRefused"] = "MergeWasRefused"
    reason: str
    reading: CiReading | None = None
    objections: tuple[Objection, ...] | None = None


class MergeTried(Frozen):
    """The checks ran on what a merge into a newer base would make."""

    kind: Literal["MergeTried"] = "MergeTried"
    base_sha: str
    evidence: Evidence


class RightsMissing(Frozen):
    """Some of those who approved (`people`, Slack ids) may not push to the repository on GitHub."""

    kind: Literal["RightsMissing"] = "RightsMissing"
    people: tuple[str, ...]


class UndoOpened(Frozen):
    """The reverting pull request is open; the rest is as in `Undo`."""

    kind: Literal["UndoOpened"] = "UndoOpened"
    pull: Pull
    into: str = ""
    base_sha: str = ""
    instead_of: str = ""


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

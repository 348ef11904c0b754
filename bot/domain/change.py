"""A change: one ask, one thread, one branch, one pull request, one card.

Law: only `bot.record` makes a new version of a change; everyone else reads.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from bot.domain.actor import Actor
from bot.domain.approvals import Wanted
from bot.domain.ci import CiReading, Objection
from bot.domain.frozen import Frozen
from bot.domain.reach import CiReach
from bot.domain.verdict import Evidence


class Phase(StrEnum):
    """Where a change stands; `bot.domain.transitions` says what may follow what."""

    RECEIVED = "received"
    PREPARING = "preparing"
    EDITING = "editing"
    ASKING = "asking"
    CHECKING = "checking"
    JUDGING = "judging"
    PUBLISHING = "publishing"
    IN_CI = "in_ci"
    READY = "ready"
    MERGING = "merging"
    MERGED = "merged"
    UNDOING = "undoing"
    UNDONE = "undone"
    DECLINED = "declined"
    STOPPED = "stopped"
    STUCK = "stuck"


WORKING = frozenset({Phase.PREPARING, Phase.EDITING, Phase.CHECKING, Phase.JUDGING, Phase.PUBLISHING, Phase.IN_CI})
"""Phases in which work is in progress and a person may stop it."""


class Place(Frozen):
    """A Slack thread. `message_ts` is the message that asked; timestamps are Slack's strings."""

    team: str
    channel: str
    thread_ts: str
    message_ts: str
    direct: bool = False
    permalink: str | None = None


NoteKind = Literal["person", "follow_up", "answer", "checks", "judge", "ci", "host"]
PEOPLE_SAY = frozenset({"person", "follow_up", "answer"})
"""The kinds of notes whose words are a person's."""


class Image(Frozen):
    """A picture that a person sent along: where Slack keeps it, its media type and bytes. `name` is outside text."""

    id: str
    name: str
    mimetype: str
    size: int
    url: str


class Note(Frozen):
    """Something the agent has to hear at its next turn. Append-only; the transcript remembers how many were read.

    `author` is a name, `by` the person's Slack member id; notes of ours have none.
    """

    kind: NoteKind
    author: str
    text: str
    images: tuple[Image, ...] = ()
    by: str = ""


class Question(Frozen):
    """A question to a person. The agent asks about "work"; Shipmate asks about the rest.

    "publish" asks the approvers whether this version may be pushed to GitHub.
    """

    about: Literal["repository", "work", "budget", "publish"]
    text: str
    options: tuple[str, ...] = ()


class Pull(Frozen):
    """A pull request at the head that we know of."""

    number: int
    url: str
    branch: str
    head_sha: str


class Build(Frozen):
    """Something a person can open or install: a preview page or a downloadable artifact."""

    kind: Literal["preview", "download"]
    name: str
    url: str
    vouched: bool = True
    """An app of the repository or the forge itself made the link; where not, its host is shown."""


class Usage(Frozen):
    """What the model was asked for, summed, in the Messages API's tokens; `wasted` counts turns asked twice.

    `micros` are millionths of a US dollar, by the price list; 0 where the price is not known. `seconds` is the time of
    the replies and of the tools they called.
    """

    turns: int = 0
    input_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    wasted: int = 0
    micros: int = 0
    seconds: float = 0.0

    def plus(self, other: Usage) -> Usage:
        """Return both together."""
        return Usage(**{name: getattr(self, name) + getattr(other, name) for name in Usage.model_fields})


class Opinion(Frozen):
    """What the judging model said of a change, in a validated structure. All of it is outside text, none of it proof.

    `unasked` are hunks that nobody asked for, `missing` what was asked for and is not there, each a short sentence.
    """

    verdict: Literal["fine", "veto"]
    sentence: str
    unasked: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    model: str = ""
    scripted: bool = False
    usage: Usage = Usage()


class Approval(Frozen):
    """A person's yes to exactly one head."""

    by: Actor
    head_sha: str
    fingerprint: str
    at: float


class Allowance(Frozen):
    """A person's yes to pushing exactly one tree, so that CI may run it."""

    by: Actor
    tree: str
    at: float


class Failure(Frozen):
    """Why a change is stuck: a sentence, what the person can do, and a reference for the operator."""

    reason: str
    advice: str = ""
    reference: str = ""
    resume: Phase = Phase.EDITING


class Foreign(Frozen):
    """A person's push to our branch: the agent continues from `tree` once it has read note number `note`."""

    tree: str
    note: int


class MergeTrial(Frozen):
    """The checks' result for a change merged with a newer base commit; `times` counts the trials of one approval."""

    base_sha: str
    evidence: Evidence
    times: int = 1


class Undo(Frozen):
    """The way back of a merged change: the reverting pull request, made of `base_sha` on the branch `into`."""

    by: Actor
    pull: Pull | None = None
    into: str = ""
    base_sha: str = ""
    instead_of: str = ""
    ci: CiReading | None = None
    approved_by: Actor | None = None
    note: str = ""


class Change(Frozen):
    """The whole state of one change. Times are seconds of the epoch."""

    id: str
    phase: Phase = Phase.RECEIVED
    version: int = 0
    place: Place
    requester: Actor
    request: str
    tier: str = ""
    """By which of the operator's tiers it is made; empty for the ordinary one."""
    images: tuple[Image, ...] = ()
    created_at: float
    updated_at: float = 0.0
    self_approval: bool = False
    """Whether the requester's own yes is enough, as the rules were when the change began."""
    repository: str | None = None
    base_branch: str | None = None
    base_sha: str | None = None
    branch: str | None = None
    instead_of: str = ""
    """The branch that it was to have, where that one holds commits that are not ours."""
    notes: tuple[Note, ...] = ()
    notes_read: int = 0
    """How many of the notes the agent has read."""
    notes_in: int = 0
    """How many of the notes the pull request's newest commit of ours takes into account."""
    left_out: tuple[str, ...] = ()
    """Wishes of people that the pull request, as it was merged or closed, does not have."""
    question: Question | None = None
    progress: str = ""
    model: str = ""
    scripted: bool = False
    prompts: str = ""
    sandbox: str = ""
    title: str = ""
    summary: str = ""
    proven: str = ""
    risks: str = ""
    described: str | None = None
    """The tree that title, summary, proof and risks were written of."""
    tree: str | None = None
    fingerprint: str | None = None
    foreign: Foreign | None = None
    files: tuple[str, ...] = ()
    evidence: Evidence | None = None
    judged: str | None = None
    """The tree that the findings, the holds, the blocks and the opinion speak of."""
    findings: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    """Findings that ask for a second approver."""
    passable: tuple[str, ...] = ()
    """Findings that stop the version until two people let it through."""
    reach: CiReach = CiReach()
    allowed: tuple[Allowance, ...] = ()
    """Who allowed a version to be pushed to GitHub."""
    blocks: tuple[str, ...] = ()
    """Findings that bar a version pushed by a person from approval; people decide about them, not the agent."""
    opinion: Opinion | None = None
    vetoes: int = 0
    """How often the judging model sent the work back since a person last said what they want."""
    rounds: int = 0
    grants: int = 1
    """How often a person granted the budget: at the start, and with each *Go on*."""
    usage: Usage = Usage()
    """What the agent's own conversation took."""
    review_usage: Usage = Usage()
    """What the reviews took, all of them."""
    pull: Pull | None = None
    head_tree: str | None = None
    """The tree of the pull request's head; while it equals `tree`, the card speaks of what is there."""
    ci: CiReading | None = None
    builds: tuple[Build, ...] = ()
    pushed_by: tuple[str, ...] = ()
    """GitHub logins of everybody whose commits are in the branch beside ours; "" is a person nobody could name."""
    objections: tuple[Objection, ...] = ()
    """Reviews at the forge that ask for changes, as the card shows them."""
    approvals: tuple[Approval, ...] = ()
    barred: tuple[Actor, ...] = ()
    """Who said yes last and may not push to the repository on GitHub, so that their yes was taken back."""
    wanted: Wanted | None = None
    """Whose yes is missing, while people decide."""
    void: str = ""
    """Why an earlier approval no longer counts, as a sentence; empty if none was voided."""
    voided: tuple[Actor, ...] = ()
    """Whose approval was voided last."""
    trial: MergeTrial | None = None
    merge_sha: str | None = None
    merged_by: str = ""
    undo: Undo | None = None
    failure: Failure | None = None
    stopped_by: Actor | None = None
    card_ts: str | None = None
    asked_at: float = 0.0
    """The time at which the newest head began to wait for CI."""

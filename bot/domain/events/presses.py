"""What people do: they ask, reply and tap.

Law: a tap carries the digest of what its card showed, so that a yes is never a yes to something else.
"""

from __future__ import annotations

from typing import Literal

from bot.domain.actor import Actor
from bot.domain.change import Image, Place
from bot.domain.frozen import Frozen


class Asked(Frozen):
    """A mention, a direct message or the message shortcut."""

    kind: Literal["Asked"] = "Asked"
    by: Actor
    place: Place
    text: str
    channel_name: str = ""
    images: tuple[Image, ...] = ()


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
    images: tuple[Image, ...] = ()


class Answered(Frozen):
    """A tap on one of the options of a question."""

    kind: Literal["Answered"] = "Answered"
    by: Actor
    text: str


class PublishAllowed(Frozen):
    """Allows pushing this version to GitHub, where CI runs it; `seen` is the digest of what the pressed card showed."""

    kind: Literal["PublishAllowed"] = "PublishAllowed"
    by: Actor
    seen: str


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
    """A request for changes, in the person's words."""

    kind: Literal["ChangesAsked"] = "ChangesAsked"
    by: Actor
    text: str
    seen: str


class ClosePressed(Frozen):
    """Nobody wants this any more: close the pull request."""

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

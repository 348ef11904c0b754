"""The buttons of a card, each in one place with its label, its style and its question before it counts."""

from __future__ import annotations

from bot.cards import facts, text
from bot.cards.blocks import Block, button, confirm, link_button, rows
from bot.domain.change import Build, Change

MAX_OPTIONS = 25


def stop(change: Change) -> Block:
    return button(change, "stop", "Stop")


def retry(change: Change) -> Block:
    return button(change, "retry", "Try again", "primary")


def approve(change: Change) -> Block:
    """Asks once more, naming what would be merged, where, and at which commit."""
    sha = facts.short(change.pull.head_sha) if change.pull else ""
    branch = f"{text.plain(change.base_branch, 40)} of " if change.base_branch else ""
    question = f"{_named(change)} goes into {branch}{text.plain(change.repository or '', 100)} (version {sha})."
    if change.holds and not change.approvals:
        asks = confirm(
            "Approve this change?", f"{question[:-1]} once a second person approves too.", "Approve", style="primary"
        )
        return button(change, "approve", "Approve (1 of 2)", "primary", asks)
    asks = confirm("Merge this change?", question, "Merge", style="primary")
    return button(change, "approve", "Approve & merge", "primary", asks)


def ask_changes(change: Change) -> Block:
    return button(change, "ask_changes", "Ask for changes")


def close(change: Change) -> Block:
    """Closing loses nothing on GitHub, but the thread is over."""
    question = "The pull request is closed without being merged, and this thread ends."
    asks = confirm("Close this change?", question, "Close it", style="danger")
    return button(change, "close", "Close", "danger", asks)


def undo(change: Change) -> Block:
    question = "I prepare the way back, run the same checks on it, and ask you once more before anything is merged."
    return button(change, "undo", "Undo", None, confirm("Undo this change?", question, "Prepare the undo"))


def undo_approve(change: Change) -> Block:
    question = f"{_named(change)} is taken out of {text.plain(change.repository or '', 100)} again."
    asks = confirm("Merge the undo?", question, "Merge", style="danger")
    return button(change, "undo_approve", "Merge the undo", "danger", asks)


def view_pull(change: Change) -> Block | None:
    return link_button(change, "view_pull", "GitHub", change.pull.url) if change.pull else None


def view_undo(change: Change) -> Block | None:
    pull = change.undo.pull if change.undo else None
    return link_button(change, "view_pull", "GitHub", pull.url) if pull else None


def open_builds(change: Change, style: bool = True) -> list[Block]:
    """One button per build that can be opened: at most three, the first one stands out."""
    made: list[Block] = []
    for build in change.builds:
        look = "primary" if style and not made else None
        label = _label(build, alone=sum(other.kind == build.kind for other in change.builds) == 1)
        opener = link_button(change, f"open_build:{len(made)}", label, build.url, look)  # type: ignore[arg-type]  # a literal
        if opener and len(made) < 3:
            made.append(opener)
    return made


def options(change: Change) -> list[Block]:
    """The possible answers, in rows; none where there are more than a phone can show."""
    question = change.question
    if question is None or len(question.options) > MAX_OPTIONS:
        return []
    verb = "choose_repository" if question.about == "repository" else "answer"
    return rows([button(change, f"{verb}:{n}", option) for n, option in enumerate(question.options)])


def _named(change: Change) -> str:
    return f"“{text.plain(facts.title(change), 120)}”"


def _label(build: Build, alone: bool) -> str:
    """A build's name, such as `dist`, says something only where there are several of a kind."""
    what = "Open the app" if build.kind == "preview" else "Download the build"
    return what if alone or not build.name else f"{what} ({text.plain(build.name, 40)})"

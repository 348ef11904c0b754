"""The buttons of a card, each in one place with its label, its style and its question before it counts."""

from __future__ import annotations

from bot.cards import facts, text
from bot.cards.approvers import missing
from bot.cards.blocks import Block, button, confirm, link_button, rows
from bot.domain.assurance import NO_RED_TO_GREEN, assurance
from bot.domain.change import Build, Change

MAX_OPTIONS = 25


def stop(change: Change) -> Block:
    return button(change, "stop", "Stop")


def retry(change: Change) -> Block:
    return button(change, "retry", "Try again", "primary")


def approve(change: Change) -> Block:
    """Return the approve button, whose confirmation names what would be merged, where, and what proves it."""
    asked = ", ".join(text.plain(one.by, 40) for one in change.objections[:2])
    against = f"{asked} asked for changes on GitHub. " if asked else ""
    puts = f"{against}This puts {_named(change)} into {text.plain(change.repository or '', 100)}"
    given, needs = len(change.approvals), missing(change).yeses
    if needs > 1:
        asks = confirm("Approve this change?", f"{puts} once a second person approves too.", "Approve", style="primary")
        return button(change, "approve", f"Approve ({given + 1} of {given + needs})", "primary", asks)
    asks = confirm("Merge this change?", f"{puts}. {_tests(change)} You can undo it.", "Merge", style="primary")
    return button(change, "approve", "Approve & merge", "primary", asks)


def allow(change: Change) -> Block:
    """Return the button that allows pushing a version to GitHub, with a confirmation that says what that means."""
    if change.passable:
        given = sum(one.tree == change.tree for one in change.allowed)
        asks = confirm("Let it through?", f"{_named(change)} goes to GitHub with it.", "Let it through", style="danger")
        return button(change, "allow", f"Let it through ({given + 1} of 2)", "danger", asks)
    asks = confirm("Run the checks?", f"GitHub then runs {_named(change)} as it is now.", "Run", style="primary")
    return button(change, "allow", "Run the checks", "primary", asks)


def ask_changes(change: Change) -> Block:
    return button(change, "ask_changes", "Ask for changes")


def close(change: Change) -> Block:
    """Return the button that discards the change; the pull request stays on GitHub, closed."""
    question = "Nothing is merged. The pull request is closed, and this thread ends."
    asks = confirm("Discard this change?", question, "Discard", style="danger")
    return button(change, "close", "Discard", "danger", asks)


def undo(change: Change) -> Block:
    question = f"I'll take {_named(change)} out, test that, and ask once more before it counts."
    return button(change, "undo", "Undo", None, confirm("Undo this change?", question, "Undo"))


def undo_approve(change: Change) -> Block:
    question = f"This takes {_named(change)} out of {text.plain(change.repository or '', 100)} again."
    asks = confirm("Merge the undo?", question, "Merge", style="danger")
    return button(change, "undo_approve", "Merge the undo", "danger", asks)


def view_pull(change: Change) -> Block | None:
    return link_button(change, "view_pull", "See the code", change.pull.url) if change.pull else None


def view_undo(change: Change) -> Block | None:
    pull = change.undo.pull if change.undo else None
    return link_button(change, "view_pull", "See the code", pull.url) if pull else None


def open_builds(change: Change, style: bool = True) -> list[Block]:
    """Return a button for each build that can be opened: at most three, the first one stands out."""
    made: list[Block] = []
    for build in change.builds:
        look = "primary" if style and not made else None
        label = _label(build, alone=len(change.builds) == 1)
        opener = link_button(change, f"open_build:{len(made)}", label, build.url, look)  # type: ignore[arg-type]  # a literal
        if opener and len(made) < 3:
            made.append(opener)
    return made


def options(change: Change) -> list[Block]:
    """Return the possible answers in rows; none if there are more than a phone can show."""
    question = change.question
    if question is None or len(question.options) > MAX_OPTIONS:
        return []
    verb = "choose_repository" if question.about == "repository" else "answer"
    return rows([button(change, f"{verb}:{n}", option) for n, option in enumerate(question.options)])


def _named(change: Change) -> str:
    return f"“{text.plain(facts.title(change), 120)}”"


def _label(build: Build, alone: bool) -> str:
    """Return "Try it"; a build's name, such as `dist`, says something only where there are several.

    A link that no app of the repository made is shown with the host that it leads to.
    """
    if not build.vouched:
        return f"Try it: {text.plain(text.host(build.url), 50)}"
    return "Try it" if alone or not build.name else f"Try it: {text.plain(build.name, 40)}"


def _tests(change: Change) -> str:
    sure = assurance(change)
    match sure.level:
        case "proven":
            passed = change.evidence.counts.passed if change.evidence else 0
            return f"{text.counted(passed, 'test')} {'passes' if passed == 1 else 'pass'}."
        case "in_ci":
            return f"It passed in CI, not here: {text.plain(sure.why[0], 100)} {NO_RED_TO_GREEN}"
        case _:
            return f"Not proven: {text.plain(sure.why[0], 100)}"
